"""What changes needs and offers: publishing, editing, ending, withdrawing; their pictures."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from schema import database as db
from schema.database import Conn
from schema.posts import Picture
from schema.proposals import Proposal

GONE_TITLE = "–"


async def insert(conn: Conn, row: Proposal, document: str = "") -> Proposal | None:
    """None when this id or uri is known already. `document`: the foreign original."""
    return await db.maybe(
        conn,
        Proposal,
        """insert into proposals (id, uri, purpose, author_id, community_id, scope, title, source,
             html, language, category, quantity, available, unit, until, return_kind, return_note,
             place_name, latitude, longitude, cell, state, document, created, updated)
           values (%(id)s, %(uri)s, %(purpose)s, %(author_id)s, %(community_id)s, %(scope)s,
             %(title)s, %(source)s, %(html)s, %(language)s, %(category)s, %(quantity)s,
             %(available)s, %(unit)s, %(until)s, %(return_kind)s, %(return_note)s, %(place_name)s,
             %(latitude)s, %(longitude)s, %(cell)s, %(state)s, %(document)s, %(created)s,
             %(updated)s)
           on conflict do nothing
           returning id, uri, purpose, author_id, community_id, scope, title, source, html,
             language, category, quantity, available, unit, until, return_kind, return_note,
             place_name, latitude, longitude, cell, state, removed_reason, replies, created,
             updated""",
        {**_params(row), "document": document},
    )


async def edit(conn: Conn, row: Proposal, document: str = "") -> Proposal:
    """Writes what its author can change, with state and `updated`.

    Conflict is the caller's to find out: withdrawn and removed ones stay as they are (Missing).
    """
    return await db.one(
        conn,
        Proposal,
        """update proposals set title = %(title)s, source = %(source)s, html = %(html)s,
             language = %(language)s, category = %(category)s, quantity = %(quantity)s,
             available = %(available)s, unit = %(unit)s, until = %(until)s,
             return_kind = %(return_kind)s, return_note = %(return_note)s,
             place_name = %(place_name)s, latitude = %(latitude)s, longitude = %(longitude)s,
             cell = %(cell)s, scope = %(scope)s, community_id = %(community_id)s,
             state = %(state)s, document = %(document)s, updated = %(updated)s
           where id = %(id)s and state in ('open', 'closed')
           returning id, uri, purpose, author_id, community_id, scope, title, source, html,
             language, category, quantity, available, unit, until, return_kind, return_note,
             place_name, latitude, longitude, cell, state, removed_reason, replies, created,
             updated""",
        {**_params(row), "document": document},
    )


async def withdraw(conn: Conn, id: UUID) -> bool:
    """By its author: the words, the place and the pictures go. False when it was gone."""
    await attach(conn, id, [])
    changed = await db.run(
        conn,
        """update proposals set state = 'withdrawn', title = %(title)s, source = '', html = '',
             document = '', return_note = '', place_name = '', latitude = null, longitude = null,
             cell = null, updated = now()
           where id = %(id)s and state <> 'withdrawn'""",
        {"id": id, "title": GONE_TITLE},
    )
    return changed > 0


async def remove(conn: Conn, id: UUID, reason: str) -> bool:
    """By a moderator: only the author and moderators still read it. False when it was gone."""
    changed = await db.run(
        conn,
        """update proposals set state = 'removed', removed_reason = %(reason)s
           where id = %(id)s and state in ('open', 'closed')""",
        {"id": id, "reason": reason[:2000]},
    )
    return changed > 0


async def claim(conn: Conn, id: UUID, community_id: UUID) -> bool:
    """One that came without its community, which has now passed it on."""
    changed = await db.run(
        conn,
        """update proposals set community_id = %(community)s
           where id = %(id)s and community_id is null""",
        {"id": id, "community": community_id},
    )
    return changed > 0


async def was_deleted(conn: Conn, uri: str, author_id: UUID) -> bool:
    """Whether its author's Delete came before it."""
    query = """select exists (select 1 from activities where object_uri = %(uri)s
                 and object_uri <> '' and type = 'Delete' and direction = 'in'
                 and actor_id = %(author)s)"""
    return bool(await db.value(conn, query, {"uri": uri, "author": author_id}))


async def is_for_neighbours(conn: Conn, peer: str, addressed: Sequence[str], city_id: UUID) -> bool:
    """Whether it is addressed to a city of that server which our city follows."""
    query = """select exists (select 1 from actors c join follows f on f.followed_id = c.id
               where c.peer = %(peer)s and c.kind = 'city' and f.follower_id = %(city)s
                 and f.state = 'accepted' and coalesce(c.followers_uri, c.uri) = any(%(uris)s))"""
    params = {"peer": peer, "city": city_id, "uris": list(addressed)}
    return bool(await db.value(conn, query, params))


async def has_members_here(conn: Conn, community_id: UUID) -> bool:
    """Whether any resident belongs to this community."""
    query = """select exists (select 1 from memberships m join actors a on a.id = m.person_id
                 where m.community_id = %(id)s and m.state = 'member' and a.peer is null)"""
    return bool(await db.value(conn, query, {"id": community_id}))


async def list_expiring(conn: Conn, now: datetime, ahead: timedelta) -> list[Proposal]:
    """Open ones of residents whose time ends within `ahead` and who were not told of it yet.

    The rows are locked, so that two sweeps at once do not tell twice.
    """
    return await db.many(
        conn,
        Proposal,
        """select p.id, uri, purpose, author_id, p.community_id, scope, p.title, source, html,
             language, category, quantity, available, unit, until, return_kind, return_note,
             p.place_name, p.latitude, p.longitude, cell, p.state, removed_reason, replies,
             p.created, p.updated
           from proposals p join accounts b on b.actor_id = p.author_id
           where p.state = 'open' and p.until between %(now)s and %(end)s
             and p.created < p.until - %(ahead)s::interval
             and not exists (select 1 from notices n where n.proposal_id = p.id
               and n.kind = 'expiring' and n.created >= p.until - 2 * %(ahead)s::interval)
           order by p.until limit 500 for update of p skip locked""",
        {"now": now, "end": now + ahead, "ahead": ahead},
    )


async def attach(conn: Conn, proposal_id: UUID, media_ids: Sequence[UUID]) -> None:
    """These pictures, in this order, and no others."""
    await db.run(conn, "delete from attachments where proposal_id = %(id)s", {"id": proposal_id})
    if media_ids:
        await db.run(
            conn,
            """insert into attachments (media_id, proposal_id, position)
               select id, %(proposal)s, n from unnest(%(media)s::uuid[])
                 with ordinality as new (id, n)""",
            {"proposal": proposal_id, "media": list(media_ids)},
        )


async def list_pictures(conn: Conn, proposal_id: UUID) -> list[Picture]:
    """In their order."""
    return await db.many(
        conn,
        Picture,
        """select m.id, m.mime, m.width, m.height, m.alt, m.remote_url
           from attachments t join media m on m.id = t.media_id
           where t.proposal_id = %(id)s order by t.position""",
        {"id": proposal_id},
    )


def _params(row: Proposal) -> dict[str, object]:
    return {name: getattr(row, name) for name in Proposal.__slots__}


async def touch(conn: Conn, id: UUID, now: datetime) -> None:
    """Something about it is new, so that other cities take the next version."""
    await db.run(
        conn,
        """update proposals set updated = greatest(%(now)s, updated + interval '1 millisecond')
           where id = %(id)s""",
        {"id": id, "now": now},
    )
