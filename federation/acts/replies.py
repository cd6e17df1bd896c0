"""The author of a need or offer turns somebody's answer into an agreement."""

from dataclasses import replace

from federation import outbox
from federation.acts import promising, sealing, writing
from federation.acts.agreements import check_open, check_terms, new_row
from federation.acts.sealing import Given
from federation.instance import Tx
from federation.wire import agreements as wire
from schema import actors, agreements, ids, peers
from schema import proposals as listings
from schema.actors import Actor
from schema.agreements import Agreement, Terms
from schema.errors import Conflict, Forbidden, Missing
from schema.posts import Post
from schema.proposals import Proposal
from schema.words import N_


async def from_answer(tx: Tx, *, by: Actor, post: Post, terms: Terms, text: str = "") -> Agreement:
    """Neighbours confirm it with one tap. For people of servers that know no FEP-0837 their answer
    was the yes: they take part by letters."""
    listing = await listings.lock(tx.conn, post.proposal_id) if post.proposal_id else None
    if listing is None or post.is_gone:
        raise Missing(writing.NOT_HERE)
    if listing.author_id != by.id or post.author_id == by.id:
        raise Forbidden(N_("Only its author can do that."))
    known = await agreements.find_open(tx.conn, listing.id, post.author_id)
    if known is not None:
        return known
    check_open(listing, terms, tx.instance.clock())
    answerer = await actors.get(tx.conn, post.author_id)
    peer = await peers.find(tx.conn, answerer.peer or "")
    if answerer.is_local or (peer and peer.link == "linked"):
        return await propose(
            tx, by=by, proposal=listing, responder=answerer, terms=terms, text=text
        )
    terms = check_terms(terms, listing, tx.instance.clock())
    row = new_row(tx, listing, answerer, terms, ids.new(), None)
    row = replace(row, by_notes=True, offer_uri=post.uri)
    stored = await agreements.insert(tx.conn, row)
    made = await promising.promise(tx, stored, by, sealing.check_text(text)) if stored else None
    if made is None:
        raise Conflict(promising.NOTHING_LEFT)
    return made


async def propose(
    tx: Tx,
    *,
    by: Actor,
    proposal: Proposal,
    responder: Actor,
    terms: Terms,
    text: str = "",
    received: Given | None = None,
) -> Agreement:
    """The author offers terms to somebody who has answered in words; theirs is the yes."""
    if proposal.author_id != by.id or responder.id == by.id:
        raise Forbidden(sealing.NOT_YOURS)
    terms = check_terms(terms, proposal, tx.instance.clock(), foreign=received is not None)
    row = new_row(tx, proposal, responder, terms, ids.new(), received)
    stored = await agreements.insert(tx.conn, replace(row, turn="responder"))
    if stored is None:
        raise Conflict(N_("That exists already."))
    text = sealing.check_text(text)
    row, step = await sealing.add(
        tx, stored, by, "counter", text=text, terms=terms, received=received
    )
    if not responder.is_local:
        await outbox.send(tx, by, wire.offer(proposal, terms, step), [responder], about=step.key)
    await outbox.done(tx, received.activity if received else None)
    await sealing.tell(tx, row, by, "agreement.countered", text)
    return await agreements.save(tx.conn, row)
