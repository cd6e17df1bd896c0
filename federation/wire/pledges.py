"""Pledges on the wire: Commitments of a place towards a project's plan, and what fulfills them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final, Literal

from markupsafe import escape

from federation import html
from federation.documents import Document, Json, id_of, many, one, text
from federation.errors import Malformed
from federation.wire import notes, spellings
from federation.wire.agreements import measure
from federation.wire.contexts import CONTEXT
from federation.wire.proposals import read_number
from schema import units
from schema.actors import Actor
from schema.pledges import Delivery, Kind, Pledge

TERMS: Final[Json] = [
    *many(CONTEXT),
    {"independentDemandOf": {"@id": "vf:independentDemandOf", "@type": "@id"}},
]
_ACTIONS: Final[dict[Kind, str]] = {
    "material": "transfer",
    "hours": "work",
    "knowledge": "deliverService",
}
_KINDS: Final[dict[str, Kind]] = {action: kind for kind, action in _ACTIONS.items()}


@dataclass(frozen=True, slots=True)
class Ends:
    """Who gives to which project, and the address of its plan."""

    giver: Actor
    project: Actor
    plan: str


def commitment(row: Pledge, ends: Ends) -> Document:
    """What is pledged, as it is now; `finished`: no more of it will come."""
    document: Document = {
        "@context": TERMS,
        "id": row.uri,
        "type": "Commitment",
        "attributedTo": ends.giver.uri,
        "to": [ends.project.uri],
        "cc": [],
        "name": row.title,
        "content": f"<p>{escape(row.note)}</p>" if row.note else "",
        "url": row.uri,
        **_flow(row.kind, row.quantity, row.unit, ends),
        "independentDemandOf": ends.plan,
        "edition": row.edition,
        "finished": row.withdrawn_at is not None,
        "published": notes.moment(row.created),
        "updated": notes.moment(row.updated),
    }
    if row.need_uri:
        document["satisfies"] = row.need_uri
    if row.due:
        document["due"] = notes.moment(datetime.combine(row.due, time(), UTC))
    if row.withdrawn_at and row.reason:
        document["note"] = row.reason
    return document


def _flow(kind: Kind, amount: Decimal, unit: str, ends: Ends) -> Document:
    said = "resourceQuantity" if kind == "material" else "effortQuantity"
    return {
        "action": _ACTIONS[kind],
        "provider": ends.giver.uri,
        "receiver": ends.project.uri,
        said: measure(amount, unit),
    }


def tell(kind: Literal["Create", "Update"], row: Pledge, ends: Ends) -> Document:
    """By the giver."""
    return {"@context": TERMS, "type": kind, "object": _inner(commitment(row, ends))}


def answer(kind: Literal["Accept", "Reject"], row: Pledge, ends: Ends, reason: str) -> Document:
    """By the project, to that very edition; the reason as plain text."""
    named: Document = {"id": row.uri, "type": "Commitment", "edition": row.edition}
    return {"@context": TERMS, "type": kind, "object": named, **_said(reason)}


def deliver(row: Delivery, pledge: Pledge, ends: Ends) -> Document:
    """By the giver: some of it was brought."""
    event: Document = {
        "id": row.uri,
        "type": "EconomicEvent",
        "attributedTo": ends.giver.uri,
        "to": [ends.project.uri],
        "cc": [],
        "name": pledge.title,
        "content": f"<p>{escape(row.note)}</p>" if row.note else "",
        "fulfills": pledge.uri,
        **_flow(pledge.kind, row.amount, pledge.unit, ends),
        "hasPointInTime": notes.moment(row.said_at),
        "published": notes.moment(row.said_at),
    }
    return {"@context": TERMS, "type": "Create", "object": event}


def receipt(
    kind: Literal["Accept", "Reject"], row: Delivery, pledge: Pledge, reason: str
) -> Document:
    """By the project: it has come, or not."""
    named: Document = {"id": row.uri, "type": "EconomicEvent", "fulfills": pledge.uri}
    return {"@context": TERMS, "type": kind, "object": named, **_said(reason)}


def _said(reason: str) -> Document:
    return {"content": f"<p>{escape(reason)}</p>"} if reason else {}


def _inner(document: Document) -> Document:
    return {key: value for key, value in document.items() if key != "@context"}


@dataclass(frozen=True, slots=True)
class PledgeDocument:
    """What a place of another server pledges; texts are plain."""

    id: str
    giver: str
    project: str
    need: str
    kind: Kind
    title: str
    note: str
    quantity: Decimal
    unit: str
    due: date | None
    edition: int
    finished: bool
    reason: str
    published: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryDocument:
    """What it says to have brought."""

    id: str
    giver: str
    pledge: str
    amount: Decimal
    note: str
    at: datetime | None


def is_pledge(document: Json) -> bool:
    """A Commitment with the number of its edition; that of a task has none."""
    return (
        isinstance(document, dict)
        and "Commitment" in many(document.get("type"))
        and "edition" in document
    )


def is_delivery(document: Json) -> bool:
    """An event that fulfills something."""
    return (
        isinstance(document, dict)
        and "EconomicEvent" in many(document.get("type"))
        and bool(id_of(document.get("fulfills")))
    )


def read_edition(document: Document) -> int:
    """Malformed without a number above zero."""
    edition = document.get("edition")
    if isinstance(edition, bool) or not isinstance(edition, int) or not 0 < edition < 2**31:
        raise Malformed("a pledge needs the number of its edition")
    return edition


def read(document: Document) -> PledgeDocument:
    """Malformed unless it says who gives how much of what to whom."""
    id, project = text(document, "id"), id_of(one(document.get("receiver")))
    giver, title = id_of(one(document.get("attributedTo"))), _line(document, "name")
    kind = _KINDS.get(spellings.action(document))
    quantity, unit = _measured(document)
    if not id or not giver or not project or not title or kind is None:
        raise Malformed("a pledge needs an id, two sides, an action and a name")
    if id_of(one(document.get("provider"))) not in (giver, None):
        raise Malformed("a place pledges what it gives itself")
    due = notes.read_moment(document, "due")
    return PledgeDocument(
        id=id,
        giver=giver,
        project=project,
        need=(id_of(one(document.get("satisfies"))) or "")[:2000],
        kind=kind,
        title=title,
        note=_plain(document),
        quantity=quantity,
        unit=unit,
        due=due.date() if due else None,
        edition=read_edition(document),
        finished=document.get("finished") is True,
        reason=html.tidy(text(document, "note") or "")[:500],
        published=notes.read_moment(document, "published"),
    )


def read_delivery(document: Document) -> DeliveryDocument:
    """Malformed unless it says what it fulfills, and with how much."""
    id, pledge = text(document, "id"), id_of(one(document.get("fulfills")))
    giver = id_of(one(document.get("attributedTo")))
    if not id or not pledge or not giver:
        raise Malformed("a delivery needs an id, a giver and what it fulfills")
    amount, _ = _measured(document)
    at = notes.read_moment(document, "hasPointInTime")
    return DeliveryDocument(id, giver, pledge, amount, _plain(document), at)


def read_reason(activity: Document) -> str:
    """Why, as plain text."""
    return notes.plain(notes.read_html(activity), 500)


def _measured(document: Document) -> tuple[Decimal, str]:
    said = one(document.get("resourceQuantity")) or one(document.get("effortQuantity"))
    found = said if isinstance(said, dict) else {}
    amount = read_number(one(found.get("hasNumericalValue")))
    label = text(found, "unitLabel") or ""
    unit = units.find(label) or units.from_om2(text(found, "hasUnit") or "one")
    if not amount or unit is None:
        raise Malformed("a pledge needs an amount above zero in a unit that is known")
    return amount, unit.id


def _line(document: Document, key: str) -> str:
    return " ".join(html.tidy(text(document, key) or "").split())[:200]


def _plain(document: Document) -> str:
    return notes.plain(notes.read_html(document), 2000)
