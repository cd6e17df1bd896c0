"""What a page handler asks of its request, and how it answers."""

import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from time import monotonic
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from federation.instance import Instance
from schema import peers
from schema.actors import Actor
from schema.errors import Forbidden
from web.login import Viewer
from web.render import Form, Frame, Renderer, wanted_block

SESSION = "session"
VISITOR = "visitor"
FLASH = "flash"
CITIES_LIFE = 5.0  # seconds a page may show the old name of a neighbour city
YEAR = int(timedelta(days=365).total_seconds())


@dataclass(frozen=True, slots=True)
class Me:
    """Who is logged in, as the layout shows it."""

    name: str
    title: str
    avatar_url: str | None
    is_admin: bool
    is_moderator: bool


class Signed(Route):
    """A POST whose address was signed by us: that proves more than the token of a page."""


class LoginNeeded(Exception):
    """The page is for residents: first to /login, and back."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What was submitted and what is wrong with it, field by field (text ids)."""

    values: dict[str, list[str]]
    errors: dict[str, str]


def instance_of(request: Request) -> Instance:
    """The city this request is for."""
    return request.app.state.instance


def local_now(request: Request) -> datetime:
    """Now, in the time zone of the place: its date is what people here call today."""
    instance = instance_of(request)
    return instance.clock().astimezone(ZoneInfo(instance.config.time_zone))


def end_of(day: date, now: datetime) -> datetime:
    """The last second of a day in the time zone of `now`, in UTC."""
    return datetime.combine(day, time(23, 59, 59), now.tzinfo).astimezone(UTC)


def viewer(request: Request) -> Viewer | None:
    """Who is logged in, or None."""
    return request.state.viewer


def me(request: Request) -> Actor:
    """The resident who is logged in; LoginNeeded for a guest."""
    found = viewer(request)
    if found is None:
        raise LoginNeeded
    return found.actor


def moderator(request: Request) -> Actor:
    """A moderator or admin of this place."""
    by = me(request)
    found = viewer(request)
    if found is None or found.account.role not in ("moderator", "admin"):
        raise Forbidden("This page is for the moderators of this place.")
    return by


def admin(request: Request) -> Actor:
    """An admin of this place."""
    by = me(request)
    found = viewer(request)
    if found is None or found.account.role != "admin":
        raise Forbidden("This page is for the admins of this place.")
    return by


def client_address(request: Request) -> str:
    """The address of the one who asks; X-Forwarded-For counts from trusted proxies only."""
    proxies = instance_of(request).config.trusted_proxies
    peer = request.client.host if request.client else ""
    if peer in proxies:
        for hop in reversed(request.headers.get("x-forwarded-for", "").split(",")):
            if hop.strip() and hop.strip() not in proxies:
                return hop.strip()[:64]
    return peer


def csrf_token(request: Request) -> str:
    """Bound to the session, or for a guest to the visitor cookie; useless elsewhere."""
    secret = request.cookies.get(SESSION) or request.state.visitor
    return hmac.new(secret.encode(), b"csrf", sha256).hexdigest()


async def frame(request: Request) -> Frame:
    """What the layout shows around every page."""
    settings = await instance_of(request).settings()
    found = viewer(request)
    flash = request.cookies.get(FLASH)
    return Frame(
        me=_me(found) if found else None,
        place_name=settings.name,
        locale=request.state.locale,
        theme=request.state.theme,
        csrf=csrf_token(request),
        path=_path(request),
        unread=found.unread if found else 0,
        waiting=found.waiting if found else 0,
        flash=(("good", unquote(flash)),) if flash else (),
        origin=instance_of(request).config.origin,
    )


def _me(found: Viewer) -> Me:
    avatar = found.actor.avatar_id
    return Me(
        name=found.actor.name,
        title=found.actor.shown,
        avatar_url=f"/media/{avatar}?small" if avatar else None,
        is_admin=found.account.role == "admin",
        is_moderator=found.account.role in ("moderator", "admin"),
    )


def _path(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


async def page(request: Request, template: str, status: int = 200, **context: object) -> Response:
    """A whole page, or for htmx its main block; 422 when a form on it has a problem.

    `form` in the context fills the fields (web.render.Form); what was typed before a problem wins.
    """
    renderer: Renderer = request.app.state.renderer
    await _name_cities(instance_of(request), renderer)
    problem: Problem | None = getattr(request.state, "problem", None)
    values = {"viewer": viewer(request), **context, "frame": await frame(request)}
    if problem:
        values["form"] = Form(_typed(problem.values), problem.errors)
        status = 422 if status == 200 else status
    body = renderer.render_block(template, wanted_block(request.headers), values)
    response = HTMLResponse(body, status)
    response.headers["Vary"] = "Accept, Cookie, Accept-Language, HX-Request"
    response.headers["Cache-Control"] = "private, no-cache"
    if request.cookies.get(FLASH):
        response.delete_cookie(FLASH)
    return response


async def _name_cities(instance: Instance, renderer: Renderer) -> None:
    now = monotonic()
    if now < renderer.cities_until:
        return
    async with instance.read() as conn:
        linked = await peers.list_linked(conn)
    names = {city.host: city.title for city in linked if city.title}
    renderer.name_cities(names, now + CITIES_LIFE)


def _typed(values: dict[str, list[str]]) -> dict[str, object]:
    return {name: given[0] if len(given) == 1 else given for name, given in values.items()}


def see_other(request: Request, path: str, flash: str | None = None) -> Response:
    """303 to a path of ours; `flash` is a text id shown once on the next page."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        path = "/"
    response = RedirectResponse(path, 303)
    if flash:
        set_cookie(request, response, FLASH, quote(flash), 60)
    return response


def set_cookie(request: Request, response: Response, name: str, value: str, age: int) -> None:
    """HttpOnly, SameSite=Lax, Secure where we are reached by https; `age` in seconds."""
    secure = instance_of(request).config.is_secure
    response.set_cookie(name, value, max_age=age, httponly=True, samesite="lax", secure=secure)
