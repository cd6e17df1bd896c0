"""The directory: whom we name as neighbours, whom our neighbours name, what a hub passed on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Named:
    """A neighbour as our directory shows it."""

    id: UUID
    uri: str
    title: str


async def list_named(conn: Conn, before: UUID | None, limit: int) -> list[Named]:
    """Our neighbours, below the id `before`; the newest first."""
    return await db.many(
        conn,
        Named,
        """select c.id, c.uri, coalesce(nullif(p.title, ''), p.host) as title
           from peers p join lateral (select id, uri from actors where peer = p.origin
             and kind = 'city' order by fetched desc limit 1) c on true
           where p.link = 'linked' and p.blocked_at is null
             and (%(before)s::uuid is null or c.id < %(before)s)
           order by c.id desc limit %(limit)s""",
        {"before": before, "limit": limit},
    )


@dataclass(frozen=True, slots=True)
class Beyond:
    """A city two steps away; `by` are the neighbours that name it."""

    host: str
    uri: str
    title: str
    by: list[str]


async def store(conn: Conn, peer: str, named: Sequence[tuple[str, str, str]]) -> None:
    """What this neighbour names now: host, uri and title of each; nothing of before."""
    await db.run(conn, "delete from vouched where peer = %(p)s", {"p": peer})
    await db.run(
        conn,
        """insert into vouched (peer, host, uri, title)
           select %(p)s, host, uri, title from unnest(%(h)s::text[], %(u)s::text[], %(t)s::text[])
             as new (host, uri, title) on conflict do nothing""",
        {
            "p": peer,
            "h": [host for host, _, _ in named],
            "u": [uri for _, uri, _ in named],
            "t": [title[:200] for _, _, title in named],
        },
    )


async def list_beyond(conn: Conn, limit: int = 200) -> list[Beyond]:
    """Cities that linked neighbours name and that are neither ours, linked, nor blocked; those
    named most first."""
    return await db.many(
        conn,
        Beyond,
        """select v.host, min(v.uri) as uri, coalesce(max(nullif(v.title, '')), v.host) as title,
             array_agg(coalesce(nullif(n.title, ''), n.host) order by n.host) as by
           from vouched v join peers n on n.origin = v.peer
           where n.link = 'linked' and n.blocked_at is null and not exists (
             select 1 from peers p where (p.host = v.host and p.link = 'linked')
               or p.blocked_at is not null and (p.host = v.host
                 or right(split_part(v.host, ':', 1), length(split_part(p.host, ':', 1)) + 1)
                   = '.' || split_part(p.host, ':', 1)))
           group by v.host order by count(*) desc, v.host limit %(limit)s""",
        {"limit": limit},
    )


async def claim_old(conn: Conn) -> list[str]:
    """Neighbours that were not asked for a day; nobody else asks them meanwhile."""
    return await db.values(
        conn,
        """insert into directories (peer)
           select origin from peers p where link = 'linked' and blocked_at is null
             and paused_at is null and not exists (select 1 from directories d
               where d.peer = p.origin and d.asked_at > now() - interval '1 day')
           on conflict (peer) do update set asked_at = now() returning peer""",
    )


async def pass_on(conn: Conn, uri: str) -> bool:
    """True the first time."""
    query = "insert into passed_on (uri) values (%(u)s) on conflict do nothing"
    return await db.run(conn, query, {"u": uri}) > 0
