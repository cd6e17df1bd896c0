"""Who belongs to which community, as what, and how it came to that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schema import communities
from schema import database as db
from schema.actors import Actor
from schema.database import Conn

Role: TypeAlias = Literal["member", "moderator", "steward"]
State: TypeAlias = Literal["asked", "member", "invited", "refused", "left", "banned"]


def wishes(state: State, uri: str) -> bool:
    """Whether somebody in this state has asked to belong (by `uri`, '' when they took that back).
    Who was let go has not left."""
    return state == "asked" or (state in ("left", "refused") and bool(uri))


@dataclass(frozen=True, slots=True)
class Membership:
    """`uri` is the Join or Follow that asked; `banned_until` None with state banned: for good.

    `edition` grows with every Join and Leave of a person elsewhere; 0 where nobody counts.
    """

    community_id: UUID
    person_id: UUID
    role: Role
    state: State
    uri: str
    message: str
    reason: str
    banned_until: datetime | None
    decided_by: UUID | None
    created: datetime
    changed: datetime
    edition: int = 0

    @property
    def is_member(self) -> bool:
        return self.state == "member"

    @property
    def moderates(self) -> bool:
        return self.state == "member" and self.role in ("moderator", "steward")

    def outlives(self, edition: int) -> bool:
        """Whether a Join or Leave of this edition is older than what is known."""
        return 0 < edition < self.edition

    @property
    def is_wished(self) -> bool:
        """Whether the person has asked to belong, and has neither got it nor taken that back."""
        return wishes(self.state, self.uri)

    @property
    def is_steward(self) -> bool:
        return self.state == "member" and self.role == "steward"

    def is_banned(self, now: datetime) -> bool:
        """Whether a ban stands at this moment; it ends by itself."""
        return self.state == "banned" and (self.banned_until is None or self.banned_until > now)


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as a community's lists show them."""

    person_id: UUID
    name: str
    host: str
    title: str
    avatar_id: UUID | None
    role: Role
    state: State
    message: str
    reason: str
    banned_until: datetime | None
    created: datetime
    changed: datetime

    @property
    def handle(self) -> str:
        return f"{self.name}@{self.host}" if self.host else self.name

    @property
    def url(self) -> str:
        return f"/people/{self.handle}"

    @property
    def avatar_url(self) -> str | None:
        return f"/media/{self.avatar_id}?small" if self.avatar_id else None


async def find(conn: Conn, community_id: UUID, person_id: UUID) -> Membership | None:
    """The one of this person in this community, in whatever state."""
    query = "select * from memberships where community_id = %(c)s and person_id = %(p)s"
    return await db.maybe(conn, Membership, query, {"c": community_id, "p": person_id})


async def lock(conn: Conn, community_id: UUID, person_id: UUID) -> Membership | None:
    """As `find`; until the transaction ends nobody else changes who belongs to the community."""
    await communities.lock(conn, community_id)
    return await find(conn, community_id, person_id)


async def find_by_uri(conn: Conn, uri: str) -> Membership | None:
    """By the id of the Join or Follow that asked."""
    query = "select * from memberships where uri = %(uri)s and uri <> '' limit 1"
    return await db.maybe(conn, Membership, query, {"uri": uri})


async def is_member(conn: Conn, community_id: UUID, person_id: UUID) -> bool:
    """Whether this person belongs to it now."""
    found = await find(conn, community_id, person_id)
    return found is not None and found.is_member


async def moderates(conn: Conn, community_id: UUID, person_id: UUID) -> bool:
    """Whether this person is one of its moderators or stewards."""
    found = await find(conn, community_id, person_id)
    return found is not None and found.moderates


async def has_at(conn: Conn, community_id: UUID, peer: str) -> bool:
    """Whether anybody at that server belongs to it, asked or was invited."""
    query = """select exists (select 1 from memberships m join actors a on a.id = m.person_id
                 where m.community_id = %(id)s and a.peer = %(peer)s
                   and m.state in ('member', 'asked', 'invited'))"""
    return bool(await db.value(conn, query, {"id": community_id, "peer": peer}))


async def put(conn: Conn, row: Membership) -> Membership:
    """Writes the row, and counts the members again where that may have changed."""
    before = await find(conn, row.community_id, row.person_id)
    stored = await db.one(
        conn,
        Membership,
        """insert into memberships (community_id, person_id, role, state, uri, message, reason,
             banned_until, decided_by, edition)
           values (%(community_id)s, %(person_id)s, %(role)s, %(state)s, %(uri)s, %(message)s,
             %(reason)s, %(banned_until)s, %(decided_by)s, %(edition)s)
           on conflict (community_id, person_id) do update set role = excluded.role,
             state = excluded.state, uri = excluded.uri, message = excluded.message,
             reason = excluded.reason, banned_until = excluded.banned_until,
             decided_by = excluded.decided_by, changed = now(),
             edition = greatest(memberships.edition, excluded.edition)
           returning *""",
        {name: getattr(row, name) for name in Membership.__slots__},
    )
    was, now = before is not None and before.is_member, stored.is_member
    if was != now:
        await _recount(conn, row.community_id, 1 if now else -1)
    return stored


async def _recount(conn: Conn, community_id: UUID, change: int) -> None:
    # Of a foreign community we know only our own people and those its acts named.
    await db.run(
        conn,
        """with known as (select count(*) as n from memberships
             where community_id = %(id)s and state = 'member')
           update communities c set members = case when a.peer is null then known.n
             else greatest(known.n, c.members + %(change)s) end
           from actors a, known where a.id = c.actor_id and c.actor_id = %(id)s""",
        {"id": community_id, "change": change},
    )


async def count_stewards(conn: Conn, community_id: UUID) -> int:
    """How many could still change its settings."""
    query = """select count(*) from memberships m join actors a on a.id = m.person_id
               where community_id = %(id)s and state = 'member' and role = 'steward'
                 and a.deleted_at is null"""
    return int(await db.value(conn, query, {"id": community_id}))


async def list_ids(conn: Conn, community_id: UUID) -> list[UUID]:
    """Everybody who belongs to it."""
    return await db.values(
        conn,
        """select person_id from memberships
           where community_id = %(id)s and state = 'member'""",
        {"id": community_id},
    )


async def list_led(conn: Conn, person_id: UUID) -> list[Actor]:
    """The communities here that this person moderates or leads."""
    return await db.many(
        conn,
        Actor,
        """select a.* from memberships m join actors a on a.id = m.community_id
           where m.person_id = %(id)s and m.state = 'member' and m.role in ('moderator', 'steward')
             and a.peer is null and a.deleted_at is null order by a.title, a.name""",
        {"id": person_id},
    )


async def list_moderators(conn: Conn, community_id: UUID) -> list[UUID]:
    """Who decides there: ids of moderators and stewards."""
    return await db.values(
        conn,
        """select person_id from memberships where community_id = %(id)s and state = 'member'
             and role in ('moderator', 'steward')""",
        {"id": community_id},
    )


async def list_people(
    conn: Conn,
    community_id: UUID,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 60,
) -> list[PersonCard]:
    """Members, who came first first. `after`: `created` and `person_id` of the last one before."""
    return await db.many(
        conn,
        PersonCard,
        _PEOPLE
        + """ and m.state = 'member' and (%(at)s::timestamptz is null
                or (m.created, m.person_id) > (%(at)s, %(id)s::uuid))
              order by m.created, m.person_id limit %(limit)s""",
        {
            "community": community_id,
            "states": ["member"],
            "at": after[0] if after else None,
            "id": after[1] if after else None,
            "limit": limit,
        },
    )


async def list_leading(conn: Conn, community_id: UUID) -> list[PersonCard]:
    """Stewards, then moderators."""
    return await db.many(
        conn,
        PersonCard,
        _PEOPLE
        + """ and m.role in ('moderator', 'steward')
              order by m.role = 'steward' desc, m.created, m.person_id""",
        {"community": community_id, "states": ["member"]},
    )


async def list_waiting(conn: Conn, community_id: UUID, states: Sequence[State]) -> list[PersonCard]:
    """Those who asked, were invited, or are banned, the newest last."""
    return await db.many(
        conn,
        PersonCard,
        _PEOPLE + " order by m.changed, m.person_id limit 200",
        {"community": community_id, "states": list(states)},
    )


_PEOPLE: Final = """select m.person_id, a.name, a.host,
  case when a.title = '' then a.name else a.title end as title, a.avatar_id, m.role, m.state,
  m.message, m.reason, m.banned_until, m.created, m.changed
  from memberships m join actors a on a.id = m.person_id
  where m.community_id = %(community)s and m.state = any(%(states)s) and a.deleted_at is null"""
