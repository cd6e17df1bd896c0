"""Lessons: what was answered is written down by the hosts of an end, and kept as a page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from federation import html, outbox
from federation.acts import bridging
from federation.addresses import Addresses
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import pacts as wire
from schema import ids, lessons, meetings, pacts
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Forbidden, Invalid
from schema.lessons import Lesson
from schema.meetings import Meeting
from schema.words import N_


@dataclass(frozen=True, slots=True)
class Written:
    """A lesson as another server brings it; `html` is clean."""

    uri: str
    html: str
    created: datetime
    updated: datetime


async def write(
    tx: Tx,
    *,
    by: Actor,
    meeting: Meeting,
    side: Actor,
    title: str,
    source: str,
    question_uri: str = "",
    lesson: Lesson | None = None,
    written: Written | None = None,
    received: Received | None = None,
) -> Lesson:
    """By who speaks for an end or hosts there; `lesson` is written anew. Invalid."""
    pact = await pacts.get(tx.conn, meeting.pact_id)
    await bridging.check_side(tx, by, pact, side, received)
    if lesson is not None and lesson.home_id != side.id:
        raise Forbidden(bridging.NOT_YOURS)
    title, source = _checked(title, source, written)
    now, id = tx.instance.clock(), lesson.id if lesson else ids.new()
    row = Lesson(
        id=id,
        uri=lesson.uri if lesson else written.uri if written else tx.addresses.lesson(id),
        meeting_id=meeting.id,
        question_uri=lesson.question_uri if lesson else question_uri,
        home_id=side.id,
        writer_id=by.id if received is None else None,
        title=title,
        source=source,
        html=written.html if written else html.to_html(source),
        created=min(written.created, now) if written else now,
        updated=min(written.updated, now) if written else now,
    )
    stored = await lessons.put(tx.conn, row)
    ends = await bridging.ends_of(tx.conn, pact)
    body: Document = {
        "type": "Update" if lesson else "Create",
        "object": wire.inner(wire.lesson(stored, meeting.uri, ends)),
    }
    await outbox.record(tx, side, body, bridging.public(side, ends), received=received)
    return stored


def _checked(title: str, source: str, written: Written | None) -> tuple[str, str]:
    title, errors = " ".join(html.tidy(title).split()), dict[str, str]()
    if not 3 <= len(title) <= 120:
        errors["title"] = N_("Please give it a name of 3 to 120 letters.")
    if written is None and not source.strip():
        errors["source"] = N_("Please write something.")
    if len(source) > 50_000:
        errors["source"] = N_("That is too long.")
    if errors:
        raise Invalid(errors)
    return title, html.tidy(source)


async def document(conn: Conn, addresses: Addresses, id: UUID) -> Document | None:
    """A lesson that was written here; None for others."""
    row = await lessons.get(conn, id)
    if row.uri != addresses.lesson(id):
        return None
    meeting = await meetings.get(conn, row.meeting_id)
    ends = await bridging.ends_of(conn, await pacts.get(conn, meeting.pact_id))
    return wire.lesson(row, meeting.uri, ends)
