"""The pool, and the ways to ask."""

import asyncio
from dataclasses import dataclass

import pytest
from psycopg import errors

from schema import database as db
from schema.database import Conn, Database
from schema.errors import Conflict, Missing
from schema.postgres import Embedded
from tests import world


@dataclass(frozen=True, slots=True)
class Pair:
    one: int
    two: str


PAIRS = "select * from (values (1, 'a'), (2, 'b')) as p (one, two)"


async def test_columns_become_fields_of_the_same_name(conn: Conn) -> None:
    assert await db.many(conn, Pair, PAIRS) == [Pair(1, "a"), Pair(2, "b")]
    assert await db.many(conn, Pair, "select 'x' as two, 3 as one") == [Pair(3, "x")]
    with pytest.raises(TypeError):
        await db.many(conn, Pair, "select 1 as one")


async def test_one_must_be_there_and_another_may(conn: Conn) -> None:
    assert await db.one(conn, Pair, PAIRS) == Pair(1, "a")
    assert await db.maybe(conn, Pair, "select 1 as one, 'x' as two where false") is None
    with pytest.raises(Missing):
        await db.one(conn, Pair, "select 1 as one, 'x' as two where false")


async def test_values_come_bare(conn: Conn) -> None:
    assert await db.value(conn, "select %(n)s::int + 1", {"n": 4}) == 5
    assert await db.value(conn, "select 1 where false") is None
    assert await db.values(conn, "select generate_series(1, 3)") == [1, 2, 3]


async def test_run_says_how_many_rows_were_touched(conn: Conn) -> None:
    rows = [{"key": f"k{n}", "n": n} for n in range(3)]
    await db.run_many(conn, "insert into limits (key, tokens) values (%(key)s, %(n)s)", rows)
    assert await db.run(conn, "delete from limits where tokens > 0") == 2


async def test_what_is_there_already_is_a_conflict(conn: Conn) -> None:
    query = "insert into limits (key, tokens) values ('a', 1)"
    await db.run(conn, query)
    with pytest.raises(Conflict):
        await db.run(conn, query)


async def test_json_goes_in_and_out(conn: Conn) -> None:
    assert await db.value(conn, """select '{"a": [1, "ü"]}'::jsonb""") == {"a": [1, "ü"]}


async def database(server: Embedded, template: str, scratch: str) -> Database:
    world.clone(server.conninfo("postgres"), template, f"{scratch}_own")
    opened = Database(server.conninfo(f"{scratch}_own"), size=3)
    await opened.open()
    return opened


@pytest.fixture
async def own(server: Embedded, template: str, scratch: str):
    """A database of this test, whose transactions are real."""
    opened = await database(server, template, scratch)
    yield opened
    await opened.close()


INSERT = "insert into limits (key, tokens) values ('a', 1)"
COUNT = "select count(*) from limits"


async def test_a_transaction_happens_as_a_whole_or_not_at_all(own: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with own.begin() as conn:
            await db.run(conn, INSERT)
            raise ZeroDivisionError
    async with own.read() as conn:
        assert await db.value(conn, COUNT) == 0
    async with own.begin() as conn:
        await db.run(conn, INSERT)
        async with own.read() as other:
            assert await db.value(other, COUNT) == 0
    async with own.read() as conn:
        assert await db.value(conn, COUNT) == 1


async def test_a_connection_is_fit_again_after_an_error(own: Database) -> None:
    for _ in range(5):
        with pytest.raises(errors.DivisionByZero):
            async with own.read() as conn:
                await db.value(conn, "select 1 / 0")
    async with own.read() as conn:
        assert await db.value(conn, "select 1") == 1


async def test_a_notification_is_heard_once_it_is_committed(own: Database) -> None:
    async with own.listen("outbox") as ears:
        async with own.begin() as conn:
            await db.value(conn, "select pg_notify('outbox', 'first')")
        async with own.begin() as conn:
            await db.value(conn, "select pg_notify('inbox', 'for others')")
            await db.value(conn, "select pg_notify('outbox', 'second')")
        heard: list[str] = []
        async with world.patience():
            async for one in ears.notifies(stop_after=1):
                heard.append(one.payload)
            while len(heard) < 2:
                async for one in ears.notifies(stop_after=1):
                    heard.append(one.payload)
    assert heard == ["first", "second"]


async def test_who_finds_the_pool_empty_waits_for_a_connection(own: Database) -> None:
    free = asyncio.Event()

    async def hold() -> None:
        async with own.read():
            await free.wait()

    holding = [asyncio.create_task(hold()) for _ in range(3)]

    async def ask() -> int:
        async with own.read() as conn:
            return await db.value(conn, "select 7")

    asking = asyncio.create_task(ask())
    free.set()
    assert await asking == 7
    await asyncio.gather(*holding)
