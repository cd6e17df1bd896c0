"""A blueprint of 200 lines against all listings, as the page of its adoption asks."""

import asyncio
import random
import time
from pathlib import Path

from schema import bills, fits
from schema import database as db
from schema.blueprints import Line
from schema.database import Conn, Database
from schema.fits import Wanted
from schema.postgres import Embedded
from tests.bench import listings, scene

FEW = 20_000
LINES = 200
ROUNDS = 5
LIMIT = 2.0  # seconds, among a million listings


def measure(embedded: Embedded, number: int = FEW) -> dict[str, float]:
    """Seconds on the wall, and those the database worked, for checking all lines of a version."""
    conninfo = scene.database(embedded, "adoption")
    begun = time.perf_counter()
    listings.fill(conninfo, number)
    filled = time.perf_counter() - begun
    return {
        "listings": number,
        "listings made and indexed, s": filled,
        **asyncio.run(_ask(conninfo)),
    }


async def _ask(conninfo: str) -> dict[str, float]:
    database = Database(conninfo)
    await database.open()
    async with database.read() as conn:
        viewer = await db.value(conn, "select actor_id from accounts order by 1 limit 1")
        found: dict[str, float] = {}
        clock = Path(f"/proc/{await db.value(conn, 'select pg_backend_pid()')}/schedstat")
        for name, near in (("near a place", (48.2, 16.4)), ("anywhere", None)):
            wall: list[float] = []
            worked: list[float] = []
            met = 0
            for seed in range(ROUNDS):
                lines = await _lines(conn, seed)
                wanted = [Wanted(line.key, line.name, line.category) for line in lines]
                cpu, begun = int(clock.read_text().split()[0]), time.perf_counter()
                fitting = await fits.list_for_lines(conn, wanted, viewer, near)
                checked = bills.check(lines, bills.LARGEST_SCALE / 100_000, fitting)
                wall.append(time.perf_counter() - begun)
                worked.append((int(clock.read_text().split()[0]) - cpu) / 1e9)
                met = bills.summary(checked).total - bills.summary(checked).open
            found[f"200 lines checked {name}, s, worst of 5 (< {LIMIT:.0f})"] = max(wall)
            found[f"  the database worked, s, worst of 5, {name}"] = max(worked)
            found[f"  lines that something fits, {name}"] = met
    await database.close()
    return found


async def _lines(conn: Conn, seed: int) -> list[Line]:
    """Of the words and kinds that stand in needs, so that something is found."""
    rows = await db.many(
        conn,
        dict[str, str],
        "select title, category from proposals where purpose = 'request' order by uri limit 5000",
    )
    chosen = random.Random(seed).sample(rows, min(LINES, len(rows)))
    viewer = await db.value(conn, "select actor_id from accounts limit 1")
    return [
        Line(
            version_id=viewer,
            key=str(number),
            position=number,
            kind="material",
            name=row["title"],
            quantity=None,
            unit="piece",
            scaling="unit",
            step=None,
            choice="",
            category=row["category"],
            note="",
            step_key="",
        )
        for number, row in enumerate(chosen)
    ]


def show(found: dict[str, float]) -> None:
    """The table."""
    print("\nAdoption")
    for name, value in found.items():
        print(f"  {name:60} {value:12,.2f}")
