"""People of other servers follow ours, change what they say of themselves, and leave."""

from collections.abc import Mapping

from federation import resolve
from federation.acts import people as acts
from federation.documents import id_of, is_a
from federation.instance import Instance
from federation.messages import Handler, Message
from schema import actors, follows
from schema.actors import Actor
from schema.errors import Missing


async def on_follow(instance: Instance, message: Message) -> bool:
    """Somebody follows one of our people; they are told yes."""
    whom = await _ours(instance, message.object_uri)
    if whom is None:
        return False
    if whom.deleted_at:
        raise Missing("There is nothing here, or it is not meant for you.")
    uri = id_of(message.activity) or ""
    async with instance.begin() as tx:
        await acts.follow(tx, by=message.actor, whom=whom, uri=uri, received=message.received)
    return True


async def on_undo(instance: Instance, message: Message) -> bool:
    """They follow no more, or block no more."""
    undone = message.object or {}
    if not is_a(undone, "Follow", "Block") or undone.get("target"):
        return False
    whom = await _ours(instance, id_of(undone.get("object")) or "")
    if whom is None or message.received.through is not None:
        return False
    async with instance.begin() as tx:
        act = acts.unfollow if is_a(undone, "Follow") else acts.unblocked
        await act(tx, by=message.actor, whom=whom, received=message.received)
    return True


async def on_block(instance: Instance, message: Message) -> bool:
    """Somebody wants to hear nothing of one of ours; with a `target` it is a ban, not this."""
    whom = await _ours(instance, message.object_uri)
    if whom is None or message.activity.get("target") or message.received.through is not None:
        return False
    async with instance.begin() as tx:
        await acts.blocked(tx, by=message.actor, whom=whom, received=message.received)
    return True


async def on_accept(instance: Instance, message: Message) -> bool:
    """A person there lets one of ours follow."""
    return await _answer(instance, message, accepted=True)


async def on_reject(instance: Instance, message: Message) -> bool:
    """A person there does not, or not any more."""
    return await _answer(instance, message, accepted=False)


async def on_update(instance: Instance, message: Message) -> bool:
    """They say something new of themselves; it is read from their server, not from the message."""
    if message.actor.kind != "person" or message.object_uri != message.actor.uri:
        return False
    await resolve.actor(instance, message.actor.uri, fresh=True)
    async with instance.begin() as tx:
        await acts.changed(tx, received=message.received)
    return True


async def on_delete(instance: Instance, message: Message) -> bool:
    """They leave for good, by their own word: a group that passes it on proves nothing."""
    if message.actor.kind != "person" or message.object_uri != message.actor.uri:
        return False
    if message.received.through is not None and not message.received.proved:
        return False
    async with instance.begin() as tx:
        await acts.left(tx, person=message.actor, received=message.received)
    return True


async def _ours(instance: Instance, uri: str) -> Actor | None:
    known = instance.addresses.read(uri)
    if known is None or known.thing != "person":
        return None
    async with instance.read() as conn:
        return await actors.find(conn, uri)


async def _answer(instance: Instance, message: Message, *, accepted: bool) -> bool:
    if message.actor.kind != "person":
        return False
    follower = await _follower(instance, message)
    if follower is None:
        return False
    async with instance.begin() as tx:
        await acts.answered(
            tx,
            by=message.actor,
            follower=follower,
            accepted=accepted,
            answered=message.object_uri,
            received=message.received,
        )
    return True


async def _follower(instance: Instance, message: Message) -> Actor | None:
    """Who of ours asked: named in the embedded Follow, else by its id."""
    embedded = message.object or {}
    if id_of(embedded.get("object")) == message.actor.uri:
        return await _ours(instance, id_of(embedded.get("actor")) or "")
    async with instance.read() as conn:
        known = await follows.find_by_uri(conn, message.object_uri, message.actor.id)
        return await actors.get(conn, known.follower_id) if known else None


HANDLERS: Mapping[str, Handler] = {
    "Follow": on_follow,
    "Undo": on_undo,
    "Block": on_block,
    "Accept": on_accept,
    "Reject": on_reject,
    "Update": on_update,
    "Delete": on_delete,
}
