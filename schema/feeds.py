"""Feeds: what the people one follows say."""

from uuid import UUID

from schema import database as db
from schema.database import Conn
from schema.posts import MAY_READ, VIEW, PostView


async def list_followed(conn: Conn, viewer_id: UUID, limit: int) -> list[PostView]:
    """First posts and answers to nobody here, for everyone or for those who follow their author;
    the newest first."""
    return await db.many(
        conn,
        PostView,
        VIEW
        + """p.author_id in (select followed_id from follows
               where follower_id = %(viewer)s and state = 'accepted')
             and (p.scope = 'everyone' or p.scope = 'community' and p.community_id is null)
             and p.parent_id is null and p.proposal_id is null
             and p.removed_at is null and p.deleted_at is null and """
        + MAY_READ
        + " order by p.created desc limit %(limit)s",
        {"viewer": viewer_id, "limit": limit},
    )
