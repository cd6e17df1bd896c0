"""Circles: proposed to all in them, answered by ours, and decided where they were found.

A yes is given after its goods are held; who decides writes it down before telling; who said yes
waits for that word and asks for it. So no city commits what another dissolves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final
from uuid import UUID

from federation import outbox
from federation.acts import agreements, circled, holding, promising
from federation.documents import Json
from federation.instance import Tx
from federation.wire import circles as wire
from schema import actors, circles, ids, notices, speakers, units
from schema import proposals as listings
from schema.actors import Actor
from schema.agreements import Agreement, Terms
from schema.circles import Answer, Circle, Part, Reason
from schema.errors import Conflict, Missing
from schema.proposals import Proposal
from schema.words import N_

NOT_YOURS: Final = N_("There is nothing here, or it is not meant for you.")
OVER: Final = N_("This circle is over already.")
STEP: Final = Decimal("0.001")
LEAST_TIME: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One hand-over of a circle that was found: the giver's offer, the need of the next. The keys
    are what the search knew them by."""

    giver: Actor
    offer: Proposal
    need: Proposal
    offer_key: str
    need_key: str


async def propose(
    tx: Tx, *, steps: Sequence[Step], weight: float, community_id: UUID | None = None
) -> Circle | None:
    """Asks everybody in it, here and elsewhere; None when something is not there any more."""
    now, id = tx.instance.clock(), ids.new()
    every = [step.offer.id for step in steps] + [step.need.id for step in steps]
    if await circles.is_busy(tx.conn, every):
        return None
    untils = [row.until for step in steps for row in (step.offer, step.need) if row.until]
    ends = min([now + circles.PATIENCE, *untils])
    parts = [_part(tx, id, at, step) for at, step in enumerate(steps)]
    found = [part for part in parts if part is not None]
    if len(found) != len(steps) or ends < now + LEAST_TIME:
        return None
    circle = Circle(
        id=id,
        uri=tx.addresses.circle(id),
        city_id=tx.instance.city_id,
        community_id=community_id,
        state="open",
        ends=ends,
        reason="",
        weight=weight,
        asked_at=None,
        decided_at=None,
        created=now,
    )
    await circles.insert(tx.conn, circle, found)
    await tell(tx, circle, found, "circle.found")
    city = await actors.get(tx.conn, tx.instance.city_id)
    document = wire.build(circle, found, city.uri)
    await _send(tx, circle, found, wire.offer(document))
    tx.instance.reach("circle.offered")
    return circle


def _part(tx: Tx, id: UUID, position: int, step: Step) -> Part | None:
    amounts = shared(step.offer, step.need)
    if amounts is None:
        return None
    giver = step.giver
    return Part(
        circle_id=id,
        position=position,
        party_uri=giver.uri,
        party_name=giver.shown,
        party_id=giver.id,
        origin=giver.peer or tx.instance.config.origin,
        title=step.offer.title,
        amount=amounts[0],
        unit=step.offer.unit,
        need_amount=amounts[1],
        need_unit=step.need.unit,
        offer_uri=step.offer.uri,
        need_uri=step.need.uri,
        offer_id=step.offer.id,
        need_id=step.need.id,
        offer_key=step.offer_key,
        need_key=step.need_key,
    )


def shared(offer: Proposal, need: Proposal) -> tuple[Decimal | None, Decimal | None] | None:
    """How much is handed over, in the units of both: what is left, or needed, whichever is less.
    None where nothing is."""
    if not units.comparable(offer.unit, need.unit):
        return None
    amount = offer.available
    if need.available is not None:
        wanted = units.convert(need.available, need.unit, offer.unit)
        amount = wanted if amount is None else min(amount, wanted)
    if amount is None:
        return None, None
    amount = amount.quantize(STEP, ROUND_DOWN)
    if amount <= 0:
        return None
    if need.available is None:
        return amount, None
    covered = units.convert(amount, offer.unit, need.unit).quantize(STEP, ROUND_DOWN)
    covered = min(need.available, covered)
    return (amount, covered) if covered > 0 else None


async def answer(tx: Tx, *, by: Actor, circle: Circle, yes: bool) -> Circle:
    """What one of ours says. A yes holds their goods until it is decided; the last one commits. A
    no, and a yes for what is not there any more, dissolve it."""
    circle = await circles.lock(tx.conn, circle.id)
    parts = await circles.list_parts(tx.conn, circle.id)
    mine = await part_of(tx, by, parts)
    if mine is None:
        raise Missing(NOT_YOURS)
    if circle.state != "open" or circle.ends <= tx.instance.clock():
        raise Conflict(OVER)
    if mine.answer == "yes" and yes:
        return circle
    if mine.answer == "yes" and circle.city_id != tx.instance.city_id:
        raise Conflict(N_("You have said yes. Now it is for the others."))
    if yes and await holding.hold(tx, parts, mine.position):
        return await _yes(tx, circle, mine)
    reason: Reason = "gone" if yes else "declined"
    await _note(tx, mine, "no")
    await _reply(tx, circle, mine, yes=False, reason=reason)
    return await dissolve(tx, circle, reason)


async def part_of(tx: Tx, by: Actor, parts: Sequence[Part]) -> Part | None:
    """Where this person, or a community they speak for, stands in it."""
    for part in parts:
        party = await actors.get(tx.conn, part.party_id) if part.party_id else None
        if party and await speakers.may_speak(tx.conn, by, party, tx.instance.clock()):
            return part
    return None


async def _yes(tx: Tx, circle: Circle, mine: Part) -> Circle:
    await _note(tx, mine, "yes")
    tx.instance.reach("circle.held")
    if circle.city_id != tx.instance.city_id:
        await _reply(tx, circle, mine, yes=True)
        return circle
    return await commit_if_all(tx, circle)


async def _note(tx: Tx, part: Part, said: Answer) -> None:
    await circles.answer(tx.conn, part.circle_id, part.position, said, tx.instance.clock())


async def _reply(tx: Tx, circle: Circle, mine: Part, *, yes: bool, reason: Reason = "") -> None:
    """To the city that decides, where it is another."""
    if circle.city_id == tx.instance.city_id:
        return
    ours = await actors.get(tx.conn, tx.instance.city_id)
    other = await actors.get(tx.conn, circle.city_id)
    body = wire.answer(circle.uri, mine.party_uri, yes=yes, reason=reason)
    await outbox.send(tx, ours, body, [other], about=circle.uri)


async def commit_if_all(tx: Tx, circle: Circle) -> Circle:
    """Decides for yes once all have said so; for the city that found it, its row locked."""
    parts = await circles.list_parts(tx.conn, circle.id)
    if not all(part.answer == "yes" for part in parts):
        return circle
    decided = await commit(tx, circle)
    await send_outcome(tx, decided, parts)
    tx.instance.reach("circle.committed")
    return decided


async def commit(tx: Tx, circle: Circle) -> Circle:
    """What was held becomes ordinary agreements, as far as they are ours."""
    now = tx.instance.clock()
    decided = await circles.decide(tx.conn, circle.id, "committed", "", now)
    parts = await circles.list_parts(tx.conn, circle.id)
    for id in sorted(part.offer_id for part in parts if part.offer_id):
        await listings.lock(tx.conn, id)
    for part in parts:
        await _hand_over(tx, decided, part, parts[(part.position + 1) % len(parts)])
    await tell(tx, decided, parts, "circle.committed")
    return decided


async def _hand_over(tx: Tx, circle: Circle, part: Part, taken: Part) -> None:
    """The taker's city asks, the giver's says yes: here at once where both are ours."""
    giver, taker = await ours(tx, part), await ours(tx, taken)
    if part.offer_id is None or (giver is None and taker is None):
        return
    offer = await listings.get(tx.conn, part.offer_id)
    if taker is not None:
        id = circled.agreement_id(circle.uri, part.position)
        row: Agreement | None = await agreements.ask_promised(
            tx, taker=taker, proposal=offer, terms=_terms(part, offer), id=id
        )
    else:
        row = await circled.waiting(tx, circle, part, taken.origin)
    if row is None:
        return  # their question is still on its way
    if giver is not None and row.state == "asked":
        await promising.promise(tx, row, giver, held=part)
        await circles.let_go(tx.conn, circle.id, part.position, offer=True)
    await circles.become(tx.conn, circle.id, part.position, row.id)


async def ours(tx: Tx, part: Part) -> Actor | None:
    """The party, where it lives here."""
    if part.party_id is None:
        return None
    found = await actors.get(tx.conn, part.party_id)
    return found if found.is_local else None


def _terms(part: Part, offer: Proposal) -> Terms:
    note = "Tauschkreis" if offer.language.startswith("de") else "exchange circle"
    return Terms(part.amount, part.unit, "swap", note)


async def dissolve(tx: Tx, circle: Circle, reason: Reason) -> Circle:
    """Everything held is free again; those in it are told, and where we decide, their cities."""
    parts = await circles.list_parts(tx.conn, circle.id)
    now = tx.instance.clock()
    decided = await circles.decide(tx.conn, circle.id, "dissolved", reason, now)
    await holding.release(tx, parts)
    await tell(tx, decided, parts, "circle.dissolved")
    if circle.city_id == tx.instance.city_id:
        await send_outcome(tx, decided, parts)
    tx.instance.reach("circle.dissolved")
    return decided


async def send_outcome(tx: Tx, circle: Circle, parts: Sequence[Part]) -> None:
    """What became of it, to the other cities in it."""
    city = await actors.get(tx.conn, tx.instance.city_id)
    await _send(tx, circle, parts, wire.update(wire.build(circle, parts, city.uri)))


async def _send(tx: Tx, circle: Circle, parts: Sequence[Part], body: Mapping[str, Json]) -> None:
    """From our city to the others in it."""
    found = [await actors.find_city(tx.conn, origin) for origin in other_cities(tx, parts)]
    others = [city for city in found if city is not None]
    if others:
        ours = await actors.get(tx.conn, tx.instance.city_id)
        await outbox.send(tx, ours, body, others, about=circle.uri)


def other_cities(tx: Tx, parts: Sequence[Part]) -> list[str]:
    """Origins of the cities in it, without ours."""
    return sorted({part.origin for part in parts} - {tx.instance.config.origin})


async def tell(tx: Tx, circle: Circle, parts: Sequence[Part], kind: notices.Kind) -> None:
    """Ours in it, each about what they get."""
    for part in parts:
        if part.party_id is not None:
            got = holding.before(parts, part.position)
            await notices.tell(tx.conn, part.party_id, kind, circle=circle.id, text=got.title)
