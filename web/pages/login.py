"""Login: by password, by a link in a mail, and out again."""

from datetime import timedelta
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import accounts as account_acts
from federation.acts import logins as acts
from schema import limits, sessions
from schema.errors import Invalid
from schema.words import N_
from web import forms
from web.login import Passwords, network_of
from web.render import Form
from web.requests import (
    SESSION,
    client_address,
    instance_of,
    page,
    see_other,
    set_cookie,
    viewer,
)

SESSION_AGE = int(timedelta(days=60).total_seconds())


class LoginDraft(msgspec.Struct):
    login: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=200)]
    next: Annotated[str, Meta(max_length=1000)] = "/"


class LinkDraft(msgspec.Struct):
    login: Annotated[str, Meta(max_length=254)]


def passwords_of(request: Request) -> Passwords:
    """Hashes of this app, a few at once."""
    return request.app.state.passwords


async def check_rate(request: Request, what: str, rate_per_minute: float, burst: int) -> None:
    """One bucket per thing that is tried and who tries; TooMany when it is empty."""
    async with instance_of(request).begin() as tx:
        await limits.take(tx.conn, what, rate_per_minute, burst)


def enter(request: Request, secret: str, path: str, flash: str | None = None) -> Response:
    """On to a page, with a new session; the old cookie is of no use any more."""
    response = see_other(request, path, flash)
    set_cookie(request, response, SESSION, secret, SESSION_AGE)
    return response


def agent(request: Request) -> str:
    """What the browser calls itself, for the list of sessions."""
    return request.headers.get("user-agent", "")


async def new(request: Request) -> Response:
    wanted = request.query_params.get("next", "/")
    if viewer(request):
        return see_other(request, wanted)
    mail = bool(instance_of(request).config.smtp_url)
    return await page(request, "login.html", form=Form({"next": wanted}), mail=mail)


@forms.again(new)
async def log_in(request: Request) -> Response:
    instance = instance_of(request)
    draft = await forms.parse(request, LoginDraft)
    await check_rate(request, f"login from {network_of(client_address(request))}", 10, 30)
    await check_rate(request, f"login as {draft.login.lower()}", 2, 8)
    async with instance.begin() as tx:
        account = await acts.find_by_login(tx, draft.login)
    stored = account.password_hash if account else None
    if not await passwords_of(request).fits(draft.password, stored) or account is None:
        raise Invalid({"": N_("Name or password is not right.")})
    async with instance.begin() as tx:
        secret = await account_acts.log_in(
            tx,
            account_id=account.actor_id,
            user_agent=agent(request),
            replaces=request.cookies.get(SESSION),
        )
    return enter(request, secret, draft.next if account.state == "active" else "/welcome")


async def log_out(request: Request) -> Response:
    secret = request.cookies.get(SESSION)
    if secret:
        async with instance_of(request).begin() as tx:
            await account_acts.log_out(tx, secret=secret)
    response = see_other(request, "/", N_("You are logged out."))
    response.delete_cookie(SESSION)
    return response


@forms.again(new)
async def send_link(request: Request) -> Response:
    """The answer is the same whether there is such an account or not."""
    draft = await forms.parse(request, LinkDraft)
    await check_rate(request, f"link from {network_of(client_address(request))}", 2, 20)
    await check_rate(request, f"link for {draft.login.lower()}", 0.1, 3)
    async with instance_of(request).begin() as tx:
        await acts.send_login_link(tx, login=draft.login)
    return await page(request, "login.sent.html")


async def link(request: Request) -> Response:
    """A button: programs that look into mails must not use the link up."""
    secret: str = request.path_params["secret"]
    async with instance_of(request).read() as conn:
        good = await sessions.is_good(conn, "login", secret, instance_of(request).clock())
    return await page(request, "login.link.html", 200 if good else 410, good=good, confirm=False)


async def use_link(request: Request) -> Response:
    async with instance_of(request).begin() as tx:
        account, secret = await acts.use_login_link(
            tx,
            secret=request.path_params["secret"],
            user_agent=agent(request),
            replaces=request.cookies.get(SESSION),
        )
    return enter(request, secret, "/welcome" if account.welcome_step else "/")


async def confirmation(request: Request) -> Response:
    secret: str = request.path_params["secret"]
    async with instance_of(request).read() as conn:
        good = await sessions.is_good(conn, "confirm", secret, instance_of(request).clock())
    return await page(request, "login.link.html", 200 if good else 410, good=good, confirm=True)


async def confirm(request: Request) -> Response:
    async with instance_of(request).begin() as tx:
        await acts.confirm_email(tx, secret=request.path_params["secret"])
    path = "/me/security" if viewer(request) else "/login"
    return see_other(request, path, N_("Thank you, your address is confirmed."))


routes = [
    Route("/login", new),
    Route("/login", log_in, methods=["POST"]),
    Route("/logout", log_out, methods=["POST"]),
    Route("/login/link", send_link, methods=["POST"]),
    Route("/login/link/{secret}", link),
    Route("/login/link/{secret}", use_link, methods=["POST"]),
    Route("/login/confirm/{secret}", confirmation),
    Route("/login/confirm/{secret}", confirm, methods=["POST"]),
]
