"""Loops of debts between cities: what is set off changes nobody's net position."""

from collections import defaultdict
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from federation.loops import Debts, set_off

CITIES = "abcdefg"
SomeDebts = st.dictionaries(
    st.tuples(st.sampled_from(CITIES), st.sampled_from(CITIES)),
    st.integers(1, 5000).map(lambda cents: Decimal(cents) / 100),
    max_size=25,
)


def net(debts: Debts) -> dict[str, Decimal]:
    """What each city is owed, less what it owes; without those that are even."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for (debtor, creditor), amount in debts.items():
        if debtor != creditor:
            found[debtor] -= amount
            found[creditor] += amount
    return {city: amount for city, amount in found.items() if amount}


@given(SomeDebts)
def test_every_citys_net_position_stays_as_it_was(debts: dict[tuple[str, str], Decimal]) -> None:
    _, left = set_off(debts)
    assert net(left) == net(debts)


@given(SomeDebts)
def test_nothing_is_left_in_loops_and_no_debt_grows(
    debts: dict[tuple[str, str], Decimal],
) -> None:
    found, left = set_off(debts)
    assert set_off(left) == ([], left)
    assert all(0 < amount <= debts[edge] for edge, amount in left.items())
    taken: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for loop in found:
        assert loop.amount > 0 and len(set(loop.cities)) == len(loop.cities)
        for edge in loop.edges():
            taken[edge] += loop.amount
    for edge, amount in debts.items():
        if edge[0] != edge[1]:
            assert taken[edge] + left.get(edge, Decimal(0)) == amount


def test_a_loop_of_three_loses_its_least_debt() -> None:
    debts = {("a", "b"): Decimal(5), ("b", "c"): Decimal(4), ("c", "a"): Decimal(3)}
    (loop,), left = set_off(debts)
    assert (loop.cities, loop.amount) == (("a", "b", "c"), 3)
    assert left == {("a", "b"): 2, ("b", "c"): 1}
