"""What moderators do to posts: remove with a reason and restore, pin, close for replies."""

from dataclasses import replace

from federation import outbox
from federation.acts import writing
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Audience, Received
from federation.wire import posts as wire
from schema import actors, logs, notices, posting, standings
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Invalid
from schema.posts import Post
from schema.words import N_


async def remove(
    tx: Tx, *, by: Actor, post: Post, reason: str, received: Received | None = None
) -> Post:
    """Takes a post away from everybody's eyes, and tells its author why.

    A Delete with `summary` in communities (Lemmy). What somebody from here said elsewhere is
    taken back in their name; what a moderator of this place hides of other servers stays a matter
    of this place.
    """
    community = await writing.community_of(tx.conn, post.community_id)
    if received is None and not reason.strip():
        raise Invalid({"reason": N_("Please say why; the person will read it.")})
    reaches = await _check(tx, by, post, community, received)
    removed = await posting.remove(tx.conn, post, by.id, reason.strip())
    if removed is None:
        if received is None:
            raise Conflict(N_("This has been taken away meanwhile."))
        await outbox.done(tx, received)
        return post
    if by.is_local and (await standings.get(tx.conn, by.id, None)).keeps_order:
        await logs.write(tx.conn, by, "remove", post.uri, reason.strip())
    await notices.tell(
        tx.conn,
        post.author_id,
        "removed",
        proposal=post.proposal_id,
        post=post.id,
        community=post.community_id,
        text=reason,
    )
    author = await actors.get(tx.conn, post.author_id)
    if community and reaches:
        audience = await _audience(tx, by, post, community, author)
        body: Document = {"type": "Delete", "object": post.uri, "summary": reason}
        await outbox.record(
            tx, by, {**body, "audience": community.uri}, audience, received=received
        )
    elif community is None and author.is_local:
        answered = await writing.answered_by(tx.conn, post)
        audience = await writing.hearers(tx, author, post, None, answered)
        await outbox.record(
            tx, author, {"type": "Delete", "object": wire.tombstone(removed)}, audience
        )
    else:
        await outbox.done(tx, received)
    return removed


async def restore(tx: Tx, *, by: Actor, post: Post, received: Received | None = None) -> Post:
    """Shows a removed post again (Undo of the Delete)."""
    community = await writing.community_of(tx.conn, post.community_id)
    reaches = await _check(tx, by, post, community, received)
    restored = await posting.restore(tx.conn, post)
    if restored is None:
        if received is None:
            raise Conflict(N_("This is shown already."))
        await outbox.done(tx, received)
        return post
    if community is None or not reaches:
        await outbox.done(tx, received)
        return restored
    uri = await posting.last_activity(tx.conn, "Delete", post.uri)
    inner: Document = {"type": "Delete", "actor": by.uri, "object": post.uri, "summary": ""}
    if uri:
        inner["id"] = uri
    await _record(tx, by, {"type": "Undo", "object": inner}, post, community, received)
    return restored


async def pin(tx: Tx, *, by: Actor, post: Post, received: Received | None = None) -> Post:
    """To the head of its community (Add to `featured`)."""
    return await _pin(tx, by, post, True, received)


async def unpin(tx: Tx, *, by: Actor, post: Post, received: Received | None = None) -> Post:
    """Back among the others (Remove from `featured`)."""
    return await _pin(tx, by, post, False, received)


async def _pin(tx: Tx, by: Actor, post: Post, on: bool, received: Received | None) -> Post:
    community = await _thread_of(tx, post)
    await _check(tx, by, post, community, received)
    changed = await posting.set_pinned(tx.conn, post.id, on)
    body: Document = {
        "type": "Add" if on else "Remove",
        "object": post.uri,
        "target": f"{community.uri}/featured",
    }
    await _record(tx, by, body, post, community, received)
    return changed


async def lock(tx: Tx, *, by: Actor, post: Post, received: Received | None = None) -> Post:
    """No more replies, except by moderators."""
    community = await _thread_of(tx, post)
    await _check(tx, by, post, community, received)
    changed = await posting.set_locked(tx.conn, post.id, True)
    await _record(tx, by, {"type": "Lock", "object": post.uri}, post, community, received)
    return changed


async def unlock(tx: Tx, *, by: Actor, post: Post, received: Received | None = None) -> Post:
    """Replies again."""
    community = await _thread_of(tx, post)
    await _check(tx, by, post, community, received)
    changed = await posting.set_locked(tx.conn, post.id, False)
    uri = await posting.last_activity(tx.conn, "Lock", post.uri)
    inner: Document = {"type": "Lock", "actor": by.uri, "object": post.uri}
    if uri:
        inner["id"] = uri
    await _record(tx, by, {"type": "Undo", "object": inner}, post, community, received)
    return changed


async def _thread_of(tx: Tx, post: Post) -> Actor:
    community = await writing.community_of(tx.conn, post.community_id)
    if community is None or not post.is_first:
        raise Conflict(N_("Only the first post of a community's thread can be changed so."))
    return community


async def _check(
    tx: Tx, by: Actor, post: Post, community: Actor | None, received: Received | None
) -> bool:
    """Forbidden unless `by` keeps order there; True when it is valid beyond this place."""
    found = await standings.get(tx.conn, by.id, community.id if community else None)
    if community and (community.is_local or by.is_local):
        if found.moderates and writing.is_proved(by, received):
            return True
        if by.is_local and found.keeps_order:
            return community.is_local
    elif community and writing.is_vouched(by, community, received):
        return True
    elif by.is_local and found.keeps_order:
        return False
    raise Forbidden(N_("Only a moderator can do this."))


async def _audience(
    tx: Tx, by: Actor, post: Post, community: Actor, author: Actor | None = None
) -> Audience:
    """The community hears it, and the author's server; nobody else who follows the moderator."""
    told = author if author and author.id != by.id else None
    found = await writing.hearers(tx, by, replace(post, proposal_id=None), community, told)
    return replace(found, followers_of=())


async def _record(
    tx: Tx, by: Actor, body: Document, post: Post, community: Actor, received: Received | None
) -> None:
    audience = await _audience(tx, by, post, community)
    await outbox.record(tx, by, {**body, "audience": community.uri}, audience, received=received)
