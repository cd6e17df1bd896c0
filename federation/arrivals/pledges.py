"""Pledges from elsewhere: a place pledges, changes, brings; a project answers and confirms."""

from collections.abc import Mapping

from federation import origins
from federation.acts import pledge_answers
from federation.acts import pledges as acts
from federation.acts.pledging import Draft
from federation.documents import Document, id_of, one
from federation.errors import Unreachable, Untrusted
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import pledges as wire
from schema import actors, pledges
from schema.errors import Missing

NOT_HERE = "There is nothing here, or it is not meant for you."


async def on_create(instance: Instance, message: Message) -> bool:
    """A pledge or its newer edition; or some of one was brought."""
    found = message.object
    if found is None:
        return False
    if wire.is_pledge(found):
        await _pledged(instance, message, found)
        return True
    if message.type == "Create" and wire.is_delivery(found):
        return await _brought(instance, message, found)
    return False


async def _pledged(instance: Instance, message: Message, found: Document) -> None:
    read, giver = wire.read(found), message.actor
    if read.giver != giver.uri or message.received.through is not None:
        raise Untrusted("a place pledges for itself")
    draft = Draft(read.kind, read.title, read.quantity, read.unit, read.note, read.due, read.need)
    now = instance.clock()
    created = min(read.published or now, now)
    told = acts.Told(read.id, read.edition, created, read.finished, read.reason)
    async with instance.begin() as tx:
        project = await actors.find(tx.conn, read.project)
        if project is None or not project.is_local:
            raise Missing(NOT_HERE)
        await acts.pledge(
            tx,
            by=giver,
            giver=giver,
            project=project,
            draft=draft,
            told=told,
            received=message.received,
        )


async def _brought(instance: Instance, message: Message, found: Document) -> bool:
    giver = message.actor
    if not origins.same_origin(id_of(found.get("fulfills")) or "", giver.uri):
        return False  # what somebody has done for a task of a project
    read = wire.read_delivery(found)
    if read.giver != giver.uri or message.received.through is not None:
        raise Untrusted("a place says itself what it has brought")
    async with instance.begin() as tx:
        pledge = await pledges.find(tx.conn, read.pledge)
        if pledge is None:
            raise Unreachable("the pledge has not arrived yet")
        now = instance.clock()
        await acts.deliver(
            tx,
            by=giver,
            pledge=pledge,
            amount=read.amount,
            note=read.note,
            brought=acts.Brought(read.id, min(read.at or now, now)),
            received=message.received,
        )
    return True


async def on_answer(instance: Instance, message: Message) -> bool:
    """The project accepts or declines a pledge of ours, or what was brought for it."""
    named = one(message.activity.get("object"))
    if not isinstance(named, dict):
        return False
    if wire.is_pledge(named):
        return await _answered(instance, message, named)
    return wire.is_delivery(named) and await _received(instance, message, named)


async def _answered(instance: Instance, message: Message, named: Document) -> bool:
    edition, reason = wire.read_edition(named), wire.read_reason(message.activity)
    async with instance.begin() as tx:
        pledge = await pledges.find(tx.conn, id_of(named) or "")
        if pledge is None:
            return False
        await pledge_answers.answer(
            tx,
            by=message.actor,
            pledge=pledge,
            said="accepted" if message.type == "Accept" else "declined",
            edition=edition,
            reason=reason,
            received=message.received,
        )
    return True


async def _received(instance: Instance, message: Message, named: Document) -> bool:
    reason = wire.read_reason(message.activity)
    async with instance.begin() as tx:
        delivery = await pledges.find_delivery(tx.conn, id_of(named) or "")
        if delivery is None:
            return False
        await pledge_answers.confirm(
            tx,
            by=message.actor,
            delivery=delivery,
            came="confirmed" if message.type == "Accept" else "missing",
            reason=reason,
            received=message.received,
        )
    return True


HANDLERS: Mapping[str, Handler] = {
    "Create": on_create,
    "Update": on_create,
    "Accept": on_answer,
    "Reject": on_answer,
}
