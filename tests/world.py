"""Cities for tests: real databases, joined by a Wire that can cut, double and reorder, or real
sockets."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import uvicorn
from starlette.applications import Starlette

from federation import deliver, resolve, worker
from federation.acts import cities
from federation.config import Config
from federation.dialling import Resolve
from federation.instance import Instance
from federation.run import open_instance
from web.app import create_app
from web.heads import BoundedProtocol


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Passed:
    """One request that went over the wire."""

    method: str
    url: str
    status: int
    body: bytes


class Wire(httpx.AsyncBaseTransport):
    """The network between cities of one process: picks the app by its host.

    `cut` makes a host unreachable, `double` sends each POST twice, `hold` keeps POSTs back until
    `release` lets them go (in reverse order), `log` is everything that passed.
    """

    def __init__(self) -> None:
        self.apps: dict[str, Any] = {}
        self.log: list[Passed] = []
        self.hosts: list[str] = []
        self.down: set[str] = set()
        self.double = False
        self.held: list[tuple[str, httpx.Request]] | None = None

    def cut(self, host: str) -> None:
        self.down.add(host)

    def mend(self, host: str) -> None:
        self.down.discard(host)

    def tried(self, host: str) -> int:
        """How often somebody has called this host, whether it answered or not."""
        return self.hosts.count(host)

    def hold(self) -> None:
        self.held = []

    def keep_doubles(self, times: int) -> None:
        """What is held back will be brought this often."""
        self.held = (self.held or []) * times

    async def release(self) -> None:
        """Delivers what was held back, the last first."""
        held, self.held = self.held or [], None
        for host, request in reversed(held):
            await self._pass(host, request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.netloc.decode()
        self.hosts.append(host)
        if host in self.down or host not in self.apps:
            raise httpx.ConnectError(f"{host} is not there", request=request)
        await request.aread()
        if request.method == "POST" and self.held is not None:
            self.held.append((host, request))
            return httpx.Response(202, request=request)
        response = await self._pass(host, request)
        if request.method == "POST" and self.double:
            await self._pass(host, request)
        return response

    async def _pass(self, host: str, request: httpx.Request) -> httpx.Response:
        copy = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.content
        )
        response = await httpx.ASGITransport(self.apps[host]).handle_async_request(copy)
        await response.aread()
        passed = Passed(request.method, str(request.url), response.status_code, request.content)
        self.log.append(passed)
        return response


@dataclass(slots=True)
class City:
    """One running city of a test."""

    instance: Instance
    app: Starlette
    wire: Wire
    clock: Clock
    people: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def origin(self) -> str:
        return self.instance.config.origin

    @property
    def host(self) -> str:
        return self.instance.config.host

    def client(self, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        """A visitor's browser, straight to the app; German, wants HTML."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=self.origin,
            headers={"Accept": "text/html", "Accept-Language": "de", **(headers or {})},
        )

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """A guest's GET."""
        async with self.client(headers) as client:
            return await client.get(path)

    async def document(self, path: str) -> httpx.Response:
        """A GET that asks for ActivityStreams."""
        return await self.get(path, Accept="application/activity+json")

    async def value(self, query: str, *params: object) -> Any:
        """One value straight from the database, for what no page shows."""
        async with self.instance.read() as conn:
            row = await (await conn.execute(query.encode(), params)).fetchone()
        return None if row is None else row[0]

    async def execute(self, query: str, *params: object) -> None:
        """A statement straight to the database, for what no act does."""
        async with self.instance.begin() as tx:
            await tx.conn.execute(query.encode(), params)


@asynccontextmanager
async def open_city(
    origin: str, conninfo: str, wire: Wire, **settings: Any
) -> AsyncGenerator[City]:
    """A city on an empty migrated database, reachable over this wire."""
    config = Config(
        origin=origin,
        database_url=conninfo,
        data_dir=Path("/nonexistent"),
        allow_loopback_peers=True,
        pool_size=6,
        **settings,
    )
    clock = Clock()
    async with open_instance(config, conninfo, transport=wire, clock=clock) as instance:
        app = create_app(instance)
        wire.apps[config.host] = app
        yield City(instance, app, wire, clock)
        wire.apps.pop(config.host, None)


class RunningClock(Clock):
    """The time that it is."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class SocketCity(City):
    """A city on a port of this machine, with the real client and its own workers."""

    port: int = 0

    def client(self, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        """A visitor's browser, by TCP; it finds *.localhost on this machine, as browsers do."""
        own = {"Accept": "text/html", "Accept-Language": "de", "Host": self.host}
        base_url = f"http://127.0.0.1:{self.port}"
        return httpx.AsyncClient(base_url=base_url, headers={**own, **(headers or {})})


@asynccontextmanager
async def open_socket_city(
    name: str, conninfo: str, resolve: Resolve | None = None, public: str = ""
) -> AsyncGenerator[SocketCity]:
    """A new city at http://name.localhost:port: uvicorn, workers woken by NOTIFY, the network;
    or of the internet, which calls none of this machine, with the address `public`."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        config = Config(
            origin=public or f"http://{name}.localhost:{port}",
            database_url=conninfo,
            data_dir=Path("/nonexistent"),
            allow_loopback_peers=not public,
            pool_size=6,
        )
        async with open_instance(config, conninfo, resolve=resolve) as instance:
            app = create_app(instance)
            serving = uvicorn.Config(
                app,
                http=BoundedProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=5,
            )
            server = uvicorn.Server(serving)
            async with asyncio.TaskGroup() as group:
                group.create_task(server.serve(sockets=[listening]))
                working = group.create_task(worker.run(instance))
                yield SocketCity(instance, app, Wire(), RunningClock(), port=port)
                working.cancel()
                server.should_exit = True


async def link(*live: City) -> None:
    """Links each with each, through the protocol, while their workers run."""
    for here in live:
        for there in live:
            if here is not there:
                city = await resolve.city(here.instance, there.origin)
                async with here.instance.begin() as tx:
                    await cities.ask(tx, by=None, other=city)
                async with patience():
                    query = "select link from peers where origin = %s"
                    while await there.value(query, here.origin) not in ("asking", "linked"):
                        await asyncio.sleep(0)
    async with patience():
        for city in live:
            query = "select count(*) from peers where link = 'linked'"
            while await city.value(query) < len(live) - 1:
                await asyncio.sleep(0)


@asynccontextmanager
async def open_cities(wire: Wire, databases: Mapping[str, str]) -> AsyncGenerator[list[City]]:
    """Several cities: origin to conninfo."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(open_city(origin, conninfo, wire))
            for origin, conninfo in databases.items()
        ]


async def settle(*cities: City) -> None:
    """Runs all queues until nothing is due anywhere; fails when that takes too many rounds."""
    for _ in range(60):
        done = 0
        for city in cities:
            done += await deliver.deliver_due(city.instance)
            done += await worker.receive_due(city.instance)
        if not done:
            return
    raise AssertionError("the cities do not come to rest")


def patience() -> asyncio.Timeout:
    """For what must come about by itself: a failure, instead of waiting for ever."""
    return asyncio.timeout(60)


async def held_up(city: City, work: asyncio.Task[Any]) -> None:
    """Until `work` waits for a row that somebody else has locked, or is done."""
    async with patience():
        while not work.done() and not await city.value(_WAITING):
            await asyncio.sleep(0)


async def fast_forward(city: City, by: timedelta = timedelta(hours=2)) -> None:
    """Makes retries due, and moves the city's clock."""
    city.clock.now += by
    await city.execute("update deliveries set next_at = now() where state = 'due'")
    await city.execute("update peers set next_at = now()")
    await city.execute(
        "update activities set next_at = now(), lease_until = 'epoch' "
        "where state in ('received', 'waiting')"
    )


def clone(admin: str, template: str, name: str) -> None:
    """A database made from a template, in place of one of that name."""
    with psycopg.connect(admin, autocommit=True) as conn:
        conn.execute(f'drop database if exists "{name}" with (force)'.encode())
        conn.execute(f'create database "{name}" template "{template}" strategy file_copy'.encode())


def drop(admin: str, name: str) -> None:
    """Away with it."""
    with psycopg.connect(admin, autocommit=True) as conn:
        conn.execute(f'drop database if exists "{name}" with (force)'.encode())


async def in_thread(function: Any, *args: object) -> Any:
    """Blocking set-up beside the event loop."""
    return await asyncio.to_thread(function, *args)


def found_and_link(databases: Mapping[str, str]) -> None:
    """Opens these cities for the first time and links each with each, through the protocol."""
    asyncio.run(_found_and_link(databases))


async def _found_and_link(databases: Mapping[str, str]) -> None:
    wire = Wire()
    async with open_cities(wire, databases) as found:
        for index, one in enumerate(found):
            for other in found[index + 1 :]:
                for here, there in ((one, other), (other, one)):
                    city = await resolve.city(here.instance, there.origin)
                    async with here.instance.begin() as tx:
                        await cities.ask(tx, by=None, other=city)
                    await settle(one, other)
        for city in found:
            linked = await city.value("select count(*) from peers where link = 'linked'")
            assert linked == len(found) - 1, f"{city.origin} is linked with {linked}"


_WAITING = """select count(*) from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'"""
