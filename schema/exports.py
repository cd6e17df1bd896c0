"""Exports: everything that is stored about a person, for the person (GDPR 15 and 20)."""

from typing import Any
from uuid import UUID

from schema import database as db
from schema.database import Conn


async def of_person(conn: Conn, id: UUID) -> dict[str, Any]:
    """Plain values, by section. Never a hash, a key or a token."""
    account = await db.value(
        conn,
        """select to_jsonb(b) - 'password_hash' || jsonb_build_object(
             'has_password', b.password_hash is not null)
           from accounts b where actor_id = %(id)s""",
        {"id": id},
    )
    profile = await db.value(
        conn,
        "select to_jsonb(a) - 'public_key' - 'ed25519_key' from actors a where id = %(id)s",
        {"id": id},
    )
    return {
        "account": account,
        "profile": profile,
        "needs_and_offers": await db.values(
            conn,
            """select to_jsonb(p) - 'search' from proposals p where author_id = %(id)s
               order by created""",
            {"id": id},
        ),
        "posts": await db.values(
            conn,
            "select to_jsonb(p) from posts p where author_id = %(id)s order by created",
            {"id": id},
        ),
        "pictures": await _pictures(conn, id),
        **await _relations(conn, id),
        **await _said_to_others(conn, id),
    }


async def _pictures(conn: Conn, id: UUID) -> list[Any]:
    return await db.values(
        conn,
        """select to_jsonb(m) - 'full_bytes' - 'small_bytes' || jsonb_build_object(
             'address', '/media/' || m.id) from media m
           where id in (select media_id from attachments t
               left join posts o on o.id = t.post_id
               left join proposals p on p.id = t.proposal_id
               where coalesce(o.author_id, p.author_id) = %(id)s)
             or id = (select avatar_id from actors where id = %(id)s)""",
        {"id": id},
    )


async def _relations(conn: Conn, id: UUID) -> dict[str, Any]:
    return {
        "communities": await db.values(
            conn,
            """select to_jsonb(m) || jsonb_build_object('community', a.uri, 'title', a.title)
               from memberships m join actors a on a.id = m.community_id
               where person_id = %(id)s order by m.created""",
            {"id": id},
        ),
        "hours": await db.values(
            conn,
            """select to_jsonb(b) || jsonb_build_object('amount', e.amount, 'community', a.uri)
               from hour_accounts h join hour_entries e on e.account_id = h.id
                 join hour_bookings b on b.id = e.booking_id join actors a on a.id = h.community_id
               where h.owner_id = %(id)s order by b.created, b.id""",
            {"id": id},
        ),
        "follows": await db.values(
            conn,
            """select to_jsonb(f) || jsonb_build_object('follower', a.uri, 'followed', b.uri)
               from follows f join actors a on a.id = follower_id
                 join actors b on b.id = followed_id
               where %(id)s in (follower_id, followed_id)""",
            {"id": id},
        ),
        "blocked": await db.values(
            conn,
            """select a.uri from blocks join actors a on a.id = blocked_id
               where blocker_id = %(id)s""",
            {"id": id},
        ),
        "reports": await db.values(
            conn,
            """select to_jsonb(r) - 'handled_by' from reports r where reporter_id = %(id)s
               order by created""",
            {"id": id},
        ),
        "appeals": await db.values(
            conn,
            """select to_jsonb(p) - 'handled_by' from appeals p where person_id = %(id)s
               order by created""",
            {"id": id},
        ),
        "notices": await db.values(
            conn,
            "select to_jsonb(n) from notices n where account_id = %(id)s order by id",
            {"id": id},
        ),
        "sessions": await db.values(
            conn,
            "select to_jsonb(s) - 'token_hash' from sessions s where account_id = %(id)s",
            {"id": id},
        ),
    }


async def _said_to_others(conn: Conn, id: UUID) -> dict[str, Any]:
    return {
        "letters": await db.values(
            conn,
            """select to_jsonb(m) || jsonb_build_object('author', a.uri) from chat_messages m
               join actors a on a.id = m.author_id
               where m.chat_id in (select chat_id from chat_people where actor_id = %(id)s)
               order by m.id""",
            {"id": id},
        ),
        "votes": await db.values(
            conn,
            """select jsonb_build_object('poll', p.uri, 'choice', v.choice) from poll_votes v
               join posts p on p.id = v.post_id where v.actor_id = %(id)s""",
            {"id": id},
        ),
        "found_helpful": await db.values(
            conn,
            """select p.uri from likes l join posts p on p.id = l.post_id
               where l.actor_id = %(id)s order by l.created""",
            {"id": id},
        ),
        "addresses_elsewhere": await db.values(
            conn, "select uri from aliases where actor_id = %(id)s order by created", {"id": id}
        ),
    }
