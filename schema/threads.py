"""Threads as servers list them: the addresses of their posts, the oldest first."""

from uuid import UUID

from schema import database as db
from schema.database import Conn


async def list_uris(conn: Conn, root_id: UUID, *, members: bool, limit: int = 1000) -> list[str]:
    """Of the first post and what stands below it; `members`: also what only members read."""
    return await db.values(
        conn,
        """select p.uri from posts p join posts r on r.id = %(root)s
           where (p.id = r.id or p.root_id = r.id) and p.deleted_at is null
             and p.removed_at is null and (p.scope = 'everyone' or %(members)s
               and p.scope = 'community' and p.community_id = r.community_id)
           order by p.id <> r.id, p.created, p.id limit %(limit)s""",
        {"root": root_id, "members": members, "limit": limit},
    )
