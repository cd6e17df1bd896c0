"""People elsewhere find a post helpful, or no longer."""

from collections.abc import Mapping

from federation.acts import likes as acts
from federation.documents import id_of, is_a, one
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import likes as wire
from schema import posts


async def on_like(instance: Instance, message: Message) -> bool:
    """Of a post that is known here; anything else is not counted."""
    async with instance.begin() as tx:
        post = await posts.find(tx.conn, message.object_uri)
        if post is None:
            return False
        uri = id_of(message.activity) or ""
        await acts.like(tx, by=message.actor, post=post, uri=uri, received=message.received)
    return True


async def on_undo(instance: Instance, message: Message) -> bool:
    """Undo of a Like."""
    undone = message.object or {}
    if not is_a(undone, *wire.KINDS):
        return False
    async with instance.begin() as tx:
        post = await posts.find(tx.conn, id_of(one(undone.get("object"))) or "")
        if post is None:
            return False
        await acts.unlike(tx, by=message.actor, post=post, received=message.received)
    return True


HANDLERS: Mapping[str, Handler] = {
    "Like": on_like,
    "EmojiReact": on_like,
    "Undo": on_undo,
}
