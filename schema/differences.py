"""What two versions of a blueprint differ in, as a person reads it."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from schema.blueprints import Line, Step, Version

How: TypeAlias = Literal["new", "gone", "changed"]
LONGEST = 2000  # lines of text that are compared one by one

FACTS = (
    *("title", "purpose", "cost_low", "cost_high", "space", "season", "safety", "readiness"),
    "output",
)
_LINE = ("name", "quantity", "unit", "scaling", "step", "choice", "note", "kind")
_STEP = ("title", "source", "role", "skills", "hours", "people")


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line that is new (`old` None), gone (`new` None) or says something else."""

    key: str
    old: Line | None
    new: Line | None

    @property
    def how(self) -> How:
        return "new" if self.old is None else "gone" if self.new is None else "changed"


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step that is new (`old` None), gone (`new` None) or says something else."""

    key: str
    old: Step | None
    new: Step | None

    @property
    def how(self) -> How:
        return "new" if self.old is None else "gone" if self.new is None else "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """`facts` (name, before, after); `text` lines of the long text as ("+" or "-", line)."""

    lines: tuple[LineChange, ...]
    steps: tuple[StepChange, ...]
    facts: tuple[tuple[str, str, str], ...]
    text: tuple[tuple[str, str], ...]

    @property
    def count(self) -> int:
        """How many lines, steps and facts say something else; the long text counts once."""
        return len(self.lines) + len(self.steps) + len(self.facts) + bool(self.text)


def between(
    old: tuple[Version, Sequence[Line], Sequence[Step]],
    new: tuple[Version, Sequence[Line], Sequence[Step]],
) -> Difference:
    """From one version, with its lines and steps, to another."""
    lines = {row.key: row for row in old[1]}, {row.key: row for row in new[1]}
    steps = {row.key: row for row in old[2]}, {row.key: row for row in new[2]}
    facts = [
        (name, str(getattr(old[0], name) or ""), str(getattr(new[0], name) or "")) for name in FACTS
    ]
    return Difference(
        lines=tuple(
            LineChange(key, lines[0].get(key), lines[1].get(key))
            for key in dict.fromkeys((*lines[1], *lines[0]))
            if _said(lines[0].get(key), _LINE) != _said(lines[1].get(key), _LINE)
        ),
        steps=tuple(
            StepChange(key, steps[0].get(key), steps[1].get(key))
            for key in dict.fromkeys((*steps[1], *steps[0]))
            if _said(steps[0].get(key), _STEP) != _said(steps[1].get(key), _STEP)
        ),
        facts=tuple(fact for fact in facts if fact[1] != fact[2]),
        text=tuple(_text(old[0].source, new[0].source)),
    )


def _said(row: Line | Step | None, names: Sequence[str]) -> tuple[object, ...] | None:
    return None if row is None else tuple(getattr(row, name) for name in names)


def _text(old: str, new: str) -> list[tuple[str, str]]:
    if old == new:
        return []
    before, after = old.splitlines()[:LONGEST], new.splitlines()[:LONGEST]
    found = difflib.unified_diff(before, after, n=0, lineterm="")
    marked = [line for line in found if not line.startswith(("---", "+++", "@@"))]
    return [(line[0], line[1:]) for line in marked if line[1:].strip()]
