"""Farewells: what goes with a person who leaves, ours or another server's."""

from uuid import UUID

from schema import database as db
from schema.database import Conn


async def forget(conn: Conn, actor_id: UUID) -> None:
    """Takes away what they wrote, showed and belonged to; answers of others keep their place."""
    pictures = await db.values(
        conn,
        """delete from attachments
           where post_id in (select id from posts where author_id = %(id)s)
             or proposal_id in (select id from proposals where author_id = %(id)s)
           returning media_id""",
        {"id": actor_id},
    )
    await db.run(
        conn,
        """update posts set deleted_at = now(), title = '', source = '', html = '', tags = '{}'
           where author_id = %(id)s and deleted_at is null""",
        {"id": actor_id},
    )
    await db.run(
        conn,
        """update proposals set state = case when state = 'open' then 'withdrawn' else state end,
             title = '–', source = '', html = '', return_note = '', place_name = '',
             latitude = null, longitude = null, cell = null, document = '', updated = now()
           where author_id = %(id)s""",
        {"id": actor_id},
    )
    await _leave(conn, actor_id)
    avatar = await db.value(
        conn, "select avatar_id from actors where id = %(id)s", {"id": actor_id}
    )
    await db.run(conn, "update actors set avatar_id = null where id = %(id)s", {"id": actor_id})
    gone: list[UUID] = [*pictures, *([avatar] if avatar else [])]
    await db.run(
        conn,
        """delete from media where id = any(%(ids)s)
             and not exists (select 1 from attachments where media_id = media.id)
             and not exists (select 1 from actors where avatar_id = media.id)""",
        {"ids": gone},
    )


async def _leave(conn: Conn, actor_id: UUID) -> None:
    """Memberships, follows, blocks, notices and sessions."""
    await db.run(
        conn,
        """update communities c set members = greatest(0, c.members - 1) from memberships m
           where m.community_id = c.actor_id and m.person_id = %(id)s and m.state = 'member'""",
        {"id": actor_id},
    )
    # A ban outlives the one who was banned: their name stays taken, and so does the ban.
    await db.run(
        conn,
        "delete from memberships where person_id = %(id)s and state <> 'banned'",
        {"id": actor_id},
    )
    await db.run(
        conn,
        "delete from follows where follower_id = %(id)s or followed_id = %(id)s",
        {"id": actor_id},
    )
    await db.run(
        conn,
        "delete from blocks where blocker_id = %(id)s or blocked_id = %(id)s",
        {"id": actor_id},
    )
    await db.run(
        conn,
        """update chat_messages set deleted_at = now(), html = '', source = ''
           where author_id = %(id)s and deleted_at is null""",
        {"id": actor_id},
    )
    await db.run(conn, "delete from poll_votes where actor_id = %(id)s", {"id": actor_id})
    await db.run(conn, "delete from likes where actor_id = %(id)s", {"id": actor_id})
    await db.run(conn, "delete from question_votes where actor_id = %(id)s", {"id": actor_id})
    await db.run(
        conn,
        """update questions set text = '', deleted_at = now()
           where author_id = %(id)s and deleted_at is null""",
        {"id": actor_id},
    )
    await db.run(conn, "delete from notices where account_id = %(id)s", {"id": actor_id})


async def list_led_alone(conn: Conn, actor_id: UUID) -> list[str]:
    """Titles of our communities that have other members and no other steward."""
    return await db.values(
        conn,
        """select a.title from memberships m join actors a on a.id = m.community_id
             join communities c on c.actor_id = m.community_id
           where m.person_id = %(id)s and m.state = 'member' and m.role = 'steward'
             and a.peer is null and a.deleted_at is null and c.closed_at is null
             and exists (select 1 from memberships o where o.community_id = m.community_id
               and o.person_id <> m.person_id and o.state = 'member')
             and not exists (select 1 from memberships o where o.community_id = m.community_id
               and o.person_id <> m.person_id and o.state = 'member' and o.role = 'steward')
           order by a.title""",
        {"id": actor_id},
    )


async def list_foreign_communities(conn: Conn, actor_id: UUID) -> list[UUID]:
    """Where else this person belongs: whose servers should hear what becomes of them."""
    return await db.values(
        conn,
        """select a.id from memberships m join actors a on a.id = m.community_id
           where m.person_id = %(id)s and m.state = 'member' and a.peer is not null
             and a.deleted_at is null""",
        {"id": actor_id},
    )
