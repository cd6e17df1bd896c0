"""Questions before a meeting: asked and voted by people of both ends, held by both cities."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from federation import html, outbox
from federation.acts import bridging, writing
from federation.addresses import Addresses
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import likes as like_wire
from federation.wire import pacts as wire
from federation.wire.pacts import Ends
from schema import actors, ids, meetings, pacts, questions
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.meetings import Meeting
from schema.questions import Question
from schema.words import N_

MOST: Final = 10  # by one person for one meeting


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as another server brings it."""

    uri: str
    created: datetime


async def ask(
    tx: Tx,
    *,
    by: Actor,
    meeting: Meeting,
    text: str,
    asked: Asked | None = None,
    received: Received | None = None,
) -> Question:
    """Somebody of one of the two places asks something for this meeting. Invalid, Conflict."""
    ends = await _check(tx, by, meeting, received)
    text = " ".join(html.tidy(text).split())
    if not 5 <= len(text) <= 1000:
        raise Invalid({"text": N_("Please ask in 5 to 1000 letters.")})
    if asked is not None:
        known = await questions.find(tx.conn, asked.uri)
        if known is not None:
            await outbox.done(tx, received)
            return known
    if await questions.count_of(tx.conn, meeting.id, by.id) >= MOST:
        raise Conflict(N_("Ten questions are the most for one session."))
    now, id = tx.instance.clock(), ids.new()
    row = Question(
        id=id,
        uri=asked.uri if asked else tx.addresses.question(id),
        meeting_id=meeting.id,
        author_id=by.id,
        text=text,
        deleted_at=None,
        created=min(asked.created, now) if asked else now,
    )
    await questions.insert(tx.conn, row)
    note = wire.inner(wire.question(row, meeting.uri, by.uri, ends))
    body: Document = {"type": "Create", "object": note}
    await outbox.record(tx, by, body, bridging.both(ends), received=received)
    return row


async def _check(tx: Tx, by: Actor, meeting: Meeting, received: Received | None) -> Ends:
    """Who may ask and vote: people of both ends, until the meeting is over."""
    pact = await pacts.get(tx.conn, meeting.pact_id)
    bridging.check_stands(pact)
    ends = await bridging.ends_of(tx.conn, pact)
    if not writing.is_proved(by, received):
        raise Forbidden(bridging.NOT_YOURS)
    bridging.check_resident(by, ends)
    await writing.check_writer(tx, by, None, received)
    if received is None and (meeting.cancelled or meeting.ends < tx.instance.clock()):
        raise Conflict(N_("This session is over or called off."))
    return ends


async def vote(
    tx: Tx,
    *,
    by: Actor,
    question: Question,
    uri: str = "",
    received: Received | None = None,
) -> None:
    """`by` finds it important; once. `uri`: the Like of a person elsewhere."""
    if question.deleted_at:
        raise Missing(writing.NOT_HERE)
    meeting = await meetings.get(tx.conn, question.meeting_id)
    ends = await _check(tx, by, meeting, received)
    if received is None and await questions.find_vote(tx.conn, question.id, by.id):
        return
    body = {**like_wire.like(question.uri, ""), "target": meeting.uri}
    sent = await outbox.record(tx, by, body, bridging.both(ends), received=received)
    await questions.put_vote(tx.conn, question.id, by.id, uri or sent)


async def unvote(
    tx: Tx, *, by: Actor, question: Question, uri: str = "", received: Received | None = None
) -> None:
    """Taken back; nothing happens where there was none."""
    meeting = await meetings.get(tx.conn, question.meeting_id)
    ends = await _check(tx, by, meeting, received)
    known = uri or await questions.find_vote(tx.conn, question.id, by.id) or ""
    if not await questions.drop_vote(tx.conn, question.id, by.id, known):
        await outbox.done(tx, received)
        return
    body = like_wire.undo(known, by.uri, question.uri, "")
    await outbox.record(tx, by, body, bridging.both(ends), received=received)


async def take_back(
    tx: Tx, *, by: Actor, question: Question, received: Received | None = None
) -> None:
    """By its author; or by the end that holds the date, where it is out of place."""
    if question.deleted_at:
        await outbox.done(tx, received)
        return
    meeting = await meetings.get(tx.conn, question.meeting_id)
    pact = await pacts.get(tx.conn, meeting.pact_id)
    ends = await bridging.ends_of(tx.conn, pact)
    speaker = by
    if by.id != question.author_id or not writing.is_proved(by, received):
        speaker = ends.side(meeting.home_id)
        await bridging.check_side(tx, by, pact, speaker, received)
    await questions.delete(tx.conn, question.id, tx.instance.clock())
    body: Document = {"type": "Delete", "object": question.uri}
    await outbox.record(tx, speaker, body, bridging.both(ends), received=received)


async def document(conn: Conn, addresses: Addresses, id: UUID) -> Document | None:
    """A question of a resident; None for others, and for one that was taken back."""
    row = await questions.get(conn, id)
    if row.uri != addresses.question(id) or row.deleted_at:
        return None
    meeting = await meetings.get(conn, row.meeting_id)
    ends = await bridging.ends_of(conn, await pacts.get(conn, meeting.pact_id))
    author = await actors.get(conn, row.author_id)
    return wire.question(row, meeting.uri, author.uri, ends)
