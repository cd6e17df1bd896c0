"""Exchange 5, hours between two cities: both hold the same, up to the limits that both set."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from federation.acts import agreements as agreement_acts
from federation.acts import bridges as acts
from federation.acts import crossing, promises
from federation.acts import hours as hour_acts
from schema import actors, agreements, bridges, hours, ids
from schema.actors import Actor
from schema.agreements import Agreement, Terms
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Invalid
from tests import make
from tests.federation.acts.test_agreements import decides, seen_there
from tests.federation.acts.test_hours import a_circle, balance, join, sums_to_zero
from tests.world import City, fast_forward, settle


async def city_of(city: City, there: City) -> Actor:
    """The actor of the city `there`, as `city` knows it."""
    async with city.instance.read() as conn:
        found = await actors.find_city(conn, there.origin)
    assert found is not None
    return found


async def set_limit(city: City, there: City, most: str) -> None:
    admin = await make.an_admin(city, f"chief_{ids.new().hex[-8:]}")
    other = await city_of(city, there)
    async with city.instance.begin() as tx:
        await acts.limit(tx, by=admin, other=other, most=Decimal(most))


async def two_circles(
    alpha: City, beta: City, most: str = "50", **more: Any
) -> tuple[Community, Actor, Community, Actor]:
    """Ann in alpha and ben in beta, each in a community that keeps hours, with a bridge."""
    there, (ben,) = await a_circle(beta, "ben", **more)
    here, (ann,) = await a_circle(alpha, "ann", **more)
    await set_limit(alpha, beta, most)
    await set_limit(beta, alpha, most)
    await settle(alpha, beta)
    return here, ann, there, ben


async def known(city: City, person: Actor) -> Actor:
    async with city.instance.read() as conn:
        found = await actors.find(conn, person.uri)
    assert found is not None
    return found


async def give(city: City, circle: Community, by: Actor, to: Actor, amount: str) -> None:
    async with city.instance.begin() as tx:
        await acts.give(
            tx,
            by=by,
            community=circle,
            to=to,
            amount=Decimal(amount),
            text="For the rails",
            id=ids.new(),
        )


async def meet(alpha: City, beta: City, ann: Actor, ben: Actor) -> tuple[Actor, Actor]:
    """Both cities know both people; ben as alpha knows him, ann as beta does."""
    await make.a_proposal(beta, ben, "A saw")
    await make.a_proposal(alpha, ann, "A drill")
    await settle(alpha, beta)
    return await known(alpha, ben), await known(beta, ann)


async def between(city: City, there: City) -> Decimal:
    other = await city_of(city, there)
    async with city.instance.begin() as tx:
        return await crossing.balance_with(tx, other)


async def test_both_limits_count_and_the_lower_one_holds(alpha: City, beta: City) -> None:
    await two_circles(alpha, beta)
    await set_limit(beta, alpha, "7")
    await settle(alpha, beta)
    for city, there in ((alpha, beta), (beta, alpha)):
        async with city.instance.read() as conn:
            bridge = await bridges.find(conn, there.origin)
        assert bridge is not None and bridge.limit == 7
    with pytest.raises(Invalid):
        await set_limit(alpha, beta, "-1")


async def test_hours_given_across_the_border_are_booked_in_both_cities(
    alpha: City, beta: City
) -> None:
    here, ann, there, ben = await two_circles(alpha, beta)
    abroad, _ = await meet(alpha, beta, ann, ben)
    await give(alpha, here, ann, abroad, "2.5")
    assert await balance(alpha, here, ann) == 0
    await settle(alpha, beta)
    assert await balance(alpha, here, ann) == Decimal("-2.5")
    assert await balance(beta, there, ben) == Decimal("2.5")
    assert await between(alpha, beta) == Decimal("-2.5")
    assert await between(beta, alpha) == Decimal("2.5")
    assert await sums_to_zero(alpha) and await sums_to_zero(beta)
    same = "select key || amount || offer_uri from hour_transfers"
    assert await alpha.value(same) == await beta.value(same)
    receipts = "select count(*) from hour_transfers where offer <> '' and receipt <> ''"
    assert await alpha.value(receipts) == await beta.value(receipts) == 1


async def test_a_border_without_bridge_lets_nothing_through(alpha: City, beta: City) -> None:
    here, (ann,) = await a_circle(alpha, "ann")
    ben = await make.a_person(beta, "ben")
    abroad, _ = await meet(alpha, beta, ann, ben)
    with pytest.raises(Conflict):
        await give(alpha, here, ann, abroad, "1")


async def test_what_the_other_city_refuses_comes_back(alpha: City, beta: City) -> None:
    here, (ann,) = await a_circle(alpha, "ann")
    ben = await make.a_person(beta, "ben")  # keeps no hours
    await set_limit(alpha, beta, "50")
    await set_limit(beta, alpha, "50")
    abroad, _ = await meet(alpha, beta, ann, ben)
    await give(alpha, here, ann, abroad, "2")
    await settle(alpha, beta)
    assert await balance(alpha, here, ann) == 0
    assert await alpha.value("select state from hour_transfers") == "refused"
    told = "select text from notices where kind = 'hours.returned'"
    assert await alpha.value(told) == acts.NO_ACCOUNT
    assert await between(alpha, beta) == await between(beta, alpha) == 0


async def test_the_limits_hold_under_parallel_gifts_across_the_border(
    alpha: City, beta: City
) -> None:
    here, ann, there, ben = await two_circles(alpha, beta, "5")
    abroad, _ = await meet(alpha, beta, ann, ben)
    pressed = [give(alpha, here, ann, abroad, "1") for _ in range(12)]
    outcomes = await asyncio.gather(*pressed, return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in outcomes) == 7
    await settle(alpha, beta)
    assert await balance(beta, there, ben) == 5
    assert await between(alpha, beta) == -5


async def test_what_is_promised_across_the_border_cannot_be_given_twice(
    alpha: City, beta: City
) -> None:
    here, ann, _, ben = await two_circles(alpha, beta, low=Decimal(-3))
    abroad, _ = await meet(alpha, beta, ann, ben)
    cem = await make.a_person(alpha, "cem")
    await join(alpha, cem, here)
    await give(alpha, here, ann, abroad, "2")
    with pytest.raises(Conflict):
        async with alpha.instance.begin() as tx:
            await hour_acts.give(
                tx,
                by=ann,
                community=here,
                to=cem,
                amount=Decimal(2),
                text="Twice",
                id=ids.new(),
            )


async def test_replays_and_doubles_book_once(alpha: City, beta: City) -> None:
    here, ann, there, ben = await two_circles(alpha, beta)
    abroad, _ = await meet(alpha, beta, ann, ben)
    alpha.wire.double = True
    await give(alpha, here, ann, abroad, "1")
    await settle(alpha, beta)
    await settle(alpha, beta)
    assert await balance(beta, there, ben) == 1
    assert await between(alpha, beta) == -1
    assert await beta.value("select count(*) from hour_bookings") == 2


async def test_a_cut_link_leaves_the_hours_reserved_until_it_is_mended(
    alpha: City, beta: City
) -> None:
    here, ann, there, ben = await two_circles(alpha, beta)
    abroad, _ = await meet(alpha, beta, ann, ben)
    alpha.wire.cut(beta.host)
    await give(alpha, here, ann, abroad, "1")
    await settle(alpha, beta)
    assert (await transfer(alpha)).state == "reserved"
    alpha.wire.mend(beta.host)
    await fast_forward(alpha)
    await fast_forward(beta)
    await settle(alpha, beta)
    assert await balance(beta, there, ben) == 1
    assert await balance(alpha, here, ann) == -1


async def done_across(
    alpha: City, beta: City, ann: Actor, ben: Actor
) -> tuple[Agreement, Agreement]:
    """Ann gives ben, who lives in beta, an hour and a half of work; as both cities know it."""
    offer = await make.a_proposal(alpha, ann, "Mowing", return_kind="hours")
    await settle(alpha, beta)
    seen = await seen_there(beta, offer)
    terms = Terms(None, "piece", "hours", hours=Decimal("1.5"))
    async with beta.instance.begin() as tx:
        row = await agreement_acts.ask(tx, by=ben, proposal=seen, terms=terms)
    await settle(alpha, beta)
    here = await there_is(alpha, row)
    async with alpha.instance.begin() as tx:
        await agreement_acts.accept(tx, by=ann, agreement=here)
    await settle(alpha, beta)
    for city, by in ((alpha, ann), (beta, ben)):
        async with city.instance.begin() as tx:
            await promises.confirm(tx, by=by, agreement=await there_is(city, row))
    await settle(alpha, beta)
    return await there_is(alpha, row), await there_is(beta, row)


async def there_is(city: City, row: Agreement) -> Agreement:
    async with city.instance.read() as conn:
        found = await agreements.find(conn, row.key)
    assert found is not None
    return found


async def test_an_agreement_across_the_border_books_its_hours_in_both_cities(
    alpha: City, beta: City
) -> None:
    here, ann, there, ben = await two_circles(alpha, beta)
    rows = await done_across(alpha, beta, ann, ben)
    assert [row.state for row in rows] == ["done", "done"]
    assert await balance(alpha, here, ann) == Decimal("1.5")
    assert await balance(beta, there, ben) == Decimal("-1.5")
    assert await between(alpha, beta) == Decimal("1.5")
    assert await between(beta, alpha) == Decimal("-1.5")


async def test_moderators_who_annul_it_take_the_hours_back_in_both_cities(
    alpha: City, beta: City
) -> None:
    here, ann, there, ben = await two_circles(alpha, beta)
    _, row = await done_across(alpha, beta, ann, ben)
    async with beta.instance.begin() as tx:
        await promises.object_to(tx, by=ben, agreement=row, text="It rained.")
    await settle(alpha, beta)
    admin = await make.an_admin(alpha, "judge")
    await decides(alpha, admin, row, "It did not come about.")
    await settle(alpha, beta)
    assert await balance(alpha, here, ann) == await balance(beta, there, ben) == 0
    assert await between(alpha, beta) == await between(beta, alpha) == 0


async def test_a_third_city_can_neither_offer_nor_answer_for_another(
    alpha: City, beta: City, gamma: City
) -> None:
    here, ann, _, ben = await two_circles(alpha, beta)
    abroad, _ = await meet(alpha, beta, ann, ben)
    alpha.wire.hold()
    await give(alpha, here, ann, abroad, "1")
    row = await transfer(alpha)
    stranger = await city_of(alpha, gamma)
    event = acts.Event(row.key, ann.uri, ben.uri, row.amount, "", of_agreement=False)
    got = acts.Received(None, {})
    for act in (acts.accepted, acts.offered):
        async with alpha.instance.begin() as tx:
            with pytest.raises(Forbidden):
                await act(tx, by=stranger, event=event, offer_uri=row.offer_uri, received=got)
    async with alpha.instance.begin() as tx:
        with pytest.raises(Forbidden):
            await acts.refused(
                tx,
                by=stranger,
                event=event,
                offer_uri=row.offer_uri,
                reason="",
                received=got,
            )
    assert (await transfer(alpha)).state == "reserved"
    await alpha.wire.release()
    await settle(alpha, beta)
    assert (await transfer(alpha)).state == "booked"


async def transfer(city: City) -> bridges.Transfer:
    key = await city.value("select key from hour_transfers")
    async with city.instance.begin() as tx:
        found = await bridges.find_transfer(tx.conn, key)
    assert found is not None
    return found


async def test_a_steward_cannot_undo_one_half_of_what_crossed_a_border(
    alpha: City, beta: City
) -> None:
    here, ann, _, ben = await two_circles(alpha, beta)
    abroad, _ = await meet(alpha, beta, ann, ben)
    await give(alpha, here, ann, abroad, "1")
    await settle(alpha, beta)
    async with alpha.instance.read() as conn:
        id = await alpha.value("select id from hour_bookings where kind = 'gift'")
        made = await hours.find(conn, id)
    assert made is not None
    with pytest.raises(Conflict):
        async with alpha.instance.begin() as tx:
            await hour_acts.correct(tx, by=ann, community=here, made=made, text="No")


async def end_due(city: City) -> int:
    async with city.instance.begin() as tx:
        return await acts.end_due(tx)


@pytest.mark.parametrize("blocked", [True, False])
async def test_hours_are_free_again_where_the_other_city_is_gone_or_blocked(
    alpha: City, beta: City, blocked: bool
) -> None:
    here, ann, _, ben = await two_circles(alpha, beta)
    abroad, _ = await meet(alpha, beta, ann, ben)
    alpha.wire.cut(beta.host)
    await give(alpha, here, ann, abroad, "2.5")
    await settle(alpha)
    assert await end_due(alpha) == 0
    if blocked:
        await alpha.execute("update peers set blocked_at = now() where origin = %s", beta.origin)
    else:
        await fast_forward(alpha, acts.PATIENCE + make.days(1))
    assert await end_due(alpha) == 1
    assert await end_due(alpha) == 0
    assert await alpha.value("select state from hour_transfers") == "refused"
    async with alpha.instance.begin() as tx:
        assert await crossing.reserved(tx, beta.origin) == 0
    assert await balance(alpha, here, ann) == 0
    kinds = "select count(*) from notices where kind = 'hours.returned' and account_id = %s"
    assert await alpha.value(kinds, ann.id) == 1


async def test_a_yes_that_comes_after_all_is_booked_in_both_cities(alpha: City, beta: City) -> None:
    here, ann, there, ben = await two_circles(alpha, beta)
    abroad, _ = await meet(alpha, beta, ann, ben)
    await give(alpha, here, ann, abroad, "2.5")
    alpha.wire.cut(alpha.host)  # beta books, and its answer does not come through
    await settle(alpha, beta)
    assert await balance(beta, there, ben) == Decimal("2.5")
    for city in (alpha, beta):
        await fast_forward(city, acts.PATIENCE + make.days(1))
    assert await end_due(alpha) == 1
    alpha.wire.mend(alpha.host)
    for city in (alpha, beta):
        await fast_forward(city)
    await settle(alpha, beta)
    assert await alpha.value("select state from hour_transfers") == "booked"
    assert await balance(alpha, here, ann) == Decimal("-2.5")
    assert await between(alpha, beta) == -await between(beta, alpha)
