"""The admins' overview with what is still to be done, the mail test, and the log."""

from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import letters, mail
from federation.acts.names import check_email
from federation.errors import Refused, Unreachable
from schema import health, limits, logs, terms
from schema.errors import Invalid
from schema.words import N_
from web import forms
from web.render import Form
from web.requests import admin, instance_of, page, viewer

SIZE = 50


class MailDraft(msgspec.Struct):
    email: Annotated[str, Meta(max_length=254)]


async def overview(request: Request) -> Response:
    """How it stands, and what is still to be done for a place that is open."""
    admin(request)
    instance = instance_of(request)
    settings = await instance.settings()
    async with instance.read() as conn:
        numbers = await health.numbers(conn)
        rules = await terms.current(conn)
        done = await logs.list_acts(conn)
        newest = await logs.list_newest(conn, None, 5)
    return await page(
        request,
        "admin.html",
        section="home",
        settings=settings,
        numbers=numbers,
        rules=rules,
        done=done,
        newest=newest,
        mail_is_set=bool(instance.config.smtp_url),
    )


async def mail_test(request: Request) -> Response:
    """Who sends mail here, and a form that tries it."""
    admin(request)
    found = viewer(request)
    return await _mail_page(request, form=Form({"email": found.account.email if found else ""}))


async def _mail_page(request: Request, status: int = 200, **context: object) -> Response:
    config = instance_of(request).config
    server = urlsplit(config.smtp_url).netloc.rpartition("@")[2]  # never the password
    shown = {"sent_to": "", "refusal": "", "server": server, "sender": config.mail_from}
    return await page(request, "admin.mail.html", status, section="mail", **(shown | context))


@forms.again(mail_test)
async def send_mail(request: Request) -> Response:
    """Sends one now, and shows what the mail server said."""
    by, instance = admin(request), instance_of(request)
    draft = await forms.parse(request, MailDraft)
    to = check_email(draft.email)
    if to is None:
        raise Invalid({"email": N_("Please fill this in.")})
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"test mail:{by.id}", rate_per_minute=2, burst=5)
    place = (await instance.settings()).name
    letter = letters.write("test", request.state.locale, name=by.shown, place=place)
    refusal = "" if instance.config.smtp_url else N_("No mail server is set.")
    if not refusal:
        try:
            await mail.send(instance.config, place, to=to, subject=letter.subject, text=letter.text)
        except (Refused, Unreachable) as error:
            refusal = error.reason
    async with instance.begin() as tx:
        await logs.write(tx.conn, by, "mail failed" if refusal else "test mail", to, refusal)
    sent = {"sent_to": "" if refusal else to, "refusal": refusal}
    return await _mail_page(request, 502 if refusal else 200, form=Form({"email": to}), **sent)


async def log(request: Request) -> Response:
    """Everything that admins and moderators of the place did, newest first."""
    admin(request)
    before = _id(request.query_params.get("before", ""))
    async with instance_of(request).read() as conn:
        found = await logs.list_newest(conn, before, SIZE + 1)
    older = f"/admin/log?before={found[SIZE - 1].id}" if len(found) > SIZE else None
    return await page(request, "admin.log.html", section="log", found=found[:SIZE], older=older)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


routes = [
    Route("/admin", overview),
    Route("/admin/mail", mail_test),
    Route("/admin/mail", send_mail, methods=["POST"]),
    Route("/admin/log", log),
]
