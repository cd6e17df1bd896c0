"""What is said of a place that is open for use, on the wire: one field of the offer's Note."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, get_args

from federation import html
from federation.documents import Document, many, text
from federation.errors import Malformed
from federation.wire.agreements import plain, read_amount
from schema.premises import Kind, Premises, Repair, Supply, Terms

FIELD: Final = "sn:premises"


def build(row: Premises | None) -> Document:
    """Nothing for an offer of something else."""
    if row is None:
        return {}
    said: Document = {
        "sn:kind": row.kind,
        "sn:repair": row.repair,
        "sn:terms": row.terms,
        "sn:contact": row.contact,
        "sn:supplies": [*row.supplies],
    }
    if row.size is not None:
        said["sn:squareMetres"] = plain(row.size)
    if row.begins:
        said["sn:begins"] = row.begins.isoformat()
    return {FIELD: said}


@dataclass(frozen=True, slots=True)
class PremisesDocument:
    """As another server says it."""

    kind: Kind
    size: Decimal | None
    repair: Repair
    terms: Terms
    begins: date | None
    contact: str
    supplies: tuple[Supply, ...]


def read(document: Document) -> PremisesDocument | None:
    """None without it, or where it makes no sense."""
    said = document.get(FIELD)
    if not isinstance(said, dict):
        return None
    kind = next((one for one in get_args(Kind) if one == text(said, "sn:kind")), None)
    terms = next((one for one in get_args(Terms) if one == text(said, "sn:terms")), None)
    if kind is None or terms is None:
        return None
    given = {one for one in many(said.get("sn:supplies"))[:20] if isinstance(one, str)}
    known: tuple[Supply, ...] = get_args(Supply)
    return PremisesDocument(
        kind=kind,
        size=_size(said),
        repair=next((one for one in get_args(Repair) if one == text(said, "sn:repair")), ""),
        terms=terms,
        begins=_day(text(said, "sn:begins") or ""),
        contact=" ".join(html.tidy(text(said, "sn:contact") or "").split())[:100],
        supplies=tuple(one for one in known if one in given),
    )


def _size(said: Document) -> Decimal | None:
    try:
        return read_amount(said.get("sn:squareMetres"))
    except Malformed:
        return None


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        return None
