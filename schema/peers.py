"""Other servers: neighbour cities and everybody else, their link to us and their health."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from schema import database as db
from schema.database import Conn

Link: TypeAlias = Literal["known", "asked", "asking", "linked", "refused"]


@dataclass(frozen=True, slots=True)
class Peer:
    """`origin` is scheme://host[:port]; `asked` by us, `asking` by them, `linked` by both."""

    origin: str
    host: str
    title: str
    software: str
    link: Link
    blocked_at: datetime | None
    paused_at: datetime | None
    publishes: bool
    receives: bool
    reason: str
    scheme: Literal["cavage", "rfc9421"]
    last_heard: datetime | None
    last_sent: datetime | None
    failing_since: datetime | None
    failures: int
    last_error: str
    next_at: datetime
    lease_until: datetime
    created: datetime


async def get(conn: Conn, origin: str) -> Peer:
    """Missing when we never met."""
    return await db.one(conn, Peer, "select * from peers where origin = %(o)s", {"o": origin})


async def find(conn: Conn, origin: str) -> Peer | None:
    """None when we never met."""
    return await db.maybe(conn, Peer, "select * from peers where origin = %(o)s", {"o": origin})


async def find_by_host(conn: Conn, host: str) -> Peer | None:
    """By host[:port]."""
    return await db.maybe(conn, Peer, "select * from peers where host = %(h)s", {"h": host.lower()})


async def meet(conn: Conn, origin: str, host: str) -> None:
    """Makes the row where it is missing."""
    await db.run(
        conn,
        "insert into peers (origin, host) values (%(o)s, %(h)s) on conflict do nothing",
        {"o": origin, "h": host},
    )


async def is_blocked(conn: Conn, origin: str) -> bool:
    """By its host, or as a sub-domain of a blocked host."""
    query = """select exists (select 1 from peers where blocked_at is not null
                 and (origin = %(o)s
                      or split_part(%(host)s, ':', 1) like '%%.' || split_part(host, ':', 1)))"""
    host = origin.partition("://")[2]
    return bool(await db.value(conn, query, {"o": origin, "host": host}))


async def heard(conn: Conn, origin: str) -> None:
    """They spoke to us: worth trying again at once what waits for them. At most once a minute."""
    await db.run(
        conn,
        """update peers set last_heard = now(), next_at = least(next_at, now())
           where origin = %(o)s
             and (last_heard is null or last_heard < now() - interval '1 minute')""",
        {"o": origin},
    )


async def set_link(conn: Conn, origin: str, link: Link) -> Peer:
    """The state of the bond between the two cities."""
    return await db.one(
        conn,
        Peer,
        "update peers set link = %(link)s where origin = %(o)s returning *",
        {"o": origin, "link": link},
    )


async def list_linked(conn: Conn) -> list[Peer]:
    """Neighbour cities, by name."""
    return await db.many(
        conn,
        Peer,
        "select * from peers where link = 'linked' and blocked_at is null order by title",
    )


async def set_title(conn: Conn, origin: str, title: str) -> None:
    """How that place calls itself."""
    await db.run(
        conn,
        "update peers set title = %(title)s where origin = %(o)s",
        {"o": origin, "title": title[:200]},
    )
