"""Ledgers: what each city was sent, by number, and how far we have compared what others sent us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Ledger:
    """`sequence` and `forgotten` are of what we sent; the others of what they sent us."""

    peer: str
    sequence: int
    forgotten: int
    address: str
    told: int
    caught_up: int
    caught_at: datetime | None
    asked_at: datetime | None
    missed: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was brought to a city, or given up; `document` is '' unless asked for."""

    sequence: int
    uri: str
    document: str


async def get(conn: Conn, peer: str) -> Ledger:
    """All zero where nothing was ever sent."""
    found = await db.maybe(conn, Ledger, "select * from ledgers where peer = %(p)s", {"p": peer})
    return found or Ledger(peer, 0, 0, "", 0, 0, None, None, 0)


async def take_numbers(conn: Conn, peer: str, count: int) -> int:
    """So many numbers after the one that is returned.

    The row stays locked until the transaction ends: a higher number is never seen before a lower
    one, however long a transaction takes (never read "above the last id" without such a lock).
    """
    return int(
        await db.value(
            conn,
            """insert into ledgers (peer, sequence) values (%(p)s, %(n)s)
               on conflict (peer) do update set sequence = ledgers.sequence + excluded.sequence
               returning sequence - %(n)s""",
            {"p": peer, "n": count},
        )
    )


async def number(conn: Conn, peer: str, ended: Sequence[bool]) -> list[int | None]:
    """A number for each of these that ended, in their order."""
    count = sum(ended)
    base = await take_numbers(conn, peer, count) if count else 0
    return [base + sum(ended[: at + 1]) if ended[at] else None for at in range(len(ended))]


async def expire(conn: Conn, peer: str, before: datetime) -> int:
    """Gives up what has waited for a peer since before this moment; how many.

    The ledger is not whole any more up to there: who returns compares collections as well.
    """
    waiting = """select count(*) from deliveries
                 where peer = %(p)s and state = 'due' and created < %(before)s"""
    count = int(await db.value(conn, waiting, {"p": peer, "before": before}))
    if not count:
        return 0
    base = await take_numbers(conn, peer, count)
    await db.run(
        conn,
        """with old as (select id, row_number() over (order by id) as n from deliveries
             where peer = %(p)s and state = 'due' and created < %(before)s)
           update deliveries d set state = 'expired', done_at = now(), sequence = %(base)s + old.n
           from old where d.id = old.id""",
        {"p": peer, "before": before, "base": base},
    )
    await forget(conn, peer, base + count)
    return count


async def forget(conn: Conn, peer: str, until: int) -> None:
    """Up to this number the ledger does not tell everything."""
    await db.run(
        conn,
        "update ledgers set forgotten = greatest(forgotten, %(n)s) where peer = %(p)s",
        {"p": peer, "n": until},
    )


async def list_sent(conn: Conn, peer: str, after: int, limit: int, *, whole: bool) -> list[Entry]:
    """What was sent to a peer after this number; nothing of what was deleted since, but that."""
    return await db.many(
        conn,
        Entry,
        """select d.sequence, a.uri, case when %(whole)s then a.document else '' end as document
           from deliveries d join activities a on a.id = d.activity_id
           where d.peer = %(p)s and d.sequence > %(after)s
             and not (a.object_uri <> '' and a.type in ('Create', 'Update', 'Announce')
               and exists (select 1 from activities gone where gone.object_uri = a.object_uri
                 and gone.object_uri <> '' and gone.type = 'Delete' and gone.id > a.id))
           order by d.sequence limit %(limit)s""",
        {"p": peer, "after": after, "limit": limit, "whole": whole},
    )


async def tell(conn: Conn, peer: str, address: str, sequence: int) -> bool:
    """Remembers where a city lists what it sent us, and how far it is; True when that is further
    than we have compared, and nobody was told to do so within the last minutes."""
    await db.run(
        conn,
        """insert into ledgers (peer, address, told) values (%(p)s, %(a)s, %(n)s)
           on conflict (peer) do update set address = excluded.address, told = excluded.told
           where ledgers.address <> excluded.address or ledgers.told <> excluded.told""",
        {"p": peer, "a": address, "n": sequence},
    )
    return bool(
        await db.values(
            conn,
            """update ledgers set asked_at = now()
               where peer = %(p)s and told <> caught_up and asked_at < now() - interval '10 minutes'
               returning peer""",
            {"p": peer},
        )
    )


async def caught_up(conn: Conn, peer: str, until: int, missed: int) -> None:
    """Compared so far, and so many were missing."""
    await db.run(
        conn,
        """update ledgers set caught_up = %(n)s, caught_at = now(), missed = missed + %(m)s
           where peer = %(p)s""",
        {"p": peer, "n": until, "m": missed},
    )


async def claim_behind(conn: Conn) -> list[str]:
    """Neighbours whose list is further than we have compared, or was not asked for since a day;
    nobody else is told to compare them within the next minutes."""
    return await db.values(
        conn,
        """update ledgers l set asked_at = now() from peers p
           where p.origin = l.peer and l.address <> '' and p.link = 'linked'
             and p.blocked_at is null and p.paused_at is null and p.receives
             and l.asked_at < now() - interval '10 minutes'
             and (l.told <> l.caught_up
               or coalesce(l.caught_at, 'epoch') < now() - interval '1 day')
           returning l.peer""",
    )


async def list_unknown(conn: Conn, uris: Sequence[str]) -> list[str]:
    """Those of these activities that never came in."""
    return await db.values(
        conn,
        """select uri from unnest(%(uris)s::text[]) as listed (uri)
           where not exists (select 1 from activities a where a.uri = listed.uri)
             and not was_seen(listed.uri)""",
        {"uris": list(uris)},
    )


async def sweep(conn: Conn, before: datetime, limit: int = 10_000) -> int:
    """Takes what has ended before this moment out of the ledgers; its receipts stay."""
    return await db.run(
        conn,
        """with old as (select id, peer, sequence from deliveries
             where sequence is not null and done_at < %(before)s order by done_at limit %(limit)s),
           kept as (update ledgers l set forgotten = greatest(forgotten, o.until)
             from (select peer, max(sequence) as until from old group by peer) o
             where l.peer = o.peer)
           update deliveries d set sequence = null from old where d.id = old.id""",
        {"before": before, "limit": limit},
    )
