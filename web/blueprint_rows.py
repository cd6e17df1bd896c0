"""The rows of the blueprint form: materials, tools and steps as fields, and back."""

import re
import secrets
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar, get_args

import msgspec
import orjson

from federation.okh.parts import unit_of
from schema import units
from schema.blueprints import Kind, Line, Scaling, Step
from schema.errors import Invalid
from schema.instructions import MOST_LINES, MOST_STEPS, NOBODYS, line
from schema.words import N_

EMPTY = 3  # rows that wait below the filled ones
MOST_PACKED = 5_000_000  # bytes of rows that travel along
AT_ONCE = {"material": 15, "tool": 10, "step": 8}  # rows as fields: more is too heavy for a phone
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

    @property
    def says(self) -> bool:
        """Whether anything stands in it."""
        return bool(self.name or self.quantity or self.note)


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

    @property
    def says(self) -> bool:
        """Whether anything stands in it."""
        return bool(self.title or self.source)


Row = TypeVar("Row", LineRow, StepRow)


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of one form."""

    materials: list[LineRow]
    tools: list[LineRow]
    steps: list[StepRow]


@dataclass(frozen=True, slots=True)
class Window(Generic[Row]):
    """Some rows of many as fields; those `before` and `after` them travel along, packed. `offset`
    is how many stand before, `total` how many there are, `size` how many are shown at once."""

    rows: list[Row]
    offset: int
    before: str
    after: str
    total: int
    size: int

    @property
    def others(self) -> list[tuple[int, int]]:
        """First and last number of the rows that are not shown, from 0 and up to 'not with'."""
        starts = range(0, self.total, self.size)
        return [(at, min(at + self.size, self.total)) for at in starts if at != self.offset]


@dataclass(frozen=True, slots=True)
class Windows:
    """What one page of the form shows of all rows."""

    materials: Window[LineRow]
    tools: Window[LineRow]
    steps: Window[StepRow]


def windows(rows: Rows, values: Mapping[str, list[str]], more: str = "") -> Windows:
    """With empty rows below the last; `more`: for which kind somebody pressed for them
    ("material"), or for others of it ("material:20", from 0); what was shown stays shown."""
    wanted, _, place = more.partition(":")
    at = {kind: _whole(values.get(f"{kind}_rows_at", [""])[-1]) for kind in AT_ONCE}
    if place:
        at[wanted] = _whole(place)
    last = "" if place else wanted
    return Windows(
        _window("material", rows.materials, at["material"], last, LineRow),
        _window("tool", rows.tools, at["tool"], last, LineRow),
        _window("step", rows.steps, at["step"], last, StepRow),
    )


def _window(
    kind: str, rows: list[Row], at: int, more: str, fresh: Callable[[str], Row]
) -> Window[Row]:
    size, pressed = AT_ONCE[kind], kind == more
    end = max(0, len(rows) - 1)
    start = (end if pressed else min(at, end)) // size * size
    rest = rows[start + size :]
    empty = 0 if rest else EMPTY if pressed or not rows else 1
    return Window(
        [*rows[start : start + size], *(fresh(_key()) for _ in range(empty))],
        start,
        _packed(rows[:start]),
        _packed(rest),
        len(rows),
        size,
    )


def _packed(rows: Sequence[Row]) -> str:
    """As letters that need no escaping; 200 lines are some 4 kB."""
    said = orjson.dumps([[getattr(row, field.name) for field in fields(row)] for row in rows])
    return urlsafe_b64encode(zlib.compress(said)).decode() if rows else ""


def _unpacked(text: str, kind: type[Row], most: int) -> list[Row]:
    """What `_packed` made, as far as nobody has changed it on the way."""
    try:
        said = zlib.decompressobj().decompress(urlsafe_b64decode(text), MOST_PACKED)
        found = msgspec.json.decode(said or b"[]", type=list[list[str]])
    except (ValueError, zlib.error):
        return []
    wide = len(fields(kind))
    return [kind(*row) for row in found[:most] if len(row) == wide and 0 < len(row[0]) <= 40]


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


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
    return Rows(
        _given(values, "material", LineRow, MOST_LINES),
        _given(values, "tool", LineRow, MOST_LINES),
        _given(values, "step", StepRow, MOST_STEPS),
    )


def _given(values: Mapping[str, list[str]], kind: str, row: type[Row], most: int) -> list[Row]:
    """The rows shown, between those that travelled along."""
    names = [field.name for field in fields(row)]
    around = [values.get(f"{kind}_rows_{side}", [""])[-1] for side in ("before", "after")]
    before, after = (_unpacked(text, row, most) for text in around)
    shown = [row(**given) for given in _table(values, kind, names, most)]
    return [*before, *(one for one in shown if one.says), *after][:most]


def first_wrong(rows: Rows) -> str:
    """Which rows to show so that a person finds a number or unit that is none: "material:20"."""
    for kind, given in (("material", rows.materials), ("tool", rows.tools)):
        for at, row in enumerate(given):
            try:
                _line(row, "material", rows.steps)
            except Invalid:
                return f"{kind}:{at}"
    for at, row in enumerate(rows.steps):
        try:
            _step(row, at, rows.steps)
        except Invalid:
            return f"step:{at}"
    return ""


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
