"""Needs and offers: the two lists, the page of one, and what its author or a moderator does."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import history
from federation.acts import proposals as acts
from schema import (
    agreement_views,
    categories,
    ids,
    matches,
    places,
    pools,
    premises,
    proposal_views,
    proposals,
    receipts,
    speakers,
)
from schema.agreement_views import Card
from schema.database import Conn
from schema.matches import Match, Reader
from schema.proposal_views import Shown
from schema.proposals import Filter, Purpose, Where
from schema.words import N_
from web import forms
from web.near import middle
from web.pages.communities import position, with_position
from web.pages.new import DRAFT, Until, until_of
from web.render import Form
from web.requests import instance_of, local_now, me, page, see_other, viewer
from web.weekdays import DAYS
from web.writing import LANGUAGES

SIZE = 24
DISTANCES = (2, 5, 10, 25, 50, 100)
LONGEST_QUERY = 100


class RenewDraft(msgspec.Struct):
    until: Until = "weeks"
    until_day: date | None = None


class RemoveDraft(msgspec.Struct):
    reason: Annotated[str, Meta(max_length=500)]


async def needs(request: Request) -> Response:
    return await _list(request, "request")


async def offers(request: Request) -> Response:
    return await _list(request, "offer")


async def _list(request: Request, purpose: Purpose) -> Response:
    wanted, km = await asked(request, purpose)
    async with instance_of(request).read() as conn:
        found, counts = await proposals.list_page(conn, wanted)
    older = None
    if len(found) > SIZE:
        last = found[SIZE - 1]
        older = with_position(request, last.created, last.id)
    sector = (wanted.category or "").split(".", 1)[0]
    return await page(
        request,
        "proposals.list.html",
        purpose=purpose,
        found=found[:SIZE],
        older=older,
        newer=request.url.path if wanted.before else None,
        sectors=_sectors(request, counts, sector),
        leaves=_leaves(request, sector),
        distances=DISTANCES if wanted.near or km is not None else (),
        is_filtered=bool(wanted.words or wanted.category or km or wanted.where != "all"),
        has_draft=DRAFT in request.cookies,
        form=Form(
            {
                "q": wanted.words,
                "category": sector,
                "leaf": wanted.category if wanted.category != sector else "",
                "km": km or "",
                "where": wanted.where,
            }
        ),
    )


async def asked(request: Request, purpose: Purpose) -> tuple[Filter, int | None]:
    """What the address asks for, and the kilometres around the reader's place or the city's."""
    query = request.query_params
    found = viewer(request)
    km = next((d for d in DISTANCES if query.get("km") == str(d)), None)
    known = categories.load()
    sector, leaf = query.get("category", ""), query.get("leaf", "")
    category = leaf if leaf.startswith(f"{sector}.") and known.find(leaf) else sector
    return Filter(
        purpose=purpose,
        category=category if known.find(category) else None,
        words=query.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY],
        near=await _near(request, km),
        where=_where(query.get("where")),
        viewer_id=found.actor.id if found else None,
        before=position(query.get("before", "")),
        limit=SIZE + 1,
    ), km


async def _near(request: Request, km: int | None) -> tuple[float, float, float | None] | None:
    """From the reader's own rough place, or from the middle of this one."""
    point = await middle(request)
    return (point[0], point[1], km) if point else None


def _where(given: str | None) -> Where:
    return "here" if given == "here" else "network" if given == "network" else "all"


Counted = list[tuple[str, str, int]]


def _sectors(request: Request, counts: dict[str, int], chosen: str) -> Counted:
    """Id, words and number of those that have something, and of the chosen one."""
    german = request.state.locale == "de"
    return [
        (sector.id, sector.de if german else sector.en, counts.get(sector.id, 0))
        for sector in categories.load().sectors()
        if counts.get(sector.id) or sector.id == chosen
    ]


def _leaves(request: Request, sector: str) -> list[tuple[str, str]]:
    german = request.state.locale == "de"
    return [(leaf.id, leaf.de if german else leaf.en) for leaf in categories.load().leaves(sector)]


async def show(request: Request) -> Response:
    """One need or offer, with its answers."""
    found = viewer(request)
    viewer_id = found.actor.id if found else None
    now = instance_of(request).clock()
    id: UUID = request.path_params["id"]
    async with instance_of(request).read() as conn:
        shown = await proposal_views.get_shown(conn, id, viewer_id)
        row = shown.proposal
        mine = await speakers.of_listing(conn, found.actor, row, now) if found else None
        is_mine = mine is not None and row.author_id == mine.id
        below = await proposal_views.get_below(
            conn, shown, mine.id if is_mine and mine else viewer_id
        )
        fits: list[Match] = []
        sent = await receipts.list_of(conn, row.uri) if is_mine else []
        if found and is_mine and row.state == "open":
            reader = Reader(found.actor.id, tuple(found.actor.languages))
            fits = await matches.list_for(conn, row, reader)
        about = below.deals if is_mine else await _to_decide(conn, shown, viewer_id) or below.deals
        pool = await pools.find(conn, id) if below.together.pooled else None
        is_place = row.purpose == "offer" and row.category in premises.CATEGORIES.values()
        conditions = await premises.find(conn, id) if is_place else None
    if not request.url.path.startswith(row.url):
        return see_other(request, row.url)
    if found and not instance_of(request).addresses.is_ours(row.uri):
        async with instance_of(request).begin() as tx:
            await history.want(tx, row.uri)
    to = request.query_params.get("to")
    return await page(
        request,
        "proposals.show.html",
        shown=shown,
        row=row,
        over=row.is_over(now),
        is_mine=is_mine,
        distance=_distance(shown, await middle(request)),
        from_own_place=found is not None and found.actor.latitude is not None,
        answers=below.answers,
        fits=fits,
        days=DAYS,
        together=below.together if row.purpose == "request" else None,
        pool=pool,
        conditions=conditions,
        sent=sent,
        to=next((post for post in below.answers if str(post.id) == to), None),
        languages=LANGUAGES,
        form=Form({"until": "weeks"}),
        about=about,
        asked=any(card.viewer_side == "responder" and card.is_open for card in about),
        rule=shown.hand_out,
        fresh=ids.new(),
        now=now,
    )


async def _to_decide(conn: Conn, shown: Shown, viewer_id: UUID | None) -> list[Card]:
    """The agreements of those who ask, for a coordinator who is to decide."""
    row, rule = shown.proposal, shown.hand_out
    if viewer_id is None or rule is None or rule.rule != "coordinator":
        return []
    if not shown.moderates or row.author_id == viewer_id:
        return []
    return await agreement_views.list_to_decide(conn, row.id, viewer_id)


def _distance(shown: Shown, point: tuple[float, float, None] | None) -> float | None:
    row = shown.proposal
    if point is None or row.latitude is None or row.longitude is None:
        return None
    return places.distance_km(point[0], point[1], row.latitude, row.longitude)


@forms.again(show)
async def renew(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, RenewDraft)
    until = until_of(given.until, given.until_day, local_now(request))
    async with instance_of(request).begin() as tx:
        row = await proposals.get(tx.conn, request.path_params["id"])
        by = await speakers.of_listing(tx.conn, by, row, tx.instance.clock())
        await acts.renew(tx, by=by, proposal=row, until=until)
    return see_other(request, row.url, N_("Renewed."))


async def close(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        row = await proposals.get(tx.conn, request.path_params["id"])
        by = await speakers.of_listing(tx.conn, by, row, tx.instance.clock())
        await acts.close(tx, by=by, proposal=row)
    return see_other(request, row.url, N_("It is done and stands in no list any more."))


async def withdraw(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        row = await proposals.get(tx.conn, request.path_params["id"])
        by = await speakers.of_listing(tx.conn, by, row, tx.instance.clock())
        await acts.withdraw(tx, by=by, proposal=row)
    return see_other(request, row.url.rpartition("/")[0], N_("You took it back."))


@forms.again(show)
async def remove(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, RemoveDraft)
    async with instance_of(request).begin() as tx:
        row = await proposals.get(tx.conn, request.path_params["id"])
        await acts.remove(tx, by=by, proposal=row, reason=given.reason)
    return see_other(request, row.url, N_("Removed. The author has been told."))


routes = [
    Route("/needs", needs),
    Route("/offers", offers),
    *(
        route
        for folder in ("needs", "offers")
        for route in (
            Route(f"/{folder}/{{id:uuid}}", show),
            Route(f"/{folder}/{{id:uuid}}/renewal", renew, methods=["POST"]),
            Route(f"/{folder}/{{id:uuid}}/closing", close, methods=["POST"]),
            Route(f"/{folder}/{{id:uuid}}/withdrawal", withdraw, methods=["POST"]),
            Route(f"/{folder}/{{id:uuid}}/removal", remove, methods=["POST"]),
        )
    ),
]
