"""Exchange circles: mine, the page of one with yes and no, and a search for coordinators."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import circles as acts
from schema import actors, circles, limits, memberships
from schema.actors import Actor
from schema.circles import Circle, Part
from schema.database import Conn
from schema.errors import Forbidden, Missing
from schema.words import N_
from web import forms
from web.requests import instance_of, me, page, see_other


class AnswerDraft(msgspec.Struct):
    answer: Literal["yes", "no"]


class SearchDraft(msgspec.Struct):
    community: UUID


@dataclass(frozen=True, slots=True)
class HandOver:
    """One line of a circle: who gives whom what; `known` whether we hear what the giver says."""

    part: Part
    taker: Part
    gives: bool
    gets: bool
    known: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A circle as one of those in it sees it; `mine` None for who only keeps order."""

    circle: Circle
    hand_overs: list[HandOver]
    mine: Part | None

    @property
    def waits(self) -> bool:
        return self.circle.state == "open" and self.mine is not None and not self.mine.answer


def shown(circle: Circle, parts: Sequence[Part], mine: Part | None, city_id: UUID) -> Shown:
    """The hand-overs in the order of giving."""
    rows: list[HandOver] = []
    for part in parts:
        taker = parts[(part.position + 1) % len(parts)]
        at = mine.position if mine else -1
        known = circle.city_id == city_id or part.position == at
        rows.append(HandOver(part, taker, part.position == at, taker.position == at, known))
    return Shown(circle, rows, mine)


async def index(request: Request) -> Response:
    by, instance = me(request), instance_of(request)
    async with instance.read() as conn:
        led = await memberships.list_led(conn, by.id)
        parties = [by.id, *(group.id for group in led)]
        found = await circles.list_of(conn, parties)
        every = await circles.list_parts_of(conn, [row.id for row in found])
    parts: dict[UUID, list[Part]] = defaultdict(list)
    for part in every:
        parts[part.circle_id].append(part)
    mine = {row.id: _mine(parts[row.id], parties) for row in found}
    rows = [shown(row, parts[row.id], mine[row.id], instance.city_id) for row in found]
    return await page(
        request,
        "circles.list.html",
        waiting=[row for row in rows if row.circle.state == "open"],
        past=[row for row in rows if row.circle.state != "open"],
        led=led,
    )


def _mine(parts: Sequence[Part], parties: Sequence[UUID]) -> Part | None:
    return next((part for part in parts if part.party_id in parties), None)


async def show(request: Request) -> Response:
    by, instance = me(request), instance_of(request)
    async with instance.begin() as tx:
        circle = await circles.get(tx.conn, request.path_params["id"])
        parts = await circles.list_parts(tx.conn, circle.id)
        mine = await acts.part_of(tx, by, parts)
        if mine is None and not await _coordinates(tx.conn, by, circle):
            raise Missing(acts.NOT_YOURS)
    return await page(
        request,
        "circles.show.html",
        one=shown(circle, parts, mine, instance.city_id),
        now=instance.clock(),
    )


async def _coordinates(conn: Conn, by: Actor, circle: Circle) -> bool:
    """Whether they had it searched for, as those who coordinate the community."""
    if circle.community_id is None:
        return False
    return await memberships.moderates(conn, circle.community_id, by.id)


async def answer(request: Request) -> Response:
    by, draft = me(request), await forms.parse(request, AnswerDraft)
    async with instance_of(request).begin() as tx:
        circle = await circles.get(tx.conn, request.path_params["id"])
        circle = await acts.answer(tx, by=by, circle=circle, yes=draft.answer == "yes")
    if circle.state == "committed":
        return see_other(request, circle.url, N_("All have said yes. Now arrange to meet."))
    said = N_("You are in. Now it is for the others.")
    off = N_("The circle is off. Nobody owes anything.")
    return see_other(request, circle.url, said if circle.state == "open" else off)


async def search(request: Request) -> Response:
    by, draft = me(request), await forms.parse(request, SearchDraft)
    async with instance_of(request).begin() as tx:
        community = await actors.get(tx.conn, draft.community)
        if not await memberships.moderates(tx.conn, community.id, by.id):
            raise Forbidden(N_("Only a moderator can do this."))
        await limits.take(tx.conn, f"circles:{community.id}", rate_per_minute=0.2, burst=3)
        await tx.defer("find_circles", uri=f"{community.id} {by.id}")
    return see_other(request, "/circles", N_("The search has begun. You are told what it finds."))


routes = [
    Route("/circles", index),
    Route("/circles/search", search, methods=["POST"]),
    Route("/circles/{id:uuid}", show),
    Route("/circles/{id:uuid}/answer", answer, methods=["POST"]),
]
