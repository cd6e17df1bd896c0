"""Needs and offers of people of other servers: they come, change and go."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import orjson

from federation import origins
from federation.acts import pools, premises
from federation.acts import proposals as acts
from federation.acts.drafts import Draft
from federation.acts.proposals import Foreign
from federation.acts.publishing import Known
from federation.acts.writing import is_proved, narrower
from federation.arrivals import wanted
from federation.documents import Document, id_of, text
from federation.instance import Instance, Tx
from federation.messages import Handler, Message
from federation.outbox import Received, done
from federation.wire import notes
from federation.wire import proposals as wire
from federation.wire.proposals import ProposalDocument
from schema import activities, ids, proposals, publishing
from schema.actors import Actor
from schema.errors import Forbidden
from schema.proposals import Proposal, Scope

LONGEST_NEED = timedelta(days=366)


async def on_create(instance: Instance, message: Message) -> bool:
    """Create, Update, and an Announce of the object alone: one row, whichever way it comes."""
    if message.object is None or not wire.is_proposal(message.object):
        return False
    listing = wire.read(message.object)
    try:
        await _store(instance, message, listing, message.object)
    except Known:  # it came by another way at the same moment
        await _store(instance, message, listing, message.object)
    return True


async def _store(
    instance: Instance, message: Message, listing: ProposalDocument, original: Document
) -> None:
    by, received = message.actor, message.received
    async with instance.begin() as tx:
        await wanted.check(tx, by, received)
        known = await proposals.find(tx.conn, listing.id)
        if known is None:
            await _take(tx, by, listing, original, received)
        else:
            await _renew(tx, by, known, listing, message)


async def on_delete(instance: Instance, message: Message) -> bool:
    """By the author, or by a moderator through the group that has a say."""
    async with instance.begin() as tx:
        known = await proposals.find(tx.conn, message.object_uri)
        if known is None:
            await _remember(tx, message)
            return False
        by, received = message.actor, message.received
        if known.author_id == by.id and _may_withdraw(by, known, received):
            await acts.withdraw(tx, by=by, proposal=known, received=received)
        else:
            said = text(message.activity, "summary") or text(message.activity, "content") or ""
            reason = notes.plain(said, 500)
            await acts.remove(tx, by=by, proposal=known, reason=reason, received=received)
    return True


async def _remember(tx: Tx, message: Message) -> None:
    """A Delete that was passed on before what it deletes: the later copy will be dropped.

    One that its author brings is stored already, and one that is not proved means nothing.
    """
    by, uri, object_uri = message.actor, id_of(message.activity), message.object_uri
    if message.received.through is None or not is_proved(by, message.received):
        return
    if uri and object_uri and origins.same_origin(object_uri, by.uri):
        await activities.remember(
            tx.conn,
            id=ids.new(),
            uri=uri,
            actor_id=by.id,
            type="Delete",
            object_uri=object_uri,
            document=orjson.dumps(message.activity).decode(),
        )


def _may_withdraw(by: Actor, known: Proposal, received: Received) -> bool:
    """Whether the author said it, or the listing's own community that it did."""
    through = received.through
    return is_proved(by, received) or (through is not None and through.id == known.community_id)


async def _take(
    tx: Tx, by: Actor, listing: ProposalDocument, original: Document, received: Received
) -> None:
    community = await wanted.community_of(tx, by, listing.audience or listing.addressed, received)
    scope = await wanted.scope_of(tx, by, community, listing.addressed, public=listing.public)
    if scope == "community" and community is not None:
        await wanted.check_members(tx, community)
    row = await acts.publish(
        tx,
        by=by,
        draft=_draft(tx, listing, scope),
        community=community,
        foreign=_foreign(tx, listing, original),
        received=received,
    )
    await premises.keep(tx, row, original)
    await pools.keep(tx, row, original)


async def _renew(
    tx: Tx, by: Actor, known: Proposal, listing: ProposalDocument, message: Message
) -> None:
    """What we have already: passed on by its community now, or in new words."""
    received = message.received
    if known.author_id != by.id:
        raise Forbidden("This belongs to somebody else.")
    if known.state in ("withdrawn", "removed"):
        await done(tx, received)
        return
    community = await wanted.community_of(tx, by, listing.audience or listing.addressed, received)
    if known.community_id is None and community is not None:
        await publishing.claim(tx.conn, known.id, community.id)
    try:
        scope = await wanted.scope_of(tx, by, community, listing.addressed, public=listing.public)
    except Forbidden:  # meant for nobody here any more
        if not is_proved(by, received):
            raise
        await acts.withdraw(tx, by=by, proposal=known, received=received)
        return
    foreign = _foreign(tx, listing, message.object or {})
    if listing.updated is None and message.type == "Update":
        foreign = replace(foreign, updated=tx.instance.clock())
    row = await acts.edit(
        tx,
        by=by,
        proposal=known,
        draft=_draft(tx, listing, narrower(known.scope, scope)),  # never wider than it was
        foreign=foreign,
        received=received,
    )
    if row.updated == foreign.updated:  # not an older version
        await premises.keep(tx, row, message.object or {})
        await pools.keep(tx, row, message.object or {})


def _draft(tx: Tx, listing: ProposalDocument, scope: Scope) -> Draft:
    until = listing.until
    if until is None and listing.purpose == "request":
        until = wanted.past(tx, listing.published) + LONGEST_NEED
    return Draft(
        purpose=listing.purpose,
        title=listing.title,
        source=listing.source,
        language=listing.language,
        category=listing.category,
        quantity=listing.quantity,
        unit=listing.unit,
        until=until,
        return_kind=listing.return_kind,
        return_note=listing.return_note,
        scope=scope,
        place_name=listing.place_name,
    )


def _foreign(tx: Tx, listing: ProposalDocument, original: Document) -> Foreign:
    created = wanted.past(tx, listing.published)
    return Foreign(
        uri=listing.id,
        html=listing.html,
        document=orjson.dumps(original).decode(),
        created=created,
        updated=max(created, wanted.past(tx, listing.updated or listing.published)),
        available=listing.available,
        closed=listing.closed,
        latitude=listing.latitude,
        longitude=listing.longitude,
        pictures=listing.pictures,
        hand_out=listing.hand_out,
    )


HANDLERS: Mapping[str, Handler] = {
    "Create": on_create,
    "Update": on_create,
    "Delete": on_delete,
}
