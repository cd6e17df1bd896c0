"""What stewards do with the plan of their project: milestones, tasks and needs."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import planning, project_needs
from federation.acts.plans import check_steward
from schema import plans, units
from schema import project_needs as stored
from schema.database import Conn
from schema.errors import Missing
from schema.project_needs import Kind, Need
from schema.words import N_
from web import forms
from web.pages.projects import Shown, shown, url_of, whole
from web.requests import end_of, instance_of, local_now, me, page, see_other

NOT_HERE = "There is nothing here, or it is not meant for you."


class ProcessDraft(msgspec.Struct):
    milestone: Annotated[str, Meta(max_length=200)]
    starts: date | None = None
    ends: date | None = None


class TaskDraft(msgspec.Struct):
    process: UUID
    task: Annotated[str, Meta(max_length=200)]
    role: Annotated[str, Meta(max_length=200)] = ""
    hours: Decimal | None = None
    due: date | None = None


class NeedDraft(msgspec.Struct):
    need: Annotated[str, Meta(max_length=200)]
    amount: Decimal | None = None
    unit: Annotated[str, Meta(max_length=20)] = "piece"
    kind: Kind = "material"
    milestone_id: UUID | None = None
    choice: Annotated[str, Meta(max_length=100)] = ""


class Publication(msgspec.Struct):
    needs: list[UUID] = []
    until: date | None = None


class DayDraft(msgspec.Struct):
    due: date | None = None


async def edit(request: Request) -> Response:
    """The plan with all that can be added to it and taken from it."""
    by, instance = me(request), instance_of(request)
    async with instance.begin() as tx:
        found = await shown(tx.conn, request)
        await check_steward(tx, by, found.project.community_id)
        plan = await whole(tx.conn, request, found.project.community_id)
    german = request.state.locale.startswith("de")
    return await page(
        request,
        "projects.plan.html",
        community=found.community,
        project=found.project,
        plan=plan,
        url=url_of(found),
        units=[(unit.id, unit.de if german else unit.en) for unit in units.load().values()],
        unpublished=[need for need in plan.missing if not need.proposal_uri],
        today=instance.config.day(instance.clock()),
    )


def _plan_of(found: Shown) -> str:
    return f"{url_of(found)}/plan"


@forms.again(edit)
async def add_process(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, ProcessDraft)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        await planning.add_process(
            tx,
            by=by,
            project=found.project,
            name=given.milestone,
            starts=given.starts,
            ends=given.ends,
        )
    return see_other(request, _plan_of(found), N_("The milestone is in the plan."))


@forms.again(edit)
async def add_task(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, TaskDraft)
    draft = planning.TaskDraft(given.task, role=given.role, due=given.due, hours=given.hours)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        process = await planning.get_process(tx, given.process, found.project)
        await planning.add_task(tx, by=by, process=process, draft=draft)
    return see_other(request, _plan_of(found), N_("The task is in the plan."))


@forms.again(edit)
async def add_need(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, NeedDraft)
    draft = project_needs.NeedDraft(
        name=given.need,
        quantity=given.amount,
        unit=given.unit,
        kind=given.kind,
        choice=given.choice,
        process_id=given.milestone_id,
    )
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        await project_needs.add(tx, by=by, project=found.project, draft=draft)
    return see_other(request, _plan_of(found), N_("It stands among what is needed."))


@forms.again(edit)
async def publish(request: Request) -> Response:
    """Those that were chosen become needs that everybody can answer."""
    by, given = me(request), await forms.parse(request, Publication)
    until = end_of(given.until, local_now(request)) if given.until else None
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        plan = await stored.list_all(tx.conn, found.project.community_id)
        await project_needs.publish(
            tx,
            by=by,
            project=found.project,
            needs=[need for need in plan if need.id in given.needs],
            until=until,
            language=request.state.locale,
        )
    return see_other(request, url_of(found), N_("Published. Whoever has it can answer."))


async def _need(conn: Conn, request: Request, found: Shown) -> Need:
    need = await stored.get(conn, request.path_params["id"])
    if need.project_id != found.project.community_id:
        raise Missing(NOT_HERE)
    return need


async def meet(request: Request) -> Response:
    """ "It is there already." """
    by = me(request)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        await project_needs.meet(tx, by=by, need=await _need(tx.conn, request, found))
    return see_other(request, _plan_of(found), N_("Noted: it is there."))


async def remove_need(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        await project_needs.remove(tx, by=by, need=await _need(tx.conn, request, found))
    return see_other(request, _plan_of(found), N_("Taken out of the plan."))


async def remove_task(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        task = await plans.get_task(tx.conn, request.path_params["id"])
        if task.project_id != found.project.community_id:
            raise Missing(NOT_HERE)
        await planning.remove_task(tx, by=by, task=task)
    return see_other(request, _plan_of(found), N_("Taken out of the plan."))


async def set_day(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, DayDraft)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        task = await plans.get_task(tx.conn, request.path_params["id"])
        if task.project_id != found.project.community_id:
            raise Missing(NOT_HERE)
        await planning.set_day(tx, by=by, task=task, due=given.due)
    return see_other(request, _plan_of(found), N_("Saved."))


async def remove_process(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        process = await planning.get_process(tx, request.path_params["id"], found.project)
        await planning.remove_process(tx, by=by, process=process)
    return see_other(request, _plan_of(found), N_("Taken out of the plan."))


routes = [
    Route("/projects/{handle}/plan", edit),
    Route("/projects/{handle}/processes", add_process, methods=["POST"]),
    Route("/projects/{handle}/processes/{id:uuid}/removal", remove_process, methods=["POST"]),
    Route("/projects/{handle}/tasks", add_task, methods=["POST"]),
    Route("/projects/{handle}/tasks/{id:uuid}/day", set_day, methods=["POST"]),
    Route("/projects/{handle}/tasks/{id:uuid}/removal", remove_task, methods=["POST"]),
    Route("/projects/{handle}/needs", add_need, methods=["POST"]),
    Route("/projects/{handle}/needs/publication", publish, methods=["POST"]),
    Route("/projects/{handle}/needs/{id:uuid}/met", meet, methods=["POST"]),
    Route("/projects/{handle}/needs/{id:uuid}/removal", remove_need, methods=["POST"]),
]
