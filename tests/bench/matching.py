"""Matches of one new need, and lists by words, kind and distance, among very many listings."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from psycopg import connect

from schema import database as db
from schema import matches, proposals
from schema.database import Conn, Database
from schema.matches import Reader
from schema.postgres import Embedded
from schema.proposals import Filter, Proposal
from tests.bench import listings, scene

FEW = 20_000
ROUNDS = 300


def measure(embedded: Embedded, number: int = FEW) -> dict[str, float]:
    """Milliseconds on the wall, and those the database worked; megabytes."""
    conninfo = scene.database(embedded, "matching")
    begun = time.perf_counter()
    listings.fill(conninfo, number)
    found: dict[str, float] = {
        "listings": number,
        "listings made and indexed, s": time.perf_counter() - begun,
    }
    found |= asyncio.run(_ask(conninfo))
    with connect(conninfo) as conn:
        for name, size in conn.execute(_SIZES).fetchall():
            found[f"{name}, MB"] = size / 1e6
    return found


async def _ask(conninfo: str) -> dict[str, float]:
    database = Database(conninfo)
    await database.open()
    found: dict[str, float] = {}
    async with database.read() as conn:
        needs = await _needs(conn)

        async def match(need: Proposal) -> None:
            await matches.list_for(conn, need, Reader(need.author_id, ("de",)))

        async def tell(need: Proposal) -> None:
            await matches.list_to_tell(conn, need)

        async def show(need: Proposal) -> None:
            wanted = _filter(need)
            await proposals.list_page(conn, wanted)

        found |= await _times(conn, needs, "matches of a new need", match, (20, 100))
        found |= await _times(conn, needs, "whom it fits, to tell them", tell, None)
        found |= await _times(conn, needs, "list by words, kind, 50 km", show, (None, 100))
    await database.close()
    return found


async def _needs(conn: Conn) -> list[Proposal]:
    query = "select id from proposals where purpose = 'request' order by uri limit 3000"
    known: list[UUID] = await db.values(conn, query)
    chosen = random.Random(3).sample(known, ROUNDS)
    return [await proposals.get(conn, id) for id in chosen]


def _filter(need: Proposal) -> Filter:
    assert need.latitude is not None and need.longitude is not None
    return Filter(
        purpose="offer",
        category=need.category.partition(".")[0],
        words=need.title.split()[1],
        near=(need.latitude, need.longitude, 50),
        viewer_id=listings.RESIDENT,
        limit=25,
    )


async def _times(
    conn: Conn,
    needs: list[Proposal],
    name: str,
    work: Callable[[Proposal], Awaitable[None]],
    limits: tuple[int | None, int] | None,
) -> dict[str, float]:
    clock = Path(f"/proc/{await db.value(conn, 'select pg_backend_pid()')}/schedstat")
    for need in needs[:20]:
        await work(need)
    wall: list[float] = []
    worked: list[float] = []
    for need in needs:
        cpu, begun = int(clock.read_text().split()[0]), time.perf_counter()
        await work(need)
        wall.append((time.perf_counter() - begun) * 1000)
        worked.append((int(clock.read_text().split()[0]) - cpu) / 1e6)
    wall.sort()
    worked.sort()
    found: dict[str, float] = {}
    for part, limit in zip((50, 99), limits or (None, None), strict=True):
        at = len(wall) * part // 100
        allowed = f" (< {limit})" if limit else ""
        found[f"{name}, ms p{part}{allowed}"] = wall[at]
        found[f"{name}: the database worked, ms p{part}"] = worked[at]
    return found


def show(found: dict[str, float]) -> None:
    """The table."""
    print("\nMatching")
    for name, value in found.items():
        print(f"  {name:55} {value:12,.1f}")


_SIZES = """select indexrelname, pg_relation_size(indexrelid) from pg_stat_user_indexes
  where relname in ('proposals', 'title_words') order by 2 desc"""
