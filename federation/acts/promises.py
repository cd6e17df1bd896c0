"""What follows an agreement: late, cancelled, handed over, given back, thanked for, disputed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from federation import outbox
from federation.acts import crossing, disputing, promising, sealing
from federation.acts.sealing import Given
from federation.errors import Unreachable
from federation.instance import Tx
from federation.wire import agreements as wire
from federation.wire import notes
from schema import actors, agreements, disputes, ids, thanks
from schema import proposals as listings
from schema.actors import Actor
from schema.agreements import Act, Agreement, State
from schema.errors import Conflict, Forbidden
from schema.notices import Kind
from schema.proposals import Proposal
from schema.words import N_

OBJECT_WITHIN: Final = timedelta(days=30)
"""After it was done one may still say that it was not."""


async def _taken(
    tx: Tx, row: Agreement, by: Actor, act: Act, received: Given | None, allowed: bool
) -> Agreement | None:
    """None when the step may be done; else the row, where another city's came twice or too late.
    Conflict for one of ours."""
    sealing.check_party(row, by)
    if received and await sealing.fit(tx, row, received.step) == "known":
        await outbox.done(tx, received.activity)
        return row
    if not allowed:
        return await sealing.too_late(tx, row, by, act, received)
    return None


async def _do(
    tx: Tx,
    row: Agreement,
    listing: Proposal,
    by: Actor,
    act: Act,
    kind: Kind,
    text: str,
    received: Given | None,
) -> Agreement:
    """The step, its letter and its notice; the row is not saved here."""
    row, step = await sealing.add(tx, row, by, act, text=text, received=received)
    if received is None:
        await sealing.bring(tx, row, by, listing, step)
    await outbox.done(tx, received.activity if received else None)
    await sealing.tell(tx, row, by, kind, step.text)
    return row


async def withdraw(
    tx: Tx, *, by: Actor, agreement: Agreement, reason: str = "", received: Given | None = None
) -> Agreement:
    """One cannot come, or no longer wants it: before it was agreed the one who asked, afterwards
    either (Undo of the Offer or Accept). What was promised is free for others."""
    row, _ = await sealing.opened(tx, agreement.id)
    asked = row.state == "asked" and by.id == row.responder_id
    confirmed = row.author_confirmed if by.id == row.author_id else row.responder_confirmed
    agreed = row.state == "agreed" and confirmed is None
    act: Act = "withdraw" if asked else "cancel"
    found = await _taken(tx, row, by, act, received, asked or agreed)
    if found is not None:
        return found
    reason = sealing.check_text(reason, "reason")
    row, step = await sealing.add(tx, row, by, act, text=reason, received=received)
    await _undo(tx, row, by, step)
    await outbox.done(tx, received.activity if received else None)
    kind: Kind = "agreement.withdrawn" if asked else "agreement.cancelled"
    await sealing.tell(tx, row, by, kind, step.text)
    state: State = "withdrawn" if asked else "cancelled"
    row = replace(row, state=state, reason=step.text, ended_by=by.id)
    return await agreements.save(tx.conn, await promising.free(tx, row))


async def _undo(tx: Tx, row: Agreement, by: Actor, step: wire.Written) -> None:
    other = await actors.get(tx.conn, row.other(by.id))
    if other.is_local or not by.is_local:
        return
    if row.by_notes:
        listing = await listings.get(tx.conn, row.proposal_id)
        await sealing.bring(tx, row, by, listing, step)
        return
    mine = by.id == row.author_id
    uri, kind = (row.accept_uri, "Accept") if mine else (row.offer_uri, "Offer")
    await outbox.send(tx, by, wire.undo(row, by, other, uri, kind, step), [other], about=row.key)


async def be_late(
    tx: Tx, *, by: Actor, agreement: Agreement, text: str = "", received: Given | None = None
) -> Agreement:
    """One is running late, or cannot keep the time exactly."""
    row, listing = await sealing.opened(tx, agreement.id)
    found = await _taken(tx, row, by, "late", received, row.state in ("agreed", "handed"))
    if found is not None:
        return found
    text = sealing.check_text(text)
    row = await _do(tx, row, listing, by, "late", "agreement.late", text, received)
    return await agreements.save(tx.conn, row)


async def confirm(
    tx: Tx, *, by: Actor, agreement: Agreement, text: str = "", received: Given | None = None
) -> Agreement:
    """It was handed over, says one (a receipt on the wire); when both say so it is done, or, on
    loan, to come back. For one who is reached by letters only the other says it for both."""
    row, listing = await sealing.opened(tx, agreement.id)
    mine = by.id == row.author_id
    before = row.author_confirmed if mine else row.responder_confirmed
    allowed = row.state in ("agreed", "disputed") and before is None
    found = await _taken(tx, row, by, "confirm", received, allowed)
    if found is not None:
        return found
    text = sealing.check_text(text)
    row = await _do(tx, row, listing, by, "confirm", "agreement.handed", text, received)
    now = tx.instance.clock()
    if mine:
        row = replace(row, author_confirmed=now)
        if row.by_notes:
            row = replace(row, responder_confirmed=now)
    else:
        row = replace(row, responder_confirmed=now)
    if row.state == "agreed" and row.author_confirmed and row.responder_confirmed:
        row = await handed_over(tx, row, listing, now)
    return await agreements.save(tx.conn, row)


async def handed_over(tx: Tx, row: Agreement, listing: Proposal, now: datetime) -> Agreement:
    """Both have said so: it is done, and its hours are booked; or a loan that is to come back."""
    if row.return_kind == "lend":
        return replace(row, state="handed")
    await crossing.book(tx, row, listing)
    return replace(row, state="done", done_at=now)


async def miss(
    tx: Tx, *, by: Actor, agreement: Agreement, text: str = "", received: Given | None = None
) -> Agreement:
    """The other one did not come. Only those who keep order see how often that happens."""
    row, listing = await sealing.opened(tx, agreement.id)
    allowed = row.state == "agreed" and (row.at is None or row.at <= tx.instance.clock())
    found = await _taken(tx, row, by, "miss", received, allowed)
    if found is not None:
        return found
    text = sealing.check_text(text)
    row = await _do(tx, row, listing, by, "miss", "agreement.missed", text, received)
    row = replace(row, state="missed", reason=text, ended_by=by.id)
    return await agreements.save(tx.conn, await promising.free(tx, row))


async def take_back(
    tx: Tx, *, by: Actor, agreement: Agreement, text: str = "", received: Given | None = None
) -> Agreement:
    """A loan came back, says the one who lent it; it is there again for others."""
    row, listing = await sealing.opened(tx, agreement.id)
    lender = row.author_id if listing.purpose == "offer" else row.responder_id
    allowed = row.state == "handed" and (by.id == lender or row.side(by.id) is None)
    found = await _taken(tx, row, by, "back", received, allowed)
    if found is not None:
        return found
    text = sealing.check_text(text)
    row = await _do(tx, row, listing, by, "back", "agreement.back", text, received)
    row = replace(row, state="done", done_at=tx.instance.clock())
    return await agreements.save(tx.conn, await promising.free(tx, row))


async def object_to(
    tx: Tx, *, by: Actor, agreement: Agreement, text: str, received: Given | None = None
) -> Agreement:
    """It was not as agreed: the moderators of the listing's community, or of its place, look."""
    row, listing = await sealing.opened(tx, agreement.id)
    recent = row.done_at is not None and row.done_at > tx.instance.clock() - OBJECT_WITHIN
    allowed = row.state in ("agreed", "handed", "missed") or (row.state == "done" and recent)
    found = await _taken(tx, row, by, "object", received, allowed and not row.outcome)
    if found is not None:
        return found
    missing = N_("Please say what was not as agreed.") if received is None else ""
    text = sealing.check_text(text, "objection", missing)
    row = await _do(tx, row, listing, by, "object", "agreement.disputed", text, received)
    row = replace(row, state="disputed", reason=text, ended_by=by.id)
    row = await agreements.save(tx.conn, row)
    told = row.side(by.id) if received is None else None
    await disputing.bring(tx, row, listing, told, text)
    return row


async def settle(
    tx: Tx, *, by: Actor, agreement: Agreement, text: str, received: Given
) -> Agreement:
    """The moderators elsewhere have ended a dispute. It comes from the community of the listing,
    or, where it has none of its own elsewhere, from the city of the listing."""
    row, listing = await sealing.opened(tx, agreement.id)
    author = await actors.get(tx.conn, row.author_id)
    court = await disputing.court_of(tx, listing, author)
    speaks = court is not None and (
        by.id == court.id or (by.kind == "city" and by.peer == author.peer == court.peer)
    )
    if by.is_local or not speaks:
        raise Forbidden(sealing.NOT_YOURS)
    if await sealing.fit(tx, row, received.step) == "known":
        await outbox.done(tx, received.activity)
        return row
    done = received.step.act == "settle"
    if row.state != "disputed":
        return await sealing.too_late(tx, row, by, "settle" if done else "annul", received)
    return await _settled(tx, by, row, listing, sealing.check_text(text), done, received)


async def rule(tx: Tx, *, court: Actor, agreement: Agreement, text: str, done: bool) -> Agreement:
    """A moderator here, who was checked, ends it: it counts as `done`, or as cancelled. Both
    hear it from the city of the listing, or else from the community, never from a person."""
    row, listing = await sealing.opened(tx, agreement.id)
    author = await actors.get(tx.conn, row.author_id)
    if row.state != "disputed":
        raise Conflict(sealing.MOVED_ON)
    city = await actors.get(tx.conn, tx.instance.city_id)
    return await _settled(
        tx, city if author.is_local else court, row, listing, text, done, received=None
    )


async def _settled(
    tx: Tx,
    by: Actor,
    row: Agreement,
    listing: Proposal,
    text: str,
    done: bool,
    received: Given | None,
) -> Agreement:
    act: Act = "settle" if done else "annul"
    row, step = await sealing.add(tx, row, by, act, text=text, received=received)
    if received is None:
        await sealing.bring(tx, row, by, listing, step)
    await outbox.done(tx, received.activity if received else None)
    for party in (row.author_id, row.responder_id):
        await sealing.tell(tx, row, by, "agreement.settled", step.text, party)
    await disputes.close(tx.conn, row.key, done, step.text, tx.instance.clock())
    state: State = "done" if done else "cancelled"
    row = replace(row, state=state, outcome=step.text)
    if done:
        await crossing.book(tx, row, listing)
        row = replace(row, done_at=row.done_at or tx.instance.clock())
    else:
        await crossing.unbook(tx, row)
        row = await promising.free(tx, row)
    return await agreements.save(tx.conn, row)


async def thank(
    tx: Tx, *, by: Actor, agreement: Agreement, text: str = "", received: Given | None = None
) -> Agreement:
    """Thanks, once each, after it was handed over; on their page once three have thanked."""
    row, listing = await sealing.opened(tx, agreement.id)
    allowed = row.state in ("handed", "done") or bool(received and row.state == "agreed")
    found = await _taken(tx, row, by, "thank", received, allowed)
    if found is not None:
        return found
    text = sealing.check_text(text)[:500]
    if not await thanks.insert(tx.conn, row.id, by.id, row.other(by.id), text):
        return await sealing.too_late(tx, row, by, "thank", received)
    row = await _do(tx, row, listing, by, "thank", "agreement.thanked", text, received)
    return await agreements.save(tx.conn, row)


async def say(
    tx: Tx, *, by: Actor, agreement: Agreement, text: str, received: Given | None = None
) -> Agreement:
    """A letter in the private thread beside it."""
    row, listing = await sealing.opened(tx, agreement.id)
    found = await _taken(tx, row, by, "say", received, True)
    if found is not None:
        return found
    text = sealing.check_text(text, missing=N_("Please write something."))
    row = await _do(tx, row, listing, by, "say", "agreement.said", text, received)
    return await agreements.save(tx.conn, row)


async def reveal(
    tx: Tx, *, by: Actor, agreement: Agreement, text: str, received: Given | None = None
) -> Agreement:
    """The exact address or telephone number, for the other one only, once it is agreed. It is no
    part of any version and is forgotten a month after the end."""
    row, listing = await sealing.opened(tx, agreement.id)
    sealing.check_party(row, by)
    if received and row.state == "asked":
        raise Unreachable("what it was agreed by has not arrived yet")
    if row.state not in ("agreed", "handed", "disputed"):
        raise Conflict(N_("Addresses are told when it is agreed."))
    text = sealing.check_text(text, "contact")
    other = await actors.get(tx.conn, row.other(by.id))
    if received is None and not other.is_local:
        uri, at = tx.addresses.step(row.id, ids.new()), notes.moment(tx.instance.clock())
        ends = await sealing.ends(tx, row, listing, by, other)
        note = wire.contact(row, ends, uri, at, text, tx.addresses.host)
        await outbox.send(
            tx, by, {"type": "Create", "object": note, "context": row.key}, [other], about=row.key
        )
    await outbox.done(tx, received.activity if received else None)
    mine = by.id == row.author_id
    told = replace(row, author_contact=text) if mine else replace(row, responder_contact=text)
    return await agreements.save(tx.conn, told)
