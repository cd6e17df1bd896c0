"""The worker: every activity once, in order per actor, whoever dies, and however they come."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from federation import worker
from federation.acts import proposals as acts
from federation.acts.drafts import Draft
from schema import activities, broken, health
from schema.actors import Actor
from schema.database import CLASHED
from schema.proposals import Proposal
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, fast_forward, patience, settle


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    return peer


async def state(city: City, said: dict[str, Any]) -> str:
    return await city.value("select state from activities where uri = %s", said["id"])


async def test_what_a_killed_worker_had_in_hand_is_taken_over(alpha: City, far: Peer) -> None:
    said = far.activity("Like", far.pat)
    await far.says(alpha, said)
    (lane,) = await worker.claim(alpha.instance)
    assert [activity.uri for activity in lane.activities] == [said["id"]]
    await settle(alpha)
    assert await state(alpha, said) == "received", "somebody else is at it"
    await alpha.execute("update activities set lease_until = now() - interval '1 second'")
    await settle(alpha)
    assert await state(alpha, said) == "ignored"


async def test_what_there_is_no_time_for_while_the_lease_lasts_is_left_to_the_next(
    alpha: City, far: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = far.activity("Like", far.pat)
    await far.says(alpha, said)
    (lane,) = await worker.claim(alpha.instance)
    with monkeypatch.context() as hurry:
        hurry.setattr(worker, "LEASE", timedelta(0))
        await worker.in_order(alpha.instance, lane)
    assert await state(alpha, said) == "received"
    await worker.in_order(alpha.instance, lane)
    assert await state(alpha, said) == "ignored"


async def test_two_workers_do_not_take_the_same(alpha: City, far: Peer) -> None:
    for _ in range(12):
        await far.says(alpha, far.activity("Like", far.pat))
    taken = await asyncio.gather(*(worker.claim(alpha.instance) for _ in range(3)))
    claimed = [activity.id for lanes in taken for lane in lanes for activity in lane.activities]
    assert len(claimed) == len(set(claimed)) == 12


async def test_an_actor_is_in_one_hand_at_a_time(alpha: City, far: Peer) -> None:
    sam, pat = far.add_actor("sam"), far.pat
    await far.says(alpha, far.activity("Like", pat))
    (first,) = await worker.claim(alpha.instance)
    second, other = far.activity("Like", pat), far.activity("Like", pat, by=sam)
    await far.says(alpha, second)
    await far.says(alpha, other, by=sam)
    (lane,) = await worker.claim(alpha.instance)
    assert [activity.uri for activity in lane.activities] == [other["id"]]
    await worker.in_order(alpha.instance, first)
    (lane,) = await worker.claim(alpha.instance)
    assert [activity.uri for activity in lane.activities] == [second["id"]]


async def test_each_actor_is_handled_in_the_order_of_arrival(alpha: City, far: Peer) -> None:
    others = [far.add_actor("sam"), far.pat]
    sent = {by: [far.activity("Like", far.pat, by=by) for _ in range(4)] for by in others}
    for pair in zip(*sent.values(), strict=True):
        for said in pair:
            await far.says(alpha, said, by=said["actor"])
    lanes = await worker.claim(alpha.instance)
    found = {lane.by.uri: [activity.uri for activity in lane.activities] for lane in lanes}
    assert found == {by: [said["id"] for said in list] for by, list in sent.items()}


async def test_what_clashed_with_other_work_is_done_again_at_once(
    alpha: City, far: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = far.activity("Like", far.pat)
    await far.says(alpha, said)
    handle, tried = worker.inbox.receive, list[str]()

    async def clashes(instance: Any, activity: Any, by: Any) -> None:
        tried.append(activity.uri)
        if len(tried) == 1:
            raise CLASHED[0]
        await handle(instance, activity, by)

    monkeypatch.setattr(worker.inbox, "receive", clashes)
    await settle(alpha)
    assert tried == [said["id"], said["id"]]
    assert await state(alpha, said) == "ignored"


async def test_what_breaks_us_stops_nobody_and_is_given_up_in_the_end(
    alpha: City, far: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = far.activity("Like", far.pat), far.activity("Like", far.pat)
    for said in (bad, good):
        await far.says(alpha, said)
    handle = worker.inbox.receive

    async def breaks(instance: Any, activity: Any, by: Any) -> None:
        if activity.uri == bad["id"]:
            raise ZeroDivisionError
        await handle(instance, activity, by)

    monkeypatch.setattr(worker.inbox, "receive", breaks)
    await settle(alpha)
    assert (await state(alpha, bad), await state(alpha, good)) == ("received", "ignored")
    for _ in range(worker.MOST_FAILURES):
        await fast_forward(alpha, timedelta(minutes=6))
        await settle(alpha)
    assert await state(alpha, bad) == "refused"
    async with alpha.instance.read() as conn:
        assert (await health.numbers(conn))["arrivals_broken"] == 1
    monkeypatch.setattr(worker.inbox, "receive", handle)  # mended, and started anew
    async with alpha.instance.begin() as tx:
        assert await broken.take_up(tx.conn) == 1
    await settle(alpha)
    assert await state(alpha, bad) == "ignored"


async def test_what_waits_for_a_silent_server_is_given_up_after_thirty_days(
    alpha: City, far: Peer, wire: Wire
) -> None:
    other = Peer("other.test", wire).start()
    wire.cut(other.host)
    said = far.activity("Announce", f"{other.origin}/notes/1")
    await far.says(alpha, said)
    for days, expected in ((0, "waiting"), (29, "waiting"), (2, "refused")):
        alpha.clock.now += timedelta(days=days)
        await fast_forward(alpha)
        await settle(alpha)
        assert await state(alpha, said) == expected, days


async def story(alpha: City, beta: City, ann: Actor, ben: Actor) -> tuple[Proposal, Proposal]:
    """Two listings by ann: one answered and changed, one withdrawn. Nothing is settled."""
    ladder = await make.a_proposal(alpha, ann, "A ladder")
    saw = await make.a_proposal(alpha, ann, "A saw")
    async with alpha.instance.begin() as tx:
        said = Draft("offer", "A long ladder")
        ladder = await acts.edit(tx, by=ann, proposal=ladder, draft=said)
        await acts.withdraw(tx, by=ann, proposal=saw)
    return ladder, saw


async def seen(city: City, *listings: Proposal) -> list[tuple[str, str]]:
    """Title and state of these, as this city has them; nothing for what it does not know."""
    async with city.instance.read() as conn:
        query = "select title, state from proposals where uri = any(%s) and state = 'open'"
        rows = await conn.execute(query, [[one.uri for one in listings]])
        return await rows.fetchall()


async def test_doubled_posts_have_one_effect(
    alpha: City, beta: City, ann: Actor, wire: Wire
) -> None:
    ben = await make.a_person(beta, "ben")
    wire.double = True
    listings = await story(alpha, beta, ann, ben)
    await settle(alpha, beta)
    assert await seen(beta, *listings) == [("A long ladder", "open")]
    twice = "select count(*) - count(distinct uri) from activities"
    assert await beta.value(twice) == 0
    posted = [p.body for p in wire.log if p.method == "POST" and p.url.startswith(beta.origin)]
    assert len(posted) == 2 * len(set(posted)) > 0


@pytest.mark.parametrize("rounds", [1, 3])
async def test_held_and_reversed_posts_converge(
    alpha: City, beta: City, ann: Actor, wire: Wire, rounds: int
) -> None:
    ben = await make.a_person(beta, "ben")
    wire.hold()
    listings = await story(alpha, beta, ann, ben)
    await settle(alpha)
    assert await seen(beta, *listings) == []
    wire.keep_doubles(rounds)
    await wire.release()
    await settle(alpha, beta)
    assert await seen(beta, *listings) == [("A long ladder", "open")]


@asynccontextmanager
async def working(*cities: City) -> AsyncGenerator[None]:
    """Real workers, woken by NOTIFY."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(worker.run(city.instance, jobs=False)) for city in cities]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def test_a_worker_that_starts_alone_takes_over_what_a_killed_one_had_in_hand(
    alpha: City, far: Peer
) -> None:
    said = far.activity("Like", far.pat)
    await far.says(alpha, said)
    await worker.claim(alpha.instance)
    async with alpha.instance.db.listen("inbox"), alpha.instance.begin() as tx:
        assert not await activities.take_over(tx.conn), "another one lives"
    await settle(alpha)
    assert await state(alpha, said) == "received"
    async with patience():
        while await alpha.value(EARS):
            await asyncio.sleep(0)
    async with alpha.instance.begin() as tx:
        assert await activities.take_over(tx.conn)
    await settle(alpha)
    assert await state(alpha, said) == "ignored"


EARS = """select count(*) from pg_stat_activity
  where datname = current_database() and application_name = 'stadtnetz ears'"""


@pytest.mark.sockets
async def test_running_workers_are_woken_by_what_is_published(
    alpha: City, beta: City, ann: Actor
) -> None:
    async with working(alpha, beta), patience():
        for title in ("one", "two", "three"):
            made = await make.a_proposal(alpha, ann, title)
            while not await seen(beta, made):
                await asyncio.sleep(0)


async def test_a_worker_that_is_rung_and_cancelled_at_the_same_moment_ends() -> None:
    bell = worker.Bell()

    async def waits() -> None:
        while True:
            await bell.wait(30)

    for turns in range(6):
        waiting = asyncio.create_task(waits())
        await asyncio.sleep(0)
        bell.ring()
        for _ in range(turns):
            await asyncio.sleep(0)
        waiting.cancel()
        done, _ = await asyncio.wait([waiting], timeout=5)
        assert done, f"cancelled {turns} turns after the ring"


async def test_what_loses_a_cancellation_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "CANCEL_AGAIN", 0.01)
    lost = 0

    async def loses() -> None:
        nonlocal lost
        while lost < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost += 1
        await asyncio.Event().wait()

    task = asyncio.create_task(loses())
    await asyncio.sleep(0)
    async with patience():
        await worker.end([task])
    assert task.cancelled() and lost == 2
