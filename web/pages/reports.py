"""Reporting a thing in two taps, and the queue of a community's moderators."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import html
from federation.acts import reports as acts
from federation.acts.reports import About
from schema import actors, blueprint_views, chats, communities, posts, proposals, reports, standings
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Forbidden, Missing
from schema.reports import Harm, Report
from schema.words import N_
from web import forms
from web.requests import instance_of, me, page, see_other, viewer

NOT_HERE = N_("There is nothing here, or it is not meant for you.")


class ReportDraft(msgspec.Struct):
    harm: Harm
    text: Annotated[str, Meta(max_length=acts.LONGEST)] = ""
    forward: bool = False
    post: UUID | None = None
    proposal: UUID | None = None
    blueprint: UUID | None = None
    actor: Annotated[str, Meta(max_length=300)] = ""


class Settlement(msgspec.Struct):
    outcome: Annotated[str, Meta(max_length=acts.LONGEST)]


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


async def _about(
    conn: Conn,
    by: Actor,
    post: UUID | None,
    proposal: UUID | None,
    blueprint: UUID | None,
    person: str,
) -> About:
    """What is to be reported; Missing unless this person sees it."""
    if post:
        row = await posts.get(conn, post)
        if not await posts.may_read(conn, row.id, by.id):
            raise Missing(NOT_HERE)
        return About(await actors.get(conn, row.author_id), post=row)
    if proposal:
        listing = await proposals.get(conn, proposal)
        if not await proposals.may_see(conn, listing.id, by.id):
            raise Missing(NOT_HERE)
        return About(await actors.get(conn, listing.author_id), proposal=listing)
    if blueprint:
        plan = (await blueprint_views.get_shown(conn, blueprint, by.id)).blueprint
        return About(await actors.get(conn, plan.author_id), blueprint=plan)
    id = _id(person)
    name, _, host = person.partition("@")
    found = await (actors.get(conn, id) if id else actors.find_by_handle(conn, name, host))
    if found is None or found.kind != "person" or found.deleted_at:
        raise Missing(NOT_HERE)
    return About(found)


async def new(request: Request) -> Response:
    """What is wrong: chips, a few words, and whether the other place is to hear of it."""
    by = me(request)
    given = forms.values_of(await forms.submitted(request)) if request.method == "POST" else {}
    query = {**{key: [value] for key, value in request.query_params.items()}, **given}
    things = ("post", "proposal", "blueprint")
    post, proposal, blueprint = (_id(query.get(key, [""])[0]) for key in things)
    person = query.get("actor", [""])[0]
    async with instance_of(request).read() as conn:
        about = await _about(conn, by, post, proposal, blueprint, person)
        quoted = await _quoted(conn, by, query.get("letter", [""])[0])
    return await page(
        request,
        "reports.form.html",
        about=about,
        title=about.thing.title if about.thing else "",
        post=post,
        proposal=proposal,
        blueprint=blueprint,
        actor=person,
        elsewhere=about.person.host,
        quoted=quoted,
    )


async def _quoted(conn: Conn, by: Actor, letter: str) -> str:
    """The words of a private letter to `by`, to show them of one's own will; '' for none."""
    id = _id(letter)
    if id is None:
        return ""
    found = await chats.get(conn, id)
    people = await chats.list_people(conn, found.chat_id)
    if by.id not in [person.id for person in people]:
        raise Missing(NOT_HERE)
    return html.plain(found.html)[: acts.LONGEST - 200]


@forms.again(new)
async def send(request: Request) -> Response:
    """Into the queue."""
    by = me(request)
    draft = await forms.parse(request, ReportDraft)
    async with instance_of(request).begin() as tx:
        about = await _about(tx.conn, by, draft.post, draft.proposal, draft.blueprint, draft.actor)
        await acts.report(
            tx, by=by, about=about, harm=draft.harm, text=draft.text, forward=draft.forward
        )
    return see_other(request, _back(about), N_("Thank you. You will be told what came of it."))


def _back(about: About) -> str:
    if about.thing:
        return about.thing.url
    return f"/people/{about.person.handle}"


async def queue(request: Request) -> Response:
    """What was reported in one community, for its moderators."""
    by = me(request)
    handle: str = request.path_params["handle"].removesuffix("@" + instance_of(request).config.host)
    async with instance_of(request).read() as conn:
        community = await communities.get_by_handle(conn, handle)
        standing = await standings.get(conn, by.id, community.actor_id)
        if not (standing.moderates or standing.keeps_order):
            raise Forbidden(N_("Only a moderator can do this."))
        waiting = await reports.list_open(conn, community.actor_id)
        done = await reports.list_done(conn, community.actor_id, 20)
    return await page(
        request, "reports.queue.html", community=community, waiting=waiting, done=done
    )


async def settle(request: Request) -> Response:
    """The outcome, which the one who reported reads."""
    by = me(request)
    draft = await forms.parse(request, Settlement)
    async with instance_of(request).begin() as tx:
        report = await reports.get(tx.conn, request.path_params["id"])
        await acts.settle(tx, by=by, report=report, outcome=draft.outcome)
        back = await _queue_of(tx.conn, request, report)
    return see_other(request, back, N_("Settled. The one who reported it has been told."))


async def _queue_of(conn: Conn, request: Request, report: Report) -> str:
    """Moderators of the place have one queue for everything."""
    found = viewer(request)
    if found and found.account.role in ("moderator", "admin"):
        return "/admin/reports"
    if report.community_id is None:
        return "/"
    return f"/communities/{(await actors.get(conn, report.community_id)).handle}/reports"


routes = [
    Route("/reports/new", new),
    Route("/reports", send, methods=["POST"]),
    Route("/reports/{id:uuid}/outcome", settle, methods=["POST"]),
    Route("/communities/{handle}/reports", queue),
]
