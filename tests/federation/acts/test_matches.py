"""Exchange 1: who is told that something fits, here and from the network; kept searches."""

import pytest

from federation.acts import matches, searches
from schema import notices
from schema.actors import Actor
from schema.errors import Invalid, Missing
from schema.proposals import Proposal
from schema.searches import Search
from tests import make
from tests.schema.test_matches import GRAZ, VIENNA, listed, need, somebody
from tests.world import City, settle


async def told(city: City, person: Actor) -> list[tuple[str, str]]:
    async with city.instance.read() as conn:
        found = await notices.list_cards(conn, person.id, None, 20)
    return [(card.kind, card.proposal_title) for card in found]


async def tell(city: City, row: Proposal) -> int:
    async with city.instance.begin() as tx:
        return await matches.tell(tx, row.id)


async def keep(city: City, by: Actor, words: str = "", category: str = "", km: int = 0) -> Search:
    near = (*VIENNA, km) if km else None
    async with city.instance.begin() as tx:
        return await searches.keep(
            tx, by=by, purpose="offer", category=category, words=words, near=near, place="all"
        )


async def test_who_needs_it_is_told_once_of_a_new_offer(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    await need(alpha, ann, "Tomaten")
    offer = await listed(alpha, ben, "Tomaten vom Balkon")
    assert await tell(alpha, offer) == 1 and await tell(alpha, offer) == 0
    assert await told(alpha, ann) == [("match", "Tomaten vom Balkon")]
    assert await told(alpha, ben) == []


async def test_publishing_changing_and_renewing_ask_a_worker_to_look(alpha: City) -> None:
    ann = await somebody(alpha, "ann")
    made = await listed(alpha, ann, "Tomaten")
    query = "select count(*) from procrastinate_jobs where task_name = 'match'"
    assert await alpha.value(query) == 1
    assert await alpha.value(
        "select args ->> 'proposal_id' from procrastinate_jobs where task_name = 'match'"
    ) == str(made.id)


async def test_an_offer_of_the_neighbour_city_is_told_here(alpha: City, beta: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(beta, "ben")
    await need(alpha, ann, "Tomaten")
    offer = await listed(beta, ben, "Tomaten aus Beta", scope="neighbours")
    await settle(alpha, beta)
    id = await alpha.value("select id from proposals where uri = %s", offer.uri)
    async with alpha.instance.begin() as tx:
        assert await matches.tell(tx, id) == 1
    assert await told(alpha, ann) == [("match", "Tomaten aus Beta")]


async def test_nobody_is_told_of_what_is_not_for_them(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    garden = await make.a_community(alpha, ben)
    await need(alpha, ann, "Tomaten")
    await keep(alpha, ann, "Tomaten")
    hidden = await listed(alpha, ben, "Tomaten", community=garden, scope="community")
    assert await tell(alpha, hidden) == 0 and await told(alpha, ann) == []
    await alpha.execute(
        "insert into memberships (community_id, person_id, state) values (%s, %s, 'member')",
        garden.actor_id,
        ann.id,
    )
    assert await tell(alpha, hidden) > 0


async def test_a_kept_search_tells_by_words_kind_and_distance(alpha: City) -> None:
    ann, ben, cem = [await somebody(alpha, name) for name in ("ann", "ben", "cem")]
    far = await somebody(alpha, "far", GRAZ)
    await keep(alpha, ann, "Leiter")
    await keep(alpha, ben, category="food", km=20)
    await keep(alpha, cem, "Klavier")
    assert await tell(alpha, await listed(alpha, far, "Leitern")) == 1
    assert await tell(alpha, await listed(alpha, far, "Tomaten", category="food.veg")) == 0
    assert await tell(alpha, await listed(alpha, ann, "Gurken", category="food.veg")) == 1
    assert await told(alpha, ann) == [("search", "Leitern")]
    assert await told(alpha, ben) == [("search", "Gurken")] and await told(alpha, cem) == []


async def test_a_search_without_alerts_is_silent_and_the_same_one_is_kept_once(
    alpha: City,
) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    first, second = await keep(alpha, ann, "Leiter"), await keep(alpha, ann, "leiter ")
    assert first.id == second.id
    async with alpha.instance.begin() as tx:
        await searches.set_alerts(tx, by=ann, id=first.id, alerts=False)
    assert await tell(alpha, await listed(alpha, ben, "Leiter")) == 0


async def test_searches_are_ones_own_and_twenty_at_most(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    first = await keep(alpha, ann, "w0")
    async with alpha.instance.begin() as tx:
        with pytest.raises(Missing):
            await searches.forget(tx, by=ben, id=first.id)
    for number in range(1, 20):
        await keep(alpha, ann, f"w{number}")
    with pytest.raises(Invalid):
        await keep(alpha, ann, "one more")
