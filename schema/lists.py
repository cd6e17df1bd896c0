"""Lists of places to block or to link with: what they say, and what admins made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn

Kind: TypeAlias = Literal["block", "allow"]
State: TypeAlias = Literal["draft", "applied", "refused", "leaving"]


@dataclass(frozen=True, slots=True)
class PeerList:
    """`address` None: it was imported once; `drafts` and `leaving` wait for an admin."""

    id: UUID
    kind: Kind
    title: str
    address: str | None
    fetched_at: datetime | None
    error: str
    created: datetime
    drafts: int
    leaving: int
    applied: int
    refused: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of a list; `link` None where we never met it."""

    host: str
    reason: str
    state: State
    changed: datetime
    origin: str | None
    link: str | None
    blocked: bool


async def insert(conn: Conn, *, id: UUID, kind: Kind, title: str, address: str | None) -> None:
    """Conflict where we read this address already."""
    await db.run(
        conn,
        """insert into lists (id, kind, title, address)
           values (%(id)s, %(kind)s, %(title)s, %(address)s)""",
        {"id": id, "kind": kind, "title": title, "address": address},
    )


async def get(conn: Conn, id: UUID) -> PeerList:
    """Missing when there is none."""
    return await db.one(conn, PeerList, _SELECT + " where l.id = %(id)s", {"id": id})


async def list_all(conn: Conn) -> list[PeerList]:
    """By title."""
    return await db.many(conn, PeerList, _SELECT + " order by l.title, l.id")


_SELECT: Final = """select l.*, n.* from lists l cross join lateral (
  select count(*) filter (where state = 'draft')::int as drafts,
    count(*) filter (where state = 'leaving')::int as leaving,
    count(*) filter (where state = 'applied')::int as applied,
    count(*) filter (where state = 'refused')::int as refused
  from list_entries where list_id = l.id) n"""


async def delete(conn: Conn, id: UUID) -> None:
    """With its entries; what they led to stays."""
    await db.run(conn, "delete from lists where id = %(id)s", {"id": id})


async def merge(conn: Conn, list_id: UUID, hosts: Sequence[str], reasons: Sequence[str]) -> None:
    """What the list says now: new places are drafts; of those that left it, drafts go, and what
    was applied waits for an admin to be taken back. What was refused stays so."""
    given = {"id": list_id, "hosts": list(hosts), "reasons": list(reasons)}
    await db.run(
        conn,
        """insert into list_entries (list_id, host, reason)
           select %(id)s, host, reason from unnest(%(hosts)s::text[], %(reasons)s::text[])
             as new (host, reason)
           on conflict (list_id, host) do update set reason = excluded.reason,
             state = case when list_entries.state = 'leaving' then 'applied'
                          else list_entries.state end""",
        given,
    )
    await db.run(
        conn,
        """delete from list_entries
           where list_id = %(id)s and state = 'draft' and not host = any(%(hosts)s)""",
        given,
    )
    await db.run(
        conn,
        """update list_entries set state = 'leaving', changed = now()
           where list_id = %(id)s and state = 'applied' and not host = any(%(hosts)s)""",
        given,
    )
    await db.run(
        conn, "update lists set fetched_at = now(), error = '' where id = %(id)s", {"id": list_id}
    )


async def failed(conn: Conn, id: UUID, error: str) -> None:
    """It could not be read; what it said before stands."""
    query = "update lists set fetched_at = now(), error = %(error)s where id = %(id)s"
    await db.run(conn, query, {"id": id, "error": error[:300]})


async def list_entries(
    conn: Conn, list_id: UUID, state: State | None = None, limit: int = 500
) -> list[Entry]:
    """Those we have met first, then by host; of one state, or all."""
    return await db.many(
        conn,
        Entry,
        """select e.host, e.reason, e.state, e.changed, p.origin, p.link,
             coalesce(p.blocked_at is not null, false) as blocked
           from list_entries e left join peers p on p.host = e.host
           where e.list_id = %(id)s and (%(state)s::text is null or e.state = %(state)s)
           order by p.link is null, p.link <> 'linked', e.host limit %(limit)s""",
        {"id": list_id, "state": state, "limit": limit},
    )


async def find_entry(conn: Conn, list_id: UUID, host: str) -> Entry | None:
    """None when the list does not name it."""
    return await db.maybe(
        conn,
        Entry,
        """select e.host, e.reason, e.state, e.changed, p.origin, p.link,
             coalesce(p.blocked_at is not null, false) as blocked
           from list_entries e left join peers p on p.host = e.host
           where e.list_id = %(id)s and e.host = %(host)s""",
        {"id": list_id, "host": host},
    )


async def set_state(conn: Conn, list_id: UUID, host: str, state: State) -> None:
    """What an admin made of it."""
    await db.run(
        conn,
        """update list_entries set state = %(state)s, changed = now()
           where list_id = %(id)s and host = %(host)s""",
        {"id": list_id, "host": host, "state": state},
    )


async def drop_entry(conn: Conn, list_id: UUID, host: str) -> None:
    """It left the list, and what it led to was taken back or is meant to stay."""
    query = "delete from list_entries where list_id = %(id)s and host = %(host)s"
    await db.run(conn, query, {"id": list_id, "host": host})


async def is_wanted_by_others(conn: Conn, list_id: UUID, host: str) -> bool:
    """Whether another list of the same kind led to the same."""
    query = """select exists (select 1 from list_entries e join lists l on l.id = e.list_id
                 where e.host = %(host)s and e.list_id <> %(id)s and e.state = 'applied'
                   and l.kind = (select kind from lists where id = %(id)s))"""
    return bool(await db.value(conn, query, {"id": list_id, "host": host}))


async def claim_old(conn: Conn, hours: int) -> list[str]:
    """Lists with an address that were not read for so long; nobody else gets them meanwhile."""
    found = await db.values(
        conn,
        """update lists set fetched_at = now() where address is not null
             and (fetched_at is null or fetched_at < now() - make_interval(hours => %(h)s))
           returning id::text""",
        {"h": hours},
    )
    return [str(id) for id in found]


@dataclass(frozen=True, slots=True)
class Shared:
    """A place that we block, or are linked with, for others to read."""

    host: str
    reason: str


async def list_shared(conn: Conn, kind: Kind) -> list[Shared]:
    """By host."""
    return await db.many(
        conn,
        Shared,
        """select host, reason from peers where case when %(kind)s = 'block'
             then blocked_at is not null else link = 'linked' and blocked_at is null end
           order by host""",
        {"kind": kind},
    )
