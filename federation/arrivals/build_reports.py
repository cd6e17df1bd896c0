"""Build reports of people of other servers, about blueprints that are known here."""

from collections.abc import Mapping

from federation.acts import build_reports as acts
from federation.acts.build_reports import Draft, Foreign
from federation.arrivals import wanted
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.outbox import done
from federation.wire import build_reports as wire
from schema import blueprints


async def on_create(instance: Instance, message: Message) -> bool:
    """One row, whichever way it comes; about a version that is unknown here it means nothing."""
    if message.object is None or not wire.is_build_report(message.object):
        return False
    said = wire.read(message.object)
    async with instance.begin() as tx:
        await wanted.check(tx, message.actor, message.received)
        version = await blueprints.find_version(tx.conn, said.version_uri)
        if version is None:
            await done(tx, message.received)
            return True
        await acts.report(
            tx,
            by=message.actor,
            version=version,
            draft=Draft(
                worked=said.worked,
                worked_note=said.worked_note,
                replaced=said.replaced,
                conditions=said.conditions,
                place_name=said.place_name,
                cost=said.cost,
                hours=said.hours,
                people=said.people,
                scale=said.scale,
            ),
            foreign=Foreign(said.id, wanted.past(tx, said.published), said.pictures),
            received=message.received,
        )
    return True


HANDLERS: Mapping[str, Handler] = {"Create": on_create}
