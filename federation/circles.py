"""Looks for exchange circles, here and in cities that joined; asks what became of one."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from federation import fetch, inbox, resolve
from federation.acts import circle_letters
from federation.acts import circles as acts
from federation.acts.circles import Step
from federation.documents import Document, text
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.outbox import Received
from federation.wire import circles as wire
from schema import actors, choosing, circles, edges, loops, memberships, notices, peers, proposals
from schema import sides as stored
from schema.choosing import Choice
from schema.circles import Circle
from schema.edges import Edge, Knowledge, Side
from schema.errors import Missing
from schema.loops import Loop
from schema.proposals import Proposal

log = structlog.get_logger()
MOST_SIDES: Final = 20_000  # of one other city
TROUBLE: Final = (Gone, Malformed, Missing, Refused, Unreachable, Untrusted)


@dataclass(frozen=True, slots=True)
class Search:
    """What is known before the search: offers and needs of all cities, by whose wish."""

    sides: Mapping[str, Side]
    known: Knowledge
    own: str
    wanted: frozenset[str] | None = None  # only with one of these parties; None: each night's


@dataclass(frozen=True, slots=True)
class Found:
    """Circles that do not overlap, each as its edges in the order of giving."""

    rounds: list[tuple[list[Edge], float]]
    edges: list[Edge]
    choice: Choice


async def nightly(instance: Instance) -> None:
    """Everybody's."""
    await search(instance)


async def on_demand(instance: Instance, wish: str) -> None:
    """For a coordinator: `wish` is the community's id and the coordinator's."""
    community, _, person = wish.partition(" ")
    async with instance.read() as conn:
        members = await memberships.list_ids(conn, UUID(community))
    made = await search(instance, community_id=UUID(community), members=members)
    async with instance.begin() as tx:
        await notices.tell(tx.conn, UUID(person), "circle.searched", text=str(len(made)))


async def search(
    instance: Instance,
    *,
    community_id: UUID | None = None,
    members: Iterable[UUID] | None = None,
) -> list[Circle]:
    """Finds circles and asks those in them; which were proposed."""
    now = instance.clock()
    async with instance.read() as conn:
        ours = await stored.list_ours(conn, now)
        known = await stored.knowledge(conn, now, list({row.author_id for row in ours}))
    found = [row.side() for row in ours]
    for origin in await _joined(instance):
        found += await _theirs(instance, origin)
    wanted = frozenset(map(str, members)) if members is not None else None
    asked = Search({side.key: side for side in found}, known, instance.config.origin, wanted)
    answer = await asyncio.to_thread(find, asked)
    async with instance.begin() as tx:
        pairs = [(edge.giver, edge.taker) for edge in answer.edges]
        local = [(UUID(a), UUID(b)) for a, b in pairs if " " not in a and " " not in b]
        await stored.keep_edges(tx.conn, local)
    log.info("circles", found=len(answer.rounds), gap=round(answer.choice.gap, 4))
    made = [await _propose(instance, row, weight, community_id) for row, weight in answer.rounds]
    return [circle for circle in made if circle is not None]


def find(asked: Search) -> Found:
    """Edges, loops of two to four, and the best choice of those that this city may propose."""
    every = asked.sides.values()
    offers = [side for side in every if side.purpose == "offer"]
    needs = [side for side in every if side.purpose == "request"]
    found = edges.build(offers, needs, asked.known)
    parties = sorted({party for edge in found for party in (edge.giver, edge.taker)})
    numbers = {party: number for number, party in enumerate(parties)}
    by_ends = {(numbers[edge.giver], numbers[edge.taker]): edge for edge in found}
    every_loop = loops.find((*ends, edge.weight) for ends, edge in by_ends.items())
    candidates = [loop for loop in every_loop if _is_ours(asked, parties, loop)]
    choice = choosing.choose(candidates)
    chosen = [candidates[index] for index in choice.chosen]
    return Found([(_edges(loop, by_ends), loop.weight) for loop in chosen], found, choice)


def _edges(loop: Loop, by_ends: Mapping[tuple[int, int], Edge]) -> list[Edge]:
    size = len(loop.nodes)
    return [by_ends[node, loop.nodes[(at + 1) % size]] for at, node in enumerate(loop.nodes)]


def _is_ours(asked: Search, parties: Sequence[str], loop: Loop) -> bool:
    """At night the first city of those in it proposes a circle; on demand any of them."""
    names = [parties[node] for node in loop.nodes]
    if asked.wanted is not None:
        return not asked.wanted.isdisjoint(names)
    return min(name.rpartition(" ")[0] or asked.own for name in names) == asked.own


async def _propose(
    instance: Instance, row: Sequence[Edge], weight: float, community_id: UUID | None
) -> Circle | None:
    try:
        steps = [await _step(instance, edge) for edge in row]
    except TROUBLE as error:
        log.info("no circle", reason=str(error))
        return None
    async with instance.begin() as tx:
        return await acts.propose(tx, steps=steps, weight=weight, community_id=community_id)


async def _step(instance: Instance, edge: Edge) -> Step:
    offer, need = await _listing(instance, edge.offer), await _listing(instance, edge.need)
    async with instance.read() as conn:
        giver = await actors.get(conn, offer.author_id)
    return Step(giver, offer, need, edge.offer, edge.need)


async def _listing(instance: Instance, key: str) -> Proposal:
    """Ours by its id; of another city by the name it goes by there."""
    origin, _, name = key.rpartition(" ")
    if not origin:
        async with instance.read() as conn:
            return await proposals.get(conn, UUID(name))
    city = await resolve.city(instance, origin)
    uri = text(await fetch.document(instance, f"{city.uri}/circles/{name}"), "listing") or ""
    async with instance.read() as conn:
        known = await proposals.find(conn, uri)
    if known is None:
        found = await fetch.document(instance, uri)
        await inbox.take(instance, found, Received(None, found))
        async with instance.read() as conn:
            known = await proposals.find(conn, uri)
    if known is None or not uri.startswith(f"{origin}/"):
        raise Missing(acts.NOT_YOURS)
    return known


async def _joined(instance: Instance) -> list[str]:
    async with instance.read() as conn:
        found = await peers.list_linked(conn)
    return [
        peer.origin
        for peer in found
        if peer.circles and peer.publishes and peer.receives and peer.paused_at is None
    ]


async def _theirs(instance: Instance, origin: str) -> list[Side]:
    """What a city that joined tells of its people's offers and needs: nothing while it is away,
    or has not joined us."""
    try:
        city = await resolve.city(instance, origin)
        page: Document = await fetch.document(instance, f"{city.uri}/circles")
    except TROUBLE as error:
        log.info("no summaries", peer=origin, reason=str(error))
        return []
    items = page.get("items")
    rows = items[:MOST_SIDES] if isinstance(items, list) else []
    read = [wire.read_summary(item, origin) for item in rows]
    return [side for side in read if side is not None]


async def ask(instance: Instance, uri: str) -> None:
    """What became of a circle that one of ours said yes to, when its time is over."""
    try:
        document = wire.read(await fetch.document(instance, uri))
    except Gone:
        return
    async with instance.begin() as tx:
        circle = await circles.find(tx.conn, uri)
        if circle is None:
            return
        by = await actors.get(tx.conn, circle.city_id)
        if document.city == by.uri and document.id == uri:
            await circle_letters.decided(tx, by=by, document=document, received=None)
