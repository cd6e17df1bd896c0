"""The rows of the blueprint form: materials, tools and steps as fields, and back."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import get_args

from federation.okh.parts import unit_of
from schema import units
from schema.blueprints import Kind, Line, Scaling, Step
from schema.errors import Invalid
from schema.instructions import MOST_LINES, MOST_STEPS, NOBODYS, line
from schema.words import N_

EMPTY = 3  # rows that wait below the filled ones
BAD_NUMBER = N_("Please give a number, such as 2 or 1.5.")


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line as its fields show it; `step_number` counts from 1, '' for none."""

    key: str
    name: str = ""
    quantity: str = ""
    unit: str = ""
    scaling: str = "unit"
    step: str = ""
    choice: str = ""
    note: str = ""
    step_number: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as its fields show it; `after` the numbers of the steps before it."""

    key: str
    title: str = ""
    source: str = ""
    role: str = ""
    skills: str = ""
    hours: str = ""
    people: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of one form."""

    materials: list[LineRow]
    tools: list[LineRow]
    steps: list[StepRow]

    def longer(self, more: str = "") -> "Rows":
        """With empty rows below; `more`: which kind somebody pressed for ("material" …)."""

        def count(kind: str, have: int) -> int:
            return EMPTY if kind == more or not have else 1

        fresh = [LineRow(_key()) for _ in range(count("material", len(self.materials)))]
        tools = [LineRow(_key()) for _ in range(count("tool", len(self.tools)))]
        steps = [StepRow(_key()) for _ in range(count("step", len(self.steps)))]
        return Rows([*self.materials, *fresh], [*self.tools, *tools], [*self.steps, *steps])


def _key() -> str:
    return secrets.token_hex(4)


def of_parts(lines: Sequence[Line], steps: Sequence[Step], language: str) -> Rows:
    """Of a stored version or an import."""
    numbers = {step.key: str(place + 1) for place, step in enumerate(steps)}
    rows = {
        kind: [_line_row(o, numbers, language) for o in lines if o.kind == kind] for kind in KINDS
    }
    return Rows(
        rows["material"], rows["tool"], [_step_row(one, numbers, language) for one in steps]
    )


KINDS: tuple[Kind, ...] = ("material", "tool")


def _line_row(row: Line, numbers: Mapping[str, str], language: str) -> LineRow:
    unit = units.find(row.unit)
    return LineRow(
        key=row.key,
        name=row.name,
        quantity=shown(row.quantity, language),
        unit="" if row.unit == "piece" or unit is None else unit.word(Decimal(2), language),
        scaling=row.scaling,
        step=shown(row.step, language),
        choice=row.choice,
        note=row.note,
        step_number=numbers.get(row.step_key, ""),
        category=row.category,
    )


def _step_row(step: Step, numbers: Mapping[str, str], language: str) -> StepRow:
    return StepRow(
        key=step.key,
        title=step.title,
        source=step.source,
        role=step.role,
        skills=", ".join(step.skills),
        hours=shown(step.hours, language),
        people="" if step.people is None else str(step.people),
        after=", ".join(numbers[key] for key in step.after if key in numbers),
    )


def shown(amount: Decimal | None, language: str) -> str:
    """A number as people write it."""
    if amount is None:
        return ""
    text = f"{amount:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",") if language == "de" else text


def of_form(values: Mapping[str, list[str]]) -> Rows:
    """Of a form that was sent; rows without any word fall away."""
    lines = {
        kind: [
            row
            for given in _table(values, kind, LineRow.__slots__, MOST_LINES)
            if (row := LineRow(**given)).name or row.quantity or row.note
        ]
        for kind in KINDS
    }
    steps = [
        row
        for given in _table(values, "step", StepRow.__slots__, MOST_STEPS)
        if (row := StepRow(**given)).title or row.source
    ]
    return Rows(lines["material"], lines["tool"], steps)


def _table(
    values: Mapping[str, list[str]], kind: str, names: Iterable[str], most: int
) -> list[dict[str, str]]:
    columns = {name: values.get(f"{kind}_{name}", []) for name in names}
    count = min(max((len(column) for column in columns.values()), default=0), most)
    table = [
        {name: column[at] if at < len(column) else "" for name, column in columns.items()}
        for at in range(count)
    ]
    return [{**row, "key": row["key"][:40] or _key()} for row in table]


def lines_of(rows: Rows) -> tuple[Line, ...]:
    """Invalid where a number or a unit is none."""
    found: list[Line] = []
    for kind, given in (("material", rows.materials), ("tool", rows.tools)):
        found += [_line(row, "tool" if kind == "tool" else "material", rows.steps) for row in given]
    return tuple(found)


def _line(row: LineRow, kind: Kind, steps: Sequence[StepRow]) -> Line:
    unit = unit_of(row.unit) if row.unit else "piece"
    if unit is None:
        raise Invalid({"lines": N_("There is no such unit.")})
    numbers = _numbers(row.step_number)
    at = numbers[0] - 1 if numbers else -1
    scaling: Scaling = next((one for one in get_args(Scaling) if one == row.scaling), "unit")
    return line(
        row.key,
        row.name or row.note[:80] or "?",
        kind=kind,
        quantity=number(row.quantity),
        unit=unit,
        scaling=scaling,
        step=number(row.step),
        choice=row.choice[:60],
        category=row.category[:40],
        note=row.note,
        step_key=steps[at].key if 0 <= at < len(steps) else "",
    )


def steps_of(rows: Rows) -> tuple[Step, ...]:
    """Invalid where a number is none."""
    return tuple(_step(row, place, rows.steps) for place, row in enumerate(rows.steps))


def _step(row: StepRow, place: int, steps: Sequence[StepRow]) -> Step:
    before = [at - 1 for at in _numbers(row.after) if 0 < at <= len(steps) and at != place + 1]
    people = number(row.people)
    return Step(
        version_id=NOBODYS,
        key=row.key,
        position=place,
        title=row.title or row.source[:80],
        source=row.source,
        role=row.role[:200],
        skills=[skill.strip()[:60] for skill in row.skills.split(",") if skill.strip()][:20],
        hours=number(row.hours),
        people=int(people) if people and people == int(people) else None,
        after=[steps[at].key for at in dict.fromkeys(before)],
    )


def _numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"\d{1,4}", text)]


def number(text: str) -> Decimal | None:
    """A number as people write it; Invalid for what is none."""
    plain = text.replace("\u202f", "").replace(" ", "").replace(",", ".")
    if not plain:
        return None
    try:
        found = Decimal(plain)
    except InvalidOperation:
        raise Invalid({"lines": BAD_NUMBER}) from None
    if not found.is_finite() or found < 0:
        raise Invalid({"lines": BAD_NUMBER})
    return found or None
