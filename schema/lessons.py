"""Lessons: answers of a knowledge bridge, kept as pages that the hosts go on writing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Lesson:
    """`home_id` is the side that wrote it; `source` Markdown, `html` clean."""

    id: UUID
    uri: str
    meeting_id: UUID
    question_uri: str
    home_id: UUID
    writer_id: UUID | None
    title: str
    source: str
    html: str
    created: datetime
    updated: datetime


async def get(conn: Conn, id: UUID) -> Lesson:
    """Missing when there is none."""
    return await db.one(conn, Lesson, "select * from lessons where id = %(id)s", {"id": id})


async def put(conn: Conn, row: Lesson) -> Lesson:
    """A new one, or what its home says of it now; an older word changes nothing."""
    await db.run(
        conn,
        """insert into lessons (id, uri, meeting_id, question_uri, home_id, writer_id, title,
             source, html, created, updated)
           values (%(id)s, %(uri)s, %(meeting_id)s, %(question_uri)s, %(home_id)s, %(writer_id)s,
             %(title)s, %(source)s, %(html)s, %(created)s, %(updated)s)
           on conflict (uri) do update set title = excluded.title, source = excluded.source,
             html = excluded.html, updated = excluded.updated
           where lessons.updated <= excluded.updated and lessons.home_id = excluded.home_id""",
        {field: getattr(row, field) for field in Lesson.__dataclass_fields__},
    )
    return await db.one(conn, Lesson, "select * from lessons where uri = %(uri)s", {"uri": row.uri})


async def list_of(conn: Conn, pact_id: UUID, meeting_id: UUID | None = None) -> list[Lesson]:
    """Of a pact, or of one meeting of it, the newest first."""
    return await db.many(
        conn,
        Lesson,
        """select l.* from lessons l join meetings m on m.id = l.meeting_id
           where m.pact_id = %(pact)s
             and (%(meeting)s::uuid is null or l.meeting_id = %(meeting)s)
           order by l.created desc limit 200""",
        {"pact": pact_id, "meeting": meeting_id},
    )
