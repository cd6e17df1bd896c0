"""Posts: what people say in a community, or below a need or offer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema.database import Ask, Conn
from schema.proposals import Purpose, Scope


@dataclass(frozen=True, slots=True)
class Post:
    """`root_id` None: the first of its thread, or directly below a proposal.

    `in_reply_to` without `parent_id` and `proposal_id`: it waits for what it answers. Scope
    `community` without a community: only for its author and the one who is answered.
    """

    id: UUID
    uri: str
    author_id: UUID
    community_id: UUID | None
    proposal_id: UUID | None
    root_id: UUID | None
    parent_id: UUID | None
    in_reply_to: str
    scope: Scope
    title: str
    source: str
    html: str
    language: str
    tags: list[str]
    page_url: str
    context: str
    replies: int
    last_reply: datetime
    pinned_at: datetime | None
    locked_at: datetime | None
    removed_at: datetime | None
    removed_by: UUID | None
    removed_reason: str
    deleted_at: datetime | None
    created: datetime
    updated: datetime

    @property
    def is_waiting(self) -> bool:
        return bool(self.in_reply_to) and not self.parent_id and not self.proposal_id

    @property
    def is_gone(self) -> bool:
        return self.removed_at is not None or self.deleted_at is not None

    @property
    def is_first(self) -> bool:
        """Whether it is the first post of a thread."""
        return not self.in_reply_to and not self.parent_id and not self.proposal_id

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/posts/{self.id}"


async def get(conn: Conn, id: UUID) -> Post:
    """Missing when there is none."""
    return await db.one(conn, Post, "select * from posts where id = %(id)s", {"id": id})


async def find(conn: Conn, uri: str) -> Post | None:
    """By its uri."""
    return await db.maybe(conn, Post, "select * from posts where uri = %(uri)s", {"uri": uri})


async def find_titled(conn: Conn, author_id: UUID, title: str) -> Post | None:
    """The first thread that this person began under this title."""
    return await db.maybe(
        conn,
        Post,
        """select * from posts where author_id = %(author)s and title = %(title)s
           order by created limit 1""",
        {"author": author_id, "title": title},
    )


async def find_said(
    conn: Conn, author_id: UUID, source: str, *, parent: UUID | None, proposal: UUID | None
) -> Post | None:
    """What this person has said already in these words, below this post or listing."""
    return await db.maybe(
        conn,
        Post,
        """select * from posts where author_id = %(author)s and source = %(source)s
             and parent_id is not distinct from %(parent)s
             and proposal_id is not distinct from %(proposal)s limit 1""",
        {"author": author_id, "source": source, "parent": parent, "proposal": proposal},
    )


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a post; `remote_url` None for ours."""

    id: UUID
    mime: str
    width: int
    height: int
    alt: str
    remote_url: str | None


async def list_pictures(conn: Conn, post_id: UUID) -> list[Picture]:
    """In their order."""
    return await db.many(
        conn,
        Picture,
        """select m.id, m.mime, m.width, m.height, m.alt, m.remote_url
           from attachments t join media m on m.id = t.media_id
           where t.post_id = %(id)s order by t.position""",
        {"id": post_id},
    )


@dataclass(frozen=True, slots=True)
class PostView:
    """A post as a page shows it. `host` '' for authors from here; pictures as (id, words).

    `likes` people find it helpful, `liked` when the viewer does. `answers` is who is answered,
    where that is another post of the thread; `depth` 0, 1 or (for all that is deeper) 2 below the
    first post or the listing.
    """

    id: UUID
    uri: str
    author_id: UUID
    author_name: str
    author_title: str
    author_host: str
    avatar_id: UUID | None
    community_id: UUID | None
    proposal_id: UUID | None
    root_id: UUID | None
    parent_id: UUID | None
    answers: str
    scope: Scope
    title: str
    html: str
    language: str
    tags: list[str]
    page_url: str
    replies: int
    pinned_at: datetime | None
    locked_at: datetime | None
    removed_at: datetime | None
    removed_reason: str
    deleted_at: datetime | None
    created: datetime
    updated: datetime
    pictures: list[tuple[str, str]]
    likes: int
    liked: bool
    depth: int = 0

    @property
    def url(self) -> str:
        return f"/posts/{self.id}"

    @property
    def author_avatar(self) -> str | None:
        return f"/media/{self.avatar_id}?small" if self.avatar_id else None

    @property
    def author_handle(self) -> str:
        return f"{self.author_name}@{self.author_host}" if self.author_host else self.author_name

    @property
    def edited(self) -> bool:
        return self.updated > self.created

    @property
    def removed(self) -> str:
        """The reason; '' while it stands."""
        return (self.removed_reason or "–") if self.removed_at else ""

    @property
    def is_gone(self) -> bool:
        return self.removed_at is not None or self.deleted_at is not None


@dataclass(frozen=True, slots=True)
class ThreadCard:
    """A thread in a community's list."""

    id: UUID
    title: str
    language: str
    author_name: str
    author_title: str
    author_host: str
    avatar_id: UUID | None
    replies: int
    pinned_at: datetime | None
    locked_at: datetime | None
    created: datetime
    last_reply: datetime
    picture_id: UUID | None

    @property
    def url(self) -> str:
        return f"/posts/{self.id}"


# What this viewer (null: a guest) may read, and wants to: `p` is the post.
MAY_READ = """(p.scope = 'everyone' or p.author_id = %(viewer)s
  or p.scope in ('neighbours', 'city') and %(viewer)s::uuid is not null
  or p.scope = 'community' and exists (
       select 1 from memberships m where m.community_id = p.community_id
         and m.person_id = %(viewer)s and m.state = 'member')
  or p.scope = 'community' and p.community_id is null and (
       exists (select 1 from posts above where above.id = p.parent_id
                 and above.author_id = %(viewer)s)
       or exists (select 1 from proposals o where o.id = p.proposal_id
                    and o.author_id = %(viewer)s)
       or p.in_reply_to = '' and p.parent_id is null and p.proposal_id is null and exists (
            select 1 from follows f where f.follower_id = %(viewer)s
              and f.followed_id = p.author_id and f.state = 'accepted')))
  and not exists (select 1 from blocks
                  where blocker_id = %(viewer)s and blocked_id = p.author_id)"""

VIEW = """select p.id, p.uri, p.author_id, a.name as author_name, a.title as author_title,
    a.host as author_host, a.avatar_id, p.community_id, p.proposal_id, p.root_id, p.parent_id,
    coalesce(nullif(w.title, ''), w.name, '') as answers, p.scope, p.title, p.html, p.language,
    p.tags, p.page_url, p.replies, p.pinned_at, p.locked_at, p.removed_at, p.removed_reason,
    p.deleted_at, p.created, p.updated,
    coalesce((select jsonb_agg(jsonb_build_array(i.id, i.alt) order by t.position)
              from attachments t join media i on i.id = t.media_id where t.post_id = p.id),
             '[]') as pictures,
    (select count(*) from likes l where l.post_id = p.id) as likes,
    exists (select 1 from likes l
            where l.post_id = p.id and l.actor_id = %(viewer)s::uuid) as liked
  from posts p join actors a on a.id = p.author_id
    left join posts above on above.id = p.parent_id
    left join actors w on w.id = above.author_id
  where """


async def view(conn: Conn, id: UUID, viewer_id: UUID | None) -> PostView:
    """Missing when it is not for this viewer (None: a guest)."""
    return await db.one(
        conn,
        PostView,
        VIEW + "p.id = %(id)s and " + MAY_READ,
        {"id": id, "viewer": viewer_id},
    )


async def view_as_moderator(conn: Conn, id: UUID) -> PostView:
    """Whoever may read it: for those who keep order in this place."""
    return await db.one(conn, PostView, VIEW + "p.id = %(id)s", {"id": id, "viewer": None})


async def may_read(conn: Conn, id: UUID, viewer_id: UUID) -> bool:
    """Whether this person sees the post, here or (with a membership here) elsewhere."""
    query = "select exists (select 1 from posts p where p.id = %(id)s and " + MAY_READ + ")"
    return bool(await db.value(conn, query, {"id": id, "viewer": viewer_id}))


def in_order(found: Sequence[PostView]) -> list[PostView]:
    """Each reply behind what it answers, in the order of `found`, with its depth. What answers a
    post that is not among them stands at the top."""
    ids = {post.id for post in found}
    below: dict[UUID | None, list[PostView]] = {}
    for post in found:
        below.setdefault(post.parent_id if post.parent_id in ids else None, []).append(post)
    ordered: list[PostView] = []
    waiting = [(post, 0) for post in reversed(below.get(None, []))]
    while waiting:
        post, depth = waiting.pop()
        ordered.append(replace(post, depth=depth))
        waiting += [(reply, min(depth + 1, 2)) for reply in reversed(below.get(post.id, []))]
    return ordered


async def list_thread(
    conn: Conn, root_id: UUID, viewer_id: UUID | None, after: UUID | None, limit: int
) -> list[PostView]:
    """The replies below a first post, the oldest first, behind the one with the id `after`."""
    return await db.many(
        conn,
        PostView,
        VIEW
        + "p.root_id = %(root)s and "
        + MAY_READ
        + """ and (%(after)s::uuid is null or (p.created, p.id) > (
                   select created, id from posts where id = %(after)s))
              order by p.created, p.id limit %(limit)s""",
        {"root": root_id, "viewer": viewer_id, "after": after, "limit": limit},
    )


async def list_answers(
    conn: Conn, proposal_id: UUID, viewer_id: UUID | None, limit: int = 200
) -> list[PostView]:
    """What is said below a need or offer, in the order of a thread."""
    return in_order(await db.answer(conn, ask_answers(proposal_id, viewer_id, limit)))


def ask_answers(proposal_id: UUID, viewer_id: UUID | None, limit: int = 200) -> Ask[PostView]:
    """The question behind `list_answers`; not yet in order."""
    return Ask(
        PostView,
        VIEW
        + "p.proposal_id = %(proposal)s and "
        + MAY_READ
        + " order by p.created, p.id limit %(limit)s",
        {"proposal": proposal_id, "viewer": viewer_id, "limit": limit},
    )


@dataclass(frozen=True, slots=True)
class Around:
    """What a post belongs to: its community, or the need or offer it answers."""

    community_name: str
    community_host: str
    community_title: str
    proposal_title: str
    purpose: Purpose | None
    proposal_id: UUID | None

    @property
    def community_url(self) -> str:
        at = f"@{self.community_host}" if self.community_host else ""
        return f"/communities/{self.community_name}{at}" if self.community_name else ""

    @property
    def proposal_url(self) -> str:
        folder = "offers" if self.purpose == "offer" else "needs"
        return f"/{folder}/{self.proposal_id}" if self.proposal_id else ""


async def around(conn: Conn, id: UUID) -> Around:
    """Of the post with this id."""
    return await db.one(
        conn,
        Around,
        """select coalesce(c.name, '') as community_name, coalesce(c.host, '') as community_host,
             coalesce(nullif(c.title, ''), c.name, '') as community_title,
             coalesce(o.title, '') as proposal_title, o.purpose, o.id as proposal_id
           from posts p left join actors c on c.id = p.community_id
             left join proposals o on o.id = p.proposal_id
           where p.id = %(id)s""",
        {"id": id},
    )


async def list_tagged(conn: Conn, tag: str, viewer_id: UUID | None, limit: int) -> list[PostView]:
    """Posts with this hashtag (lower case, without #), newest first."""
    return await db.many(
        conn,
        PostView,
        VIEW
        + "p.tags @> array[%(tag)s]::text[] and p.removed_at is null and p.deleted_at is null and "
        + MAY_READ
        + " order by p.created desc limit %(limit)s",
        {"tag": tag, "viewer": viewer_id, "limit": limit},
    )


async def list_threads(
    conn: Conn,
    community_id: UUID,
    before: datetime | None = None,
    limit: int = 20,
    *,
    viewer_id: UUID | None = None,
) -> list[ThreadCard]:
    """Threads by their last word, newest first, below the moment `before`; the first page starts
    with the pinned ones. Only those that the viewer may read, none of people they blocked."""
    return await db.many(
        conn,
        ThreadCard,
        """select p.id, p.title, p.language, a.name as author_name, a.title as author_title,
             a.host as author_host, a.avatar_id, p.replies, p.pinned_at, p.locked_at, p.created,
             p.last_reply, (select t.media_id from attachments t where t.post_id = p.id
                            order by t.position limit 1) as picture_id
           from posts p join actors a on a.id = p.author_id
           where p.community_id = %(community)s and p.parent_id is null and p.proposal_id is null
             and p.in_reply_to = '' and p.removed_at is null and p.deleted_at is null
             and (%(before)s::timestamptz is null
                  or p.last_reply < %(before)s and p.pinned_at is null)
             and """
        + MAY_READ
        + """ order by (p.pinned_at is not null) desc, p.last_reply desc limit %(limit)s""",
        {"community": community_id, "before": before, "limit": limit, "viewer": viewer_id},
    )
