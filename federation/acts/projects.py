"""Beginning a project and changing what it is; what another city says of its own."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeAlias
from uuid import UUID

from federation import html, outbox
from federation.acts import communities as community_acts
from federation.acts import editions, history, hubs, lineage, plans, spots
from federation.acts.drafts import Draft as Listing
from federation.instance import Tx
from federation.keys import KeyPair
from federation.outbox import Received
from federation.wire.plan_documents import PlanDocument
from schema import actors, blueprints, communities, ids, places, project_needs, projects, publishing
from schema import plans as stored_plans
from schema.actors import Actor
from schema.communities import JoinRule
from schema.errors import Conflict, Forbidden, Invalid
from schema.plans import Process, Task, TaskState
from schema.project_needs import Gift, Need
from schema.projects import Entry, Project, State
from schema.words import N_

LONGEST_AIM: Final = 5000
_ACTS: Final[dict[TaskState, Entry]] = {"open": "gave back", "taken": "took", "done": "did"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person says of a project; `aim` is Markdown, `place_name` '' the place of theirs."""

    title: str
    aim: str = ""
    name: str = ""
    join_rule: JoinRule = "open"
    place_name: str = ""
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Which version of a blueprint it follows, and at what scale."""

    version_uri: str = ""
    version_title: str = ""
    scale: Decimal | None = None
    output: str = ""


Fill: TypeAlias = Callable[[Project], Awaitable[None]]


async def begin(
    tx: Tx,
    *,
    by: Actor,
    draft: Draft,
    keys: KeyPair,
    origin: Origin | None = None,
    fill: Fill | None = None,
) -> Project:
    """A resident founds the community of a project, and is its first steward. `fill` puts in
    what its plan begins with, before others hear of it. Invalid for the draft."""
    draft = _checked(draft)
    name = draft.name.lower() or await community_acts.propose(tx.conn, draft.title)
    founding = community_acts.Draft(draft.title, draft.aim, draft.join_rule, name)
    community = await community_acts.create(tx, by=by, draft=founding, keys=keys)
    now, origin = tx.instance.clock(), origin or Origin()
    spot = await spots.find(tx, by, _listing(draft), None)
    row = Project(
        community_id=community.actor_id,
        plan_uri=tx.addresses.plan(community.name),
        aim=draft.aim,
        html=html.to_html(draft.aim),
        state="planned",
        version_uri=origin.version_uri,
        version_title=origin.version_title[:200],
        scale=origin.scale,
        output=origin.output[:200],
        place_name=spot.name,
        latitude=spot.latitude,
        longitude=spot.longitude,
        starts=draft.starts,
        ends=draft.ends,
        edition=1,
        created=now,
        updated=now,
    )
    stored = await projects.put(tx.conn, row)
    await projects.log(tx.conn, row.community_id, "began", by.id, "", now)
    if fill is not None:
        await fill(stored)
    await editions.tell(tx, "Create", stored)
    return stored


def _listing(draft: Draft) -> Listing:
    return Listing("request", draft.title, place_name=draft.place_name)


def _checked(draft: Draft) -> Draft:
    errors: dict[str, str] = {}
    if len(draft.aim) > LONGEST_AIM:
        errors["aim"] = N_("That is too long.")
    if draft.starts and draft.ends and draft.ends < draft.starts:
        errors["ends"] = N_("It ends before it begins.")
    if errors:
        raise Invalid(errors)
    return replace(draft, place_name=" ".join(html.tidy(draft.place_name).split())[:100])


async def edit(tx: Tx, *, by: Actor, project: Project, draft: Draft) -> Project:
    """A steward says anew what it is about, where and when."""
    draft = _checked(draft)
    await plans.check_steward(tx, by, project.community_id)
    community = await communities.get(tx.conn, project.community_id)
    founding = community_acts.Draft(draft.title, draft.aim, community.join_rule)
    await community_acts.edit(tx, by=by, community=community, draft=founding)
    row = await projects.lock(tx.conn, project.community_id)
    spot = spots.Spot(row.place_name, row.latitude, row.longitude)
    if draft.place_name != row.place_name:
        spot = await spots.find(tx, by, _listing(draft), None)
    row = replace(
        row,
        aim=draft.aim,
        html=html.to_html(draft.aim),
        place_name=spot.name,
        latitude=spot.latitude,
        longitude=spot.longitude,
        starts=draft.starts,
        ends=draft.ends,
    )
    await projects.put(tx.conn, row)
    return await editions.changed(tx, row.community_id)


async def set_state(tx: Tx, *, by: Actor, project: Project, state: State) -> Project:
    """A steward says how far it is."""
    await plans.check_steward(tx, by, project.community_id)
    row = await projects.lock(tx.conn, project.community_id)
    if row.state == state:
        return row
    stored = await projects.put(tx.conn, replace(row, state=state))
    await note_adoption(tx, stored)
    return await editions.changed(tx, row.community_id, "state", by.id, state)


async def learned(
    tx: Tx, *, by: Actor, plan: PlanDocument, people: Mapping[str, UUID], received: Received
) -> Project:
    """A project of another city says what its plan is now; `people` are those named in it who are
    known. An older edition changes nothing, and nobody else can say anything of it."""
    if by.is_local or by.kind != "group" or plan.owner != by.uri:
        raise Forbidden(N_("Only the project itself can change its plan."))
    community = await communities.get(tx.conn, by.id)
    if community.join_rule == "hidden" and not await publishing.has_members_here(tx.conn, by.id):
        raise Forbidden(N_("Nobody here belongs to this community."))
    await communities.lock(tx.conn, by.id)
    known = await projects.find(tx.conn, by.id)
    if known is None and await projects.find_by_plan(tx.conn, plan.id):
        raise Conflict(N_("This plan belongs to another project."))
    if known is not None and known.plan_uri != plan.id:
        raise Conflict(N_("This project has another plan."))
    if community.join_rule != "hidden":
        await hubs.check_pass_on(tx, by, received, plan.id)
    await outbox.done(tx, received)
    if known is not None and plan.edition <= known.edition:
        return known
    row = await projects.put(tx.conn, _row(tx, by, plan, known))
    await note_adoption(tx, row)
    if row.version_uri and not await blueprints.find_version(tx.conn, row.version_uri):
        await history.want(tx, row.version_uri)
    before = {task.uri: task for task in await stored_plans.list_tasks(tx.conn, by.id)}
    await _store(tx, row, plan, people)
    await _log(tx, row, known, before, plan, people)
    return row


async def note_adoption(tx: Tx, row: Project) -> None:
    """A project that follows a version we know is one of its adoptions."""
    group = await actors.get(tx.conn, row.community_id)
    version = await blueprints.find_version(tx.conn, row.version_uri) if row.version_uri else None
    if version is not None:
        await lineage.adopted(
            tx,
            by=group,
            version=version,
            place_name=row.place_name,
            latitude=row.latitude,
            longitude=row.longitude,
            scale=row.scale or Decimal(1),
            state=editions.LINEAGE[row.state],
        )


async def note_followers(tx: Tx, version_uri: str) -> None:
    """A version that has only now come may be the one that known projects follow."""
    for row in await projects.list_by_version(tx.conn, version_uri):
        await note_adoption(tx, row)


def _row(tx: Tx, by: Actor, plan: PlanDocument, known: Project | None) -> Project:
    now = tx.instance.clock()
    rough: tuple[float | None, float | None] = (None, None)
    if plan.latitude is not None and plan.longitude is not None:
        rough = places.rough(plan.latitude, plan.longitude)
    return Project(
        community_id=by.id,
        plan_uri=plan.id,
        aim=plan.aim,
        html=plan.html,
        state=plan.state,
        version_uri=plan.version_uri,
        version_title=plan.version_title,
        scale=plan.scale,
        output=plan.output,
        place_name=plan.place_name,
        latitude=rough[0],
        longitude=rough[1],
        starts=plan.starts,
        ends=plan.ends,
        edition=plan.edition,
        created=known.created if known else _past(plan.published, now),
        updated=_past(plan.updated, now),
    )


def _past(moment: datetime | None, now: datetime) -> datetime:
    return min(moment, now) if moment else now


async def _store(tx: Tx, row: Project, plan: PlanDocument, people: Mapping[str, UUID]) -> None:
    """All parts of the plan in place of what was known; what is gone from it goes here too."""
    tasks, needs = [task.id for task in plan.tasks], [need.id for need in plan.needs]
    await stored_plans.keep_only(tx.conn, row.community_id, [p.id for p in plan.processes], tasks)
    await project_needs.keep_only(tx.conn, row.community_id, needs)
    for position, process in enumerate(plan.processes):
        await stored_plans.put_process(
            tx.conn,
            Process(
                ids.new(),
                process.id,
                row.community_id,
                process.step_key,
                position,
                process.name,
                process.starts,
                process.ends,
                process.finished,
            ),
        )
    known = {p.uri: p.id for p in await stored_plans.list_processes(tx.conn, row.community_id)}
    for position, task in enumerate(plan.tasks):
        if task.process not in known:
            continue
        await stored_plans.put_task(
            tx.conn,
            Task(
                id=ids.new(),
                uri=task.id,
                project_id=row.community_id,
                process_id=known[task.process],
                step_key=task.step_key,
                position=position,
                name=task.name,
                note=task.note,
                role=task.role,
                owner_id=people.get(task.owner) if task.state != "open" else None,
                due=task.due,
                hours=task.hours,
                state=task.state,
                changed=row.updated,
            ),
        )
    await _store_needs(tx, row, plan, known, people)


async def _store_needs(
    tx: Tx,
    row: Project,
    plan: PlanDocument,
    processes: Mapping[str, UUID],
    people: Mapping[str, UUID],
) -> None:
    await project_needs.put_many(
        tx.conn,
        [
            Need(
                id=ids.new(),
                uri=need.id,
                project_id=row.community_id,
                process_id=processes.get(need.process),
                line_key=need.line_key,
                choice=need.choice,
                kind=need.kind,
                position=position,
                name=need.name,
                quantity=need.quantity,
                unit=need.unit,
                category=need.category,
                note=need.note,
                proposal_uri=need.listing,
                promised=need.promised,
                met=need.met,
                dropped=False,
                changed=row.updated,
            )
            for position, need in enumerate(plan.needs)
        ],
    )
    needs = {n.uri: n.id for n in await project_needs.list_all(tx.conn, row.community_id)}
    gifts = [
        Gift(
            gift.id,
            needs[gift.need],
            people.get(gift.giver),
            gift.giver_name,
            gift.amount,
            _past(gift.at, row.updated),
        )
        for gift in plan.gifts
        if gift.need in needs
    ]
    await project_needs.set_gifts(tx.conn, row.community_id, gifts)


async def _log(
    tx: Tx,
    row: Project,
    known: Project | None,
    before: Mapping[str, Task],
    plan: PlanDocument,
    people: Mapping[str, UUID],
) -> None:
    """What this edition has changed, as far as it can be seen from it."""
    if known is None:
        await projects.log(tx.conn, row.community_id, "began", None, "", row.created)
        return
    if known.state != row.state:
        await projects.log(tx.conn, row.community_id, "state", None, row.state, row.updated)
    for task in plan.tasks:
        old, owner = before.get(task.id), people.get(task.owner)
        if old is None or old.state == task.state:
            continue
        who = owner or old.owner_id
        act = _ACTS[task.state]
        await projects.log(tx.conn, row.community_id, act, who, task.name, row.updated)
