"""Build reports of people of other servers, about blueprints that are known here."""

from collections.abc import Mapping
from dataclasses import fields

from federation import origins
from federation.acts import build_reports as acts
from federation.acts import history
from federation.acts.build_reports import Draft, Foreign
from federation.acts.writing import is_proved
from federation.arrivals import wanted
from federation.errors import Unreachable
from federation.instance import Instance, Tx
from federation.messages import Handler, Message
from federation.outbox import done
from federation.wire import build_reports as wire
from federation.wire.build_reports import BuildReportDocument
from schema import blueprints, build_reports
from schema.actors import Actor
from schema.blueprints import Version
from schema.errors import Forbidden


async def on_create(instance: Instance, message: Message) -> bool:
    """One row, whichever way it comes. A version that is unknown here is asked for once; where it
    does not come, its report means nothing."""
    if message.object is None or not wire.is_build_report(message.object):
        return False
    said = wire.read(message.object)
    async with instance.begin() as tx:
        await wanted.check(tx, message.actor, message.received)
        version = await blueprints.find_version(tx.conn, said.version_uri)
        if version is not None:
            await _report(tx, said, version, message)
            return True
        if not await history.want(tx, said.version_uri):
            await done(tx, message.received)
            return True
    raise Unreachable("the version that was built has not come yet")


async def _report(tx: Tx, said: BuildReportDocument, version: Version, message: Message) -> None:
    names = (field.name for field in fields(Draft))
    await acts.report(
        tx,
        by=message.actor,
        version=version,
        draft=Draft(**{name: getattr(said, name) for name in names}),
        foreign=Foreign(
            said.id,
            wanted.past(tx, said.published),
            _project(said.project_uri, message.actor),
            said.pictures,
        ),
        received=message.received,
    )


async def on_delete(instance: Instance, message: Message) -> bool:
    """By who wrote it; what others think of it stays with their own city."""
    async with instance.begin() as tx:
        known = await build_reports.find_by_uri(tx.conn, message.object_uri)
        if known is None:
            return False
        if known.author_id != message.actor.id or not is_proved(message.actor, message.received):
            raise Forbidden("This belongs to somebody else.")
        await acts.remove(tx, by=message.actor, row=known, received=message.received)
    return True


def _project(uri: str, by: Actor) -> str:
    """A server speaks for its own projects alone."""
    return uri if uri and origins.same_origin(uri, by.uri) else ""


HANDLERS: Mapping[str, Handler] = {"Create": on_create, "Delete": on_delete}
