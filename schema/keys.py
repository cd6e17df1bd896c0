"""Public keys by their ids: what others list for themselves, and what we have replaced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema.actors import Actor
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Key:
    """`public_key` is PEM or multibase; `until` is for ours alone: the end of being published."""

    id: str
    actor_id: UUID
    public_key: str
    until: datetime | None


async def find(conn: Conn, id: str, actor_id: UUID) -> Key | None:
    """The key of this id that this actor lists."""
    query = "select * from public_keys where id = %(id)s and actor_id = %(actor)s"
    return await db.maybe(conn, Key, query, {"id": id, "actor": actor_id})


async def find_owner(conn: Conn, id: str) -> Actor | None:
    """Whose key it is; of several who list it, the one in whose document it lies."""
    return await db.maybe(
        conn,
        Actor,
        """select a.* from public_keys k join actors a on a.id = k.actor_id
           where k.id = %(id)s and a.deleted_at is null
           order by a.uri = split_part(k.id, '#', 1) desc, a.id limit 1""",
        {"id": id},
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
