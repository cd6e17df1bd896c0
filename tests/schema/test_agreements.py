"""What is left of a listing, and the order of a draw."""

from decimal import Decimal

from schema import agreements, hand_outs
from tests import make
from tests.world import City


async def test_nobody_takes_more_than_is_left(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    offer = await make.a_proposal(alpha, ann, "Flour", quantity=Decimal(10), unit="kg")
    now = alpha.clock.now
    async with alpha.instance.begin() as tx:
        assert await agreements.take(tx.conn, offer.id, Decimal(7), now)
        assert not await agreements.take(tx.conn, offer.id, Decimal(4), now)
        assert await agreements.take(tx.conn, offer.id, Decimal(3), now)
    assert await alpha.value("select state from proposals") == "closed"
    async with alpha.instance.begin() as tx:
        assert await agreements.give_back(tx.conn, offer.id, Decimal(3), now)
    assert await alpha.value("select state from proposals") == "open"
    assert await alpha.value("select available from proposals") == 3


def test_the_order_of_a_draw_depends_on_seed_and_tickets_alone() -> None:
    keys = [f"https://a.example/agreements/{number}" for number in range(20)]
    order = hand_outs.in_order("seed", keys)
    assert order == hand_outs.in_order("seed", list(reversed(keys)))
    assert order != hand_outs.in_order("other", keys)
    assert sorted(order) == sorted(keys)
    assert hand_outs.ticket(keys[0]) not in keys[0]
