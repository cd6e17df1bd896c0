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


async def clock(conn: Conn) -> float:
    """What the database takes for now: seconds since 1970."""
    return float(await db.value(conn, "select extract(epoch from now())"))


async def set_right(conn: Conn, beyond: timedelta = timedelta(0)) -> None:
    """The clock was set back. What waits for a time further off than `beyond` is due, since nobody
    meant it to wait so long; what happened "later than now" happened now."""
    times = {"beyond": beyond}
    await db.run(
        conn,
        """update peers set next_at = least(next_at, now()), lease_until = 'epoch',
             last_heard = case when last_heard > now() then now() else last_heard end,
             last_sent = case when last_sent > now() then now() else last_sent end
           where greatest(next_at, lease_until, last_heard, last_sent) > now() + %(beyond)s""",
        times,
    )
    await db.run(
        conn,
        """update activities set next_at = least(next_at, now()), lease_until = 'epoch'
           where state in ('received', 'waiting')
             and greatest(next_at, lease_until) > now() + %(beyond)s""",
        times,
    )
    await db.run(
        conn,
        """update deliveries set next_at = now()
           where state = 'due' and next_at > now() + %(beyond)s""",
        times,
    )
    await db.run(
        conn,
        """update ledgers set asked_at = least(asked_at, now()),
             caught_at = case when caught_at > now() then now() else caught_at end
           where greatest(asked_at, caught_at) > now() + %(beyond)s""",
        times,
    )
    await db.run(
        conn,
        """update limits set at = clock_timestamp() where at > clock_timestamp() + %(beyond)s""",
        times,
    )
    await db.run(conn, "select pg_notify('inbox', ''), pg_notify('outbox', '')")
