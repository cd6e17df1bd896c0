"""Outboxes: what an actor of ours has said, for those who may read it."""

from typing import Final
from uuid import UUID

from schema import database as db
from schema.activities import SELECT, Activity
from schema.database import Conn

# What a group passes on to its members: its own matters, and none that is for linked cities only.
_FOR_MEMBERS: Final = """type = 'Announce' and (
  exists (select 1 from posts t where t.uri = object_uri and t.scope = 'community'
    and t.community_id = activities.actor_id)
  or exists (select 1 from proposals t where t.uri = object_uri and t.scope = 'community'
    and t.community_id = activities.actor_id))"""


async def list_published(
    conn: Conn, actor_id: UUID, before: UUID | None, limit: int, *, members: bool = False
) -> list[Activity]:
    """An actor's public outbox, newest first; `members`: with what a group passes on to its
    members only."""
    return await db.many(
        conn,
        Activity,
        SELECT
        + """ where direction = 'out' and actor_id = %(actor)s
              and (public or %(members)s and """
        + _FOR_MEMBERS
        + """)
              and (%(before)s::uuid is null or id < %(before)s) order by id desc limit %(limit)s""",
        {"actor": actor_id, "before": before, "limit": limit, "members": members},
    )


async def count_published(conn: Conn, actor_id: UUID, *, members: bool = False) -> int:
    """How many its outbox holds."""
    return int(
        await db.value(
            conn,
            """select count(*) from activities where direction = 'out' and actor_id = %(actor)s
                 and (public or %(members)s and """
            + _FOR_MEMBERS
            + ")",
            {"actor": actor_id, "members": members},
        )
    )
