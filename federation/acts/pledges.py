"""Pledges, the giver's side: a place promises a project help in kind, changes it, brings it."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from federation import html, outbox
from federation.acts import bridging, pledging, project_needs
from federation.acts.pledging import Draft
from federation.addresses import Addresses
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import pledges as wire
from federation.wire.pledges import Ends
from schema import actors, communities, ids, pledges
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Conflict, Forbidden, Invalid
from schema.pledges import Delivery, Pledge
from schema.words import N_

OVER = N_("This pledge was answered or taken back already.")


@dataclass(frozen=True, slots=True)
class Told:
    """What came with a pledge of another server."""

    uri: str
    edition: int
    created: datetime
    finished: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """What came with a delivery of another server."""

    uri: str
    at: datetime


async def pledge(
    tx: Tx,
    *,
    by: Actor,
    giver: Actor,
    project: Actor,
    draft: Draft,
    told: Told | None = None,
    received: Received | None = None,
) -> Pledge:
    """A place promises something to a project; its stewards are asked. Of another server, what is
    known already is changed. Invalid for the draft."""
    await bridging.check_voice(tx, by, giver, received)
    known = await pledges.find(tx.conn, told.uri) if told else None
    if told is not None and known is not None:
        return await _follow(tx, by, known, draft, told, received)
    await pledging.check_sides(tx, by, giver, project)
    draft = await pledging.checked(tx.conn, draft, project, ours=told is None)
    waiting = await pledges.count_open(tx.conn, giver.id, project.id)
    if waiting >= pledging.MOST_WAITING:
        raise Conflict(N_("So many pledges wait for an answer of this project already."))
    row = await pledges.put(tx.conn, _new(tx, giver, project, draft, told))
    ends = await pledging.ends_of(tx.conn, row)
    if not row.withdrawn_at:
        await pledging.inform(tx, row, project, giver, "pledge.offered")
    await pledging.say(tx, giver, project, wire.tell("Create", row, ends), row, received)
    return row


def _new(tx: Tx, giver: Actor, project: Actor, draft: Draft, told: Told | None) -> Pledge:
    id, now = ids.new(), tx.instance.clock()
    return Pledge(
        id=id,
        uri=told.uri if told else tx.addresses.pledge(id),
        giver_id=giver.id,
        project_id=project.id,
        need_uri=draft.need_uri,
        kind=draft.kind,
        title=draft.title,
        note=draft.note,
        quantity=draft.quantity,
        unit=draft.unit,
        due=draft.due,
        edition=told.edition if told else 1,
        answer="",
        answered_edition=0,
        reason=told.reason if told else "",
        withdrawn_at=now if told and told.finished else None,
        delivered=Decimal(0),
        confirmed=Decimal(0),
        created=told.created if told else now,
        updated=now,
    )


async def _follow(
    tx: Tx, by: Actor, known: Pledge, draft: Draft, told: Told, received: Received | None
) -> Pledge:
    """A newer edition replaces an older one; taken back stays taken back."""
    row = await pledges.lock(tx.conn, known.id)
    if row.giver_id != by.id:
        raise Forbidden(bridging.NOT_YOURS)
    if told.edition > row.edition and not row.delivered:
        project = await actors.get(tx.conn, row.project_id)
        draft = await pledging.checked(tx.conn, draft, project, ours=False)
        row = await _changed(tx, row, draft, told.edition)
    if told.finished and not row.withdrawn_at:
        row = await _taken_back(tx, row, told.reason)
    await outbox.done(tx, received)
    return row


async def change(tx: Tx, *, by: Actor, pledge: Pledge, draft: Draft) -> Pledge:
    """The giver says anew what it gives, before any of it was brought; the project answers anew."""
    row = await pledges.lock(tx.conn, pledge.id)
    giver, project = await _sides(tx, by, row)
    if row.withdrawn_at:
        raise Conflict(OVER)
    if row.delivered:
        raise Conflict(N_("Some of it was brought already; take back the rest instead."))
    draft = await pledging.checked(tx.conn, draft, project, ours=True)
    if _terms(row) == draft:
        return row
    row = await _changed(tx, row, draft, row.edition + 1)
    ends = await pledging.ends_of(tx.conn, row)
    await pledging.say(tx, giver, project, wire.tell("Update", row, ends), row, None)
    return row


def _terms(row: Pledge) -> Draft:
    return Draft(row.kind, row.title, row.quantity, row.unit, row.note, row.due, row.need_uri)


async def _sides(tx: Tx, by: Actor, row: Pledge) -> tuple[Actor, Actor]:
    giver = await actors.get(tx.conn, row.giver_id)
    await bridging.check_voice(tx, by, giver, None)
    return giver, await actors.get(tx.conn, row.project_id)


async def _changed(tx: Tx, row: Pledge, draft: Draft, edition: int) -> Pledge:
    stored = await pledges.put(
        tx.conn,
        replace(
            row,
            need_uri=draft.need_uri,
            kind=draft.kind,
            title=draft.title,
            note=draft.note,
            quantity=draft.quantity,
            unit=draft.unit,
            due=draft.due,
            edition=edition,
            updated=tx.instance.clock(),
        ),
    )
    for uri in {row.need_uri, stored.need_uri}:
        await project_needs.promise(tx, row.project_id, uri)
    ends = await pledging.ends_of(tx.conn, stored)
    await pledging.inform(tx, stored, ends.project, ends.giver, "pledge.changed")
    return stored


async def withdraw(tx: Tx, *, by: Actor, pledge: Pledge, reason: str) -> Pledge:
    """The giver takes it back, or what is left of it, and says why."""
    row = await pledges.lock(tx.conn, pledge.id)
    giver, project = await _sides(tx, by, row)
    if row.withdrawn_at:
        return row
    if row.state in ("declined", "done"):
        raise Conflict(OVER)
    said = html.tidy(reason).strip()[:500]
    if not said:
        raise Invalid({"reason": N_("Please say why, in a few words.")})
    row = await _taken_back(tx, row, said)
    ends = await pledging.ends_of(tx.conn, row)
    await pledging.say(tx, giver, project, wire.tell("Update", row, ends), row, None)
    return row


async def _taken_back(tx: Tx, row: Pledge, reason: str) -> Pledge:
    now = tx.instance.clock()
    stored = await pledges.put(tx.conn, replace(row, withdrawn_at=now, reason=reason, updated=now))
    await project_needs.promise(tx, row.project_id, row.need_uri)
    ends = await pledging.ends_of(tx.conn, stored)
    await pledging.inform(tx, stored, ends.project, ends.giver, "pledge.withdrawn")
    return stored


async def deliver(
    tx: Tx,
    *,
    by: Actor,
    pledge: Pledge,
    amount: Decimal,
    note: str = "",
    brought: Brought | None = None,
    received: Received | None = None,
) -> Delivery:
    """The giver says that so much was brought; never more than was pledged and accepted."""
    row = await pledges.lock(tx.conn, pledge.id)
    giver = await actors.get(tx.conn, row.giver_id)
    await bridging.check_voice(tx, by, giver, received)
    known = await pledges.find_delivery(tx.conn, brought.uri) if brought else None
    if known is not None:
        await outbox.done(tx, received)
        return known
    if not row.is_agreed or (row.withdrawn_at and received is None):
        raise Conflict(N_("The project has not accepted this pledge as it is now."))
    if not 0 < amount <= row.left or amount != round(amount, 3):
        raise Invalid({"amount": N_("So much is not left of this pledge.")})
    id, now = ids.new(), tx.instance.clock()
    said = html.tidy(note).strip()[:2000]
    uri, at = (brought.uri, brought.at) if brought else (f"{row.uri}#{id}", now)
    new = Delivery(id, uri, row.id, amount, said, "", "", at, None)
    delivery = await pledges.put_delivery(tx.conn, new)
    row = await pledges.put(tx.conn, replace(row, delivered=row.delivered + amount, updated=now))
    ends = await pledging.ends_of(tx.conn, row)
    await pledging.inform(tx, row, ends.project, giver, "pledge.delivered")
    await pledging.say(tx, giver, ends.project, wire.deliver(delivery, row, ends), row, received)
    return delivery


async def document(conn: Conn, addresses: Addresses, id: UUID) -> Document | None:
    """A pledge of ours that its project has accepted; None for what is not for everybody."""
    row = await pledges.get(conn, id)
    if row.uri != addresses.pledge(id) or not (row.is_agreed or row.confirmed):
        return None
    ends: Ends = await pledging.ends_of(conn, row)
    for side in (ends.giver, ends.project):
        found = await communities.find(conn, side.id)
        if side.deleted_at or (found is not None and found.join_rule == "hidden"):
            return None
    return wire.commitment(row, ends)
