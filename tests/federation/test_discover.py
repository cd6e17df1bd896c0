"""What a city showed before it became our neighbour."""

import pytest

from federation import discover, resolve
from federation.acts import cities
from federation.errors import Unreachable
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle


async def do_jobs(city: City) -> None:
    """What a worker would do next."""
    await city.instance.queue.run_worker_async(
        wait=False,
        install_signal_handlers=False,
        additional_context={"instance": city.instance},
    )


@pytest.fixture
async def apart(alpha: City, beta: City) -> None:
    """alpha and beta, not linked any more."""
    found, by = await resolve.city(alpha.instance, beta.origin), await make.an_admin(alpha)
    async with alpha.instance.begin() as tx:
        await cities.part(tx, by=by, other=found)
    await settle(alpha, beta)
    await do_jobs(alpha)
    await do_jobs(beta)


async def link(one: City, two: City) -> None:
    for here, there in ((one, two), (two, one)):
        found = await resolve.city(here.instance, there.origin)
        async with here.instance.begin() as tx:
            await cities.ask(tx, by=None, other=found)
        await settle(one, two)


async def test_things_from_before_the_link_appear_on_both_sides(
    alpha: City, beta: City, apart: None
) -> None:
    ann, bob = await make.a_person(alpha, "ann"), await make.a_person(beta, "bob")
    await make.a_proposal(alpha, ann, "A ladder")
    await make.a_proposal(beta, bob, "A saw", purpose="request", until=make.days(5) + beta.clock())
    await make.a_community(beta, bob, "workshop", title="The workshop")
    await make.a_blueprint(beta, bob, "A shed")
    await make.a_project(beta, bob, aim="Rain.")
    await settle(alpha, beta)
    assert "A saw" not in (await alpha.get("/needs")).text
    await link(alpha, beta)
    await do_jobs(alpha)
    await do_jobs(beta)
    assert "A saw" in (await alpha.get("/needs")).text
    assert "The workshop" in (await alpha.get("/communities")).text
    assert "A shed" in (await alpha.get("/blueprints")).text
    assert await alpha.value("select count(*) from projects") == 1
    assert "A ladder" in (await beta.get("/offers")).text


async def test_what_is_for_neighbours_waits_until_both_have_agreed(
    alpha: City, beta: City, gamma: City, apart: None
) -> None:
    ann, bob = await make.a_person(alpha, "ann"), await make.a_person(beta, "bob")
    await make.a_proposal(beta, bob, "A saw", scope="neighbours")
    folder = (await beta.document("/city/offers")).json()
    assert folder["totalItems"] == 0  # for the public
    await discover.discover(alpha.instance, beta.origin)
    assert await alpha.value("select count(*) from proposals") == 0
    await link(alpha, beta)
    await do_jobs(alpha)
    assert await alpha.value("select scope from proposals where title = 'A saw'") == "neighbours"
    assert "A saw" not in (await alpha.get("/offers")).text
    async with await make.log_in(alpha, ann) as browser:
        assert "A saw" in (await browser.get("/offers")).text


async def test_what_is_not_for_others_is_not_given_out(
    alpha: City, beta: City, apart: None
) -> None:
    bob = await make.a_person(beta, "bob")
    await make.a_proposal(beta, bob, "A city saw", scope="city")
    club = await make.a_community(beta, bob, "club", "hidden", title="The secret club")
    await make.a_proposal(beta, bob, "A club saw", club, scope="community")
    await link(alpha, beta)
    await do_jobs(alpha)
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        text = (await browser.get("/offers")).text + (await browser.get("/communities")).text
    assert "A city saw" not in text and "A club saw" not in text and "secret" not in text


async def test_looking_twice_brings_nothing_twice(alpha: City, beta: City) -> None:
    bob = await make.a_person(beta, "bob")
    await make.a_proposal(beta, bob, "A saw")
    await make.a_community(beta, bob, "workshop")
    first = await discover.discover(alpha.instance, beta.origin)
    assert first == 2
    assert await discover.discover(alpha.instance, beta.origin) == 0
    await settle(alpha, beta)
    assert await alpha.value("select count(*) from proposals where title = 'A saw'") == 1


async def test_a_city_that_lists_what_is_not_its_own_gets_none_of_it_in(
    alpha: City, beta: City, wire: Wire
) -> None:
    bob = await make.a_person(beta, "bob")
    await beta.execute("update peers set publishes = false")
    saw = await make.a_proposal(beta, bob, "A saw")
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    offers, groups = f"{peer.origin}/c/city/offers", f"{peer.origin}/c/city/communities"
    peer.add_actor("city", "Group", offers=offers, communities=groups)
    missing = f"{peer.origin}/offers/none"
    listed = [saw.uri, missing, 7, None, {"id": bob.uri}, "nonsense", f"{alpha.origin}/offers/x"]
    peer.add({"id": offers, "type": "OrderedCollection", "orderedItems": listed})
    peer.add({"id": groups, "type": "OrderedCollection", "orderedItems": [bob.uri, peer.pat]})
    await discover.discover(alpha.instance, peer.origin)
    assert await alpha.value("select count(*) from proposals") == 0
    assert await alpha.value("select count(*) from communities") == 0


async def test_a_city_that_is_away_is_asked_again_later(
    alpha: City, beta: City, wire: Wire
) -> None:
    wire.cut("beta.test")
    with pytest.raises(Unreachable):
        await discover.job(alpha.instance, beta.origin)


async def test_a_city_that_falls_silent_is_not_asked_for_all_the_rest(
    alpha: City, wire: Wire
) -> None:
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    offers = f"{peer.origin}/c/city/offers"
    peer.add_actor("city", "Group", offers=offers)
    listed = [f"{peer.origin}/offers/{number}" for number in range(20)]
    peer.add({"id": offers, "type": "OrderedCollection", "orderedItems": listed})
    peer.gone = dict.fromkeys(listed, 503)
    with pytest.raises(Unreachable):
        await discover.job(alpha.instance, peer.origin)
    assert 0 < sum("/offers/" in str(line) for line in wire.log) < len(listed)


async def test_a_link_that_is_over_is_not_looked_at(
    alpha: City, beta: City, apart: None, wire: Wire
) -> None:
    before = len(wire.log)
    await discover.job(alpha.instance, beta.origin)
    await discover.job(alpha.instance, "http://nobody.test")
    assert len(wire.log) == before
