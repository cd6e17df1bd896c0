"""Knowledge bridges: all of them, one with its sessions and answers, asking, agreeing, ending."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import pacts as acts
from schema import actors, lessons, limits, meetings, pacts
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Forbidden, Invalid, Missing
from schema.meetings import Meeting
from schema.pacts import Pact
from schema.words import N_
from web import calendar, forms
from web.render import Form
from web.requests import instance_of, me, page, see_other, viewer

NOT_HERE = "There is nothing here, or it is not meant for you."


@dataclass(frozen=True, slots=True)
class Seen:
    """A pact with its two places and hosts, and the places of it that the viewer speaks for."""

    pact: Pact
    asker: Actor
    other: Actor
    asker_host: Actor | None
    other_host: Actor | None
    mine: tuple[Actor, ...]

    @property
    def url(self) -> str:
        return f"/bridges/{self.pact.id}"

    @property
    def side(self) -> Actor:
        """The place that the viewer speaks for; Forbidden for nobody's."""
        self.check_mine()
        return self.mine[0]

    def check_mine(self) -> None:
        """Forbidden unless the viewer speaks for one of the two."""
        if not self.mine:
            raise Forbidden(N_("Only those who speak for this place can do that."))

    @property
    def can_agree(self) -> bool:
        return self.pact.state == "asked" and any(a.id == self.other.id for a in self.mine)

    def title_of(self, side_id: UUID) -> str:
        return (self.asker if side_id == self.asker.id else self.other).shown


class PactDraft(msgspec.Struct):
    side: UUID
    other: UUID
    title: Annotated[str, Meta(max_length=120)]
    topics: Annotated[str, Meta(max_length=1000)]
    aim: Annotated[str, Meta(max_length=20_000)] = ""
    host: Annotated[str, Meta(max_length=100)] = ""


class Yes(msgspec.Struct):
    host: Annotated[str, Meta(max_length=100)] = ""


class Ending(msgspec.Struct):
    reason: Annotated[str, Meta(max_length=500)] = ""


class Outcome(msgspec.Struct):
    uri: Annotated[str, Meta(max_length=500)]
    title: Annotated[str, Meta(max_length=120)] = ""


async def seen(conn: Conn, request: Request, pact_id: UUID) -> Seen:
    """Missing for who does not speak for it while nobody has agreed."""
    pact, who = await pacts.get(conn, pact_id), viewer(request)
    wanted = (pact.asker_id, pact.other_id, pact.asker_host_id, pact.other_host_id)
    known = {a.id: a for a in await actors.list_by_id(conn, [id for id in wanted if id])}
    mine: list[Actor] = []
    for side in (known[pact.asker_id], known[pact.other_id]):
        if who is None or not side.is_local:
            continue
        hosts = pact.host_of(side.id) == who.actor.id
        if hosts or await pacts.speaks_for(conn, who.actor.id, side.id):
            mine.append(side)
    if pact.agreed_at is None and not mine:
        raise Missing(NOT_HERE)
    asker_host, other_host = (known.get(id) if id else None for id in wanted[2:])
    both = (known[pact.asker_id], known[pact.other_id])
    return Seen(pact, *both, asker_host, other_host, tuple(mine))


async def index(request: Request) -> Response:
    """Those that run, the soonest session first; what waits for an answer of one's own places."""
    who, instance = viewer(request), instance_of(request)
    async with instance.read() as conn:
        mine = await pacts.list_places(conn, who.actor.id, instance.city_id) if who else []
        found = await pacts.list_cards(conn, mine=[place.id for place in mine])
    return await page(request, "pacts.list.html", found=found, can_ask=bool(mine))


async def new(request: Request) -> Response:
    """For who speaks for a place: whom to ask, and what about."""
    by, instance = me(request), instance_of(request)
    async with instance.read() as conn:
        mine = await pacts.list_places(conn, by.id, instance.city_id)
        others = await pacts.list_partners(conn)
    if not mine:
        raise Forbidden(N_("Stewards of a community and admins of the place can ask."))
    return await page(request, "pacts.form.html", mine=mine, others=others, form=Form({}))


@forms.again(new)
async def ask(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, PactDraft)
    async with instance_of(request).begin() as tx:
        await limits.take(tx.conn, f"bridge:{by.id}", rate_per_minute=1, burst=10)
        side, other = await actors.get(tx.conn, given.side), await actors.get(tx.conn, given.other)
        host = await host_named(tx.conn, given.host, by)
        topics = given.topics.replace("\n", ",").split(",")
        draft = acts.Draft(given.title, topics, given.aim, host)
        made = await acts.ask(tx, by=by, side=side, other=other, draft=draft)
    return see_other(request, f"/bridges/{made.id}", N_("Asked. You are told when they answer."))


async def host_named(conn: Conn, name: str, by: Actor) -> Actor:
    """A resident by the short name; whoever fills in the form, without one. Invalid."""
    wanted = name.strip().lstrip("@")
    found = await actors.find_by_handle(conn, wanted) if wanted else by
    if found is None or found.kind != "person" or found.deleted_at:
        raise Invalid({"host": N_("Nobody here has this short name.")})
    return found


async def show(request: Request) -> Response:
    """Who learns from whom, what is held next, what was answered and built."""
    instance = instance_of(request)
    async with instance.read() as conn:
        found = await seen(conn, request, request.path_params["id"])
        held = await meetings.list_of(conn, found.pact.id)
        written = await lessons.list_of(conn, found.pact.id)
        built = await pacts.list_outcomes(conn, found.pact.id)
    now = instance.clock()
    return await page(
        request,
        "pacts.show.html",
        seen=found,
        pact=found.pact,
        coming=[m for m in held if m.ends >= now],
        past=[m for m in reversed(held) if m.ends < now],
        written=written,
        built=built,
    )


@forms.again(show)
async def agree(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, Yes)
    async with instance_of(request).begin() as tx:
        found = await seen(tx.conn, request, request.path_params["id"])
        host = await host_named(tx.conn, given.host, by)
        await acts.agree(tx, by=by, pact=found.pact, side=found.other, host=host)
    return see_other(request, found.url, N_("Agreed. Now set the first session."))


@forms.again(show)
async def end(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, Ending)
    async with instance_of(request).begin() as tx:
        found = await seen(tx.conn, request, request.path_params["id"])
        side = found.other if found.can_agree else found.side
        await acts.end(tx, by=by, pact=found.pact, side=side, reason=given.reason)
    return see_other(request, "/bridges", N_("It has ended. What was written stays."))


@forms.again(show)
async def name(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, Outcome)
    async with instance_of(request).begin() as tx:
        found = await seen(tx.conn, request, request.path_params["id"])
        here = instance_of(request).addresses.origin if given.uri.startswith("/") else ""
        place = here + given.uri
        await acts.name(
            tx, by=by, pact=found.pact, side=found.side, uri=place, title=given.title or place
        )
    return see_other(request, found.url, N_("It stands below “Built afterwards”."))


async def unname(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, Outcome)
    async with instance_of(request).begin() as tx:
        found = await seen(tx.conn, request, request.path_params["id"])
        for side in found.mine:
            await acts.unname(tx, by=by, pact=found.pact, side=side, uri=given.uri)
    return see_other(request, found.url)


async def feed(request: Request) -> Response:
    """The sessions of one bridge as iCalendar."""
    async with instance_of(request).read() as conn:
        pact = await pacts.get(conn, request.path_params["id"])
        if pact.agreed_at is None:
            raise Missing(NOT_HERE)
        held = await meetings.list_of(conn, pact.id)
    return as_feed(request, pact.title, held, f"{pact.id}.ics")


async def whole_feed(request: Request) -> Response:
    """The sessions of all bridges of this place that are not long over."""
    instance = instance_of(request)
    settings = await instance.settings()
    async with instance.read() as conn:
        held = await meetings.list_all(conn, instance.clock().replace(month=1, day=1))
    return as_feed(request, settings.name, held, "bridges.ics")


def as_feed(request: Request, title: str, held: list[Meeting], filename: str) -> Response:
    """For calendars that subscribe to it; dates are named by their address everywhere."""
    origin = instance_of(request).config.origin
    entries = [
        calendar.Entry(
            uid=m.uri,
            title=m.title,
            starts=m.starts,
            ends=m.ends,
            updated=m.updated,
            text="\n".join(part for part in (m.topic, m.link) if part),
            place=" / ".join(room for room in (m.asker_room, m.other_room) if room),
            url=f"{origin}/bridges/sessions/{m.id}",
            cancelled=m.cancelled,
            edition=m.edition,
        )
        for m in held
    ]
    headers = {"Content-Disposition": f'inline; filename="{filename}"', "Vary": "Accept"}
    return Response(calendar.write(title, entries), 200, headers, calendar.TYPE)


routes = [
    Route("/bridges", index),
    Route("/bridges", ask, methods=["POST"]),
    Route("/bridges/new", new),
    Route("/bridges/calendar.ics", whole_feed),
    Route("/bridges/{id:uuid}", show),
    Route("/bridges/{id:uuid}/calendar.ics", feed),
    Route("/bridges/{id:uuid}/agreement", agree, methods=["POST"]),
    Route("/bridges/{id:uuid}/ending", end, methods=["POST"]),
    Route("/bridges/{id:uuid}/outcomes", name, methods=["POST"]),
    Route("/bridges/{id:uuid}/outcomes/removal", unname, methods=["POST"]),
]
