"""Hours: a community turns them on; they are booked from agreements, given, corrected, moved."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from federation.acts import sealing
from federation.instance import Tx
from schema import hours, ids, logs, memberships, notices
from schema.actors import Actor
from schema.agreements import Agreement
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.hours import Account, Balances, Booking, Kind, Leaving, Rules
from schema.proposals import Proposal
from schema.words import N_

MOST: Final = Decimal(10_000)
_NOT_HERE: Final = N_("This community keeps no hours.")
_HOW_MUCH: Final = N_("Please give hours above zero, with two places at most.")
PAYER_FULL: Final = N_("That would go below the limit that this community has set.")
TAKER_FULL: Final = N_("That would go above the limit that this community has set.")


@dataclass(frozen=True, slots=True)
class Choice:
    """What stewards choose for their community; `low` is zero or below."""

    on: bool
    low: Decimal
    high: Decimal
    balances: Balances = "private"
    leaving: Leaving = "moves"


async def choose(tx: Tx, *, by: Actor, community: Community, choice: Choice) -> Rules:
    """A steward turns hours on or off, or changes the rules. Invalid for limits."""
    await _check_steward(tx, by, community)
    errors: dict[str, str] = {}
    if not -MOST <= choice.low <= 0 or choice.low != round(choice.low, 2):
        errors["low"] = N_("How far below zero, such as 20.")
    if not 0 <= choice.high <= MOST or choice.high != round(choice.high, 2):
        errors["high"] = N_("How far above zero, such as 40.")
    if errors:
        raise Invalid(errors)
    known = await hours.find_rules(tx.conn, community.actor_id)
    now = tx.instance.clock()
    ended = None if choice.on else (known.ended_at if known and known.ended_at else now)
    await logs.write(tx.conn, by, "hours", community.uri, f"{choice.low} {choice.high}")
    return await hours.put_rules(
        tx.conn,
        community.actor_id,
        low=choice.low,
        high=choice.high,
        balances=choice.balances,
        leaving=choice.leaving,
        ended_at=ended,
    )


async def _check_steward(tx: Tx, by: Actor, community: Community) -> None:
    if not community.is_local:
        raise Forbidden("This community decides that in its own place.")
    mine = await memberships.find(tx.conn, community.actor_id, by.id)
    if mine is None or not mine.is_steward:
        raise Forbidden("Only a steward of this community can do that.")


async def give(
    tx: Tx, *, by: Actor, community: Community, to: Actor, amount: Decimal, text: str, id: UUID
) -> Booking:
    """One member gives hours to another, with a word; `id` is minted by the form, so that a
    double press gives once. Conflict beyond the limits."""
    rules = await _rules(tx, community)
    check_amount(amount)
    if to.id == by.id:
        raise Invalid({"to": N_("Please choose somebody else.")})
    for person in (by, to):
        known = await memberships.find(tx.conn, community.actor_id, person.id)
        if known is None or not known.is_member:
            raise Forbidden(N_("Hours go from member to member."))
    said = sealing.check_text(text, "text", N_("Please say what for."))[:500]
    key = f"gift:{by.id}:{id}"
    made = await enter(
        tx,
        rules,
        key=key,
        kind="gift",
        payer=by.id,
        taker=to.id,
        amount=amount,
        by=by.id,
        text=said,
    )
    if made is None:
        return await _booked(tx, key)
    await notices.tell(
        tx.conn, to.id, "hours.given", by=by.id, community=community.actor_id, text=said
    )
    return made


async def _booked(tx: Tx, key: str) -> Booking:
    found = await hours.find_by_key(tx.conn, key)
    if found is None:
        raise Missing("There is nothing here, or it is not meant for you.")
    return found


def check_amount(amount: Decimal) -> None:
    """Invalid unless above zero, in hundredths."""
    if not 0 < amount <= MOST or amount != round(amount, 2):
        raise Invalid({"amount": _HOW_MUCH})


async def _rules(tx: Tx, community: Community) -> Rules:
    found = await hours.find_rules(tx.conn, community.actor_id)
    if found is None or not found.is_on or community.closed_at:
        raise Conflict(_NOT_HERE)
    return found


async def enter(
    tx: Tx,
    rules: Rules,
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
) -> Booking | None:
    """The two lines, once for each key: None when it is booked already. Conflict beyond the
    limits of people; what is corrected or left behind knows none."""
    known = await hours.lock_accounts(tx.conn, rules.community_id, (payer, taker))
    if await hours.find_by_key(tx.conn, key) is not None:
        return None
    if kind in ("agreement", "gift"):
        await _check_limits(tx, rules, known[payer], known[taker], amount)
    row = Booking(
        id=ids.new(),
        key=key,
        community_id=rules.community_id,
        kind=kind,
        agreement_id=agreement,
        corrects=corrects,
        by_id=by,
        text=text,
        created=tx.instance.clock(),
    )
    added = await hours.insert(tx.conn, row, payer=known[payer], taker=known[taker], amount=amount)
    return row if added else None


async def _check_limits(
    tx: Tx, rules: Rules, payer: Account, taker: Account, amount: Decimal
) -> None:
    if await hours.balance(tx.conn, payer.id) - amount < rules.low:
        raise Conflict(PAYER_FULL)
    if await hours.balance(tx.conn, taker.id) + amount > rules.high:
        raise Conflict(TAKER_FULL)


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
    known = await hours.lock_accounts(tx.conn, rules.community_id, (payer, taker))
    await _check_limits(tx, rules, known[payer], known[taker], amount)


async def book(tx: Tx, row: Agreement, listing: Proposal) -> Booking | None:
    """An agreement is done: its hours are booked, exactly once. Beyond the limits both are told
    and may ask for it again later."""
    amount = hours_of(row)
    rules = await ledger_of(tx, row, listing) if amount is not None else None
    if amount is None or rules is None:
        return None
    try:
        return await _book(tx, row, listing, rules, amount)
    except Conflict as refused:
        for party in (row.author_id, row.responder_id):
            await notices.tell(
                tx.conn,
                party,
                "hours.refused",
                agreement=row.id,
                proposal=row.proposal_id,
                text=refused.text,
            )
    return None


async def _book(
    tx: Tx, row: Agreement, listing: Proposal, rules: Rules, amount: Decimal
) -> Booking | None:
    payer, taker = ends_of(row, listing)
    return await enter(
        tx,
        rules,
        key=f"agreement:{row.key}",
        kind="agreement",
        payer=payer,
        taker=taker,
        amount=amount,
        by=None,
        text=listing.title,
        agreement=row.id,
    )


async def book_again(tx: Tx, *, by: Actor, agreement: Agreement) -> Booking | None:
    """One of the two asks for what did not fit before. Conflict while it still does not."""
    row, listing = await sealing.opened(tx, agreement.id)
    sealing.check_party(row, by)
    amount = hours_of(row)
    rules = await ledger_of(tx, row, listing) if amount is not None else None
    if row.state != "done" or amount is None or rules is None:
        raise Conflict(_NOT_HERE)
    return await _book(tx, row, listing, rules, amount)


async def unbook(tx: Tx, row: Agreement) -> None:
    """The moderators say that it did not come about: a counter-entry, if it was booked."""
    made = await hours.find_by_key(tx.conn, f"agreement:{row.key}")
    if made is not None and not await hours.is_corrected(tx.conn, made.id):
        await _counter(tx, made, None, made.text)


async def correct(tx: Tx, *, by: Actor, community: Community, booking: Booking, text: str) -> None:
    """A steward takes a booking back by a counter-entry; both are told why."""
    await _check_steward(tx, by, community)
    if booking.community_id != community.actor_id:
        raise Missing("There is nothing here, or it is not meant for you.")
    if booking.corrects or await hours.is_corrected(tx.conn, booking.id):
        raise Conflict(N_("This is corrected already."))
    said = sealing.check_text(text, "text", N_("Please say why; both will read it."))[:500]
    await logs.write(tx.conn, by, "correct hours", str(booking.id), said)
    await _counter(tx, booking, by.id, said)
    for entry in await hours.list_entries(tx.conn, booking.id):
        await notices.tell(
            tx.conn,
            entry.owner_id,
            "hours.corrected",
            by=by.id,
            community=community.actor_id,
            text=said,
        )


async def _counter(tx: Tx, booking: Booking, by: UUID | None, text: str) -> None:
    rules = await hours.find_rules(tx.conn, booking.community_id)
    lines = await hours.list_entries(tx.conn, booking.id)
    if rules is None or len(lines) != 2:
        raise Conflict(_NOT_HERE)
    await enter(
        tx,
        rules,
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
    await _hand_over(tx, rules, by.id, by.id, left, "")


async def take_over(tx: Tx, *, by: Actor, community: Community, person: Actor, text: str) -> None:
    """A steward decides that the community takes over somebody's balance, with the reason."""
    await _check_steward(tx, by, community)
    rules = await hours.find_rules(tx.conn, community.actor_id)
    if rules is None:
        raise Conflict(_NOT_HERE)
    said = sealing.check_text(text, "text", N_("Please say why; both will read it."))[:500]
    known = await hours.lock_accounts(tx.conn, community.actor_id, (person.id, community.actor_id))
    left = await hours.balance(tx.conn, known[person.id].id)
    if not left or person.id == community.actor_id or person.kind == "city":
        raise Conflict(N_("There is nothing to take over."))
    await logs.write(tx.conn, by, "take over hours", person.uri, f"{left} {said}")
    await _hand_over(tx, rules, person.id, by.id, left, said)
    await notices.tell(
        tx.conn, person.id, "hours.corrected", by=by.id, community=community.actor_id, text=said
    )


async def _hand_over(
    tx: Tx, rules: Rules, person: UUID, by: UUID, left: Decimal, text: str
) -> None:
    if not left:
        return
    pot = rules.community_id
    await enter(
        tx,
        rules,
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
