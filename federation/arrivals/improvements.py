"""Somebody of another city offers what they did better to a blueprint of ours."""

from collections.abc import Mapping

from federation.acts import improvements as acts
from federation.arrivals import wanted
from federation.documents import id_of, one, text
from federation.errors import Unreachable
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import notes
from schema import blueprints


async def on_offer(instance: Instance, message: Message) -> bool:
    """An Offer of a version that is known here, to a blueprint of ours."""
    target = id_of(one(message.activity.get("target"))) or ""
    if not instance.addresses.is_ours(target):
        return False
    async with instance.begin() as tx:
        origin = await blueprints.find(tx.conn, target)
        version = await blueprints.find_version(tx.conn, message.object_uri)
        if origin is None:
            return False
        if version is None:
            raise Unreachable("the version that is offered has not come yet")
        await wanted.check(tx, message.actor, message.received)
        await acts.offer(
            tx,
            by=message.actor,
            version=version,
            origin=origin,
            text=notes.plain(text(message.activity, "content") or "", 1000),
            uri=id_of(message.activity) or "",
            received=message.received,
        )
    return True


HANDLERS: Mapping[str, Handler] = {"Offer": on_offer}
