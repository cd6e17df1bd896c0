"""Meetings of a knowledge bridge: when, in which room at each end, with whom."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Meeting:
    """`home_id` is the side that holds the date; `topic` plain text; `edition` counts changes."""

    id: UUID
    uri: str
    pact_id: UUID
    home_id: UUID
    title: str
    topic: str
    starts: datetime
    ends: datetime
    asker_room: str
    other_room: str
    link: str
    host_id: UUID | None
    cancelled: bool
    edition: int
    created: datetime
    updated: datetime


async def get(conn: Conn, id: UUID) -> Meeting:
    """Missing when there is none."""
    return await db.one(conn, Meeting, "select * from meetings where id = %(id)s", {"id": id})


async def find(conn: Conn, uri: str) -> Meeting | None:
    """By its address."""
    query = "select * from meetings where uri = %(uri)s"
    return await db.maybe(conn, Meeting, query, {"uri": uri})


async def put(conn: Conn, row: Meeting) -> Meeting:
    """A new one, or what its home says of it now; an older word changes nothing."""
    await db.run(
        conn,
        """insert into meetings (id, uri, pact_id, home_id, title, topic, starts, ends, asker_room,
             other_room, link, host_id, cancelled, edition, created, updated)
           values (%(id)s, %(uri)s, %(pact_id)s, %(home_id)s, %(title)s, %(topic)s, %(starts)s,
             %(ends)s, %(asker_room)s, %(other_room)s, %(link)s, %(host_id)s, %(cancelled)s,
             %(edition)s, %(created)s, %(updated)s)
           on conflict (uri) do update set title = excluded.title, topic = excluded.topic,
             starts = excluded.starts, ends = excluded.ends, asker_room = excluded.asker_room,
             other_room = excluded.other_room, link = excluded.link, host_id = excluded.host_id,
             cancelled = excluded.cancelled, edition = excluded.edition, updated = excluded.updated
           where meetings.edition < excluded.edition""",
        {field: getattr(row, field) for field in Meeting.__dataclass_fields__},
    )
    return await db.one(
        conn, Meeting, "select * from meetings where uri = %(uri)s", {"uri": row.uri}
    )


async def list_of(conn: Conn, pact_id: UUID) -> list[Meeting]:
    """All of a pact, the soonest first."""
    return await db.many(
        conn,
        Meeting,
        "select * from meetings where pact_id = %(id)s order by starts, id limit 500",
        {"id": pact_id},
    )


async def list_all(conn: Conn, since: datetime, limit: int = 500) -> list[Meeting]:
    """Of all pacts that are or were agreed, for the calendar of the whole place."""
    return await db.many(
        conn,
        Meeting,
        """select m.* from meetings m join pacts p on p.id = m.pact_id
           where m.ends > %(since)s and p.agreed_at is not null
           order by m.starts limit %(limit)s""",
        {"since": since, "limit": limit},
    )
