"""Signed Creates with proofs per second: accepted, and applied; processor time of each, database
included."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, LiteralString

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from psycopg import Connection, connect

from federation import proofs, signatures
from federation.documents import Document
from federation.keys import load_ed25519, load_private
from schema.postgres import Embedded
from tests.bench import load, scene
from tests.bench.processes import cpu, cpu_of_postgres, environment, process

NOTES = 2000
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def measure(embedded: Embedded) -> dict[str, float]:
    """NOTES notes by 50 people of a foreign server, answers to one listing and new ones for
    somebody in turns, are accepted, then applied; NOTES more are accepted and applied at once in
    one process, NOTES more in two."""
    conninfo, port, sink = scene.database(embedded, "inbox"), scene.port(), scene.port()
    origin, foreign = f"http://bench.localhost:{port}", f"http://sink.localhost:{sink}"

    async def furnish() -> None:
        async with scene.city(origin, conninfo) as instance:
            await scene.furnish(instance)
            async with instance.begin() as tx:
                await tx.conn.execute(
                    "insert into peers (origin, host, link) values (%s, %s, 'linked')",
                    [foreign, foreign.removeprefix("http://")],
                )

    asyncio.run(furnish())
    with connect(conninfo) as conn:
        # Of no community: else each answer would be passed on as well.
        row = conn.execute(
            """select p.uri, (select uri from actors where name = 'ana' and peer is null)
               from proposals p where community_id is null order by p.uri limit 1"""
        ).fetchone()
        assert row
        target, person = map(str, row)
    with TemporaryDirectory() as folder:
        key = Path(folder) / "key.pem"
        with process(["-m", "tests.bench.sink", str(sink), str(key)], sink, {}, "/taken"):
            proving = load_ed25519(Path(f"{key}.ed25519").read_bytes())
            requests = _requests(origin, port, foreign, (target, person), key.read_text(), proving)
            return _run(origin, conninfo, port, requests, embedded)


def _requests(
    origin: str,
    port: int,
    foreign: str,
    ends: tuple[str, str],
    pem: str,
    proving: Ed25519PrivateKey,
) -> list[bytes]:
    private, (target, person), made = load_private(pem), ends, []
    for number in range(3 * NOTES):
        by = f"{foreign}/u/{number % 50}"
        note: Document = {
            "id": f"{foreign}/notes/{number}",
            "type": "Note",
            "attributedTo": by,
            "inReplyTo": None if number % 2 else target,
            "content": f"<p>Ich komme gerne, Nummer {number}.</p>" + "<p>Text</p>" * 40,
            "published": datetime.now(UTC).isoformat(),
            "to": [PUBLIC],
            "cc": [person] if number % 2 else [],
            "tag": [{"type": "Mention", "href": person, "name": "@ana"}] if number % 2 else [],
            "attachment": [],
        }
        document: Document = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{foreign}/activities/{number}",
            "type": "Create",
            "actor": by,
            "object": note,
            "to": [PUBLIC],
            "cc": [],
        }
        now = datetime.now(UTC)
        proved = proofs.sign(document, key=proving, key_id=f"{by}#ed25519-key", now=now)
        body = orjson.dumps(proved)
        headers = signatures.sign_post(
            f"{origin}/inbox",
            body,
            key_id=f"{by}#main-key",
            private_key=private,
            now=now,
            scheme="cavage",
        )
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        made.append(
            f"POST /inbox HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body
        )
    return made


def _run(
    origin: str, conninfo: str, port: int, requests: list[bytes], embedded: Embedded
) -> dict[str, float]:
    settings = environment(origin, conninfo, port)
    with process(["-m", "web", "serve", "--web"], port, settings) as web:
        asyncio.run(load.run(port, requests[:100], 4))  # meets the 50 people
        small = _size(conninfo)
        cost = _Cost(web.pid, conninfo)
        accepted = asyncio.run(load.run(port, requests[100:NOTES], 16))
        accept = cost.each(NOTES - 100)
    with process(["-m", "web", "serve", "--worker"], None, settings) as worker:
        first = _wait_applied(conninfo, 20)
        started, cost = time.perf_counter(), _Cost(worker.pid, conninfo)
        last = _wait_applied(conninfo, NOTES)
        seconds = time.perf_counter() - started
        apply = cost.each(last - first)
    with process(["-m", "web", "serve"], port, settings) as whole:
        one, both = _at_once(conninfo, port, requests[NOTES : 2 * NOTES], [whole.pid], 2 * NOTES)
    with (
        process(["-m", "web", "serve", "--web"], port, settings) as web,
        process(["-m", "web", "serve", "--worker"], None, settings) as worker,
    ):
        pids = [web.pid, worker.pid]
        two, apart = _at_once(conninfo, port, requests[2 * NOTES :], pids, 3 * NOTES)
    return {
        "accepted per second": accepted.rate,
        "refused": float(accepted.failures),
        "accept, CPU ms each": sum(accept),
        "  of it in Python": accept[0],
        "applied per second": (last - first) / seconds,
        "apply, CPU ms each": sum(apply),
        "  of it in Python ": apply[0],
        "at once, in one process, per second": one,
        "at once, CPU ms each": sum(both),
        "  of it in Python  ": both[0],
        "at once, web and worker apart, per second": two,
        "apart, CPU ms each": sum(apart),
        "growth per 1,000 activities, kB": (_size(conninfo) - small) / (3 * NOTES - 100),
        "floor: verify + committed insert per second": _floor(embedded),
    }


def _at_once(
    conninfo: str, port: int, requests: list[bytes], pids: list[int], wanted: int
) -> tuple[float, tuple[float, float]]:
    """Accepted and applied per second, by who asks on the same processors; and what each cost."""
    started, costs = time.perf_counter(), [_Cost(pid, conninfo) for pid in pids]
    asyncio.run(load.run(port, requests, 16))
    _wait_applied(conninfo, wanted)
    rate = len(requests) / (time.perf_counter() - started)
    each = [cost.each(len(requests)) for cost in costs]
    return rate, (sum(python for python, _ in each), each[0][1])


def _size(conninfo: str) -> int:
    """Bytes of the database."""
    with connect(conninfo, autocommit=True) as conn:
        row = conn.execute("select pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0


class _Cost:
    """Processor time of one process and of the database, from now on."""

    def __init__(self, pid: int, conninfo: str) -> None:
        self._pid, self._conninfo = pid, conninfo
        self._begun = cpu(pid), cpu_of_postgres(conninfo)

    def each(self, number: int) -> tuple[float, float]:
        """Milliseconds for each of so many things: in the process, in PostgreSQL."""
        python, database = self._begun
        spent = cpu(self._pid) - python, cpu_of_postgres(self._conninfo) - database
        return spent[0] * 1000 / number, spent[1] * 1000 / number


def _wait_applied(conninfo: str, wanted: int) -> int:
    """Counts what waits still, by an index: counting what is done would read all of it."""
    found = 0
    waits = "select count(*) from activities where state in ('received', 'waiting')"
    with connect(conninfo, autocommit=True) as conn:
        stored = _count(conn, "select count(*) from activities where direction = 'in'")
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if stored - _count(conn, waits) >= wanted:
                found = _count(conn, "select count(*) from activities where state = 'done'")
                if found >= wanted:
                    return found
            time.sleep(0.1)  # asking costs the database something too
        rows = conn.execute(
            "select state, verdict, count(*) from activities group by 1, 2"
        ).fetchall()
    raise SystemExit(f"only {found} of {wanted} were applied: {rows}")


def _count(conn: Connection[Any], query: LiteralString) -> int:
    row = conn.execute(query).fetchone()
    return int(row[0]) if row else 0


def _floor(embedded: Embedded) -> float:
    """One RSA verification and one committed insert after the other, on one connection."""
    from_key = load_private(_pem())
    public, message = from_key.public_key(), b"x" * 300
    signature = from_key.sign(message, PKCS1v15(), SHA256())
    with connect(embedded.conninfo("inbox"), autocommit=True) as conn:
        conn.execute("create table if not exists floor (id serial, body text)")
        begun = time.perf_counter()
        for _ in range(1000):
            public.verify(signature, message, PKCS1v15(), SHA256())
            conn.execute("insert into floor (body) values (%s)", ["x" * 2500])
        return 1000 / (time.perf_counter() - begun)


def _pem() -> str:
    from_pair = scene.a_key_pair()
    return from_pair.rsa_private


def show(found: dict[str, float]) -> None:
    """The table."""
    print("\ninbox")
    for name, value in found.items():
        print(f"  {name:46} {value:10.1f}")
    total = found["accept, CPU ms each"] + found["apply, CPU ms each"]
    ratio = found["applied per second"] / found["floor: verify + committed insert per second"]
    print(f"  {'CPU ms each, accepted and applied (≤ 5)':46} {total:10.1f}")
    print(f"  {'applied, ratio to the floor':46} {ratio:10.2f}")
