"""What changes posts, and the counts and threads that go with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from msgspec.json import Decoder

from schema import database as db
from schema import ids, notices, proposals
from schema.database import Conn
from schema.posts import Post
from schema.proposals import Proposal

# Plans are made without knowing the parameters: `<> ''` lets them use the indexes that have it.


async def lock(conn: Conn, uri: str, above: str) -> None:
    """Until the transaction ends nobody else stores what has this address or what it answers, nor
    an answer to it: else a reply and what it answers, arriving together, would miss each other.
    Other answers to `above` ('' for none) are not held up. Look only after it."""
    await db.values(
        conn,
        """select case when own then pg_advisory_xact_lock(key)
                       else pg_advisory_xact_lock_shared(key) end
           from (select hashtextextended(uri, 7) as key, bool_or(own) as own
                 from (values (%(uri)s, true), (%(above)s, false)) as named (uri, own)
                 where uri <> '' group by 1 order by 1) keys""",
        {"uri": uri, "above": above},
    )


@dataclass(frozen=True, slots=True)
class Around:
    """What a new post finds here: itself, if it is known, and what it answers."""

    post: Post | None
    parent: Post | None
    listing: Proposal | None


async def look(conn: Conn, uri: str, above: str) -> Around:
    """In one round trip, which also takes the lock on `uri` alone (see `lock`).

    What was stored while that lock was waited for is not seen. A post that is stored nonetheless
    is refused by `insert`; where nothing is found that it answers, take the whole lock and look
    again.
    """
    found = await db.one(
        conn,
        _Around,
        """select pg_advisory_xact_lock(hashtextextended(%(uri)s, 7))::text as lock,
             (select row_to_json(p)::text from posts p where uri = %(uri)s) as post,
             (select row_to_json(p)::text from posts p where uri = %(above)s) as parent,
             (select row_to_json(o)::text from ("""
        + proposals.SELECT
        + """ where uri = %(above)s) o) as listing""",
        {"uri": uri, "above": above},
    )
    return Around(
        post=_POST.decode(found.post) if found.post else None,
        parent=_POST.decode(found.parent) if found.parent else None,
        listing=_PROPOSAL.decode(found.listing) if found.listing else None,
    )


_POST: Final = Decoder(Post)
_PROPOSAL: Final = Decoder(Proposal)


@dataclass(frozen=True, slots=True)
class _Around:
    lock: str
    post: str | None
    parent: str | None
    listing: str | None


@dataclass(frozen=True, slots=True)
class Inserted:
    """What became of a new post: `is_awaited` when replies to it came before it did."""

    is_new: bool
    was_deleted: bool
    is_awaited: bool


async def insert(
    conn: Conn,
    post: Post,
    answered_id: UUID | None = None,
    words: str = "",
    activity_id: UUID | None = None,
) -> Inserted:
    """Stores it, counts it where it belongs, tells who is answered, with its first `words`, and
    settles the activity that brought it (see `activities.decide`); unless its uri is known, or
    (not for a tombstone) its author's Delete came before it."""
    return await db.one(
        conn,
        Inserted,
        _INSERT,
        {
            **{name: getattr(post, name) for name in Post.__slots__},
            "notice": ids.new(),
            "to": answered_id,
            "kind": "answer",
            "by": post.author_id,
            "proposal": post.proposal_id,
            "post": post.id,
            "community": post.community_id,
            "agreement": None,
            "circle": None,
            "blueprint": None,
            "words": words[:500],
            "activity": activity_id,
        },
    )


_INSERT: Final = (
    """with buried as (
         select 1 from activities where object_uri = %(uri)s and object_uri <> ''
           and type = 'Delete' and direction = 'in' and actor_id = %(author_id)s
           and %(deleted_at)s::timestamptz is null limit 1),
       stored as (
         insert into posts (id, uri, author_id, community_id, proposal_id, root_id, parent_id,
           in_reply_to, scope, title, source, html, language, tags, page_url, context,
           last_reply, deleted_at, created, updated)
         select %(id)s, %(uri)s, %(author_id)s, %(community_id)s, %(proposal_id)s, %(root_id)s,
           %(parent_id)s, %(in_reply_to)s, %(scope)s, %(title)s, %(source)s, %(html)s,
           %(language)s, %(tags)s, %(page_url)s, %(context)s, %(last_reply)s, %(deleted_at)s,
           %(created)s, %(updated)s
         where not exists (select 1 from buried)
         on conflict (uri) do nothing returning deleted_at is null as counts),
       community as (
         update communities set last_post = greatest(last_post, %(created)s)
         where actor_id = %(community_id)s and (select counts from stored)),
       proposal as (
         update proposals set replies = replies + 1
         where id = %(proposal_id)s and (select counts from stored)),
       thread as (
         update posts set replies = replies + 1,
           last_reply = greatest(last_reply, %(created)s)
         where id = %(root_id)s and (select counts from stored)),
       settled as (
         update activities set state = 'done', verdict = '', lease_until = 'epoch'
         where id = %(activity)s and exists (select 1 from stored)
         returning set_config('synchronous_commit', 'off', true)),
       notice as ("""
    + notices.TELL
    + """ and exists (select 1 from stored))
       select exists (select 1 from stored) as is_new,
         exists (select 1 from buried) as was_deleted,
         exists (select 1 from posts where in_reply_to = %(uri)s and in_reply_to <> ''
           and parent_id is null and proposal_id is null) as is_awaited"""
)


async def count(conn: Conn, post: Post, by: int) -> None:
    """Adds `by` to the replies of its thread and its need or offer; a new one moves them up."""
    await db.run(
        conn,
        """with community as (
             update communities set last_post = greatest(last_post, %(at)s)
             where actor_id = %(community)s and %(by)s > 0),
           proposal as (
             update proposals set replies = greatest(0, replies + %(by)s) where id = %(proposal)s)
           update posts set replies = greatest(0, replies + %(by)s),
             last_reply = case when %(by)s > 0 then greatest(last_reply, %(at)s)
                               else last_reply end
           where id = %(root)s""",
        {
            "by": by,
            "at": post.created,
            "root": post.root_id,
            "community": post.community_id,
            "proposal": post.proposal_id,
        },
    )


async def adopt_by_post(conn: Conn, parent: Post) -> list[Post]:
    """Puts what waited for this post, and what hangs below it, into its thread."""
    root = parent.root_id or parent.id
    found = await db.many(
        conn,
        Post,
        """update posts set parent_id = %(parent)s, root_id = %(root)s,
             proposal_id = %(proposal)s, community_id = coalesce(community_id, %(community)s)
           where in_reply_to = %(uri)s and in_reply_to <> '' and parent_id is null
             and proposal_id is null and id <> %(parent)s and id <> %(root)s
             and (community_id is null or community_id = %(community)s) returning *""",
        {
            "parent": parent.id,
            "root": root,
            "proposal": parent.proposal_id,
            "community": parent.community_id,
            "uri": parent.uri,
        },
    )
    await _adopted(conn, found)
    return found


async def adopt_by_proposal(conn: Conn, proposal_id: UUID, uri: str) -> list[Post]:
    """Puts what waited for this need or offer, and what hangs below it, below it."""
    found = await db.many(
        conn,
        Post,
        """update posts set proposal_id = %(proposal)s
           where in_reply_to = %(uri)s and in_reply_to <> '' and parent_id is null
             and proposal_id is null returning *""",
        {"proposal": proposal_id, "uri": uri},
    )
    await _adopted(conn, found)
    return found


async def _adopted(conn: Conn, found: Sequence[Post]) -> None:
    for post in found:
        below = await db.run(
            conn,
            """update posts set root_id = %(root)s, proposal_id = %(proposal)s,
                 community_id = coalesce(community_id, %(community)s)
               where root_id = %(id)s""",
            {
                "id": post.id,
                "root": post.root_id or post.id,
                "proposal": post.proposal_id,
                "community": post.community_id,
            },
        )
        await count(conn, post, below + (0 if post.is_gone else 1))


async def claim(conn: Conn, post: Post, community_id: UUID) -> Post:
    """A post that came without its community, which has now passed it on."""
    return await db.one(
        conn,
        Post,
        """with community as (
             update communities set last_post = greatest(last_post, %(at)s)
             where actor_id = %(community)s)
           update posts set community_id = %(community)s
           where id = %(id)s and community_id is null returning *""",
        {"id": post.id, "community": community_id, "at": post.created},
    )


async def edit(conn: Conn, post: Post) -> Post | None:
    """Writes title, text, language, tags, scope and `updated`; None when it is gone."""
    return await db.maybe(
        conn,
        Post,
        """update posts set title = %(title)s, source = %(source)s, html = %(html)s,
             language = %(language)s, tags = %(tags)s, scope = %(scope)s,
             updated = %(updated)s
           where id = %(id)s and deleted_at is null and removed_at is null returning *""",
        {
            "id": post.id,
            "title": post.title,
            "source": post.source,
            "html": post.html,
            "language": post.language,
            "tags": post.tags,
            "scope": post.scope,
            "updated": post.updated,
        },
    )


async def delete(conn: Conn, post: Post) -> Post | None:
    """By its author: the words go, the place in the thread stays. None when it was gone."""
    deleted = await db.maybe(
        conn,
        Post,
        """update posts set deleted_at = now(), title = '', source = '', html = '', tags = '{}'
           where id = %(id)s and deleted_at is null returning *""",
        {"id": post.id},
    )
    if deleted:
        await attach(conn, post.id, [])
        if not post.removed_at:
            await count(conn, post, -1)
    return deleted


async def remove(conn: Conn, post: Post, by: UUID, reason: str) -> Post | None:
    """By a moderator: nobody else reads it now. None when it was gone."""
    removed = await db.maybe(
        conn,
        Post,
        """update posts set removed_at = now(), removed_by = %(by)s, removed_reason = %(reason)s
           where id = %(id)s and removed_at is null and deleted_at is null returning *""",
        {"id": post.id, "by": by, "reason": reason[:2000]},
    )
    if removed:
        await count(conn, post, -1)
    return removed


async def restore(conn: Conn, post: Post) -> Post | None:
    """Undoes a removal. None when it was not removed."""
    restored = await db.maybe(
        conn,
        Post,
        """update posts set removed_at = null, removed_by = null, removed_reason = ''
           where id = %(id)s and removed_at is not null and deleted_at is null returning *""",
        {"id": post.id},
    )
    if restored:
        await count(conn, post, 1)
    return restored


async def set_pinned(conn: Conn, id: UUID, pinned: bool) -> Post:
    """At the head of its community, or not."""
    return await db.one(
        conn,
        Post,
        """update posts set pinned_at = case when %(on)s then coalesce(pinned_at, now()) end
           where id = %(id)s returning *""",
        {"id": id, "on": pinned},
    )


async def set_locked(conn: Conn, id: UUID, locked: bool) -> Post:
    """Whether only moderators may reply in its thread."""
    return await db.one(
        conn,
        Post,
        """update posts set locked_at = case when %(on)s then coalesce(locked_at, now()) end
           where id = %(id)s returning *""",
        {"id": id, "on": locked},
    )


async def forget(conn: Conn, id: UUID) -> None:
    """Takes back a tombstone that somebody else had put in the way."""
    query = "delete from posts where id = %(id)s and deleted_at = created"
    await db.run(conn, query, {"id": id})


async def was_deleted(conn: Conn, uris: Sequence[str], peer: str | None) -> bool:
    """Whether somebody of that server has deleted one of these before it came."""
    query = """select exists (
        select 1 from activities x join actors a on a.id = x.actor_id
        where x.object_uri = any(%(uris)s) and x.object_uri <> '' and x.type = 'Delete'
          and x.direction = 'in' and x.state in ('done', 'ignored') and a.peer = %(peer)s)"""
    return bool(await db.value(conn, query, {"uris": list(uris), "peer": peer}))


async def last_activity(conn: Conn, type: Literal["Lock", "Delete", "Block"], uri: str) -> str:
    """The uri of the newest of ours of this type about this, to undo it; '' for none."""
    query = """select uri from activities where object_uri = %(uri)s
                 and object_uri <> '' and type = %(type)s and direction = 'out'
               order by id desc limit 1"""
    return await db.value(conn, query, {"uri": uri, "type": type}) or ""


async def attach(conn: Conn, post_id: UUID, media_ids: Sequence[UUID]) -> None:
    """These pictures, in this order, and no others."""
    await db.run(conn, "delete from attachments where post_id = %(id)s", {"id": post_id})
    await db.run(
        conn,
        """insert into attachments (media_id, post_id, position)
           select id, %(post)s, n from unnest(%(media)s::uuid[]) with ordinality as new (id, n)""",
        {"post": post_id, "media": list(media_ids)},
    )
