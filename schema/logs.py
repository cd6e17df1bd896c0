"""The log of everything admins and moderators of the place did."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema import ids
from schema.actors import Actor
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Entry:
    """`by_name` is '' when it was done from the command line."""

    id: UUID
    act: str
    subject: str
    reason: str
    created: datetime
    by_name: str


async def write(
    conn: Conn, by: Actor | None, act: str, subject: str = "", reason: str = ""
) -> None:
    """`by` None: from the command line."""
    await db.run(
        conn,
        """insert into admin_log (id, by_id, act, subject, reason)
           values (%(id)s, %(by)s, %(act)s, %(subject)s, %(reason)s)""",
        {
            "id": ids.new(),
            "by": by.id if by else None,
            "act": act,
            "subject": subject[:500],
            "reason": reason[:2000],
        },
    )


async def list_newest(conn: Conn, before: UUID | None, limit: int) -> list[Entry]:
    """Newest first, below the id `before`."""
    return await db.many(
        conn,
        Entry,
        """select l.id, l.act, l.subject, l.reason, l.created, coalesce(a.name, '') as by_name
           from admin_log l left join actors a on a.id = l.by_id
           where %(before)s::uuid is null or l.id < %(before)s
           order by l.id desc limit %(limit)s""",
        {"before": before, "limit": limit},
    )
