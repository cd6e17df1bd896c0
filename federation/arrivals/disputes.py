"""Disputes from other cities, for our communities and moderators, and verdicts of those."""

from collections.abc import Mapping

from federation import resolve
from federation.acts import disputes as acts
from federation.acts.disputes import Named
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import disputes as wire
from schema import actors, disputes
from schema.errors import Missing


async def on_flag(instance: Instance, message: Message) -> bool:
    """What two people of other cities do not agree about, and later what became of it."""
    document = wire.read_flag(message.activity)
    if document is None:
        return False
    async with instance.read() as conn:
        court = await actors.find(conn, document.names.court)
    if court is None:
        raise Missing(acts.NOT_HERE)
    named = Named(
        court=court,
        author=await resolve.actor(instance, document.names.author),
        responder=await resolve.actor(instance, document.names.responder),
    )
    async with instance.begin() as tx:
        await acts.take(
            tx, by=message.actor, document=document, named=named, received=message.received
        )
    return True


async def on_offer(instance: Instance, message: Message) -> bool:
    """A moderator of ours who lives elsewhere has decided."""
    verdict = wire.read_verdict(message.activity.get("object"))
    if verdict is None:
        return False
    async with instance.begin() as tx:
        row = await disputes.find(tx.conn, verdict.key)
        if row is None or not (await actors.get(tx.conn, row.court_id)).is_local:
            raise Missing(acts.NOT_HERE)
        await acts.decide(
            tx,
            by=message.actor,
            dispute=row,
            done=verdict.done,
            text=verdict.text,
            received=message.received,
        )
    return True


HANDLERS: Mapping[str, Handler] = {"Flag": on_flag, "Offer": on_offer}
