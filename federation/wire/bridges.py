"""Hours between cities on the wire: limits, and EconomicEvents offered and accepted."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from markupsafe import escape

from federation import html
from federation.documents import Document, Json, id_of, many, one, text
from federation.errors import Malformed
from federation.wire import notes
from federation.wire.agreements import plain, read_amount

BRIDGE: Final = "sn:HourBridge"
EVENT: Final = "vf:EconomicEvent"
MOST: Final = Decimal(10_000)


def _hours(amount: Decimal) -> Document:
    return {"hasUnit": "hour", "unitLabel": "h", "hasNumericalValue": plain(amount)}


def limit(amount: Decimal, at: str) -> Document:
    """How far the balance between the two cities may go, as the sender sees it."""
    bridge: Document = {"type": BRIDGE, "resourceQuantity": _hours(amount), "published": at}
    return {"type": "Offer", "object": bridge, "published": at}


@dataclass(frozen=True, slots=True)
class Event:
    """Hours that go from one person to another; `key` is the agreement they come of, or a name
    that the giver's city gave."""

    key: str
    provider: str
    receiver: str
    amount: Decimal
    text: str
    of_agreement: bool

    def document(self) -> Document:
        """As an EconomicEvent of Valueflows."""
        event: Document = {
            "type": EVENT,
            "action": "transfer",
            "provider": self.provider,
            "receiver": self.receiver,
            "resourceQuantity": _hours(self.amount),
            "context": self.key,
            "content": str(escape(self.text)),
        }
        return {**event, "realizationOf": self.key} if self.of_agreement else event


def offer(event: Event) -> Document:
    """The giver's city has reserved the hours; the other one is asked to take them."""
    return {"type": "Offer", "object": event.document(), "context": event.key}


def accept(event: Event, offer_uri: str, uri: str) -> Document:
    """They are booked: the receipt, under an address of its own."""
    result: Document = {"id": uri, **event.document(), "finished": True}
    return {"type": "Accept", "object": offer_uri, "result": result, "context": event.key}


def reject(event: Event, offer_uri: str, reason: str) -> Document:
    """They are not taken, and why."""
    return {
        "type": "Reject",
        "object": offer_uri,
        "result": event.document(),
        "context": event.key,
        "content": str(escape(reason)),
    }


def kinds(value: Json) -> set[str]:
    """The types of an embedded object, without prefixes."""
    found = one(value)
    named = many(found.get("type")) if isinstance(found, dict) else []
    return {kind.rpartition(":")[2].rpartition("#")[2] for kind in named if isinstance(kind, str)}


def read_limit(document: Document) -> tuple[Decimal, datetime]:
    """Malformed for anything but hours from zero on."""
    found = one(document.get("object"))
    at = notes.read_moment(document, "published")
    if not isinstance(found, dict) or at is None:
        raise Malformed("a limit is said in hours, and when")
    return _read_hours(found, least=Decimal(0)), at


def read_event(value: Json) -> Event:
    """Malformed unless it says who gives how many hours to whom, and for what."""
    found = one(value)
    if not isinstance(found, dict) or "EconomicEvent" not in kinds(found):
        raise Malformed("this is no EconomicEvent")
    key = id_of(found.get("context")) or ""
    provider, receiver = id_of(found.get("provider")), id_of(found.get("receiver"))
    if not key or len(key) > 1900 or not provider or not receiver:
        raise Malformed("an EconomicEvent has a name and two ends")
    return Event(
        key=key,
        provider=provider,
        receiver=receiver,
        amount=_read_hours(found, least=Decimal("0.01")),
        text=notes.plain(html.clean(text(found, "content") or ""), 500),
        of_agreement=bool(id_of(found.get("realizationOf"))),
    )


def _read_hours(document: Document, *, least: Decimal) -> Decimal:
    measure = one(document.get("resourceQuantity"))
    if not isinstance(measure, dict) or text(measure, "unitLabel") != "h":
        raise Malformed("hours are counted in hours")
    given = text(measure, "hasNumericalValue") or ""
    found = Decimal(0) if given == "0" else read_amount(given)
    if not least <= found <= MOST or found != round(found, 2):
        raise Malformed("hours are counted in hundredths")
    return found


def reason(document: Document) -> str:
    """Why it was rejected, as plain text."""
    return notes.plain(html.clean(text(document, "content") or ""), 300)
