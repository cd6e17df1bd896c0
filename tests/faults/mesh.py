"""Five linked cities as processes of their own, on two PostgreSQL clusters."""

import asyncio
import os
import random
import re
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
import psycopg

from federation import resolve
from federation.acts import accounts, cities, communities
from federation.rig import Order
from schema.migrate import migrate
from schema.postgres import Embedded
from tests import make, talk, world
from tests.faults import states
from tests.faults.checker import Process, State
from tests.faults.history import History, opened
from tests.faults.proxy import Network

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")
VICTIM = "alpha"  # its database is alone on a cluster, which may be killed
PEOPLE = ("ann", "ben", "cat")
GARDENS = ("alpha", "gamma")  # cities with a community
FIRST_PORT = 21000
ROOT = Path(__file__).parent.parent.parent


@dataclass(slots=True)
class Part:
    """A process of a city that is started again whenever it ends, as a host would do."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    folder: Path
    port: int | None
    process: asyncio.subprocess.Process | None = None
    crashes: int = 0
    longest_restart: float = 0.0
    most_megabytes: float = 0.0
    most_files: int = 0
    wanted: bool = True
    excused: bool = False
    """Whether something of its own is broken, so that it may complain."""
    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while self.wanted:
            with (self.folder / "log").open("ab") as log:
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "web", *self.arguments,
                    env=self.environment, cwd=ROOT, stderr=log, stdout=log,
                )  # fmt: skip
            began = time.monotonic()
            ready = asyncio.create_task(self._await(began))
            await self.process.wait()
            ready.cancel()
            if self.wanted:
                self.crashes += 1
                await asyncio.sleep(0.2)

    async def _await(self, began: float) -> None:
        """Until it answers; a worker has nobody to answer."""
        if self.port is None:
            return
        async with httpx.AsyncClient() as client:
            while True:
                with suppress(httpx.HTTPError):
                    await client.get(f"http://127.0.0.1:{self.port}/livez", timeout=2)
                    break
                await asyncio.sleep(0.05)
        if self.crashes:
            self.longest_restart = max(self.longest_restart, time.monotonic() - began)

    def kill(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)

    async def stop(self, sign: int = signal.SIGTERM) -> None:
        self.wanted = False
        if self.process and self.process.returncode is None:
            self.process.send_signal(sign)
            try:
                async with asyncio.timeout(20):
                    await self.process.wait()
            except TimeoutError:
                self.process.kill()
        if self._task:
            await self._task

    def order(self, order: Order) -> None:
        """What shall happen at a point of it."""
        (self.folder / "done").unlink(missing_ok=True)
        (self.folder / "new").write_bytes(msgspec.json.encode(order))
        (self.folder / "new").replace(self.folder / "order")

    def take_back(self) -> bool:
        """Ends the order; whether it had come to pass."""
        (self.folder / "order").unlink(missing_ok=True)
        return (self.folder / "done").exists()

    def measure(self) -> None:
        with suppress(OSError, AttributeError):
            pid = self.process.pid  # pyright: ignore[reportOptionalMemberAccess]
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    self.most_megabytes = max(self.most_megabytes, int(line.split()[1]) / 1024)
            self.most_files = max(self.most_files, len(os.listdir(f"/proc/{pid}/fd")))

    def report(self, share: float) -> Process:
        """What the checker looks at, on a machine of which it had a share; complaints since the
        last report."""
        self.measure()
        said = (self.folder / "log").read_text(errors="replace")
        (self.folder / "log").write_text("")
        with (self.folder / "log.all").open("a") as kept:
            kept.write(said)
        complaints = () if self.excused else tuple(bad[:2000] for bad in _complaints(said)[:3])
        return Process(
            self.name,
            self.most_megabytes,
            self.most_files,
            self.longest_restart / share,
            complaints,
        )


def _complaints(log: str) -> list[str]:
    """Entries with a traceback. Jobs that look stalled when a clock is moved are done twice, and
    the second end of them is noted by the queue: no harm."""
    entries = re.split(r"\n(?=\{|ERROR:|WARNING:)", log)
    bad = [entry for entry in entries if "Traceback" in entry or '"exception"' in entry]
    return [entry for entry in bad if "Job was not found" not in entry]


@dataclass(slots=True)
class Town:
    """A city: where it is, its processes, and the sessions of its people."""

    name: str
    origin: str
    conninfo: str
    inner: int
    web: Part
    worker: Part
    sessions: dict[str, str] = field(default_factory=dict[str, str])
    ids: dict[str, UUID] = field(default_factory=dict[str, UUID])

    @property
    def parts(self) -> tuple[Part, Part]:
        return self.web, self.worker

    def person(self, name: str) -> str:
        return f"{self.origin}/people/{name}"

    async def run(self, query: str, *params: object) -> list[tuple[object, ...]]:
        """A statement straight to its database."""
        async with await psycopg.AsyncConnection.connect(self.conninfo, autocommit=True) as conn:
            done = await conn.execute(query.encode(), params or None)
            return await done.fetchall() if done.description else []


@dataclass(slots=True)
class Mesh:
    """All of it, and the time since the rig began."""

    towns: dict[str, Town]
    network: Network
    history: History
    random: random.Random
    victim: Embedded
    folder: Path
    began: float
    wall: float
    """Unix seconds at `began`."""
    offset: float = 0.0

    @property
    def share(self) -> float:
        """How many processes there are for each processor, at least one: how much slower all is."""
        return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))

    def now(self) -> float:
        return time.monotonic() - self.began

    async def states(self, *, letters: bool = True) -> dict[str, State]:
        found = await asyncio.gather(
            *(
                asyncio.to_thread(states.read, town.conninfo, town.origin, letters=letters)
                for town in self.towns.values()
            )
        )
        return dict(zip(self.towns, found, strict=True))

    async def move(self, seconds: float, *names: str) -> None:
        """Moves the clocks of these cities, or of all, by so much, and wakes their workers."""
        if not names:
            self.offset += seconds
        for name in names or tuple(self.towns):
            town = self.towns[name]
            ((total,),) = await town.run(
                "update rig.clock set seconds = seconds + %s returning seconds", seconds
            )
            for part in town.parts:
                (part.folder / "new.clock").write_text(str(total))
                (part.folder / "new.clock").replace(part.folder / "clock")
            await town.run("notify inbox")
            await town.run("notify outbox")

    async def ready(self, *names: str) -> None:
        """Until these cities, or all, answer."""
        async with httpx.AsyncClient() as client:
            for name in names or tuple(self.towns):
                async with asyncio.timeout(300):
                    while True:
                        with suppress(httpx.HTTPError):
                            url = f"http://127.0.0.1:{self.towns[name].inner}/readyz"
                            if (await client.get(url, timeout=5)).status_code == 200:
                                break
                        await asyncio.sleep(0.05)


@asynccontextmanager
async def opened_mesh(folder: Path, seed: int) -> AsyncGenerator[Mesh]:
    """Founded, linked, furnished and running; nothing is left behind."""
    shared = Embedded(folder / "shared", durable=False, max_connections=300)
    alone = Embedded(folder / "victim", max_connections=60)
    ports = {name: FIRST_PORT + 2 * i for i, name in enumerate(NAMES)}
    inner = {name: port + 1 for name, port in ports.items()}
    towns = dict[str, Town]()
    mesh_random = random.Random(seed)
    network = Network(ports, inner, mesh_random)
    try:
        for embedded in (shared, alone):
            await asyncio.to_thread(embedded.start)
        for name in NAMES:
            cluster = alone if name == VICTIM else shared
            conninfo = cluster.conninfo(name)
            await asyncio.to_thread(world.clone, cluster.conninfo("postgres"), "template0", name)
            await asyncio.to_thread(migrate, conninfo)
            towns[name] = _town(name, conninfo, ports[name], inner[name], folder)
        await furnish(towns)
        for town in towns.values():
            await town.run(_CLOCK.format(name=town.name))
        await network.start()
        history = opened(folder / "history")
        began, wall = time.monotonic(), time.time()
        mesh = Mesh(towns, network, history, mesh_random, alone, folder, began, wall)
        for town in towns.values():
            for part in town.parts:
                part.start()
        await mesh.ready()
        yield mesh
    finally:
        parts = [part for town in towns.values() for part in town.parts]
        await asyncio.gather(*(part.stop() for part in parts))
        await network.stop()
        for embedded in (shared, alone):
            await asyncio.to_thread(embedded.stop)


def _town(name: str, conninfo: str, port: int, inner: int, folder: Path) -> Town:
    origin = f"http://{name}.localhost:{port}"

    def part(which: str, listening: int | None) -> Part:
        own = folder / f"{name}-{which}"
        own.mkdir(parents=True)
        environment = {
            **{key: text for key, text in os.environ.items() if not key.startswith("STADTNETZ_")},
            "STADTNETZ_ORIGIN": origin,
            "STADTNETZ_DATABASE_URL": conninfo,
            "STADTNETZ_LISTEN": f"127.0.0.1:{inner}",
            "STADTNETZ_ALLOW_LOOPBACK_PEERS": "yes",
            "STADTNETZ_LOG_LEVEL": "warning",
            "STADTNETZ_TEST_RIG": str(own),
        }
        return Part(f"{name} {which}", ["serve", f"--{which}"], environment, own, listening)

    return Town(name, origin, conninfo, inner, part("web", inner), part("worker", None))


async def furnish(towns: dict[str, Town]) -> None:
    """Through the acts, in this process, before the cities run: links, people, communities."""
    wire = world.Wire()
    async with world.open_cities(wire, {t.origin: t.conninfo for t in towns.values()}) as opened:
        here = dict(zip(towns, opened, strict=True))
        for name, city in here.items():
            for person in PEOPLE:
                actor = await make.a_person(city, person)
                city.people[person] = actor
                async with city.instance.begin() as tx:
                    token = await accounts.log_in(tx, account_id=actor.id, user_agent="rig")
                towns[name].sessions[person] = token
            await city.execute("update sessions set expires_at = now() + interval '9 years'")
            await city.execute("update accounts set welcome_step = 0")
        for i, one in enumerate(opened):
            for other in opened[i + 1 :]:
                for asks, asked in ((one, other), (other, one)):
                    city_actor = await resolve.city(asks.instance, asked.origin)
                    async with asks.instance.begin() as tx:
                        await cities.ask(tx, by=None, other=city_actor)
                    await world.settle(one, other)
        for name in GARDENS:
            draft = communities.Draft("Garten", "Growing.", "open", "garden")
            async with here[name].instance.begin() as tx:
                garden = await communities.create(
                    tx, by=here[name].people["ann"], draft=draft, keys=make.a_key_pair()
                )
            for city in opened:
                others = () if city is here[name] else (here[name],)
                await talk.join(city, city.people["ben"], garden, *others)
        await world.settle(*opened)


_CLOCK = """
do $$ declare one record; begin
  create schema rig;
  create table rig.clock (seconds float8 not null);
  insert into rig.clock values (0);
  create function rig.now() returns timestamptz language sql stable as
    'select pg_catalog.now() + (select seconds from rig.clock) * interval ''1 second''';
  for one in select table_name, column_name from information_schema.columns
    where table_schema = 'public' and column_default = 'now()' loop
    execute format('alter table public.%I alter column %I set default rig.now()',
      one.table_name, one.column_name);
  end loop;
  alter database {name} set search_path = public, rig, pg_catalog;
end $$"""
