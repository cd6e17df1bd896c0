"""Listings as other makes spell them, brought into the one shape of FEP-0837 that is read here."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from markupsafe import escape

from federation.documents import Document, Json, id_of, many, one, text

_CARRIERS: Final = frozenset({"Note", "Page", "Article"})
_PREFIXES: Final = re.compile(
    r"(?:vf:|om2:|ValueFlows:|https?://w3id\.org/valueflows(?:/ont/vf)?/?#"
    r"|https?://www\.ontology-of-units-of-measure\.org/resource/om-2/)(?=\w)"
)
_MUTUAL_AID: Final = re.compile(
    r"(?:maid:|https?://mutual-aid\.app/ns/core#)(\w*)(Offer|Request)", re.ASCII
)
_MONEY: Final = {"Q4916": "EUR", "Q4917": "USD", "Q25224": "GBP", "Q25344": "CHF"}
_LABELS: Final = ("name", "pair:label", "schema:name", "rdfs:label", "dc:title")
_WORDS: Final = ("content", "note", "pair:description", "schema:description", "dc:description")


def plain(document: Document) -> Document | None:
    """The listing with unprefixed keys, one intent and a purpose; None when it is no listing.

    Read are FEP-0837 (a Proposal or a Note), Valueflows with any prefix or full IRIs, a Proposal
    attached to a Note, `flohmarkt:data`, and ActivityPods' `maid:Offer` and `maid:Request`.
    """
    kinds = {kind for kind in many(document.get("type")) if isinstance(kind, str)}
    aid = next((found for kind in kinds if (found := _MUTUAL_AID.fullmatch(kind))), None)
    if aid:
        return _from_mutual_aid(document, aid[1], aid[2])
    bare = {bare_name(kind) for kind in kinds}
    if bare & (_CARRIERS | {"Proposal"}):
        if not _has_signs(document):
            return None
        whole = unprefixed(document)
        found = _from_proposal(whole, whole) or _from_attachment(whole)
        return found or _from_flohmarkt(whole)
    if "Intent" in bare and "Intent" not in kinds:
        # Bonfire publishes intents of their own; a plain `Intent` is a part of something.
        whole = unprefixed(document)
        return _from_proposal(whole, {**whole, "publishes": whole})
    return None


def _has_signs(document: Document) -> bool:
    """Most of what comes is talk, and is not looked through."""
    named = any(key.endswith(("publishes", "flohmarkt:data")) for key in document)
    return named or bool(document.get("attachment"))


def bare_name(name: str) -> str:
    """A term without the vocabulary it is spelled with: vf:Proposal, ValueFlows:Proposal, IRIs."""
    return re.split(r"[#:/]", name)[-1]


def action(document: Document) -> str:
    """What is done, without the vocabulary it is spelled with; '' where it does not say."""
    return bare_name(id_of(one(document.get("action"))) or "")


def unprefixed(document: Document) -> Document:
    """With plain keys, all the way down; where both spellings stand, the plain one is kept."""
    found: Document = {}
    for key, value in document.items():
        plain_key = {"@id": "id", "@type": "type"}.get(key) or _PREFIXES.sub("", key, count=1)
        if plain_key == key or plain_key not in document:
            found[plain_key] = _value(value)
    return found


def _value(value: Json) -> Json:
    if isinstance(value, dict):
        return value["@value"] if "@value" in value else unprefixed(value)
    if isinstance(value, list):
        return [_value(item) for item in value]
    return value


def _from_proposal(whole: Document, listing: Document) -> Document | None:
    """`listing` is the whole, or the Proposal it carries."""
    intent = one(listing.get("publishes"))
    if not isinstance(intent, dict):
        return None
    purpose = _purpose(listing.get("purpose")) or _by_ends(whole, intent)
    if purpose is None:
        return None
    back = one(listing.get("reciprocal"))
    name = text(listing, "name") or text(whole, "name") or text(intent, "name")
    found: Document = {**whole, "purpose": purpose, "publishes": intent, "name": name}
    found.pop("reciprocal", None)
    if isinstance(back, dict):
        found["reciprocal"] = _named(back)
    for key, more in (("location", "eligibleLocation"), ("endTime", "hasEnd")):
        value = listing.get(key) or listing.get(more) or whole.get(key)
        if value is not None:
            found[key] = value
    if not text(whole, "content"):
        words = text(listing, "note") or text(listing, "content") or text(whole, "summary")
        words = words or text(intent, "note") or text(intent, "summary")
        found["content"] = words or ""
    return found


def _purpose(value: Json) -> str | None:
    found = one(value)
    word = bare_name(id_of(found) or "")
    return "offer" if word == "offer" else "request" if word in ("request", "need") else None


def _by_ends(whole: Document, intent: Document) -> str | None:
    """Who says nothing of the purpose gives (`provider`) or receives (`receiver`)."""
    own = id_of(one(whole.get("attributedTo")))
    if own and id_of(one(intent.get("provider"))) == own:
        return "offer"
    return "request" if own and id_of(one(intent.get("receiver"))) == own else None


def _from_attachment(whole: Document) -> Document | None:
    """Flohmarkt from 0.2 and others: the Note is the readable form of a Proposal inside it."""
    for item in many(whole.get("attachment")):
        if isinstance(item, dict):
            kinds = [kind for kind in many(item.get("type")) if isinstance(kind, str)]
            if any(bare_name(kind) == "Proposal" for kind in kinds):
                found = _from_proposal(whole, item)
                if found is not None:
                    return _with_flohmarkt_place(found)
    return None


def _from_flohmarkt(whole: Document) -> Document | None:
    data = one(whole.get("flohmarkt:data"))
    if not isinstance(data, dict):
        return None
    found: Document = {
        **whole,
        "purpose": "offer",
        "publishes": _one_thing(),
        "name": text(data, "name") or text(whole, "name"),
    }
    words = text(data, "description")
    if words:
        found["content"] = f"<p>{escape(words)}</p>"
    price = _price(data.get("price"), text(data, "currency") or "EUR")
    if price:
        found["reciprocal"] = {"type": "Intent", "action": "transfer", "name": price}
    return _with_flohmarkt_place(found)


def _with_flohmarkt_place(found: Document) -> Document:
    data = one(found.get("flohmarkt:data"))
    spot = one(data.get("coordinates")) if isinstance(data, dict) else None
    if found.get("location") or not isinstance(data, dict) or not isinstance(spot, dict):
        return found
    named = text(data, "location") or ""
    where: Document = {"name": named, "latitude": spot.get("lat"), "longitude": spot.get("lng")}
    return {**found, "location": where}


def _from_mutual_aid(document: Document, kind: str, end: str) -> Document:
    found: Document = {
        **document,
        "purpose": end.lower(),
        "publishes": _one_thing(),
        "name": _first(document, _LABELS),
        "content": _first(document, _WORDS) or text(document, "summary") or "",
    }
    kinds = {"Gift": "nothing", "Loan": "lend", "Barter": "swap"}
    if kind in kinds:
        found["returnKind"] = kinds[kind]
    where = one(document.get("location") or document.get("pair:hasLocation"))
    if isinstance(where, dict):
        found["location"] = {**where, "name": _first(where, (*_LABELS, "vcard:given-name"))}
    end_time = _first(document, ("endTime", "maid:expirationDate", "pair:endDate"))
    return {**found, "endTime": end_time} if end_time else found


def _one_thing() -> Document:
    return {
        "type": "Intent",
        "action": "transfer",
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "1"},
    }


def _first(document: Document, keys: tuple[str, ...]) -> str | None:
    return next((found for key in keys if (found := text(document, key))), None)


def _named(back: Document) -> Document:
    """A price is said in words, since what is given back is shown as words here."""
    measure = one(back.get("resourceQuantity"))
    if text(back, "name") or not isinstance(measure, dict):
        return back
    unit = measure.get("hasUnit")
    spelled = text(unit, "id") if isinstance(unit, dict) else unit
    word = bare_name(spelled) if isinstance(spelled, str) else ""
    kind = bare_name(id_of(one(back.get("resourceConformsTo"))) or "")
    currency = _MONEY.get(kind) or _MONEY.get(word)
    if currency is None and re.fullmatch(r"[A-Z]{3}", word):
        currency = word
    price = _price(measure.get("hasNumericalValue"), currency) if currency else ""
    return {**back, "name": price} if price else back


def _price(amount: Json, currency: str) -> str:
    """`25 EUR`; '' for nothing, and for what is no number."""
    if isinstance(amount, bool) or not isinstance(amount, int | float | str):
        return ""
    try:
        number = Decimal(str(amount).strip()[:20])
    except InvalidOperation:
        return ""
    if not number.is_finite() or number <= 0:
        return ""
    return f"{number.normalize():f} {currency[:12]}"
