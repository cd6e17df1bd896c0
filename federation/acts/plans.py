"""What people do with the tasks of a plan: take one, give it back, have it done.

A project here decides in the transaction that asks; one elsewhere is asked by an activity, and what
its plan says next is what holds.
"""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from federation import outbox
from federation.acts import editions, writing
from federation.acts import memberships as membership_acts
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import tasks as wire
from schema import actors, communities, ids, memberships, notices, plans, projects
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Refusal
from schema.plans import Taking, Task, Wish
from schema.words import N_

TOO_LATE = N_("Somebody else was faster.")
NOT_YOURS = N_("Somebody else does this.")


@dataclass(frozen=True, slots=True)
class Asked:
    """By which activity, or report of work, somebody of another city asks."""

    uri: str
    received: Received


async def take(tx: Tx, *, by: Actor, task: Task, received: Asked | None = None) -> Task:
    """ "I take this." Of two who ask for the same the first gets it; Conflict for the other."""
    group = await actors.get(tx.conn, task.project_id)
    if not group.is_local:
        return await _wish(tx, by, task, group, "take")
    await projects.lock(tx.conn, group.id)
    task = await plans.lock_task(tx.conn, task.id)
    if received and not await _note(tx, by, task, "take", received):
        return task
    problem = await _problem(tx, by, group)
    if problem is None and task.state != "open" and task.owner_id != by.id:
        problem = Conflict(TOO_LATE)
    if problem is not None:
        await _refuse(tx, by, group, problem, received)
        return task
    if task.owner_id is None:
        task = await _put(tx, replace(task, state="taken", owner_id=by.id))
        await editions.changed(tx, group.id, "took", by.id, task.name)
    await _accept(tx, by, group, received)
    return task


async def give_back(tx: Tx, *, by: Actor, task: Task, received: Asked | None = None) -> Task:
    """Its owner cannot do it after all; a steward may free what nobody does. `received.uri` is
    then the Offer that is taken back."""
    group = await actors.get(tx.conn, task.project_id)
    if not group.is_local:
        return await _give_back_elsewhere(tx, by, task, group)
    await projects.lock(tx.conn, group.id)
    task = await plans.lock_task(tx.conn, task.id)
    if received:
        await outbox.done(tx, received.received)
        if not await _undone(tx, by, task, received.uri):
            return task
    if task.owner_id != by.id:
        await check_steward(tx, by, group.id)
    if task.state != "taken":
        raise Conflict(N_("This task is open, or done."))
    task = await _put(tx, replace(task, state="open", owner_id=None))
    await editions.changed(tx, group.id, "gave back", by.id, task.name)
    return task


async def finish(tx: Tx, *, by: Actor, task: Task, received: Asked | None = None) -> Task:
    """ "Done", says its owner, or a steward of the project."""
    group = await actors.get(tx.conn, task.project_id)
    if not group.is_local:
        return await _wish(tx, by, task, group, "done")
    await projects.lock(tx.conn, group.id)
    task = await plans.lock_task(tx.conn, task.id)
    if received and not await _note(tx, by, task, "done", received):
        return task
    problem = await _problem(tx, by, group)
    if problem is None and task.owner_id != by.id and not await _leads(tx, by, group.id):
        problem = Forbidden(NOT_YOURS)
    if problem is not None:
        await _refuse(tx, by, group, problem, received)
        return task
    if task.state != "done":
        owner = task.owner_id or by.id
        task = await _put(tx, replace(task, state="done", owner_id=owner))
        await editions.changed(tx, group.id, "did", by.id, task.name)
    await _accept(tx, by, group, received)
    return task


async def answered(
    tx: Tx, *, by: Actor, wish: Taking, accepted: bool, reason: str, received: Received
) -> None:
    """The project of another city says yes or no to one of ours. Nobody but itself can."""
    task = await plans.find_task(tx.conn, wish.task_uri)
    if by.is_local or task is None or task.project_id != by.id:
        raise Forbidden(N_("Only the project itself can answer that."))
    await outbox.done(tx, received)
    state: Literal["accepted", "refused"] = "accepted" if accepted else "refused"
    if not await plans.answer_wish(tx.conn, wish.uri, state, reason):
        return
    if not accepted:
        text = f"{task.name}: {reason}" if reason else task.name
        await notices.tell(
            tx.conn, wish.person_id, "task.refused", by=by.id, community=by.id, text=text
        )


async def check_steward(tx: Tx, by: Actor, project_id: UUID) -> None:
    """Forbidden unless `by` is a steward of this project, which lives here."""
    community = await communities.get(tx.conn, project_id)
    if not community.is_local:
        raise Forbidden(N_("This project decides that in its own place."))
    if not await _leads(tx, by, project_id):
        raise Forbidden(N_("Only a steward of this project can do that."))
    await writing.check_writer(tx, by, await actors.get(tx.conn, project_id), None)


async def _leads(tx: Tx, by: Actor, project_id: UUID) -> bool:
    mine = await memberships.find(tx.conn, project_id, by.id)
    return mine is not None and mine.is_steward and by.is_local


async def _problem(tx: Tx, by: Actor, group: Actor) -> Refusal | None:
    """Why `by` may do nothing in this project; None when they may. Whoever takes something in an
    open one belongs to it, also where their Join comes later than what they take."""
    try:
        await _enter(tx, by, group)
        await writing.check_writer(tx, by, group, None)
    except Refusal as refusal:
        return refusal
    return None


async def _enter(tx: Tx, by: Actor, group: Actor) -> None:
    community = await communities.get(tx.conn, group.id)
    mine = await memberships.find(tx.conn, group.id, by.id)
    if community.join_rule == "open" and (mine is None or mine.state in ("left", "invited")):
        await membership_acts.ask(tx, by=by, community=community)


async def _note(tx: Tx, by: Actor, task: Task, kind: Wish, received: Asked) -> bool:
    """False for what came before, or was taken back before it came."""
    await outbox.done(tx, received.received)
    now = tx.instance.clock()
    return await plans.wish(tx.conn, Taking(received.uri, task.uri, by.id, kind, "asked", "", now))


async def _undone(tx: Tx, by: Actor, task: Task, uri: str) -> bool:
    """Whether this Offer is the one by which they have the task. One that has not come yet is
    remembered, and will find that it was taken back."""
    known = await plans.find_wish(tx.conn, uri)
    if known is None:
        now = tx.instance.clock()
        await plans.wish(tx.conn, Taking(uri, task.uri, by.id, "take", "undone", "", now))
        return False
    if known.person_id != by.id or known.task_uri != task.uri:
        raise Forbidden(NOT_YOURS)
    has_it = known.state == "accepted" and task.owner_id == by.id and task.state == "taken"
    await plans.answer_wish(tx.conn, uri, "undone")
    return has_it


async def _put(tx: Tx, task: Task) -> Task:
    task = replace(task, changed=tx.instance.clock())
    await plans.put_task(tx.conn, task)
    return task


async def _accept(tx: Tx, by: Actor, group: Actor, received: Asked | None) -> None:
    if received is None:
        return
    await plans.answer_wish(tx.conn, received.uri, "accepted")
    await outbox.send(tx, group, wire.answer("Accept", received.uri, ""), [by], about=received.uri)


async def _refuse(
    tx: Tx, by: Actor, group: Actor, problem: Refusal, received: Asked | None
) -> None:
    """A resident reads the reason at once, somebody elsewhere gets it as a Reject."""
    if received is None:
        raise problem
    await plans.answer_wish(tx.conn, received.uri, "refused", problem.text)
    body = wire.answer("Reject", received.uri, problem.text)
    await outbox.send(tx, group, body, [by], about=received.uri)


async def _wish(tx: Tx, by: Actor, task: Task, group: Actor, kind: Wish) -> Task:
    """One of ours asks the project's own city."""
    await writing.check_writer(tx, by, None, None)
    await _enter(tx, by, group)
    mine = await memberships.find(tx.conn, group.id, by.id)
    if mine is None or mine.state not in ("member", "asked"):
        raise Forbidden(N_("Please join the project first."))
    task = await plans.lock_task(tx.conn, task.id)
    last = await plans.find_last_wish(tx.conn, task.uri, by.id)
    now = tx.instance.clock()
    if kind == "take":
        if last is not None and last.state == "asked":
            return task
        if task.state != "open":
            raise Conflict(TOO_LATE)
        uri = await outbox.send(tx, by, wire.offer(task, by, group), [group], about=group.uri)
    else:
        if task.owner_id != by.id:
            raise Forbidden(NOT_YOURS)
        uri = tx.addresses.report_of_work(ids.new())
        body = wire.done(task, by, group, uri, now, tx.addresses.host)
        await outbox.send(tx, by, body, [group], about=group.uri)
    await plans.wish(tx.conn, Taking(uri, task.uri, by.id, kind, "asked", "", now))
    return task


async def _give_back_elsewhere(tx: Tx, by: Actor, task: Task, group: Actor) -> Task:
    await writing.check_writer(tx, by, None, None)
    last = await plans.find_last_wish(tx.conn, task.uri, by.id)
    if last is None or last.state not in ("asked", "accepted"):
        raise Forbidden(NOT_YOURS)
    await plans.answer_wish(tx.conn, last.uri, "undone")
    body = wire.give_back(task, by, group, last.uri)
    await outbox.send(tx, by, body, [group], about=group.uri)
    return task
