"""Refusals become pages: the one table from what went wrong to status and words."""

from urllib.parse import quote

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from federation.errors import Malformed, Refused, Unreachable, Untrusted
from schema.database import AWAY
from schema.errors import Conflict, Forbidden, Invalid, Missing, Refusal, TooMany
from schema.words import N_
from web.requests import LoginNeeded, page, see_other

STATUS: dict[type[Refusal], int] = {
    Missing: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
}
log = structlog.get_logger()


async def refused(request: Request, error: Exception) -> Response:
    """A page with the refusal's own words."""
    if not isinstance(error, Refusal):
        raise error
    status = next((s for kind, s in STATUS.items() if isinstance(error, kind)), 400)
    text = N_("Something in the form is not right.") if isinstance(error, Invalid) else error.text
    fields = error.fields if isinstance(error, Invalid) else {}
    response = await page(
        request,
        "error.html",
        status,
        text=text,
        values=error.values,
        wrong=fields,
        is_missing=status == 404,
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    return response


async def not_here(request: Request, error: Exception) -> Response:
    """No such page, or not with this method."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    if not hasattr(request.state, "viewer"):
        return PlainTextResponse("Not found." if status == 404 else "Refused.", status)
    text = (
        N_("There is nothing here, or it is not meant for you.")
        if status == 404
        else N_("This cannot be done here.")
    )
    is_missing = status == 404
    return await page(
        request, "error.html", status, text=text, values={}, wrong={}, is_missing=is_missing
    )


async def login_needed(request: Request, error: Exception) -> Response:
    """To the login page, and from there back to what was asked for."""
    wanted = request.url.path if request.method == "GET" else "/"
    if request.method == "GET" and request.url.query:
        wanted += f"?{request.url.query}"
    return see_other(request, f"/login?next={quote(wanted)}")


async def elsewhere(request: Request, error: Exception) -> Response:
    """Another server did not answer as it should."""
    log.info("elsewhere", error=str(error), path=request.url.path)
    text = N_("The other place did not answer as it should. Please try again later.")
    return await page(request, "error.html", 502, text=text, values={}, wrong={})


async def away(request: Request, error: Exception) -> Response:
    """Our database is away, or has no connection left for us: not for long."""
    log.warning("database away", error=type(error).__name__, path=request.url.path)
    headers = {"Retry-After": "5"}
    return PlainTextResponse("Please try again in a moment.", 503, headers=headers)


async def broken(request: Request, error: Exception) -> Response:
    """Our own mistake: a traceback for the log, a plain sentence for the person."""
    if isinstance(error, AWAY):
        return await away(request, error)
    return PlainTextResponse("Something broke here. It has been noted.", 500)


HANDLERS = {
    Refusal: refused,
    LoginNeeded: login_needed,
    HTTPException: not_here,
    Unreachable: elsewhere,
    Refused: elsewhere,
    Malformed: elsewhere,
    Untrusted: elsewhere,
    **dict.fromkeys(AWAY, away),
    500: broken,
}
