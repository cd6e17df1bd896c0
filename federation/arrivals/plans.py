"""Projects of other cities: their plans come and change; people there take tasks of ours."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from federation import html, origins, resolve
from federation.acts import plans as acts
from federation.acts import projects as project_acts
from federation.acts.plans import Asked
from federation.documents import Document, id_of, is_a, text
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import plan_documents, tasks
from federation.wire.plan_documents import PlanDocument
from schema import actors, plans
from schema.errors import Missing, Refusal
from schema.plans import Task

MOST_PEOPLE: Final = 100
ELSEWHERE: Final = (Gone, Malformed, Refused, Unreachable, Untrusted, Refusal)


async def on_create(instance: Instance, message: Message) -> bool:
    """Create and Update of a plan; or somebody says that a task is theirs, or done."""
    if message.object is None:
        return False
    if plan_documents.is_plan(message.object):
        await _plan(instance, message, message.object)
        return True
    wanted = tasks.read_commitment(message.object)
    done = tasks.read_done(message.object)
    found = wanted or done
    task = await _task_of_ours(instance, message, found)
    if task is None:
        return False
    asked = Asked(message.object_uri, message.received)
    async with instance.begin() as tx:
        if wanted:
            await acts.take(tx, by=message.actor, task=task, received=asked)
        else:
            await acts.finish(tx, by=message.actor, task=task, received=asked)
    return True


async def _plan(instance: Instance, message: Message, document: Document) -> None:
    plan = plan_documents.read(document)
    parts = (*plan.processes, *plan.tasks, *plan.needs, *plan.gifts)
    if not all(origins.same_origin(part.id, plan.id) for part in parts):
        raise Malformed("parts of a plan are of its own server")
    people = await _people(instance, plan)
    async with instance.begin() as tx:
        await project_acts.learned(
            tx, by=message.actor, plan=plan, people=people, received=message.received
        )


async def _people(instance: Instance, plan: PlanDocument) -> Mapping[str, UUID]:
    """Those who are named in a plan and can be found; who cannot does not hold it up."""
    named = dict.fromkeys([*(t.owner for t in plan.tasks), *(g.giver for g in plan.gifts)])
    wanted = [uri for uri in named if uri][:MOST_PEOPLE]
    async with instance.read() as conn:
        found = {actor.uri: actor.id for actor in await actors.list_by_uri(conn, wanted)}
    for uri in wanted:
        if uri not in found:
            try:
                found[uri] = (await resolve.actor(instance, uri)).id
            except ELSEWHERE:
                continue
    return found


async def on_offer(instance: Instance, message: Message) -> bool:
    """Somebody would do a task of ours."""
    task = await _task_of_ours(instance, message, tasks.read_commitment(message.activity))
    if task is None:
        return False
    asked = Asked(id_of(message.activity) or "", message.received)
    async with instance.begin() as tx:
        await acts.take(tx, by=message.actor, task=task, received=asked)
    return True


async def on_undo(instance: Instance, message: Message) -> bool:
    """Somebody gives a task of ours back."""
    undone = message.object
    if undone is None or not is_a(undone, "Offer", "Create"):
        return False
    task = await _task_of_ours(instance, message, tasks.read_commitment(undone))
    if task is None:
        return False
    asked = Asked(id_of(undone) or "", message.received)
    async with instance.begin() as tx:
        await acts.give_back(tx, by=message.actor, task=task, received=asked)
    return True


async def _task_of_ours(
    instance: Instance, message: Message, found: tasks.TakingDocument | None
) -> Task | None:
    """The task, when its own project lives here and the person speaks for themselves, directly."""
    if found is None or not instance.addresses.is_ours(found.task):
        return None
    if message.received.through is not None or found.provider not in ("", message.actor.uri):
        raise Refused("a person takes tasks for themselves")
    async with instance.read() as conn:
        task = await plans.find_task(conn, found.task)
    if task is None:
        raise Missing("There is nothing here, or it is not meant for you.")
    return task


async def on_answer(instance: Instance, message: Message) -> bool:
    """A project elsewhere accepts or rejects what one of ours asked it for."""
    async with instance.read() as conn:
        wish = await plans.find_wish(conn, message.object_uri)
    if wish is None:
        return False
    said = html.plain(text(message.activity, "content") or "")[:200]
    async with instance.begin() as tx:
        await acts.answered(
            tx,
            by=message.actor,
            wish=wish,
            accepted=message.type == "Accept",
            reason=said,
            received=message.received,
        )
    return True


HANDLERS: Mapping[str, Handler] = {
    "Create": on_create,
    "Update": on_create,
    "Offer": on_offer,
    "Undo": on_undo,
    "Accept": on_answer,
    "Reject": on_answer,
}
