"""The plan of another city's project, read: what it includes, within bounds."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, get_args

from federation import html
from federation.documents import Document, Json, id_of, is_a, many, one, text
from federation.errors import Malformed
from federation.wire import notes, spellings
from federation.wire.proposals import SPEC, read_number
from schema import categories, units
from schema.plans import TaskState
from schema.project_needs import Kind
from schema.projects import State

MOST_PROCESSES: Final = 200
MOST_INPUTS: Final = 2000


@dataclass(frozen=True, slots=True)
class ProcessDocument:
    """A milestone of another city's project."""

    id: str
    step_key: str
    name: str
    starts: date | None
    ends: date | None
    finished: bool


@dataclass(frozen=True, slots=True)
class TaskDocument:
    """A task; `owner` is an address or ''."""

    id: str
    process: str
    step_key: str
    name: str
    note: str
    role: str
    owner: str
    due: date | None
    hours: Decimal | None
    state: TaskState


@dataclass(frozen=True, slots=True)
class NeedDocument:
    """A line of what is needed; `process` is '' for what is of no milestone."""

    id: str
    process: str
    line_key: str
    choice: str
    kind: Kind
    name: str
    quantity: Decimal | None
    unit: str
    category: str
    note: str
    listing: str
    promised: Decimal
    met: Decimal


@dataclass(frozen=True, slots=True)
class GiftDocument:
    """Something that was given for a need."""

    id: str
    need: str
    giver: str
    giver_name: str
    amount: Decimal | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """What we take from another city's plan; `html` is clean."""

    id: str
    owner: str
    aim: str
    html: str
    state: State
    version_uri: str
    version_title: str
    scale: Decimal | None
    output: str
    place_name: str
    latitude: float | None
    longitude: float | None
    starts: date | None
    ends: date | None
    edition: int
    published: datetime | None
    updated: datetime | None
    addressed: tuple[str, ...]
    processes: tuple[ProcessDocument, ...]
    tasks: tuple[TaskDocument, ...]
    needs: tuple[NeedDocument, ...]
    gifts: tuple[GiftDocument, ...]


def is_plan(document: Document) -> bool:
    """Whether it includes processes, and so is more than a Note (FEP-3264: Plan or Note)."""
    kinds = many(document.get("type"))
    return "Plan" in kinds or ("Note" in kinds and "planIncludes" in document)


def read(document: Document) -> PlanDocument:
    """Raises Malformed for what has no id, no owner or too much in it."""
    id, owner = text(document, "id"), id_of(document.get("attributedTo"))
    edition = document.get("edition")
    if not id or not owner:
        raise Malformed("a plan needs id and attributedTo")
    if isinstance(edition, bool) or not isinstance(edition, int) or not 0 < edition < 2**31:
        raise Malformed("a plan needs the number of its edition")
    parts = _Parts.read(document)
    where = _object(document.get("location"))
    state = text(document, "projectState")
    aim = notes.read_source(document)[:20_000]
    name = text(document, "name") or ""
    latitude, longitude = _degrees(where.get("latitude"), 90), _degrees(where.get("longitude"), 180)
    return PlanDocument(
        id=id,
        owner=owner,
        aim=aim,
        html=html.to_html(aim) if aim else notes.read_html(document, name),
        state=next((known for known in get_args(State) if known == state), "running"),
        version_uri=(id_of(document.get("wasDerivedFrom")) or "")[:2000],
        version_title=_line(document, "derivedTitle"),
        scale=_amount(document.get("scale")),
        output=_line(document, "scaleUnit"),
        place_name=_line(where, "name")[:100],
        latitude=latitude if longitude is not None else None,
        longitude=longitude if latitude is not None else None,
        starts=_read_day(document, "hasBeginning"),
        ends=_read_day(document, "due"),
        edition=edition,
        published=notes.read_moment(document, "published"),
        updated=notes.read_moment(document, "updated"),
        addressed=notes.addressees(document),
        processes=tuple(parts.processes),
        tasks=tuple(parts.tasks),
        needs=tuple(parts.needs),
        gifts=tuple(parts.gifts),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a plan includes, sorted by what it is."""

    processes: list[ProcessDocument]
    tasks: list[TaskDocument]
    needs: list[NeedDocument]
    gifts: list[GiftDocument]

    @classmethod
    def read(cls, document: Document) -> "_Parts":
        found = cls([], [], [], [])
        for part in many(document.get("planIncludes")):
            inner = _object(part)
            if is_a(inner, "Process"):
                process = _read_process(inner)
                found.processes.append(process)
                for item in many(inner.get("hasInput")):
                    found._add(_object(item), process.id)
            else:
                found._add(inner, "")
        inputs = len(found.tasks) + len(found.needs) + len(found.gifts)
        if len(found.processes) > MOST_PROCESSES or inputs > MOST_INPUTS:
            raise Malformed("a plan has too many parts")
        return found

    def _add(self, item: Document, process: str) -> None:
        id, action = text(item, "id"), spellings.action(item)
        if not id:
            return
        if is_a(item, "EconomicEvent"):
            self.gifts.append(_read_gift(item, id))
        elif not is_a(item, "Intent", "Commitment"):
            return
        elif action == "work" and process:
            self.tasks.append(_read_task(item, id, process))
        else:
            self.needs.append(_read_need(item, id, process))


def _read_process(item: Document) -> ProcessDocument:
    id = text(item, "id")
    if not id:
        raise Malformed("a Process needs an id")
    return ProcessDocument(
        id=id,
        step_key=_line(item, "stepKey"),
        name=_line(item, "name") or "…",
        starts=_read_day(item, "hasBeginning"),
        ends=_read_day(item, "hasEnd"),
        finished=item.get("finished") is True,
    )


def _read_task(item: Document, id: str, process: str) -> TaskDocument:
    owner = id_of(item.get("provider")) or ""
    taken: TaskState = "taken" if is_a(item, "Commitment") else "open"
    return TaskDocument(
        id=id,
        process=process,
        step_key=_line(item, "stepKey"),
        name=_line(item, "name") or "…",
        note=html.tidy(text(item, "note") or "")[:2000],
        role=_line(item, "workRole"),
        owner=owner,
        due=_read_day(item, "due"),
        hours=_amount(_object(item.get("effortQuantity")).get("hasNumericalValue")),
        state="done" if taken == "taken" and item.get("finished") is True else taken,
    )


def _read_need(item: Document, id: str, process: str) -> NeedDocument:
    amount = _object(item.get("resourceQuantity"))
    category = (id_of(item.get("resourceConformsTo")) or "").removeprefix(SPEC)
    label = text(amount, "unitLabel") or ""
    unit = units.find(label) or units.from_om2(text(amount, "hasUnit") or "one")
    return NeedDocument(
        id=id,
        process=process,
        line_key=_line(item, "lineKey"),
        choice=_line(item, "choice"),
        kind="tool" if spellings.action(item) == "use" else "material",
        name=_line(item, "name") or "…",
        quantity=_amount(amount.get("hasNumericalValue")),
        unit=unit.id if unit else "piece",
        category=category if categories.load().find(category) else "other",
        note=html.tidy(text(item, "note") or "")[:2000],
        listing=(id_of(item.get("listing")) or "")[:2000],
        promised=read_number(one(item.get("promised"))) or Decimal(0),
        met=read_number(one(item.get("met"))) or Decimal(0),
    )


def _read_gift(item: Document, id: str) -> GiftDocument:
    return GiftDocument(
        id=id,
        need=id_of(item.get("satisfies")) or "",
        giver=id_of(item.get("provider")) or "",
        giver_name=_line(item, "name"),
        amount=_amount(_object(item.get("resourceQuantity")).get("hasNumericalValue")),
        at=notes.read_moment(item, "hasPointInTime"),
    )


def _amount(value: Json) -> Decimal | None:
    """Above zero; None for anything else."""
    return read_number(one(value)) or None


def _line(item: Document, key: str) -> str:
    return " ".join(html.tidy(text(item, key) or "").split())[:200]


def _read_day(item: Document, key: str) -> date | None:
    moment = notes.read_moment(item, key)
    return moment.date() if moment else None


def _object(value: Json) -> Document:
    found = one(value)
    return found if isinstance(found, dict) else {}


def _degrees(value: Json, limit: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -limit <= value <= limit else None
