"""What an actor's collections list: id and uri, newest first."""

from dataclasses import dataclass
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn

Kind: TypeAlias = Literal[
    "followers",
    "following",
    "members",
    "moderators",
    "featured",
    "offers",
    "needs",
    "neighbour_offers",  # with those that are for neighbour cities only
    "neighbour_needs",
    "projects",
    "blueprints",
    "neighbour_blueprints",
    "communities",
]


@dataclass(frozen=True, slots=True)
class Listed:
    id: UUID
    uri: str


async def list_uris(
    conn: Conn, kind: Kind, actor_id: UUID, before: UUID | None, limit: int
) -> list[Listed]:
    """Below the id `before`; who follows whom is counted, not listed."""
    if kind in ("followers", "following") or limit == 0:
        return []
    query = (
        "select id, uri from ("
        + _QUERIES[kind]
        + """) listed where %(before)s::uuid is null or id < %(before)s
             order by id desc limit %(limit)s"""
    )
    return await db.many(conn, Listed, query, {"actor": actor_id, "before": before, "limit": limit})


async def count_uris(conn: Conn, kind: Kind, actor_id: UUID) -> int:
    """How many there are in all."""
    query = "select count(*) from (" + _QUERIES[kind] + ") listed"
    return int(await db.value(conn, query, {"actor": actor_id}))


_MEMBERS: Final = """select a.id, a.uri from memberships m join actors a on a.id = m.person_id
  where m.community_id = %(actor)s and m.state = 'member' and a.deleted_at is null"""
_PROPOSALS: Final = """select p.id, p.uri from proposals p join actors a on a.id = p.author_id
  where a.peer is null and p.state = 'open' and (p.until is null or p.until > now())"""
_EVERYONE: Final = " and p.scope = 'everyone'"
_NEIGHBOURS: Final = " and p.scope in ('neighbours', 'everyone')"
_NOTHING: Final = "select id, uri from actors where false and id = %(actor)s"

_BLUEPRINTS: Final = """select b.id, b.uri from blueprints b join actors a on a.id = b.author_id
  where a.peer is null and b.state = 'open' and b.latest_id is not null"""

_QUERIES: dict[Kind, LiteralString] = {
    "followers": """select a.id, a.uri from follows f join actors a on a.id = f.follower_id
      where f.followed_id = %(actor)s and f.state = 'accepted' and a.deleted_at is null""",
    "following": """select a.id, a.uri from follows f join actors a on a.id = f.followed_id
      where f.follower_id = %(actor)s and f.state = 'accepted' and a.deleted_at is null""",
    "members": _MEMBERS,
    "moderators": _MEMBERS + " and m.role in ('moderator', 'steward')",
    "featured": """select id, uri from posts where community_id = %(actor)s
      and pinned_at is not null and deleted_at is null and removed_at is null
      and (scope = 'everyone' or exists (select 1 from communities c
        where c.actor_id = community_id and c.join_rule = 'hidden'))""",
    "offers": _PROPOSALS + _EVERYONE + " and p.purpose = 'offer'",
    "needs": _PROPOSALS + _EVERYONE + " and p.purpose = 'request'",
    "neighbour_offers": _PROPOSALS + _NEIGHBOURS + " and p.purpose = 'offer'",
    "neighbour_needs": _PROPOSALS + _NEIGHBOURS + " and p.purpose = 'request'",
    "projects": """select p.community_id as id, p.plan_uri as uri from projects p
      join communities c on c.actor_id = p.community_id join actors a on a.id = c.actor_id
      where a.peer is null and c.join_rule <> 'hidden' and c.closed_at is null""",
    "blueprints": _BLUEPRINTS + " and b.scope = 'everyone'",
    "neighbour_blueprints": _BLUEPRINTS + " and b.scope in ('neighbours', 'everyone')",
    "communities": """select a.id, a.uri from communities c join actors a on a.id = c.actor_id
      where a.peer is null and c.join_rule <> 'hidden' and c.closed_at is null""",
}


Compared: TypeAlias = Literal["offers", "needs", "projects", "blueprints", "communities"]
"""Collections that two cities hold against each other."""


async def digest(conn: Conn, name: Compared, actor_id: UUID) -> str:
    """XOR of 64 bits of SHA-256 over uri and stamp of each thing that we show a neighbour, in hex.

    The stamp is the second of its last change, of a plan its edition, of a community 0.
    """
    query = _digest_of(name, _QUERIES[_SHOWN[name]])
    return str(await db.value(conn, query, {"actor": actor_id}))


async def digest_of_peer(conn: Conn, name: Compared, peer: str) -> str:
    """The same of what we hold from another city."""
    return str(await db.value(conn, _digest_of(name, _HELD[name]), {"peer": peer}))


async def list_of_peer(conn: Conn, name: Compared, peer: str, limit: int) -> list[str]:
    """The uris of what we hold from another city and show."""
    query = "select uri from (" + _HELD[name] + ") held order by id limit %(limit)s"
    return await db.values(conn, query, {"peer": peer, "limit": limit})


def _digest_of(name: Compared, listed: LiteralString) -> LiteralString:
    return (
        """select to_hex(coalesce(bit_xor(('x' || left(encode(sha256(convert_to(
             q.uri || ' ' || q.stamp::text, 'UTF8')), 'hex'), 16))::bit(64)::bigint), 0)) from ("""
        + _STAMPED[name]
        + ") q where q.id in (select id from ("
        + listed
        + ") listed)"
    )


_SHOWN: Final[dict[Compared, Kind]] = {
    "offers": "neighbour_offers",
    "needs": "neighbour_needs",
    "projects": "projects",
    "blueprints": "neighbour_blueprints",
    "communities": "communities",
}
_SECOND: Final = "select id, uri, floor(extract(epoch from updated))::bigint as stamp from "
_STAMPED: Final[dict[Compared, LiteralString]] = {
    "offers": _SECOND + "proposals",
    "needs": _SECOND + "proposals",
    "projects": "select community_id as id, plan_uri as uri, edition as stamp from projects",
    "blueprints": _SECOND + "blueprints",
    "communities": "select id, uri, 0 as stamp from actors where kind = 'group'",
}
_HELD_PROPOSALS: Final = """select p.id, p.uri from proposals p join actors a on a.id = p.author_id
  where a.peer = %(peer)s and p.state = 'open' and (p.until is null or p.until > now())
    and p.scope in ('neighbours', 'everyone')"""
_HELD: Final[dict[Compared, LiteralString]] = {
    "offers": _HELD_PROPOSALS + " and p.purpose = 'offer'",
    "needs": _HELD_PROPOSALS + " and p.purpose = 'request'",
    "projects": """select p.community_id as id, p.plan_uri as uri from projects p
      join communities c on c.actor_id = p.community_id join actors a on a.id = c.actor_id
      where a.peer = %(peer)s and c.join_rule <> 'hidden' and a.deleted_at is null""",
    "blueprints": """select b.id, b.uri from blueprints b join actors a on a.id = b.author_id
      where a.peer = %(peer)s and b.state = 'open' and b.latest_id is not null
        and b.scope in ('neighbours', 'everyone')""",
    "communities": """select a.id, a.uri from communities c join actors a on a.id = c.actor_id
      where a.peer = %(peer)s and a.kind = 'group' and c.join_rule <> 'hidden'
        and a.deleted_at is null""",
}
