"""Token buckets."""

import asyncio

import pytest

from schema import database, limits
from schema.database import Conn
from schema.errors import TooMany
from tests.world import City


async def age(conn: Conn, seconds: int) -> None:
    await conn.execute("update limits set at = at - %s * interval '1 second'", [seconds])


async def test_a_bucket_gives_its_burst_and_then_nothing(conn: Conn) -> None:
    for _ in range(3):
        await limits.take(conn, "a", rate_per_minute=1, burst=3)
    with pytest.raises(TooMany) as refused:
        await limits.take(conn, "a", rate_per_minute=1, burst=3)
    assert refused.value.seconds == 60


async def test_it_refills_with_time_up_to_its_burst(conn: Conn) -> None:
    for _ in range(3):
        await limits.take(conn, "a", rate_per_minute=60, burst=3)
    await age(conn, 2)
    for _ in range(2):
        await limits.take(conn, "a", rate_per_minute=60, burst=3)
    with pytest.raises(TooMany):
        await limits.take(conn, "a", rate_per_minute=60, burst=3)
    await age(conn, 3600)
    for _ in range(3):
        await limits.take(conn, "a", rate_per_minute=60, burst=3)
    with pytest.raises(TooMany):
        await limits.take(conn, "a", rate_per_minute=60, burst=3)


async def test_refused_tries_do_not_make_the_wait_longer(conn: Conn) -> None:
    await limits.take(conn, "a", rate_per_minute=6, burst=1)
    for _ in range(5):
        await age(conn, 1)
        with pytest.raises(TooMany):
            await limits.take(conn, "a", rate_per_minute=6, burst=1)
    await age(conn, 5)
    await limits.take(conn, "a", rate_per_minute=6, burst=1)


async def test_buckets_do_not_know_each_other(conn: Conn) -> None:
    await limits.take(conn, "a", rate_per_minute=1, burst=1)
    await limits.take(conn, "b", rate_per_minute=1, burst=1)


async def test_many_at_once_take_no_more_than_there_is(alpha: City) -> None:
    async def one() -> bool:
        try:
            async with alpha.instance.begin() as tx:
                await limits.take(tx.conn, "a", rate_per_minute=0.001, burst=5)
        except TooMany:
            return False
        return True

    assert sum(await asyncio.gather(*(one() for _ in range(30)))) == 5


async def test_old_buckets_are_swept(conn: Conn) -> None:
    await limits.take(conn, "a", rate_per_minute=1, burst=3)
    await age(conn, 90_000)
    await limits.take(conn, "b", rate_per_minute=1, burst=3)
    assert await limits.sweep(conn) == 1
    assert await database.values(conn, "select key from limits") == ["b"]
