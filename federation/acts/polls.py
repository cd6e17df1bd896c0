"""Choosing in a poll of another server."""

from collections.abc import Sequence

from federation import outbox
from federation.acts import writing
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Audience
from federation.wire import polls as wire
from schema import actors, ids, polls, posts
from schema.actors import Actor
from schema.errors import Conflict, Invalid, Missing
from schema.posts import Post
from schema.words import N_


async def vote(tx: Tx, *, by: Actor, post: Post, choices: Sequence[int]) -> None:
    """Once, while it is open; each choice travels as a Note with only a name, to the author."""
    await writing.check_writer(tx, by, None, None)
    poll = await polls.find(tx.conn, post.id)
    if poll is None or post.is_gone or not await posts.may_read(tx.conn, post.id, by.id):
        raise Missing(writing.NOT_HERE)
    now = tx.instance.clock()
    if not poll.is_open(now):
        raise Conflict(N_("This poll is over."))
    chosen = sorted({n for n in choices if 0 <= n < len(poll.options)})
    if not chosen or (len(chosen) > 1 and not poll.multiple):
        raise Invalid({"choice": N_("Please choose an answer.")})
    if not await polls.vote(tx.conn, post.id, by.id, chosen):
        raise Conflict(N_("You have voted already."))
    author = await actors.get(tx.conn, post.author_id)
    if author.is_local:
        return
    for number in chosen:
        uri = f"{tx.addresses.origin}/votes/{ids.new()}"
        option = poll.options[number][0]
        note = wire.vote(uri, by.uri, post.uri, author.uri, option, now)
        body: Document = {
            "type": "Create",
            "object": {key: value for key, value in note.items() if key != "@context"},
        }
        audience = Audience(to=(author.uri,), actors=(author.id,))
        await outbox.record(tx, by, body, audience)
