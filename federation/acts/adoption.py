"""A blueprint becomes a project: its steps milestones and tasks, its lines what is needed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from federation.acts import editions, needed, planning, project_needs
from federation.acts import projects as project_acts
from federation.acts.plans import check_steward
from federation.acts.projects import Draft, Origin
from federation.instance import Tx
from federation.keys import KeyPair
from schema import bills, blueprints, ids, memberships, plans, projects
from schema import project_needs as stored_needs
from schema.actors import Actor
from schema.blueprints import Blueprint, Line, Step, Version
from schema.errors import Conflict, Missing
from schema.plans import Process, Task
from schema.project_needs import Need
from schema.projects import Project
from schema.words import N_

MOST_LINES: Final = 800
MOST_STEPS: Final = planning.MOST_PARTS
MOST_TOGETHER: Final = 6  # people of one step who are tasks of their own
_BUILD: Final = {"de": "Bauen", "en": "Build it"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A version of a blueprint with all that stands in it."""

    blueprint: Blueprint
    version: Version
    lines: list[Line]
    steps: list[Step]


async def check_readable(tx: Tx, by: Actor, version_id: UUID) -> Recipe:
    """The version, when a resident may read it; Missing otherwise. Invalid where its steps wait
    for each other."""
    version = await blueprints.get_version(tx.conn, version_id)
    row = await blueprints.get(tx.conn, version.blueprint_id)
    hidden = row.state != "open" or (
        row.scope == "community"
        and not (row.community_id and await memberships.is_member(tx.conn, row.community_id, by.id))
    )
    if hidden and row.author_id != by.id:
        raise Missing("There is nothing here, or it is not meant for you.")
    lines = await blueprints.list_lines(tx.conn, version.id)
    steps = bills.ordered(await blueprints.list_steps(tx.conn, version.id))
    if len(lines) > MOST_LINES or len(steps) > MOST_STEPS:
        raise Conflict(N_("So much stands in this plan that nothing more fits in."))
    return Recipe(row, version, lines, steps)


async def adopt(
    tx: Tx,
    *,
    by: Actor,
    recipe: Recipe,
    draft: Draft,
    scale: Decimal,
    keys: KeyPair,
    publish: Sequence[str] = (),
) -> Project:
    """A resident begins a project that follows this version, at a scale in units of its output.
    `publish`: keys of the lines that are asked for at once. The origin hears of it."""
    bills.check_scale(scale)
    version, language = recipe.version, recipe.blueprint.language
    origin = Origin(version.uri, version.title or recipe.blueprint.title, scale, version.output)

    async def fill(project: Project) -> None:
        processes = _new_processes(project, recipe.steps, language)
        for process in processes:
            await plans.put_process(tx.conn, process)
        known = {process.step_key: process for process in processes}
        position = 0
        for step in recipe.steps:
            for task in _tasks(tx, project, known[step.key], step, position):
                await plans.put_task(tx.conn, task)
                position += 1
        needs = [
            _need(tx, project, line, scale, known.get(line.step_key), number)
            for number, line in enumerate(recipe.lines)
        ]
        await stored_needs.put_many(tx.conn, needs)

    project = await project_acts.begin(tx, by=by, draft=draft, keys=keys, origin=origin, fill=fill)
    await project_acts.note_adoption(tx, project)
    chosen = set(publish)
    if chosen:
        needs = await stored_needs.list_all(tx.conn, project.community_id)
        wanted = [need for need in needs if need.line_key in chosen]
        await project_needs.publish(tx, by=by, project=project, needs=wanted, language=language)
    return await projects.get(tx.conn, project.community_id)


def _new_processes(project: Project, steps: Sequence[Step], language: str) -> list[Process]:
    if not steps:
        name = _BUILD["de" if language.startswith("de") else "en"]
        return [_process(project, "", name, 0)]
    return [_process(project, step.key, step.title, n) for n, step in enumerate(steps)]


def _process(project: Project, key: str, name: str, position: int) -> Process:
    id = ids.new()
    named = planning.tidy(name or key, "")
    return Process(
        id=id,
        uri=f"{project.plan_uri}#{id}",
        project_id=project.community_id,
        step_key=key,
        position=position,
        name=named,
        starts=None,
        ends=None,
        finished=False,
    )


def _tasks(tx: Tx, project: Project, process: Process, step: Step, position: int) -> list[Task]:
    """One for each of the people that a step takes; they share its hours."""
    people = min(max(step.people or 1, 1), MOST_TOGETHER)
    hours = (step.hours / people).quantize(Decimal("0.1")) if step.hours else None
    found: list[Task] = []
    for number in range(1, people + 1):
        id = ids.new()
        found.append(
            Task(
                id=id,
                uri=f"{project.plan_uri}#{id}",
                project_id=project.community_id,
                process_id=process.id,
                step_key=f"{step.key}/{number}",
                position=position + number - 1,
                name=f"{process.name} ({number}/{people})"[:200] if people > 1 else process.name,
                note="",
                role=", ".join(part for part in (step.role, *step.skills) if part)[:200],
                owner_id=None,
                due=None,
                hours=hours or None,
                state="open",
                changed=tx.instance.clock(),
            )
        )
    return found


def _need(
    tx: Tx, project: Project, line: Line, scale: Decimal, process: Process | None, position: int
) -> Need:
    draft = project_needs.NeedDraft(
        name=planning.tidy(line.name, ""),
        quantity=bills.scaled(line, scale),
        unit=line.unit,
        category=line.category,
        kind=line.kind,
        choice=line.choice,
        note=line.note[:2000],
        process_id=process.id if process else None,
    )
    return project_needs.new_row(tx, project, draft, position, line.key)


async def take_over(tx: Tx, *, by: Actor, project: Project, recipe: Recipe) -> Project:
    """A newer version of the blueprint changes plan and needs. What was met, promised, taken or
    done stays; what the version does without is dropped, unless somebody has begun it."""
    await check_steward(tx, by, project.community_id)
    before = await blueprints.find_version(tx.conn, project.version_uri)
    if before is None or before.blueprint_id != recipe.blueprint.id:
        raise Conflict(N_("This project follows another blueprint."))
    row = await projects.lock(tx.conn, project.community_id)
    scale = row.scale or Decimal(1)
    processes = await _take_over_steps(tx, row, recipe)
    await _take_over_lines(tx, row, recipe, scale, processes)
    version = recipe.version
    title = version.title or recipe.blueprint.title
    row = replace(row, version_uri=version.uri, version_title=title[:200])
    await projects.put(tx.conn, row)
    await project_acts.note_adoption(tx, row)
    return await editions.changed(tx, row.community_id, "took over", by.id, title)


async def _take_over_steps(tx: Tx, project: Project, recipe: Recipe) -> dict[str, Process]:
    known = {p.step_key: p for p in await plans.list_processes(tx.conn, project.community_id)}
    tasks = {t.step_key: t for t in await plans.list_tasks(tx.conn, project.community_id)}
    kept: dict[str, Process] = {}
    position = 0
    for number, step in enumerate(recipe.steps):
        new = _process(project, step.key, step.title, number)
        old = known.get(step.key)
        process = replace(old, name=new.name, position=number) if old else new
        await plans.put_process(tx.conn, process)
        kept[step.key] = process
        for task in _tasks(tx, project, process, step, position):
            await plans.put_task(tx.conn, _merged(tasks.pop(task.step_key, None), task))
            position += 1
    for task in tasks.values():  # no longer in the version
        if task.step_key and task.state == "open":
            await plans.delete_task(tx.conn, task.id)
    left = {task.process_id for task in await plans.list_tasks(tx.conn, project.community_id)}
    for key, process in known.items():
        if key and key not in kept and process.id not in left:
            await plans.delete_process(tx.conn, process.id)
    return kept


def _merged(old: Task | None, new: Task) -> Task:
    if old is None:
        return new
    if old.state != "open":
        return replace(old, position=new.position, process_id=new.process_id)
    return replace(new, id=old.id, uri=old.uri, due=old.due)


async def _take_over_lines(
    tx: Tx, project: Project, recipe: Recipe, scale: Decimal, processes: dict[str, Process]
) -> None:
    known = {
        need.line_key: need
        for need in await stored_needs.list_all(tx.conn, project.community_id)
        if need.line_key
    }
    changed: list[Need] = []
    for number, line in enumerate(recipe.lines):
        new = _need(tx, project, line, scale, processes.get(line.step_key), number)
        old = known.pop(line.key, None)
        if old is not None:
            new = replace(
                new,
                id=old.id,
                uri=old.uri,
                proposal_uri=old.proposal_uri,
                promised=old.promised,
                met=new.whole if old.is_met and old.quantity is None else old.met,
            )
            await needed.follow(tx, old, new)
        changed.append(new)
    for old in known.values():
        await project_needs.drop(tx, old)
    await stored_needs.put_many(tx.conn, changed)
