from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from schema import loops
from schema.loops import Loop

ARCS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.floats(0.1, 1)), max_size=25)


def by_hand(arcs: list[tuple[int, int, float]]) -> set[tuple[int, ...]]:
    """Every round trip of two to four, tried one by one."""
    pairs = {(giver, taker) for giver, taker, _ in arcs if giver != taker}
    nodes = sorted({node for pair in pairs for node in pair})
    tried = (path for length in (2, 3, 4) for path in permutations(nodes, length))
    return {
        path
        for path in tried
        if path[0] == min(path)
        and all((one, path[(at + 1) % len(path)]) in pairs for at, one in enumerate(path))
    }


@given(ARCS)
def test_exactly_the_loops_of_two_to_four_are_found(arcs: list[tuple[int, int, float]]) -> None:
    found = [loop.nodes for loop in loops.find(arcs)]
    assert len(found) == len(set(found))
    assert set(found) == by_hand(arcs)


def test_a_loop_weighs_its_best_arcs_times_the_chance_of_all_saying_yes() -> None:
    arcs = [(0, 1, 0.5), (0, 1, 1.0), (1, 0, 0.5)]
    assert loops.find(arcs, keeps=0.5) == [Loop((0, 1), 0.375)]


def test_no_more_are_looked_at_than_one_wants() -> None:
    arcs = [(one, other, 1.0) for one in range(9) for other in range(9)]
    assert len(loops.find(arcs, most=20)) == 20
