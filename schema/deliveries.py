"""Whom an activity of ours was meant for, as the queue knows it."""

from uuid import UUID

from schema import database as db
from schema.database import Conn


async def was_sent_to(conn: Conn, activity_id: UUID, peer: str) -> bool:
    """Whether this activity is, or was, to be brought to this server."""
    query = """select exists (select 1 from deliveries
                 where activity_id = %(activity)s and peer = %(peer)s)"""
    return bool(await db.value(conn, query, {"activity": activity_id, "peer": peer}))
