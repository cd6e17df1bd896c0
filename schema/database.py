"""The pool, and four ways to ask: one, maybe, many, run."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, LiteralString, TypeAlias, TypeVar, overload

import orjson
from psycopg import (
    AsyncConnection,
    AsyncCursor,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    conninfo,
    errors,
)
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from schema.errors import Conflict, Missing
from schema.words import N_

Row = TypeVar("Row")
AWAY: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeout)
"""What is raised while the server is away or takes nobody in."""
CLASHED: tuple[type[Exception], ...] = (errors.DeadlockDetected, errors.SerializationFailure)
"""What is raised when two transactions waited for each other: doing it again is all it takes."""
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
Conn: TypeAlias = AsyncConnection[Any]
# Planning a page's query anew took longer than running it; compiling one takes longer still. Pages
# at random cost hardly more than in order: else a plan made for a small table would read all of it.
# Many ask at once: processes that share one question cost twice its time to be started.
_OPTIONS = (
    "-c plan_cache_mode=force_generic_plan -c jit=off -c random_page_cost=1.1"
    " -c max_parallel_workers_per_gather=0"
)
Params: TypeAlias = Mapping[str, object]
_NOTHING = N_("There is nothing here, or it is not meant for you.")


def row_of(
    kind: Callable[..., Row],
) -> Callable[[AsyncCursor[Any]], Callable[[Sequence[Any]], Row]]:
    """A psycopg row factory: columns become the fields of the same name."""

    def factory(cursor: AsyncCursor[Any]) -> Callable[[Sequence[Any]], Row]:
        result = cursor.pgresult
        # Not `description`, which builds an object for each column.
        names = [(result.fname(i) or b"").decode() for i in range(result.nfields)] if result else []
        return lambda values: kind(**dict(zip(names, values, strict=True)))

    return factory


@dataclass(frozen=True, slots=True)
class Ask(Generic[Row]):
    """A question that may travel together with others."""

    kind: Callable[..., Row]
    query: LiteralString
    params: Params | None = None


async def answer(conn: Conn, ask: Ask[Row]) -> list[Row]:
    """All rows of the answer to one question."""
    return await many(conn, ask.kind, ask.query, ask.params)


def first(rows: Sequence[Row]) -> Row:
    """The first row; Missing when there is none."""
    if not rows:
        raise Missing(_NOTHING)
    return rows[0]


@overload
async def together(conn: Conn, a: Ask[A], b: Ask[B], /) -> tuple[list[A], list[B]]: ...
@overload
async def together(
    conn: Conn, a: Ask[A], b: Ask[B], c: Ask[C], /
) -> tuple[list[A], list[B], list[C]]: ...
@overload
async def together(
    conn: Conn, a: Ask[A], b: Ask[B], c: Ask[C], d: Ask[D], /
) -> tuple[list[A], list[B], list[C], list[D]]: ...
async def together(conn: Conn, *asks: Ask[Any]) -> tuple[list[Any], ...]:
    """The answers to several questions for the price of one and a half: sent in one packet, read
    in one (libpq's pipeline mode). None may need the answer to another."""
    async with conn.pipeline():
        cursors = [
            await conn.cursor(row_factory=row_of(ask.kind)).execute(ask.query, ask.params)
            for ask in asks
        ]
    return tuple([await cursor.fetchall() for cursor in cursors])


async def many(
    conn: Conn, kind: Callable[..., Row], query: LiteralString, params: Params | None = None
) -> list[Row]:
    """All rows of the answer."""
    async with conn.cursor(row_factory=row_of(kind)) as cursor:
        await _execute(cursor, query, params)
        return await cursor.fetchall()


async def maybe(
    conn: Conn, kind: Callable[..., Row], query: LiteralString, params: Params | None = None
) -> Row | None:
    """The first row, or None."""
    async with conn.cursor(row_factory=row_of(kind)) as cursor:
        await _execute(cursor, query, params)
        return await cursor.fetchone()


async def one(
    conn: Conn, kind: Callable[..., Row], query: LiteralString, params: Params | None = None
) -> Row:
    """The first row; Missing when there is none."""
    row = await maybe(conn, kind, query, params)
    if row is None:
        raise Missing(_NOTHING)
    return row


async def value(conn: Conn, query: LiteralString, params: Params | None = None) -> Any:
    """The first column of the first row, or None."""
    async with conn.cursor() as cursor:
        await _execute(cursor, query, params)
        row = await cursor.fetchone()
        return None if row is None else row[0]


async def values(conn: Conn, query: LiteralString, params: Params | None = None) -> list[Any]:
    """The first column of every row."""
    async with conn.cursor() as cursor:
        await _execute(cursor, query, params)
        return [row[0] for row in await cursor.fetchall()]


async def run(conn: Conn, query: LiteralString, params: Params | None = None) -> int:
    """Number of rows touched."""
    async with conn.cursor() as cursor:
        await _execute(cursor, query, params)
        return cursor.rowcount


async def run_many(conn: Conn, query: LiteralString, params: Sequence[Params]) -> None:
    """The same statement for each of many rows, in one round trip."""
    async with conn.cursor() as cursor:
        await cursor.executemany(query, params)


async def _execute(cursor: AsyncCursor[Any], query: LiteralString, params: Params | None) -> None:
    try:
        await cursor.execute(query, params)
    except errors.UniqueViolation as error:
        raise Conflict("That exists already.") from error


def is_conninfo(text: str) -> bool:
    """Whether libpq understands it: a postgresql:// address, or `key=value` pairs."""
    try:
        conninfo.conninfo_to_dict(text)
    except ProgrammingError:
        return False
    return True


class Database:
    """Connections to one PostgreSQL database.

    Connections are in autocommit mode, so that a read costs one round trip; writes go through
    `begin`, which is one transaction.
    """

    def __init__(self, conninfo: str, *, size: int = 8) -> None:
        self.conninfo = conninfo
        self._pool = AsyncConnectionPool[Conn](
            conninfo,
            min_size=1,
            max_size=size,
            open=False,
            timeout=30,
            kwargs={"autocommit": True, "options": _OPTIONS},
            configure=_configure,
        )

    async def open(self) -> None:
        """Opens the first connection; psycopg_pool.PoolTimeout when there is no server."""
        await self._pool.open(wait=True, timeout=30)

    async def close(self) -> None:
        """Gives all connections back."""
        await self._pool.close()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Conn]:
        """A connection for reading."""
        async with self._pool.connection() as conn:
            yield conn

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Conn]:
        """A connection inside one transaction: committed at the end, or nothing happened."""
        async with self._pool.connection() as conn, conn.transaction():
            yield conn

    @asynccontextmanager
    async def listen(self, *channels: LiteralString) -> AsyncGenerator[Conn]:
        """A connection of its own that hears NOTIFY on these channels."""
        conn = await AsyncConnection.connect(self.conninfo, autocommit=True)
        try:
            for channel in channels:
                await conn.execute("select set_config('application_name', 'stadtnetz ears', false)")
                await conn.execute(_LISTEN[channel])
            yield conn
        finally:
            await conn.close()


_LISTEN: Mapping[str, LiteralString] = {
    "inbox": "listen inbox",
    "outbox": "listen outbox",
    "notices": "listen notices",
}


async def _configure(conn: Conn) -> None:
    set_json_loads(orjson.loads, conn)
    set_json_dumps(orjson.dumps, conn)
