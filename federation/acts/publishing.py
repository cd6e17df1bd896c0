"""A post becomes a row with its pictures, its notices and its activity: the middle of the acts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from federation import outbox
from federation.acts import enclosed, writing
from federation.acts.writing import Foreign, Words
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Audience, Received
from federation.wire import notes
from federation.wire import posts as wire
from schema import actors, ids, occasions, polls, posting, posts
from schema.actors import Actor
from schema.errors import Conflict
from schema.occasions import Occasion
from schema.polls import Poll
from schema.posts import Post
from schema.proposals import Scope
from schema.words import N_


async def known(tx: Tx, by: Actor, id: UUID | None) -> Post | None:
    """What this form, which minted the id, has published already; Conflict for another's id."""
    if id is None:
        return None
    post = await posts.find(tx.conn, tx.addresses.post(id))
    if post is not None and post.author_id != by.id:
        raise Conflict(N_("That exists already."))
    return post


def new(
    tx: Tx,
    by: Actor,
    words: Words,
    foreign: Foreign | None,
    *,
    id: UUID | None,
    source: str,
    language: str,
    scope: Scope,
    title: str = "",
    context: str = "",
    in_reply_to: str = "",
    **place: UUID | None,
) -> Post:
    """The row of a post, not stored yet."""
    id = id or ids.new()
    now = tx.instance.clock()
    uri = foreign.uri if foreign else tx.addresses.post(id)
    own = f"{uri}/thread" if foreign is None and not in_reply_to else ""
    places: dict[str, Any] = {
        name: place.get(name) for name in ("community_id", "proposal_id", "root_id", "parent_id")
    }
    return Post(
        id=id,
        uri=uri,
        author_id=by.id,
        **places,
        in_reply_to=in_reply_to,
        scope=scope,
        title=title.strip()[:300],
        source=source,
        html=words.html,
        language=language[:35],
        tags=words.tags,
        page_url=foreign.page_url if foreign else "",
        context=(foreign.context if foreign else context) or context or own,
        replies=0,
        last_reply=foreign.created if foreign else now,
        pinned_at=None,
        locked_at=None,
        removed_at=None,
        removed_by=None,
        removed_reason="",
        deleted_at=None,
        created=foreign.created if foreign else now,
        updated=foreign.updated if foreign else now,
    )


def later(tx: Tx, post: Post, foreign: Foreign | None) -> datetime:
    """When it was changed: later than it was before, also where clocks stand still."""
    if foreign is not None:
        return foreign.updated
    return max(tx.instance.clock(), post.updated + timedelta(milliseconds=1))


async def publish(
    tx: Tx,
    by: Actor,
    post: Post,
    words: Words,
    community: Actor | None,
    answered_id: UUID | None,
    pictures: tuple[UUID, ...],
    foreign: Foreign | None,
    received: Received | None,
    occasion: Occasion | None = None,
) -> Post:
    """Stores it, tells who is concerned, and passes it on."""
    if received is not None:
        # What came from elsewhere is not addressed by us, and is passed on as it is. First, since
        # `store` counts, and all answers to one thing wait for each other there.
        audience = await writing.hearers(tx, by, post, community, None, words.mentioned)
        await outbox.relay(tx, received.document, post.uri, audience)
    await store(tx, post, answered_id, pictures, foreign, received)
    if occasion is not None:
        await occasions.put(tx.conn, post.id, occasion)
    others = (actor for actor in words.mentioned if actor.id != answered_id)
    await writing.tell(tx, post, others)
    if received is None:
        answered = await actors.get(tx.conn, answered_id) if answered_id else None
        await record(tx, by, "Create", post, words, community, answered, None)
    return post


class Known(Conflict):
    """It is stored already."""


async def store(
    tx: Tx,
    post: Post,
    answered_id: UUID | None,
    pictures: tuple[UUID, ...],
    foreign: Foreign | None,
    received: Received | None,
) -> None:
    """With its pictures and a notice for who is answered; what waited for it is put below it, and
    what brought it is done. Conflict when its Delete came first, Known when it is known."""
    activity_id = received.activity_id if received else None
    words = writing.first_words(post)
    found = await posting.insert(tx.conn, post, answered_id, words, activity_id)
    tx.instance.reach("app.dedup")
    if found.was_deleted:
        raise Conflict(N_("It was deleted before it arrived."))
    if not found.is_new:
        raise Known(N_("That exists already."))
    if foreign is not None:
        await attach_remote(tx, post, foreign, ())
        await keep_facts(tx, post, foreign)
    elif pictures:
        await posting.attach(tx.conn, post.id, pictures)
    if found.is_awaited:
        await posting.adopt_by_post(tx.conn, post)


async def keep_facts(tx: Tx, post: Post, foreign: Foreign) -> None:
    """What its server says of the poll in it, or of the date it is about, if it has one."""
    if foreign.occasion is not None:
        await occasions.put(tx.conn, post.id, foreign.occasion)
    poll = foreign.poll
    if poll is not None:
        row = Poll(
            post_id=post.id,
            options=list(poll.options),
            multiple=poll.multiple,
            voters=poll.voters,
            ends=poll.ends,
            closed=poll.closed,
        )
        await polls.put(tx.conn, row)


async def attach_remote(
    tx: Tx, post: Post, foreign: Foreign, before: Sequence[posts.Picture]
) -> None:
    """Pictures of other servers: those from `before` stay, new ones are fetched later."""
    have = {picture.remote_url: picture.id for picture in before}
    wanted = await enclosed.remote(tx, foreign.pictures, have)
    if wanted or have:
        await posting.attach(tx.conn, post.id, wanted)


async def record(
    tx: Tx,
    by: Actor,
    type: str,
    post: Post,
    words: Words,
    community: Actor | None,
    answered: Actor | None,
    received: Received | None,
) -> None:
    """Create or Update, to everybody who hears of the post; `community` is the post's."""
    audience = await writing.hearers(tx, by, post, community, answered, words.mentioned)
    body: Document = {"type": type, "object": post.uri}
    if received is None:
        body = {
            "type": type,
            "published": notes.moment(post.updated),
            "object": await _embedded(tx, by, post, words, community, audience),
        }
    if community:
        body["audience"] = community.uri
    await outbox.record(tx, by, body, audience, received=received)


async def _embedded(
    tx: Tx, by: Actor, post: Post, words: Words, community: Actor | None, audience: Audience
) -> Document:
    setting = wire.Setting(
        author=by,
        origin=tx.addresses.origin,
        to=audience.to,
        cc=audience.cc,
        community_uri=community.uri if community else None,
        mentioned=words.mentioned,
        pictures=await posts.list_pictures(tx.conn, post.id),
        occasion=await occasions.find(tx.conn, post.id) if post.is_first else None,
    )
    document = wire.build(post, setting)
    return {key: value for key, value in document.items() if key != "@context"}
