"""Exchange 7: fair hand-out as the giver chose it: first come, draw, least lately, coordinator."""

from datetime import timedelta
from decimal import Decimal

import pytest

from federation.acts import agreements as acts
from federation.acts import overdue
from schema import hand_outs
from schema.agreements import Agreement
from schema.errors import Conflict, Forbidden
from tests import make
from tests.federation.acts.test_agreements import an_offer, asks, does, kilos, seen_there, there
from tests.world import City, fast_forward, settle


async def test_who_comes_first_gets_it_at_once_while_there_is_some(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    offer = await an_offer(alpha, ann, quantity=10, hand_out=("first", None))
    await settle(alpha, beta)
    assert await beta.value("select rule from hand_outs") == "first"
    eve, here = await make.a_person(beta, "eve"), await seen_there(beta, offer)
    near = await asks(alpha, ben, offer, kilos(4))
    far = await asks(beta, eve, here, kilos(6))
    await settle(alpha, beta)
    assert near.state == "agreed", "nobody was before"
    with pytest.raises(Conflict):
        await asks(alpha, await make.a_person(alpha, "late"), offer, kilos(1))
    for city in (alpha, beta):
        assert (await there(city, far)).state == "agreed"
        query = "select available from proposals where uri = %s"
        assert await city.value(query, offer.uri) == Decimal(0)


async def test_a_draw_can_be_checked_afterwards(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    at = alpha.clock.now + timedelta(days=1)
    offer = await an_offer(alpha, ann, quantity=2, hand_out=("draw", at))
    await settle(alpha, beta)
    rows: list[Agreement] = []
    for number in range(3):
        rows.append(await asks(alpha, await make.a_person(alpha, f"a{number}"), offer, kilos(1)))
        far = await make.a_person(beta, f"b{number}")
        rows.append(await asks(beta, far, await seen_there(beta, offer), kilos(1)))
    await settle(alpha, beta)
    hash = await beta.value("select seed_hash from hand_outs")
    assert await beta.value("select seed from hand_outs") == ""
    await fast_forward(alpha, timedelta(days=2))
    await fast_forward(beta, timedelta(days=2))
    async with alpha.instance.begin() as tx:
        assert await overdue.sweep(tx)
    await settle(alpha, beta)
    seed = await beta.value("select seed from hand_outs")
    assert hand_outs.hash_of(seed) == hash
    order = hand_outs.in_order(seed, [row.key for row in rows])
    won = {row.key for row in rows if (await there(alpha, row)).state == "agreed"}
    assert won == set(order[:2])
    for row in rows:
        assert (await there(alpha, row)).state in ("agreed", "declined")


async def test_who_received_least_lately_comes_first(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    carl = await make.a_person(alpha, "carl")
    row = await asks(alpha, ben, await an_offer(alpha, ann), kilos(5))
    await does(alpha, acts.accept, ann, row)
    at = alpha.clock.now + timedelta(days=1)
    offer = await an_offer(alpha, ann, quantity=1, hand_out=("least", at))
    first, second = (
        await asks(alpha, ben, offer, kilos(1)),
        await asks(alpha, carl, offer, kilos(1)),
    )
    await fast_forward(alpha, timedelta(days=2))
    async with alpha.instance.begin() as tx:
        await overdue.sweep(tx)
    assert (await there(alpha, first)).state == "declined"
    assert (await there(alpha, second)).state == "agreed"


async def test_a_coordinator_decides_where_the_giver_asked_for_it(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    root = await make.an_admin(alpha)
    plain = await asks(alpha, ben, await an_offer(alpha, ann), kilos(5))
    with pytest.raises(Forbidden):
        await does(alpha, acts.accept, root, plain)
    offer = await an_offer(alpha, ann, hand_out=("coordinator", None))
    row = await asks(alpha, ben, offer, kilos(5))
    assert (await does(alpha, acts.accept, root, row)).state == "agreed"
