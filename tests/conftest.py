"""Fixtures: a PostgreSQL, databases cloned from templates, and cities on one wire."""

import fcntl
import hashlib
import os
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from schema import database, migrate
from schema.actors import Actor
from schema.communities import Community
from schema.database import Conn
from schema.postgres import Embedded
from tests import make, world
from tests.peer import Peer, befriend
from tests.world import City, Wire

ROOT = Path(__file__).parent.parent
ORIGINS = {
    "alpha": "http://alpha.test",
    "beta": "http://beta.test",
    "gamma": "http://gamma.test",
}


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server() -> Generator[Embedded]:
    """The embedded PostgreSQL, or the binaries in STADTNETZ_TEST_POSTGRES; kept between runs."""
    binaries = os.environ.get("STADTNETZ_TEST_POSTGRES")
    name = hashlib.sha256(binaries.encode()).hexdigest()[:6] if binaries else "own"
    embedded = Embedded(
        ROOT / ".test-postgres" / name,
        binaries=Path(binaries) if binaries else None,
        durable=False,
        max_connections=300,
    )
    embedded.start()
    yield embedded
    embedded.stop()


@pytest.fixture(scope="session")
def template(server: Embedded) -> str:
    """The name of a migrated, empty database; made once for this set of migrations."""
    text = "".join(m.checksum for m in migrate.migrations())
    name = "empty_" + hashlib.sha256(text.encode()).hexdigest()[:10]
    _once(server, name, lambda: migrate.migrate(server.conninfo(name)))
    return name


@pytest.fixture(scope="session")
def cities(server: Embedded, template: str) -> dict[str, str]:
    """Origins to databases of three cities that were founded and linked through the protocol."""
    code = b"".join(f.read_bytes() for f in sorted((ROOT / "federation").rglob("*.py")))
    mark = hashlib.sha256(code).hexdigest()[:8]
    names = {city: f"{template}_{mark}_{city}" for city in ORIGINS}

    def found() -> None:
        for name in names.values():
            if name != names["alpha"]:
                world.clone(server.conninfo("postgres"), template, name)
        world.found_and_link({ORIGINS[c]: server.conninfo(n) for c, n in names.items()})

    _once(server, names["alpha"], found, template)
    return names


def _once(server: Embedded, name: str, fill: Any, template: str = "template0") -> None:
    """Makes and fills a database unless it is there; several test processes may ask at once."""
    admin = server.conninfo("postgres")
    with (ROOT / ".test-postgres" / "templates.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(admin, autocommit=True) as conn:
            done = conn.execute("select datistemplate from pg_database where datname = %s", [name])
            row = done.fetchone()
            if row and row[0]:
                return
        world.clone(admin, template, name)
        fill()
        with psycopg.connect(admin, autocommit=True) as conn:
            conn.execute(f'alter database "{name}" is_template true'.encode())


@pytest.fixture
def scratch(server: Embedded, request: pytest.FixtureRequest) -> Generator[str]:
    """A prefix for databases of this test, which are dropped at its end."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    prefix = f"t_{os.getpid()}_{worker}"
    yield prefix
    admin = server.conninfo("postgres")
    with psycopg.connect(admin, autocommit=True) as conn:
        found = conn.execute(
            "select datname from pg_database where starts_with(datname, %s)", [prefix]
        ).fetchall()
    for (name,) in found:
        world.drop(admin, name)


@pytest.fixture
async def conn(server: Embedded, template: str) -> AsyncGenerator[Conn]:
    """A connection to an empty migrated database, in a transaction that is rolled back."""
    name = f"rolled_{os.getpid()}"
    admin = server.conninfo("postgres")
    with psycopg.connect(admin, autocommit=True) as plain:
        known = plain.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
    if not known:
        world.clone(admin, template, name)
    db = database.Database(server.conninfo(name), size=2)
    await db.open()
    try:
        async with db.read() as open_conn, open_conn.transaction(force_rollback=True):
            yield open_conn
    finally:
        await db.close()


@pytest.fixture(scope="session", autouse=True)
def _drop_rolled(server: Embedded) -> Generator[None]:
    yield
    world.drop(server.conninfo("postgres"), f"rolled_{os.getpid()}")


@pytest.fixture
def wire() -> Wire:
    """The network between the cities of this test."""
    return Wire()


async def _city(server: Embedded, name: str, scratch: str, which: str, wire: Wire) -> Any:
    database_name = f"{scratch}_{which}"
    world.clone(server.conninfo("postgres"), name, database_name)
    return world.open_city(ORIGINS[which], server.conninfo(database_name), wire)


@pytest.fixture
async def alpha(
    server: Embedded, cities: dict[str, str], scratch: str, wire: Wire
) -> AsyncGenerator[City]:
    """A city, linked with beta and gamma."""
    async with await _city(server, cities["alpha"], scratch, "alpha", wire) as city:
        yield city


@pytest.fixture
async def beta(
    server: Embedded, cities: dict[str, str], scratch: str, wire: Wire
) -> AsyncGenerator[City]:
    """A city, linked with alpha and gamma."""
    async with await _city(server, cities["beta"], scratch, "beta", wire) as city:
        yield city


@pytest.fixture
async def gamma(
    server: Embedded, cities: dict[str, str], scratch: str, wire: Wire
) -> AsyncGenerator[City]:
    """A city, linked with alpha and beta."""
    async with await _city(server, cities["gamma"], scratch, "gamma", wire) as city:
        yield city


@pytest.fixture
async def ann(alpha: City) -> Actor:
    """A resident of alpha."""
    return await make.a_person(alpha, "ann")


@pytest.fixture
async def ben(alpha: City) -> Actor:
    """Another one."""
    return await make.a_person(alpha, "ben")


@pytest.fixture
async def garden(alpha: City, ann: Actor) -> Community:
    """A community that ann founded."""
    return await make.a_community(alpha, ann)


@pytest.fixture
async def peer(alpha: City, wire: Wire) -> Peer:
    """A server of another make, `far.test`, that alpha listens to."""
    found = Peer("far.test", wire).start()
    await befriend(alpha, found)
    return found
