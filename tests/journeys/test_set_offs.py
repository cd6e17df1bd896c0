"""Exchange 5, hours: three cities that owe each other in a loop set it off, all or nobody."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from federation.acts import booking, set_offs
from federation.errors import Malformed
from federation.outbox import Received
from federation.wire import set_offs as wire
from schema import set_offs as stored
from schema.errors import Forbidden
from tests.federation.acts.test_bridges import between, city_of, set_limit
from tests.federation.acts.test_hours import a_circle, sums_to_zero
from tests.world import City, fast_forward, settle


async def owe(debtor: City, creditor: City, amount: str, key: str = "") -> None:
    """Both cities have booked that the first owes the second so much."""
    for city, other, sign in ((debtor, creditor, 1), (creditor, debtor, -1)):
        there = await city_of(city, other)
        group = await city.value("select community_id from hour_rules limit 1")
        payer, taker = (group, there.id) if sign > 0 else (there.id, group)
        async with city.instance.begin() as tx:
            await booking.enter(
                tx,
                tx.instance.city_id,
                key=f"test:{debtor.origin}:{creditor.origin}{key}",
                kind="bridge",
                payer=payer,
                taker=taker,
                amount=Decimal(amount),
                by=None,
            )


async def a_triangle(alpha: City, beta: City, gamma: City) -> None:
    """Alpha owes beta 5, beta owes gamma 4, gamma owes alpha 3."""
    cities = (alpha, beta, gamma)
    for number, city in enumerate(cities):
        await a_circle(city, f"ann{number}")
        for other in cities:
            if other is not city:
                await set_limit(city, other, "50")
    await settle(*cities)
    await owe(alpha, beta, "5")
    await owe(beta, gamma, "4")
    await owe(gamma, alpha, "3")


async def sweep(*cities: City) -> None:
    for city in cities:
        async with city.instance.begin() as tx:
            await set_offs.sweep(tx)


async def debts(alpha: City, beta: City, gamma: City) -> list[Decimal]:
    """Alpha's to beta, beta's to gamma, gamma's to alpha; both ends must say the same."""
    found: list[Decimal] = []
    for debtor, creditor in ((alpha, beta), (beta, gamma), (gamma, alpha)):
        owed = await between(creditor, debtor)
        assert await between(debtor, creditor) == -owed
        found.append(owed)
    return found


async def states(*cities: City) -> list[Any]:
    return [await city.value("select state from hour_set_offs") for city in cities]


async def test_a_loop_is_set_off_once_a_month_and_nets_stay(
    alpha: City, beta: City, gamma: City
) -> None:
    await a_triangle(alpha, beta, gamma)
    for _ in range(2):
        await sweep(alpha, beta, gamma)
        await settle(alpha, beta, gamma)
    assert await debts(alpha, beta, gamma) == [2, 1, 0]
    assert await states(alpha, beta, gamma) == ["booked"] * 3
    for city in (alpha, beta, gamma):
        assert await city.value("select count(*) from hour_set_offs") == 1
        assert await sums_to_zero(city)


async def test_whoever_asks_the_first_city_begins(alpha: City, beta: City, gamma: City) -> None:
    await a_triangle(alpha, beta, gamma)
    await sweep(beta)
    await settle(alpha, beta, gamma)
    assert await debts(alpha, beta, gamma) == [2, 1, 0]
    for city in (alpha, beta, gamma):
        assert await city.value("select count(*) from hour_set_offs") == 1


async def test_what_is_left_is_set_off_in_the_same_month(
    alpha: City, beta: City, gamma: City
) -> None:
    await a_triangle(alpha, beta, gamma)
    await sweep(alpha, beta, gamma)
    await settle(alpha, beta, gamma)
    await owe(gamma, alpha, "2", "again")
    await sweep(alpha, beta, gamma)
    await settle(alpha, beta, gamma)
    assert await debts(alpha, beta, gamma) == [1, 0, 1]
    await sweep(alpha, beta, gamma)
    await settle(alpha, beta, gamma)
    wait = "select count(*) from hour_set_offs where state = 'reserved'"
    assert await alpha.value(wait) == 0
    # Where there is nothing more to set off it is not asked for again.
    await sweep(alpha, beta, gamma)
    before = len(alpha.wire.log)
    await sweep(alpha, beta, gamma)
    await settle(alpha, beta, gamma)
    assert len(alpha.wire.log) == before


async def test_a_city_that_owes_less_says_no_and_nothing_is_booked(
    alpha: City, beta: City, gamma: City
) -> None:
    await a_triangle(alpha, beta, gamma)
    await owe(gamma, beta, "2")  # beta owes gamma 2 only, less than the question said
    await begun(alpha, beta, gamma)
    await settle(alpha, beta, gamma)
    assert await states(alpha, beta, gamma) == ["dissolved", None, None]
    assert await debts(alpha, beta, gamma) == [5, 2, 3]


@pytest.mark.parametrize("lost", ["beta", "gamma"])
async def test_a_city_that_is_away_too_long_leaves_all_as_it_was(
    alpha: City, beta: City, gamma: City, lost: str
) -> None:
    await a_triangle(alpha, beta, gamma)
    gone = beta if lost == "beta" else gamma
    await alpha.execute("update hour_bridges set probed = '2100-01-01'")  # this month's is asked
    loop = await begun(alpha, beta, gamma, gone)
    await settle(alpha, beta, gamma)
    assert (await states(alpha))[0] == "reserved"
    await fast_forward_all(alpha, beta, gamma, by=timedelta(hours=73))
    await sweep(alpha)
    assert (await states(alpha))[0] == "dissolved"
    alpha.wire.mend(gone.host)
    for _ in range(2):
        await fast_forward_all(alpha, beta, gamma)
        await settle(alpha, beta, gamma)
    assert "reserved" not in await states(alpha, beta, gamma)
    assert "booked" not in await states(alpha, beta, gamma)
    assert await debts(alpha, beta, gamma) == [5, 4, 3]
    assert loop


async def begun(alpha: City, beta: City, gamma: City, gone: City | None = None) -> bool:
    """Alpha has begun the loop while this city is cut off."""
    path = [f"{city.instance.addresses.city}" for city in (alpha, beta, gamma)]
    assert path[0] == min(path)
    probe = wire.Probe(tuple(path), (Decimal(5), Decimal(4), Decimal(3)))
    if gone is not None:
        alpha.wire.cut(gone.host)
    by = await city_of(alpha, gamma)
    async with alpha.instance.begin() as tx:
        return bool(await set_offs.probed(tx, by=by, probe=probe, received=Received(None, {})))


async def fast_forward_all(*cities: City, by: timedelta = timedelta(hours=2)) -> None:
    for city in cities:
        await fast_forward(city, by)


async def test_a_city_that_falls_silent_after_the_decision_books_when_it_is_back(
    alpha: City, beta: City, gamma: City
) -> None:
    await a_triangle(alpha, beta, gamma)
    await begun(alpha, beta, gamma)
    await settle(alpha)
    await settle(beta)
    await settle(gamma)
    alpha.wire.cut(beta.host)
    await settle(alpha)
    await settle(gamma)
    await settle(alpha)
    alpha.wire.mend(beta.host)
    for _ in range(2):
        await fast_forward_all(alpha, beta, gamma)
        await settle(alpha, beta, gamma)
    assert await states(alpha, beta, gamma) == ["booked"] * 3
    assert await debts(alpha, beta, gamma) == [2, 1, 0]


async def test_a_decision_that_comes_very_late_is_followed_by_who_let_go_meanwhile(
    alpha: City, beta: City, gamma: City
) -> None:
    await a_triangle(alpha, beta, gamma)
    await begun(alpha, beta, gamma)
    await settle(alpha)
    await settle(beta)
    await settle(gamma)
    alpha.wire.cut(beta.host)
    await settle(alpha)
    assert await states(alpha, beta) == ["booked", "reserved"]
    await fast_forward(beta, timedelta(days=16))
    await sweep(beta)
    assert await states(beta) == ["dissolved"]
    async with beta.instance.begin() as tx:
        assert await stored.reserved(tx.conn, (await city_of(beta, alpha)).id, None) == 0
    alpha.wire.mend(beta.host)
    await fast_forward_all(alpha, gamma, by=timedelta(days=16))
    for _ in range(2):
        await fast_forward_all(alpha, beta, gamma)
        await settle(alpha, beta, gamma)
    assert await states(alpha, beta, gamma) == ["booked"] * 3
    assert await debts(alpha, beta, gamma) == [2, 1, 0]


async def test_replays_change_nothing(alpha: City, beta: City, gamma: City) -> None:
    await a_triangle(alpha, beta, gamma)
    alpha.wire.double = True
    await sweep(alpha, beta, gamma)
    await settle(alpha, beta, gamma)
    assert await debts(alpha, beta, gamma) == [2, 1, 0]


async def test_nobody_but_the_first_city_decides(alpha: City, beta: City, gamma: City) -> None:
    await a_triangle(alpha, beta, gamma)
    await begun(alpha, beta, gamma, gamma)
    await settle(alpha, beta)
    uri = await beta.value("select uri from hour_set_offs")
    async with beta.instance.begin() as tx:
        row = await stored.find(tx.conn, uri)
    assert row is not None and row.state == "reserved"
    wanted = wire.Wanted(row.uri, tuple(row.loop), row.amount)
    by_gamma, by_alpha = await city_of(beta, gamma), await city_of(beta, alpha)
    got = Received(None, {})
    forged = wire.Wanted(row.uri, tuple(row.loop), row.amount, {"answer": "yes"})
    async with beta.instance.begin() as tx:
        with pytest.raises(Forbidden):
            await set_offs.decided(tx, by=by_gamma, wanted=forged, received=got)
    async with beta.instance.begin() as tx:
        with pytest.raises(Malformed):
            await set_offs.decided(tx, by=by_alpha, wanted=forged, received=got)
    async with beta.instance.begin() as tx:
        with pytest.raises(Forbidden):
            await set_offs.refused(tx, by=by_alpha, wanted=wanted, received=got)
    assert (await states(beta)) == ["reserved"]
