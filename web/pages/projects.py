"""Projects: the list of them, beginning one, and the page of one with what is missing on top."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import keys
from federation.acts import communities as community_acts
from federation.acts import plans as plan_acts
from federation.acts import projects as acts
from federation.acts.projects import Draft
from schema import (
    actors,
    blueprints,
    build_reports,
    differences,
    limits,
    merges,
    occasions,
    pacts,
    plans,
    pledge_views,
    posts,
    project_needs,
    projects,
)
from schema import database as db
from schema.blueprints import Version
from schema.communities import JoinRule
from schema.database import Conn
from schema.differences import Difference
from schema.errors import Missing
from schema.plans import Process, Task, TaskLine
from schema.project_needs import GiftLine, NeedLine
from schema.projects import LogLine, Project, State, Where
from schema.words import N_
from web import calendars, forms
from web.map import by_place
from web.pages.communities import Seen, position, seen, viewer_id, with_position
from web.render import Form
from web.requests import instance_of, me, page, see_other

SIZE = 30
MOST_SHOWN = 8  # of what is missing


class ProjectDraft(msgspec.Struct):
    title: Annotated[str, Meta(min_length=2, max_length=80)]
    aim: Annotated[str, Meta(max_length=acts.LONGEST_AIM)] = ""
    join_rule: JoinRule = "open"
    name: Annotated[str, Meta(max_length=30)] = ""
    place_name: Annotated[str, Meta(max_length=100)] = ""
    starts: date | None = None
    ends: date | None = None

    def draft(self, name: str = "") -> Draft:
        """As the act takes it."""
        return Draft(
            title=self.title,
            aim=self.aim,
            name=name,
            join_rule=self.join_rule,
            place_name=self.place_name,
            starts=self.starts,
            ends=self.ends,
        )


@dataclass(frozen=True, slots=True)
class Shown(Seen):
    """A project that the one who asks may see."""

    project: Project


@dataclass(frozen=True, slots=True)
class Whole:
    """All that stands in a project's plan."""

    processes: list[Process]
    tasks: list[TaskLine]
    needs: list[NeedLine]
    gifts: list[GiftLine]
    log: list[LogLine]

    @property
    def open_tasks(self) -> list[TaskLine]:
        return [task for task in self.tasks if task.state == "open"]

    @property
    def missing(self) -> list[NeedLine]:
        """Needs that are still to be found."""
        wanted = {need.id for need in project_needs.missing(self.needs)}
        return [need for need in self.needs if need.id in wanted]

    @property
    def enough(self) -> set[str]:
        """Choices of which something is there: nobody asks for the rest of them."""
        return {need.choice for need in self.needs if need.choice and need.is_met}

    @property
    def done(self) -> int:
        return sum(task.state == "done" for task in self.tasks)

    def of(self, process: Process) -> list[TaskLine]:
        """The tasks of a milestone."""
        return [task for task in self.tasks if task.process_id == process.id]

    def needs_of(self, process: Process | None) -> Sequence[NeedLine]:
        """The needs of a milestone, or of none."""
        id = process.id if process else None
        return [need for need in self.needs if need.process_id == id]


async def shown(conn: Conn, request: Request) -> Shown:
    """The project this path names; Missing where the community is none, or not for them."""
    found = await seen(conn, request)
    project = await projects.find(conn, found.community.actor_id)
    if project is None:
        raise Missing("There is nothing here, or it is not meant for you.")
    return Shown(found.community, found.mine, project)


async def whole(conn: Conn, request: Request, project_id: UUID) -> Whole:
    """Its plan as the viewer sees it."""
    processes, tasks = await db.together(
        conn, plans.ask_processes(project_id), plans.ask_lines(project_id, viewer_id(request))
    )
    needs, gifts, log = await db.together(
        conn,
        project_needs.ask_lines(project_id),
        project_needs.ask_gifts(project_id),
        projects.ask_log(project_id),
    )
    return Whole(processes, tasks, needs, gifts, log)


@dataclass(frozen=True, slots=True)
class Followed:
    """The version that a project follows, where it is known here, and a newer one if there is,
    with what that changes."""

    version: Version | None = None
    newer: Version | None = None
    change: Difference | None = None


async def followed(conn: Conn, project: Project) -> Followed:
    """Of the blueprint that it was adopted from."""
    if not project.version_uri:
        return Followed()
    version = await blueprints.find_version(conn, project.version_uri)
    if version is None:
        return Followed()
    row = await blueprints.get(conn, version.blueprint_id)
    if row.state != "open" or row.latest_id in (None, version.id):
        return Followed(version)
    newer = await blueprints.get_version(conn, row.latest_id)
    if newer.number <= version.number:
        return Followed(version)
    before, after = await merges.load(conn, version), await merges.load(conn, newer)
    return Followed(version, newer, differences.between(before, after))


async def index(request: Request) -> Response:
    """The newest changed first, here and in the network."""
    given = request.query_params.get("where", "all")
    where: Where = "here" if given == "here" else "network" if given == "network" else "all"
    state = _state(request)
    before = position(request.query_params.get("before", ""))
    place = request.query_params.get("place", "")[:100]
    async with instance_of(request).read() as conn:
        found = await projects.list_cards(
            conn,
            viewer=viewer_id(request),
            state=state,
            where=where,
            place=place,
            before=before,
            limit=SIZE + 1,
        )
    older = None
    if len(found) > SIZE:
        last = found[SIZE - 1]
        older = with_position(request, last.updated, last.community_id)
    return await page(
        request,
        "projects.list.html",
        found=found[:SIZE],
        older=older,
        spots=by_place(await instance_of(request).settings(), "/projects", found[:SIZE]),
        form=Form({"where": where, "state": state or "", "place": place}),
    )


def _state(request: Request) -> State | None:
    for state in ("planned", "running", "built", "stopped"):
        if request.query_params.get("state") == state:
            return state
    return None


async def new(request: Request) -> Response:
    """The form for a new project."""
    me(request)
    return await page(request, "projects.form.html", project=None, community=None)


@forms.again(new)
async def begin(request: Request) -> Response:
    """Whoever begins it is its first steward."""
    by, instance = me(request), instance_of(request)
    given = await forms.parse(request, ProjectDraft)
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"found:{by.id}", rate_per_minute=0.1, burst=10)
    pair = await keys.make_in_thread()
    async with instance.begin() as tx:
        name = given.name.lower() or await community_acts.propose(tx.conn, given.title)
        await acts.begin(tx, by=by, draft=given.draft(name), keys=pair)
    return see_other(request, f"/projects/{name}/plan", N_("Your project is there. What is first?"))


async def show(request: Request) -> Response:
    """What is missing now, the plan as a list or as a board, needs, gifts and what happened."""
    instance = instance_of(request)
    view = "board" if request.query_params.get("view") == "board" else "list"
    async with instance.read() as conn:
        found = await shown(conn, request)
        plan = await whole(conn, request, found.project.community_id)
        origin = await followed(conn, found.project)
        group = await actors.get(conn, found.project.community_id)
        told = await build_reports.list_of_project(conn, group.uri) if origin.version else []
        person, id = viewer_id(request), found.project.community_id
        pledged = await pledge_views.list_cards(conn, viewer=person, project=id)
        places = await pacts.list_places(conn, person, instance.city_id) if person else []
        coming = await occasions.list_coming(conn, id, person, instance.clock())
        talk = await posts.list_threads(conn, id, limit=MOST_SHOWN, viewer_id=person)
    return await page(
        request,
        "projects.show.html",
        200,
        tab="project",
        view=view,
        seen=found,
        community=found.community,
        mine=found.mine,
        project=found.project,
        plan=plan,
        origin=origin,
        told=told,
        pledged=pledged,
        coming=coming,
        pages=[one for one in talk if one.pinned_at],
        can_pledge=found.project.state != "stopped" and any(one.id != id for one in places),
        url=url_of(found),
        my_id=viewer_id(request),
        most=MOST_SHOWN,
        today=instance.config.day(instance.clock()),
        is_banned=found.mine is not None and found.mine.is_banned(instance.clock()),
    )


def url_of(found: Shown) -> str:
    """The project's page here."""
    return f"/projects/{found.community.handle}"


async def settings(request: Request) -> Response:
    """The form with what it is now; for stewards."""
    me(request)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        await plan_acts.check_steward(tx, me(request), found.project.community_id)
    row = found.project
    values: dict[str, object] = {
        "title": found.community.title,
        "aim": row.aim,
        "place_name": row.place_name,
        "starts": row.starts,
        "ends": row.ends,
    }
    return await page(
        request,
        "projects.form.html",
        project=row,
        community=found.community,
        url=url_of(found),
        form=Form(values),
    )


@forms.again(settings)
async def change(request: Request) -> Response:
    """Stewards say anew what it is about."""
    by, given = me(request), await forms.parse(request, ProjectDraft)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        await acts.edit(tx, by=by, project=found.project, draft=given.draft())
    return see_other(request, url_of(found), N_("Saved."))


class StateDraft(msgspec.Struct):
    state: State


async def set_state(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, StateDraft)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        await acts.set_state(tx, by=by, project=found.project, state=given.state)
    return see_other(request, url_of(found), N_("Saved."))


async def _task(conn: Conn, request: Request, found: Shown) -> Task:
    task = await plans.get_task(conn, request.path_params["id"])
    if task.project_id != found.project.community_id:
        raise Missing("There is nothing here, or it is not meant for you.")
    return task


async def take(request: Request) -> Response:
    """ "I take this"; a project elsewhere is asked."""
    return await _do(request, "take", N_("It is yours. Thank you!"))


async def give_back(request: Request) -> Response:
    return await _do(request, "back", N_("Somebody else can take it now."))


async def finish(request: Request) -> Response:
    return await _do(request, "done", N_("Done. Thank you!"))


async def _do(request: Request, what: Literal["take", "back", "done"], words: str) -> Response:
    by = me(request)
    act = {"take": plan_acts.take, "back": plan_acts.give_back, "done": plan_acts.finish}[what]
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        await act(tx, by=by, task=await _task(tx.conn, request, found))
    asked = N_("You have asked. The answer of that place comes in a moment.")
    elsewhere = not found.community.is_local and what == "take"
    return see_other(request, url_of(found), asked if elsewhere else words)


async def calendar(request: Request) -> Response:
    """Milestones and tasks with a day, and dates to come, for a calendar (RFC 5545)."""
    instance = instance_of(request)
    async with instance.read() as conn:
        found = await shown(conn, request)
        person, now = viewer_id(request), instance.clock()
        coming = await occasions.list_coming(conn, found.project.community_id, person, now)
        plan = await whole(conn, request, found.project.community_id)
    title = found.community.title
    days = [
        calendars.Day(one.uri, f"{title}: {one.name}", one.starts or one.ends, one.ends)
        for one in plan.processes
    ]
    days += [calendars.Day(t.uri, f"{title}: {t.name}", t.due, t.due) for t in plan.tasks]
    days += [
        calendars.Day(instance.config.origin + one.url, one.title, one.starts, one.ends, one.place)
        for one in coming
    ]
    text = calendars.build(title, days, found.project.updated)
    headers = {"Content-Disposition": f'attachment; filename="{found.community.name}.ics"'}
    return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)


routes = [
    Route("/projects", index),
    Route("/projects", begin, methods=["POST"]),
    Route("/projects/new", new),
    Route("/projects/{handle}", show),
    Route("/projects/{handle}/calendar.ics", calendar),
    Route("/projects/{handle}/settings", settings),
    Route("/projects/{handle}/settings", change, methods=["POST"]),
    Route("/projects/{handle}/state", set_state, methods=["POST"]),
    Route("/projects/{handle}/tasks/{id:uuid}/taking", take, methods=["POST"]),
    Route("/projects/{handle}/tasks/{id:uuid}/return", give_back, methods=["POST"]),
    Route("/projects/{handle}/tasks/{id:uuid}/end", finish, methods=["POST"]),
]
