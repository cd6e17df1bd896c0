"""What a settlement says to people who think of moving there, and whom they ask."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Settling:
    """`source` is Markdown; `contact_id` a resident."""

    source: str
    contact_id: UUID | None
    updated: datetime


async def find(conn: Conn) -> Settling | None:
    """None while nobody has written it."""
    return await db.maybe(conn, Settling, "select source, contact_id, updated from settling")


async def put(conn: Conn, source: str, contact_id: UUID | None, at: datetime) -> None:
    """What it says from now on."""
    await db.run(
        conn,
        """insert into settling (source, contact_id, updated)
           values (%(source)s, %(contact)s, %(at)s)
           on conflict (only_one) do update set source = excluded.source,
             contact_id = excluded.contact_id, updated = excluded.updated""",
        {"source": source, "contact": contact_id, "at": at},
    )
