"""Pools: saying "me too" on a need; one order or workshop from a threshold on."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from federation.acts import writing
from federation.instance import Tx
from schema import notices, pools, proposals
from schema.actors import Actor
from schema.errors import Conflict, Invalid, Missing
from schema.pools import Kind, Measure, Pool
from schema.proposals import Proposal
from schema.words import N_

MOST: Final = Decimal(1_000_000)
LONGEST_NOTE: Final = 500


async def me_too(tx: Tx, *, by: Actor, proposal: Proposal, quantity: Decimal | None) -> None:
    """`quantity` in the need's unit; saying it again changes the amount."""
    row = await _need(tx, by, proposal.id)
    if row.author_id == by.id:
        raise Conflict(N_("This is your own need."))
    if quantity is not None and not 0 < quantity <= MOST:
        raise Invalid(
            {"quantity": N_("Please give a number above zero, with three places at most.")}
        )
    if await pools.say(tx.conn, row.id, by.id, quantity):
        await notices.tell(tx.conn, row.author_id, "me_too", by=by.id, proposal=row.id)
    await _count(tx, row)


async def take_back(tx: Tx, *, by: Actor, proposal: Proposal) -> None:
    """Possible until the threshold is reached."""
    pool = await pools.find(tx.conn, proposal.id)
    if pool and pool.state == "reached":
        raise Conflict(N_("The order stands already. Please talk with who organizes it."))
    await pools.take_back(tx.conn, proposal.id, by.id)


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
    row = await _need(tx, by, proposal.id)
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
    known = await pools.list_people(tx.conn, row.id)
    alike = await pools.list_alike(tx.conn, row.id)
    for person in dict.fromkeys([*known, *alike]):
        await notices.tell(tx.conn, person, "pool", by=by.id, proposal=row.id, text="gathering")
    await _count(tx, row)
    return await pools.find(tx.conn, row.id) or pool


async def end_due(tx: Tx) -> int:
    """Below the threshold in the end: nobody owes anything, and all are told. For the sweep."""
    found = await pools.list_over(tx.conn, tx.instance.clock())
    for pool in found:
        if await pools.set_state(tx.conn, pool.proposal_id, "missed"):
            await _tell(tx, pool.proposal_id, "missed")
    return len(found)


async def _count(tx: Tx, row: Proposal) -> None:
    """Reached as soon as there are enough."""
    pool = await pools.find(tx.conn, row.id)
    if pool is None or pool.state != "gathering" or pool.ends <= tx.instance.clock():
        return
    reached = (await pools.count(tx.conn, row.id, None)).of(pool.measure) >= pool.threshold
    if reached and await pools.set_state(tx.conn, row.id, "reached"):
        await _tell(tx, row.id, "reached")


async def _tell(tx: Tx, proposal_id: UUID, state: str) -> None:
    for person in await pools.list_people(tx.conn, proposal_id):
        await notices.tell(tx.conn, person, "pool", proposal=proposal_id, text=state)


async def _need(tx: Tx, by: Actor, id: UUID) -> Proposal:
    """A need of this place that is open and that they may see; locked, so that sums hold."""
    row = await proposals.lock(tx.conn, id)
    await writing.check_writer(tx, by, None, None)
    here = row.purpose == "request" and row.uri.startswith(tx.instance.config.origin + "/")
    if not here or not await proposals.may_see(tx.conn, id, by.id):
        raise Missing(writing.NOT_HERE)
    if row.state != "open" or row.is_over(tx.instance.clock()):
        raise Conflict(N_("This need is over."))
    return row
