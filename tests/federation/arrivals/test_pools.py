"""Exchange 8 between cities: who needs the same there counts here, and all are told."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from federation import outbox, resolve
from federation.acts import pools
from federation.wire import pools as wire
from schema import pools as stored
from schema import proposals
from schema.actors import Actor
from schema.errors import Conflict, Missing
from schema.pools import Sum
from schema.proposals import Proposal
from tests import make, talk
from tests.federation.acts.test_matches import told
from tests.federation.acts.test_pools import gather, me_too
from tests.federation.acts.test_pools import state as state_of
from tests.schema.test_matches import need, somebody
from tests.world import City, settle


@dataclass(frozen=True)
class Story:
    """Ann of alpha needs potatoes, as beta and gamma know."""

    ann: Actor
    ben: Actor
    row: Proposal
    cities: tuple[City, ...]

    async def counts(self) -> set[tuple[int, Decimal | None]]:
        found: list[Sum] = []
        for city in self.cities:
            async with city.instance.read() as conn:
                found.append(await stored.count(conn, (await there(city, self.row)).id, None))
        return {(total.people, total.quantity) for total in found}


async def there(city: City, row: Proposal) -> Proposal:
    """The same need as this city knows it."""
    async with city.instance.read() as conn:
        found = await proposals.find(conn, row.uri)
    assert found is not None
    return found


async def leaves(city: City, by: Actor, row: Proposal) -> None:
    found = await there(city, row)
    async with city.instance.begin() as tx:
        await pools.take_back(tx, by=by, proposal=found)


@pytest.fixture
async def story(alpha: City, beta: City, gamma: City) -> Story:
    ann, ben = await somebody(alpha, "ann"), await somebody(beta, "ben")
    until = alpha.clock.now + make.days(60)
    row = await need(alpha, ann, "Saatkartoffeln", quantity=Decimal(10), unit="kg", until=until)
    await settle(alpha, beta, gamma)
    return Story(ann, ben, row, (alpha, beta, gamma))


async def test_people_of_neighbour_cities_join_and_leave_and_all_count_the_same(
    alpha: City, beta: City, gamma: City, story: Story
) -> None:
    cem = await somebody(gamma, "cem")
    await me_too(beta, story.ben, await there(beta, story.row), 5)
    await me_too(gamma, cem, await there(gamma, story.row), 7)
    await settle(alpha, beta, gamma)
    assert await story.counts() == {(3, Decimal(22))}
    assert ("me_too", "Saatkartoffeln") in await told(alpha, story.ann)
    await me_too(beta, story.ben, await there(beta, story.row), 8)
    await leaves(gamma, cem, story.row)
    await settle(alpha, beta, gamma)
    assert await story.counts() == {(2, Decimal(18))}
    await leaves(beta, story.ben, story.row)
    await settle(alpha, beta, gamma)
    assert await story.counts() == {(1, Decimal(10))}


async def test_when_there_are_enough_all_are_told_and_nobody_leaves_any_more(
    alpha: City, beta: City, gamma: City, story: Story
) -> None:
    cem = await somebody(gamma, "cem")
    await need(gamma, cem, "Saatkartoffeln, festkochend", category=story.row.category)
    await me_too(beta, story.ben, await there(beta, story.row), 5)
    await settle(alpha, beta, gamma)
    await gather(alpha, story.ann, story.row, 30)
    await settle(alpha, beta, gamma)
    assert ("pool", "Saatkartoffeln") in await told(gamma, cem)
    assert await state_of(gamma, await there(gamma, story.row)) == "gathering"
    await me_too(gamma, cem, await there(gamma, story.row), 15)
    await settle(alpha, beta, gamma)
    for city, person in ((alpha, story.ann), (beta, story.ben), (gamma, cem)):
        assert await state_of(city, await there(city, story.row)) == "reached"
        assert (await talk.told(city, person))[0] == ("pool", "reached")
    with pytest.raises(Conflict):
        await leaves(beta, story.ben, story.row)


async def test_who_leaves_too_late_is_told_that_they_still_count(
    alpha: City, beta: City, gamma: City, story: Story
) -> None:
    cem = await somebody(alpha, "cem")
    await me_too(beta, story.ben, await there(beta, story.row), 5)
    await settle(alpha, beta, gamma)
    await gather(alpha, story.ann, story.row, 30)
    await settle(alpha, beta, gamma)
    alpha.wire.hold()
    await leaves(beta, story.ben, story.row)
    await me_too(alpha, cem, story.row, 15)
    await settle(alpha, beta, gamma)
    await alpha.wire.release()
    await settle(alpha, beta, gamma)
    assert await story.counts() == {(3, Decimal(30))}
    assert ("pool", "late") in await talk.told(beta, story.ben)
    async with beta.instance.read() as conn:
        total = await stored.count(conn, (await there(beta, story.row)).id, story.ben.id)
    assert total.mine


async def test_at_the_end_of_its_time_it_closes_everywhere(
    alpha: City, beta: City, gamma: City, story: Story
) -> None:
    await me_too(beta, story.ben, await there(beta, story.row), 5)
    await gather(alpha, story.ann, story.row, 99)
    await settle(alpha, beta, gamma)
    for city in story.cities:
        city.clock.now += make.days(6)
    async with beta.instance.begin() as tx:
        assert await pools.end_due(tx) == 0
    async with alpha.instance.begin() as tx:
        assert await pools.end_due(tx) == 1
    await settle(alpha, beta, gamma)
    for city in story.cities:
        assert await state_of(city, await there(city, story.row)) == "missed"
    assert (await talk.told(beta, story.ben))[0] == ("pool", "missed")


async def test_who_comes_after_the_need_is_over_is_not_counted_and_hears_so(
    alpha: City, beta: City, gamma: City, story: Story
) -> None:
    await alpha.execute("update proposals set state = 'closed'")
    await me_too(beta, story.ben, await there(beta, story.row), 5)
    await settle(alpha, beta, gamma)
    assert await alpha.value("select count(*) from me_toos") == 0
    assert await beta.value("select count(*) from me_toos where not gone") == 0
    assert ("pool", "refused") in await talk.told(beta, story.ben)


async def test_words_that_come_again_or_in_the_wrong_order_count_once(
    alpha: City, beta: City, gamma: City, story: Story
) -> None:
    alpha.wire.hold()
    alpha.wire.keep_doubles(3)
    await me_too(beta, story.ben, await there(beta, story.row), 5)
    await settle(alpha, beta, gamma)
    await leaves(beta, story.ben, story.row)
    await settle(alpha, beta, gamma)
    await alpha.wire.release()
    await settle(alpha, beta, gamma)
    assert await story.counts() == {(1, Decimal(10))}


async def test_only_the_city_of_the_need_counts_and_only_its_author_turns_away(
    alpha: City, beta: City, gamma: City, story: Story
) -> None:
    mallory = await make.a_person(gamma, "mallory")
    await me_too(beta, story.ben, await there(beta, story.row), 5)
    await settle(alpha, beta, gamma)
    said = await beta.value("select uri from me_toos")
    ben = await resolve.actor(gamma.instance, story.ben.uri)
    async with gamma.instance.begin() as tx:
        await outbox.send(tx, mallory, {"type": "Reject", "object": said}, [ben])
        word = wire.join(story.row.uri, Decimal(50), "kg", 2**40)
        await outbox.send(tx, mallory, word, [ben])
    await settle(alpha, beta, gamma)
    assert await story.counts() == {(2, Decimal(15))}
    assert {kind for kind, _, _ in await talk.verdicts(beta)} == {"Reject", "Join"}


async def test_what_a_person_there_may_not_see_they_cannot_join(
    alpha: City, beta: City, gamma: City, story: Story
) -> None:
    hidden = await need(alpha, story.ann, "Heu", scope="city")
    here = await resolve.actor(beta.instance, story.ann.uri)
    async with beta.instance.begin() as tx:
        await outbox.send(tx, story.ben, wire.join(hidden.uri, None, "kg", 1), [here])
    await settle(alpha, beta, gamma)
    assert await alpha.value("select count(*) from me_toos") == 0
    async with beta.instance.begin() as tx:
        with pytest.raises(Missing):
            await pools.gather(
                tx,
                by=story.ben,
                proposal=await there(beta, story.row),
                kind="order",
                measure="people",
                threshold=Decimal(2),
                ends=beta.clock.now + make.days(2),
                note="",
            )
