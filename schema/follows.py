"""Who hears what an actor says: follower and followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from schema import database as db
from schema import memberships
from schema.actors import Actor
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Follow:
    follower_id: UUID
    followed_id: UUID
    state: Literal["asked", "accepted"]
    uri: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Follower:
    """Whom they follow, and who they are."""

    followed_id: UUID
    uri: str


async def find(conn: Conn, follower: UUID, followed: UUID) -> Follow | None:
    """The one between these two."""
    query = "select * from follows where follower_id = %(a)s and followed_id = %(b)s"
    return await db.maybe(conn, Follow, query, {"a": follower, "b": followed})


async def is_accepted(conn: Conn, follower: UUID, followed: UUID) -> bool:
    """Whether the one hears what the other says."""
    found = await find(conn, follower, followed)
    return found is not None and found.state == "accepted"


async def find_by_uri(conn: Conn, uri: str, followed: UUID) -> Follow | None:
    """By the id of the Follow that asked."""
    query = "select * from follows where uri = %(uri)s and followed_id = %(id)s and uri <> ''"
    return await db.maybe(conn, Follow, query, {"uri": uri, "id": followed})


async def put(
    conn: Conn, follower: UUID, followed: UUID, state: Literal["asked", "accepted"], uri: str
) -> Follow:
    """Makes it, or brings it to this state; an accepted one is never made a question again."""
    return await db.one(
        conn,
        Follow,
        """insert into follows (follower_id, followed_id, state, uri)
           values (%(a)s, %(b)s, %(state)s, %(uri)s)
           on conflict (follower_id, followed_id) do update set uri = excluded.uri,
             state = case when follows.state = 'accepted' then 'accepted' else excluded.state end
           returning *""",
        {"a": follower, "b": followed, "state": state, "uri": uri},
    )


async def delete(conn: Conn, follower: UUID, followed: UUID) -> bool:
    """True when there was one."""
    query = "delete from follows where follower_id = %(a)s and followed_id = %(b)s"
    return await db.run(conn, query, {"a": follower, "b": followed}) > 0


async def list_followers(conn: Conn, followed: UUID) -> list[Actor]:
    """All who are accepted and not deleted."""
    return await db.many(
        conn,
        Actor,
        """select actors.* from follows join actors on actors.id = follower_id
           where followed_id = %(id)s and state = 'accepted' and deleted_at is null""",
        {"id": followed},
    )


async def count_followers(conn: Conn, followed: UUID) -> int:
    """Accepted ones."""
    query = "select count(*) from follows where followed_id = %(id)s and state = 'accepted'"
    return int(await db.value(conn, query, {"id": followed}))


async def has_follower_at(conn: Conn, followed: UUID, peer: str) -> bool:
    """Whether anybody at that server follows: what a private thing may be served for."""
    query = """select exists (select 1 from follows join actors on actors.id = follower_id
                 where followed_id = %(id)s and state = 'accepted' and actors.peer = %(peer)s)"""
    return bool(await db.value(conn, query, {"id": followed, "peer": peer}))


async def list_uris_at(conn: Conn, followed: Sequence[UUID], peer: str) -> list[tuple[UUID, str]]:
    """Who at that server follows these: the followed one's id and the follower's uri."""
    found = await db.many(
        conn,
        Follower,
        """select f.followed_id, a.uri
           from follows f join actors a on a.id = f.follower_id
           where f.followed_id = any(%(ids)s) and f.state = 'accepted' and a.peer = %(peer)s
             and a.deleted_at is null""",
        {"peer": peer, "ids": list(followed)},
    )
    return [(one.followed_id, one.uri) for one in found]


@dataclass(frozen=True, slots=True)
class Bond:
    """What is between a resident and an actor of another server: their follow, and for a community
    the membership, with the id by which they asked for it, '' when they took that back."""

    id: UUID
    uri: str
    state: Literal["asked", "accepted"] | None
    membership: memberships.State | None
    wish: str

    @property
    def is_wished(self) -> bool:
        """Whether the resident has asked to belong, and has not taken that back."""
        return self.membership is not None and memberships.wishes(self.membership, self.wish)


async def list_bonds(conn: Conn, followed: UUID, uris: Sequence[str] = ()) -> dict[str, Bond]:
    """Of all residents who have one, and of those with these uris; by uri."""
    found = await db.many(
        conn,
        Bond,
        """select a.id, a.uri, f.state, m.state as membership, coalesce(m.uri, '') as wish
           from actors a
             left join follows f on f.follower_id = a.id and f.followed_id = %(id)s
             left join memberships m on m.person_id = a.id and m.community_id = %(id)s
           where a.peer is null and a.kind = 'person' and a.deleted_at is null
             and (a.uri = any(%(uris)s) or a.id in (
               select follower_id from follows where followed_id = %(id)s
               union all select person_id from memberships where community_id = %(id)s))""",
        {"id": followed, "uris": list(uris)},
    )
    return {bond.uri: bond for bond in found}


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where a server takes deliveries."""

    peer: str
    inbox: str


async def list_inboxes(
    conn: Conn, *, actors: Sequence[UUID], followers_of: Sequence[UUID], linked_only: bool
) -> list[Inbox]:
    """Distinct inboxes of foreign actors, the shared one first; none that is blocked or gone."""
    return await db.many(
        conn,
        Inbox,
        """select distinct a.peer, coalesce(a.shared_inbox, a.inbox) as inbox
           from actors a join peers p on p.origin = a.peer
           where a.deleted_at is null and p.blocked_at is null
             and (a.id = any(%(actors)s)
                  or p.publishes and (not %(linked)s or p.link = 'linked') and a.id in (
                    select follower_id from follows
                    where followed_id = any(%(followed)s) and state = 'accepted'))""",
        {"actors": list(actors), "followed": list(followers_of), "linked": linked_only},
    )


async def has_local(conn: Conn, followed: UUID) -> bool:
    """Whether anybody here follows this actor of another server."""
    query = """select exists (select 1 from follows join accounts on actor_id = follower_id
                 where followed_id = %(id)s and follows.state = 'accepted')"""
    return bool(await db.value(conn, query, {"id": followed}))


@dataclass(frozen=True, slots=True)
class Person:
    """One line of a list of people."""

    name: str
    host: str
    title: str
    avatar_id: UUID | None
    state: Literal["asked", "accepted"]

    @property
    def avatar_url(self) -> str | None:
        return f"/media/{self.avatar_id}?small" if self.avatar_id else None


async def list_people(
    conn: Conn, id: UUID, *, following: bool, limit: int = 200
) -> list[tuple[Person, str]]:
    """Whom this person follows, asked ones too; or who follows them. With the state, the newest
    first."""
    found = await db.many(
        conn,
        Person,
        """select a.name, a.host, a.title, a.avatar_id, f.state
           from follows f join actors a
             on a.id = case when %(following)s then f.followed_id else f.follower_id end
           where case when %(following)s then f.follower_id else f.followed_id end = %(id)s
             and (%(following)s or f.state = 'accepted') and a.deleted_at is null
             and a.kind in ('person', 'other')
           order by f.created desc limit %(limit)s""",
        {"id": id, "following": following, "limit": limit},
    )
    return [(person, person.state) for person in found]
