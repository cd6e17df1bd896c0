"""Communities: what an actor of kind group is to its members."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.actors import Actor
from schema.database import Ask, Conn
from schema.errors import Missing

JoinRule: TypeAlias = Literal["open", "approval", "hidden"]
Where: TypeAlias = Literal["all", "here", "network"]

_NAME: Final = re.compile(r"[a-z](?:[a-z0-9]|_(?=[a-z0-9])){2,29}")
_SPELLED: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "á": "a", "à": "a", "ó": "o"}
)


@dataclass(frozen=True, slots=True)
class Community:
    """Joined with what pages need of its actor. `host` '' for ours; `members` as last counted.

    `purpose` is Markdown of ours, clean HTML of others.
    """

    actor_id: UUID
    join_rule: JoinRule
    purpose: str
    created_by: UUID | None
    closed_at: datetime | None
    members: int
    last_post: datetime | None
    created: datetime
    uri: str
    peer: str | None
    name: str
    host: str
    title: str
    avatar_id: UUID | None
    is_project: bool
    keeps_hours: bool

    @property
    def is_local(self) -> bool:
        return self.peer is None

    @property
    def handle(self) -> str:
        return self.name if self.peer is None else f"{self.name}@{self.host}"

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/communities/{self.handle}"


@dataclass(frozen=True, slots=True)
class CommunityCard:
    """What a list shows. `my_state` and `my_role` are the viewer's membership, or None."""

    actor_id: UUID
    name: str
    host: str
    title: str
    purpose: str
    join_rule: JoinRule
    members: int
    last_post: datetime | None
    active: datetime
    avatar_id: UUID | None
    my_state: str | None
    my_role: str | None
    is_project: bool

    @property
    def handle(self) -> str:
        return f"{self.name}@{self.host}" if self.host else self.name

    @property
    def url(self) -> str:
        return f"/{'projects' if self.is_project else 'communities'}/{self.handle}"

    @property
    def is_mine(self) -> bool:
        return self.my_state == "member"


def is_name(name: str) -> bool:
    """A letter, then up to 30 of a-z, 0-9 and single _ between them: what every server takes."""
    return bool(_NAME.fullmatch(name))


def slug(title: str) -> str:
    """A name from a title: "Wasser für Wien!" is wasser_fuer_wien; may be too short for a name."""
    plain = re.sub(r"[^a-z0-9]+", "_", title.lower().translate(_SPELLED))
    return plain.lstrip("_0123456789")[:30].strip("_")


async def get(conn: Conn, id: UUID) -> Community:
    """By its actor's id; Missing when there is none."""
    return await db.one(conn, Community, _SELECT + " where c.actor_id = %(id)s", {"id": id})


async def find(conn: Conn, id: UUID) -> Community | None:
    """By its actor's id."""
    return await db.maybe(conn, Community, _SELECT + " where c.actor_id = %(id)s", {"id": id})


async def find_by_uri(conn: Conn, uri: str) -> Community | None:
    """By its actor's uri."""
    return await db.maybe(conn, Community, _SELECT + " where a.uri = %(uri)s", {"uri": uri})


async def find_by_target(conn: Conn, uri: str) -> Community | None:
    """By the uri of its group, or of the collection of its members or moderators."""
    return await db.maybe(
        conn,
        Community,
        _SELECT + " where %(uri)s in (a.uri, a.members_uri, a.moderators_uri) limit 1",
        {"uri": uri},
    )


async def find_by_handle(conn: Conn, handle: str) -> Community | None:
    """By `name` (ours) or `name@host[:port]`, in any case."""
    name, _, host = handle.partition("@")
    return await db.maybe(
        conn,
        Community,
        _SELECT
        + """ where lower(a.name) = lower(%(name)s) and a.host = %(host)s and a.deleted_at is null
              order by a.fetched desc limit 1""",
        {"name": name, "host": host.lower()},
    )


async def get_by_handle(conn: Conn, handle: str) -> Community:
    """As `find_by_handle`, or Missing."""
    found = await find_by_handle(conn, handle)
    if found is None:
        raise Missing("There is nothing here, or it is not meant for you.")
    return found


_SELECT: Final = """select c.actor_id, c.join_rule, c.purpose, c.created_by, c.closed_at, c.members,
  c.last_post, c.created, a.uri, a.peer, a.name, a.host,
  case when a.title = '' then a.name else a.title end as title, a.avatar_id,
  exists (select 1 from projects j where j.community_id = c.actor_id) as is_project,
  a.host = '' and exists (select 1 from hour_rules h where h.community_id = c.actor_id
    and h.ended_at is null) as keeps_hours
  from communities c join actors a on a.id = c.actor_id"""


async def is_taken(conn: Conn, name: str) -> bool:
    """Whether anybody here, person or community, has or had this name."""
    query = "select exists (select 1 from actors where lower(name) = lower(%(n)s) and host = '')"
    return bool(await db.value(conn, query, {"n": name}))


async def insert(
    conn: Conn, actor_id: UUID, *, join_rule: JoinRule, purpose: str, created_by: UUID
) -> Community:
    """A new one of ours; its actor is there already."""
    await db.run(
        conn,
        """insert into communities (actor_id, join_rule, purpose, created_by)
           values (%(id)s, %(rule)s, %(purpose)s, %(by)s)""",
        {"id": actor_id, "rule": join_rule, "purpose": purpose, "by": created_by},
    )
    return await get(conn, actor_id)


async def ensure(conn: Conn, actor: Actor, join_rule: JoinRule, purpose: str) -> None:
    """The row of a foreign Group, made or brought up to date; `purpose` is clean HTML.

    One that approves and does not want to be found is taken for hidden.
    """
    rule = "hidden" if join_rule == "approval" and not actor.discoverable else join_rule
    await db.run(
        conn,
        """insert into communities (actor_id, join_rule, purpose)
           select id, %(rule)s, %(purpose)s from actors where id = %(id)s and peer is not null
           on conflict (actor_id) do update set join_rule = excluded.join_rule,
             purpose = excluded.purpose
           where (communities.join_rule, communities.purpose)
             is distinct from (excluded.join_rule, excluded.purpose)""",
        {"id": actor.id, "rule": rule, "purpose": purpose},
    )


async def update(conn: Conn, id: UUID, *, join_rule: JoinRule, purpose: str) -> Community:
    """Its settings."""
    await db.run(
        conn,
        "update communities set join_rule = %(r)s, purpose = %(p)s where actor_id = %(id)s",
        {"id": id, "r": join_rule, "p": purpose},
    )
    return await get(conn, id)


async def set_closed(conn: Conn, id: UUID, at: datetime | None) -> Community:
    """From then on it can only be read; None opens it again."""
    query = "update communities set closed_at = %(at)s where actor_id = %(id)s"
    await db.run(conn, query, {"id": id, "at": at})
    return await get(conn, id)


async def lock(conn: Conn, id: UUID) -> None:
    """Until the end of the transaction nobody else changes who belongs to it."""
    await db.value(conn, "select 1 from communities where actor_id = %(id)s for update", {"id": id})


async def touch(conn: Conn, id: UUID, at: datetime) -> None:
    """Something was said or shared in it."""
    query = "update communities set last_post = greatest(last_post, %(at)s) where actor_id = %(id)s"
    await db.run(conn, query, {"id": id, "at": at})


async def set_members(conn: Conn, id: UUID, members: int) -> None:
    """What a foreign community's own server counts, never less than we know of ourselves."""
    await db.run(
        conn,
        """update communities set members = greatest(%(n)s, (
             select count(*) from memberships where community_id = %(id)s and state = 'member'))
           where actor_id = %(id)s
             and actor_id in (select id from actors where id = %(id)s and peer is not null)""",
        {"id": id, "n": min(max(members, 0), 10_000_000)},
    )


async def list_cards(
    conn: Conn,
    *,
    viewer: UUID | None,
    words: Sequence[str] = (),
    where: Where = "all",
    before: tuple[datetime, UUID] | None = None,
    limit: int = 30,
    mine: bool = False,
) -> list[CommunityCard]:
    """Those a viewer may see, the liveliest first; with a viewer either only the own ones (`mine`)
    or only the others. `before`: `active` and `actor_id` of the last card of the page before.
    """
    return await db.many(
        conn,
        CommunityCard,
        _CARDS
        + """ and coalesce(m.state in ('member', 'asked', 'invited'), false) = %(mine)s
              and (%(where)s = 'all' or (a.host = '') = (%(where)s = 'here'))
              and not exists (select 1 from unnest(%(words)s::text[]) word where
                strpos(lower(a.title || ' ' || a.name || ' ' || c.purpose), lower(word)) = 0)
              and (%(at)s::timestamptz is null
                or (coalesce(c.last_post, c.created), c.actor_id) < (%(at)s, %(id)s::uuid))
            order by coalesce(c.last_post, c.created) desc, c.actor_id desc limit %(limit)s""",
        {
            "viewer": viewer,
            "mine": mine,
            "where": where,
            "words": [word for word in words if word][:8],
            "at": before[0] if before else None,
            "id": before[1] if before else None,
            "limit": limit,
        },
    )


async def list_of_person(
    conn: Conn, person_id: UUID, viewer: UUID | None = None
) -> list[CommunityCard]:
    """What a person belongs to; hidden ones only where the viewer belongs to them too."""
    return await db.many(
        conn,
        CommunityCard,
        _CARDS
        + """ and exists (select 1 from memberships p where p.community_id = c.actor_id
                and p.person_id = %(person)s and p.state = 'member')
              order by a.title, c.actor_id limit 100""",
        {"viewer": viewer, "person": person_id},
    )


async def list_suggested(
    conn: Conn, viewer: UUID | None, limit: int = 3, where: Where = "here"
) -> list[CommunityCard]:
    """For newcomers: those one can join, the biggest and liveliest first."""
    return await db.many(
        conn,
        CommunityCard,
        _CARDS
        + """ and m.state is null and c.join_rule <> 'hidden'
              and (%(where)s = 'all' or (a.host = '') = (%(where)s = 'here'))
              order by c.join_rule = 'open' desc, c.members desc,
                coalesce(c.last_post, c.created) desc limit %(limit)s""",
        {"viewer": viewer, "where": where, "limit": limit},
    )


def ask_newest(viewer: UUID | None, limit: int) -> Ask[CommunityCard]:
    """For the front page, here and elsewhere, the liveliest first."""
    return Ask(
        CommunityCard,
        _CARDS
        + """ order by coalesce(c.last_post, c.created) desc, c.actor_id desc limit %(limit)s""",
        {"viewer": viewer, "limit": limit},
    )


async def list_at(
    conn: Conn, origin: str, viewer: UUID | None = None, limit: int = 200
) -> list[CommunityCard]:
    """Those of one neighbour city, for its page, the biggest first."""
    return await db.many(
        conn,
        CommunityCard,
        _CARDS + " and a.peer = %(peer)s order by c.members desc, a.title limit %(limit)s",
        {"viewer": viewer, "peer": origin, "limit": limit},
    )


async def count(conn: Conn, where: Where = "here") -> int:
    """Those that everybody may see."""
    query = """select count(*) from communities c join actors a on a.id = c.actor_id
               where c.join_rule <> 'hidden' and c.closed_at is null and a.deleted_at is null
                 and (%(where)s = 'all' or (a.host = '') = (%(where)s = 'here'))"""
    return int(await db.value(conn, query, {"where": where}))


# Hidden ones are for those who belong to them or were invited; blocked servers' for nobody.
_CARDS: Final = """select c.actor_id, a.name, a.host,
  case when a.title = '' then a.name else a.title end as title, c.purpose, c.join_rule, c.members,
  c.last_post, coalesce(c.last_post, c.created) as active, a.avatar_id, m.state as my_state,
  m.role as my_role,
  exists (select 1 from projects j where j.community_id = c.actor_id) as is_project
  from communities c join actors a on a.id = c.actor_id
    left join memberships m on m.community_id = c.actor_id and m.person_id = %(viewer)s
    left join peers p on p.origin = a.peer
  where (c.closed_at is null or m.state = 'member') and a.deleted_at is null
    and (c.join_rule <> 'hidden' or m.state in ('member', 'invited'))
    and (a.peer is null or m.state = 'member' or p.blocked_at is null and p.receives)"""
