"""choose(): packing in a process of its own: its solver weighs a quarter of a whole city, and a
city that looks for circles still answers."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from schema.loops import Loop


@dataclass(frozen=True, slots=True)
class Choice:
    """Indices of the chosen candidates; no choice weighs more than `bound`."""

    chosen: list[int]
    weight: float
    bound: float

    @property
    def gap(self) -> float:
        """How much of the bound may be missing, 0 to 1; 0 where the choice is surely the best."""
        return max(0.0, (self.bound - self.weight) / self.bound) if self.bound else 0.0


def choose(candidates: Sequence[Loop]) -> Choice:
    """What `packing.choose` says; call it in a thread. CalledProcessError when that breaks."""
    if not candidates:
        return Choice([], 0.0, 0.0)
    answer = subprocess.run(
        [sys.executable, "-m", "schema.packing"],
        input=msgspec.json.encode(candidates),
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(answer.stdout, type=Choice)
