"""Packing: which loops to choose so that nobody is in two and the weight is greatest; pure.

python -m schema.packing: reads loops as JSON, writes the choice (see choosing.py).
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import msgspec
import numpy as np
from highspy import (
    Highs,
    HighsLp,
    HighsModelStatus,
    HighsStatus,
    HighsVarType,
    MatrixFormat,
    ObjSense,
    kHighsInf,
)

from schema.choosing import Choice
from schema.loops import Loop

EXACT: Final = 400  # candidates that hang together, up to which the best choice is sure
WIDE: Final = 1500  # candidates that are left when the rest of a big question is answered exactly
STEPS: Final = 20  # of the candidates one part in so many is chosen at a time
SECONDS: Final = 12.0  # for one question to the solver
ROUNDS: Final = 20


class Candidate(Protocol):
    """Who is in it, and what it is worth."""

    @property
    def nodes(self) -> tuple[int, ...]: ...
    @property
    def weight(self) -> float: ...


def choose(candidates: Sequence[Candidate], *, exact: int = EXACT) -> Choice:
    """The best disjoint choice where up to `exact` candidates hang together; above that a good
    one, with the bound of the relaxed question."""
    chosen: list[int] = []
    bound = 0.0
    for part in _parts(candidates):
        rows = [candidates[index] for index in part]
        found = _exactly(rows) if len(part) <= exact else _well(rows)
        chosen += [part[index] for index in found.chosen]
        bound += found.bound
    return Choice(sorted(chosen), sum(candidates[index].weight for index in chosen), bound)


def _parts(candidates: Sequence[Candidate]) -> list[list[int]]:
    """Candidates that hang together by the people in them."""
    above: dict[int, int] = {}

    def top(node: int) -> int:
        while above.setdefault(node, node) != node:
            above[node] = node = above[above[node]]
        return node

    for candidate in candidates:
        first = top(candidate.nodes[0])
        for node in candidate.nodes[1:]:
            above[top(node)] = first
    parts: dict[int, list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        parts[top(candidate.nodes[0])].append(index)
    return list(parts.values())


def _exactly(rows: Sequence[Candidate]) -> Choice:
    if len(rows) == 1:
        return Choice([0], rows[0].weight, rows[0].weight)
    solved = _solve(rows, whole=True)
    if solved is None:
        return _well(rows)
    values, bound = solved
    return _of([index for index, value in enumerate(values) if value > 0.5], rows, bound)


def _well(rows: Sequence[Candidate]) -> Choice:
    """The relaxed question bounds every choice. What it likes best is chosen, the rest asked again
    without it, until what is left can be answered exactly; swaps mend what was chosen too early."""
    bound = _simple_bound(rows)
    chosen = _swapped(greedy(rows), rows)
    relaxed = _solve(rows, whole=False)
    if relaxed is not None:
        bound = min(bound, relaxed[1])
        dived = _swapped(_dive(rows, relaxed[0]), rows)
        chosen = max(chosen, dived, key=lambda one: _weight(one, rows))
    return _of(chosen, rows, bound)


def _dive(rows: Sequence[Candidate], liked: list[float]) -> list[int]:
    left: list[int] = list(range(len(rows)))
    chosen: list[int] = []
    taken: set[int] = set()
    while left:
        order = sorted(range(len(left)), key=lambda at: (-liked[at], -rows[left[at]].weight, at))
        for at in order[: 1 + len(order) // STEPS]:
            nodes = rows[left[at]].nodes
            if liked[at] > 0 and taken.isdisjoint(nodes):
                taken.update(nodes)
                chosen.append(left[at])
        left = [index for index in left if taken.isdisjoint(rows[index].nodes)]
        some = [rows[index] for index in left]
        solved = _solve(some, whole=len(some) <= WIDE) if some else None
        if solved is None or len(some) <= WIDE:
            values = solved[0] if solved else []
            return chosen + [left[at] for at, value in enumerate(values) if value > 0.5]
        liked = solved[0]
    return chosen


def _of(chosen: list[int], rows: Sequence[Candidate], bound: float) -> Choice:
    weight = _weight(chosen, rows)
    return Choice(chosen, weight, max(bound, weight))


def _weight(chosen: Iterable[int], rows: Sequence[Candidate]) -> float:
    return sum(rows[index].weight for index in chosen)


def _simple_bound(rows: Sequence[Candidate]) -> float:
    """Each person counts with the best share of any loop they are in."""
    best: dict[int, float] = {}
    for row in rows:
        share = row.weight / len(row.nodes)
        for node in row.nodes:
            best[node] = max(best.get(node, 0.0), share)
    return sum(best.values())


def greedy(rows: Sequence[Candidate]) -> list[int]:
    """The heaviest for each of those in it first."""
    taken: set[int] = set()
    chosen: list[int] = []
    order = sorted(range(len(rows)), key=lambda at: (-rows[at].weight / len(rows[at].nodes), at))
    for index in order:
        if taken.isdisjoint(rows[index].nodes):
            taken.update(rows[index].nodes)
            chosen.append(index)
    return chosen


def _swapped(chosen: Iterable[int], rows: Sequence[Candidate]) -> list[int]:
    """A candidate takes the place of all it meets while that weighs more."""
    holder = {node: index for index in chosen for node in rows[index].nodes}
    for _ in range(ROUNDS):
        changed = False
        for index, row in enumerate(rows):
            met = {holder[node] for node in row.nodes if node in holder}
            if index in met or row.weight <= _weight(met, rows) + 1e-12:
                continue
            for other in met:
                for node in rows[other].nodes:
                    holder.pop(node, None)
            holder.update(dict.fromkeys(row.nodes, index))
            changed = True
        if not changed:
            break
    return sorted(set(holder.values()))


def _solve(rows: Sequence[Candidate], *, whole: bool) -> tuple[list[float], float] | None:
    """The value of each candidate, and a bound; None when time was up before."""
    solver = Highs()
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", SECONDS)
    solver.setOptionValue("solver", "choose" if whole else "ipm")
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 1e-9)
    if solver.passModel(_model(rows, whole=whole)) == HighsStatus.kError:
        return None
    solver.run()
    info, solution = solver.getInfo(), solver.getSolution()
    best = solver.getModelStatus() == HighsModelStatus.kOptimal
    if not best and (not whole or not solution.value_valid):
        return None
    bound = info.mip_dual_bound if whole else info.objective_function_value
    return list(solution.col_value), float(bound)


def _model(rows: Sequence[Candidate], *, whole: bool) -> HighsLp:
    """A column for each candidate, a row for each person: in one at most."""
    numbers = {node: at for at, node in enumerate(sorted({n for row in rows for n in row.nodes}))}
    model = HighsLp()
    model.num_col_, model.num_row_ = len(rows), len(numbers)
    model.sense_ = ObjSense.kMaximize
    model.col_cost_ = np.array([row.weight for row in rows])
    model.col_lower_, model.col_upper_ = np.zeros(len(rows)), np.ones(len(rows))
    model.row_lower_ = np.full(len(numbers), -kHighsInf)
    model.row_upper_ = np.ones(len(numbers))
    members = [numbers[node] for row in rows for node in sorted(row.nodes)]
    model.a_matrix_.format_ = MatrixFormat.kColwise
    model.a_matrix_.start_ = np.cumsum([0, *(len(row.nodes) for row in rows)])
    model.a_matrix_.index_ = np.array(members)
    model.a_matrix_.value_ = np.ones(len(members))
    if whole:
        model.integrality_ = [HighsVarType.kInteger] * len(rows)
    return model


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Loop])
    sys.stdout.buffer.write(msgspec.json.encode(choose(given)))
