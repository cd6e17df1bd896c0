"""Exchange circles from other cities: proposals, answers of their people, and what became of it."""

from collections.abc import Mapping

from federation.acts import circle_letters as acts
from federation.documents import id_of
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import circles as wire
from schema import circles


async def on_offer(instance: Instance, message: Message) -> bool:
    """A city has found a circle with people of ours."""
    if not wire.is_circle(message.activity.get("object")):
        return False
    document = wire.read(message.activity.get("object"))
    async with instance.begin() as tx:
        await acts.offered(tx, by=message.actor, document=document, received=message.received)
    return True


async def on_update(instance: Instance, message: Message) -> bool:
    """The city that found it says what became of it."""
    if not wire.is_circle(message.object):
        return False
    document = wire.read(message.object)
    async with instance.begin() as tx:
        await acts.decided(tx, by=message.actor, document=document, received=message.received)
    return True


async def on_answer(instance: Instance, message: Message) -> bool:
    """One of theirs is in, or not."""
    async with instance.read() as conn:
        circle = await circles.find(conn, message.object_uri)
    if circle is None:
        return False
    async with instance.begin() as tx:
        await acts.answered(
            tx,
            by=message.actor,
            circle=circle,
            party_uri=id_of(message.activity.get("target")) or "",
            yes=message.type == "Accept",
            reason=wire.read_reason(message.activity),
            received=message.received,
        )
    return True


HANDLERS: Mapping[str, Handler] = {
    "Offer": on_offer,
    "Update": on_update,
    "Accept": on_answer,
    "Reject": on_answer,
}
