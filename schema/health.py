"""Is the database there, and the numbers that tell whether the place is well."""

from dataclasses import dataclass
from typing import Final

from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from schema import broken
from schema import database as db
from schema.database import Conn

AWAY: Final = (PoolTimeout, OperationalError)  # what `ping`, or getting its connection, raises


async def ping(conn: Conn) -> None:
    """Raises when the database does not answer."""
    await db.value(conn, "select 1")


async def numbers(conn: Conn) -> dict[str, float]:
    """Gauges by name; ages in seconds."""
    rows = await db.value(
        conn,
        """select jsonb_build_object(
             'deliveries_due', (select count(*) from deliveries where state = 'due'),
             'deliveries_due_oldest_seconds', (select coalesce(extract(epoch from
               now() - min(created)), 0) from deliveries where state = 'due'),
             'deliveries_refused', (select count(*) from deliveries where state = 'refused'),
             'arrivals_due', (select count(*) from activities
               where state in ('received', 'waiting')),
             'arrivals_refused', (select count(*) from activities
               where direction = 'in' and state in ('refused', 'malformed')),
             'arrivals_broken', (select count(*) from activities
               where direction = 'in' and state = 'refused' and verdict = %(broken)s),
             'peers_failing', (select count(*) from peers where failures > 0),
             'peers_linked', (select count(*) from peers where link = 'linked'),
             'peers_asking', (select count(*) from peers
               where link = 'asking' and blocked_at is null),
             'accounts', (select count(*) from accounts where state = 'active'),
             'accounts_waiting', (select count(*) from accounts where state = 'waiting'),
             'communities', (select count(*) from communities join actors on id = actor_id
               where peer is null and closed_at is null),
             'proposals_open', (select count(*) from proposals where state = 'open'),
             'reports_open', (select count(*) from reports where state = 'open'))""",
        {"broken": broken.VERDICT},
    )
    return {str(name): float(value) for name, value in rows.items()}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Seconds: the oldest thing that waits to be sent, and the time of the database."""

    oldest: float
    clock: float
    migrations: int


async def probe(conn: Conn) -> Readiness:
    """Writes a row, so that a full disk or a read-only database is noticed."""
    return await db.one(
        conn,
        Readiness,
        """with written as (insert into limits (key, tokens) values ('readyz', 0)
             on conflict (key) do update set at = now() returning 1)
           select coalesce(extract(epoch from now() - (select min(created) from deliveries
               where state = 'due')), 0)::float8 as oldest,
             extract(epoch from clock_timestamp())::float8 as clock,
             (select count(*) from schema_version where number > 0)::int
               as migrations from written""",
    )


@dataclass(frozen=True, slots=True)
class PeerHealth:
    """How it stands with one neighbour; ages in seconds, -1 for never. `missed`: what came late,
    through its ledger."""

    host: str
    waiting: int
    oldest: float
    failures: int
    heard: float
    sent: float
    missed: int


async def list_peers(conn: Conn) -> list[PeerHealth]:
    """Neighbour cities, by host."""
    return await db.many(
        conn,
        PeerHealth,
        """select p.host, count(d.id)::int as waiting,
             coalesce(extract(epoch from now() - min(d.created)), 0)::float8 as oldest, p.failures,
             coalesce(extract(epoch from now() - p.last_heard), -1)::float8 as heard,
             coalesce(extract(epoch from now() - p.last_sent), -1)::float8 as sent,
             coalesce(max(l.missed), 0)::int as missed
           from peers p left join deliveries d on d.peer = p.origin and d.state = 'due'
             left join ledgers l on l.peer = p.origin
           where p.link = 'linked' and p.blocked_at is null
           group by p.origin order by p.host""",
    )
