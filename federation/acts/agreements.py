"""How two people come to an agreement: ask, propose something else, accept, decline, withdraw."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from federation import html, outbox
from federation.acts import booking, circled, hand_outs, promising, sealing, writing
from federation.acts.promising import NOTHING_LEFT
from federation.acts.sealing import MOVED_ON, Given
from federation.documents import Document
from federation.instance import Tx
from federation.wire import agreements as wire
from federation.wire.agreements import OfferDocument
from federation.wire.contexts import CONTEXT
from schema import actors, agreements, ids
from schema import proposals as listings
from schema.actors import Actor
from schema.agreements import Agreement, Terms
from schema.database import Conn
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.proposals import Proposal
from schema.words import N_


async def ask(
    tx: Tx,
    *,
    by: Actor,
    proposal: Proposal,
    terms: Terms,
    text: str = "",
    id: UUID | None = None,
    received: Given | None = None,
) -> Agreement:
    """Somebody asks for an offer, or offers help with a need (FEP-0837 Offer).

    `id` is minted by the form, so that a double press asks once. Invalid for the terms.
    """
    known = await _known(tx, by, proposal, id, received)
    if known is not None:
        return known
    community = await writing.community_of(tx.conn, proposal.community_id)
    activity = received.activity if received else None
    proposal = await listings.lock(tx.conn, proposal.id)  # before anything refers to it
    circle = None
    if received:
        circle = await circled.find(tx, proposal, by, received.step.key)
    if circle is None:
        await writing.check_listing(tx, by, proposal, community, activity)
    author = await actors.get(tx.conn, proposal.author_id)
    if by.id == author.id:
        raise Forbidden(N_("This is your own."))
    if received and not author.is_local:
        raise Forbidden(N_("This need or offer is of another place."))
    text = sealing.check_text(text, "words")
    terms = check_terms(terms, proposal, tx.instance.clock(), foreign=received is not None)
    if received is None:
        check_open(proposal, terms, tx.instance.clock())
    row = new_row(tx, proposal, by, terms, id or ids.new(), received)
    stored = await agreements.insert(tx.conn, row)
    if stored is None:
        raise Conflict(N_("That exists already."))
    stored, step = await sealing.add(
        tx, stored, by, "ask", text=text, terms=terms, received=received
    )
    if circle is None:
        await sealing.tell(tx, stored, by, "agreement.asked", text)
    offer = step.uri
    if not author.is_local:
        offer = await outbox.send(
            tx, by, wire.offer(proposal, terms, step), [author], about=row.key
        )
    elif received:
        offer = str(received.activity.document.get("id") or step.uri)
    await outbox.done(tx, activity)
    stored = await agreements.save(tx.conn, replace(stored, offer_uri=offer))
    if circle is not None:
        return await circled.at_once(tx, stored, author, circle)
    return await hand_outs.at_once(tx, stored, author) if author.is_local else stored


async def ask_promised(
    tx: Tx, *, taker: Actor, proposal: Proposal, terms: Terms, id: UUID
) -> Agreement:
    """Asks for what a circle has promised, in the taker's name; once."""
    known = await agreements.find(tx.conn, tx.addresses.agreement(id))
    if known is not None:
        return known
    author = await actors.get(tx.conn, proposal.author_id)
    stored = await agreements.insert(tx.conn, new_row(tx, proposal, taker, terms, id, None))
    if stored is None:
        raise Conflict(N_("That exists already."))
    stored, step = await sealing.add(tx, stored, taker, "ask", terms=terms)
    offer = step.uri
    if not author.is_local:
        body = wire.offer(proposal, terms, step)
        offer = await outbox.send(tx, taker, body, [author], about=stored.key)
    return await agreements.save(tx.conn, replace(stored, offer_uri=offer))


async def _known(
    tx: Tx, by: Actor, proposal: Proposal, id: UUID | None, received: Given | None
) -> Agreement | None:
    """What this form has asked already, or these two are about anyway."""
    if received:
        return None
    if id is not None:
        known = await agreements.find(tx.conn, tx.addresses.agreement(id))
        if known is not None and known.responder_id == by.id:
            return known
    return await agreements.find_open(tx.conn, proposal.id, by.id)


def new_row(
    tx: Tx, proposal: Proposal, by: Actor, terms: Terms, id: UUID, received: Given | None
) -> Agreement:
    """One that nobody has stored yet; `by` is the responder."""
    now = tx.instance.clock()
    own = tx.addresses.agreement(id)
    return Agreement(
        id=id,
        key=received.step.key if received else own,
        uri=None,
        proposal_id=proposal.id,
        author_id=proposal.author_id,
        responder_id=by.id,
        state="asked",
        turn="author",
        by_notes=False,
        **{name: getattr(terms, name) for name in agreements.TERMS},
        head="",
        agreed_hash="",
        offer_uri="",
        accept_uri="",
        holds=False,
        author_confirmed=None,
        responder_confirmed=None,
        author_contact="",
        responder_contact="",
        author_seen=now,
        responder_seen=now,
        reason="",
        ended_by=None,
        outcome="",
        reminded=None,
        agreed_at=None,
        done_at=None,
        last_step=now,
        created=now,
        updated=now,
    )


def check_terms(terms: Terms, proposal: Proposal, now: datetime, *, foreign: bool = False) -> Terms:
    """The terms, tidied and in the listing's unit; Invalid with a text per field."""
    errors: dict[str, str] = {}
    if terms.amount is not None and not 0 < terms.amount <= wire.MOST:
        errors["amount"] = N_("Please give a number above zero, with three places at most.")
    elif terms.amount is not None and terms.amount != round(terms.amount, 3):
        errors["amount"] = N_("Please give a number above zero, with three places at most.")
    if proposal.quantity is not None and terms.amount is None:
        errors["amount"] = N_("Please say how much.")
    if terms.hours is not None and (terms.hours > 10_000 or terms.hours != round(terms.hours, 2)):
        errors["hours"] = N_("Please give hours above zero, with two places at most.")
    elif terms.hours is not None and terms.hours <= 0:
        errors["hours"] = N_("Please give hours above zero, with two places at most.")
    if terms.unit != proposal.unit:
        errors["amount"] = N_("Please say how much in the unit of the listing.")
    if not foreign:
        days = {"day": terms.at, "other_day": terms.at_other, "back_day": terms.back_by}
        for name, moment in days.items():
            if moment is not None and moment < now:
                errors[name] = N_("Please choose a day that is still to come.")
    if terms.at and terms.back_by and terms.back_by < terms.at:
        errors["back_day"] = N_("It comes back after it was handed over.")
    if errors:
        raise Invalid(errors)
    place, note = html.tidy(terms.place).strip(), html.tidy(terms.return_note).strip()
    return replace(terms, place=place[:200], return_note=note[:200])


def check_open(proposal: Proposal, terms: Terms, now: datetime) -> None:
    """Conflict when it is over, Invalid when less is left."""
    if proposal.state != "open" or proposal.is_over(now):
        raise Conflict(N_("It is over; nothing can be asked for any more."))
    if proposal.available is not None and terms.amount and terms.amount > proposal.available:
        raise Invalid({"amount": NOTHING_LEFT})


async def ask_again(
    tx: Tx,
    *,
    by: Actor,
    agreement: Agreement,
    terms: Terms,
    text: str = "",
    received: Given | None = None,
) -> Agreement:
    """The answer to another proposal: the same terms are a yes, others a proposal in turn."""
    row, listing = await sealing.opened(tx, agreement.id)
    if by.id != row.responder_id:
        raise Forbidden(sealing.NOT_YOURS)
    author = await actors.get(tx.conn, row.author_id)
    if received and await sealing.fit(tx, row, received.step) == "known":
        await outbox.done(tx, received.activity)
        return row
    terms = check_terms(terms, listing, tx.instance.clock(), foreign=received is not None)
    fits = received is None or received.step.previous == row.head
    if row.state != "asked" or row.turn != "responder" or not fits:
        return await sealing.too_late(tx, row, by, "ask", received)
    says_yes = terms == row.terms
    text = sealing.check_text(text, "words")
    row, step = await sealing.add(tx, row, by, "ask", text=text, terms=terms, received=received)
    offer = step.uri
    if not author.is_local:
        offer = await outbox.send(tx, by, wire.offer(listing, terms, step), [author], about=row.key)
    elif received:
        offer = str(received.activity.document.get("id") or step.uri)
        await outbox.done(tx, received.activity)
    row = replace(_with(row, terms), turn="author", offer_uri=offer)
    row = await agreements.save(tx.conn, row)
    if not (says_yes and author.is_local):
        await sealing.tell(tx, row, by, "agreement.countered", text)
        return row
    return await promising.promise(tx, row, author) or await promising.refuse(
        tx, row, author, NOTHING_LEFT
    )


def _with(row: Agreement, terms: Terms) -> Agreement:
    return replace(row, **{name: getattr(terms, name) for name in agreements.TERMS})


async def counter(
    tx: Tx,
    *,
    by: Actor,
    agreement: Agreement,
    terms: Terms,
    text: str = "",
    received: Given | None = None,
) -> Agreement:
    """The author proposes other terms: Reject with what would do; another Offer may follow."""
    row, listing = await sealing.opened(tx, agreement.id)
    if by.id != row.author_id:
        raise Forbidden(sealing.NOT_YOURS)
    if received and await sealing.fit(tx, row, received.step) == "known":
        await outbox.done(tx, received.activity)
        return row
    terms = check_terms(terms, listing, tx.instance.clock(), foreign=received is not None)
    fits = received is None or received.step.previous == row.head
    if row.state != "asked" or row.turn != "author" or row.by_notes or not fits:
        return await sealing.too_late(tx, row, by, "counter", received)
    if received is None:
        _check_left(listing, terms)
    text = sealing.check_text(text, "words")
    row, step = await sealing.add(tx, row, by, "counter", text=text, terms=terms, received=received)
    responder = await actors.get(tx.conn, row.responder_id)
    if not responder.is_local:
        await outbox.send(tx, by, wire.reject(row, listing, step), [responder], about=row.key)
    await outbox.done(tx, received.activity if received else None)
    await sealing.tell(tx, row, by, "agreement.countered", text)
    return await agreements.save(tx.conn, replace(_with(row, terms), turn="responder"))


def _check_left(listing: Proposal, terms: Terms) -> None:
    if listing.available is not None and terms.amount and terms.amount > listing.available:
        raise Invalid({"amount": NOTHING_LEFT})


async def accept(
    tx: Tx,
    *,
    by: Actor,
    agreement: Agreement,
    at: datetime | None = None,
    text: str = "",
    result: OfferDocument | None = None,
    received: Given | None = None,
) -> Agreement:
    """The author, or a coordinator who may decide for them, says yes; `at`: which of two times.

    Conflict when too little is left. From another city the finished Agreement (`result`) must be
    what was asked for, and of the author's own server.
    """
    row, listing = await sealing.opened(tx, agreement.id)
    if received:
        return await _accepted(tx, by, row, result, received)
    author = await _decider(tx, by, row)
    if row.state != "asked" or row.turn != "author":
        raise Conflict(MOVED_ON)
    if at is not None and at in (row.at, row.at_other):
        row = replace(row, at=at, at_other=None)
    await booking.check_room(tx, row, listing)
    found = await promising.promise(tx, row, author, sealing.check_text(text))
    if found is None:
        raise Conflict(NOTHING_LEFT)
    return found


async def _decider(tx: Tx, by: Actor, row: Agreement) -> Actor:
    """In whose name it is decided: the author's."""
    if by.id == row.author_id:
        return by
    if await hand_outs.may_decide(tx.conn, by.id, row.proposal_id):
        return await actors.get(tx.conn, row.author_id)
    raise Forbidden(sealing.NOT_YOURS)


async def _accepted(
    tx: Tx, by: Actor, row: Agreement, result: OfferDocument | None, received: Given
) -> Agreement:
    """The author's city said yes to what one of ours has asked."""
    if by.id != row.author_id or by.is_local or result is None:
        raise Forbidden(sealing.NOT_YOURS)
    fit = await sealing.fit(tx, row, received.step)
    if fit == "known":
        await outbox.done(tx, received.activity)
        return row
    terms = received.step.terms or row.terms
    _check_result(row, terms, result, by)
    if fit == "late" or row.state != "asked" or row.turn != "author":
        return await sealing.too_late(tx, row, by, "accept", received)
    row, _ = await sealing.add(tx, row, by, "accept", received=received)
    await outbox.done(tx, received.activity)
    await sealing.tell(tx, row, by, "agreement.agreed", received.step.text)
    now = tx.instance.clock()
    row = replace(_with(row, terms), uri=result.id, state="agreed", agreed_hash=row.head)
    uri = str(received.activity.document.get("id") or "")
    return await agreements.save(tx.conn, replace(row, agreed_at=now, accept_uri=uri))


def _check_result(row: Agreement, terms: Terms, result: OfferDocument, by: Actor) -> None:
    """Forbidden unless the finished Agreement says what was asked for (FEP-0837); of two times
    the author may have chosen one."""
    times = {row.at, row.at_other}
    same = replace(terms, at=row.at, at_other=row.at_other) == row.terms and terms.at in times
    if not same or result.amount != row.amount or (result.unit and result.unit != row.unit):
        raise Forbidden(N_("This is not what was asked for."))
    if not result.id or not result.id.startswith(f"{by.peer}/") or result.owner != by.uri:
        raise Forbidden(N_("This agreement is not of the one who accepts it."))


async def decline(
    tx: Tx, *, by: Actor, agreement: Agreement, reason: str = "", received: Given | None = None
) -> Agreement:
    """The author, or a coordinator for them, says no, with a reason (FEP-0837 Reject)."""
    row, _ = await sealing.opened(tx, agreement.id)
    if received and by.id != row.author_id:
        raise Forbidden(sealing.NOT_YOURS)
    if received and await sealing.fit(tx, row, received.step) == "known":
        await outbox.done(tx, received.activity)
        return row
    author = by if received else await _decider(tx, by, row)
    if row.state != "asked" or (received and received.step.previous != row.head):
        return await sealing.too_late(tx, row, by, "decline", received)
    return await promising.refuse(tx, row, author, sealing.check_text(reason, "reason"), received)


async def document(conn: Conn, uri: str, reader: str | None) -> Document:
    """The finished Agreement of this uri, for the responder's server; Missing for others."""
    row = await agreements.find(conn, uri)
    if row is None or row.uri != uri:
        raise Missing(writing.NOT_HERE)
    responder = await actors.get(conn, row.responder_id)
    if reader is None or reader != responder.peer:
        raise Missing(writing.NOT_HERE)
    listing = await listings.get(conn, row.proposal_id)
    found = wire.build(row, listing, await actors.get(conn, row.author_id))
    return {"@context": CONTEXT, **found}
