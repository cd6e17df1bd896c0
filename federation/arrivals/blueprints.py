"""Blueprints of people of other servers: they come, get new versions and go."""

from collections.abc import Mapping
from dataclasses import replace

import orjson

from federation.acts import blueprints as acts
from federation.acts import projects as project_acts
from federation.acts.blueprints import Foreign
from federation.acts.writing import is_proved
from federation.arrivals import wanted
from federation.documents import Document, text
from federation.instance import Instance, Tx
from federation.messages import Handler, Message
from federation.outbox import done
from federation.wire import blueprints as wire
from federation.wire import notes
from federation.wire.blueprints import BlueprintDocument
from schema import blueprints
from schema.blueprints import Blueprint
from schema.errors import Forbidden


async def on_create(instance: Instance, message: Message) -> bool:
    """Create, Update, and an Announce of the object alone: one row, whichever way it comes."""
    if message.object is None or not wire.is_blueprint(message.object):
        return False
    said = wire.read(message.object)
    async with instance.begin() as tx:
        await wanted.check(tx, message.actor, message.received)
        known = await blueprints.find(tx.conn, said.version_of or said.id)
        if said.version_of:
            await _take_older(tx, known, said, message)
        elif known is None:
            await _take(tx, said, message)
        else:
            await _renew(tx, known, said, message)
        await project_acts.note_followers(tx, said.version_uri)
    return True


async def _take_older(
    tx: Tx, known: Blueprint | None, said: BlueprintDocument, message: Message
) -> None:
    """A single version that was missed; the one that counts comes by the blueprint itself."""
    if known is None or known.author_id != message.actor.id:
        raise Forbidden("This belongs to somebody else.")
    foreign = _foreign(tx, said, message.object or {})
    await acts.add_older(tx, blueprint=known, draft=said.draft, foreign=foreign)
    await done(tx, message.received)


async def on_delete(instance: Instance, message: Message) -> bool:
    """By the author, or by a moderator through its community."""
    async with instance.begin() as tx:
        known = await blueprints.find(tx.conn, message.object_uri)
        if known is None:
            return False
        by, received = message.actor, message.received
        if known.author_id == by.id and is_proved(by, received):
            await acts.withdraw(tx, by=by, blueprint=known, received=received)
        else:
            said = text(message.activity, "summary") or text(message.activity, "content") or ""
            reason = notes.plain(said, 500)
            await acts.remove(tx, by=by, blueprint=known, reason=reason, received=received)
    return True


async def _take(tx: Tx, said: BlueprintDocument, message: Message) -> None:
    by, received = message.actor, message.received
    community = await wanted.community_of(tx, by, said.audience or said.addressed, received)
    scope = await wanted.scope_of(tx, by, community, said.addressed, public=said.public)
    if scope == "community" and community is not None:
        await wanted.check_members(tx, community)
    await acts.publish(
        tx,
        by=by,
        draft=said.draft,
        community=community,
        scope=scope,
        foreign=_foreign(tx, said, message.object or {}),
        received=received,
    )


async def _renew(tx: Tx, known: Blueprint, said: BlueprintDocument, message: Message) -> None:
    if known.author_id != message.actor.id:
        raise Forbidden("This belongs to somebody else.")
    if known.state != "open":
        await done(tx, message.received)
        return
    by, received = message.actor, message.received
    community = await wanted.community_of(tx, by, said.audience or said.addressed, received)
    try:
        scope = await wanted.scope_of(tx, by, community, said.addressed, public=said.public)
    except Forbidden:  # meant for nobody here any more
        if not is_proved(by, received):
            raise
        await acts.withdraw(tx, by=by, blueprint=known, received=received)
        return
    foreign = _foreign(tx, said, message.object or {})
    if said.updated is None and message.type == "Update":
        foreign = replace(foreign, updated=tx.instance.clock())
    await acts.revise(
        tx,
        by=by,
        blueprint=known,
        draft=said.draft,
        scope=scope,
        foreign=foreign,
        received=received,
    )


def _foreign(tx: Tx, said: BlueprintDocument, original: Document) -> Foreign:
    created = wanted.past(tx, said.published)
    return Foreign(
        uri=said.id,
        version_uri=said.version_uri,
        number=said.number,
        html=said.html,
        document=orjson.dumps(original).decode(),
        based_on=said.based_on,
        forked_from=said.forked_from,
        created=created,
        updated=max(created, wanted.past(tx, said.updated or said.published)),
        pictures=said.pictures,
        files=said.files,
    )


HANDLERS: Mapping[str, Handler] = {
    "Create": on_create,
    "Update": on_create,
    "Delete": on_delete,
}
