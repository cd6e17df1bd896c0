"""What another city says about hours: its limit, an offer of hours, and the answer to ours."""

from collections.abc import Mapping

from federation import resolve
from federation.acts import bridges as acts
from federation.documents import id_of
from federation.errors import Malformed
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import bridges as wire


async def on_offer(instance: Instance, message: Message) -> bool:
    """A limit, or hours for one of ours."""
    found = wire.kinds(message.activity.get("object"))
    if "HourBridge" in found:
        async with instance.begin() as tx:
            await acts.limited(
                tx, by=message.actor, activity=message.activity, received=message.received
            )
        return True
    if "EconomicEvent" not in found:
        return False
    event = wire.read_event(message.activity.get("object"))
    await resolve.actor(instance, event.provider)
    async with instance.begin() as tx:
        await acts.offered(
            tx,
            by=message.actor,
            event=event,
            offer_uri=_uri(message),
            received=message.received,
        )
    return True


def _uri(message: Message) -> str:
    found = id_of(message.activity)
    if not found:
        raise Malformed("an Offer has an id")
    return found


async def on_accept(instance: Instance, message: Message) -> bool:
    """They have booked what we offered."""
    if "EconomicEvent" not in wire.kinds(message.activity.get("result")):
        return False
    event = wire.read_event(message.activity.get("result"))
    async with instance.begin() as tx:
        await acts.accepted(
            tx,
            by=message.actor,
            event=event,
            offer_uri=message.object_uri,
            received=message.received,
        )
    return True


async def on_reject(instance: Instance, message: Message) -> bool:
    """They have not, and say why."""
    if "EconomicEvent" not in wire.kinds(message.activity.get("result")):
        return False
    event = wire.read_event(message.activity.get("result"))
    async with instance.begin() as tx:
        await acts.refused(
            tx,
            by=message.actor,
            event=event,
            offer_uri=message.object_uri,
            reason=wire.reason(message.activity),
            received=message.received,
        )
    return True


HANDLERS: Mapping[str, Handler] = {
    "Offer": on_offer,
    "Accept": on_accept,
    "Reject": on_reject,
}
