"""What is said about a dispute, and what moderators decide, here or where they live."""

from dataclasses import dataclass

from federation import outbox
from federation.acts import disputing, promises, sealing
from federation.acts.disputing import party
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import agreements as agreements_wire
from federation.wire import disputes as wire
from federation.wire import notes
from federation.wire.agreements import Written
from federation.wire.disputes import DisputeDocument
from schema import (
    actors,
    agreement_views,
    disputes,
    ids,
    logs,
    memberships,
    proposals,
    standings,
)
from schema.actors import Actor
from schema.agreements import Agreement, Side
from schema.disputes import Account, Dispute
from schema.errors import Conflict, Forbidden, Missing
from schema.words import N_

MOST_OPEN = 100  # of people of one server
SPOKEN = frozenset({"ask", "counter", "accept", "say", "late", "miss", "object"})
NOT_HERE = N_("There is nothing here, or it is not meant for you.")


@dataclass(frozen=True, slots=True)
class Named:
    """The actors that a dispute from elsewhere names."""

    court: Actor
    author: Actor
    responder: Actor


async def state(
    tx: Tx, *, by: Actor, agreement: Agreement, text: str, attach: bool = False
) -> None:
    """One of the two says how it was; with `attach` the moderators may read their letters."""
    found, row = await disputing.hold(tx, agreement.key)
    if row is None:
        raise Missing(NOT_HERE)
    sealing.check_party(row, by)
    side = row.side(by.id)
    if found is None or side is None or row.state != "disputed" or found.state == "done":
        raise Conflict(sealing.MOVED_ON)
    missing = "" if attach else N_("Please say how it was.")
    said = sealing.check_text(text, "statement", missing)
    letters = await _letters(tx, row) if attach else ""
    told = Account(row.agreed_hash, disputing.terms_of(row), said, letters)
    await disputing.put(tx, found, side, told)
    court = await actors.get(tx.conn, found.court_id)
    found = await disputes.get(tx.conn, found.id)
    await (disputing.forward(tx, found) if court.is_local else disputing.send(tx, found, court))


async def _letters(tx: Tx, row: Agreement) -> str:
    """All that the two wrote; addresses are no part of it."""
    lines = await agreement_views.list_lines(tx.conn, row.id)
    said = [
        f"{line.by_title or line.by_name}: {line.text}"
        for line in lines
        if line.text and line.act in SPOKEN
    ]
    return "\n\n".join(said)[-wire.LONGEST_LETTERS :]


async def take(
    tx: Tx, *, by: Actor, document: DisputeDocument, named: Named, received: Received
) -> None:
    """A dispute from elsewhere: the city of one of the two tells ours, or a community there
    tells its moderators here."""
    known, agreement = await disputing.hold(tx, document.key)
    if known and (
        (known.court_id, known.author_id, known.responder_id)
        != (named.court.id, named.author.id, named.responder.id)
    ):
        raise Forbidden(N_("This is not what was asked for."))
    if named.court.is_local:
        await _from_city(tx, by, document, named, known, agreement)
    else:
        await _from_court(tx, by, document, named, known, agreement)
    await outbox.done(tx, received)


async def _from_city(
    tx: Tx,
    by: Actor,
    document: DisputeDocument,
    named: Named,
    known: Dispute | None,
    agreement: Agreement | None,
) -> None:
    people: dict[Side, Actor] = {"author": named.author, "responder": named.responder}
    told: dict[Side, Account] = {
        side: one for side, one in document.sides.items() if people[side].peer == by.peer
    }
    if by.kind != "city" or by.is_local or not told:
        raise Forbidden(sealing.NOT_YOURS)
    if known and known.state == "done":
        return
    row, is_new = (known, False) if known else await _opened(tx, by, document, named)
    for side, account in told.items():
        await disputing.put(tx, row, side, account)
    row = await disputes.get(tx.conn, row.id)
    if is_new:
        await disputing.tell(tx, row, agreement)
    await disputing.forward(tx, row)


async def _opened(
    tx: Tx, by: Actor, document: DisputeDocument, named: Named
) -> tuple[Dispute, bool]:
    """Only about a listing that we know to be of this author, in this community."""
    listing = await proposals.find(tx.conn, document.proposal)
    if listing is None or named.author.id == named.responder.id:
        raise Missing(NOT_HERE)
    court = await disputing.court_of(tx, listing, named.author)
    if listing.author_id != named.author.id or court is None or court.id != named.court.id:
        raise Missing(NOT_HERE)
    if await disputes.count_open(tx.conn, by.peer or "") >= MOST_OPEN:
        raise Conflict(N_("So much waits here that nothing more fits in."))
    return await _stored(tx, document, named, listing.title)


async def _stored(
    tx: Tx, document: DisputeDocument, named: Named, title: str
) -> tuple[Dispute, bool]:
    row = Dispute(
        id=ids.new(),
        key=document.key,
        court_id=named.court.id,
        proposal_uri=document.proposal,
        title=title,
        author_id=named.author.id,
        responder_id=named.responder.id,
        author_side=None,
        responder_side=None,
        state="open",
        done=None,
        outcome="",
        decided_by=None,
        decided_at=None,
        created=tx.instance.clock(),
    )
    return await disputes.open_anew(tx.conn, row)


async def _from_court(
    tx: Tx,
    by: Actor,
    document: DisputeDocument,
    named: Named,
    known: Dispute | None,
    agreement: Agreement | None,
) -> None:
    if by.id != named.court.id:
        raise Forbidden(sealing.NOT_YOURS)
    deciding = await actors.list_by_id(
        tx.conn, await disputes.list_deciding(tx.conn, named.court.id)
    )
    if known is None and not any(one.is_local for one in deciding):
        raise Missing(NOT_HERE)
    if known and known.state == "done":
        return
    row, is_new = (known, False) if known else await _stored(tx, document, named, document.title)
    for side, account in document.sides.items():
        if not (await actors.get(tx.conn, party(row, side))).is_local:
            await disputing.put(tx, row, side, account)
    if is_new:
        await disputing.tell(tx, row, agreement)
    if document.is_done:
        now = tx.instance.clock()
        await disputes.close(tx.conn, row.key, document.done, document.outcome, now)


async def decide(
    tx: Tx,
    *,
    by: Actor,
    dispute: Dispute,
    done: bool,
    text: str,
    received: Received | None = None,
) -> Dispute:
    """A moderator ends it, for both cities: it counts as handed over, or did not come about.

    Forbidden for who is not among the community's moderators; Conflict when it is decided.
    """
    held, agreement = await disputing.hold(tx, dispute.key)
    row = held or dispute
    court = await actors.get(tx.conn, row.court_id)
    if not await may_decide(tx, by, row, court):
        raise Forbidden(N_("Only a moderator can do this."))
    if row.state != "open":
        raise Conflict(sealing.MOVED_ON)
    text = sealing.check_text(text, "verdict", N_("Please say why; both will read it."))
    if not court.is_local:
        await disputes.send(tx.conn, row.id, by.id, done, text)
        await outbox.send(tx, by, wire.verdict(row.key, done, text), [court], about=row.key)
        return await disputes.get(tx.conn, row.id)
    await _rule(tx, row, court, agreement, done, text)
    if by.is_local:
        await logs.write(tx.conn, by, "settle agreement", row.key, text)
    await disputes.close(tx.conn, row.key, done, text, tx.instance.clock(), by.id)
    row = await disputes.get(tx.conn, row.id)
    await disputing.forward(tx, row)
    await outbox.done(tx, received)
    return row


async def may_decide(tx: Tx, by: Actor, row: Dispute, court: Actor) -> bool:
    """Moderators of the community, wherever they live; where it has none but the two, or it is
    about the place as such, those who keep order at its home."""
    if row.is_party(by.id):
        return False
    if await memberships.moderates(tx.conn, court.id, by.id):
        return True
    if not court.is_local or not by.is_local:
        return False
    deciding = await disputes.list_deciding(tx.conn, court.id)
    standing = await standings.get(tx.conn, by.id, None)
    alone = court.kind == "city" or all(row.is_party(one) for one in deciding)
    return standing.keeps_order and alone


async def _rule(
    tx: Tx, row: Dispute, court: Actor, agreement: Agreement | None, done: bool, text: str
) -> None:
    """Applied where one of the two lives here; the word of the community goes to the others."""
    if agreement is not None:
        await promises.rule(tx, court=court, agreement=agreement, text=text, done=done)
        return
    step = Written(
        uri=tx.addresses.step(row.id, ids.new()),
        key=row.key,
        proposal=row.proposal_uri,
        act="settle" if done else "annul",
        actor=court.uri,
        text=text,
        previous=row.head,
        at=notes.moment(tx.instance.clock()),
    )
    step = await sealing.seal(tx, step)
    parties = await actors.list_by_id(tx.conn, [row.author_id, row.responder_id])
    words = sealing.words_of(step.act, text, "en")
    note = agreements_wire.verdict(court, parties, step, words, tx.addresses.host)
    body = {"type": "Create", "object": note, "context": row.key}
    await outbox.send(tx, court, body, parties, about=row.key)
