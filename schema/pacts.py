"""Pacts: two places that teach each other, and what was built afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.actors import Actor
from schema.database import Conn

State: TypeAlias = Literal["asked", "agreed", "declined", "ended"]


@dataclass(frozen=True, slots=True)
class Pact:
    """`asker_id` and `other_id` are the two places; hosts are people of each end.

    `aim` is Markdown where the asker lives here, else clean HTML.
    """

    id: UUID
    uri: str
    asker_id: UUID
    other_id: UUID
    asker_host_id: UUID | None
    other_host_id: UUID | None
    title: str
    topics: list[str]
    aim: str
    state: State
    reason: str
    ended_by: UUID | None
    created: datetime
    agreed_at: datetime | None
    ended_at: datetime | None

    def is_side(self, actor_id: UUID) -> bool:
        """Whether this place is one of the two."""
        return actor_id in (self.asker_id, self.other_id)

    def beyond(self, side_id: UUID) -> UUID:
        """The place at the other end."""
        return self.other_id if side_id == self.asker_id else self.asker_id

    def host_of(self, side_id: UUID) -> UUID | None:
        """Who is spoken to at this end."""
        return self.asker_host_id if side_id == self.asker_id else self.other_host_id


@dataclass(frozen=True, slots=True)
class PactCard:
    """A pact for lists: the two places by name, what is held next, how much is written."""

    id: UUID
    title: str
    topics: list[str]
    state: State
    asker_title: str
    asker_host: str
    other_title: str
    other_host: str
    next_title: str | None
    next_starts: datetime | None
    meetings: int
    lessons: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A project or community that came of it, by its address."""

    uri: str
    title: str
    home_id: UUID
    created: datetime


async def get(conn: Conn, id: UUID) -> Pact:
    """Missing when there is none."""
    return await db.one(conn, Pact, "select * from pacts where id = %(id)s", {"id": id})


async def find(conn: Conn, uri: str) -> Pact | None:
    """By its address."""
    return await db.maybe(conn, Pact, "select * from pacts where uri = %(uri)s", {"uri": uri})


async def lock(conn: Conn, id: UUID) -> Pact:
    """As `get`; nobody else changes it until the transaction ends."""
    return await db.one(
        conn, Pact, "select * from pacts where id = %(id)s for no key update", {"id": id}
    )


async def find_between(conn: Conn, one: UUID, other: UUID, title: str) -> Pact | None:
    """What these two have asked or agreed already under this title."""
    return await db.maybe(
        conn,
        Pact,
        """select * from pacts where title = %(title)s and state in ('asked', 'agreed')
             and asker_id in (%(one)s, %(other)s) and other_id in (%(one)s, %(other)s) limit 1""",
        {"one": one, "other": other, "title": title},
    )


async def insert(conn: Conn, pact: Pact) -> Pact:
    """Conflict when its address is taken."""
    return await db.one(
        conn,
        Pact,
        """insert into pacts (id, uri, asker_id, other_id, asker_host_id, title, topics, aim, state,
             created)
           values (%(id)s, %(uri)s, %(asker)s, %(other)s, %(host)s, %(title)s, %(topics)s, %(aim)s,
             'asked', %(created)s) returning *""",
        {
            "id": pact.id,
            "uri": pact.uri,
            "asker": pact.asker_id,
            "other": pact.other_id,
            "host": pact.asker_host_id,
            "title": pact.title,
            "topics": pact.topics,
            "aim": pact.aim,
            "created": pact.created,
        },
    )


async def agree(conn: Conn, id: UUID, host: UUID | None, at: datetime) -> Pact:
    """The other side says yes, and who its host is."""
    return await db.one(
        conn,
        Pact,
        """update pacts set state = 'agreed', other_host_id = %(host)s, agreed_at = %(at)s
           where id = %(id)s returning *""",
        {"id": id, "host": host, "at": at},
    )


async def end(conn: Conn, id: UUID, *, state: State, by: UUID, reason: str, at: datetime) -> Pact:
    """Declined, taken back or ended, with the reason."""
    return await db.one(
        conn,
        Pact,
        """update pacts set state = %(state)s, ended_by = %(by)s, reason = %(reason)s,
             ended_at = %(at)s where id = %(id)s returning *""",
        {"id": id, "state": state, "by": by, "reason": reason, "at": at},
    )


async def list_cards(conn: Conn, *, mine: Sequence[UUID] = (), limit: int = 100) -> list[PactCard]:
    """Agreed ones and those that ended after that; of the places in `mine` also what was asked.
    Running ones first, then what is held soonest."""
    return await db.many(
        conn,
        PactCard,
        _CARDS
        + """ where (p.agreed_at is not null
                or p.state = 'asked' and (p.asker_id = any(%(mine)s) or p.other_id = any(%(mine)s)))
             and a.deleted_at is null and o.deleted_at is null
             order by p.state = 'ended', n.starts nulls last, p.created desc limit %(limit)s""",
        {"mine": list(mine), "limit": limit},
    )


_CARDS: Final = """select p.id, p.title, p.topics, p.state,
    coalesce(nullif(a.title, ''), a.name) as asker_title, a.host as asker_host,
    coalesce(nullif(o.title, ''), o.name) as other_title, o.host as other_host,
    n.title as next_title, n.starts as next_starts,
    (select count(*) from meetings m where m.pact_id = p.id)::int as meetings,
    (select count(*) from lessons l join meetings m on m.id = l.meeting_id
      where m.pact_id = p.id)::int as lessons
  from pacts p join actors a on a.id = p.asker_id join actors o on o.id = p.other_id
    left join lateral (select m.title, m.starts from meetings m where m.pact_id = p.id
      and not m.cancelled and m.ends > now() order by m.starts limit 1) n on true"""


async def list_places(conn: Conn, person_id: UUID, city_id: UUID) -> list[Actor]:
    """The places of this server that a person speaks for: communities they are a steward of, and
    the city for its admins."""
    return await db.many(
        conn,
        Actor,
        """select a.* from actors a where a.peer is null and a.deleted_at is null and (
             a.id in (select m.community_id from memberships m join communities c
                 on c.actor_id = m.community_id
               where m.person_id = %(person)s and m.state = 'member' and m.role = 'steward'
                 and c.closed_at is null and c.join_rule <> 'hidden')
             or a.id = %(city)s and exists (select 1 from accounts
               where actor_id = %(person)s and role = 'admin' and state = 'active'))
           order by a.kind = 'city' desc, a.title limit 100""",
        {"person": person_id, "city": city_id},
    )


async def list_partners(conn: Conn) -> list[Actor]:
    """Whom one may ask: linked cities and the communities that are known of them, and ours."""
    return await db.many(
        conn,
        Actor,
        """select a.* from actors a left join peers p on p.origin = a.peer
             left join communities c on c.actor_id = a.id
           where a.deleted_at is null and (a.peer is null or p.link = 'linked')
             and (a.kind = 'city' and a.peer is not null
               or a.kind = 'group' and c.join_rule <> 'hidden' and c.closed_at is null)
           order by a.kind = 'city' desc, a.peer is null, a.host, a.title limit 300""",
    )


async def list_outcomes(conn: Conn, pact_id: UUID) -> list[Outcome]:
    """What was built afterwards, the newest first."""
    return await db.many(
        conn,
        Outcome,
        """select uri, title, home_id, created from outcomes where pact_id = %(id)s
           order by created desc limit 100""",
        {"id": pact_id},
    )


async def put_outcome(conn: Conn, pact_id: UUID, uri: str, title: str, home_id: UUID) -> bool:
    """False when it is named already."""
    added = await db.run(
        conn,
        """insert into outcomes (pact_id, uri, title, home_id)
           values (%(pact)s, %(uri)s, %(title)s, %(home)s) on conflict do nothing""",
        {"pact": pact_id, "uri": uri, "title": title, "home": home_id},
    )
    return added > 0


async def drop_outcome(conn: Conn, pact_id: UUID, uri: str, home_id: UUID) -> bool:
    """False where this side has not named it."""
    query = """delete from outcomes
               where pact_id = %(pact)s and uri = %(uri)s and home_id = %(home)s"""
    return await db.run(conn, query, {"pact": pact_id, "uri": uri, "home": home_id}) > 0


async def list_speakers(conn: Conn, side: Actor, host: UUID | None = None) -> list[UUID]:
    """Who is told what concerns a place of ours: its stewards or the admins, and a host of it."""
    return await db.values(
        conn,
        """select c.actor_id from accounts c where c.state = 'active' and (
             %(is_city)s and c.role = 'admin' or c.actor_id = %(host)s
             or exists (select 1 from memberships m where m.person_id = c.actor_id
               and m.community_id = %(side)s and m.state = 'member' and m.role = 'steward'))""",
        {"is_city": side.kind == "city", "host": host, "side": side.id},
    )


async def speaks_for(conn: Conn, person_id: UUID, side_id: UUID) -> bool:
    """Whether this resident is a steward of the community, or an admin of the city that it is."""
    return bool(
        await db.value(
            conn,
            """select exists (select 1 from memberships where person_id = %(person)s
                 and community_id = %(side)s and state = 'member' and role = 'steward')
               or exists (select 1 from accounts c join actors a on a.id = %(side)s
                 where c.actor_id = %(person)s and c.role = 'admin' and c.state = 'active'
                   and a.kind = 'city' and a.peer is null)""",
            {"person": person_id, "side": side_id},
        )
    )
