"""Pools: saying "me too" on a need; one order or workshop from a threshold on."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from federation import outbox
from federation.acts import proposals as listings
from federation.acts import writing
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import pools as wire
from schema import actors, notices, pools, proposals, publishing
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.pools import Kind, Measure, Pool, Said
from schema.proposals import Proposal
from schema.words import N_

MOST: Final = Decimal(1_000_000)
LONGEST_NOTE: Final = 500


async def me_too(
    tx: Tx,
    *,
    by: Actor,
    proposal: Proposal,
    quantity: Decimal | None,
    edition: int = 0,
    received: Received | None = None,
) -> None:
    """`quantity` in the need's unit; saying it again changes the amount. For a need of another
    city its city is told, and counts. An older `edition` of a person elsewhere changes nothing."""
    row = await _need(tx, by, proposal.id, received)
    if row.author_id == by.id:
        raise Conflict(N_("This is your own need."))
    if quantity is not None and not 0 < quantity <= MOST:
        raise Invalid(
            {"quantity": N_("Please give a number above zero, with three places at most.")}
        )
    known = await pools.lock_said(tx.conn, row.id, by.id)
    if received and known and edition < known.edition:
        await outbox.done(tx, received)
        return
    edition = edition or _next_edition(tx, known)
    uri = _uri(received)
    author = await actors.get(tx.conn, row.author_id)
    if not author.is_local:
        uri = await outbox.send(
            tx, by, wire.join(row.uri, quantity, row.unit, edition), [author], about=row.uri
        )
    await pools.say(tx.conn, Said(row.id, by.id, quantity, False, edition, uri))
    if known is None or known.gone:
        await notices.tell(tx.conn, row.author_id, "me_too", by=by.id, proposal=row.id)
    await outbox.done(tx, received)
    if author.is_local:
        await _count(tx, row)


async def take_back(
    tx: Tx, *, by: Actor, proposal: Proposal, edition: int = 0, received: Received | None = None
) -> None:
    """Possible until the threshold is reached."""
    row = await proposals.lock(tx.conn, proposal.id)
    author = await actors.get(tx.conn, row.author_id)
    if received and not author.is_local:
        raise Missing(writing.NOT_HERE)
    known = await pools.lock_said(tx.conn, row.id, by.id)
    if received and known and edition < known.edition:
        await outbox.done(tx, received)
        return
    pool = await pools.find(tx.conn, row.id)
    if pool and pool.state == "reached" and known and not known.gone:
        raise Conflict(N_("The order stands already. Please talk with who organizes it."))
    if (known is None or known.gone) and not received:
        return
    edition = edition or _next_edition(tx, known)
    uri = _uri(received)
    if not author.is_local:
        uri = await outbox.send(tx, by, wire.leave(row.uri, edition), [author], about=row.uri)
    await pools.say(tx.conn, Said(row.id, by.id, None, True, edition, uri))
    await outbox.done(tx, received)
    if author.is_local and known and not known.gone:
        await _publish(tx, row)


def _next_edition(tx: Tx, known: Said | None) -> int:
    """Above all before it, also when the clock goes back."""
    return max((known.edition if known else 0) + 1, int(tx.instance.clock().timestamp()))


def _uri(received: Received | None) -> str:
    return str(received.document.get("id") or "") if received else ""


async def turn_away(tx: Tx, *, person: Actor, proposal: Proposal, uri: str) -> None:
    """Somebody elsewhere was too late: their word `uri` does not count."""
    author = await actors.get(tx.conn, proposal.author_id)
    await outbox.send(tx, author, {"type": "Reject", "object": uri}, [person], about=proposal.uri)


async def turned_away(tx: Tx, *, by: Actor, said: Said, received: Received) -> None:
    """The city of a need did not take the last word of one of ours: it is as it was before."""
    row = await proposals.lock(tx.conn, said.proposal_id)
    person = await actors.get(tx.conn, said.person_id)
    if by.id != row.author_id or by.is_local or not person.is_local:
        raise Forbidden(N_("Only its author can do that."))
    await pools.say(tx.conn, replace(said, gone=not said.gone, uri=""))
    text = "late" if said.gone else "refused"
    await notices.tell(tx.conn, person.id, "pool", by=by.id, proposal=row.id, text=text)
    await outbox.done(tx, received)


async def keep(tx: Tx, row: Proposal, document: Document) -> None:
    """What another city counts for a need of its own; our people who are in it are told."""
    said = wire.read(document)
    if row.purpose != "request":
        return
    if said is None:
        await pools.forget_sum(tx.conn, row.id)
        return
    await pools.put_sum(tx.conn, row.id, said.people, said.quantity)
    new, before = said.gathering, await pools.find(tx.conn, row.id)
    if new is None:
        return
    now = tx.instance.clock()
    await pools.put(
        tx.conn,
        Pool(
            row.id,
            row.author_id,
            new.kind,
            new.measure,
            new.threshold,
            new.ends,
            new.note,
            new.state,
            now,
        ),
    )
    if before is None and new.state == "gathering":
        await _invite(tx, row, row.author_id)
    elif before is not None and before.state != new.state:
        await _tell(tx, row.id, new.state)


async def gather(
    tx: Tx,
    *,
    by: Actor,
    proposal: Proposal,
    kind: Kind,
    measure: Measure,
    threshold: Decimal,
    ends: datetime,
    note: str,
) -> Pool:
    """One order or workshop of all who need the same; those with a need alike are invited."""
    row = await _need(tx, by, proposal.id, None)
    if not (await actors.get(tx.conn, row.author_id)).is_local:
        raise Missing(writing.NOT_HERE)
    errors: dict[str, str] = {}
    if not 0 < threshold <= MOST or (measure == "people" and threshold < 2):
        errors["threshold"] = N_("Please say from how many on it happens.")
    if ends <= tx.instance.clock():
        errors["ends"] = N_("Please choose a day that is still to come.")
    if len(note) > LONGEST_NOTE:
        errors["note"] = N_("That is too long.")
    if errors:
        raise Invalid(errors)
    now = tx.instance.clock()
    pool = Pool(row.id, by.id, kind, measure, threshold, ends, note.strip(), "gathering", now)
    if not await pools.insert(tx.conn, pool):
        raise Conflict(N_("There is one already."))
    await _invite(tx, row, by.id)
    await _count(tx, row)
    return await pools.find(tx.conn, row.id) or pool


async def _invite(tx: Tx, row: Proposal, by: UUID) -> None:
    """Those who are in it, and those with a need alike."""
    known = await pools.list_people(tx.conn, row.id)
    alike = await pools.list_alike(tx.conn, row.id)
    for person in dict.fromkeys([*known, *alike]):
        await notices.tell(tx.conn, person, "pool", by=by, proposal=row.id, text="gathering")


async def end_due(tx: Tx) -> int:
    """Below the threshold in the end: nobody owes anything, and all are told. For the sweep."""
    found = await pools.list_over(tx.conn, tx.instance.clock())
    for pool in found:
        if await pools.set_state(tx.conn, pool.proposal_id, "missed"):
            await _tell(tx, pool.proposal_id, "missed")
            await _publish(tx, await proposals.get(tx.conn, pool.proposal_id))
    return len(found)


async def _count(tx: Tx, row: Proposal) -> None:
    """Reached as soon as there are enough; other cities hear the new numbers."""
    pool = await pools.find(tx.conn, row.id)
    if pool and pool.state == "gathering" and pool.ends > tx.instance.clock():
        reached = (await pools.count(tx.conn, row.id, None)).of(pool.measure) >= pool.threshold
        if reached and await pools.set_state(tx.conn, row.id, "reached"):
            await _tell(tx, row.id, "reached")
    await _publish(tx, row)


async def _publish(tx: Tx, row: Proposal) -> None:
    await publishing.touch(tx.conn, row.id, tx.instance.clock())
    await listings.announce_change(tx, await proposals.get(tx.conn, row.id))


async def _tell(tx: Tx, proposal_id: UUID, state: str) -> None:
    for person in await pools.list_people(tx.conn, proposal_id):
        await notices.tell(tx.conn, person, "pool", proposal=proposal_id, text=state)


async def _need(tx: Tx, by: Actor, id: UUID, received: Received | None) -> Proposal:
    """A need that is open and that they may see, of this place or, for one of ours, of another;
    locked, so that sums hold."""
    row = await proposals.lock(tx.conn, id)
    author = await actors.get(tx.conn, row.author_id)
    if row.purpose != "request" or (received and not author.is_local):
        raise Missing(writing.NOT_HERE)
    community = await writing.community_of(tx.conn, row.community_id)
    await writing.check_listing(tx, by, row, community, received)
    if row.state != "open" or row.is_over(tx.instance.clock()):
        raise Conflict(N_("This need is over."))
    return row
