"""Loops of debts between cities: found, and set off so that nobody's net position changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

Debts: TypeAlias = Mapping[tuple[str, str], Decimal]
"""How much the first owes the second, above zero."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Each owes the next one at least `amount`, the last the first."""

    cities: tuple[str, ...]
    amount: Decimal

    def edges(self) -> Iterator[tuple[str, str]]:
        """Who owes whom."""
        return zip(self.cities, (*self.cities[1:], self.cities[0]), strict=True)


def set_off(debts: Debts) -> tuple[list[Loop], dict[tuple[str, str], Decimal]]:
    """The loops, and what is left to owe: takes the least debt of a loop off all of it, until
    there is none (Fleischman and Dini 2021). Each round ends a debt at least."""
    left = {edge: amount for edge, amount in debts.items() if amount > 0 and edge[0] != edge[1]}
    found: list[Loop] = []
    while (cities := _cycle(left)) is not None:
        loop = Loop(cities, Decimal(0))
        loop = Loop(cities, min(left[edge] for edge in loop.edges()))
        for edge in loop.edges():
            left[edge] -= loop.amount
            if not left[edge]:
                del left[edge]
        found.append(loop)
    return found, left


def _cycle(debts: Debts) -> tuple[str, ...] | None:
    """Some loop, the smallest name first; None when there is none."""
    owed: dict[str, list[str]] = {}
    for debtor, creditor in sorted(debts):
        owed.setdefault(debtor, []).append(creditor)
    done: set[str] = set()
    for start in owed:
        path: list[str] = []
        trail = [iter([start])]
        while trail:
            step = next(trail[-1], None)
            if step is None:
                trail.pop()
                if path:
                    done.add(path.pop())
            elif step in path:
                loop = path[path.index(step) :]
                turn = loop.index(min(loop))
                return (*loop[turn:], *loop[:turn])
            elif step not in done:
                path.append(step)
                trail.append(iter(owed.get(step, [])))
    return None
