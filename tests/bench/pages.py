"""Pages per second, beside a bare Starlette page that reads one row and is as large."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection

from schema.postgres import Embedded
from tests.bench import load, scene
from tests.bench.processes import cpu, environment, process

CONNECTIONS = 8
REQUESTS = 300
ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One page as measured, and the bare page of the same size."""

    name: str
    size: int
    found: load.Result
    bare: load.Result
    cpu: float  # milliseconds of the web process for one request
    bare_cpu: float

    @property
    def ratio(self) -> float:
        return self.found.rate / self.bare.rate


def measure(embedded: Embedded) -> list[Line]:
    """Front page, list, listing, community; logged out and in; one worker process each."""
    conninfo, port = scene.database(embedded, "pages"), scene.port()
    origin = f"http://bench.localhost:{port}"

    async def furnish() -> scene.Scene:
        async with scene.city(origin, conninfo) as instance:
            return await scene.furnish(instance)

    found = asyncio.run(furnish())
    paths = {
        "front page": "/",
        "list of needs": "/needs",
        "one listing": f"/needs/{found.listing}",
        "one community": f"/communities/{found.community}",
    }
    lines: list[Line] = []
    with process(["-m", "web", "serve", "--web"], port, environment(origin, conninfo, port)) as web:
        for who, cookie in (("guest", ""), ("resident", f"session={found.session}")):
            lines += [
                _line(f"{name}, {who}", web.pid, port, path, cookie, conninfo)
                for name, path in paths.items()
            ]
    return lines


def _line(name: str, web: int, port: int, path: str, cookie: str, conninfo: str) -> Line:
    host = "bench.localhost"
    headers = f"Cookie: {cookie}\r\n" if cookie else "Cookie: visitor=bench\r\n"
    path, size = _size(port, host, path, {"Cookie": cookie or "visitor=bench"})
    request = load.get(host, port, path, headers)
    bare_port = scene.port()
    with process(
        ["-m", "tests.bench.bare", conninfo, str(size), str(bare_port)], bare_port, {}
    ) as beside:
        bare_request = load.get("localhost", bare_port, "/x")
        spent, bare_spent = cpu(web), cpu(beside.pid)
        rounds = [
            (
                asyncio.run(load.run(bare_port, [bare_request] * REQUESTS, CONNECTIONS)),
                asyncio.run(load.run(port, [request] * REQUESTS, CONNECTIONS)),
            )
            for _ in range(ROUNDS)
        ]
        spent, bare_spent = cpu(web) - spent, cpu(beside.pid) - bare_spent
    # Neighbours on the machine come and go: the two are measured in turn, and the round with the
    # median ratio is shown. The first round warms up.
    ranked = sorted(rounds[1:], key=lambda pair: pair[1].rate / pair[0].rate)
    bare, found = ranked[len(ranked) // 2]
    if found.failures:
        raise SystemExit(f"{name}: {found.failures} answers of 400 or more")
    each = 1000 / (ROUNDS * REQUESTS)
    return Line(name, size, found, bare, spent * each, bare_spent * each)


def _size(port: int, host: str, path: str, headers: Mapping[str, str]) -> tuple[str, int]:
    """Where the page is in the end, and its bytes."""
    for _ in range(3):
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", path, headers={"Host": host, "Accept": "text/html", **headers})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 200:
            return path, len(body)
        path = (answer.getheader("location") or "").replace(f"http://{host}:{port}", "")
    raise SystemExit(f"{path} does not answer with a page")


def show(lines: list[Line]) -> None:
    """The table."""
    print(
        f"\n{'page (ratio ≥ 0.5)':28} {'kB':>6} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8} "
        f"{'bare/s':>8} {'ratio':>6} {'CPU ms':>7} {'bare':>6} {'ratio':>6}"
    )
    for line in lines:
        found = line.found
        print(
            f"{line.name:28} {line.size / 1000:6.1f} {found.rate:8.0f} {found.p50:8.1f} "
            f"{found.p99:8.1f} {line.bare.rate:8.0f} {line.ratio:6.2f} "
            f"{line.cpu:7.2f} {line.bare_cpu:6.2f} {line.bare_cpu / line.cpu:6.2f}"
        )
