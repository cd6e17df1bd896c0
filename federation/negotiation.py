"""Which answer somebody wants of an address: the page, or the ActivityStreams document."""

from starlette.routing import Match, Route
from starlette.types import Scope


def wants_activity(accept: str) -> bool:
    """Whether an Accept header prefers ActivityStreams to HTML (q-values, RFC 9110 §12.5.1)."""
    best = {"activity": 0.0, "html": 0.0}
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((_quality(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
        if kind in ("application/activity+json", "application/ld+json", "application/json"):
            best["activity"] = max(best["activity"], quality)
        elif kind in ("text/html", "application/xhtml+xml"):
            best["html"] = max(best["html"], quality)
    return best["activity"] > 0 and best["activity"] >= best["html"]


def _quality(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


class ActivityRoute(Route):
    """Matches only when ActivityStreams is asked for; otherwise the page of the same address."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        # Accept first, and once for all routes: most requests are for pages.
        wanted = scope.get("wants_activity")
        if wanted is None and scope["type"] == "http":
            accept = next((v for k, v in scope["headers"] if k == b"accept"), b"")
            wanted = scope["wants_activity"] = wants_activity(accept.decode("latin-1"))
        return super().matches(scope) if wanted else (Match.NONE, {})
