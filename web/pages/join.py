"""Join: a new account, by the rule of the place, and straight into the first steps."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import keys
from federation.acts import accounts as acts
from federation.acts.names import check_email, check_name, check_title
from schema import invitations, sessions
from schema.errors import Invalid
from schema.settings import Settings
from schema.words import N_
from web import forms
from web.login import check_password, network_of
from web.pages.login import agent, check_rate, enter, passwords_of
from web.render import Form
from web.requests import (
    SESSION,
    Problem,
    client_address,
    instance_of,
    page,
    see_other,
    viewer,
)


class JoinDraft(msgspec.Struct):
    name: Annotated[str, Meta(max_length=100)] = ""
    title: Annotated[str, Meta(max_length=200)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    password: Annotated[str, Meta(max_length=200)] = ""
    invitation: Annotated[str, Meta(max_length=40)] = ""
    token: Annotated[str, Meta(max_length=100)] = ""


async def new(request: Request) -> Response:
    if viewer(request):
        return see_other(request, "/me")
    instance = instance_of(request)
    settings = await instance.settings()
    code, token = _given(request, "invitation", "code"), _given(request, "token", "token")
    async with instance.read() as conn:
        invited = bool(code) and await invitations.is_good(conn, code, instance.clock())
        first = bool(token) and await sessions.is_good(conn, "first_admin", token, instance.clock())
    return await page(
        request,
        "join.html",
        form=Form({"invitation": code[:40], "token": token[:100]}),
        settings=settings,
        code=code,
        token=token,
        invited=invited,
        first=first,
        mail=bool(instance.config.smtp_url),
    )


def _given(request: Request, field: str, query: str) -> str:
    """From the address that was opened, or from the form that had a problem."""
    problem: Problem | None = getattr(request.state, "problem", None)
    if problem:
        return problem.values.get(field, [""])[0]
    return request.query_params.get(query, "")


@forms.again(new)
async def join(request: Request) -> Response:
    if viewer(request):
        return see_other(request, "/me")
    instance = instance_of(request)
    draft = await forms.parse(request, JoinDraft)
    settings = await instance.settings()
    mail = bool(instance.config.smtp_url)
    _check(draft, mail)
    answers = _answers(forms.values_of(await forms.submitted(request)), settings)
    await check_rate(request, f"join from {network_of(client_address(request))}", 1, 20)
    hash = await passwords_of(request).hash(draft.password) if draft.password else None
    pair = await keys.make_in_thread()
    async with instance.begin() as tx:
        account = await acts.sign_up(
            tx,
            name=draft.name,
            title=draft.title,
            keys=pair,
            email=draft.email or None,
            password_hash=hash,
            locale=request.state.locale,
            invitation=draft.invitation or None,
            answers=answers,
            first_admin=draft.token or None,
        )
        secret = await acts.log_in(
            tx,
            account_id=account.actor_id,
            user_agent=agent(request),
            replaces=request.cookies.get(SESSION),
        )
    return enter(request, secret, "/welcome")


def _check(draft: JoinDraft, mail: bool) -> None:
    """Everything that can be said without the database, all at once."""
    wrong: dict[str, str] = {}
    checks: tuple[Callable[[], object], ...] = (
        lambda: check_name(draft.name.strip().lower()),
        lambda: check_title(draft.title),
        lambda: check_email(draft.email),
        lambda: check_password(draft.password, draft.name, draft.email) if draft.password else None,
    )
    for check in checks:
        try:
            check()
        except Invalid as problem:
            wrong |= problem.fields
    if not draft.password and not (mail and draft.email):
        wrong["password"] = (
            N_("Please choose a password, or give an e-mail address to log in by.")
            if mail
            else N_("Please choose a password.")
        )
    if wrong:
        raise Invalid(wrong)


def _answers(values: dict[str, list[str]], settings: Settings) -> dict[str, str]:
    given = {
        question: values.get(f"answer{number}", [""])[0]
        for number, question in enumerate(settings.questions)
    }
    return {question: answer for question, answer in given.items() if answer}


routes = [
    Route("/join", new),
    Route("/join", join, methods=["POST"]),
]
