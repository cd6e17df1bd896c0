"""Public keys by their ids: what others list for themselves, and what we have replaced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from schema import database as db
from schema import peers
from schema.actors import Actor
from schema.database import Conn
from schema.peers import Link, Standing


@dataclass(frozen=True, slots=True)
class Key:
    """`public_key` is PEM or multibase. Ours have been replaced: `until` is the end of being
    published, `rsa_private` the PEM of an RSA key that may still say so."""

    id: str
    actor_id: UUID
    public_key: str
    until: datetime | None
    rsa_private: str


async def find(conn: Conn, id: str, actor_id: UUID) -> Key | None:
    """The key of this id that this actor lists."""
    query = "select * from public_keys where id = %(id)s and actor_id = %(actor)s"
    return await db.maybe(conn, Key, query, {"id": id, "actor": actor_id})


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who knocks: how their server stands here, and whose key it is if that is known."""

    standing: Standing
    owner: Actor | None


async def bearer(conn: Conn, origin: str, id: str) -> Bearer:
    """In one round trip. A key is of whose first one it is, else of several who list it of the one
    in whose document it lies."""
    return await db.one(
        conn,
        _bearer,
        "select * from ("
        + peers.STANDING
        + """) s left join actors on actors.id = coalesce(
             (select id from actors where key_id = %(id)s and deleted_at is null limit 1),
             (select a.id from public_keys k join actors a on a.id = k.actor_id
              where k.id = %(id)s and a.deleted_at is null
              order by a.uri = split_part(k.id, '#', 1) desc, a.id limit 1))""",
        {"id": id, "o": origin, "host": origin.partition("://")[2]},
    )


def _bearer(
    *, blocked: bool, link: Link | None, heard: bool, receives: bool, **owner: Any
) -> Bearer:
    known = Actor(**owner) if owner["id"] else None
    return Bearer(Standing(blocked, link, heard, receives), known)


@dataclass(frozen=True, slots=True)
class Approach:
    """How a server may be asked: not if it is blocked, and signed with this key."""

    is_blocked: bool
    scheme: Literal["cavage", "rfc9421"] | None
    scheme_at: datetime | None
    key_id: str
    rsa_private: str


async def approach(conn: Conn, origin: str, by: UUID) -> Approach:
    """With the keys of a local actor, in one round trip."""
    return await db.one(
        conn,
        Approach,
        """select p.scheme, p.scheme_at, coalesce(a.key_id, '') as key_id, k.rsa_private,
             exists (select 1 from peers where blocked_at is not null
               and (origin = %(o)s
                    or right(split_part(%(host)s, ':', 1), length(split_part(host, ':', 1)) + 1)
                       = '.' || split_part(host, ':', 1))) as is_blocked
           from actor_keys k join actors a on a.id = k.actor_id
             left join peers p on p.origin = %(o)s
           where k.actor_id = %(by)s""",
        {"o": origin, "host": origin.partition("://")[2], "by": by},
    )


async def put(conn: Conn, actor_id: UUID, id: str, public_key: str) -> None:
    """A key that the actor lists by its id, fetched from there."""
    await db.run(
        conn,
        """insert into public_keys (id, actor_id, public_key) values (%(id)s, %(actor)s, %(key)s)
           on conflict (id, actor_id) do update set public_key = excluded.public_key""",
        {"id": id, "actor": actor_id, "key": public_key},
    )


async def replace(conn: Conn, actor_id: UUID, keys: Sequence[tuple[str, str]]) -> None:
    """What the actor of another server lists now, id and text; the others are good no more.

    Without a text the key stays as it was fetched from its own id.
    """
    await db.run(
        conn,
        """with listed as (
             select * from unnest(%(ids)s::text[], %(texts)s::text[]) as l (id, public_key)),
           gone as (
             delete from public_keys where actor_id = %(actor)s and until is null
               and not id = any(%(ids)s))
           insert into public_keys (id, actor_id, public_key)
           select id, %(actor)s, public_key from listed where public_key <> ''
           on conflict (id, actor_id) do update set public_key = excluded.public_key
           where public_keys.public_key <> excluded.public_key""",
        {
            "actor": actor_id,
            "ids": [id for id, _ in keys],
            "texts": [text for _, text in keys],
        },
    )


async def exchange(
    conn: Conn,
    actor_id: UUID,
    *,
    key_id: str,
    rsa_public: str,
    ed25519_public: str,
    rsa_private: str,
    ed25519_private: bytes,
) -> Actor:
    """A local actor signs with these from now on; what was before is lost unless retired first."""
    await db.run(
        conn,
        """update actor_keys set rsa_private = %(rsa)s, ed25519_private = %(ed)s, created = now()
           where actor_id = %(id)s""",
        {"id": actor_id, "rsa": rsa_private, "ed": ed25519_private},
    )
    return await db.one(
        conn,
        Actor,
        """update actors set key_id = %(key)s, public_key = %(rsa)s, ed25519_key = %(ed)s,
             updated = now() where id = %(id)s and peer is null returning *""",
        {"id": actor_id, "key": key_id, "rsa": rsa_public, "ed": ed25519_public},
    )


async def retire(
    conn: Conn, actor_id: UUID, id: str, public_key: str, until: datetime, rsa_private: str = ""
) -> None:
    """A key of ours that was replaced: published until then."""
    await db.run(
        conn,
        """insert into public_keys (id, actor_id, public_key, until, rsa_private)
           values (%(id)s, %(actor)s, %(key)s, %(until)s, %(rsa)s)""",
        {"id": id, "actor": actor_id, "key": public_key, "until": until, "rsa": rsa_private},
    )


async def list_replaced(conn: Conn, actor_id: UUID, now: datetime) -> list[Key]:
    """Keys of ours that are still published, the newest first."""
    return await db.many(
        conn,
        Key,
        """select * from public_keys where actor_id = %(actor)s and until > %(now)s
           order by until desc, id limit 8""",
        {"actor": actor_id, "now": now},
    )


async def list_holders(conn: Conn) -> list[Actor]:
    """Everybody here who signs, the server and the city first."""
    return await db.many(
        conn,
        Actor,
        """select a.* from actor_keys join actors a on a.id = actor_id where a.deleted_at is null
           order by a.kind in ('city', 'instance') desc, a.id""",
    )


async def list_last(conn: Conn, actors: Sequence[UUID], now: datetime) -> list[Key]:
    """Of each of these local actors the RSA key that it had before this one, while it is good."""
    return await db.many(
        conn,
        Key,
        """select distinct on (actor_id) * from public_keys
           where actor_id = any(%(actors)s) and until > %(now)s and rsa_private <> ''
           order by actor_id, until desc""",
        {"actors": list(actors), "now": now},
    )


async def revoke(conn: Conn, actor_id: UUID) -> None:
    """All keys of ours that were replaced are good no more."""
    await db.run(
        conn,
        "delete from public_keys where actor_id = %(actor)s and until is not null",
        {"actor": actor_id},
    )


async def sweep(conn: Conn, now: datetime) -> int:
    """How many were published long enough."""
    return await db.run(conn, "delete from public_keys where until <= %(now)s", {"now": now})
