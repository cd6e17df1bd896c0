"""Receipts: which servers something has reached, which still wait for it, and why some did not."""

from dataclasses import dataclass
from datetime import datetime

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Receipt:
    """One server; `arrived` when it took the first copy, None while it has none."""

    name: str
    host: str
    arrived: datetime | None
    waiting: bool
    refused: bool


async def list_of(conn: Conn, uri: str) -> list[Receipt]:
    """Where a thing of ours was sent, by name; of its changes the newest counts."""
    return await db.many(
        conn,
        Receipt,
        """select coalesce(nullif(p.title, ''), p.host) as name, p.host,
             min(d.done_at) filter (where d.state = 'done') as arrived,
             bool_or(d.state = 'due') as waiting,
             not bool_or(d.state in ('done', 'due')) as refused
           from activities a join deliveries d on d.activity_id = a.id
             join peers p on p.origin = d.peer
           where a.object_uri = %(uri)s and a.object_uri <> '' and a.direction = 'out'
             and a.type in ('Create', 'Update', 'Announce')
           group by p.origin order by 1 limit 500""",
        {"uri": uri},
    )


@dataclass(frozen=True, slots=True)
class Failure:
    """Why things did not arrive at a server, and how many; `waiting`: they are tried again."""

    reason: str
    count: int
    waiting: bool
    newest: datetime | None


async def list_failures(conn: Conn, peer: str) -> list[Failure]:
    """By reason, the most frequent first, of what waits and of the last 30 days."""
    return await db.many(
        conn,
        Failure,
        """select error as reason, count(*)::int as count, state = 'due' as waiting,
             max(done_at) as newest
           from (select error, state, done_at from deliveries
               where peer = %(peer)s and state = 'due' and attempts > 0
             union all
             select error, state, done_at from deliveries
               where peer = %(peer)s and state in ('refused', 'expired')
                 and done_at > now() - interval '30 days') failed
           group by error, state = 'due' order by 2 desc limit 20""",
        {"peer": peer},
    )
