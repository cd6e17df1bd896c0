"""Finding what somebody said helpful, and taking that back."""

from dataclasses import replace

from federation import outbox
from federation.acts import writing
from federation.instance import Tx
from federation.outbox import Audience, Received
from federation.wire import likes as wire
from schema import actors, likes, posts, standings
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Missing
from schema.posts import Post
from schema.words import N_


async def like(
    tx: Tx, *, by: Actor, post: Post, uri: str = "", received: Received | None = None
) -> None:
    """Counts `by` among those whom the post has helped; twice is once.

    `uri`: the Like of a person elsewhere. Forbidden for one's own, and for who may not speak there.
    """
    community = await writing.community_of(tx.conn, post.community_id)
    await _check(tx, by, post, community, received)
    if not await likes.put(tx.conn, post.id, by.id, uri):
        await outbox.done(tx, received)
        return
    audience = await _audience(tx, by, post, community)
    body = wire.like(post.uri, community.uri if community else "")
    sent = await outbox.record(tx, by, body, audience, received=received)
    if received is None:
        await likes.set_uri(tx.conn, post.id, by.id, sent)


async def unlike(tx: Tx, *, by: Actor, post: Post, received: Received | None = None) -> None:
    """Taken back; nothing happens where there was none."""
    community = await writing.community_of(tx.conn, post.community_id)
    if not _is_known(by, community, received):
        raise Forbidden(N_("Its community has not passed this on."))
    uri = await likes.delete(tx.conn, post.id, by.id)
    if uri is None:
        await outbox.done(tx, received)
        return
    audience = await _audience(tx, by, post, community)
    body = wire.undo(uri, by.uri, post.uri, community.uri if community else "")
    await outbox.record(tx, by, body, audience, received=received)


async def _check(
    tx: Tx, by: Actor, post: Post, community: Actor | None, received: Received | None
) -> None:
    if by.id == post.author_id:
        raise Forbidden(N_("This is your own."))
    if post.is_gone:
        raise Conflict(N_("This has been taken away meanwhile."))
    if by.is_local and not await posts.may_read(tx.conn, post.id, by.id):
        raise Missing(writing.NOT_HERE)
    if not _is_known(by, community, received):
        raise Forbidden(N_("Its community has not passed this on."))
    private = post.scope == "community" and community is not None
    await writing.check_writer(tx, by, community if private else None, received)
    if community and community.is_local and not private:
        found = await standings.get(tx.conn, by.id, community.id)
        if found.member == "banned":
            raise Forbidden(N_("You are banned from this community."))
    if private or by.is_local or post.scope == "everyone":
        return
    await _check_neighbour(tx, by, post)


async def _check_neighbour(tx: Tx, by: Actor, post: Post) -> None:
    """Something narrower than for everyone is known to its author's server and to us alone."""
    author = await actors.get(tx.conn, post.author_id)
    if author.peer != by.peer and post.scope != "neighbours":
        raise Missing(writing.NOT_HERE)


def _is_known(by: Actor, community: Actor | None, received: Received | None) -> bool:
    """Whether the person has said it, or the post's own community says so."""
    if writing.is_proved(by, received):
        return True
    return community is not None and writing.is_vouched(by, community, received)


async def _audience(tx: Tx, by: Actor, post: Post, community: Actor | None) -> Audience:
    """The community and the author; nobody else who follows `by`."""
    author = await actors.get(tx.conn, post.author_id)
    found = await writing.hearers(tx, by, replace(post, proposal_id=None), community, author)
    return replace(found, followers_of=())
