"""One public post to 500 followers with inboxes of their own, beside RSA signing and one POST."""

import asyncio
import time
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import connect

from federation import signatures
from federation.acts import posts
from federation.client import Client
from federation.keys import load_private
from schema import actors, ids
from schema.postgres import Embedded
from tests.bench import scene
from tests.bench.processes import environment, process

FOLLOWERS = 500
ROUNDS = 4


def measure(embedded: Embedded) -> dict[str, float]:
    """POSTs per second of the worker, and of signing and posting alone."""
    conninfo, port, sink = scene.database(embedded, "delivery"), scene.port(), scene.port()
    origin, foreign = f"http://bench.localhost:{port}", f"http://sink.localhost:{sink}"
    with TemporaryDirectory() as folder:
        key = Path(folder) / "key.pem"
        with process(["-m", "tests.bench.sink", str(sink), str(key)], sink, {}, "/taken"):
            asyncio.run(_prepare(origin, conninfo, foreign))
            settings = environment(origin, conninfo, port)
            with process(["-m", "web", "serve", "--worker"], None, settings):
                _wait(conninfo, sink)
                rates = [asyncio.run(_round(origin, conninfo, sink)) for _ in range(ROUNDS)]
            floor = asyncio.run(_floor(foreign, key.read_text()))
    return {
        "POSTs per second": sorted(rates)[len(rates) // 2],
        "floor: RSA signature and one POST per second": floor,
    }


async def _prepare(origin: str, conninfo: str, foreign: str) -> None:
    async with scene.city(origin, conninfo) as instance:
        found = await scene.furnish(instance)
        async with instance.begin() as tx:
            host = foreign.removeprefix("http://")
            await tx.conn.execute(
                "insert into peers (origin, host, link) values (%s, %s, 'linked')", [foreign, host]
            )
            for number in range(FOLLOWERS):
                id, uri = ids.new(), f"{foreign}/u/{number}"
                await tx.conn.execute(
                    """insert into actors (id, kind, uri, peer, name, host, inbox)
                       values (%s, 'person', %s, %s, %s, %s, %s)""",
                    [id, uri, foreign, f"u{number}", host, uri + "/inbox"],
                )
                await tx.conn.execute(
                    """insert into follows (follower_id, followed_id, state)
                       values (%s, %s, 'accepted')""",
                    [id, found.person.id],
                )


def _wait(conninfo: str, sink: int) -> None:
    """Until nothing is due."""
    with connect(conninfo, autocommit=True) as conn:
        while True:
            row = conn.execute("select count(*) from deliveries where state = 'due'").fetchone()
            if row and row[0] == 0:
                return
            time.sleep(0.01)


async def _round(origin: str, conninfo: str, sink: int) -> float:
    """Posts once; POSTs per second until the sink has had them all."""
    async with scene.city(origin, conninfo) as instance:
        async with instance.begin() as tx:
            person = await actors.find_by_handle(tx.conn, "ana")
            group = await actors.find_by_handle(tx.conn, "garten")
            assert person and group
            await posts.start(
                tx, by=person, community=group, title="Heute", source="Wer kommt heute?"
            )
            before = _taken(sink)
    begun = time.perf_counter()
    while _taken(sink) - before < FOLLOWERS:
        await asyncio.sleep(0.02)
    return FOLLOWERS / (time.perf_counter() - begun)


def _taken(sink: int) -> int:
    connection = HTTPConnection("127.0.0.1", sink)
    connection.request("GET", "/taken")
    return int(connection.getresponse().read())


async def _floor(foreign: str, pem: str) -> float:
    """Signing and posting, 8 at once, with nothing else around it."""
    client = Client("http://bench.localhost:1", version="0", allow_loopback=True)
    private, body, count = load_private(pem), b"x" * 2700, 1500
    left = iter(range(count))

    async def lane() -> None:
        for number in left:
            url = f"{foreign}/u/{number % FOLLOWERS}/inbox"
            headers = signatures.sign_post(
                url, body, key_id="x#y", private_key=private, now=datetime.now(UTC), scheme="cavage"
            )
            await client.post(url, headers=headers, body=body)

    begun = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(8)))
    await client.aclose()
    return count / (time.perf_counter() - begun)


def show(found: dict[str, float]) -> None:
    """The table."""
    print("\ndelivery of one public post to 500 inboxes (≥ 640/s)")
    for name, value in found.items():
        print(f"  {name:46} {value:10.0f}")
    rate, floor = found.values()
    print(f"  {'ratio':46} {rate / floor:10.2f}")
