"""Pacts: one place asks another, which agrees or not; either ends it; what was built is named."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from federation import html, outbox
from federation.acts import bridging
from federation.addresses import Addresses
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import pacts as wire
from schema import actors, communities, ids, pacts, peers
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Conflict, Forbidden, Invalid
from schema.pacts import Pact
from schema.words import N_


@dataclass(frozen=True, slots=True)
class Draft:
    """`aim` is Markdown of ours, or clean HTML; `host` a person of the asking end."""

    title: str
    topics: Sequence[str]
    aim: str
    host: Actor | None = None
    uri: str = ""


async def ask(
    tx: Tx, *, by: Actor, side: Actor, other: Actor, draft: Draft, received: Received | None = None
) -> Pact:
    """`side` asks `other`, one of them here; once for each title. Invalid for the draft."""
    await bridging.check_voice(tx, by, side, received)
    await _check_partner(tx, side, other)
    draft = _checked(draft, side)
    known = await pacts.find(tx.conn, draft.uri) if draft.uri else None
    known = known or await pacts.find_between(tx.conn, side.id, other.id, draft.title)
    if known is not None:
        await outbox.done(tx, received)
        return known
    id = ids.new()
    row = Pact(
        id=id,
        uri=draft.uri or tx.addresses.pact(id),
        asker_id=side.id,
        other_id=other.id,
        asker_host_id=draft.host.id if draft.host else None,
        other_host_id=None,
        title=draft.title,
        topics=list(draft.topics),
        aim=draft.aim,
        state="asked",
        reason="",
        ended_by=None,
        created=tx.instance.clock(),
        agreed_at=None,
        ended_at=None,
    )
    stored = await pacts.insert(tx.conn, row)
    ends = await bridging.ends_of(tx.conn, stored)
    await bridging.inform(tx, stored, other, side, "bridge.asked")
    await _say(tx, side, other, wire.offer(stored, ends), stored, received)
    return stored


async def _say(
    tx: Tx, side: Actor, other: Actor, body: Document, pact: Pact, received: Received | None
) -> None:
    """Only for the other end; nothing travels between two places of this server."""
    if received is not None:
        await outbox.done(tx, received)
    elif not other.is_local:
        await outbox.send(tx, side, body, [other], about=pact.uri)


async def _check_partner(tx: Tx, side: Actor, other: Actor) -> None:
    """Two public places, at least one of them here, the other here or in a linked city."""
    if side.id == other.id or not (side.is_local or other.is_local):
        raise Forbidden(N_("A knowledge bridge has two ends."))
    for place in (side, other):
        if place.kind not in ("group", "city") or place.deleted_at:
            raise Forbidden(N_("A knowledge bridge joins communities or cities."))
        group = await communities.find(tx.conn, place.id) if place.kind == "group" else None
        if group is not None and (group.join_rule == "hidden" or group.closed_at):
            raise Forbidden(N_("A hidden or closed community has no knowledge bridges."))
        peer = await peers.find(tx.conn, place.peer) if place.peer else None
        if place.peer and (peer is None or peer.link != "linked"):
            raise Forbidden(N_("This place is no neighbour of ours."))


def _checked(draft: Draft, side: Actor) -> Draft:
    title = " ".join(html.tidy(draft.title).split())
    named = dict.fromkeys(" ".join(html.tidy(topic).split())[:60] for topic in draft.topics)
    topics = [topic for topic in named if topic]
    errors: dict[str, str] = {}
    if not 3 <= len(title) <= 120:
        errors["title"] = N_("Please give it a name of 3 to 120 letters.")
    if len(topics) > wire.MOST_TOPICS:
        errors["topics"] = N_("Twelve topics are the most.")
    if side.is_local and not topics:
        errors["topics"] = N_("Please name at least one topic.")
    if len(draft.aim) > 20_000:
        errors["aim"] = N_("That is too long.")
    if errors:
        raise Invalid(errors)
    return replace(draft, title=title, topics=topics, aim=html.tidy(draft.aim))


async def agree(
    tx: Tx,
    *,
    by: Actor,
    pact: Pact,
    side: Actor,
    host: Actor | None,
    received: Received | None = None,
) -> Pact:
    """The place that was asked says yes, and who its host is."""
    pact = await pacts.lock(tx.conn, pact.id)
    await bridging.check_side(tx, by, pact, side, received)
    if side.id != pact.other_id:
        raise Forbidden(N_("The place that was asked agrees."))
    if pact.state == "agreed":
        await outbox.done(tx, received)
        return pact
    if pact.state != "asked":
        raise Conflict(N_("This was answered or taken back already."))
    stored = await pacts.agree(tx.conn, pact.id, host.id if host else None, tx.instance.clock())
    ends = await bridging.ends_of(tx.conn, stored)
    await bridging.inform(tx, stored, ends.asker, ends.other, "bridge.agreed")
    await _say(tx, side, ends.asker, wire.agree(stored, ends), stored, received)
    return stored


async def end(
    tx: Tx, *, by: Actor, pact: Pact, side: Actor, reason: str, received: Received | None = None
) -> Pact:
    """Either place declines, takes back or ends it, and says why. What was written stays."""
    pact = await pacts.lock(tx.conn, pact.id)
    await bridging.check_side(tx, by, pact, side, received)
    if pact.state in ("declined", "ended"):
        await outbox.done(tx, received)
        return pact
    reason = html.tidy(reason).strip()[:500]
    if received is None and not reason:
        raise Invalid({"reason": N_("Please say why, in a few words.")})
    declined = pact.state == "asked" and side.id == pact.other_id
    stored = await pacts.end(
        tx.conn,
        pact.id,
        state="declined" if declined else "ended",
        by=side.id,
        reason=reason,
        at=tx.instance.clock(),
    )
    other = await actors.get(tx.conn, pact.beyond(side.id))
    await bridging.inform(tx, stored, other, side, "bridge.ended")
    await _say(tx, side, other, wire.end(stored), stored, received)
    return stored


async def name(
    tx: Tx,
    *,
    by: Actor,
    pact: Pact,
    side: Actor,
    uri: str,
    title: str,
    received: Received | None = None,
) -> None:
    """Something that was built afterwards: a project or community by its address."""
    await bridging.check_side(tx, by, pact, side, received)
    bridging.check_stands(pact)
    uri, title = wire.web_address(uri), " ".join(html.tidy(title).split())[:120]
    if not uri or not title:
        raise Invalid({"uri": N_("Please give a name and an address that begins with https://.")})
    if not await pacts.put_outcome(tx.conn, pact.id, uri, title, side.id):
        await outbox.done(tx, received)
        return
    other = await actors.get(tx.conn, pact.beyond(side.id))
    await _say(tx, side, other, wire.outcome("Add", pact, uri, title), pact, received)


async def unname(
    tx: Tx, *, by: Actor, pact: Pact, side: Actor, uri: str, received: Received | None = None
) -> None:
    """Taken off the list by the place that put it there."""
    await bridging.check_side(tx, by, pact, side, received)
    if not await pacts.drop_outcome(tx.conn, pact.id, uri, side.id):
        await outbox.done(tx, received)
        return
    other = await actors.get(tx.conn, pact.beyond(side.id))
    await _say(tx, side, other, wire.outcome("Remove", pact, uri, ""), pact, received)


async def document(conn: Conn, addresses: Addresses, id: UUID) -> Document | None:
    """A pact that was asked for here; None for others and for what nobody has agreed to."""
    row = await pacts.get(conn, id)
    if row.uri != addresses.pact(id) or row.agreed_at is None:
        return None
    return wire.pact(row, await bridging.ends_of(conn, row))
