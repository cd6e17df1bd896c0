"""The demonstration's adoptions: blueprints of the metropolis that settlements build."""

import tomllib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from federation import keys
from federation.acts import adoption, build_reports, plans, project_needs, projects
from federation.acts.build_reports import Draft
from federation.instance import Tx
from schema import bills, blueprints, communities
from schema import plans as stored_plans
from schema import project_needs as stored_needs
from schema.actors import Actor
from schema.blueprints import Blueprint
from schema.projects import Project
from web.demo.blueprints import IMPORTER, id_of
from web.demo.goods import listing_id
from web.demo.places import Place, until, writer

DATA: Final = Path(__file__).parent / "data" / "adoptions.toml"


def load() -> list[dict[str, Any]]:
    """What the file says of each."""
    return tomllib.loads(DATA.read_text("utf-8"))["adoptions"]


async def adoptions(places: Sequence[Place]) -> None:
    """Each in one transaction; a second start changes nothing."""
    origin = next(place for place in places if place.name == IMPORTER)
    for wanted in load():
        home = next(place for place in places if place.name == wanted["city"])
        uri = origin.instance.addresses.blueprint(id_of(origin, wanted["of"]))

        async def came(home: Place = home, uri: str = uri) -> Blueprint | None:
            async with home.instance.read() as conn:
                return await blueprints.find(conn, uri)

        await _adopt(places, home, await until(came, wanted["of"]), wanted)


async def _adopt(
    places: Sequence[Place], home: Place, row: Blueprint, wanted: dict[str, Any]
) -> None:
    _, by = await writer(places, home, wanted["steward"])
    people = [(await writer(places, home, name))[1] for name in wanted.get("people", ())]
    pair = await keys.make_in_thread()
    async with home.instance.begin() as tx:
        if row.latest_id is None or await communities.is_taken(tx.conn, wanted["name"]):
            return
        recipe = await adoption.check_readable(tx, by, row.latest_id)
        scale, has = Decimal(wanted["scale"]), set(wanted["has"])
        asked = bills.to_publish(bills.check(recipe.lines, scale, {}))
        named = {line.key for line in recipe.lines if line.name in has}
        project = await adoption.adopt(
            tx,
            by=by,
            recipe=recipe,
            draft=projects.Draft(
                title=wanted["title"],
                aim=recipe.version.purpose,
                name=wanted["name"],
                place_name=wanted["place"],
            ),
            scale=scale,
            keys=pair,
            publish=[key for key in asked if key not in named] if wanted.get("publish") else (),
        )
        for need in await stored_needs.list_all(tx.conn, project.community_id):
            if need.line_key in named:
                await project_needs.meet(tx, by=by, need=need)
        await _work(tx, project, people)
        if "state" in wanted:
            await projects.set_state(tx, by=by, project=project, state=wanted["state"])
        if "report" in wanted:
            said: dict[str, Any] = {**wanted["report"], "hours": Decimal(wanted["report"]["hours"])}
            await build_reports.report(
                tx,
                by=by,
                version=recipe.version,
                draft=Draft(**said, place_name=project.place_name, scale=scale),
                id=listing_id(home, f"report {wanted['name']}"),
                project=project,
            )


async def _work(tx: Tx, project: Project, people: Sequence[Actor]) -> None:
    """All tasks, by these people in turn."""
    if people:
        for number, task in enumerate(await stored_plans.list_tasks(tx.conn, project.community_id)):
            person = people[number % len(people)]
            taken = await plans.take(tx, by=person, task=task)
            await plans.finish(tx, by=person, task=taken)
