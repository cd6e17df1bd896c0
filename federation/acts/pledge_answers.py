"""Pledges, the project's side: accepts or declines what is promised, confirms what came."""

from dataclasses import replace
from typing import Literal

from federation import html, outbox
from federation.acts import bridging, pledging, project_needs
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import pledges as wire
from schema import actors, notices, pledges, projects
from schema.actors import Actor
from schema.errors import Conflict, Invalid
from schema.pledges import Delivery, Pledge
from schema.words import N_

Said = Literal["accepted", "declined"]
Came = Literal["confirmed", "missing"]
_TOLD: dict[Said | Came, notices.Kind] = {
    "accepted": "pledge.accepted",
    "declined": "pledge.declined",
    "confirmed": "pledge.confirmed",
    "missing": "pledge.missing",
}


async def answer(
    tx: Tx,
    *,
    by: Actor,
    pledge: Pledge,
    said: Said,
    edition: int,
    reason: str = "",
    received: Received | None = None,
) -> Pledge:
    """The project accepts or declines what was pledged, in the edition that it has read; the first
    answer to an edition stands."""
    row = await pledges.lock(tx.conn, pledge.id)
    project = await actors.get(tx.conn, row.project_id)
    await bridging.check_voice(tx, by, project, received)
    if edition > row.edition or (received is None and edition != row.edition):
        raise Conflict(N_("This pledge was changed meanwhile. Please look at it again."))
    if edition <= row.answered_edition:
        await outbox.done(tx, received)
        return row
    if row.withdrawn_at and received is None:
        raise Conflict(N_("This pledge was answered or taken back already."))
    given = _reason(reason, said == "declined" and received is None)
    answered = replace(
        row,
        answer=said,
        answered_edition=edition,
        reason=row.reason if row.withdrawn_at else given,
        updated=tx.instance.clock(),
    )
    stored = await pledges.put(tx.conn, answered)
    if project.is_local and said == "accepted":
        at = stored.updated
        await projects.log(tx.conn, project.id, "pledged", stored.giver_id, stored.title, at)
    await project_needs.promise(tx, project.id, stored.need_uri)
    ends = await pledging.ends_of(tx.conn, stored)
    await pledging.inform(tx, stored, ends.giver, project, _TOLD[said])
    body = wire.answer("Accept" if said == "accepted" else "Reject", stored, ends, given)
    await pledging.say(tx, project, ends.giver, body, stored, received)
    return stored


def _reason(given: str, needed: bool) -> str:
    reason = html.tidy(given).strip()[:500]
    if needed and not reason:
        raise Invalid({"reason": N_("Please say why, in a few words.")})
    return reason


async def confirm(
    tx: Tx,
    *,
    by: Actor,
    delivery: Delivery,
    came: Came = "confirmed",
    reason: str = "",
    received: Received | None = None,
) -> Delivery:
    """The project says that what was brought has come, or that it has not; once for each."""
    row = await pledges.lock(tx.conn, delivery.pledge_id)
    project = await actors.get(tx.conn, row.project_id)
    await bridging.check_voice(tx, by, project, received)
    delivery = await pledges.get_delivery(tx.conn, delivery.id)
    if delivery.answer:
        await outbox.done(tx, received)
        return delivery
    given, now = _reason(reason, came == "missing" and received is None), tx.instance.clock()
    new = replace(delivery, answer=came, reason=given, answered_at=now)
    stored = await pledges.put_delivery(tx.conn, new)
    if came == "confirmed":
        row = replace(row, confirmed=row.confirmed + stored.amount, updated=now)
    else:
        row = replace(row, delivered=row.delivered - stored.amount, updated=now)
    row = await pledges.put(tx.conn, row)
    ends = await pledging.ends_of(tx.conn, row)
    if came == "confirmed":
        await project_needs.receive(tx, pledge=row, delivery=stored, giver=ends.giver)
    await pledging.inform(tx, row, ends.giver, project, _TOLD[came])
    body = wire.receipt("Accept" if came == "confirmed" else "Reject", stored, row, given)
    await pledging.say(tx, project, ends.giver, body, row, received)
    return stored
