"""Login under "me": password, e-mail address, and where one is logged in."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import logins as acts
from schema import sessions
from schema.accounts import Account
from schema.errors import Invalid
from schema.words import N_
from web import forms
from web.login import Viewer, check_password
from web.pages.login import check_rate, passwords_of
from web.render import Form
from web.requests import LoginNeeded, instance_of, page, see_other, viewer


class PasswordDraft(msgspec.Struct):
    password: Annotated[str, Meta(max_length=200)]
    current: Annotated[str, Meta(max_length=200)] = ""


class EmailDraft(msgspec.Struct):
    email: Annotated[str, Meta(max_length=254)] = ""
    current_email: Annotated[str, Meta(max_length=200)] = ""


def viewer_of(request: Request) -> Viewer:
    """Who is logged in, with the account; LoginNeeded for a guest."""
    found = viewer(request)
    if found is None:
        raise LoginNeeded
    return found


async def check_current(request: Request, account: Account, typed: str, field: str) -> None:
    """Who has a password gives it again for what would lock them out; Invalid on `field`."""
    if account.password_hash is None:
        return
    await check_rate(request, f"password of {account.actor_id}", 2, 8)
    if not await passwords_of(request).fits(typed, account.password_hash):
        raise Invalid({field: N_("This is not your password.")})


def device(user_agent: str) -> str:
    """`Firefox, Linux`: what people know of what their browser says; '' when it says nothing."""
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"))
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    found = [
        next((name for mark, name in known if mark in user_agent), "")
        for known in ((*browsers, ("Safari", "Safari")), systems)
    ]
    return ", ".join(name for name in found if name)


async def show(request: Request) -> Response:
    by, instance = viewer_of(request), instance_of(request)
    async with instance.read() as conn:
        found = await sessions.list_of(conn, by.actor.id, instance.clock())
    return await page(
        request,
        "me_security.html",
        account=by.account,
        sessions=found,
        device=device,
        current_session=by.session_id,
        mail=bool(instance.config.smtp_url),
        form=Form({"email": by.account.email}),
    )


@forms.again(show)
async def change_password(request: Request) -> Response:
    by, draft = viewer_of(request), await forms.parse(request, PasswordDraft)
    check_password(draft.password, by.actor.name, by.account.email or "")
    await check_current(request, by.account, draft.current, "current")
    hash = await passwords_of(request).hash(draft.password)
    async with instance_of(request).begin() as tx:
        await acts.change_password(
            tx, account=by.account, password_hash=hash, session_id=by.session_id
        )
    return see_other(
        request, "/me/security", N_("Your new password counts; everywhere else you are logged out.")
    )


@forms.again(show)
async def change_email(request: Request) -> Response:
    by, draft = viewer_of(request), await forms.parse(request, EmailDraft)
    await check_current(request, by.account, draft.current_email, "current_email")
    await check_rate(request, f"email of {by.actor.id}", 0.1, 5)
    async with instance_of(request).begin() as tx:
        await acts.change_email(tx, account=by.account, email=draft.email or None)
    mailed = draft.email and instance_of(request).config.smtp_url
    text = (
        N_("We have sent a mail to this address. Open the link in it.") if mailed else N_("Saved.")
    )
    return see_other(request, "/me/security", text)


async def end_session(request: Request) -> Response:
    by = viewer_of(request)
    id: UUID = request.path_params["id"]
    async with instance_of(request).begin() as tx:
        await acts.end_session(tx, account_id=by.actor.id, session_id=id)
    return see_other(request, "/me/security", N_("That session has ended."))


async def end_others(request: Request) -> Response:
    by = viewer_of(request)
    async with instance_of(request).begin() as tx:
        await acts.end_other_sessions(tx, account_id=by.actor.id, session_id=by.session_id)
    return see_other(request, "/me/security", N_("Everywhere else you are logged out."))


routes = [
    Route("/me/security", show),
    Route("/me/security/password", change_password, methods=["POST"]),
    Route("/me/security/email", change_email, methods=["POST"]),
    Route("/me/security/sessions/end", end_others, methods=["POST"]),
    Route("/me/security/sessions/{id:uuid}/end", end_session, methods=["POST"]),
]
