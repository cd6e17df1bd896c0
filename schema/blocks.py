"""Blocks: whom a person wants to hear nothing of."""

from typing import Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.actors import Actor
from schema.database import Conn

Kind: TypeAlias = Literal["block", "mute"]


async def put(conn: Conn, blocker: UUID, blocked: UUID, kind: Kind = "block") -> bool:
    """False when it was there already; a block is not weakened into a mute."""
    query = """insert into blocks (blocker_id, blocked_id, kind) values (%(a)s, %(b)s, %(kind)s)
               on conflict (blocker_id, blocked_id) do update set kind = excluded.kind
               where blocks.kind = 'mute' and excluded.kind = 'block'"""
    return await db.run(conn, query, {"a": blocker, "b": blocked, "kind": kind}) > 0


async def find(conn: Conn, blocker: UUID, blocked: UUID) -> Kind | None:
    """How the first keeps the second away."""
    query = "select kind from blocks where blocker_id = %(a)s and blocked_id = %(b)s"
    return await db.value(conn, query, {"a": blocker, "b": blocked})


async def delete(conn: Conn, blocker: UUID, blocked: UUID) -> bool:
    """False when there was none."""
    query = "delete from blocks where blocker_id = %(a)s and blocked_id = %(b)s"
    return await db.run(conn, query, {"a": blocker, "b": blocked}) > 0


async def has(conn: Conn, blocker: UUID, blocked: UUID) -> bool:
    """Whether the first blocks the second; who is only muted is not blocked."""
    query = """select exists (select 1 from blocks
                 where blocker_id = %(a)s and blocked_id = %(b)s and kind = 'block')"""
    return bool(await db.value(conn, query, {"a": blocker, "b": blocked}))


async def list_of(conn: Conn, blocker: UUID) -> list[Actor]:
    """Whom this person blocks, the newest first."""
    return await db.many(
        conn,
        Actor,
        """select actors.* from blocks join actors on actors.id = blocked_id
           where blocker_id = %(id)s order by blocks.created desc limit 500""",
        {"id": blocker},
    )
