"""Pledges of support: what places give to projects, promising, answering, bringing, confirming."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import pledge_answers, pledging
from federation.acts import pledges as acts
from schema import actors, limits, pacts, pledge_views, pledges, project_needs, units
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Forbidden, Missing
from schema.pledge_views import PledgeCard
from schema.pledges import Kind
from schema.project_needs import Need
from schema.words import N_
from web import forms
from web.pages.communities import seen, viewer_id
from web.pages.projects import shown
from web.render import Form
from web.requests import instance_of, me, page, see_other, viewer

NOT_HERE = "There is nothing here, or it is not meant for you."


class PledgeDraft(msgspec.Struct):
    quantity: Decimal
    kind: Kind = "material"
    unit: Annotated[str, Meta(max_length=20)] = "piece"
    title: Annotated[str, Meta(max_length=200)] = ""
    note: Annotated[str, Meta(max_length=2000)] = ""
    due: date | None = None
    need: UUID | None = None
    giver: UUID | None = None


class Answer(msgspec.Struct):
    said: pledge_answers.Said
    edition: int
    reason: Annotated[str, Meta(max_length=500)] = ""


class Bringing(msgspec.Struct):
    amount: Decimal
    note: Annotated[str, Meta(max_length=2000)] = ""


class Receipt(msgspec.Struct):
    came: pledge_answers.Came
    reason: Annotated[str, Meta(max_length=500)] = ""


class Ending(msgspec.Struct):
    reason: Annotated[str, Meta(max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers: on whose behalf, for which line, in which unit."""

    givers: list[Actor]
    needs: list[Need]
    units: list[tuple[str, str]]


async def index(request: Request) -> Response:
    """What concerns the viewer's own places, and what others of this city give and get."""
    who = viewer(request)
    person = who.actor.id if who else None
    async with instance_of(request).read() as conn:
        mine = await pledge_views.list_cards(conn, viewer=person, mine=True) if who else []
        known = {card.id for card in mine}
        others = await pledge_views.list_cards(conn, viewer=person)
    rest = [card for card in others if card.id not in known]
    given = [card for card in rest if not card.giver_host]
    got = [card for card in rest if card.giver_host]
    return await page(request, "pledges.list.html", mine=mine, given=given, got=got)


async def of_community(request: Request) -> Response:
    """What a community has pledged to projects."""
    async with instance_of(request).read() as conn:
        found = await seen(conn, request)
        group = found.community
        given = await pledge_views.list_cards(conn, viewer=viewer_id(request), giver=group.actor_id)
    return await page(request, "pledges.community.html", community=group, given=given)


async def _choices(conn: Conn, request: Request, project_id: UUID) -> Choices:
    by, instance = me(request), instance_of(request)
    givers = await pacts.list_places(conn, by.id, instance.city_id)
    needs = project_needs.missing(await project_needs.list_all(conn, project_id))
    german = request.state.locale == "de"
    words = [(unit.id, unit.de if german else unit.en) for unit in units.load().values()]
    return Choices([one for one in givers if one.id != project_id], needs, words)


async def new(request: Request) -> Response:
    """For who speaks for a place: what it gives to this project."""
    me(request)
    async with instance_of(request).read() as conn:
        found = await shown(conn, request)
        choices = await _choices(conn, request, found.project.community_id)
    if not choices.givers:
        raise Forbidden(N_("Stewards of a community and admins of the place can pledge."))
    wanted = request.query_params.get("need", "")
    need = next((one for one in choices.needs if str(one.id) == wanted), None)
    values: dict[str, object] = {"kind": "material", "need": wanted if need else ""}
    if need is not None:
        values |= {"title": need.name, "unit": need.unit, "quantity": need.left or ""}
    return await page(
        request,
        "pledges.form.html",
        project_title=found.community.title,
        project_url=f"/projects/{found.community.handle}",
        choices=choices,
        pledge=None,
        form=Form(values),
    )


@forms.again(new)
async def promise(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, PledgeDraft)
    async with instance_of(request).begin() as tx:
        await limits.take(tx.conn, f"pledge:{by.id}", rate_per_minute=1, burst=10)
        found = await shown(tx.conn, request)
        group = await actors.get(tx.conn, found.project.community_id)
        if given.giver is None:
            raise Forbidden(N_("Stewards of a community and admins of the place can pledge."))
        giver = await actors.get(tx.conn, given.giver)
        draft = await _draft(tx.conn, given, group.id)
        made = await acts.pledge(tx, by=by, giver=giver, project=group, draft=draft)
    return see_other(request, f"/pledges/{made.id}", N_("Pledged. You are told when they answer."))


async def _draft(conn: Conn, given: PledgeDraft, project_id: UUID) -> pledging.Draft:
    """What was typed; the name of the need where nothing else is said."""
    need = await project_needs.get(conn, given.need) if given.need else None
    if need is not None and need.project_id != project_id:
        raise Missing(NOT_HERE)
    title = given.title.strip() or (need.name if need else "")
    uri = need.uri if need else ""
    return pledging.Draft(given.kind, title, given.quantity, given.unit, given.note, given.due, uri)


async def show(request: Request) -> Response:
    """What is promised, what came of it, and the viewer's next step."""
    async with instance_of(request).read() as conn:
        card = await _card(conn, request)
        brought = await pledges.list_deliveries(conn, card.id)
    today = instance_of(request).config.day(instance_of(request).clock())
    return await page(request, "pledges.show.html", pledge=card, brought=brought, today=today)


async def _card(conn: Conn, request: Request) -> PledgeCard:
    return await pledge_views.get_card(conn, request.path_params["id"], viewer_id(request))


async def settings(request: Request) -> Response:
    """The form with what was pledged; for who speaks for the giver."""
    me(request)
    async with instance_of(request).read() as conn:
        card = await _card(conn, request)
        if not card.gives:
            raise Forbidden(N_("Only those who speak for this place can do that."))
        choices = await _choices(conn, request, card.project_id)
        bound = await project_needs.find_by_uri(conn, card.project_id, card.need_uri)
    if bound is not None and all(one.id != bound.id for one in choices.needs):
        choices.needs.append(bound)
    values: dict[str, object] = {
        "kind": card.kind,
        "title": card.title,
        "note": card.note,
        "quantity": card.quantity.normalize(),
        "unit": card.unit,
        "due": card.due,
        "need": str(bound.id) if bound else "",
    }
    return await page(
        request,
        "pledges.form.html",
        project_title=card.project_title,
        project_url=card.project_url,
        choices=choices,
        pledge=card,
        form=Form(values),
    )


@forms.again(settings)
async def change(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, PledgeDraft)
    async with instance_of(request).begin() as tx:
        card = await _card(tx.conn, request)
        draft = await _draft(tx.conn, given, card.project_id)
        await acts.change(tx, by=by, pledge=card, draft=draft)
    return see_other(request, card.url, N_("Saved. The project answers anew."))


@forms.again(show)
async def withdraw(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, Ending)
    async with instance_of(request).begin() as tx:
        card = await _card(tx.conn, request)
        await acts.withdraw(tx, by=by, pledge=card, reason=given.reason)
    return see_other(request, card.url, N_("Taken back. What was given stays given."))


@forms.again(show)
async def answer(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, Answer)
    async with instance_of(request).begin() as tx:
        card = await _card(tx.conn, request)
        await pledge_answers.answer(
            tx,
            by=by,
            pledge=card,
            said=given.said,
            edition=given.edition,
            reason=given.reason,
        )
    words = N_("Accepted. They are told.")
    return see_other(
        request, card.url, words if given.said == "accepted" else N_("Declined. They are told.")
    )


@forms.again(show)
async def deliver(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, Bringing)
    async with instance_of(request).begin() as tx:
        card = await _card(tx.conn, request)
        await acts.deliver(tx, by=by, pledge=card, amount=given.amount, note=given.note)
    return see_other(request, card.url, N_("Said. The project confirms that it has come."))


@forms.again(show)
async def confirm(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, Receipt)
    async with instance_of(request).begin() as tx:
        card = await _card(tx.conn, request)
        delivery = await pledges.get_delivery(tx.conn, request.path_params["delivery"])
        if delivery.pledge_id != card.id:
            raise Missing(NOT_HERE)
        await pledge_answers.confirm(
            tx, by=by, delivery=delivery, came=given.came, reason=given.reason
        )
    thanks = N_("Confirmed. Both sides see it.")
    return see_other(
        request, card.url, thanks if given.came == "confirmed" else N_("They are told.")
    )


routes = [
    Route("/pledges", index),
    Route("/pledges/{id:uuid}", show),
    Route("/pledges/{id:uuid}/settings", settings),
    Route("/pledges/{id:uuid}/settings", change, methods=["POST"]),
    Route("/pledges/{id:uuid}/answer", answer, methods=["POST"]),
    Route("/pledges/{id:uuid}/withdrawal", withdraw, methods=["POST"]),
    Route("/pledges/{id:uuid}/deliveries", deliver, methods=["POST"]),
    Route("/pledges/{id:uuid}/deliveries/{delivery:uuid}", confirm, methods=["POST"]),
    Route("/projects/{handle}/pledges/new", new),
    Route("/projects/{handle}/pledges", promise, methods=["POST"]),
    Route("/communities/{handle}/pledges", of_community),
]
