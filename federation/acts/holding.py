"""What circles hold of listings of this city until it is decided: out of what is left, and back."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from federation.acts import proposals
from federation.instance import Tx
from schema import agreements, circles
from schema import proposals as listings
from schema.circles import Part
from schema.proposals import Proposal


def before(parts: Sequence[Part], position: int) -> Part:
    """The hand-over to the party of this position."""
    return parts[position - 1]


async def hold(tx: Tx, parts: Sequence[Part], position: int) -> bool:
    """Takes what this party of ours gives, and of their need what they get, out of what is left;
    both or, when one is not there any more, nothing."""
    gives, gets = parts[position], before(parts, position)
    if gives.offer_id is None or gets.need_id is None:
        return False
    wanted = {gives.offer_id: gives.amount, gets.need_id: gets.need_amount}
    rows = {id: await listings.lock(tx.conn, id) for id in sorted(wanted)}
    if not all(_has(tx, rows[id], amount) for id, amount in wanted.items()):
        return False
    offer_held = await _take(tx, rows[gives.offer_id], gives.amount)
    need_held = await _take(tx, rows[gets.need_id], gets.need_amount)
    await circles.hold(tx.conn, gives.circle_id, gives.position, offer=offer_held)
    await circles.hold(tx.conn, gets.circle_id, gets.position, need=need_held)
    return True


def _has(tx: Tx, row: Proposal, amount: Decimal | None) -> bool:
    if row.state != "open" or row.is_over(tx.instance.clock()):
        return False
    return row.available is None or (amount is not None and amount <= row.available)


async def _take(tx: Tx, row: Proposal, amount: Decimal | None) -> Decimal | None:
    """The row is locked and has it; None where nothing is counted."""
    if row.available is None or amount is None:
        return None
    await agreements.take(tx.conn, row.id, amount, tx.instance.clock())
    await proposals.announce_change(tx, await listings.get(tx.conn, row.id))
    return amount


async def release(tx: Tx, parts: Sequence[Part]) -> None:
    """All that is held for these is there again for others."""
    held = [(part.offer_id, part.offer_held) for part in parts]
    held += [(part.need_id, part.need_held) for part in parts]
    for id, amount in sorted((id, amount) for id, amount in held if id and amount):
        await _give_back(tx, id, amount)
    for part in parts:
        await circles.let_go(tx.conn, part.circle_id, part.position, offer=True, need=True)


async def free_need(tx: Tx, agreement_id: UUID) -> None:
    """A hand-over of a circle came to nothing: the need it was for is as open as before."""
    part = await circles.find_part(tx.conn, agreement_id)
    if part is None or part.need_id is None or part.need_held is None:
        return
    await circles.let_go(tx.conn, part.circle_id, part.position, need=True)
    await _give_back(tx, part.need_id, part.need_held)


async def _give_back(tx: Tx, id: UUID, amount: Decimal) -> None:
    if await agreements.give_back(tx.conn, id, amount, tx.instance.clock()):
        await proposals.announce_change(tx, await listings.get(tx.conn, id))
