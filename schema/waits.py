"""What waits for another server: what came in and needs it, and what it did not take."""

from datetime import timedelta
from uuid import UUID

from schema import database as db
from schema.database import Conn


async def put(
    conn: Conn, id: UUID, delay: timedelta, verdict: str, waits_for: str | None = None
) -> None:
    """Not now, but after this delay, or as soon as the server `waits_for` (its origin) answers."""
    await db.run(
        conn,
        """update activities set state = 'waiting', verdict = %(verdict)s,
             waits_for = %(waits_for)s, next_at = now() + %(delay)s, lease_until = 'epoch'
           where id = %(id)s""",
        {"id": id, "delay": delay, "verdict": verdict[:1000], "waits_for": waits_for},
    )


async def end(conn: Conn, waits_for: str) -> None:
    """That server answers again: all that waits for it is looked at, and a worker woken."""
    await db.run(
        conn,
        """with woken as (
             update activities set next_at = now()
             where state = 'waiting' and waits_for = %(waits_for)s and next_at > now()
             returning id)
           select pg_notify('inbox', '') from woken limit 1""",
        {"waits_for": waits_for},
    )


async def resume(conn: Conn, peer: str) -> None:
    """That server takes things again: all that it did not take is due, however often it was
    refused before, and what waits for it is looked at."""
    await db.run(
        conn,
        """update deliveries set next_at = now()
           where peer = %(peer)s and state = 'due' and next_at > now()""",
        {"peer": peer},
    )
    await end(conn, peer)
