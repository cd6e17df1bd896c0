"""Exchange 8: several who need the same make one order, from a threshold on, until a day."""

from decimal import Decimal

import pytest

from federation.acts import pools
from schema import pools as stored
from schema.actors import Actor
from schema.errors import Conflict, Invalid, Missing
from schema.pools import Pool
from schema.proposals import Proposal
from tests import make
from tests.federation.acts.test_matches import told
from tests.schema.test_matches import listed, need, somebody
from tests.world import City


async def me_too(city: City, by: Actor, row: Proposal, amount: int | None = None) -> None:
    quantity = Decimal(amount) if amount else None
    async with city.instance.begin() as tx:
        await pools.me_too(tx, by=by, proposal=row, quantity=quantity)


async def gather(city: City, by: Actor, row: Proposal, amount: int, days: int = 5) -> Pool:
    async with city.instance.begin() as tx:
        return await pools.gather(
            tx,
            by=by,
            proposal=row,
            kind="order",
            measure="quantity",
            threshold=Decimal(amount),
            ends=city.clock.now + make.days(days),
            note="Am Freitag",
        )


async def state(city: City, row: Proposal) -> str:
    return await city.value("select state from pools where proposal_id = %s", row.id)


async def test_an_order_stands_as_soon_as_there_is_enough(alpha: City) -> None:
    ann, ben, cem, dora = [await somebody(alpha, name) for name in ("ann", "ben", "cem", "dora")]
    row = await need(alpha, ann, "Saatkartoffeln", quantity=Decimal(10), unit="kg")
    await need(alpha, dora, "Kartoffeln für die Saat", category=row.category)
    await need(alpha, dora, "Saatkartoffeln, festkochend", category=row.category)
    await me_too(alpha, ben, row, 5)
    await me_too(alpha, ben, row, 8)
    assert (await gather(alpha, ben, row, 30)).state == "gathering"
    assert ("pool", "Saatkartoffeln") in await told(alpha, dora)
    await me_too(alpha, cem, row, 12)
    assert await state(alpha, row) == "reached"
    async with alpha.instance.read() as conn:
        total = await stored.count(conn, row.id, ben.id)
    assert (total.people, total.quantity, total.mine) == (3, Decimal(30), True)
    for person in (ann, ben, cem):
        assert (await told(alpha, person))[0] == ("pool", "Saatkartoffeln")
    async with alpha.instance.begin() as tx:
        with pytest.raises(Conflict):
            await pools.take_back(tx, by=ben, proposal=row)


async def test_below_the_threshold_in_the_end_nobody_owes_and_it_may_begin_again(
    alpha: City,
) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    row = await need(alpha, ann, "Heu", quantity=Decimal(1), until=alpha.clock.now + make.days(60))
    await me_too(alpha, ben, row, 1)
    await gather(alpha, ann, row, 50)
    with pytest.raises(Conflict):
        await gather(alpha, ben, row, 2)
    alpha.clock.now += make.days(6)
    async with alpha.instance.begin() as tx:
        assert await pools.end_due(tx) == 1 and await pools.end_due(tx) == 0
    assert await state(alpha, row) == "missed"
    await me_too(alpha, ben, row, 99)
    assert await state(alpha, row) == "missed"
    assert (await gather(alpha, ann, row, 50)).state == "reached"


async def test_only_needs_of_this_place_that_are_open_and_seen_can_be_joined(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    hidden = await need(alpha, ann, "Heu", community=garden, scope="community")
    offer = await listed(alpha, ann, "Stroh")
    own = await need(alpha, ben, "Mist")
    for row, refusal in ((hidden, Missing), (offer, Missing), (own, Conflict)):
        with pytest.raises(refusal):
            await me_too(alpha, ben, row)
    seen = await need(alpha, ann, "Heu")
    with pytest.raises(Invalid):
        await gather(alpha, ben, seen, 5, days=-1)
    await alpha.execute("update proposals set state = 'closed'")
    with pytest.raises(Conflict):
        await me_too(alpha, ben, seen)
