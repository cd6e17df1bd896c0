"""Places that are open for use: the list with its map, and the form to open one."""

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
from schema import actors, communities, ids, limits, media, premises
from schema.premises import Kind, Premises, Repair, Supply, Terms
from schema.words import N_
from web import forms
from web.map import by_place
from web.render import Form
from web.requests import instance_of, me, page, see_other, viewer


class PlaceDraft(msgspec.Struct):
    kind: Kind
    title: Annotated[str, Meta(max_length=LONGEST_TITLE)]
    terms: Terms
    place_name: Annotated[str, Meta(max_length=100)]
    id: UUID | None = None
    size: Decimal | None = None
    repair: Repair = ""
    begins: date | None = None
    contact: Annotated[str, Meta(max_length=100)] = ""
    supplies: list[Supply] = []
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
    conditions = Premises(
        given.id or ids.new(),
        given.kind,
        given.size,
        given.repair,
        given.terms,
        given.begins,
        given.contact,
        given.supplies,
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
            conditions=conditions,
            community=group,
            pictures=kept,
            id=given.id,
        )
    return see_other(request, made.url, N_("It stands open now, here and in the neighbour cities."))


routes = [
    Route("/places", index),
    Route("/places", publish, methods=["POST"]),
    Route("/places/new", new),
]
