"""The demonstration's projects: begun by stewards, with people of several cities, by the wire."""

import tomllib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from federation import keys
from federation.acts import planning, plans, posts, project_needs, threads
from federation.acts import projects as acts
from federation.acts.planning import TaskDraft
from federation.acts.project_needs import NeedDraft
from federation.instance import Tx
from schema import actors, communities
from schema import plans as stored
from schema import project_needs as stored_needs
from schema.actors import Actor
from schema.occasions import Occasion
from schema.plans import Task
from schema.projects import Project
from web.demo.places import Place, until, writer

DATA: Final = Path(__file__).parent / "data" / "projects.toml"


def load() -> list[dict[str, Any]]:
    """What the file says of each project."""
    return tomllib.loads(DATA.read_text("utf-8"))["projects"]


async def projects(places: Sequence[Place]) -> None:
    """Each with its plan, then those who take tasks; a second start changes nothing."""
    for wanted in load():
        home = next(place for place in places if place.name == wanted["city"])
        _, steward = await writer(places, home, wanted["steward"])
        await _begin(home, steward, wanted)
        for milestone in wanted["milestones"]:
            for task in milestone.get("tasks", ()):
                if "owner" in task:
                    await _take(places, home, wanted, task)


async def _begin(home: Place, by: Actor, wanted: dict[str, Any]) -> None:
    pair = await keys.make_in_thread()
    async with home.instance.begin() as tx:
        if await communities.is_taken(tx.conn, wanted["name"]):
            return
        today = home.instance.config.day(tx.instance.clock())
        draft = acts.Draft(
            title=wanted["title"],
            aim=wanted["aim"],
            name=wanted["name"],
            starts=today,
            ends=today + timedelta(weeks=wanted["weeks"]),
        )
        project = await acts.begin(tx, by=by, draft=draft, keys=pair)
        asked: list[UUID] = []
        for milestone in wanted["milestones"]:
            asked += await _milestone(tx, by, project, milestone, today)
        needs = await stored_needs.list_all(tx.conn, project.community_id)
        chosen = [need for need in needs if need.id in asked]
        await project_needs.publish(tx, by=by, project=project, needs=chosen)
        if wanted["state"] != project.state:
            await acts.set_state(tx, by=by, project=project, state=wanted["state"])
        await _talk(tx, by, project, wanted, today)


async def _talk(tx: Tx, by: Actor, project: Project, wanted: dict[str, Any], today: date) -> None:
    """Dates that lie ahead, and what is to be read up."""
    group = await actors.get(tx.conn, project.community_id)
    zone = ZoneInfo(tx.instance.config.time_zone)
    for one in wanted.get("dates", ()):
        day = today + timedelta(days=one["day"])
        starts, ends = (datetime.combine(day, time(one[name]), zone) for name in ("from", "to"))
        when = Occasion(starts, ends, one["place"])
        await posts.start(
            tx, by=by, community=group, title=one["title"], source=one["text"], occasion=when
        )
    for one in wanted.get("pages", ()):
        post = await posts.start(tx, by=by, community=group, title=one["title"], source=one["text"])
        await threads.pin(tx, by=by, post=post)


async def _milestone(
    tx: Tx, by: Actor, project: Project, wanted: dict[str, Any], today: date
) -> list[UUID]:
    """With its tasks and needs; the needs that are asked for."""
    process = await planning.add_process(tx, by=by, project=project, name=wanted["name"])
    for task in wanted.get("tasks", ()):
        due = today + timedelta(days=task["due"]) if "due" in task else None
        hours = Decimal(task["hours"])
        draft = TaskDraft(task["name"], role=task.get("role", ""), due=due, hours=hours)
        await planning.add_task(tx, by=by, process=process, draft=draft)
    asked: list[UUID] = []
    for need in wanted.get("needs", ()):
        line = NeedDraft(
            name=need["name"],
            quantity=Decimal(need["number"]) if "number" in need else None,
            unit=need["unit"],
            category=need["category"],
            kind="tool" if need.get("tool") else "material",
            choice=need.get("choice", ""),
            process_id=process.id,
        )
        row = await project_needs.add(tx, by=by, project=project, draft=line)
        if "met" in need:
            row = await project_needs.meet(tx, by=by, need=row, amount=Decimal(need["met"]))
        if need.get("publish"):
            asked.append(row.id)
    return asked


async def _take(
    places: Sequence[Place], home: Place, wanted: dict[str, Any], task: dict[str, Any]
) -> None:
    """Somebody takes a task from their own city's page, and has done it where it is said so."""
    place, person = await writer(places, home, task["owner"])
    plan = home.instance.addresses.plan(wanted["name"])
    steps = (plans.take, plans.finish) if task.get("done") else (plans.take,)
    for act in steps:
        row = await until(lambda: _find(place, plan, task["name"]), task["name"])
        if row.state == "done" or (row.state == "taken" and act is plans.take):
            continue
        async with place.instance.begin() as tx:
            await act(tx, by=person, task=row)
        state = "taken" if act is plans.take else "done"

        async def arrived(state: str = state) -> Task | None:
            found = await _find(place, plan, task["name"])
            return found if found and found.state in (state, "done") else None

        await until(arrived, f"{task['name']}: {state}")


async def _find(place: Place, plan: str, name: str) -> Task | None:
    async with place.instance.read() as conn:
        return await stored.find_named(conn, plan, name)
