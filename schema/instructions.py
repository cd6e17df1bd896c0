"""What a version of a blueprint says, before it is stored: tidied, checked, and its hash."""

import hashlib
import json
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from schema import categories, units
from schema.blueprints import Kind, Line, Scaling, Step
from schema.errors import Invalid
from schema.words import N_

LONGEST_TITLE = 200
LONGEST_PURPOSE = 600
LONGEST_TEXT = 60_000  # characters of Markdown
LONGEST_EXTRA = 60_000
LONGEST_WORDS = 200
LONGEST_NOTE = 1000
MOST_LINES = 500
MOST_STEPS = 200
MOST = Decimal(1_000_000_000)
MOST_EUROS = 100_000_000
NOBODYS = UUID(int=0)  # of lines and steps that belong to no stored version yet


@dataclass(frozen=True, slots=True)
class Draft:
    """All that its author says; fields as in `Blueprint` and `Version`."""

    title: str
    purpose: str = ""
    source: str = ""
    category: str = ""
    language: str = "de"
    license: str = ""
    label: str = ""
    cost_low: int | None = None
    cost_high: int | None = None
    space: str = ""
    season: str = ""
    safety: str = ""
    readiness: int | None = None
    output: str = ""
    changes: str = ""
    extra: str = ""
    lines: tuple[Line, ...] = ()
    steps: tuple[Step, ...] = ()


def line(
    key: str,
    name: str,
    *,
    kind: Kind = "material",
    position: int = 0,
    quantity: Decimal | None = None,
    unit: str = "piece",
    scaling: Scaling = "unit",
    step: Decimal | None = None,
    choice: str = "",
    category: str = "",
    note: str = "",
    step_key: str = "",
) -> Line:
    """A line that belongs to no version yet."""
    return Line(
        version_id=NOBODYS,
        key=key,
        position=position,
        kind=kind,
        name=name,
        quantity=quantity,
        unit=unit,
        scaling=scaling,
        step=step,
        choice=choice,
        category=category,
        note=note,
        step_key=step_key,
    )


def digest(draft: Draft) -> str:
    """SHA-256 in hex over the content; the same in every city, whatever its ids are."""
    said = [draft.title, draft.purpose, draft.source, draft.license, draft.output]
    said += [str(draft.cost_low), str(draft.cost_high), draft.space, draft.season, draft.safety]
    lines = [_line_said(row) for row in draft.lines]
    steps = [_step_said(row) for row in draft.steps]
    content = json.dumps([said, lines, steps], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _line_said(row: Line) -> list[str]:
    said = [row.key, row.kind, row.name, _number(row.quantity), row.unit, row.scaling]
    return [*said, _number(row.step), row.choice, row.note, row.step_key]


def _step_said(row: Step) -> list[object]:
    said = [row.key, row.title, row.source, row.role, _number(row.hours), str(row.people)]
    return [*said, sorted(row.skills), sorted(row.after)]


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def check(draft: Draft) -> Draft:
    """Tidied; Invalid with a text per field. Empty lines and steps fall away."""
    lines = [_line(row, place) for place, row in enumerate(draft.lines) if row.name.strip()]
    steps = [_step(row, place) for place, row in enumerate(draft.steps) if row.title.strip()]
    known = {row.key for row in steps}
    draft = replace(
        draft,
        title=" ".join(draft.title.split()),
        purpose=" ".join(draft.purpose.split()),
        source=draft.source.strip(),
        license=" ".join(draft.license.split())[:100],
        label=draft.label.strip()[:40],
        output=draft.output.strip()[:60],
        lines=tuple(row if row.step_key in known else replace(row, step_key="") for row in lines),
        steps=tuple(
            in_order([replace(s, after=[k for k in s.after if k in known]) for s in steps])
        ),
        category=draft.category or _guess(draft),
    )
    if errors := _wrong(draft):
        raise Invalid(errors)
    return draft


def _guess(draft: Draft) -> str:
    words = f"{draft.title} {draft.purpose}"[:500]
    found = categories.load().guess(words, draft.language, limit=1)
    return found[0].id if found else "other"


def _line(row: Line, place: int) -> Line:
    step = row.step if row.scaling == "step" else None
    scaling = row.scaling if step or row.scaling != "step" else "unit"
    return replace(row, name=" ".join(row.name.split()), position=place, step=step, scaling=scaling)


def _step(row: Step, place: int) -> Step:
    return replace(row, title=" ".join(row.title.split()), position=place)


def in_order(steps: list[Step]) -> list[Step]:
    """Each step behind those that come before it, else as given; what goes in a ring is cut."""
    done: set[str] = set()
    left, ordered = list(steps), list[Step]()
    while left:
        ready = next((s for s in left if all(key in done for key in s.after)), None)
        if ready is None:
            ready = replace(left[0], after=[key for key in left[0].after if key in done])
            left[0] = ready
        left.remove(ready)
        done.add(ready.key)
        ordered.append(replace(ready, position=len(ordered)))
    return ordered


def _wrong(draft: Draft) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not any(letter.isprintable() and not letter.isspace() for letter in draft.title):
        errors["title"] = N_("Please give it a title.")
    too_long = N_("That is too long.")
    longest = {
        "title": LONGEST_TITLE,
        "purpose": LONGEST_PURPOSE,
        "source": LONGEST_TEXT,
        "space": LONGEST_NOTE,
        "season": LONGEST_NOTE,
        "safety": LONGEST_TEXT,
        "changes": LONGEST_NOTE,
        "extra": LONGEST_EXTRA,
    }
    errors |= {name: too_long for name, most in longest.items() if len(getattr(draft, name)) > most}
    if draft.category != "other" and not categories.load().find(draft.category):
        errors["category"] = N_("There is no such category.")
    costs = [cost for cost in (draft.cost_low, draft.cost_high) if cost is not None]
    if any(not 0 <= cost <= MOST_EUROS for cost in costs):
        errors["cost_low"] = N_("Please give whole euros, 0 or more.")
    elif len(costs) == 2 and costs[0] > costs[1]:
        errors["cost_high"] = N_("The highest cost is below the lowest.")
    if draft.readiness is not None and not 1 <= draft.readiness <= 5:
        errors["readiness"] = N_("This is not one of the choices.")
    if wrong := _wrong_parts(draft):
        errors["lines"] = wrong
    return errors


def _wrong_parts(draft: Draft) -> str:
    if len(draft.lines) > MOST_LINES or len(draft.steps) > MOST_STEPS:
        return N_("That is more than one blueprint can hold: 500 lines and 200 steps.")
    keys = [row.key for row in draft.lines]
    if len(keys) != len(set(keys)) or len({s.key for s in draft.steps}) != len(draft.steps):
        return N_("Two lines have the same key.")
    for row in draft.lines:
        if len(row.name) > LONGEST_WORDS or len(row.note) > LONGEST_NOTE:
            return N_("One of the lines is too long.")
        if row.quantity is not None and not _is_amount(row.quantity):
            return N_("One of the quantities is no number above zero.")
        if units.find(row.unit) is None:
            return N_("There is no such unit.")
    for step in draft.steps:
        if len(step.title) > LONGEST_WORDS or len(step.source) > LONGEST_TEXT:
            return N_("One of the steps is too long.")
        if step.hours is not None and not _is_amount(step.hours):
            return N_("The hours of a step are no number above zero.")
    return ""


def _is_amount(amount: Decimal) -> bool:
    return amount.is_finite() and 0 < amount <= MOST and amount == round(amount, 3)
