"""Hours: a community turns them on; they are given, corrected, and taken over."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from federation.acts import booking, crossing, sealing
from federation.instance import Tx
from schema import hours, logs, memberships, notices
from schema.actors import Actor
from schema.agreements import Agreement
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.hours import Balances, Booking, Leaving, Rules
from schema.words import N_


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
    if not -booking.MOST <= choice.low <= 0 or choice.low != round(choice.low, 2):
        errors["low"] = N_("How far below zero, such as 20.")
    if not 0 <= choice.high <= booking.MOST or choice.high != round(choice.high, 2):
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
    booking.check_amount(amount)
    if to.id == by.id:
        raise Invalid({"to": N_("Please choose somebody else.")})
    for person in (by, to):
        known = await memberships.find(tx.conn, community.actor_id, person.id)
        if known is None or not known.is_member:
            raise Forbidden(N_("Hours go from member to member."))
    said = sealing.check_text(text, "text", N_("Please say what for."))[:500]
    key = f"gift:{by.id}:{id}"
    made = await booking.enter(
        tx,
        rules.community_id,
        limits=rules,
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


async def _rules(tx: Tx, community: Community) -> Rules:
    found = await hours.find_rules(tx.conn, community.actor_id)
    if found is None or not found.is_on or community.closed_at:
        raise Conflict(booking.NOT_HERE)
    return found


async def book_again(tx: Tx, *, by: Actor, agreement: Agreement) -> None:
    """One of the two asks for what did not fit before. Conflict while it still does not."""
    row, listing = await sealing.opened(tx, agreement.id)
    sealing.check_party(row, by)
    if row.state != "done" or not await crossing.book_now(tx, row, listing):
        raise Conflict(booking.NOT_HERE)


async def correct(tx: Tx, *, by: Actor, community: Community, made: Booking, text: str) -> None:
    """A steward takes a booking back by a counter-entry; both are told why."""
    await _check_steward(tx, by, community)
    if made.community_id != community.actor_id:
        raise Missing("There is nothing here, or it is not meant for you.")
    if made.corrects or await hours.is_corrected(tx.conn, made.id):
        raise Conflict(N_("This is corrected already."))
    lines = await hours.list_entries(tx.conn, made.id)
    if tx.instance.city_id in [line.owner_id for line in lines]:
        raise Conflict(N_("What crossed a border is put right by giving it back."))
    said = sealing.check_text(text, "text", N_("Please say why; both will read it."))[:500]
    await logs.write(tx.conn, by, "correct hours", str(made.id), said)
    await booking.counter(tx, made, by.id, said)
    for entry in lines:
        await notices.tell(
            tx.conn,
            entry.owner_id,
            "hours.corrected",
            by=by.id,
            community=community.actor_id,
            text=said,
        )


async def take_over(tx: Tx, *, by: Actor, community: Community, person: Actor, text: str) -> None:
    """A steward decides that the community takes over somebody's balance, with the reason."""
    await _check_steward(tx, by, community)
    rules = await hours.find_rules(tx.conn, community.actor_id)
    if rules is None:
        raise Conflict(booking.NOT_HERE)
    said = sealing.check_text(text, "text", N_("Please say why; both will read it."))[:500]
    known = await hours.lock_accounts(tx.conn, community.actor_id, (person.id, community.actor_id))
    left = await hours.balance(tx.conn, known[person.id].id)
    if not left or person.id == community.actor_id or person.kind == "city":
        raise Conflict(N_("There is nothing to take over."))
    await logs.write(tx.conn, by, "take over hours", person.uri, f"{left} {said}")
    await booking.hand_over(tx, rules, person.id, by.id, left, said)
    await notices.tell(
        tx.conn, person.id, "hours.corrected", by=by.id, community=community.actor_id, text=said
    )
