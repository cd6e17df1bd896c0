"""What other cities say about circles: a proposal, what one of theirs said, what became of it.

Each city is believed about its own people only, and only the one that decides about the outcome.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from federation import origins, outbox
from federation.acts import circle_ends
from federation.acts import circles as acts
from federation.documents import Document
from federation.errors import Unreachable
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import circles as wire
from federation.wire.circles import CircleDocument
from schema import actors, blocks, circles, ids, peers
from schema import proposals as listings
from schema.actors import Actor
from schema.circles import Circle, Part, Reason
from schema.database import Conn
from schema.errors import Forbidden, Missing
from schema.proposals import Proposal

SLACK: Final = timedelta(hours=1)  # of another city's clock
NOT_THEIRS: Final = "A city speaks for its own people only."


async def offered(
    tx: Tx, *, by: Actor, document: CircleDocument, received: Received | None
) -> Circle | None:
    """A city that we joined has found one: ours are asked, or it hears at once that it cannot be
    (None). Unreachable while an offer is not known here yet."""
    await _check_decider(tx, by, document)
    await outbox.done(tx, received)
    known = await circles.find(tx.conn, document.id)
    if known is not None or document.ends <= tx.instance.clock():
        return known
    id = ids.new()
    parts = [await _part(tx, id, document, at) for at in range(len(document.parts))]
    reason = await _objection(tx, by, document, parts)
    if reason is not None:
        await _refuse(tx, by, document, parts, reason)
        return None
    now = tx.instance.clock()
    circle = Circle(
        id=id,
        uri=document.id,
        city_id=by.id,
        community_id=None,
        state="open",
        ends=document.ends,
        reason="",
        weight=0.0,
        asked_at=None,
        decided_at=None,
        created=now,
    )
    await circles.insert(tx.conn, circle, parts)
    await acts.tell(tx, circle, parts, "circle.found")
    tx.instance.reach("circle.taken")
    return circle


async def _check_decider(tx: Tx, by: Actor, document: CircleDocument) -> None:
    """Forbidden unless a city that we joined says so of a circle of its own."""
    own = origins.same_origin(document.id, by.uri) and document.city == by.uri
    if by.kind != "city" or by.is_local or not own or not await _joined(tx.conn, by.peer):
        raise Forbidden(NOT_THEIRS)


async def _joined(conn: Conn, origin: str | None) -> bool:
    peer = await peers.find(conn, origin or "")
    if peer is None or peer.blocked_at or peer.paused_at:
        return False
    return peer.link == "linked" and peer.circles and peer.receives and peer.publishes


async def _part(tx: Tx, id: UUID, document: CircleDocument, position: int) -> Part:
    given = document.parts[position]
    party = await actors.find(tx.conn, given.party)
    offer = await listings.find(tx.conn, given.offer)
    need = await listings.find(tx.conn, given.need)
    return Part(
        circle_id=id,
        position=position,
        party_uri=given.party,
        party_name=given.name,
        party_id=party.id if party else None,
        origin=str(origins.origin_of(given.party, loopback=True)),
        title=given.title,
        amount=given.amount,
        unit=given.unit,
        need_amount=given.need_amount,
        need_unit=given.need_unit,
        offer_uri=given.offer,
        need_uri=given.need,
        offer_id=offer.id if offer else None,
        need_id=need.id if need else None,
        offer_key=given.offer,
        need_key=given.need,
    )


async def _objection(
    tx: Tx, by: Actor, document: CircleDocument, parts: Sequence[Part]
) -> Reason | None:
    """Why it cannot be, as far as it touches ours; None where all is well."""
    ours = [part for part in parts if tx.addresses.is_ours(part.party_uri)]
    late = document.ends > tx.instance.clock() + circles.PATIENCE + SLACK
    if not ours or late or document.state != "open":
        return "gone"
    for part in parts:
        taken = parts[(part.position + 1) % len(parts)]
        if part not in ours and taken not in ours:
            continue
        if not await _is_near(tx, part.origin) or not await _is_near(tx, taken.origin):
            return "parted"
        if not await _stands(tx, part, taken) or await _are_apart(tx, part, taken):
            return "gone"
    return None


async def _is_near(tx: Tx, origin: str) -> bool:
    return origin == tx.instance.config.origin or await _joined(tx.conn, origin)


async def _stands(tx: Tx, part: Part, taken: Part) -> bool:
    """Whether what of this hand-over is ours is as they say, and still there."""
    here = tx.addresses.is_ours
    if here(part.party_uri):
        offer = await _own(tx, part, part.offer_id)
        if offer is None or offer.return_kind not in ("swap", "open") or offer.unit != part.unit:
            return False
        if offer.available is not None and (part.amount is None or part.amount > offer.available):
            return False
    elif part.offer_id is None:
        raise Unreachable("what they offer has not arrived yet")
    elif (await listings.get(tx.conn, part.offer_id)).author_id != part.party_id:
        return False
    if not here(taken.party_uri):
        return True
    need = await _own(tx, taken, part.need_id, "request")
    if need is None or need.unit != part.need_unit:
        return False
    amount = part.need_amount
    return need.available is None or (amount is not None and amount <= need.available)


async def _own(
    tx: Tx, part: Part, id: UUID | None, purpose: listings.Purpose = "offer"
) -> Proposal | None:
    """The party's open listing that neighbour cities may see, in no other circle."""
    row = await listings.find_by_id(tx.conn, id) if id else None
    if row is None or row.author_id != part.party_id or row.purpose != purpose:
        return None
    over = row.state != "open" or row.is_over(tx.instance.clock())
    if over or row.scope not in ("neighbours", "everyone"):
        return None
    return None if await circles.is_busy(tx.conn, [row.id]) else row


async def _are_apart(tx: Tx, part: Part, taken: Part) -> bool:
    if part.party_id is None or taken.party_id is None:
        return False
    one, other = part.party_id, taken.party_id
    return await blocks.has(tx.conn, one, other) or await blocks.has(tx.conn, other, one)


async def _refuse(
    tx: Tx, by: Actor, document: CircleDocument, parts: Sequence[Part], reason: Reason
) -> None:
    ours = await actors.get(tx.conn, tx.instance.city_id)
    mine = next((part for part in parts if tx.addresses.is_ours(part.party_uri)), None)
    if mine is not None:
        body = wire.answer(document.id, mine.party_uri, yes=False, reason=reason)
        await outbox.send(tx, ours, body, [by], about=document.id)


async def answered(
    tx: Tx,
    *,
    by: Actor,
    circle: Circle,
    party_uri: str,
    yes: bool,
    reason: Reason,
    received: Received | None,
) -> Circle:
    """A city says what one of its people said to a circle of ours. Who hears too late what became
    of it is told again."""
    circle = await circles.lock(tx.conn, circle.id)
    parts = await circles.list_parts(tx.conn, circle.id)
    part = next((one for one in parts if one.party_uri == party_uri), None)
    if by.kind != "city" or part is None or part.origin != by.peer:
        raise Forbidden(NOT_THEIRS)
    if circle.city_id != tx.instance.city_id:
        raise Forbidden(NOT_THEIRS)
    await outbox.done(tx, received)
    now = tx.instance.clock()
    if circle.state == "committed" and not yes and reason == "parted":
        gave_up = now >= circle.ends + circle_ends.GRACE - circle_ends.SLACK
        return await circle_ends.undo(tx, circle) if gave_up else circle
    if circle.state != "open":
        if (yes and circle.state == "dissolved") or part.answer != "yes":
            await _again(tx, circle, parts, by)
        return circle
    if not yes:
        await circles.answer(tx.conn, circle.id, part.position, "no", now)
        return await acts.dissolve(tx, circle, reason or "declined")
    if circle.ends <= now:
        return await acts.dissolve(tx, circle, "late")
    await circles.answer(tx.conn, circle.id, part.position, "yes", now)
    return await acts.commit_if_all(tx, circle)


async def _again(tx: Tx, circle: Circle, parts: Sequence[Part], to: Actor) -> None:
    city = await actors.get(tx.conn, tx.instance.city_id)
    body = wire.update(wire.build(circle, parts, city.uri))
    await outbox.send(tx, city, body, [to], about=circle.uri)


async def decided(
    tx: Tx, *, by: Actor, document: CircleDocument, received: Received | None
) -> Circle | None:
    """The city that found it says what became of it: committed, or dissolved. A circle that we
    gave up long ago cannot be committed any more; they hear of it."""
    circle = await circles.find(tx.conn, document.id)
    if circle is None:
        await outbox.done(tx, received)  # we have refused it
        return None
    circle = await circles.lock(tx.conn, circle.id)
    if circle.city_id != by.id or by.is_local:
        raise Forbidden(NOT_THEIRS)
    await outbox.done(tx, received)
    parts = await circles.list_parts(tx.conn, circle.id)
    if document.state == "dissolved":
        if circle.state == "open":
            return await acts.dissolve(tx, circle, document.reason)
        return await circle_ends.undo(tx, circle) if circle.state == "committed" else circle
    if document.state == "open" or circle.state == "committed":
        return circle
    mine = [part for part in parts if await acts.ours(tx, part)]
    if circle.state == "dissolved" or not all(part.answer == "yes" for part in mine):
        await _given_up(tx, circle, mine, by)
        return circle
    return await acts.commit(tx, circle)


async def _given_up(tx: Tx, circle: Circle, mine: Sequence[Part], by: Actor) -> None:
    ours = await actors.get(tx.conn, tx.instance.city_id)
    body = wire.answer(circle.uri, mine[0].party_uri, yes=False, reason="parted")
    await outbox.send(tx, ours, body, [by], about=circle.uri)


async def document(conn: Conn, city: Actor, uri: str, reader: str | None) -> Document:
    """A circle of ours, for the cities of those in it; Missing for others."""
    circle = await circles.find(conn, uri)
    if circle is None or circle.city_id != city.id or reader is None:
        raise Missing(acts.NOT_YOURS)
    parts = await circles.list_parts(conn, circle.id)
    if reader not in {part.origin for part in parts}:
        raise Missing(acts.NOT_YOURS)
    return wire.alone(wire.build(circle, parts, city.uri))
