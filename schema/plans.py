"""Plans: the milestones of a project and its tasks, each with one owner and a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Ask, Conn

TaskState: TypeAlias = Literal["open", "taken", "done"]
Wish: TypeAlias = Literal["take", "done"]
Answer: TypeAlias = Literal["asked", "accepted", "refused", "undone"]


@dataclass(frozen=True, slots=True)
class Process:
    """A milestone; `step_key` names the step of the blueprint that it comes from, or ''."""

    id: UUID
    uri: str
    project_id: UUID
    step_key: str
    position: int
    name: str
    starts: date | None
    ends: date | None
    finished: bool


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: `owner_id` None while it is open; `hours` as somebody guessed."""

    id: UUID
    uri: str
    project_id: UUID
    process_id: UUID
    step_key: str
    position: int
    name: str
    note: str
    role: str
    owner_id: UUID | None
    due: date | None
    hours: Decimal | None
    state: TaskState
    changed: datetime


@dataclass(frozen=True, slots=True)
class TaskLine(Task):
    """As a page shows it: with its owner's names, and what the viewer wished for last."""

    owner_uri: str
    owner_name: str
    owner_title: str
    owner_host: str
    wish: Wish | None
    answer: Answer | None
    reason: str

    @property
    def owner_handle(self) -> str:
        return f"{self.owner_name}@{self.owner_host}" if self.owner_host else self.owner_name


@dataclass(frozen=True, slots=True)
class Taking:
    """What a person wants with a task: to take it (the uri of the Offer), or that it is done."""

    uri: str
    task_uri: str
    person_id: UUID
    kind: Wish
    state: Answer
    reason: str
    created: datetime


def ask_processes(project_id: UUID) -> Ask[Process]:
    """In their order."""
    query = _PROCESS + " where project_id = %(id)s order by position, id"
    return Ask(Process, query, {"id": project_id})


def ask_lines(project_id: UUID, viewer: UUID | None) -> Ask[TaskLine]:
    """All tasks in their order."""
    return Ask(
        TaskLine,
        "select "
        + _TASK
        + """, coalesce(a.uri, '') as owner_uri, coalesce(a.name, '') as owner_name,
             coalesce(nullif(a.title, ''), a.name, '') as owner_title,
             coalesce(a.host, '') as owner_host, w.kind as wish, w.state as answer,
             coalesce(w.reason, '') as reason
           from tasks t left join actors a on a.id = t.owner_id
             left join lateral (select kind, state, reason from takings
               where task_uri = t.uri and person_id = %(viewer)s
               order by created desc, uri desc limit 1) w on true
           where t.project_id = %(id)s order by t.position, t.id""",
        {"id": project_id, "viewer": viewer},
    )


async def list_processes(conn: Conn, project_id: UUID) -> list[Process]:
    """In their order."""
    return await db.answer(conn, ask_processes(project_id))


async def list_tasks(conn: Conn, project_id: UUID) -> list[Task]:
    """In their order."""
    query = _TASKS + " where t.project_id = %(id)s order by t.position, t.id"
    return await db.many(conn, Task, query, {"id": project_id})


async def list_lines(conn: Conn, project_id: UUID) -> list[TaskLine]:
    """As `list_tasks`, with their owners."""
    return await db.answer(conn, ask_lines(project_id, None))


async def get_process(conn: Conn, id: UUID) -> Process:
    """Missing when there is none."""
    return await db.one(conn, Process, _PROCESS + " where id = %(id)s", {"id": id})


async def get_task(conn: Conn, id: UUID) -> Task:
    """Missing when there is none."""
    return await db.one(conn, Task, _TASKS + " where t.id = %(id)s", {"id": id})


async def find_task(conn: Conn, uri: str) -> Task | None:
    """By its uri."""
    return await db.maybe(conn, Task, _TASKS + " where t.uri = %(uri)s", {"uri": uri})


async def find_named(conn: Conn, plan_uri: str, name: str) -> Task | None:
    """Of this plan, by its name; the first of several."""
    query = (
        _TASKS
        + """ join projects j on j.community_id = t.project_id
      where j.plan_uri = %(plan)s and t.name = %(name)s order by t.position, t.id limit 1"""
    )
    return await db.maybe(conn, Task, query, {"plan": plan_uri, "name": name})


async def lock_task(conn: Conn, id: UUID) -> Task:
    """As `get_task`, and nobody else takes it until the transaction ends."""
    return await db.one(conn, Task, _TASKS + " where t.id = %(id)s for no key update", {"id": id})


async def put_process(conn: Conn, row: Process) -> None:
    """A new one, or a known one as it is now."""
    await db.run(conn, _PUT_PROCESS, {n: getattr(row, n) for n in Process.__slots__})


async def put_task(conn: Conn, row: Task) -> None:
    """A new one, or a known one as it is now."""
    await db.run(conn, _PUT_TASK, {n: getattr(row, n) for n in Task.__slots__})


async def keep_only(
    conn: Conn, project_id: UUID, processes: Sequence[str], tasks: Sequence[str]
) -> None:
    """Deletes what is no longer in the plan; by uri."""
    params: dict[str, object] = {"id": project_id, "p": list(processes), "t": list(tasks)}
    await db.run(
        conn, "delete from tasks where project_id = %(id)s and not uri = any(%(t)s)", params
    )
    await db.run(
        conn, "delete from processes where project_id = %(id)s and not uri = any(%(p)s)", params
    )


async def delete_task(conn: Conn, id: UUID) -> None:
    """Nobody has to do it any more."""
    await db.run(conn, "delete from tasks where id = %(id)s", {"id": id})


async def delete_process(conn: Conn, id: UUID) -> None:
    """With its tasks and needs."""
    await db.run(conn, "delete from processes where id = %(id)s", {"id": id})


async def wish(conn: Conn, row: Taking) -> bool:
    """False when this one is known already."""
    added = await db.run(
        conn,
        """insert into takings (uri, task_uri, person_id, kind, state, reason, created)
           values (%(uri)s, %(task_uri)s, %(person_id)s, %(kind)s, %(state)s, %(reason)s,
             %(created)s) on conflict do nothing""",
        {name: getattr(row, name) for name in Taking.__slots__},
    )
    return added > 0


async def find_wish(conn: Conn, uri: str) -> Taking | None:
    """By the uri of its activity or report."""
    return await db.maybe(conn, Taking, _TAKING + " where uri = %(uri)s", {"uri": uri})


async def find_last_wish(conn: Conn, task_uri: str, person_id: UUID) -> Taking | None:
    """What a person has wished for last with this task, by taking it."""
    query = (
        _TAKING
        + """ where task_uri = %(task)s and person_id = %(person)s and kind = 'take'
      order by created desc, uri desc limit 1"""
    )
    return await db.maybe(conn, Taking, query, {"task": task_uri, "person": person_id})


async def answer_wish(conn: Conn, uri: str, state: Answer, reason: str = "") -> bool:
    """False when it was answered already, or taken back."""
    changed = await db.run(
        conn,
        """update takings set state = %(state)s, reason = %(reason)s
           where uri = %(uri)s and (state = 'asked' or %(state)s = 'undone')""",
        {"uri": uri, "state": state, "reason": reason[:500]},
    )
    return changed > 0


_PROCESS: Final[LiteralString] = """select id, uri, project_id, step_key, position, name, starts,
  ends, finished from processes"""
_TASK: Final[LiteralString] = """t.id, t.uri, t.project_id, t.process_id, t.step_key, t.position,
  t.name, t.note, t.role, t.owner_id, t.due, t.hours, t.state, t.changed"""
_TASKS: Final[LiteralString] = "select " + _TASK + " from tasks t"
_TAKING: Final = "select uri, task_uri, person_id, kind, state, reason, created from takings"
_PUT_PROCESS: Final = """insert into processes (id, uri, project_id, step_key, position, name,
    starts, ends, finished)
  values (%(id)s, %(uri)s, %(project_id)s, %(step_key)s, %(position)s, %(name)s, %(starts)s,
    %(ends)s, %(finished)s)
  on conflict (uri) do update set step_key = excluded.step_key, position = excluded.position,
    name = excluded.name, starts = excluded.starts, ends = excluded.ends,
    finished = excluded.finished
  where processes.project_id = excluded.project_id"""
_PUT_TASK: Final = """insert into tasks (id, uri, project_id, process_id, step_key, position, name,
    note, role, owner_id, due, hours, state, changed)
  values (%(id)s, %(uri)s, %(project_id)s, %(process_id)s, %(step_key)s, %(position)s, %(name)s,
    %(note)s, %(role)s, %(owner_id)s, %(due)s, %(hours)s, %(state)s, %(changed)s)
  on conflict (uri) do update set process_id = excluded.process_id, step_key = excluded.step_key,
    position = excluded.position, name = excluded.name, note = excluded.note,
    role = excluded.role, owner_id = excluded.owner_id, due = excluded.due,
    hours = excluded.hours, state = excluded.state, changed = excluded.changed
  where tasks.project_id = excluded.project_id"""
