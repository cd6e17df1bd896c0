"""Yes and no in an author's name: the one place where a listing's quantity is promised."""

from dataclasses import replace

from federation import outbox
from federation.acts import holding, proposals, sealing
from federation.acts.sealing import Given
from federation.instance import Tx
from federation.wire import agreements as wire
from schema import actors, agreements
from schema import proposals as listings
from schema.actors import Actor
from schema.agreements import Agreement
from schema.circles import Part
from schema.words import N_

NOTHING_LEFT = N_("There is not so much left any more.")


async def promise(
    tx: Tx, row: Agreement, author: Actor, text: str = "", held: Part | None = None
) -> Agreement | None:
    """The author's city takes the amount out of what is left and says yes; None when there is too
    little. `held`: a circle took it out already."""
    listing = await listings.lock(tx.conn, row.proposal_id)
    now = tx.instance.clock()
    holds = listing.available is not None and row.amount is not None
    if held is not None:
        holds = held.offer_held is not None
    elif holds and row.amount and not await agreements.take(tx.conn, listing.id, row.amount, now):
        return None
    elif not holds and listing.state != "open":
        return None
    row = replace(row, uri=tx.addresses.agreement(row.id), holds=holds)
    row, step = await sealing.add(tx, row, author, "accept", text=text, terms=row.terms)
    row = replace(row, state="agreed", agreed_hash=row.head, agreed_at=now)
    responder = await actors.get(tx.conn, row.responder_id)
    accept_uri = step.uri
    if not responder.is_local and not row.by_notes:
        body = wire.accept(row, listing, author, step)
        accept_uri = await outbox.send(tx, author, body, [responder], about=row.key)
    elif row.by_notes:
        await sealing.bring(tx, row, author, listing, step)
    await sealing.tell(tx, row, author, "agreement.agreed", text)
    if holds:
        await proposals.announce_change(tx, await listings.get(tx.conn, listing.id))
    return await agreements.save(tx.conn, replace(row, accept_uri=accept_uri))


async def refuse(
    tx: Tx, row: Agreement, author: Actor, reason: str, received: Given | None = None
) -> Agreement:
    """No, in the author's name; for rows that are locked."""
    listing = await listings.get(tx.conn, row.proposal_id)
    row, step = await sealing.add(tx, row, author, "decline", text=reason, received=received)
    responder = await actors.get(tx.conn, row.responder_id)
    if not responder.is_local and not row.by_notes:
        await outbox.send(tx, author, wire.reject(row, listing, step), [responder], about=row.key)
    await outbox.done(tx, received.activity if received else None)
    await sealing.tell(tx, row, author, "agreement.declined", step.text)
    row = replace(row, state="declined", reason=step.text, ended_by=author.id)
    return await agreements.save(tx.conn, row)


async def free(tx: Tx, row: Agreement) -> Agreement:
    """What was promised is there again for others; the row is not saved here."""
    await holding.free_need(tx, row.id)
    if not row.holds or row.amount is None:
        return row
    now = tx.instance.clock()
    if await agreements.give_back(tx.conn, row.proposal_id, row.amount, now):
        await proposals.announce_change(tx, await listings.get(tx.conn, row.proposal_id))
    return replace(row, holds=False)
