"""Who needs the same, on the wire: `pool` on a need's Note; Join and Leave of people elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final, get_args

from federation.documents import Document, Json, one, text
from federation.wire import agreements, memberships, notes
from schema.pools import Kind, Measure, Pool, State, Sum

MOST: Final = Decimal(1_000_000_000)
MOST_PEOPLE: Final = 1_000_000


def build(total: Sum | None, pool: Pool | None) -> Document:
    """As the need's city counts; nothing where nobody ever said "me too"."""
    if total is None:
        return {}
    found: Document = {"people": total.people}
    if total.quantity:
        found["quantity"] = agreements.plain(total.quantity)
    if pool:
        found |= {
            "kind": pool.kind,
            "measure": pool.measure,
            "threshold": agreements.plain(pool.threshold),
            "endTime": notes.moment(pool.ends),
            "content": pool.note,
            "state": pool.state,
        }
    return {"pool": found}


@dataclass(frozen=True, slots=True)
class GatheringDocument:
    """The one order or workshop of another city's need."""

    kind: Kind
    measure: Measure
    threshold: Decimal
    ends: datetime
    note: str
    state: State


@dataclass(frozen=True, slots=True)
class PoolDocument:
    """How many need the same, with the author, and how much they said."""

    people: int
    quantity: Decimal | None
    gathering: GatheringDocument | None


def read(document: Document) -> PoolDocument | None:
    """None where there is none, or it makes no sense."""
    found = one(document.get("pool"))
    if not isinstance(found, dict):
        return None
    people = found.get("people")
    if not isinstance(people, int) or isinstance(people, bool) or not 0 < people <= MOST_PEOPLE:
        return None
    return PoolDocument(people, _amount(found.get("quantity")), _gathering(found))


def _gathering(found: Document) -> GatheringDocument | None:
    kind = next((one for one in get_args(Kind) if one == text(found, "kind")), None)
    measure = next((one for one in get_args(Measure) if one == text(found, "measure")), None)
    state = next((one for one in get_args(State) if one == text(found, "state")), None)
    threshold, ends = _amount(found.get("threshold")), notes.read_moment(found, "endTime")
    if kind is None or measure is None or state is None or threshold is None or ends is None:
        return None
    note = notes.plain(text(found, "content") or "", 500)
    return GatheringDocument(kind, measure, threshold, ends, note, state)


def _amount(given: Json) -> Decimal | None:
    try:
        found = Decimal(given) if isinstance(given, str) and len(given) < 40 else Decimal(0)
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 < found <= MOST else None


def join(need: str, quantity: Decimal | None, unit: str, edition: int) -> Document:
    """ "Me too", or another amount. Of two that one person sent, that of the higher edition
    holds."""
    return {
        "type": "Join",
        "object": need,
        "resourceQuantity": agreements.measure(quantity, unit),
        "edition": edition,
    }


def leave(need: str, edition: int) -> Document:
    """No longer needed."""
    return {"type": "Leave", "object": need, "edition": edition}


@dataclass(frozen=True, slots=True)
class WordDocument:
    """What a person elsewhere says, in a Join or Leave."""

    quantity: Decimal | None
    edition: int


def read_word(activity: Document) -> WordDocument:
    """In the need's unit; without an amount, or with one that makes no sense, it is not said."""
    measured = one(activity.get("resourceQuantity"))
    given = measured.get("hasNumericalValue") if isinstance(measured, dict) else None
    return WordDocument(_amount(given), memberships.read_edition(activity))
