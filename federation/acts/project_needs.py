"""What a project needs: lines are added, published as listings of its community, met."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from federation.acts import editions, needed, planning, proposals
from federation.acts.drafts import MOST, Draft
from federation.acts.plans import check_steward
from federation.instance import Tx
from schema import actors, categories, communities, ids, project_needs, projects, units
from schema import proposals as listings
from schema.actors import Actor
from schema.errors import Conflict, Invalid
from schema.pledges import Delivery, Pledge
from schema.project_needs import Gift, Kind, Need
from schema.projects import Project
from schema.proposals import ReturnKind, Scope
from schema.words import N_

OPEN_FOR: Final = timedelta(days=90)
MOST_NEEDS: Final = 500


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """What a steward says of a need; `quantity` None: whatever there is."""

    name: str
    quantity: Decimal | None = None
    unit: str = "piece"
    category: str = ""
    kind: Kind = "material"
    choice: str = ""
    note: str = ""
    process_id: UUID | None = None


async def add(tx: Tx, *, by: Actor, project: Project, draft: NeedDraft) -> Need:
    """A new line, not published yet."""
    await check_steward(tx, by, project.community_id)
    await projects.lock(tx.conn, project.community_id)
    known = await project_needs.list_all(tx.conn, project.community_id)
    if len(known) >= MOST_NEEDS:
        raise Conflict(N_("So much stands in this plan that nothing more fits in."))
    if draft.process_id:
        await planning.get_process(tx, draft.process_id, project)
    row = new_row(tx, project, _checked(draft), len(known))
    await project_needs.put(tx.conn, row)
    await editions.changed(tx, project.community_id)
    return row


def _checked(draft: NeedDraft) -> NeedDraft:
    amount = draft.quantity
    if amount is not None and not (0 < amount <= MOST and amount == round(amount, 3)):
        wrong = N_("Please give a number above zero, with three places at most.")
        raise Invalid({"quantity": wrong})
    units.get(draft.unit)
    if draft.category and not categories.load().find(draft.category):
        raise Invalid({"category": N_("There is no such category.")})
    return replace(
        draft,
        name=planning.tidy(draft.name, "name"),
        choice=" ".join(draft.choice.split())[:100],
        note=draft.note.strip()[:2000],
    )


def new_row(tx: Tx, project: Project, draft: NeedDraft, position: int, line_key: str = "") -> Need:
    """A line that nobody has stored yet."""
    id = ids.new()
    return Need(
        id=id,
        uri=f"{project.plan_uri}#{id}",
        project_id=project.community_id,
        process_id=draft.process_id,
        line_key=line_key,
        choice=draft.choice,
        kind=draft.kind,
        position=position,
        name=draft.name,
        quantity=draft.quantity,
        unit=draft.unit,
        category=kind_of(draft.name, draft.category),
        note=draft.note,
        proposal_uri="",
        promised=Decimal(0),
        met=Decimal(0),
        dropped=False,
        changed=tx.instance.clock(),
    )


def kind_of(name: str, category: str) -> str:
    """The category that was said, or that the words of the name point to; 'other' for none."""
    if category and category != "other":
        return category
    guessed = categories.load().guess(name, "de", limit=1)
    return guessed[0].id if guessed else "other"


async def publish(
    tx: Tx,
    *,
    by: Actor,
    project: Project,
    needs: Sequence[Need],
    until: datetime | None = None,
    language: str = "de",
) -> int:
    """Each becomes an ordinary need in the project's community, answered by who publishes it; how
    many. What is met, or asked for already, is left out."""
    await check_steward(tx, by, project.community_id)
    await projects.lock(tx.conn, project.community_id)
    group = await actors.get(tx.conn, project.community_id)
    community = await communities.get(tx.conn, project.community_id)
    hidden = community.join_rule == "hidden"
    scope: Scope = "community" if hidden else "everyone"
    until = until or tx.instance.clock() + OPEN_FOR
    published = 0
    for wanted in needs:
        need = await project_needs.get(tx.conn, wanted.id)
        if need.project_id != project.community_id or need.is_met or need.dropped:
            continue
        promised = need.promised >= need.whole - need.met
        if need.proposal_uri and (promised or await _stands(tx, need.proposal_uri)):
            continue
        draft = _listing(need, project, until, scope, language)
        id = ids.new()
        # Bound first, so that the listing says from the beginning what it is for.
        uri = tx.addresses.proposal("request", id)
        await project_needs.put(tx.conn, replace(need, proposal_uri=uri))
        await proposals.publish(tx, by=by, draft=draft, community=group, id=id)
        published += 1
    if published:
        await editions.changed(tx, project.community_id, "needs", by.id, str(published))
    return published


async def _stands(tx: Tx, uri: str) -> bool:
    known = await listings.find(tx.conn, uri)
    return known is not None and known.state == "open" and not known.is_over(tx.instance.clock())


def _listing(need: Need, project: Project, until: datetime, scope: Scope, language: str) -> Draft:
    returns: ReturnKind = "lend" if need.kind == "tool" else "open"
    return Draft(
        purpose="request",
        title=need.name,
        source=need.note,
        language=language,
        category=need.category,
        quantity=None if need.left is None else need.left - need.promised,
        unit=need.unit,
        until=until,
        return_kind=returns,
        scope=scope,
        place_name=project.place_name,
    )


async def meet(tx: Tx, *, by: Actor, need: Need, amount: Decimal | None = None) -> Need:
    """A steward says that it is there, all of it or so much: found, bought, there anyway."""
    await check_steward(tx, by, need.project_id)
    await projects.lock(tx.conn, need.project_id)
    need = await project_needs.get(tx.conn, need.id)
    met = need.whole if amount is None else min(need.whole, need.met + amount)
    if met <= 0:
        raise Invalid({"amount": N_("Please give a number above zero, with three places at most.")})
    row = replace(need, met=met, changed=tx.instance.clock())
    await project_needs.put(tx.conn, row)
    if row.is_met and row.proposal_uri:
        await needed.close(tx, row.proposal_uri)
    await editions.changed(tx, need.project_id, "met", by.id, need.name)
    return row


async def remove(tx: Tx, *, by: Actor, need: Need) -> None:
    """It is not needed after all."""
    await check_steward(tx, by, need.project_id)
    await projects.lock(tx.conn, need.project_id)
    if need.proposal_uri:
        await needed.close(tx, need.proposal_uri)
    await project_needs.delete(tx.conn, need.id)
    await editions.changed(tx, need.project_id)


async def drop(tx: Tx, need: Need) -> None:
    """The blueprint does without it now: it goes, unless somebody has given or promised it."""
    if need.proposal_uri:
        await needed.close(tx, need.proposal_uri)
    if need.met or need.promised:
        await project_needs.put(tx.conn, replace(need, dropped=True))
    else:
        await project_needs.delete(tx.conn, need.id)


async def promise(tx: Tx, project_id: UUID, need_uri: str) -> None:
    """What was promised for a line of a project of ours, by agreements and pledges, counted anew.
    '' and lines that are gone change nothing."""
    need = await project_needs.find_by_uri(tx.conn, project_id, need_uri) if need_uri else None
    if need is None or not (await actors.get(tx.conn, project_id)).is_local:
        return
    await projects.lock(tx.conn, project_id)
    need = await project_needs.get(tx.conn, need.id)
    promised = await _promised(tx, need)
    if promised != need.promised:
        row = replace(need, promised=promised, changed=tx.instance.clock())
        await project_needs.put(tx.conn, row)
        await needed.follow(tx, need, row)
        await editions.changed(tx, project_id)


async def _promised(tx: Tx, need: Need) -> Decimal:
    """In the need's unit; whatever there is counts as one."""
    found = await project_needs.count_promised(tx.conn, need.id)
    for one in await project_needs.list_pledged(tx.conn, need.uri):
        found += _amount(need, one.amount, one.unit) or Decimal(1)
    return found


def _amount(need: Need, amount: Decimal, unit: str) -> Decimal | None:
    """In the need's unit; None where it has no quantity."""
    if need.quantity is None or not units.comparable(unit, need.unit):
        return None
    return round(units.convert(amount, unit, need.unit), 3)


async def receive(tx: Tx, *, pledge: Pledge, delivery: Delivery, giver: Actor) -> None:
    """A project of ours has got some of what was pledged: the line that it is for misses that much
    less, and never counts more than it asked for."""
    if not (await actors.get(tx.conn, pledge.project_id)).is_local:
        return
    project = await projects.lock(tx.conn, pledge.project_id)
    now = tx.instance.clock()
    known = await project_needs.find_by_uri(tx.conn, pledge.project_id, pledge.need_uri)
    if known is None:
        await projects.log(tx.conn, pledge.project_id, "gave", giver.id, pledge.title, now)
        return
    need = await project_needs.get(tx.conn, known.id)
    amount = _amount(need, delivery.amount, pledge.unit)
    uri = f"{project.plan_uri}#pledged-{delivery.id}"
    gift = Gift(uri, need.id, giver.id, giver.shown, amount, now)
    if not await project_needs.put_gift(tx.conn, gift):
        return
    met = min(need.whole, need.met + (amount or Decimal(1)))
    row = replace(need, met=met, promised=await _promised(tx, need), changed=now)
    await project_needs.put(tx.conn, row)
    if row.is_met and row.proposal_uri:
        await needed.close(tx, row.proposal_uri)
    else:
        await needed.follow(tx, need, row)
    await editions.changed(tx, need.project_id, "gave", giver.id, need.name)


async def count(tx: Tx, proposal_id: UUID) -> None:
    """What was promised and given by agreement for the need that this listing asks for."""
    listing = await listings.get(tx.conn, proposal_id)
    found = await project_needs.find_by_proposal(tx.conn, listing.uri)
    if found is None:
        return
    await projects.lock(tx.conn, found.project_id)
    need = await project_needs.get(tx.conn, found.id)
    promised = await _promised(tx, need)
    new, change = await project_needs.note_gifts(tx.conn, need.id, listing.id)
    met = min(need.whole, max(Decimal(0), need.met + change))
    if (promised, met) == (need.promised, need.met) and not new:
        return
    row = replace(need, promised=promised, met=met, changed=tx.instance.clock())
    await project_needs.put(tx.conn, row)
    if new:
        await editions.changed(tx, need.project_id, "gave", new[0].giver_id, need.name)
    else:
        await editions.changed(tx, need.project_id)
