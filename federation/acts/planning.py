"""What stewards do with the plan of their project: milestones and tasks come and go."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from federation import html
from federation.acts import editions
from federation.acts.plans import check_steward
from federation.instance import Tx
from schema import ids, plans, projects
from schema.actors import Actor
from schema.errors import Conflict, Invalid
from schema.plans import Process, Task
from schema.projects import Project
from schema.words import N_

MOST_PARTS: Final = 150


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """What a steward says of a task."""

    name: str
    note: str = ""
    role: str = ""
    due: date | None = None
    hours: Decimal | None = None


async def add_process(
    tx: Tx,
    *,
    by: Actor,
    project: Project,
    name: str,
    starts: date | None = None,
    ends: date | None = None,
) -> Process:
    """A new milestone, the last."""
    await check_steward(tx, by, project.community_id)
    await projects.lock(tx.conn, project.community_id)
    known = await plans.list_processes(tx.conn, project.community_id)
    if len(known) >= MOST_PARTS:
        raise Conflict(N_("A plan has 150 milestones at most."))
    if starts and ends and ends < starts:
        raise Invalid({"ends": N_("It ends before it begins.")})
    position = max((process.position for process in known), default=-1) + 1
    id = ids.new()
    uri = f"{project.plan_uri}#{id}"
    named = tidy(name, "name")
    row = Process(id, uri, project.community_id, "", position, named, starts, ends, finished=False)
    await plans.put_process(tx.conn, row)
    await editions.changed(tx, project.community_id)
    return row


async def add_task(tx: Tx, *, by: Actor, process: Process, draft: TaskDraft) -> Task:
    """Something to do for a milestone; open for everybody of the project."""
    await check_steward(tx, by, process.project_id)
    project = await projects.lock(tx.conn, process.project_id)
    known = await plans.list_tasks(tx.conn, project.community_id)
    if len(known) >= 4 * MOST_PARTS:
        raise Conflict(N_("So much stands in this plan that nothing more fits in."))
    if draft.hours is not None and not 0 < draft.hours <= 10_000:
        raise Invalid({"hours": N_("Please give a number of hours above zero.")})
    position = max((task.position for task in known), default=-1) + 1
    id = ids.new()
    row = Task(
        id=id,
        uri=f"{project.plan_uri}#{id}",
        project_id=project.community_id,
        process_id=process.id,
        step_key="",
        position=position,
        name=tidy(draft.name, "name"),
        note=draft.note.strip()[:2000],
        role=" ".join(html.tidy(draft.role).split())[:200],
        owner_id=None,
        due=draft.due,
        hours=draft.hours,
        state="open",
        changed=tx.instance.clock(),
    )
    await plans.put_task(tx.conn, row)
    await editions.changed(tx, project.community_id)
    return row


async def set_day(tx: Tx, *, by: Actor, task: Task, due: date | None) -> None:
    """Until when it should be done."""
    await check_steward(tx, by, task.project_id)
    await projects.lock(tx.conn, task.project_id)
    row = await plans.lock_task(tx.conn, task.id)
    await plans.put_task(tx.conn, replace(row, due=due, changed=tx.instance.clock()))
    await editions.changed(tx, task.project_id)


async def remove_task(tx: Tx, *, by: Actor, task: Task) -> None:
    """Nobody has to do it any more."""
    await check_steward(tx, by, task.project_id)
    await projects.lock(tx.conn, task.project_id)
    await plans.delete_task(tx.conn, task.id)
    await editions.changed(tx, task.project_id)


async def remove_process(tx: Tx, *, by: Actor, process: Process) -> None:
    """A milestone goes with its tasks; Conflict while somebody does one of them."""
    await check_steward(tx, by, process.project_id)
    await projects.lock(tx.conn, process.project_id)
    tasks = await plans.list_tasks(tx.conn, process.project_id)
    if any(task.process_id == process.id and task.state != "open" for task in tasks):
        raise Conflict(N_("Somebody has taken or done a task of this milestone."))
    await plans.delete_process(tx.conn, process.id)
    await editions.changed(tx, process.project_id)


def tidy(name: str, field: str) -> str:
    """A name on one line; Invalid when nothing is left of it."""
    plain = " ".join(html.tidy(name).split())[:200]
    if not plain:
        raise Invalid({field: N_("Please give it a name.")})
    return plain


async def get_process(tx: Tx, id: UUID, project: Project) -> Process:
    """Of this project; Conflict when it belongs to another."""
    found = await plans.get_process(tx.conn, id)
    if found.project_id != project.community_id:
        raise Conflict(N_("This belongs to another project."))
    return found
