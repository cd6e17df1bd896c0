"""The network of networks: cities two steps away, and a hub that passes on one step far."""

from collections.abc import AsyncGenerator

import pytest

from federation import directory, resolve
from federation.acts import cities, communities
from federation.queue import sweep_rows
from tests import make
from tests.world import City, settle


@pytest.fixture
async def chain(alpha: City, beta: City, gamma: City) -> AsyncGenerator[None]:
    """alpha and gamma are linked with beta in the middle, and not with each other."""
    found, by = await resolve.city(alpha.instance, gamma.origin), await make.an_admin(alpha)
    async with alpha.instance.begin() as tx:
        await cities.part(tx, by=by, other=found)
    await settle(alpha, beta, gamma)
    yield


async def make_hub(city: City) -> None:
    await city.execute("insert into settings (key, value) values ('hub', 'true')")


async def titles(city: City) -> list[str]:
    query = "select coalesce(array_agg(title order by title), '{}') from proposals"
    return await city.value(query + " where state = 'open'")


async def test_cities_that_neighbours_name_are_shown_with_who_names_them(
    alpha: City, beta: City, gamma: City, chain: None
) -> None:
    assert "gamma.test" not in (await alpha.get("/network")).text
    await sweep_rows(alpha.instance)
    await alpha.instance.queue.run_worker_async(
        wait=False, install_signal_handlers=False, additional_context={"instance": alpha.instance}
    )
    page = (await alpha.get("/network")).text
    assert "Städte, die unsere Nachbarn kennen" in page and "gamma.test" in page
    assert "Genannt von" in page
    await alpha.execute("update peers set blocked_at = now() where host = 'gamma.test'")
    assert "gamma.test" not in (await alpha.get("/network")).text
    await alpha.execute("update peers set blocked_at = null, link = 'linked'")
    assert "Genannt von" not in (await alpha.get("/network")).text


async def test_what_a_neighbour_names_is_replaced_and_never_ourselves(
    alpha: City, beta: City, gamma: City
) -> None:
    await directory.job(alpha.instance, beta.origin)
    hosts = "select coalesce(array_agg(host), '{}') from vouched"
    assert await alpha.value(hosts) == ["gamma.test"]
    await beta.execute("update peers set link = 'known' where host = 'gamma.test'")
    await directory.job(alpha.instance, beta.origin)
    assert await alpha.value(hosts) == []


async def test_only_neighbours_are_asked_for_theirs(alpha: City, beta: City) -> None:
    tried = alpha.wire.tried(beta.host)
    for state in ("link = 'known'", "link = 'linked', blocked_at = now()"):
        await alpha.execute(f"update peers set {state} where host = 'beta.test'")
        await directory.job(alpha.instance, beta.origin)
    assert alpha.wire.tried(beta.host) == tried


async def test_only_a_hub_passes_on_what_its_neighbours_announce(
    alpha: City, beta: City, gamma: City, chain: None
) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha, beta, gamma)
    assert (await titles(beta), await titles(gamma)) == (["A ladder"], [])
    await make_hub(beta)
    await make.a_proposal(alpha, ann, "A saw")
    await make.a_proposal(alpha, ann, "For neighbours", scope="neighbours")
    await settle(alpha, beta, gamma)
    assert await titles(gamma) == ["A saw"], "what is for everyone, and nothing else"
    heard = "select count(*) from activities where document like '%%For neighbours%%'"
    assert (await beta.value(heard) > 0, await gamma.value(heard)) == (True, 0)
    assert "A saw" in (await gamma.get("/offers")).text


async def test_hubs_in_a_ring_end_after_one_step(alpha: City, beta: City, gamma: City) -> None:
    """All three are linked with each other, and all are hubs."""
    for city in (alpha, beta, gamma):
        await make_hub(city)
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, "A ladder")
    alpha.wire.double = True
    await settle(alpha, beta, gamma)
    for city in (beta, gamma):
        passed = "select count(*) from activities where direction = 'out' and type = 'Announce'"
        assert await city.value(passed) <= 2, "once: the activity, and its object"
        assert await titles(city) == ["A ladder"]
    own = "select count(*) from activities where direction = 'out' and type = 'Announce'"
    assert await alpha.value(own) == 2


async def test_what_is_withdrawn_goes_behind_the_hub_too(
    alpha: City, beta: City, gamma: City, chain: None
) -> None:
    await make_hub(beta)
    ann = await make.a_person(alpha, "ann")
    ladder = await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha, beta, gamma)
    assert await titles(gamma) == ["A ladder"]
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit(f"{ladder.url}/withdrawal")
    await settle(alpha, beta, gamma)
    assert await titles(beta) == await titles(gamma) == []


async def test_a_hub_passes_on_blueprints_projects_and_lists_of_communities(
    alpha: City, beta: City, gamma: City, chain: None
) -> None:
    await make_hub(beta)
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann, title="Garden")
    hidden = await make.a_community(alpha, ann, "council", "hidden", title="Council")
    await make.a_blueprint(alpha, ann, "Shed")
    await make.a_blueprint(alpha, ann, "Pit", scope="neighbours")
    await make.a_project(alpha, ann)
    await settle(alpha, beta, gamma)
    for city in (beta, gamma):
        known = "select coalesce(array_agg(uri), '{}') from actors where kind = 'group'"
        assert garden.uri in await city.value(known), city.host
        assert hidden.uri not in await city.value(known)
        assert await city.value("select count(*) from projects") == 1
    blueprints = "select coalesce(array_agg(title order by title), '{}') from blueprints"
    assert await gamma.value(blueprints) == ["Shed"]
    assert await beta.value(blueprints) == ["Pit", "Shed"]
    async with alpha.instance.begin() as tx:
        await communities.close(tx, by=ann, community=garden, closed=True)
    await settle(alpha, beta, gamma)
    rule = "select c.join_rule from communities c join actors a on a.id = c.actor_id"
    for city in (beta, gamma):
        assert await city.value(rule + " where a.uri = %s", garden.uri) == "hidden"


async def test_a_city_that_is_no_neighbour_of_a_hub_is_not_passed_on(
    alpha: City, beta: City, gamma: City, chain: None
) -> None:
    await make_hub(beta)
    await beta.execute("insert into settings (key, value) values ('federation', '\"open\"')")
    await beta.execute("update peers set link = 'known' where host = 'alpha.test'")
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann, title="Garden")
    await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha, beta, gamma)
    assert await titles(beta) == ["A ladder"]
    passed = "select count(*) from activities where direction = 'out' and type = 'Announce'"
    assert (await beta.value(passed), await titles(gamma)) == (0, [])
