"""How long it takes to read manifests, to show a great tree, and to compare two versions."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from decimal import Decimal
from statistics import median
from time import perf_counter
from typing import TypeAlias

import httpx

from federation.acts import blueprints as acts
from schema import blueprints, differences
from schema.actors import Actor
from schema.blueprints import Line, Step, Version
from schema.instructions import line
from schema.postgres import Embedded
from tests import make, world
from tests.bench import scene
from tests.world import City
from web import importing
from web.demo.content import DATA

LIMITS = {
    "manifests imported a minute": 1000.0,
    "tree of 5,000, ms": 200.0,
    "difference of 500, ms": 50.0,
}
ADOPTIONS, LINES, TIMES, SECONDS = 5000, 500, 7, 5
Side: TypeAlias = tuple[Version, list[Line], list[Step]]


def measure(embedded: Embedded) -> dict[str, float]:
    """By name, in the unit that the name says."""
    return asyncio.run(_pages(embedded))


async def _manifests(city: City, by: Actor) -> float:
    """Read from their texts, with the lists beside them, and published, one after the other."""
    paths = [path for path in importing.find(DATA / "okh") if path.name.startswith("okh.")]
    start, done = perf_counter(), 0
    while perf_counter() - start < SECONDS:
        for path in paths:
            async with city.instance.begin() as tx:
                await acts.publish(tx, by=by, draft=importing.read(path).draft)
        done += len(paths)
    return 60 * done / (perf_counter() - start)


async def _pages(embedded: Embedded) -> dict[str, float]:
    conninfo = scene.database(embedded, "blueprints")
    async with world.open_city("http://alpha.test", conninfo, world.Wire()) as city:
        ann = await make.a_person(city, "ann")
        old = tuple(line(f"k{n}", f"Part {n}", quantity=Decimal(n + 1)) for n in range(LINES))
        new = tuple(
            replace(row, quantity=Decimal(7)) if n % 2 else row for n, row in enumerate(old)
        )
        row = await make.a_blueprint(city, ann, "Cistern", lines=old)
        later = await make.a_version(city, ann, row, "Cistern", lines=new)
        await city.execute(
            """insert into adoptions (id, version_id, project_uri, project_title, place_name,
                 latitude, longitude, state)
               select gen_random_uuid(), %s, 'https://p' || n || '.example/p', 'Project ' || n,
                 'Place ' || n, 47 + n / 5000.0, 15 + n / 5000.0, 'built'
               from generate_series(1, %s) n""",
            row.latest_id,
            ADOPTIONS,
        )
        browser = make.guest(city)
        tree = [await _timed(browser.get(f"{row.url}/lineage")) for _ in range(TIMES)]
        async with city.instance.read() as conn:
            sides = [
                (
                    await blueprints.get_version(conn, id or row.id),
                    await blueprints.list_lines(conn, id or row.id),
                    await blueprints.list_steps(conn, id or row.id),
                )
                for id in (row.latest_id, later.latest_id)
            ]
        imported = await _manifests(city, ann)
        compared = [_compared(sides[0], sides[1]) for _ in range(TIMES)]
    return {
        "manifests imported a minute": imported,
        "tree of 5,000, ms": median(tree),
        "difference of 500, ms": median(compared),
    }


def _compared(old: Side, new: Side) -> float:
    start = perf_counter()
    assert len(differences.between(old, new).lines) > LINES / 3
    return 1000 * (perf_counter() - start)


async def _timed(answer: Awaitable[httpx.Response]) -> float:
    start = perf_counter()
    assert (await answer).status_code == 200
    return 1000 * (perf_counter() - start)


def show(found: Mapping[str, float]) -> None:
    """A line for each, beside its limit."""
    print("Blueprints")
    for name, value in found.items():
        print(f"  {name:30} {value:10.1f}   limit {LIMITS[name]:g}")
