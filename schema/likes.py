"""Likes: who finds which post helpful."""

from uuid import UUID

from schema import database as db
from schema.database import Conn


async def put(conn: Conn, post_id: UUID, actor_id: UUID, uri: str) -> bool:
    """False when it was there already; `uri` is the Like's."""
    query = """insert into likes (post_id, actor_id, uri) values (%(post)s, %(actor)s, %(uri)s)
               on conflict do nothing"""
    return await db.run(conn, query, {"post": post_id, "actor": actor_id, "uri": uri}) > 0


async def set_uri(conn: Conn, post_id: UUID, actor_id: UUID, uri: str) -> None:
    """Which activity said it."""
    query = "update likes set uri = %(uri)s where post_id = %(post)s and actor_id = %(actor)s"
    await db.run(conn, query, {"post": post_id, "actor": actor_id, "uri": uri})


async def delete(conn: Conn, post_id: UUID, actor_id: UUID) -> str | None:
    """Its uri; None when there was none."""
    query = """delete from likes where post_id = %(post)s and actor_id = %(actor)s
               returning uri"""
    return await db.value(conn, query, {"post": post_id, "actor": actor_id})


async def count(conn: Conn, post_id: UUID) -> int:
    """How many people."""
    query = "select count(*) from likes where post_id = %(post)s"
    return int(await db.value(conn, query, {"post": post_id}))
