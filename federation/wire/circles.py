"""Exchange circles on the wire: the Circle in an Offer or Update, answers to it, and summaries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, get_args

from federation import html
from federation.documents import Document, Json, id_of, many, one, text
from federation.errors import Malformed
from federation.wire import agreements, notes
from federation.wire.contexts import CONTEXT
from schema import places, units
from schema.circles import Circle, Part, Reason, State
from schema.edges import Side
from schema.proposals import Purpose

MOST: Final = 4
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class HandOverDocument:
    """Who gives what, from which offer, for which need of the next."""

    party: str
    name: str
    title: str
    offer: str
    need: str
    amount: Decimal | None
    unit: str
    need_amount: Decimal | None
    need_unit: str


@dataclass(frozen=True, slots=True)
class CircleDocument:
    """As the city that decides says it is."""

    id: str
    city: str
    state: State
    reason: Reason
    ends: datetime
    parts: tuple[HandOverDocument, ...]


def build(circle: Circle, parts: Sequence[Part], city_uri: str) -> Document:
    """The whole circle, for the cities of those in it."""
    return {
        "id": circle.uri,
        "type": "Circle",
        "attributedTo": city_uri,
        "circleState": circle.state,
        "circleReason": circle.reason,
        "endTime": notes.moment(circle.ends),
        "handOvers": [_part(part) for part in parts],
    }


def _part(part: Part) -> Document:
    amounts: dict[str, Decimal | None] = {"amount": part.amount, "needAmount": part.need_amount}
    return {
        "type": "HandOver",
        "provider": part.party_uri,
        "providerName": part.party_name,
        "name": part.title,
        "offer": part.offer_uri,
        "need": part.need_uri,
        "unit": part.unit,
        "needUnit": part.need_unit,
        **{name: agreements.plain(value) for name, value in amounts.items() if value is not None},
    }


def offer(document: Document) -> Document:
    """Asks the cities of those in it to ask their people."""
    return {"type": "Offer", "object": document}


def update(document: Document) -> Document:
    """What became of it."""
    return {"type": "Update", "object": document}


def answer(uri: str, party_uri: str, *, yes: bool, reason: Reason = "") -> Document:
    """A city says what one of its people has said; the yes after it has held their goods."""
    body: Document = {"type": "Accept" if yes else "Reject", "object": uri, "target": party_uri}
    return {**body, "circleReason": reason} if reason else body


def alone(document: Document) -> Document:
    """As its address shows it."""
    return {"@context": CONTEXT, **document}


def is_circle(value: Json) -> bool:
    """Whether this is one, or claims to be."""
    found = one(value)
    return isinstance(found, dict) and "Circle" in many(found.get("type"))


def read(value: Json) -> CircleDocument:
    """Malformed unless two to four give something, each once."""
    found = one(value)
    if not isinstance(found, dict) or not is_circle(found):
        raise Malformed("this is no Circle")
    parts = tuple(_read_part(part) for part in many(found.get("handOvers"))[: MOST + 1])
    uri, city = id_of(found) or "", id_of(found.get("attributedTo")) or ""
    ends = notes.read_moment(found, "endTime")
    if not 2 <= len(parts) <= MOST or len({part.party for part in parts}) != len(parts):
        raise Malformed("a Circle has two to four who give, each once")
    if not uri or len(uri) > 2000 or not city or ends is None:
        raise Malformed("a Circle needs id, attributedTo and endTime")
    state = next((one for one in get_args(State) if one == found.get("circleState")), None)
    if state is None:
        raise Malformed("this state is none of the choices")
    return CircleDocument(uri, city, state, read_reason(found), ends, parts)


def read_reason(document: Document) -> Reason:
    """'' for none that we know."""
    said = text(document, "circleReason")
    nothing: Reason = ""
    return next((one for one in get_args(Reason) if one == said), nothing)


def _read_part(value: Json) -> HandOverDocument:
    if not isinstance(value, dict):
        raise Malformed("a hand-over is said as a whole")
    given = {name: text(value, name) or "" for name in ("unit", "needUnit", "offer", "need")}
    amount, need_amount = text(value, "amount"), text(value, "needAmount")
    found = HandOverDocument(
        party=id_of(value.get("provider")) or "",
        name=html.tidy(text(value, "providerName") or "").strip()[:LONGEST],
        title=html.tidy(text(value, "name") or "").strip()[:LONGEST],
        offer=given["offer"],
        need=given["need"],
        amount=agreements.read_amount(amount) if amount else None,
        unit=given["unit"],
        need_amount=agreements.read_amount(need_amount) if need_amount else None,
        need_unit=given["needUnit"],
    )
    uris = (found.party, found.offer, found.need)
    if not all(0 < len(uri) <= 2000 for uri in uris):
        raise Malformed("a hand-over names who gives, the offer and the need")
    if units.find(found.unit) is None or units.find(found.need_unit) is None:
        raise Malformed("this unit is none of the choices")
    return found


def summary(mark: str, party: str, side: Side) -> Document:
    """All that other cities are told before a circle is found."""
    told: dict[str, str | None] = {
        "type": "ExchangeSide",
        "mark": mark,
        "party": party,
        "purpose": side.purpose,
        "category": side.category,
        "unit": side.unit,
        "atLeast": band(side.amount),
        "cell": str(side.cell) if side.cell is not None else None,
        "until": f"{side.until:%Y-%m-%d}" if side.until else None,
        "from": f"{side.since:%Y-%m-%d}" if side.since else None,
        "days": " ".join(str(day) for day in sorted(side.days)),
    }
    return {name: value for name, value in told.items() if value}


def band(amount: float | None) -> str | None:
    """The lower end of 1, 2, 5, 10, 20, 50 … that an amount lies above; None for any amount."""
    if amount is None:
        return None
    steps = [factor * 10.0**power for power in range(-3, 9) for factor in (1, 2, 5)]
    return f"{max((step for step in steps if step <= amount), default=0.001):g}"


def read_summary(value: Json, city: str) -> Side | None:
    """None for what we cannot use."""
    if not isinstance(value, dict):
        return None
    told = {name: text(value, name) or "" for name in ("mark", "party", "purpose", "category")}
    unit, cell, until = (text(value, name) or "" for name in ("unit", "cell", "until"))
    purpose: Purpose = "offer" if told["purpose"] == "offer" else "request"
    if not all(0 < len(word) <= 100 for word in told.values()) or units.find(unit) is None:
        return None
    try:
        place = places.centre(int(cell)) if cell else (None, None)
        ends, begins = _day(until), _day(text(value, "from") or "")
        least = float(text(value, "atLeast") or 0) or None
    except ValueError:
        return None
    return Side(
        key=f"{city} {told['mark']}",
        party=f"{city} {told['party']}",
        city=city,
        category=told["category"],
        unit=unit,
        amount=least,
        until=ends,
        latitude=place[0],
        longitude=place[1],
        purpose=purpose,
        days=frozenset(int(day) for day in (text(value, "days") or "") if day in "0123456"),
        since=begins,
    )


def _day(given: str) -> datetime | None:
    return datetime.fromisoformat(given).replace(tzinfo=UTC) if given else None
