"""create_app(instance): federation's routes, the pages, and what surrounds every request."""

import hmac
import importlib
import pkgutil
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import web.pages
from federation import discovery, endpoints, knowledge, realign, sent, sides
from federation.instance import Instance
from schema.errors import Forbidden
from web import errors
from web.forms import submitted
from web.live import Live
from web.login import Passwords, look_up
from web.render import Renderer
from web.requests import SESSION, VISITOR, YEAR, Signed, csrf_token, set_cookie

STATIC = Path(__file__).parent / "static"
READS = ("GET", "HEAD", "OPTIONS")
LARGEST_FORM = 80_000_000  # bytes, pictures included
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def create_app(instance: Instance) -> Starlette:
    """The whole of one city's web side."""
    app = Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
            ByFirstPart(
                [
                    *sent.routes,
                    *sides.routes,
                    *realign.routes,
                    *endpoints.routes,
                    *knowledge.routes,
                    *discovery.routes,
                    *(guarded(route) for route in page_routes()),
                ]
            ),
        ],
        middleware=[Middleware(Surroundings)],
        exception_handlers=errors.HANDLERS,
    )
    app.state.instance = instance
    zone, folder = ZoneInfo(instance.config.time_zone), instance.config.data_dir / "templates"
    app.state.renderer = Renderer(zone=zone, folder=folder)
    app.state.passwords = Passwords()
    app.state.live = Live(instance)
    return app


def page_routes() -> Iterable[Route]:
    """`routes` of every module in web/pages."""
    for found in pkgutil.iter_modules(web.pages.__path__):
        yield from importlib.import_module(f"web.pages.{found.name}").routes


class ByFirstPart(BaseRoute):
    """Many routes, found by the first part of the path; only those that share it are tried."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes: dict[str, list[Route]] = {}
        for route in routes:
            self._routes.setdefault(_first_part(route.path), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        best: tuple[Match, Scope] = (Match.NONE, {})
        for route in self._routes.get(_first_part(scope["path"]), ()):
            match, found = route.matches(scope)
            if match.value > best[0].value:
                best = match, {**found, "found": route}
            if match is Match.FULL:
                break
        return best

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        route: Route = scope["found"]
        await route.handle(scope, receive, send)


def _first_part(path: str) -> str:
    return path[1:].partition("/")[0]


def guarded(route: Route) -> Route:
    """A page's POST runs only with the token of the page it came from."""
    if not route.methods or "POST" not in route.methods or isinstance(route, Signed):
        return route
    inner: Callable[[Request], Awaitable[Response]] = route.endpoint

    async def checked(request: Request) -> Response:
        form = await submitted(request)
        given = form.get("csrf")
        if not isinstance(given, str) or not hmac.compare_digest(given, csrf_token(request)):
            raise Forbidden("This page was open for too long. Please go back and try again.")
        return await inner(request)

    return Route(route.path, checked, methods=["POST"], name=route.name)


class Surroundings:
    """Who asks, in which language, and the headers that every answer has."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self.app(scope, receive, _with_headers(send, cached=scope["type"] == "http"))
            return
        # NUL: no database keeps it, so nothing can be found by it.
        scope["query_string"] = scope["query_string"].replace(b"%00", b"")
        if "\0" in scope["path"]:
            await PlainTextResponse("Not found.", 404)(scope, receive, send)
            return
        request = Request(scope, receive)
        if foreign_form(request):
            await PlainTextResponse("This form came from another site.", 403)(scope, receive, send)
            return
        new_visitor = await _notice(request)
        await self.app(scope, receive, _with_headers(send, request=request, visitor=new_visitor))


def foreign_form(request: Request) -> bool:
    """Whether a browser says that a write was started by another site's page."""
    if request.method in READS:
        return False
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    instance: Instance = request.app.state.instance
    return origin is not None and origin != instance.config.origin


async def _notice(request: Request) -> str | None:
    """Fills request.state; returns a new visitor cookie where there is none."""
    instance: Instance = request.app.state.instance
    renderer: Renderer = request.app.state.renderer
    token = request.cookies.get(SESSION)
    reads = request.method in READS
    viewer = await look_up(instance, token, writes=not reads) if token else None
    request.state.viewer = viewer
    wanted = request.cookies.get("language") or (viewer.account.locale if viewer else "")
    if wanted not in renderer.words.languages:
        wanted = renderer.words.negotiate(request.headers.get("accept-language", ""))
    request.state.locale = wanted
    theme = request.cookies.get("theme") or (viewer.account.theme if viewer else "auto")
    request.state.theme = theme if theme in ("light", "dark") else "auto"
    known = request.cookies.get(VISITOR)
    request.state.visitor = known or secrets.token_urlsafe(24)
    wants_page = "text/html" in request.headers.get("accept", "")
    return None if known or token or not wants_page else request.state.visitor


def _with_headers(
    send: Send, *, cached: bool = False, request: Request | None = None, visitor: str | None = None
) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Referrer-Policy", "same-origin")
            headers.setdefault("Content-Security-Policy", POLICY)
            if cached:
                headers.setdefault("Cache-Control", "public, max-age=31536000, immutable")
            if visitor and request and "text/html" in headers.get("content-type", ""):
                response = Response()
                set_cookie(request, response, VISITOR, visitor, YEAR)
                headers.append("set-cookie", response.headers["set-cookie"])
        await send(message)

    return answer
