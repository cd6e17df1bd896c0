"""What the acts on pledges share: the two sides, who may give to whom, who hears of it."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from federation import html, outbox
from federation.acts.drafts import MOST
from federation.acts.writing import NOT_HERE
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire.pledges import Ends
from schema import actors, communities, memberships, notices, pacts, peers, pledges, projects, units
from schema import project_needs as needs
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.pledges import Kind, Pledge
from schema.words import N_

MOST_WAITING = 30


@dataclass(frozen=True, slots=True)
class Draft:
    """What is pledged; `note` is plain text, `need_uri` a line of what the project needs, or ''."""

    kind: Kind
    title: str
    quantity: Decimal
    unit: str
    note: str = ""
    due: date | None = None
    need_uri: str = ""


async def ends_of(conn: Conn, pledge: Pledge) -> Ends:
    """Both sides of it."""
    giver, project = (
        await actors.get(conn, pledge.giver_id),
        await actors.get(conn, pledge.project_id),
    )
    return Ends(giver, project, (await projects.get(conn, pledge.project_id)).plan_uri)


async def check_sides(tx: Tx, by: Actor, giver: Actor, group: Actor) -> None:
    """Missing or Forbidden unless this place may give to this project, and `by` sees it."""
    if giver.id == group.id or not (giver.is_local or group.is_local):
        raise Forbidden(N_("A pledge has a place that gives and a project."))
    project = await projects.find(tx.conn, group.id)
    if project is None or group.deleted_at:
        raise Missing(NOT_HERE)
    community = await communities.get(tx.conn, group.id)
    if community.join_rule == "hidden" and not await _belongs(tx, by, giver, group):
        raise Missing(NOT_HERE)
    if giver.kind not in ("group", "city") or giver.deleted_at:
        raise Forbidden(N_("Communities and cities pledge something."))
    own = await communities.find(tx.conn, giver.id)
    if own is not None and (own.join_rule == "hidden" or own.closed_at):
        raise Forbidden(N_("A hidden or closed community pledges nothing."))
    for side in (giver, group):
        peer = await peers.find(tx.conn, side.peer) if side.peer else None
        if side.peer and (peer is None or peer.link != "linked"):
            raise Forbidden(N_("This place is no neighbour of ours."))
    if project.state == "stopped" or community.closed_at:
        raise Conflict(N_("This project was stopped."))


async def _belongs(tx: Tx, by: Actor, giver: Actor, group: Actor) -> bool:
    if by.is_local:
        return await memberships.is_member(tx.conn, group.id, by.id)
    return await pledges.has_members_at(tx.conn, group.id, giver.peer or "")


async def checked(conn: Conn, draft: Draft, group: Actor, *, ours: bool) -> Draft:
    """As it is stored. Invalid for what cannot be given; `ours`: said here, so that it has to fit
    what is still missing."""
    title = " ".join(html.tidy(draft.title).split())
    errors: dict[str, str] = {}
    if not 3 <= len(title) <= 200:
        errors["title"] = N_("Please say in a few words what it is.")
    amount = draft.quantity
    if not (0 < amount <= MOST and amount == round(amount, 3)):
        errors["quantity"] = N_("Please give a number above zero, with three places at most.")
    if units.find(draft.unit) is None:
        errors["unit"] = N_("There is no such unit.")
    if len(draft.note) > 2000:
        errors["note"] = N_("That is too long.")
    need = await needs.find_by_uri(conn, group.id, draft.need_uri) if draft.need_uri else None
    if draft.need_uri and need is None and ours:
        errors["need"] = N_("The project does not need this any more.")
    if need is not None and need.quantity is not None and not errors:
        if not units.comparable(draft.unit, need.unit):
            errors["unit"] = N_("The project counts this in another unit.")
        elif ours and units.convert(amount, draft.unit, need.unit) > (need.left or 0):
            errors["quantity"] = N_("So much is not missing any more.")
    if errors:
        raise Invalid(errors)
    return replace(draft, title=title, note=html.tidy(draft.note).strip())


async def say(
    tx: Tx, side: Actor, other: Actor, body: Document, pledge: Pledge, received: Received | None
) -> None:
    """Only for the other side; nothing travels between two places of this server."""
    if received is not None:
        await outbox.done(tx, received)
    elif not other.is_local:
        await outbox.send(tx, side, body, [other], about=pledge.uri)


async def inform(tx: Tx, pledge: Pledge, side: Actor, teller: Actor, kind: notices.Kind) -> None:
    """Those who speak for a place of ours hear what the other side has done."""
    if side.is_local:
        for person in await pacts.list_speakers(tx.conn, side):
            await notices.tell(tx.conn, person, kind, by=teller.id, text=pledge.title)
