"""Agreements on the wire: FEP-0837 Offer, Accept and Reject, receipts, and letters beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final, get_args

from markupsafe import escape

from federation import html
from federation.documents import Document, Json, id_of, many, one, text
from federation.errors import Malformed
from federation.wire import notes, seals, spellings
from federation.wire.contexts import CONTEXT, is_public
from schema import units
from schema.actors import Actor
from schema.agreements import Act, Agreement, HandOver, Terms
from schema.proposals import Proposal, ReturnKind

LONGEST: Final = 2000
MOST: Final = Decimal(1_000_000_000)
TYPE: Final = "AgreementStep"
RECEIPTS: Final = frozenset({"EconomicEvent", "Document", "Note"})
LETTERS: Final = frozenset(
    {"late", "confirm", "miss", "back", "object", "settle", "annul", "thank", "say"}
)


@dataclass(frozen=True, slots=True)
class Written:
    """One step as its author's city writes it, under an address of its own; `previous` is the
    hash of the version before."""

    uri: str
    key: str
    proposal: str
    act: Act
    actor: str
    text: str
    previous: str
    at: str
    terms: Terms | None = None
    proof: Document | None = None

    def document(self) -> Document:
        """What is hashed and sealed: texts only."""
        document: Document = {
            "type": TYPE,
            "id": self.uri,
            "agreement": self.key,
            "proposal": self.proposal,
            "act": self.act,
            "actor": self.actor,
            "text": self.text,
            "previous": self.previous,
            "published": self.at,
        }
        return {**document, "terms": terms_document(self.terms)} if self.terms else document


def terms_document(terms: Terms) -> Document:
    """Every term as a text; what is not said is left out."""
    given: dict[str, str | None] = {
        "amount": plain(terms.amount) if terms.amount is not None else None,
        "unit": terms.unit,
        "returnKind": terms.return_kind,
        "returnNote": terms.return_note,
        "handOver": terms.hand_over,
        "place": terms.place,
        "startTime": notes.moment(terms.at) if terms.at else None,
        "otherTime": notes.moment(terms.at_other) if terms.at_other else None,
        "backBy": notes.moment(terms.back_by) if terms.back_by else None,
        "hours": plain(terms.hours) if terms.hours is not None else None,
    }
    return {name: value for name, value in given.items() if value}


def plain(amount: Decimal) -> str:
    """Without an exponent or zeros that say nothing."""
    shown = f"{amount:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def read_terms(document: Document) -> Terms:
    """Malformed for anything that is not one of the choices."""
    kind, where = text(document, "returnKind") or "open", text(document, "handOver") or "open"
    return_kind = next((one for one in get_args(ReturnKind) if one == kind), None)
    hand_over = next((one for one in get_args(HandOver) if one == where), None)
    unit = text(document, "unit") or "piece"
    if return_kind is None or hand_over is None or units.find(unit) is None:
        raise Malformed("these terms are none of the choices")
    given, hours = text(document, "amount"), text(document, "hours")
    return Terms(
        amount=read_amount(given) if given else None,
        unit=unit,
        return_kind=return_kind,
        return_note=html.tidy(text(document, "returnNote") or "")[:200],
        hand_over=hand_over,
        place=html.tidy(text(document, "place") or "")[:200],
        at=notes.read_moment(document, "startTime"),
        at_other=notes.read_moment(document, "otherTime"),
        back_by=notes.read_moment(document, "backBy"),
        hours=read_amount(hours) if hours else None,
    )


def read_amount(given: Json) -> Decimal:
    """Above zero, to three places; Malformed otherwise."""
    try:
        found = Decimal(given) if isinstance(given, str) and len(given) < 40 else Decimal(0)
    except InvalidOperation:
        found = Decimal(0)
    if not found.is_finite() or not 0 < found <= MOST or found != round(found, 3):
        raise Malformed("an amount is a number above zero")
    return found


def sealed(step: Written) -> Document:
    """The step with its proof, as an activity or letter carries it."""
    document = step.document()
    return {**document, "proof": step.proof} if step.proof else document


def read_step(carrier: Document) -> Written | None:
    """The sealed step in an activity or letter; None where there is none. Malformed when the
    bytes that were hashed would not be those we would write."""
    found = one(carrier.get("agreementStep"))
    if not isinstance(found, dict):
        return None
    given = {name: value for name, value in found.items() if name != "proof"}
    proof, terms = found.get("proof"), given.get("terms")
    act = next((one for one in get_args(Act) if one == given.get("act")), None)
    if act is None:
        raise Malformed("this step is none of the choices")
    step = Written(
        uri=text(given, "id") or "",
        key=text(given, "agreement") or "",
        proposal=text(given, "proposal") or "",
        act=act,
        actor=text(given, "actor") or "",
        text=text(given, "text") or "",
        previous=text(given, "previous") or "",
        at=text(given, "published") or "",
        terms=read_terms(terms) if isinstance(terms, dict) else None,
        proof=proof if isinstance(proof, dict) else None,
    )
    if len(step.text) > LONGEST or len(step.key + step.uri) > 2000 or not step.key:
        raise Malformed("this step is too long, or about nothing")
    if seals.canonical(step.document()) != seals.canonical(given):
        raise Malformed("this step says more than a step does")
    return step


def offer(proposal: Proposal, terms: Terms, step: Written) -> Document:
    """Offer of an Agreement that has no id yet; `to` and the activity's id are added later."""
    return {
        "type": "Offer",
        "object": _agreement(proposal, terms),
        "context": step.key,
        "content": str(escape(step.text)),
        "agreementStep": sealed(step),
    }


def accept(row: Agreement, proposal: Proposal, author: Actor, step: Written) -> Document:
    """Accept of the Offer, with the finished Agreement as its result."""
    return {
        "type": "Accept",
        "object": row.offer_uri,
        "result": build(row, proposal, author),
        "context": row.key,
        "content": str(escape(step.text)),
        "agreementStep": sealed(step),
    }


def reject(row: Agreement, proposal: Proposal, step: Written) -> Document:
    """Reject of the Offer; with terms it says which ones would do, and another Offer may come."""
    body: Document = {
        "type": "Reject",
        "object": row.offer_uri,
        "context": row.key,
        "content": str(escape(step.text)),
        "agreementStep": sealed(step),
    }
    return {**body, "result": _agreement(proposal, step.terms)} if step.terms else body


def undo(row: Agreement, by: Actor, to: Actor, uri: str, kind: str, step: Written) -> Document:
    """One takes back what they offered or accepted, addressed as it was."""
    undone: Document = {"id": uri, "type": kind, "actor": by.uri, "object": row.uri or row.key}
    return {
        "type": "Undo",
        "object": {**undone, "to": [to.uri], "cc": []},
        "context": row.key,
        "content": str(escape(step.text)),
        "agreementStep": sealed(step),
    }


def build(row: Agreement, proposal: Proposal, author: Actor) -> Document:
    """The finished Agreement, as its address shows it to the two parties' servers."""
    uri = row.uri or ""
    document = _agreement(proposal, row.terms)
    head: Document = {"id": uri, "attributedTo": author.uri, "context": row.key}
    for name, mark in (("stipulates", "primary"), ("stipulatesReciprocal", "reciprocal")):
        found = document.get(name)
        if isinstance(found, dict):
            document[name] = {"id": f"{uri}#{mark}", **found}
    return {**head, **document}


def _agreement(proposal: Proposal, terms: Terms) -> Document:
    document: Document = {
        "type": "Agreement",
        "stipulates": {
            "type": "Commitment",
            "satisfies": f"{proposal.uri}#primary",
            "resourceQuantity": measure(terms.amount, terms.unit),
        },
    }
    if proposal.return_kind in ("swap", "hours"):
        document["stipulatesReciprocal"] = {
            "type": "Commitment",
            "satisfies": f"{proposal.uri}#reciprocal",
            "resourceQuantity": measure(terms.hours, "h")
            if terms.hours is not None
            else {"hasUnit": "hour" if proposal.return_kind == "hours" else "one"},
        }
    return document


def measure(amount: Decimal | None, unit: str) -> Document:
    """In a unit of ours; without a number it is any amount."""
    known = units.find(unit)
    measure: Document = {"hasUnit": known.om2 if known else "one", "unitLabel": unit}
    return measure if amount is None else {**measure, "hasNumericalValue": plain(amount)}


@dataclass(frozen=True, slots=True)
class Ends:
    """The two between whom a letter goes, and who of them gives."""

    by: Actor
    to: Actor
    giver: Actor
    taker: Actor


def letter(row: Agreement, ends: Ends, step: Written, words: str, host: str) -> Document:
    """A Note to the other party alone, readable everywhere. The receipt of a hand-over has the
    properties of an EconomicEvent (Valueflows) as well. `words` is clean HTML."""
    note: Document = {
        **_note(row.uri or row.key, ends.by, [ends.to], step.uri, step.at, words, host),
        "agreementStep": sealed(step),
    }
    if step.act not in ("confirm", "back"):
        return note
    back = step.act == "back"
    event: Document = {
        "realizationOf": row.uri or row.key,
        "fulfills": f"{row.uri or row.key}#primary",
        "action": "transferCustody" if back or row.return_kind == "lend" else "transfer",
        "provider": (ends.taker if back else ends.giver).uri,
        "receiver": (ends.giver if back else ends.taker).uri,
        "resourceQuantity": measure(row.amount, row.unit),
        "finished": True,
    }
    return {**note, **event}


def contact(row: Agreement, ends: Ends, uri: str, at: str, words: str, host: str) -> Document:
    """Address or telephone number, for the one who was promised something: no part of any
    version, since it is to be forgotten."""
    note = _note(row.uri or row.key, ends.by, [ends.to], uri, at, str(escape(words)), host)
    return {**note, "contact": words}


def verdict(by: Actor, to: Sequence[Actor], step: Written, words: str, host: str) -> Document:
    """A Note to both parties by the community whose moderators have decided."""
    note = _note(step.key, by, to, step.uri, step.at, words, host)
    return {**note, "agreementStep": sealed(step)}


def _note(
    about: str, by: Actor, to: Sequence[Actor], uri: str, at: str, words: str, host: str
) -> Document:
    return {
        "@context": CONTEXT,
        "id": uri,
        "type": "Note",
        "attributedTo": by.uri,
        "to": [one.uri for one in to],
        "cc": [],
        "context": about,
        "content": words,
        "published": at,
        "updated": at,
        "tag": notes.tag_list(tuple(to), (), f"https://{host}"),
        "attachment": [],
        "sensitive": False,
    }


@dataclass(frozen=True, slots=True)
class OfferDocument:
    """An anonymous Agreement in an Offer or Reject, or a finished one in an Accept (`id`)."""

    id: str
    owner: str
    proposal: str
    amount: Decimal | None
    unit: str


def read_agreement(value: Json) -> OfferDocument:
    """Malformed when it is no Agreement about one listing."""
    found = one(value)
    if not isinstance(found, dict) or "Agreement" not in _kinds(found):
        raise Malformed("this is no Agreement")
    found = spellings.unprefixed(found)  # JSON-LD writers send full IRIs
    primary = one(found.get("stipulates"))
    if not isinstance(primary, dict):
        raise Malformed("an Agreement stipulates one Commitment")
    intent = id_of(primary.get("satisfies")) or ""
    if not intent.endswith("#primary"):
        raise Malformed("the Commitment satisfies no listing")
    measure = one(primary.get("resourceQuantity"))
    measure = measure if isinstance(measure, dict) else {}
    value = measure.get("hasNumericalValue")
    return OfferDocument(
        id=text(found, "id") or "",
        owner=id_of(found.get("attributedTo")) or "",
        proposal=intent.removesuffix("#primary"),
        amount=read_amount(value) if value is not None else None,
        unit=_unit(measure),
    )


def _unit(measure: Document) -> str:
    label = text(measure, "unitLabel") or ""
    if units.find(label):
        return label
    spelled = id_of(measure.get("hasUnit")) or ""
    found = units.from_om2(spelled)
    return found.id if found else ""


def _kinds(document: Document) -> set[str]:
    named = (kind for kind in many(document.get("type")) if isinstance(kind, str))
    return {kind.rpartition(":")[2].rpartition("#")[2] for kind in named}


def is_offer(document: Document) -> bool:
    """Whether it is an Offer of an Agreement, and not of something else."""
    found = one(document.get("object"))
    return isinstance(found, dict) and "Agreement" in _kinds(found)


@dataclass(frozen=True, slots=True)
class LetterDocument:
    """A letter about an agreement, or a receipt of one (FEP-0837, Valueflows)."""

    id: str
    about: tuple[str, ...]
    answers: str
    text: str
    contact: str
    is_receipt: bool


def read_letter(document: Document) -> LetterDocument | None:
    """None when it is public, or of a kind that is no letter."""
    kinds = _kinds(document)
    if not kinds & RECEIPTS or is_public(list(notes.addressees(document))):
        return None
    realized = id_of(document.get("realizationOf")) or ""
    fulfilled = (id_of(document.get("fulfills")) or "").partition("#")[0]
    context = id_of(document.get("context")) or ""
    about = tuple(dict.fromkeys(uri for uri in (realized, fulfilled, context) if uri))
    return LetterDocument(
        id=text(document, "id") or "",
        about=about,
        answers=notes.read_answered(document),
        text=notes.plain(html.clean(text(document, "content") or ""), LONGEST),
        contact=html.tidy(text(document, "contact") or "")[:LONGEST],
        is_receipt=bool(realized or fulfilled) or "Note" not in kinds,
    )


def said_at(step: Written) -> datetime | None:
    """When its author's city says that it happened."""
    return notes.read_moment({"published": step.at}, "published")
