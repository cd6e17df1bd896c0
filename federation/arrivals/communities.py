"""Communities elsewhere: their settings change, they appear on their city's list, they end."""

from collections.abc import Mapping

from federation import origins, outbox, resolve
from federation.acts import communities as acts
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import communities as wire
from schema import actors


async def on_update(instance: Instance, message: Message) -> bool:
    """A Group says what it is like now; the inbox made sure that it speaks of itself."""
    if message.actor.kind != "group" or message.object_uri != message.actor.uri:
        return False
    if message.object is None:
        await resolve.actor(instance, message.actor.uri, fresh=True)
    else:
        await resolve.store_actor(instance, message.object)
    async with instance.begin() as tx:
        await outbox.done(tx, message.received)
    return True


async def on_delete(instance: Instance, message: Message) -> bool:
    """A Group says that it exists no more."""
    if message.actor.kind != "group" or message.object_uri != message.actor.uri:
        return False
    async with instance.begin() as tx:
        await acts.ended(tx, by=message.actor, received=message.received)
    return True


async def on_add(instance: Instance, message: Message) -> bool:
    """A city puts one of its communities on its list: we get to know it."""
    group = _listed(message)
    if group is None:
        return False
    await resolve.count_members(instance, await resolve.actor(instance, group, fresh=True))
    async with instance.begin() as tx:
        await acts.listed(tx, by=message.actor, uri=group, received=message.received)
    return True


async def on_remove(instance: Instance, message: Message) -> bool:
    """A city takes one of its communities off its list: we show it to its members only."""
    uri = _listed(message)
    if uri is None:
        return False
    async with instance.begin() as tx:
        group = await actors.find(tx.conn, uri)
        if group is None:
            await acts.listed(tx, by=message.actor, uri=uri, received=message.received)
        else:
            await acts.unlisted(tx, by=message.actor, group=group, received=message.received)
    return True


def _listed(message: Message) -> str | None:
    """The uri of a group, when a city speaks of its own list and of a group of its own: to us, or
    through a hub."""
    read, received = wire.read_listed(message.activity), message.received
    hub = received.through is not None and received.through.kind == "city" and received.proved
    if read is None or message.actor.kind != "city" or (received.through and not hub):
        return None
    if read.collection != f"{message.actor.uri}/communities":
        return None
    return read.group if origins.same_origin(read.group, message.actor.uri) else None


HANDLERS: Mapping[str, Handler] = {
    "Update": on_update,
    "Delete": on_delete,
    "Add": on_add,
    "Remove": on_remove,
}
