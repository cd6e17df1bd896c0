"""Places that are open for use: the list with its map, and the form to open one."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Annotated, get_args
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import pictures
from federation.acts import premises as acts
from federation.acts.drafts import LONGEST_TEXT, LONGEST_TITLE, Draft
from schema import actors, communities, ids, limits, media, premises, proposals
from schema.errors import Missing
from schema.premises import Kind, Premises, Repair, Supply, Terms
from schema.words import N_
from web import forms
from web.map import by_place
from web.render import Form
from web.requests import instance_of, me, page, see_other, viewer


class ConditionsDraft(msgspec.Struct, kw_only=True):
    kind: Kind
    terms: Terms
    size: Decimal | None = None
    repair: Repair = ""
    begins: date | None = None
    contact: Annotated[str, Meta(max_length=100)] = ""
    supplies: list[Supply] = []

    def of(self, id: UUID) -> Premises:
        """As the acts take them, for this offer."""
        return Premises(
            proposal_id=id,
            kind=self.kind,
            size=self.size,
            repair=self.repair,
            terms=self.terms,
            begins=self.begins,
            contact=self.contact,
            supplies=self.supplies,
        )


class PlaceDraft(ConditionsDraft, kw_only=True):
    title: Annotated[str, Meta(max_length=LONGEST_TITLE)]
    place_name: Annotated[str, Meta(max_length=100)]
    id: UUID | None = None
    source: Annotated[str, Meta(max_length=LONGEST_TEXT)] = ""
    community: UUID | None = None


async def index(request: Request) -> Response:
    """All open places, here and at the neighbours'; the map says how many lie where."""
    instance, who, query = instance_of(request), viewer(request), request.query_params
    kind, terms = query.get("kind", ""), query.get("terms", "")
    place = query.get("place", "")[:100]
    async with instance.read() as conn:
        found = await premises.list_cards(
            conn,
            viewer_id=who.actor.id if who else None,
            kind=kind if kind in get_args(Kind) else "",
            terms=terms if terms in get_args(Terms) else "",
            place=place,
        )
    return await page(
        request,
        "places.html",
        found=found,
        kinds=get_args(Kind),
        spots=by_place(await instance.settings(), "/places", found),
        form=Form({"kind": kind, "terms": terms, "place": place}),
    )


async def new(request: Request) -> Response:
    """The form; for residents."""
    by = me(request)
    async with instance_of(request).read() as conn:
        own = await communities.list_cards(conn, viewer=by.id, mine=True, limit=100)
    values: dict[str, object] = {"id": ids.new(), "place_name": by.place_name}
    return await page(
        request,
        "places.form.html",
        own=[card for card in own if card.is_mine],
        kinds=get_args(Kind),
        form=Form(values),
    )


@forms.again(new)
async def publish(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, PlaceDraft)
    uploads = await forms.pictures(request, "picture")
    prepared = [await pictures.prepare_in_thread(one.data) for one in uploads[:1]]
    draft = Draft(
        purpose="offer",
        title=given.title,
        source=given.source,
        language=request.state.locale,
        return_kind="open",
        scope="everyone",
        place_name=given.place_name,
    )
    async with instance_of(request).begin() as tx:
        await limits.take(tx.conn, f"place:{by.id}", rate_per_minute=1, burst=10)
        group = await actors.get(tx.conn, given.community) if given.community else None
        kept = [
            await media.insert(
                tx.conn, full=one.full, small=one.small, width=one.width, height=one.height
            )
            for one in prepared
        ]
        made = await acts.open_up(
            tx,
            by=by,
            draft=draft,
            conditions=given.of(given.id or ids.new()),
            community=group,
            pictures=kept,
            id=given.id,
        )
    return see_other(request, made.url, N_("It stands open now, here and in the neighbour cities."))


async def conditions(request: Request) -> Response:
    """The form for other conditions, for who opened it."""
    by = me(request)
    async with instance_of(request).read() as conn:
        row = await proposals.get(conn, request.path_params["id"])
        found = await premises.find(conn, row.id)
    if found is None or row.author_id != by.id:
        raise Missing(N_("There is nothing here, or it is not meant for you."))
    values: dict[str, object] = {
        **asdict(found),
        "size": f"{found.size:f}" if found.size is not None else "",
        "begins": found.begins or "",
    }
    return await page(
        request, "places.conditions.html", row=row, kinds=get_args(Kind), form=Form(values)
    )


@forms.again(conditions)
async def change(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, ConditionsDraft)
    async with instance_of(request).begin() as tx:
        row = await proposals.get(tx.conn, request.path_params["id"])
        await acts.change(tx, by=by, proposal=row, conditions=given.of(row.id))
    return see_other(request, row.url, N_("Saved."))


routes = [
    Route("/places", index),
    Route("/places", publish, methods=["POST"]),
    Route("/places/new", new),
    Route("/offers/{id:uuid}/conditions", conditions),
    Route("/offers/{id:uuid}/conditions", change, methods=["POST"]),
]
