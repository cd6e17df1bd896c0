"""The lines and steps of a blueprint as a Valueflows recipe, built and read."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar, get_args

from markupsafe import escape

from federation import html
from federation.documents import Document, Json, many, one, text
from federation.wire import spellings
from schema import categories, units
from schema.blueprints import Kind, Line, Scaling, Step, Version
from schema.instructions import LONGEST_NOTE, LONGEST_WORDS, MOST_LINES, MOST_STEPS, NOBODYS, line

SPEC: Final = "https://w3id.org/stadtnetz#"
NEEDED: Final = "needed"  # the process that holds what no step needs alone
Row = TypeVar("Row", Line, Step)
_ACTIONS: Final[dict[Kind, str]] = {"material": "consume", "tool": "use"}


def build(version: Version, lines: Sequence[Line], steps: Sequence[Step]) -> list[Json]:
    """A RecipeProcess for each step, and one for what belongs to none."""
    found: list[Json] = [_process(version, step, lines) for step in steps]
    keys = {step.key for step in steps}
    loose: list[Json] = [_flow(version, row) for row in lines if row.step_key not in keys]
    if loose or not found:
        found.insert(
            0,
            {
                "type": "RecipeProcess",
                "id": f"{version.uri}#{NEEDED}",
                "name": "Material",
                "hasRecipeInput": loose,
            },
        )
    return found


def _process(version: Version, step: Step, lines: Sequence[Line]) -> Document:
    flows: list[Json] = [_flow(version, row) for row in lines if row.step_key == step.key]
    if step.hours is not None or step.people is not None:
        flows.insert(0, _work(step))
    return {
        "type": "RecipeProcess",
        "id": f"{version.uri}#step-{step.key}",
        "name": step.title,
        "note": step.source,
        "hasRecipeInput": flows,
        "stepOf": {
            "key": step.key,
            "role": step.role,
            "skills": list(step.skills),
            "after": list(step.after),
        },
    }


def _work(step: Step) -> Document:
    work: Document = {"type": "RecipeFlow", "action": "work"}
    if step.hours is not None:
        number = amount_text(step.hours)
        work["effortQuantity"] = {"hasUnit": "hour", "hasNumericalValue": number}
    if step.people is not None:
        work["resourceQuantity"] = {"hasUnit": "one", "hasNumericalValue": str(step.people)}
    return work


def _flow(version: Version, row: Line) -> Document:
    unit = units.find(row.unit)
    measure: Document = {"hasUnit": unit.om2 if unit else "one", "unitLabel": row.unit}
    if row.quantity is not None:
        measure["hasNumericalValue"] = amount_text(row.quantity)
    flow: Document = {
        "type": "RecipeFlow",
        "id": f"{version.uri}#line-{row.key}",
        "action": _ACTIONS[row.kind],
        "name": row.name,
        "resourceQuantity": measure,
        "scaling": {
            "key": row.key,
            "place": row.position,
            "by": row.scaling,
            **({"of": amount_text(row.step)} if row.step else {}),
            **({"choice": row.choice} if row.choice else {}),
        },
    }
    if row.note:
        flow["note"] = row.note
    if row.category:
        flow["resourceConformsTo"] = SPEC + row.category
    return flow


def amount_text(amount: Decimal) -> str:
    """A number as other parsers take it: "2", "1.5"."""
    shown = f"{amount:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def listed(lines: Sequence[Line], kind: Kind, *, german: bool) -> list[str]:
    """Lines of a kind as HTML for a list."""
    found: list[str] = []
    for row in lines:
        if row.kind != kind:
            continue
        unit = units.find(row.unit)
        words = ""
        if row.quantity is not None and unit:
            number = amount_text(row.quantity)
            number = number.replace(".", ",") if german else number
            words = f"{number} {unit.word(row.quantity, 'de' if german else 'en')} "
        found.append(f"{words}{escape(row.name)}{f' ({escape(row.note)})' if row.note else ''}")
    return found


def read(value: Json) -> tuple[tuple[Line, ...], tuple[Step, ...]]:
    """Lines and steps of any server's recipe; what makes no sense in it is left out."""
    lines: list[Line] = []
    steps: list[Step] = []
    for process in many(value)[: MOST_STEPS + 1]:
        if not isinstance(process, dict):
            continue
        flows = [flow for flow in many(process.get("hasRecipeInput")) if isinstance(flow, dict)]
        key = ""
        if not (text(process, "id") or "").endswith(f"#{NEEDED}"):
            step = _step(process, flows, len(steps))
            key = step.key
            steps.append(step)
        for flow in flows:
            if spellings.action(flow) != "work" and len(lines) < MOST_LINES:
                lines.append(_line(flow, key, len(lines)))
    # The places are those of the author's list; steps have only grouped them.
    ordered = [replace(row, position=at) for at, row in enumerate(sorted(lines, key=_place))]
    known = {step.key for step in steps}
    cut = [replace(step, after=[key for key in step.after if key in known]) for step in steps]
    return _unlike(ordered), _unlike(cut[:MOST_STEPS])


def _unlike(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Each key once: the first keeps it."""
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(row.key, row)
    return tuple(found.values())


def _step(process: Document, flows: Sequence[Document], place: int) -> Step:
    own = one(process.get("stepOf"))
    own = own if isinstance(own, dict) else {}
    none: Document = {}
    work = next((flow for flow in flows if spellings.action(flow) == "work"), none)
    hours = _amount(_measure(work, "effortQuantity"))
    people = _amount(_measure(work, "resourceQuantity"))
    title = html.tidy(text(process, "name") or "").strip()[:LONGEST_WORDS]
    return Step(
        version_id=NOBODYS,
        key=_key(own.get("key"), f"step{place + 1}"),
        position=place,
        title=title or f"{place + 1}",
        source=html.tidy(text(process, "note") or "")[:20_000],
        role=html.tidy(text(own, "role") or "")[:LONGEST_WORDS],
        skills=[html.tidy(s)[:60] for s in many(own.get("skills"))[:20] if isinstance(s, str)],
        hours=hours,
        people=int(people) if people and 1 <= people <= 10_000 else None,
        after=[_key(k, "") for k in many(own.get("after"))[:50] if isinstance(k, str)],
    )


def _line(flow: Document, step_key: str, place: int) -> Line:
    own = one(flow.get("scaling"))
    own = own if isinstance(own, dict) else {}
    measure = _measure(flow, "resourceQuantity")
    label = text(measure, "unitLabel") or ""
    unit = units.find(label) or units.from_om2(text(measure, "hasUnit") or "")
    by: Scaling = next((one for one in get_args(Scaling) if one == own.get("by")), "unit")
    of = _decimal(own.get("of"))
    kind = (text(flow, "resourceConformsTo") or "").removeprefix(SPEC)
    name = html.tidy(text(flow, "name") or "").strip()[:LONGEST_WORDS]
    return line(
        _key(own.get("key"), f"line{place + 1}"),
        name or kind.rpartition("/")[2][:LONGEST_WORDS] or "?",
        kind="tool" if spellings.action(flow) in ("use", "cite") else "material",
        position=_said_place(own.get("place"), place),
        quantity=_amount(measure),
        unit=unit.id if unit else "piece",
        scaling=by if of or by != "step" else "unit",
        step=of if by == "step" else None,
        choice=html.tidy(text(own, "choice") or "")[:60],
        category=kind if categories.load().find(kind) else "",
        note=html.tidy(text(flow, "note") or "")[:LONGEST_NOTE],
        step_key=step_key,
    )


def _said_place(said: Json, other: int) -> int:
    return other if isinstance(said, bool) or not isinstance(said, int) else said


def _place(row: Line) -> int:
    return row.position


def _key(value: Json, other: str) -> str:
    return value[:40] if isinstance(value, str) and value.strip() else other


def _measure(flow: Document, key: str) -> Document:
    found = one(flow.get(key))
    return found if isinstance(found, dict) else {}


def _amount(measure: Document) -> Decimal | None:
    return _decimal(one(measure.get("hasNumericalValue")))


def _decimal(value: Json) -> Decimal | None:
    """Above zero, to three places; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 40:
        return None
    try:
        found = round(Decimal(str(value).strip()), 3)
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 < found <= 1_000_000_000 else None
