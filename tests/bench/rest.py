"""Memory, time to the first answer, and from posting to visible in the neighbour city."""

import asyncio
import time
from http.client import HTTPConnection

from psycopg import connect

from federation import resolve
from federation.acts import cities, proposals
from federation.acts.drafts import Draft
from schema import actors
from schema.postgres import Embedded
from tests.bench import load, scene
from tests.bench.processes import environment, process, pss, pss_of_postgres

POSTS = 30


def measure(embedded: Embedded) -> dict[str, float]:
    """Megabytes (PSS), seconds, milliseconds."""
    ports = [scene.port(), scene.port()]
    origins = [
        f"http://{name}.localhost:{port}" for name, port in zip(("one", "two"), ports, strict=True)
    ]
    databases = [scene.database(embedded, f"rest{number}") for number in (1, 2)]
    settings = [environment(*row) for row in zip(origins, databases, ports, strict=True)]
    asyncio.run(_furnish(origins[0], databases[0]))
    asyncio.run(_furnish(origins[1], databases[1]))
    found: dict[str, float] = {}
    begun = time.perf_counter()
    with process(["-m", "web", "serve"], ports[0], settings[0]) as one:
        found["start to first answer, s (≤ 1.7)"] = time.perf_counter() - begun
        _get(ports[0], "/")
        found["memory at rest, MB (≤ 100)"] = pss(one.pid)
        for path in ("/", "/needs", "/offers", "/communities/garten"):
            request = load.get("one.localhost", ports[0], path, "Cookie: visitor=x\r\n")
            asyncio.run(load.run(ports[0], [request] * 500, 8))
        found["memory after 2,000 pages, MB (≤ 130)"] = pss(one.pid)
        found["embedded PostgreSQL beside it, MB"] = pss_of_postgres()
        with process(["-m", "web", "serve"], ports[1], settings[1]):
            times = asyncio.run(_travel(origins, databases))
    found["posting to visible elsewhere, ms p50 (< 1,000)"] = times[len(times) // 2] * 1000
    found["posting to visible elsewhere, ms max"] = times[-1] * 1000
    return found


def _get(port: int, path: str) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Accept": "text/html"})
    connection.getresponse().read()


async def _furnish(origin: str, conninfo: str) -> None:
    async with scene.city(origin, conninfo) as instance:
        await scene.furnish(instance)


async def _travel(origins: list[str], databases: list[str]) -> list[float]:
    """Offers of the first city, until they are in the second one's database; sorted seconds."""
    async with (
        scene.city(origins[0], databases[0]) as here,
        scene.city(origins[1], databases[1]) as there,
    ):
        for one, other in ((here, origins[1]), (there, origins[0])):
            neighbour = await resolve.city(one, other)
            async with one.begin() as tx:
                await cities.ask(tx, by=None, other=neighbour)
            await _until(databases[1], "select count(*) from follows where state = 'accepted'", 1)
        await _until(databases[1], "select count(*) from peers where link = 'linked'", 1)
        await _until(databases[0], "select count(*) from peers where link = 'linked'", 1)
        found: list[float] = []
        with connect(databases[1], autocommit=True) as conn:
            for number in range(POSTS):
                async with here.begin() as tx:
                    by = await actors.find_by_handle(tx.conn, "ana")
                    assert by
                    draft = Draft("offer", f"Nummer {number}", category="food.veg")
                    shared = await proposals.publish(tx, by=by, draft=draft)
                begun = time.perf_counter()
                query = "select 1 from proposals where uri = %s"
                while not conn.execute(query, [shared.uri]).fetchone():
                    await asyncio.sleep(0.003)
                    if time.perf_counter() - begun > 60:
                        raise SystemExit("an offer does not arrive in the neighbour city")
                found.append(time.perf_counter() - begun)
        return sorted(found)


async def _until(conninfo: str, query: str, least: int) -> None:
    end = time.monotonic() + 30
    with connect(conninfo, autocommit=True) as conn:
        while time.monotonic() < end:
            row = conn.execute(query.encode()).fetchone()
            if row and row[0] >= least:
                return
            await asyncio.sleep(0.02)
    raise SystemExit(f"this did not happen: {query}")


def show(found: dict[str, float]) -> None:
    """The table."""
    print("\none city, web and worker together")
    for name, value in found.items():
        print(f"  {name:50} {value:8.1f}")
