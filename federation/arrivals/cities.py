"""Another city asks ours for a link, answers, or ends it."""

from collections.abc import Mapping

from federation import resolve
from federation.acts import cities as acts
from federation.documents import id_of, is_a
from federation.instance import Instance
from federation.messages import Handler, Message


async def on_follow(instance: Instance, message: Message) -> bool:
    """A city follows our city; anybody else who does is a plain follower."""
    if message.object_uri != instance.addresses.city:
        return False
    uri = id_of(message.activity) or ""
    async with instance.begin() as tx:
        if message.actor.kind == "city":
            await acts.asked(tx, other=message.actor, uri=uri, received=message.received)
        else:
            await acts.followed(tx, by=message.actor, uri=uri, received=message.received)
    return True


async def on_accept(instance: Instance, message: Message) -> bool:
    """The answer to our Follow, named by its id or embedded."""
    if message.actor.kind != "city" or not await _is_ours(instance, message):
        return False
    async with instance.begin() as tx:
        await acts.accepted(tx, other=message.actor, received=message.received)
    return True


async def on_reject(instance: Instance, message: Message) -> bool:
    """They do not want the link, or not any more."""
    if message.actor.kind != "city" or not await _is_ours(instance, message):
        return False
    async with instance.begin() as tx:
        await acts.rejected(tx, other=message.actor, received=message.received)
    return True


async def on_undo(instance: Instance, message: Message) -> bool:
    """They follow us no more."""
    undone = message.object or {}
    if not is_a(undone, "Follow") or id_of(undone.get("object")) != instance.addresses.city:
        return False
    async with instance.begin() as tx:
        if message.actor.kind == "city":
            await acts.rejected(tx, other=message.actor, received=message.received)
        else:
            await acts.unfollowed(tx, by=message.actor, received=message.received)
    return True


async def on_update(instance: Instance, message: Message) -> bool:
    """A city says something new of itself; it is read from its server, not from the message."""
    if message.actor.kind != "city" or message.object_uri != message.actor.uri:
        return False
    other = await resolve.actor(instance, message.actor.uri, fresh=True)
    async with instance.begin() as tx:
        await acts.changed(tx, other=other, received=message.received)
    return True


async def _is_ours(instance: Instance, message: Message) -> bool:
    """Whether this answers a Follow between the two cities (by id, else by its two ends)."""
    embedded = message.object or {}
    if id_of(embedded.get("object")) == message.actor.uri:
        return id_of(embedded.get("actor")) == instance.addresses.city
    async with instance.read() as conn:
        return await acts.knows_follow(conn, instance, message.actor, message.object_uri)


HANDLERS: Mapping[str, Handler] = {
    "Follow": on_follow,
    "Accept": on_accept,
    "Reject": on_reject,
    "Undo": on_undo,
    "Update": on_update,
}
