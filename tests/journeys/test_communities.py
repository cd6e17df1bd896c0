"""Exchange 4: a community gives and takes in its own name, here and across cities."""

from decimal import Decimal

from federation.acts import agreements as acts
from federation.acts import promises, proposals
from federation.acts.drafts import Draft
from schema.actors import Actor
from schema.communities import Community
from tests import make, rings, talk
from tests.federation.acts.test_agreements import asks, does, kilos, left, seen_there, there
from tests.world import City, settle


async def test_what_a_community_offers_is_asked_for_and_promised_across_cities(
    alpha: City, beta: City, ann: Actor, garden: Community
) -> None:
    ben = await make.a_person(beta, "ben")
    await talk.join(beta, ben, garden, alpha)
    await settle(alpha, beta)
    group = await talk.group_of(alpha, garden)
    draft = Draft("offer", "Potatoes", quantity=Decimal(20), unit="kg", return_kind="nothing")
    async with alpha.instance.begin() as tx:
        offer = await proposals.publish(tx, by=group, draft=draft, community=group)
    await settle(alpha, beta)
    row = await asks(beta, ben, await seen_there(beta, offer), kilos(5), text="On Friday?")
    await settle(alpha, beta)
    await does(alpha, acts.accept, group, await there(alpha, row))
    await settle(alpha, beta)
    assert (await there(beta, row)).state == "agreed"
    assert await left(beta, offer) == 15
    for city, by in ((alpha, group), (beta, ben)):
        await does(city, promises.confirm, by, await there(city, row))
        await settle(alpha, beta)
    for city in (alpha, beta):
        assert (await there(city, row)).state == "done"


async def test_a_community_closes_a_circle_with_a_person_of_another_city(
    alpha: City, beta: City, ann: Actor, garden: Community
) -> None:
    group, ben = await talk.group_of(alpha, garden), await make.a_person(beta, "ben")
    await rings.joins(alpha, beta)
    await rings.stands(alpha, group, 0, 1, community=garden, scope="neighbours")
    await rings.stands(beta, ben, 1, 0, scope="neighbours")
    await settle(alpha, beta)
    assert len(await rings.found(alpha)) == 1
    await settle(alpha, beta)
    for city, person in ((alpha, ann), (beta, ben)):
        async with await make.log_in(city, person) as browser:
            path = await city.value("select '/circles/' || id from circles")
            assert path in (await browser.get("/circles")).text
            answered = await browser.submit(f"{path}/answer", {"answer": "yes"})
            assert answered.status_code == 303, answered.text
        await settle(alpha, beta)
    assert await rings.states(alpha, beta) == ["committed", "committed"]
    parties = "select string_agg(g.state || ' ' || a.name || ' ' || r.name, ', ' order by a.name)"
    parties += " from agreements g join actors a on a.id = g.author_id"
    parties += " join actors r on r.id = g.responder_id"
    for city in (alpha, beta):
        assert await city.value(parties) == "agreed ben garden, agreed garden ben"
    async with await make.log_in(alpha, ann) as browser:
        board = (await browser.get("/agreements")).text
        assert board.count("für Garden") == 2
