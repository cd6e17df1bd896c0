"""What is booked in hours: two lines each, once; from agreements, by corrections, on leaving."""

from decimal import Decimal
from typing import Final
from uuid import UUID

from federation.instance import Tx
from schema import bridges, hours, ids
from schema.actors import Actor
from schema.agreements import Agreement
from schema.errors import Conflict, Invalid
from schema.hours import Account, Booking, Kind, Rules
from schema.proposals import Proposal
from schema.words import N_

MOST: Final = Decimal(10_000)
NOT_HERE: Final = N_("This community keeps no hours.")
_HOW_MUCH: Final = N_("Please give hours above zero, with two places at most.")
PAYER_FULL: Final = N_("That would go below the limit that this community has set.")
TAKER_FULL: Final = N_("That would go above the limit that this community has set.")


def check_amount(amount: Decimal) -> None:
    """Invalid unless above zero, in hundredths."""
    if not 0 < amount <= MOST or amount != round(amount, 2):
        raise Invalid({"amount": _HOW_MUCH})


async def enter(
    tx: Tx,
    ledger: UUID,
    *,
    key: str,
    kind: Kind,
    payer: UUID,
    taker: UUID,
    amount: Decimal,
    by: UUID | None,
    text: str = "",
    agreement: UUID | None = None,
    corrects: UUID | None = None,
    limits: Rules | None = None,
) -> Booking | None:
    """The two lines, once for each key: None when it is booked already. Conflict beyond
    `limits`; what is corrected, left behind or was reserved knows none."""
    known = await hours.lock_accounts(tx.conn, ledger, (payer, taker))
    if await hours.find_by_key(tx.conn, key) is not None:
        return None
    if limits is not None:
        await _check_payer(tx, limits, known[payer], amount)
        await _check_taker(tx, limits, known[taker], amount)
    row = Booking(
        id=ids.new(),
        key=key,
        community_id=ledger,
        kind=kind,
        agreement_id=agreement,
        corrects=corrects,
        by_id=by,
        text=text,
        created=tx.instance.clock(),
    )
    added = await hours.insert(tx.conn, row, payer=known[payer], taker=known[taker], amount=amount)
    return row if added else None


async def _check_payer(tx: Tx, rules: Rules, payer: Account, amount: Decimal) -> None:
    left = await hours.balance(tx.conn, payer.id)
    promised = await bridges.reserved(tx.conn, rules.community_id, payer.owner_id)
    if left - promised - amount < rules.low:
        raise Conflict(PAYER_FULL)


async def _check_taker(tx: Tx, rules: Rules, taker: Account, amount: Decimal) -> None:
    if await hours.balance(tx.conn, taker.id) + amount > rules.high:
        raise Conflict(TAKER_FULL)


async def check_payer(tx: Tx, rules: Rules, payer: UUID, amount: Decimal) -> None:
    """Conflict when somebody cannot give so much; their account is locked from then on."""
    known = await hours.lock_accounts(tx.conn, rules.community_id, (payer,))
    await _check_payer(tx, rules, known[payer], amount)


async def check_taker(tx: Tx, rules: Rules, taker: UUID, amount: Decimal) -> None:
    """Conflict when somebody cannot take so much; their account is locked from then on."""
    known = await hours.lock_accounts(tx.conn, rules.community_id, (taker,))
    await _check_taker(tx, rules, known[taker], amount)


def hours_of(row: Agreement) -> Decimal | None:
    """What an agreement gives in return, in hundredths; what is counted in hours anyway counts
    as it is. None when nobody said it."""
    if row.return_kind != "hours":
        return None
    said = row.hours if row.hours is not None else row.amount if row.unit == "h" else None
    found = round(said, 2) if said is not None else None
    return found if found and found <= MOST else None


def ends_of(row: Agreement, listing: Proposal) -> tuple[UUID, UUID]:
    """Who pays the hours, and who gets them: whoever gives the thing."""
    offered = listing.purpose == "offer"
    giver = row.author_id if offered else row.responder_id
    return row.other(giver), giver


async def ledger_of(tx: Tx, row: Agreement, listing: Proposal) -> Rules | None:
    """Where it is booked: in the listing's community, or the oldest that both belong to here."""
    shared = await hours.list_shared(tx.conn, row.author_id, row.responder_id)
    if not shared:
        return None
    of_listing = [id for id in shared if id == listing.community_id]
    return await hours.find_rules(tx.conn, (of_listing or shared)[0])


async def check_room(tx: Tx, row: Agreement, listing: Proposal) -> None:
    """Before somebody says yes: Conflict when what is agreed could not be booked today."""
    amount, rules = hours_of(row), await ledger_of(tx, row, listing)
    if amount is None or rules is None:
        return
    payer, taker = ends_of(row, listing)
    await hours.lock_accounts(tx.conn, rules.community_id, (payer, taker))
    await check_payer(tx, rules, payer, amount)
    await check_taker(tx, rules, taker, amount)


async def book_agreed(
    tx: Tx, row: Agreement, listing: Proposal, rules: Rules, amount: Decimal
) -> Booking | None:
    """The same; Conflict beyond the limits, None when it is booked already."""
    payer, taker = ends_of(row, listing)
    return await enter(
        tx,
        rules.community_id,
        limits=rules,
        key=f"agreement:{row.key}",
        kind="agreement",
        payer=payer,
        taker=taker,
        amount=amount,
        by=None,
        text=listing.title,
        agreement=row.id,
    )


async def counter(tx: Tx, booking: Booking, by: UUID | None, text: str) -> None:
    """What takes a booking back; at most once."""
    lines = await hours.list_entries(tx.conn, booking.id)
    await enter(
        tx,
        booking.community_id,
        key=f"correction:{booking.id}",
        kind="correction",
        payer=lines[1].owner_id,
        taker=lines[0].owner_id,
        amount=lines[1].amount,
        by=by,
        text=text,
        agreement=booking.agreement_id,
        corrects=booking.id,
    )


async def leave(tx: Tx, *, by: Actor, community_id: UUID, asked: bool = True) -> None:
    """Who leaves hands the balance over to the community, and it is written down. Conflict where
    the community asks for zero and the one who leaves was asked; who closes their account, or
    leaves from elsewhere, was not."""
    rules = await hours.find_rules(tx.conn, community_id)
    if rules is None:
        return
    known = await hours.lock_accounts(tx.conn, community_id, (by.id, community_id))
    left = await hours.balance(tx.conn, known[by.id].id)
    if left and asked and rules.leaving == "zero" and rules.is_on:
        raise Conflict(N_("Here one leaves with zero hours. A steward can take over the rest."))
    await hand_over(tx, rules, by.id, by.id, left, "")


async def hand_over(tx: Tx, rules: Rules, person: UUID, by: UUID, left: Decimal, text: str) -> None:
    """All that somebody has or owes becomes the community's."""
    if not left:
        return
    pot = rules.community_id
    await enter(
        tx,
        pot,
        key=f"leaving:{ids.new()}",
        kind="leaving",
        payer=person if left > 0 else pot,
        taker=pot if left > 0 else person,
        amount=abs(left),
        by=by,
        text=text,
    )


async def leave_all(tx: Tx, *, by: Actor) -> None:
    """The account is closed: whatever is left goes to the communities it is left in."""
    for community_id in await hours.list_held(tx.conn, by.id):
        await leave(tx, by=by, community_id=community_id, asked=False)
