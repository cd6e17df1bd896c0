"""What people do with needs and offers: publish, change, renew, close, withdraw, remove."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from federation import html, outbox
from federation.acts import drafts, enclosed, matches, recording, spots, writing
from federation.acts.audiences import addressed, audience_of
from federation.acts.drafts import Draft
from federation.acts.publishing import Known
from federation.addresses import Addresses
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import pools as pools_wire
from federation.wire import premises as premises_wire
from federation.wire import proposals as wire
from federation.wire.hand_outs import HandOutDocument
from federation.wire.notes import RemotePicture
from schema import (
    actors,
    agreements,
    categories,
    hand_outs,
    ids,
    logs,
    notices,
    pools,
    posting,
    premises,
    project_needs,
    proposals,
    publishing,
    standings,
)
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Conflict, Forbidden, Invalid
from schema.hand_outs import HandOut, Rule
from schema.proposals import Proposal, State
from schema.words import N_

NOTICE_AHEAD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a listing of another server brings along: `html` clean, times not in the future.

    The point may be exact; only a rough one is stored. `document` is the original.
    """

    uri: str
    html: str
    document: str
    created: datetime
    updated: datetime
    available: Decimal | None = None
    closed: bool = False
    latitude: float | None = None
    longitude: float | None = None
    pictures: tuple[RemotePicture, ...] = ()
    hand_out: HandOutDocument | None = None


async def publish(
    tx: Tx,
    *,
    by: Actor,
    draft: Draft,
    community: Actor | None = None,
    pictures: Sequence[UUID] = (),
    id: UUID | None = None,
    hand_out: tuple[Rule, datetime | None] | None = None,
    foreign: Foreign | None = None,
    received: Received | None = None,
) -> Proposal:
    """A new need or offer. `id` is minted by the form, so that a double press gives one listing;
    `pictures` are ids of media; `hand_out` by which rule it is given out, and when. Invalid for
    the draft, Forbidden for the author."""
    known = await _known(tx, by, id)
    if known is not None:
        return known
    standing = await writing.check_writer(tx, by, community, received)
    if foreign is None:
        draft = drafts.check(draft, tx.instance.clock())
        drafts.check_scope(draft, community, standing.join_rule)
    elif standing.join_rule == "hidden":
        draft = replace(draft, scope="community")
    if foreign and await publishing.was_deleted(tx.conn, foreign.uri, by.id):
        raise Conflict(N_("It was deleted before it arrived."))
    row = await _row(tx, by, draft, community, id or ids.new(), foreign)
    stored = await publishing.insert(tx.conn, row, foreign.document if foreign else "")
    if stored is None:
        known = await _known(tx, by, id)
        if known is None:
            raise Known(N_("That exists already."))
        return known
    if foreign is not None:
        await _attach_remote(tx, stored, foreign)
        await posting.adopt_by_proposal(tx.conn, stored.id, stored.uri)
        await _hand_out(tx, stored, foreign)
    elif pictures:
        await publishing.attach(tx.conn, stored.id, pictures)
    if hand_out:
        hand_outs.check_rule(*hand_out, tx.instance.clock(), stored.until)
        await hand_outs.choose(tx.conn, stored.id, *hand_out)
    await _record(tx, by, "Create", stored, received)
    await matches.ask(tx, stored)
    return stored


async def _hand_out(tx: Tx, row: Proposal, foreign: Foreign) -> None:
    """By which rule another city hands it out; what it drew with is kept only if it fits."""
    if (said := foreign.hand_out) is None:
        return
    seed = said.seed if hand_outs.hash_of(said.seed) == said.seed_hash else ""
    done = tx.instance.clock() if seed else None
    rule = HandOut(row.id, said.rule, said.at, seed, said.seed_hash, done)
    await hand_outs.put(tx.conn, rule)


async def _known(tx: Tx, by: Actor, id: UUID | None) -> Proposal | None:
    """What the first press of the same form has made."""
    known = await proposals.find_by_id(tx.conn, id) if id else None
    if known is not None and known.author_id != by.id:
        raise Conflict(N_("That exists already."))
    return known


async def _row(
    tx: Tx, by: Actor, draft: Draft, community: Actor | None, id: UUID, foreign: Foreign | None
) -> Proposal:
    now = tx.instance.clock()
    spot = await spots.find(tx, by, draft, _point(foreign))
    return Proposal(
        id=id,
        uri=foreign.uri if foreign else tx.addresses.proposal(draft.purpose, id),
        purpose=draft.purpose,
        author_id=by.id,
        community_id=community.id if community else None,
        scope=draft.scope,
        title=draft.title,
        source=draft.source,
        html=foreign.html if foreign else html.to_html(draft.source),
        language=draft.language,
        category=draft.category or _guess(draft),
        quantity=draft.quantity,
        available=foreign.available if foreign else draft.quantity,
        unit=draft.unit,
        until=draft.until,
        return_kind=draft.return_kind,
        return_note=draft.return_note,
        place_name=spot.name,
        latitude=spot.latitude,
        longitude=spot.longitude,
        cell=spot.cell,
        state="closed" if foreign and foreign.closed else "open",
        removed_reason="",
        replies=0,
        created=foreign.created if foreign else now,
        updated=foreign.updated if foreign else now,
    )


def _guess(draft: Draft) -> str:
    found = categories.load().guess(draft.title, draft.language, limit=1)
    return found[0].id if found else "other"


def _point(foreign: Foreign | None) -> spots.Point | None:
    return (foreign.latitude, foreign.longitude) if foreign else None


async def _attach_remote(tx: Tx, row: Proposal, foreign: Foreign) -> None:
    have = {p.remote_url: p.id for p in await publishing.list_pictures(tx.conn, row.id)}
    wanted = await enclosed.remote(tx, foreign.pictures, have)
    if wanted or have:
        await publishing.attach(tx.conn, row.id, wanted)


async def edit(
    tx: Tx,
    *,
    by: Actor,
    proposal: Proposal,
    draft: Draft,
    available: Decimal | None = None,
    pictures: Sequence[UUID] | None = None,
    foreign: Foreign | None = None,
    received: Received | None = None,
) -> Proposal:
    """New words by its author. Need or offer, community and scope stay as they were published.

    `available`: how much is left, None: as before; `pictures` None: as before. Of another server
    an older version changes nothing.
    """
    row = await _own(tx, by, proposal)
    if foreign is not None and foreign.updated <= row.updated:
        await _record(tx, by, "Update", row, received)
        return row
    draft = replace(draft, purpose=row.purpose)
    if foreign is None:
        draft = replace(draft, scope=row.scope)
        draft = drafts.check(draft, tx.instance.clock(), before=row.until)
    community = await writing.community_of(tx.conn, row.community_id)
    new = await _row(tx, by, draft, community, row.id, foreign)
    new = replace(new, uri=row.uri, created=row.created)
    if foreign is None:
        left = drafts.left(available, new.quantity, row, await agreements.held(tx.conn, row.id))
        new = replace(new, state=row.state, available=left, updated=recording.later(tx, row))
    changed = await publishing.edit(tx.conn, new, foreign.document if foreign else "")
    if foreign is not None:
        await _attach_remote(tx, changed, foreign)
        await _hand_out(tx, changed, foreign)
    elif pictures is not None:
        await publishing.attach(tx.conn, row.id, pictures)
    await _record(tx, by, "Update", changed, received)
    await matches.ask(tx, changed)
    return changed


async def renew(tx: Tx, *, by: Actor, proposal: Proposal, until: datetime | None) -> Proposal:
    """A new end of its time; what was over or closed is open again."""
    row = await _own(tx, by, proposal)
    drafts.check_until(row.purpose, until, tx.instance.clock())
    left = row.available or await agreements.start_anew(tx.conn, row.id, row.quantity)
    new = replace(row, until=until, state="open", available=left, updated=recording.later(tx, row))
    changed = await publishing.edit(tx.conn, new)
    await _record(tx, by, "Update", changed, None)
    await matches.ask(tx, changed)
    return changed


async def close(tx: Tx, *, by: Actor, proposal: Proposal) -> Proposal:
    """Done, or no longer needed: it stays readable and leaves the lists."""
    row = await _own(tx, by, proposal)
    if row.state == "closed":
        return row
    closed: State = "closed"
    new = replace(row, state=closed, updated=recording.later(tx, row))
    changed = await publishing.edit(tx.conn, new)
    await _record(tx, by, "Update", changed, None)
    return changed


async def withdraw(
    tx: Tx, *, by: Actor, proposal: Proposal, received: Received | None = None
) -> Proposal:
    """Its author takes it back: its words go, here and at those who have heard of it."""
    row = await proposals.lock(tx.conn, proposal.id)
    if row.author_id != by.id:
        raise Forbidden(N_("Only its author can do that."))
    if not await publishing.withdraw(tx.conn, row.id):
        await outbox.done(tx, received)
        return row
    await _record(tx, by, "Delete", row, received)
    return await proposals.get(tx.conn, row.id)


async def remove(
    tx: Tx, *, by: Actor, proposal: Proposal, reason: str, received: Received | None = None
) -> Proposal:
    """By a moderator of its community, or of this place; the author is told the reason.

    Forbidden for anybody else; Invalid without a reason by one of ours."""
    row = await proposals.lock(tx.conn, proposal.id)
    author = await actors.get(tx.conn, row.author_id)
    community = await writing.community_of(tx.conn, row.community_id)
    standing = await standings.get(tx.conn, by.id, row.community_id)
    allowed = standing.moderates and (community is None or community.is_local or by.is_local)
    if not (allowed or standing.keeps_order or _may_pass(row, author, received)):
        raise Forbidden(N_("Only a moderator can remove this."))
    if received is None and not reason.strip():
        raise Invalid({"reason": N_("Please say why; the author will read it.")})
    if not await publishing.remove(tx.conn, row.id, reason.strip()):
        await outbox.done(tx, received)
        return row
    if by.is_local and standing.keeps_order:
        await logs.write(tx.conn, by, "remove", row.uri, reason)
    await notices.tell(
        tx.conn, row.author_id, "removed", by=by.id, proposal=row.id, text=f"{row.title}: {reason}"
    )
    await _record_removal(tx, by, row, author, community, standing.moderates, reason, received)
    return await proposals.get(tx.conn, row.id)


def _may_pass(row: Proposal, author: Actor, received: Received | None) -> bool:
    """Whether the group that passed the removal on has a say: it is the listing's own community,
    or of the server where its author lives (FEP-1b12)."""
    through = received.through if received else None
    if through is None or through.is_local:
        return False
    return through.id == row.community_id or through.peer == author.peer


async def _record_removal(
    tx: Tx,
    by: Actor,
    row: Proposal,
    author: Actor,
    community: Actor | None,
    of_community: bool,
    reason: str,
    received: Received | None,
) -> None:
    if author.is_local:
        # Everybody understands a Delete by the author; the author's server speaks for them.
        await outbox.done(tx, received)
        await _record(tx, author, "Delete", row, None)
        return
    if community is None or not of_community or (received and received.through):
        await outbox.done(tx, received)
        return
    audience = await audience_of(tx, by, row.scope, community, author)
    relays = tuple(relay for relay in audience.relays if relay.id == community.id)
    body: Document = {
        "type": "Delete",
        "object": row.uri,
        "summary": reason,
        "audience": community.uri,
    }
    audience = replace(audience, relays=relays, followers_of=())
    await outbox.record(tx, by, body, audience, received=received)


async def warn_expiring(tx: Tx) -> int:
    """Tells authors, once, whose need or offer ends within two days; how many. For the sweep."""
    found = await publishing.list_expiring(tx.conn, tx.instance.clock(), NOTICE_AHEAD)
    for row in found:
        await notices.tell(tx.conn, row.author_id, "expiring", proposal=row.id, text=row.title)
    return len(found)


async def announce_change(tx: Tx, row: Proposal) -> None:
    """How much is left, and whether it is over, for those who may know of it."""
    await _record(tx, await actors.get(tx.conn, row.author_id), "Update", row, None)


async def document(conn: Conn, addresses: Addresses, row: Proposal) -> Document:
    """A need or an offer of ours as its address shows it to other servers."""
    author = await actors.get(conn, row.author_id)
    community = await writing.community_of(conn, row.community_id)
    to, cc = addressed(author, row.scope, community, addresses)
    setting = wire.Setting(
        author=author,
        addresses=addresses,
        to=to,
        cc=cc,
        community_uri=community.uri if community else None,
        pictures=await publishing.list_pictures(conn, row.id),
        hand_out=await hand_outs.find(conn, row.id),
        input_of=await project_needs.find_process_of(conn, row.uri) if community else "",
    )
    said = premises_wire.build(await premises.find(conn, row.id))
    if row.purpose == "request":
        said |= pools_wire.build(await pools.find_sum(conn, row.id), await pools.find(conn, row.id))
    return {**wire.build(row, setting), **said}


async def _own(tx: Tx, by: Actor, proposal: Proposal) -> Proposal:
    row = await proposals.lock(tx.conn, proposal.id)
    await recording.check_own(tx, by, row)
    return row


async def _record(tx: Tx, by: Actor, kind: str, row: Proposal, received: Received | None) -> None:
    async def written() -> Document:
        gone = kind == "Delete"
        return wire.tombstone(row) if gone else await document(tx.conn, tx.addresses, row)

    await recording.record(tx, by, kind, row, received, written)
