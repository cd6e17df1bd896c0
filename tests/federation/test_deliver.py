"""What leaves: in order, in the transaction that made it, again and again, and not for ever."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from federation import deliver
from federation.acts import proposals as acts
from federation.acts.drafts import Draft
from schema import activities, peers
from schema.actors import Actor
from schema.proposals import Proposal
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, fast_forward, held_up, patience, settle

STATES = """select d.state, d.status, d.attempts from deliveries d
  join activities a on a.id = d.activity_id where d.peer = %s order by d.id"""


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    """A server whose person follows our city."""
    return await a_follower(alpha, Peer("far.test", wire))


async def a_follower(city: City, peer: Peer) -> Peer:
    """A server that hears what the city announces."""
    await befriend(city, peer.start())
    assert (await peer.says(city, peer.activity("Follow", f"{city.origin}/city"))).is_success
    await settle(city)
    peer.heard.clear()
    return peer


async def publish(city: City, by: Actor, title: str = "A ladder") -> Proposal:
    """A listing for neighbours, which our city announces to each of them once."""
    return await make.a_proposal(city, by, title, scope="neighbours")


def titles(peer: Peer) -> list[str]:
    """The listings that the server was told of, in order."""
    told = [said["object"]["object"].get("name", ": gone") for said in peer.heard]
    return [name.partition(": ")[2] for name in told]


async def rows(city: City, peer: Peer | City) -> list[tuple[str, int | None, int]]:
    """State, status and attempts of what was due after the Accept of the Follow."""
    async with city.instance.read() as conn:
        found = await (await conn.execute(STATES, [peer.origin])).fetchall()
    return found[-1:] if isinstance(peer, City) else found[1:]


async def test_a_listing_is_brought_once_and_signed(alpha: City, ann: Actor, far: Peer) -> None:
    made = await publish(alpha, ann)
    await settle(alpha)
    (said,) = far.heard
    assert (said["type"], said["actor"]) == ("Announce", f"{alpha.origin}/city")
    assert said["object"]["object"]["id"] == made.uri
    assert await rows(alpha, far) == [("done", 202, 1)]
    await fast_forward(alpha)
    await settle(alpha)
    assert len(far.heard) == 1


async def test_nothing_leaves_of_what_was_rolled_back(alpha: City, ann: Actor, far: Peer) -> None:
    tried = alpha.wire.tried(far.host)
    with pytest.raises(RuntimeError, match="changed my mind"):
        async with alpha.instance.begin() as tx:
            await acts.publish(tx, by=ann, draft=Draft("offer", "A ladder", scope="neighbours"))
            assert await deliver.deliver_due(alpha.instance) == 0, "it is not there for others yet"
            raise RuntimeError("changed my mind")
    await settle(alpha)
    assert alpha.wire.tried(far.host) == tried
    assert await rows(alpha, far) == []
    assert await alpha.value("select count(*) from proposals") == 0


async def test_what_is_told_of_one_thing_stays_in_order(alpha: City, ann: Actor, far: Peer) -> None:
    made = await publish(alpha, ann, "one")
    for title in ("two", "three"):
        async with alpha.instance.begin() as tx:
            draft = Draft("offer", title, scope="neighbours")
            await acts.edit(tx, by=ann, proposal=made, draft=draft)
    async with alpha.instance.begin() as tx:
        await acts.withdraw(tx, by=ann, proposal=made)
    await settle(alpha)
    assert titles(far) == ["one", "two", "three", "gone"]


async def test_what_fails_holds_up_its_own_thing_and_nothing_else(
    alpha: City, ann: Actor, far: Peer
) -> None:
    far.answers = lambda said: 503 if "stuck" in json.dumps(said) else 202
    stuck = await publish(alpha, ann, "stuck")
    await publish(alpha, ann, "loose")
    async with alpha.instance.begin() as tx:
        await acts.withdraw(tx, by=ann, proposal=stuck)
    await settle(alpha)
    assert sorted(titles(far)) == ["loose", "stuck"]
    far.answers = lambda said: 202
    far.heard.clear()
    await fast_forward(alpha)
    await settle(alpha)
    assert titles(far) == ["stuck", "gone"]


@pytest.mark.parametrize("was_tried", [True, False])
async def test_what_waits_behind_something_does_not_keep_the_worker_busy(
    alpha: City, ann: Actor, far: Peer, was_tried: bool
) -> None:
    far.answers = lambda said: 401 if "stuck" in json.dumps(said) else 202
    stuck = await publish(alpha, ann, "stuck")
    await publish(alpha, ann, "loose")
    if was_tried:
        await settle(alpha)
    async with alpha.instance.begin() as tx:
        await acts.withdraw(tx, by=ann, proposal=stuck)
    await settle(alpha)
    async with alpha.instance.read() as conn:
        assert (await activities.next_due(conn) or 0) > 5
    assert await deliver.lease(alpha.instance) == []


async def test_who_brings_and_who_changes_the_bond_do_not_wait_for_each_other(
    alpha: City, ann: Actor, far: Peer
) -> None:
    await publish(alpha, ann)
    assert far.origin in await deliver.lease(alpha.instance)
    async with alpha.instance.begin() as tx:
        await peers.lock(tx.conn, far.origin)
        bringing = asyncio.create_task(deliver.deliver_to(alpha.instance, far.origin))
        await held_up(alpha, bringing)
        await peers.retry(tx.conn, far.origin)
    assert await bringing == 1
    assert await rows(alpha, far) == [("done", 202, 1)]


async def test_what_a_server_refuses_again_and_again_does_not_keep_the_rest_from_it(
    alpha: City, ann: Actor, far: Peer
) -> None:
    far.answers = lambda said: 403 if "unloved" in json.dumps(said) else 202
    for number in range(3):
        await publish(alpha, ann, f"unloved {number}")
    for _ in range(4):
        await settle(alpha)
        await fast_forward(alpha)
    await publish(alpha, ann, "welcome")
    far.heard.clear()
    await settle(alpha)
    assert titles(far)[0] == "welcome"
    rest = "select next_at - now() from peers where origin = %s"
    await fast_forward(alpha)
    await settle(alpha)
    assert await alpha.value(rest, far.origin) <= timedelta(seconds=deliver.LONGEST_REST)


async def test_a_cut_wire_delays_and_loses_nothing(
    alpha: City, beta: City, ann: Actor, wire: Wire
) -> None:
    wire.cut(beta.host)
    made = await publish(alpha, ann)
    await settle(alpha)
    assert await rows(alpha, beta) == [("due", None, 1)]
    failing = "select failing_since is not null from peers where origin = %s"
    assert await alpha.value(failing, beta.origin)
    await settle(alpha)
    assert await rows(alpha, beta) == [("due", None, 1)], "not before its time"
    wire.mend(beta.host)
    await fast_forward(alpha)
    await fast_forward(beta)
    await settle(alpha, beta)
    assert await rows(alpha, beta) == [("done", 202, 2)]
    assert await beta.value("select title from proposals where uri = %s", made.uri) == "A ladder"
    assert not await alpha.value(failing, beta.origin)


async def test_who_speaks_to_us_is_tried_again_at_once(
    alpha: City, ann: Actor, far: Peer, wire: Wire
) -> None:
    wire.cut(far.host)
    await publish(alpha, ann)
    await settle(alpha)
    wire.mend(far.host)
    await settle(alpha)
    assert far.heard == [], "the server rests, and so does what it did not take"
    await far.says(alpha, far.activity("Like", far.pat))
    await settle(alpha)
    assert titles(far) == ["A ladder"]


async def test_a_server_that_takes_everything_is_brought_its_whole_backlog_at_once(
    alpha: City, ann: Actor, far: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "BATCH", 2)
    names = [f"Ladder {number}" for number in range(5)]
    for name in names:
        await publish(alpha, ann, name)
    await deliver.deliver_due(alpha.instance)  # one lease for each peer
    assert sorted(titles(far)) == names
    assert [row[0] for row in await rows(alpha, far)] == ["done"] * 5
    assert await alpha.value("select count(*) from peers where lease_until > now()") == 0


@pytest.mark.parametrize("status", [400, 404, 405, 410, 413, 422])
async def test_a_final_answer_of_a_server_that_is_no_neighbour_is_final(
    alpha: City, ann: Actor, far: Peer, status: int
) -> None:
    far.status = status
    await publish(alpha, ann)
    await alpha.execute("update peers set link = 'known' where host = 'far.test'")
    await settle(alpha)
    far.status = 202
    await fast_forward(alpha)
    await settle(alpha)
    assert await rows(alpha, far) == [("refused", status, 1)]
    assert len(far.heard) == 1


@pytest.mark.parametrize("status", [301, 401, 403, 404, 408, 410, 418, 429, 500, 502, 503])
async def test_other_answers_are_worth_another_try(
    alpha: City, ann: Actor, far: Peer, status: int
) -> None:
    far.status = status
    await publish(alpha, ann)
    await settle(alpha)
    assert await rows(alpha, far) == [("due", status, 1)]
    far.status = 202
    await fast_forward(alpha)
    await settle(alpha)
    assert await rows(alpha, far) == [("done", 202, 2)]


async def test_the_time_between_tries_grows_to_an_hour(alpha: City, ann: Actor, far: Peer) -> None:
    far.status = 500
    await publish(alpha, ann)
    waits: list[int] = []
    for _ in range(12):
        await settle(alpha)
        wait = "select extract(epoch from max(next_at) - now())::int from deliveries"
        waits.append(await alpha.value(wait))
        await fast_forward(alpha)
    expected = [10 * 2**number for number in range(9)] + [3600] * 3
    assert all(abs(wait - due) <= 5 for wait, due in zip(waits, expected, strict=True)), waits


async def test_a_server_that_names_a_time_is_left_alone_until_then(
    alpha: City, ann: Actor, far: Peer
) -> None:
    far.status, far.headers = 429, {"Retry-After": "1800"}
    await publish(alpha, ann)
    await settle(alpha)
    wait = "select extract(epoch from next_at - now()) from deliveries where status = 429"
    assert 1700 < float(await alpha.value(wait)) <= 1800


async def test_redirects_are_not_followed_but_wait(alpha: City, ann: Actor, far: Peer) -> None:
    far.status, far.headers = 307, {"Location": "http://elsewhere.test/inbox"}
    await publish(alpha, ann)
    await settle(alpha)
    assert await rows(alpha, far) == [("due", 307, 1)], "a neighbour may be set up wrongly"
    assert alpha.wire.tried("elsewhere.test") == 0


async def test_each_try_is_signed_anew(alpha: City, ann: Actor, far: Peer) -> None:
    far.status = 500
    await publish(alpha, ann)
    await settle(alpha)
    far.status = 202
    await fast_forward(alpha)
    await settle(alpha)
    dates = [request.headers["date"] for request in far.requests[-2:]]
    assert dates[0] != dates[1]


async def test_it_waits_thirty_days_and_is_then_given_up_with_all_that_waits_as_long(
    alpha: City, ann: Actor, far: Peer, wire: Wire
) -> None:
    wire.cut(far.host)
    for title in ("one", "two", "three"):
        await publish(alpha, ann, title)
    await settle(alpha)
    alpha.clock.now += timedelta(days=29)
    await fast_forward(alpha)
    await settle(alpha)
    assert {state for state, _, _ in await rows(alpha, far)} == {"due"}
    alpha.clock.now += timedelta(days=2)
    await publish(alpha, ann, "four")
    young = "update deliveries set created = %s where peer = %s and attempts = 0"
    await alpha.execute(young, alpha.clock(), far.origin)
    await fast_forward(alpha)
    await settle(alpha)
    assert [state for state, _, _ in await rows(alpha, far)] == ["expired"] * 3 + ["due"]


async def test_one_thing_that_a_good_server_refuses_is_given_up_after_thirty_days_as_well(
    alpha: City, ann: Actor, far: Peer
) -> None:
    far.answers = lambda said: 503 if "stuck" in json.dumps(said) else 202
    await publish(alpha, ann, "stuck")
    for days, state in ((29, "due"), (2, "expired")):
        alpha.clock.now += timedelta(days=days)
        await fast_forward(alpha)
        await publish(alpha, ann, f"loose {days}")
        await settle(alpha)
        assert (await rows(alpha, far))[0][0] == state
    assert {state for state, _, _ in (await rows(alpha, far))[1:]} == {"done"}


async def test_a_server_that_hangs_delays_nobody_else(
    alpha: City, ann: Actor, far: Peer, wire: Wire
) -> None:
    hanging = await a_follower(alpha, Peer("hang.test", wire))
    reached, released = asyncio.Event(), asyncio.Event()
    app = wire.apps[hanging.host]

    async def hang(scope: Any, receive: Any, send: Any) -> None:
        reached.set()
        await released.wait()
        await app(scope, receive, send)

    wire.apps[hanging.host] = hang
    await publish(alpha, ann, "one")
    leased = await deliver.lease(alpha.instance)
    tasks = [asyncio.create_task(deliver.deliver_to(alpha.instance, peer)) for peer in leased]
    async with patience():
        await reached.wait()
        await publish(alpha, ann, "two")
        while len(far.heard) < 2:
            await deliver.deliver_due(alpha.instance)
    assert hanging.heard == []
    released.set()
    await asyncio.gather(*tasks)
    await settle(alpha)
    assert titles(hanging) == ["one", "two"]


async def test_paused_and_blocked_servers_get_nothing_until_that_is_over(
    alpha: City, ann: Actor, far: Peer
) -> None:
    for column in ("paused_at", "blocked_at"):
        await publish(alpha, ann, column)
        await alpha.execute(f"update peers set {column} = now() where origin = %s", far.origin)
        await settle(alpha)
        assert far.heard == []
        await alpha.execute(f"update peers set {column} = null where origin = %s", far.origin)
        await settle(alpha)
        assert titles(far) == [column]
        far.heard.clear()


async def test_a_lease_that_a_killed_worker_left_is_taken_over(
    alpha: City, ann: Actor, far: Peer
) -> None:
    await publish(alpha, ann)
    assert far.origin in await deliver.lease(alpha.instance)
    await settle(alpha)
    assert far.heard == [], "somebody else is at it"
    await alpha.execute("update peers set lease_until = now() - interval '1 second'")
    await settle(alpha)
    assert titles(far) == ["A ladder"]
