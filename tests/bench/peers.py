"""Many peers, some of them dead or slow; one that comes back; one that is far behind; strangers."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from psycopg import connect

from federation import keys, signatures
from federation.acts import posts
from federation.client import Client
from federation.keys import load_private
from schema import actors, ids
from schema.database import Database
from schema.postgres import Embedded
from tests.bench import load, scene
from tests.bench.processes import cpu, cpu_of_postgres, environment, process, pss

PEERS = 500
DEAD = 50
SLOW = 25
POSTS = 4
BACKLOG = 1000
BEHIND = 100_000
STRANGERS = 300


def measure(embedded: Embedded) -> dict[str, float]:
    """Rates per second; each ratio is of one run."""
    sink, tar, closed = scene.port(), scene.port(), scene.port()
    with TemporaryDirectory() as folder:
        key = Path(folder) / "key.pem"
        with (
            process(["-m", "tests.bench.sink", str(sink), str(key)], sink, {}, "/taken"),
            process(["-m", "tests.bench.tar", str(tar)], tar, {}, "/taken"),
        ):
            well = _spread(embedded, "well", sink, [sink] * PEERS)
            ports = [closed] * DEAD + [tar] * SLOW + [sink] * (PEERS - DEAD - SLOW)
            ill = _spread(embedded, "ill", sink, ports)
            rest = _one_peer(embedded, sink, closed)
            pem = key.read_text()
            follows = _strangers(embedded, sink, pem)
            floor = asyncio.run(_floor(embedded, sink, pem))
    return {
        "500 peers, POSTs per second": well,
        "  the same to 425, while 50 are dead and 25 tar pits": ill,
        "  ratio": ill / well,
        **rest,
        "first contact: fetch, verify, accept, per second": follows.rate,
        "  CPU ms each, database included": follows.cpu,
        "  floor: fetch, verify and one committed insert, per second": floor,
        "  ratio to the floor": follows.rate / floor,
    }


def _origin() -> tuple[str, int]:
    port = scene.port()
    return f"http://bench.localhost:{port}", port


def _spread(embedded: Embedded, name: str, sink: int, ports: list[int]) -> float:
    """POSTS posts by somebody whose followers are each at a server of their own."""
    conninfo, (origin, port) = scene.database(embedded, f"peers_{name}"), _origin()
    asyncio.run(_furnish(origin, conninfo, ports))
    healthy = ports.count(sink)
    settings = environment(origin, conninfo, port)
    with process(["-m", "web", "serve", "--worker"], None, settings):
        asyncio.run(_post(origin, conninfo, "Vorher"))  # everybody is met, and found dead, before
        _until(lambda: _count(conninfo, "state = 'done'"), healthy)
        before, begun = _taken(sink), time.perf_counter()
        for number in range(POSTS):
            asyncio.run(_post(origin, conninfo, f"Heute {number}"))
        _until(lambda: _taken(sink) - before, POSTS * healthy)
        return POSTS * healthy / (time.perf_counter() - begun)


async def _furnish(origin: str, conninfo: str, ports: list[int]) -> None:
    async with scene.city(origin, conninfo) as instance:
        found = await scene.furnish(instance)
        async with instance.begin() as tx:
            for number, port in enumerate(ports):
                host = f"p{number}.localhost:{port}"
                await tx.conn.execute(
                    "insert into peers (origin, host, link) values (%s, %s, 'linked')",
                    [f"http://{host}", host],
                )
                id, uri = ids.new(), f"http://{host}/u/0"
                await tx.conn.execute(
                    """insert into actors (id, kind, uri, peer, name, host, inbox)
                       values (%s, 'person', %s, %s, 'u', %s, %s)""",
                    [id, uri, f"http://{host}", host, f"{uri}/inbox"],
                )
                await tx.conn.execute(
                    """insert into follows (follower_id, followed_id, state)
                       values (%s, %s, 'accepted')""",
                    [id, found.person.id],
                )


async def _post(origin: str, conninfo: str, title: str) -> None:
    async with scene.city(origin, conninfo) as instance, instance.begin() as tx:
        person = await actors.find_by_handle(tx.conn, "ana")
        group = await actors.find_by_handle(tx.conn, "garten")
        assert person and group
        await posts.start(tx, by=person, community=group, title=title, source="Wer kommt?")


def _one_peer(embedded: Embedded, sink: int, closed: int) -> dict[str, float]:
    """A peer that comes back with BACKLOG things; then one that is dead with BEHIND of them."""
    conninfo, (origin, port) = scene.database(embedded, "peers_one"), _origin()
    asyncio.run(_furnish(origin, conninfo, [sink, sink, closed]))
    asyncio.run(_post(origin, conninfo, "Vorlage"))
    settings = environment(origin, conninfo, port)
    with process(["-m", "web", "serve", "--worker"], None, settings) as worker:
        _until(lambda: _count(conninfo, "state = 'done'"), 2)
        done, begun = _count(conninfo, "state = 'done'"), time.perf_counter()
        _queue(conninfo, f"http://p0.localhost:{sink}", BACKLOG, 1)
        _until(lambda: _count(conninfo, "state = 'done'"), done + BACKLOG)
        drained = BACKLOG / (time.perf_counter() - begun)
        before = pss(worker.pid)
        _queue(conninfo, f"http://p2.localhost:{closed}", BEHIND // 100, 100)
        late, other = list[float](), f"http://p1.localhost:{sink}"
        most = before
        for _ in range(100):
            begun = time.perf_counter()
            _queue(conninfo, other, 1, 1)
            _until(lambda: 1 - _count(conninfo, f"peer = '{other}' and state = 'due'"), 1)
            late.append(time.perf_counter() - begun)
            most = max(most, pss(worker.pid))
    return {
        "a peer that is back, activities per second": drained,
        "100,000 wait for one dead peer: memory grows by MB": most - before,
        "  p99 of another peer meanwhile, seconds": sorted(late)[98],
    }


def _queue(conninfo: str, peer: str, activities: int, inboxes: int) -> None:
    """So many activities for so many inboxes of this peer each."""
    with connect(conninfo) as conn:
        conn.execute(
            """with one as (select a.* from activities a where direction = 'out'
                 and type = 'Create' order by id limit 1),
               made as (insert into activities (id, uri, direction, actor_id, type, object_uri,
                   document, public, state)
                 select gen_random_uuid(), uri || '#' || gen_random_uuid(), 'out', actor_id, type,
                   object_uri, document, public, 'done'
                 from one, generate_series(1, %s::int) returning id, actor_id)
               insert into deliveries (id, peer, inbox, activity_id, sender_id, object_key)
               select gen_random_uuid(), %s, %s || '/u/' || n || '/inbox', made.id,
                 made.actor_id, ''
               from made, generate_series(1, %s::int) n""",
            [activities, peer, peer, inboxes],
        )
        conn.execute("select pg_notify('outbox', '')")


@dataclass(frozen=True, slots=True)
class Follows:
    """`cpu`: milliseconds for each."""

    rate: float
    cpu: float


def _strangers(embedded: Embedded, sink: int, pem: str) -> Follows:
    """STRANGERS people nobody has met follow somebody here; until each has the answer."""
    conninfo, (origin, port) = scene.database(embedded, "peers_new"), _origin()
    asyncio.run(_furnish(origin, conninfo, []))
    with connect(conninfo) as conn:
        conn.execute("insert into settings (key, value) values ('federation', '\"open\"')")
    settings = environment(origin, conninfo, port)
    requests = _follows(origin, f"http://sink.localhost:{sink}", pem)
    with (
        process(["-m", "web", "serve", "--web"], port, settings) as web,
        process(["-m", "web", "serve", "--worker"], None, settings) as worker,
    ):
        _until(lambda: _listening(conninfo), 1)
        before, begun = _taken(sink), time.perf_counter()
        spent = cpu(web.pid) + cpu(worker.pid) + cpu_of_postgres(conninfo)
        result = asyncio.run(load.run(port, requests, 16))
        if result.failures:
            raise SystemExit(f"{result.failures} of {STRANGERS} follows were refused")
        _until(lambda: _taken(sink) - before, STRANGERS)
        rate = STRANGERS / (time.perf_counter() - begun)
        spent = cpu(web.pid) + cpu(worker.pid) + cpu_of_postgres(conninfo) - spent
        return Follows(rate, 1000 * spent / STRANGERS)


async def _floor(embedded: Embedded, sink: int, pem: str) -> float:
    """A GET with a signature, a key read, a signature verified, and one durable row; 16 at once."""
    conninfo, origin = scene.database(embedded, "peers_floor"), "http://bench.localhost:1"
    client, private = Client(origin, version="0", allow_loopback=True), load_private(pem)
    left = iter(range(STRANGERS))

    def sign(url: str) -> dict[str, str]:
        now = datetime.now(UTC)
        return signatures.sign_get(url, key_id="x#y", private_key=private, now=now, scheme="cavage")

    async def lane(database: Database) -> None:
        for number in left:
            url = f"http://sink.localhost:{sink}/u/floor{number}"
            document = orjson.loads((await client.get(url, sign=sign)).body)
            key = keys.load_public.__wrapped__(document["publicKey"]["publicKeyPem"])
            assert isinstance(key, RSAPublicKey)
            key.verify(private.sign(b"x", PKCS1v15(), SHA256()), b"x", PKCS1v15(), SHA256())
            async with database.read() as conn:
                await conn.execute("insert into limits (key, tokens) values (%s, 1)", [url])

    database = Database(conninfo, size=8)
    await database.open()
    begun = time.perf_counter()
    await asyncio.gather(*(lane(database) for _ in range(16)))
    seconds = time.perf_counter() - begun
    await client.aclose()
    await database.close()
    return STRANGERS / seconds


def _listening(conninfo: str) -> int:
    """How many workers wait for work."""
    with connect(conninfo) as conn:
        row = conn.execute(
            "select count(*) from pg_stat_activity where application_name = 'stadtnetz ears'"
        ).fetchone()
        return int(row[0]) if row else 0


def _follows(origin: str, foreign: str, pem: str) -> list[bytes]:
    private, made = load_private(pem), list[bytes]()
    for number in range(STRANGERS):
        by = f"{foreign}/u/new{number}"
        document = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{foreign}/follows/{number}",
            "type": "Follow",
            "actor": by,
            "object": f"{origin}/people/ana",
        }
        body = orjson.dumps(document)
        headers = signatures.sign_post(
            f"{origin}/inbox",
            body,
            key_id=f"{by}#main-key",
            private_key=private,
            now=datetime.now(UTC),
            scheme="cavage",
        )
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST /inbox HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        made.append(head.encode() + body)
    return made


def _taken(sink: int) -> int:
    connection = HTTPConnection("127.0.0.1", sink)
    connection.request("GET", "/taken")
    return int(connection.getresponse().read())


def _count(conninfo: str, where: str) -> int:
    with connect(conninfo) as conn:
        row = conn.execute(f"select count(*) from deliveries where {where}".encode()).fetchone()
        return int(row[0]) if row else 0


def _until(found: Callable[[], int], wanted: int) -> None:
    end = time.monotonic() + 120
    while found() < wanted:
        if time.monotonic() > end:
            raise SystemExit(f"only {found()} of {wanted} came")
        time.sleep(0.005)


def show(found: dict[str, float]) -> None:
    """The table."""
    print("\npeers (ratio ≥ 0.9; back ≥ 50/s; first contact ≥ 100/s; p99 < 2 s)")
    for name, value in found.items():
        print(f"  {name:58} {value:10.2f}")
