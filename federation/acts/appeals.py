"""Appeals: whoever a decision is about may ask for a second look, and gets an answer (DSA §20)."""

from uuid import UUID

from federation.instance import Tx
from schema import actors, appeals, logs, notices, standings
from schema.actors import Actor
from schema.appeals import AppealCard, State
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.notices import Notice
from schema.words import N_

LONGEST = 2000  # characters
DECISIONS = frozenset({"warning", "removed", "banned"})
"""Kinds of notices that tell of a decision."""


async def decision(tx: Tx, by: Actor, notice_id: UUID) -> Notice:
    """The notice of a decision about `by` that was made here; Missing for all else."""
    found = await notices.find(tx.conn, notice_id, by.id)
    maker = await actors.get(tx.conn, found.by_id) if found and found.by_id else None
    if found is None or found.kind not in DECISIONS or (maker and not maker.is_local):
        raise Missing(N_("There is nothing here, or it is not meant for you."))
    return found


async def appeal(tx: Tx, *, by: Actor, notice_id: UUID, text: str) -> None:
    """Admins and moderators are told. A suspended person may, too. Conflict for a second one."""
    found = await decision(tx, by, notice_id)
    words = text.strip()[:LONGEST]
    if not words:
        raise Invalid({"text": N_("Please say why you see it in another way.")})
    if not await appeals.insert(tx.conn, by, found.id, words, tx.instance.clock()):
        raise Conflict(N_("You have objected to this already; you will get an answer."))
    for told in await appeals.list_told(tx.conn):
        await notices.tell(tx.conn, told, "appeal", by=by.id, text=words)


async def answer(tx: Tx, *, by: Actor, appeal_id: UUID, state: State, words: str) -> AppealCard:
    """By an admin or moderator of the place; logged, and told to the person.

    Whether something changes is done where it was decided: a suspension is lifted, a post shown
    again. Invalid without words; Conflict when it was answered meanwhile; nobody answers their own.
    """
    standing = await standings.get(tx.conn, by.id, None)
    if not standing.keeps_order:
        raise Forbidden(N_("Only a moderator of this place can do this."))
    card = await appeals.get(tx.conn, appeal_id)
    if card.person_id == by.id:
        raise Forbidden(N_("Somebody else has to answer this: it is about you."))
    plain = words.strip()[:LONGEST]
    if state == "open" or not plain:
        raise Invalid({"answer": N_("Please give an answer; the person will read it.")})
    if not await appeals.answer(tx.conn, appeal_id, by, state, plain, tx.instance.clock()):
        raise Conflict(N_("Somebody else has answered this meanwhile."))
    await logs.write(tx.conn, by, f"appeal {state}", card.person_name, plain)
    await notices.tell(
        tx.conn,
        card.person_id,
        "appeal_done",
        by=by.id,
        post=card.post_id,
        proposal=card.proposal_id,
        text=plain,
    )
    return await appeals.get(tx.conn, appeal_id)
