"""Moves: where else somebody is at home, and where they have gone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Home:
    """`aliases` are addresses that are the same person or community; `moved_to` '' for nowhere."""

    aliases: list[str]
    moved_to: str


async def home_of(conn: Conn, actor_id: UUID) -> Home:
    """Of one of ours; of others only where they moved."""
    return await db.one(
        conn,
        Home,
        """select coalesce((select array_agg(uri order by created) from aliases
               where actor_id = %(id)s), '{}') as aliases,
             coalesce((select a.uri from moves m join actors a on a.id = m.target_id
               where m.actor_id = %(id)s), '') as moved_to""",
        {"id": actor_id},
    )


async def add_alias(conn: Conn, actor_id: UUID, uri: str) -> None:
    """It is the same one."""
    query = "insert into aliases (actor_id, uri) values (%(id)s, %(uri)s) on conflict do nothing"
    await db.run(conn, query, {"id": actor_id, "uri": uri})


async def last(conn: Conn, actor_id: UUID) -> datetime | None:
    """When somebody moved last; None for never."""
    query = "select at from moves where actor_id = %(id)s"
    return await db.value(conn, query, {"id": actor_id})


async def put(conn: Conn, actor_id: UUID, target_id: UUID) -> bool:
    """False when it is known already."""
    query = """insert into moves (actor_id, target_id) values (%(id)s, %(target)s)
               on conflict (actor_id) do update set target_id = excluded.target_id, at = now()
               where moves.target_id <> excluded.target_id"""
    return await db.run(conn, query, {"id": actor_id, "target": target_id}) > 0
