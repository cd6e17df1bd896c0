"""Other servers: neighbour cities and everybody else, their link to us and their health."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Ask, Conn

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
    circles: bool
    reason: str
    scheme: Literal["cavage", "rfc9421"]
    scheme_at: datetime | None
    implements: list[str]
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


async def lock(conn: Conn, origin: str) -> Peer:
    """As `get`, and nobody else changes the bond until this transaction ends."""
    query = "select * from peers where origin = %(o)s for no key update"
    return await db.one(conn, Peer, query, {"o": origin})


async def find(conn: Conn, origin: str) -> Peer | None:
    """None when we never met."""
    return await db.maybe(conn, Peer, "select * from peers where origin = %(o)s", {"o": origin})


async def find_by_host(conn: Conn, host: str) -> Peer | None:
    """By host[:port]."""
    return await db.maybe(conn, Peer, "select * from peers where host = %(h)s", {"h": host.lower()})


async def meet(conn: Conn, origin: str, host: str) -> None:
    """Makes the row where it is missing; a sub-domain of a blocked host is blocked with it."""
    await db.run(
        conn,
        """insert into peers (origin, host, blocked_at, reason)
           select %(o)s, %(h)s, above.blocked_at, coalesce(above.reason, '')
           from (select 1) as one left join lateral (select blocked_at, reason from peers
             where blocked_at is not null
               and right(split_part(%(h)s, ':', 1), length(split_part(host, ':', 1)) + 1)
                 = '.' || split_part(host, ':', 1) limit 1) above on true
           on conflict do nothing""",
        {"o": origin, "h": host},
    )


async def is_blocked(conn: Conn, origin: str) -> bool:
    """By its host, or as a sub-domain of a blocked host."""
    query = """select exists (select 1 from peers where blocked_at is not null
                 and (origin = %(o)s
                      or right(split_part(%(host)s, ':', 1), length(split_part(host, ':', 1)) + 1)
                         = '.' || split_part(host, ':', 1)))"""
    host = origin.partition("://")[2]
    return bool(await db.value(conn, query, {"o": origin, "host": host}))


@dataclass(frozen=True, slots=True)
class Standing:
    """What an inbox asks of a server before anything else; `heard`: within the last minute."""

    blocked: bool
    link: Link | None
    heard: bool
    receives: bool


STANDING: Final = """select
    exists (select 1 from peers where blocked_at is not null
      and (origin = %(o)s
           or right(split_part(%(host)s, ':', 1), length(split_part(host, ':', 1)) + 1)
              = '.' || split_part(host, ':', 1))) as blocked,
    p.link, coalesce(p.last_heard > now() - interval '1 minute' and p.next_at <= now(), false)
      as heard, coalesce(p.receives, true) as receives
  from (select) always left join peers p on p.origin = %(o)s"""


async def standing(conn: Conn, origin: str) -> Standing:
    """In one round trip; a server we never met has neither link nor block of its own."""
    host = origin.partition("://")[2]
    return await db.one(conn, Standing, STANDING, {"o": origin, "host": host})


async def heard(conn: Conn, origin: str) -> None:
    """They spoke to us: worth trying again at once what waits for them, also what was refused
    while they were not well."""
    await db.run(
        conn,
        """with spoke as (
             update peers set last_heard = now(), next_at = least(next_at, now())
             where origin = %(o)s
               and (last_heard is null or last_heard < now() - interval '1 minute'
                    or next_at > now())
             returning failures)
           update deliveries set next_at = now()
           where peer = %(o)s and state = 'due' and next_at > now()
             and exists (select 1 from spoke where failures > 0)""",
        {"o": origin},
    )


async def keep_leased(conn: Conn, origin: str, lease: timedelta) -> None:
    """Of a leased one that took a whole batch: nobody else gets the next."""
    await db.run(
        conn,
        """update peers set lease_until = now() + %(lease)s, last_sent = now()
           where origin = %(o)s""",
        {"o": origin, "lease": lease},
    )


async def learn_scheme(conn: Conn, origin: str, scheme: Literal["cavage", "rfc9421"]) -> None:
    """They have taken a request that was signed this way."""
    await db.run(
        conn,
        """insert into peers (origin, host, scheme, scheme_at) values (%(o)s, %(h)s, %(s)s, now())
           on conflict (origin) do update set scheme = excluded.scheme, scheme_at = now()""",
        {"o": origin, "h": origin.partition("://")[2], "s": scheme},
    )


async def learn_features(conn: Conn, origin: str, implements: Sequence[str], rfc9421: str) -> None:
    """What this server says it can do (FEP-844e), by address; when `rfc9421` is newly among it,
    the next request is signed so."""
    await db.run(
        conn,
        """update peers set implements = %(i)s,
             scheme = case when %(new)s = any(%(i)s) and not %(new)s = any(implements)
               then 'rfc9421' else scheme end,
             scheme_at = case when %(new)s = any(%(i)s) and not %(new)s = any(implements)
               then null else scheme_at end
           where origin = %(o)s and implements <> %(i)s""",
        {"o": origin, "i": list(implements), "new": rfc9421},
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
    return await db.answer(conn, ask_linked())


def ask_linked() -> Ask[Peer]:
    """The question behind `list_linked`."""
    return Ask(
        Peer, "select * from peers where link = 'linked' and blocked_at is null order by title"
    )


async def set_title(conn: Conn, origin: str, title: str) -> None:
    """How that place calls itself."""
    await db.run(
        conn,
        "update peers set title = %(title)s where origin = %(o)s",
        {"o": origin, "title": title[:200]},
    )


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another city as the network page and its own page show it; counts are of what we have."""

    origin: str
    host: str
    title: str
    software: str
    link: Link
    blocked_at: datetime | None
    paused_at: datetime | None
    publishes: bool
    receives: bool
    circles: bool
    reason: str
    last_heard: datetime | None
    last_sent: datetime | None
    failing_since: datetime | None
    failures: int
    last_error: str
    city_id: UUID | None
    about_html: str
    place_name: str
    latitude: float | None
    longitude: float | None
    offers: int
    needs: int
    communities: int
    waiting: int
    oldest_waiting: datetime | None
    distance_km: float | None = None

    @property
    def url(self) -> str:
        return f"/network/{self.host}"

    @property
    def name(self) -> str:
        """What it calls itself, else its address."""
        return self.title or self.host

    @property
    def is_neighbour(self) -> bool:
        return self.link == "linked" and self.blocked_at is None


async def list_neighbours(conn: Conn, *, linked_only: bool) -> list[Neighbour]:
    """Linked cities first, then those that asked, then the rest; by name."""
    query = (
        _NEIGHBOURS
        + """ where not %(linked)s or p.link = 'linked' and p.blocked_at is null
              order by p.blocked_at is not null, p.link <> 'linked', p.link <> 'asking', p.title,
                p.host limit 1000"""
    )
    return await db.many(conn, Neighbour, query, {"linked": linked_only})


async def get_neighbour(conn: Conn, host: str) -> Neighbour:
    """By host[:port]; Missing when we never met."""
    query = _NEIGHBOURS + " where p.host = %(host)s"
    return await db.one(conn, Neighbour, query, {"host": host.lower()})


_NEIGHBOURS: Final = """select p.origin, p.host, p.title, p.software, p.link, p.blocked_at,
    p.paused_at, p.publishes, p.receives, p.circles, p.reason, p.last_heard, p.last_sent,
    p.failing_since,
    p.failures, p.last_error, c.id as city_id, coalesce(c.about_html, '') as about_html,
    coalesce(c.place_name, '') as place_name, c.latitude, c.longitude,
    (select count(*) from proposals l join actors a on a.id = l.author_id
       where a.peer = p.origin and l.purpose = 'offer' and l.state = 'open'
         and (l.until is null or l.until > now())) as offers,
    (select count(*) from proposals l join actors a on a.id = l.author_id
       where a.peer = p.origin and l.purpose = 'request' and l.state = 'open'
         and (l.until is null or l.until > now())) as needs,
    (select count(*) from communities k join actors a on a.id = k.actor_id
       where a.peer = p.origin and k.join_rule <> 'hidden') as communities,
    (select count(*) from deliveries d where d.peer = p.origin and d.state = 'due') as waiting,
    (select min(created) from deliveries d where d.peer = p.origin and d.state = 'due')
      as oldest_waiting
  from peers p left join lateral (select * from actors where peer = p.origin and kind = 'city'
    order by fetched desc limit 1) c on true"""


async def set_switches(
    conn: Conn, origin: str, *, publishes: bool, receives: bool, paused: bool
) -> None:
    """What flows to and from a city; a pause keeps everything and sends nothing."""
    await db.run(
        conn,
        """update peers set publishes = %(publishes)s, receives = %(receives)s,
             paused_at = case when %(paused)s then coalesce(paused_at, now()) end
           where origin = %(o)s""",
        {"o": origin, "publishes": publishes, "receives": receives, "paused": paused},
    )


async def join_circles(conn: Conn, origin: str, joined: bool) -> None:
    """Whether circles may be found with people of that city; it must say so too."""
    await db.run(
        conn,
        "update peers set circles = %(joined)s where origin = %(o)s",
        {"o": origin, "joined": joined},
    )


async def list_under(conn: Conn, host: str) -> list[str]:
    """Origins of the server at this host[:port] and of its sub-domains, as far as we met them."""
    return await db.values(
        conn,
        """select origin from peers where host = %(h)s
             or right(split_part(host, ':', 1), length(split_part(%(h)s, ':', 1)) + 1)
                = '.' || split_part(%(h)s, ':', 1)""",
        {"h": host},
    )


async def block(conn: Conn, origins: Sequence[str], reason: str) -> None:
    """Nothing goes there and nothing comes from there; the link is over."""
    await db.run(
        conn,
        """update peers set blocked_at = now(), reason = %(reason)s, link = 'known'
           where origin = any(%(o)s)""",
        {"o": list(origins), "reason": reason},
    )


async def unblock(conn: Conn, origin: str) -> None:
    """They are strangers again, and with them the sub-domains that were blocked at that moment."""
    await db.run(
        conn,
        """update peers set blocked_at = null, reason = ''
           where blocked_at = (select blocked_at from peers where origin = %(o)s)""",
        {"o": origin},
    )


async def retry(conn: Conn, origin: str) -> None:
    """Makes everything that waits for this peer due now."""
    await db.run(
        conn,
        """with awake as (update peers set next_at = now() where origin = %(o)s returning origin)
           update deliveries d set next_at = now()
           from awake where d.peer = awake.origin and d.state = 'due'""",
        {"o": origin},
    )
    await db.value(conn, "select pg_notify('outbox', ''), pg_notify('inbox', '')")
