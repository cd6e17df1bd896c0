from collections.abc import Sequence
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from schema import choosing, loops, packing
from schema.loops import Loop

LOOPS = st.lists(
    st.builds(
        Loop,
        st.lists(st.integers(0, 9), min_size=2, max_size=4, unique=True).map(tuple),
        st.floats(0.1, 4).map(lambda weight: round(weight, 3)),
    ),
    max_size=9,
)


def are_apart(rows: Sequence[Loop]) -> bool:
    nodes = [node for row in rows for node in row.nodes]
    return len(nodes) == len(set(nodes))


def by_hand(rows: list[Loop]) -> float:
    """The best of all disjoint choices, tried one by one."""
    every = (some for size in range(len(rows) + 1) for some in combinations(rows, size))
    return max(sum(row.weight for row in some) for some in every if are_apart(some))


@settings(max_examples=60, deadline=None)
@given(LOOPS)
def test_the_choice_of_few_is_the_best_there_is(rows: list[Loop]) -> None:
    found = packing.choose(rows)
    assert are_apart([rows[index] for index in found.chosen])
    assert abs(found.weight - by_hand(rows)) < 1e-6
    assert found.gap < 1e-6


@settings(max_examples=60, deadline=None)
@given(LOOPS)
def test_the_choice_of_many_is_disjoint_and_below_its_bound(rows: list[Loop]) -> None:
    found = packing.choose(rows, exact=0)
    assert are_apart([rows[index] for index in found.chosen])
    best = by_hand(rows)
    assert found.weight <= best + 1e-6 <= found.bound + 2e-6
    assert found.weight >= 0.5 * best


def test_more_weight_wins_over_more_circles() -> None:
    rows = [Loop((0, 1), 1.0), Loop((2, 3), 1.0), Loop((1, 2), 2.5)]
    assert packing.choose(rows).chosen == [2]
    assert packing.choose(rows, exact=0).chosen == [2]


def test_a_big_question_is_answered_close_to_its_bound() -> None:
    arcs = [
        (one, (one * step + 7 * step) % 300, 0.2 + (one * step % 13) / 16)
        for one in range(300)
        for step in (3, 7, 11, 17, 23, 29, 37)
    ]
    rows = loops.find(arcs)
    found = packing.choose(rows, exact=0)
    assert len(rows) > 400
    assert are_apart([rows[index] for index in found.chosen])
    assert 0 <= found.gap < 0.1


def test_a_process_of_its_own_says_the_same() -> None:
    rows = [Loop((0, 1), 1.5), Loop((1, 2), 2.0), Loop((2, 3), 1.25), Loop((0, 3), 0.5)]
    assert choosing.choose(rows) == packing.choose(rows)
    assert choosing.choose([]) == packing.choose([])
