"""Loops: all ways to go round in a circle of at most four people; pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 4
KEEPS: Final = 0.9  # how likely one says yes: longer circles fail more often
MOST: Final = 300_000


@dataclass(frozen=True, slots=True)
class Loop:
    """Nodes in the order of giving, the smallest first; the last gives to the first."""

    nodes: tuple[int, ...]
    weight: float


def find(
    arcs: Iterable[tuple[int, int, float]],
    *,
    longest: int = LONGEST,
    keeps: float = KEEPS,
    most: int = MOST,
) -> list[Loop]:
    """Every simple loop of 2 to `longest` nodes, `most` at most: bounded depth-first search from
    the smallest node. An arc is giver, taker and weight; a loop weighs what its arcs do together,
    times the chance that all say yes."""
    out: dict[int, dict[int, float]] = defaultdict(dict)
    into: dict[int, set[int]] = defaultdict(set)
    for giver, taker, weight in arcs:
        if giver != taker and weight > out[giver].get(taker, 0.0):
            out[giver][taker] = weight
            into[taker].add(giver)
    chances = [keeps**length for length in range(longest + 1)]
    found: list[Loop] = []
    for start in sorted(out):
        for nodes, weight in _from(start, dict(out), into, longest):
            found.append(Loop(nodes, weight * chances[len(nodes)]))
            if len(found) >= most:
                return found
    return found


def _from(
    start: int,
    out: Mapping[int, Mapping[int, float]],
    into: Mapping[int, set[int]],
    longest: int,
) -> Iterator[tuple[tuple[int, ...], float]]:
    """Loops of which `start` is the smallest node."""
    home = into.get(start, set())
    if not home:
        return
    paths: list[tuple[tuple[int, ...], float]] = [((start,), 0.0)]
    while paths:
        path, so_far = paths.pop()
        ahead = out.get(path[-1], {})
        if len(path) > 1 and start in ahead:
            yield path, so_far + ahead[start]
        if len(path) == longest:
            continue
        # The last step must lead to somebody who gives to the first.
        nexts = ahead.keys() & home if len(path) == longest - 1 else ahead.keys()
        for node in nexts:
            if node > start and node not in path:
                paths.append(((*path, node), so_far + ahead[node]))
