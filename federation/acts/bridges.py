"""Bridges for hours: limits between two cities, and what another city offers or answers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import orjson

from federation import origins, outbox
from federation.acts import booking, crossing, sealing
from federation.documents import Document
from federation.errors import Unreachable
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import bridges as wire
from federation.wire import notes
from federation.wire.bridges import Event
from schema import (
    actors,
    agreements,
    bridges,
    hours,
    ids,
    logs,
    memberships,
    notices,
    peers,
    proposals,
)
from schema.actors import Actor
from schema.bridges import Transfer
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Invalid
from schema.hours import Rules
from schema.words import N_

NOT_THEIRS: Final = "Only the two cities can do that."
PATIENCE: Final = timedelta(days=14)
NO_ACCOUNT: Final = N_("They belong to no community that keeps hours.")
OTHERWISE: Final = N_("This is not what was agreed, or it is booked already.")


async def limit(tx: Tx, *, by: Actor, other: Actor, most: Decimal) -> None:
    """An admin sets how far the balance with a neighbour city may go; they are told. Zero closes
    the bridge for what is new."""
    if not 0 <= most <= booking.MOST or most != round(most, 2):
        raise Invalid({"most": N_("Please give hours from zero on, such as 50.")})
    peer = other.peer or ""
    if (await peers.get(tx.conn, peer)).link != "linked" or other.kind != "city":
        raise Conflict(N_("Only neighbour cities can have a bridge."))
    await bridges.lock(tx.conn, peer)
    await bridges.set_ours(tx.conn, peer, most)
    await logs.write(tx.conn, by, "hours bridge", peer, f"{most}")
    city = await actors.get(tx.conn, tx.instance.city_id)
    body = wire.limit(most, notes.moment(tx.instance.clock()))
    await outbox.send(tx, city, body, [other], about=f"{peer}#hours")


async def limited(tx: Tx, *, by: Actor, activity: Document, received: Received) -> None:
    """The other city says how far it would go."""
    peer = await _neighbour(tx, by)
    most, at = wire.read_limit(activity)
    await bridges.lock(tx.conn, peer)
    await bridges.set_theirs(tx.conn, peer, most, min(at, tx.instance.clock()))
    await outbox.done(tx, received)


async def _neighbour(tx: Tx, by: Actor) -> str:
    """The origin of a city that speaks for itself; Forbidden for anybody else."""
    known = await peers.find(tx.conn, by.peer or "")
    if known is None or by.kind != "city" or known.link != "linked" or known.blocked_at:
        raise Forbidden(NOT_THEIRS)
    return known.origin


async def give(
    tx: Tx,
    *,
    by: Actor,
    community: Community,
    to: Actor,
    amount: Decimal,
    text: str,
    id: UUID,
) -> Transfer:
    """A member gives hours to somebody in a neighbour city; their city says yes or no."""
    rules = await hours.find_rules(tx.conn, community.actor_id)
    if rules is None or not rules.is_on or community.closed_at:
        raise Conflict(booking.NOT_HERE)
    booking.check_amount(amount)
    mine = await memberships.find(tx.conn, community.actor_id, by.id)
    if mine is None or not mine.is_member:
        raise Forbidden(N_("Hours go from member to member."))
    if to.is_local or to.kind != "person":
        raise Invalid({"address": N_("Please choose somebody else.")})
    said = sealing.check_text(text, "text", N_("Please say what for."))[:500]
    key = tx.addresses.activity(id)
    event = Event(key, by.uri, to.uri, amount, said, of_agreement=False)
    return await crossing.begin(tx, rules, by, to, event, None)


async def offered(
    tx: Tx, *, by: Actor, event: Event, offer_uri: str, received: Received
) -> Transfer | None:
    """Another city has reserved hours for one of ours: they are booked and a receipt goes back,
    or they are refused with the reason. The same offer again gets the same answer."""
    peer = await _neighbour(tx, by)
    if not origins.same_origin(event.provider, by.uri):
        raise Forbidden(NOT_THEIRS)
    await bridges.lock(tx.conn, peer)
    known = await bridges.find_transfer(tx.conn, event.key)
    if known is not None and (known.outgoing or known.peer != peer):
        raise Forbidden(NOT_THEIRS)
    await outbox.done(tx, received)
    city = await actors.get(tx.conn, tx.instance.city_id)
    if known is not None and known.state == "booked":
        same = known.amount == event.amount and known.offer_uri == offer_uri
        if same:
            await outbox.send(tx, city, orjson.loads(known.receipt), [by], about=event.key)
        return known
    try:
        row = await _taken(tx, by, peer, event)
    except Conflict as refused:
        body = wire.reject(event, offer_uri, refused.text)
        await outbox.send(tx, city, body, [by], about=event.key)
        return None
    row = replace(row, id=known.id) if known else row
    body = wire.accept(event, offer_uri, tx.addresses.activity(row.id) + "#hours")
    offer = orjson.dumps(received.document).decode()
    receipt = orjson.dumps(body).decode()
    row = replace(row, offer_uri=offer_uri, offer=offer, receipt=receipt)
    stored = await bridges.put_transfer(tx.conn, row)
    await crossing.enter_both(tx, stored, by)
    await outbox.send(tx, city, body, [by], about=event.key)
    await notices.tell(
        tx.conn,
        stored.person_id,
        "hours.given",
        by=stored.other_id,
        community=stored.community_id,
        text=stored.text,
    )
    return stored


async def _taken(tx: Tx, by: Actor, peer: str, event: Event) -> Transfer:
    """What is to be stored; Conflict with the reason why not."""
    bridge = await bridges.lock(tx.conn, peer)
    taker, giver = await actors.find(tx.conn, event.receiver), await _giver(tx, event)
    if taker is None or not taker.is_local or taker.kind != "person":
        raise Conflict(NO_ACCOUNT)
    home = await bridges.find_of_person(tx.conn, taker.id)
    rules = await hours.find_rules(tx.conn, home) if home else None
    if rules is None:
        raise Conflict(NO_ACCOUNT)
    agreement_id = await _check_agreed(tx, event, giver, taker)
    if not bridge.limit:
        raise Conflict(crossing.NO_BRIDGE)
    await booking.check_taker(tx, rules, taker.id, event.amount)
    if await crossing.balance_with(tx, by) + event.amount > bridge.limit:
        raise Conflict(crossing.BRIDGE_FULL)
    return _row(tx, peer, rules, event, giver.id, taker.id, agreement_id)


async def _giver(tx: Tx, event: Event) -> Actor:
    found = await actors.find(tx.conn, event.provider)
    if found is None:
        raise Unreachable("who gives these hours is not known here yet")
    return found


async def _check_agreed(tx: Tx, event: Event, giver: Actor, taker: Actor) -> UUID | None:
    """The agreement that it comes of says the same here; Conflict otherwise."""
    row = await agreements.find(tx.conn, event.key)
    if row is None and not event.of_agreement:
        if not origins.same_origin(event.key, event.provider):
            raise Conflict(OTHERWISE)
        return None
    if row is None:
        raise Unreachable("the agreement has not arrived yet")
    if row.is_open:
        raise Unreachable("the hand-over is not confirmed here yet")
    listing = await proposals.get(tx.conn, row.proposal_id)
    ends = booking.ends_of(row, listing) == (giver.id, taker.id)
    booked = await hours.find_by_key(tx.conn, f"agreement:{row.key}")
    if row.state != "done" or not ends or booking.hours_of(row) != event.amount or booked:
        raise Conflict(OTHERWISE)
    return row.id


def _row(
    tx: Tx,
    peer: str,
    rules: Rules,
    event: Event,
    giver: UUID,
    taker: UUID,
    agreement_id: UUID | None,
) -> Transfer:
    now = tx.instance.clock()
    return Transfer(
        id=ids.new(),
        key=event.key,
        peer=peer,
        outgoing=False,
        community_id=rules.community_id,
        person_id=taker,
        other_id=giver,
        agreement_id=agreement_id,
        amount=event.amount,
        text=event.text,
        state="booked",
        reason="",
        offer_uri="",
        offer="",
        receipt="",
        created=now,
        updated=now,
    )


async def accepted(
    tx: Tx, *, by: Actor, event: Event, offer_uri: str, received: Received
) -> Transfer | None:
    """The other city has booked what we offered: so do we. None when it is nothing of ours."""
    row = await _waiting(tx, by, event, offer_uri, received)
    if row is None:
        return None
    receipt = orjson.dumps(received.document).decode()
    now = tx.instance.clock()
    row = await bridges.put_transfer(
        tx.conn, replace(row, state="booked", reason="", receipt=receipt, updated=now)
    )
    await crossing.enter_both(tx, row, by)
    made = await agreements.find(tx.conn, row.key) if row.agreement_id else None
    if made is not None and made.state == "cancelled":
        await crossing.unbook(tx, made)
    return row


async def refused(
    tx: Tx, *, by: Actor, event: Event, offer_uri: str, reason: str, received: Received
) -> Transfer | None:
    """The other city did not take them: they are free again, and the one who gave is told."""
    row = await _waiting(tx, by, event, offer_uri, received)
    if row is None:
        return None
    now = tx.instance.clock()
    row = await bridges.put_transfer(
        tx.conn, replace(row, state="refused", reason=reason, updated=now)
    )
    await _tell_returned(tx, row, reason)
    return row


async def _tell_returned(tx: Tx, row: Transfer, reason: str) -> None:
    made = await agreements.find(tx.conn, row.key) if row.agreement_id else None
    if made is not None:
        await crossing.tell_refused(tx, row.person_id, made, reason)
    else:
        await notices.tell(
            tx.conn, row.person_id, "hours.returned", community=row.community_id, text=reason
        )


async def end_due(tx: Tx) -> int:
    """What a city that is gone, or no neighbour any more, never answered is free again; a yes that
    comes after all is booked. For the sweep."""
    now = tx.instance.clock()
    found = await bridges.list_unanswered(tx.conn, now - PATIENCE)
    for key in found:
        row = await bridges.find_transfer(tx.conn, key)
        if row is not None and row.state == "reserved":
            ended = replace(row, state="refused", reason=crossing.UNANSWERED, updated=now)
            await _tell_returned(tx, await bridges.put_transfer(tx.conn, ended), ended.reason)
    return len(found)


async def _waiting(
    tx: Tx, by: Actor, event: Event, offer_uri: str, received: Received
) -> Transfer | None:
    """What waits for this very answer; None where it came twice. Forbidden for third parties."""
    await bridges.lock(tx.conn, by.peer or "")
    row = await bridges.find_transfer(tx.conn, event.key)
    if row is None or row.peer != by.peer or by.kind != "city" or not row.outgoing:
        raise Forbidden(NOT_THEIRS)
    await outbox.done(tx, received)
    waits = row.state == "reserved" or row.reason == crossing.UNANSWERED
    if not waits or row.offer_uri != offer_uri or event.amount != row.amount:
        return None
    return row
