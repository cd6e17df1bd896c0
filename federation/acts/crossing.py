"""Hours that cross a border: reserved here, offered to the other city, booked when it said yes."""

from decimal import Decimal
from typing import Final
from uuid import UUID

from federation import outbox
from federation.acts import booking
from federation.instance import Tx
from federation.wire import bridges as wire
from federation.wire.bridges import Event
from schema import activities, actors, bridges, hours, ids, notices
from schema.actors import Actor
from schema.agreements import Agreement
from schema.bridges import Transfer
from schema.errors import Conflict
from schema.hours import Kind, Rules
from schema.proposals import Proposal
from schema.words import N_

NO_BRIDGE: Final = N_("There is no bridge for hours to that city.")
BRIDGE_FULL: Final = N_("That would go beyond what the two cities have set for each other.")

UNANSWERED: Final = N_("Their city has not answered. If it still does, the hours are booked.")


async def book(tx: Tx, row: Agreement, listing: Proposal) -> None:
    """An agreement is done: its hours are booked here, or offered to the city of the one who gets
    them. Beyond the limits both are told and may ask for it again later."""
    if booking.hours_of(row) is None:
        return
    try:
        await book_now(tx, row, listing)
    except Conflict as refused:
        for party in (row.author_id, row.responder_id):
            await tell_refused(tx, party, row, refused.text)


async def tell_refused(tx: Tx, party: UUID, row: Agreement, reason: str) -> None:
    """The hours of an agreement could not be booked, and why."""
    await notices.tell(
        tx.conn,
        party,
        "hours.refused",
        agreement=row.id,
        proposal=row.proposal_id,
        text=reason,
    )


async def book_now(tx: Tx, row: Agreement, listing: Proposal) -> bool:
    """The same; Conflict beyond the limits. False where nobody here keeps hours for it."""
    amount = booking.hours_of(row)
    rules = await booking.ledger_of(tx, row, listing)
    if amount is not None and rules is not None:
        await booking.book_agreed(tx, row, listing, rules, amount)
        return True
    payer_id, taker_id = booking.ends_of(row, listing)
    payer, taker = await actors.get(tx.conn, payer_id), await actors.get(tx.conn, taker_id)
    if amount is None or row.by_notes or not payer.is_local or taker.is_local:
        return False
    home = await bridges.find_of_person(tx.conn, payer.id)
    rules = await hours.find_rules(tx.conn, home) if home else None
    bridge = await bridges.find(tx.conn, taker.peer or "")
    if rules is None or bridge is None or not bridge.limit:
        return False
    event = Event(row.key, payer.uri, taker.uri, amount, listing.title, True)
    await begin(tx, rules, payer, taker, event, row.id)
    return True


async def begin(
    tx: Tx, rules: Rules, payer: Actor, taker: Actor, event: Event, agreement_id: UUID | None
) -> Transfer:
    """Reserves the hours and offers them; once for each key. Conflict beyond the limits."""
    peer = taker.peer or ""
    bridge = await bridges.lock(tx.conn, peer)
    known = await bridges.find_transfer(tx.conn, event.key)
    if known is not None and known.state != "refused":
        return known
    if known is not None and known.reason == UNANSWERED:
        raise Conflict(UNANSWERED)  # a second offer could be booked beside the first
    other = await actors.find_city(tx.conn, peer)
    if other is None or not bridge.limit:
        raise Conflict(NO_BRIDGE)
    await booking.check_payer(tx, rules, payer.id, event.amount)
    if await balance_with(tx, other) - await reserved(tx, peer) - event.amount < -bridge.limit:
        raise Conflict(BRIDGE_FULL)
    city = await actors.get(tx.conn, tx.instance.city_id)
    uri = await outbox.send(tx, city, wire.offer(event), [other], about=event.key)
    now = tx.instance.clock()
    sent = await activities.find(tx.conn, uri)
    row = Transfer(
        id=known.id if known else ids.new(),
        key=event.key,
        peer=peer,
        outgoing=True,
        community_id=rules.community_id,
        person_id=payer.id,
        other_id=taker.id,
        agreement_id=agreement_id,
        amount=event.amount,
        text=event.text,
        state="reserved",
        reason="",
        offer_uri=uri,
        offer=sent.document if sent else "",
        receipt="",
        created=now,
        updated=now,
    )
    return await bridges.put_transfer(tx.conn, row)


async def balance_with(tx: Tx, other: Actor) -> Decimal:
    """Above zero: they owe us; below: we owe them. The same number with the other sign there."""
    return -await hours.balance_of(tx.conn, tx.instance.city_id, other.id)


async def reserved(tx: Tx, peer: str) -> Decimal:
    """What is on its way to that city."""
    return await bridges.reserved_across(tx.conn, peer)


async def enter_both(tx: Tx, row: Transfer, other: Actor) -> None:
    """The lines of the person against our city in the community's ledger, and in our city's
    ledger those of the community against the other city."""
    city = tx.instance.city_id
    kind: Kind = "agreement" if row.agreement_id else "gift"
    name = f"{kind}:{row.key}"
    payer, taker = (row.person_id, city) if row.outgoing else (city, row.person_id)
    await booking.enter(
        tx,
        row.community_id,
        key=name,
        kind=kind,
        payer=payer,
        taker=taker,
        amount=row.amount,
        by=row.person_id if row.outgoing else row.other_id,
        text=row.text,
        agreement=row.agreement_id,
    )
    group = row.community_id
    payer, taker = (group, other.id) if row.outgoing else (other.id, group)
    await booking.enter(
        tx,
        city,
        key=f"bridge:{name}",
        kind="bridge",
        payer=payer,
        taker=taker,
        amount=row.amount,
        by=None,
        text=row.text,
        agreement=row.agreement_id,
    )


async def unbook(tx: Tx, row: Agreement) -> None:
    """The moderators say that it did not come about: counter-entries for all that was booked."""
    for name in (f"agreement:{row.key}", f"bridge:agreement:{row.key}"):
        made = await hours.find_by_key(tx.conn, name)
        if made is not None and not await hours.is_corrected(tx.conn, made.id):
            await booking.counter(tx, made, None, made.text)
