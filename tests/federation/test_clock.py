"""A clock that was wrong and is set back: nothing waits for a time that was never meant."""

import asyncio
from typing import Any

import pytest

from federation import worker
from federation.worker import Watch
from schema import waits
from schema.actors import Actor
from tests import make
from tests.peer import Peer
from tests.world import City, patience, settle

LEFT = """select
    (select count(*) from activities where state = 'waiting' and next_at > now()),
    (select count(*) from deliveries where state = 'due' and peer = 'http://far.test'
      and next_at > now()),
    (select count(*) from peers where origin = 'http://far.test'
      and (next_at > now() or last_heard > now())),
    (select count(*) from ledgers where asked_at > now()),
    (select count(*) from limits where at > clock_timestamp())"""


async def left(city: City) -> tuple[int, ...]:
    """How much waits for later: activities, deliveries, servers, ledgers, limits."""
    async with city.instance.read() as conn:
        rows: list[tuple[Any, ...]] = await (await conn.execute(LEFT.encode())).fetchall()
    return tuple(int(number) for number in rows[0])


@pytest.fixture
async def far_off(alpha: City, ann: Actor, far: Peer) -> City:
    """alpha with one of everything that waits for a time two hours from now."""
    await far.says(alpha, far.activity("Follow", ann.uri))
    await settle(alpha)
    far.status = 503
    await make.a_proposal(alpha, ann)
    await settle(alpha)
    later = "now() + interval '2 hours'"
    await alpha.execute(
        f"update activities set state = 'waiting', next_at = {later} where id ="
        " (select id from activities where direction = 'in' limit 1)"
    )
    await alpha.execute(
        f"update deliveries set next_at = {later} where state = 'due' and peer = %s", far.origin
    )
    await alpha.execute(
        f"update peers set next_at = {later}, last_heard = {later} where origin = %s", far.origin
    )
    await alpha.execute(
        f"insert into ledgers (peer, asked_at) values (%s, {later})"
        f" on conflict (peer) do update set asked_at = {later}",
        far.origin,
    )
    await alpha.execute(f"insert into limits (key, tokens, at) values ('door x', 0, {later})")
    return alpha


async def test_when_the_clock_is_set_back_all_that_waits_is_due(far_off: City, far: Peer) -> None:
    assert await left(far_off) == (1, 1, 1, 1, 1)
    watch = Watch(ahead=await now(far_off) - 1000.0)
    await watch.look(far_off.instance, 1000.0)
    assert await left(far_off) == (1, 1, 1, 1, 1), "the clock goes as it should"
    await watch.look(far_off.instance, 1000.0 + 7200.0)
    assert await left(far_off) == (0, 0, 0, 0, 0)
    far.status, far.heard[:] = 202, []
    await settle(far_off)
    assert [said["type"] for said in far.heard] == ["Create"]


async def test_a_worker_that_starts_finds_what_waits_for_longer_than_anything_may(
    far_off: City,
) -> None:
    await far_off.execute("update deliveries set next_at = now() + interval '50 minutes'")
    await Watch().look(far_off.instance, 1000.0)
    assert await left(far_off) == (0, 1, 0, 0, 0)


async def now(city: City) -> float:
    async with city.instance.read() as conn:
        return await waits.clock(conn)


async def test_the_worker_looks_at_the_clock(far_off: City) -> None:
    working = asyncio.create_task(worker.run(far_off.instance, jobs=False))
    async with patience():
        while (await left(far_off))[4]:
            await asyncio.sleep(0)
    await worker.end([working])
