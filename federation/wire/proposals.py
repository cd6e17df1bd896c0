"""Needs and offers on the wire: a Note that is a FEP-0837 Proposal too, built and read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from markupsafe import Markup, escape

from federation import html
from federation.addresses import Addresses
from federation.documents import Document, Json, id_of, many, one, text
from federation.errors import Malformed
from federation.wire import hand_outs, notes, spellings
from federation.wire.actors import place
from federation.wire.contexts import CONTEXT, is_public
from federation.wire.notes import RemotePicture
from schema import categories, units
from schema.actors import Actor
from schema.hand_outs import HandOut
from schema.posts import Picture
from schema.proposals import Proposal, Purpose, ReturnKind

SPEC: Final = "https://w3id.org/stadtnetz#"
MOST: Final = Decimal(1_000_000_000)
RETURNS: Final[tuple[ReturnKind, ...]] = ("nothing", "lend", "swap", "hours", "open")

_HEADS: Final[dict[Purpose, tuple[str, str]]] = {
    "offer": ("OFFER", "BIETE"),
    "request": ("NEED", "BRAUCHE"),
}
_HEAD: Final = re.compile(r"(?:OFFER|BIETE|NEED|BRAUCHE|REQUEST|WANTED|SUCHE): ", re.IGNORECASE)
# Leaves that are done rather than handed over; whatever is counted in hours is done as well.
_DONE: Final = frozenset(
    """build.work care.child care.elder care.visit care.disab care.pet care.house civic.board
    civic.volunteer culture.music health.mind health.therapy learn.lang learn.mentor learn.teach
    learn.work move.cargo move.errand move.ride net.help repair.bike repair.cloth repair.elec
    repair.house repair.it skill skill.admin skill.clean skill.design skill.electric skill.hair
    skill.labour skill.mason skill.metal skill.plumb skill.wood""".split()
)


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything around a listing that its document names."""

    author: Actor
    addresses: Addresses
    to: tuple[str, ...]
    cc: tuple[str, ...]
    community_uri: str | None = None
    pictures: Sequence[Picture] = ()
    hand_out: HandOut | None = None
    input_of: str = ""  # the milestone of a project that needs it


def build(row: Proposal, setting: Setting) -> Document:
    """A need or an offer of ours (FEP-0837 as a Note, so that microblogs and forums show it)."""
    german = row.language.startswith("de")
    name = f"{_HEADS[row.purpose][german]}: {row.title}"
    known = categories.load()
    broader = known.broader(row.category)
    document: Document = {
        "@context": CONTEXT,
        "id": row.uri,
        "type": "Note",
        "purpose": row.purpose,
        "attributedTo": setting.author.uri,
        "to": list(setting.to),
        "cc": list(setting.cc),
        "name": name,
        **notes.said(_content(row, name, setting.addresses), row.language),
        "source": {"content": row.source, "mediaType": "text/markdown"},
        "url": row.uri,
        "published": notes.moment(row.created),
        "updated": notes.moment(row.updated),
        "tag": [{"type": "Hashtag", "name": f"#{_tag(row)}", "href": _list_of(row, setting)}],
        "attachment": notes.images(setting.pictures, setting.addresses.origin),
        "sensitive": False,
        "category": {
            "identifier": row.category,
            "name": known.title(row.category, row.language),
            **({"broader": broader.id} if broader else {}),
        },
        "returnKind": row.return_kind,
        "publishes": _primary(row),
        "unitBased": False,
    }
    if setting.input_of:
        document["publishes"] = {**_primary(row), "inputOf": setting.input_of}
    if setting.community_uri:
        document["audience"] = setting.community_uri
    if row.scope == "everyone":
        document["context"] = f"{row.uri}/thread"
        document["replies"] = f"{row.uri}/replies"
    if row.until:
        document["endTime"] = notes.moment(row.until)
    if row.place_name or row.latitude is not None:
        document["location"] = place(row.place_name, row.latitude, row.longitude)
    if row.return_note:
        document["returnNote"] = row.return_note
    if setting.hand_out:
        document |= hand_outs.build(setting.hand_out)
    if row.return_kind in ("swap", "hours"):
        document["reciprocal"] = _reciprocal(row)
    return document


def tombstone(row: Proposal) -> Document:
    """What is left of one that was withdrawn."""
    return {"id": row.uri, "type": "Tombstone", "formerType": "Note"}


def _tag(row: Proposal) -> str:
    return "offer" if row.purpose == "offer" else "need"


def _list_of(row: Proposal, setting: Setting) -> str:
    return f"{setting.addresses.origin}/{_tag(row)}s"


def _primary(row: Proposal) -> Document:
    unit = units.find(row.unit)
    closed = row.state != "open"
    done = row.category in _DONE or (unit is not None and unit.dimension == "time")
    intent: Document = {
        "type": "Intent",
        "id": f"{row.uri}#primary",
        "action": "deliverService" if done else "transfer",
        "resourceConformsTo": SPEC + row.category,
        "resourceQuantity": _measure(row.quantity, row.unit),
        "finished": closed,
    }
    left = Decimal(0) if closed else row.available
    if left is not None:
        intent["availableQuantity"] = _measure(left, row.unit)
    return intent


def _reciprocal(row: Proposal) -> Document:
    hours = row.return_kind == "hours"
    return {
        "type": "Intent",
        "id": f"{row.uri}#reciprocal",
        "action": "deliverService" if hours else "transfer",
        "resourceQuantity": {"hasUnit": "hour" if hours else "one"},
        **({"name": row.return_note} if row.return_note else {}),
    }


def _measure(amount: Decimal | None, unit: str) -> Document:
    """Numbers are strings (some parsers fall over others); without one it is any amount."""
    known = units.find(unit)
    measure: Document = {"hasUnit": known.om2 if known else "one", "unitLabel": unit}
    return measure if amount is None else {**measure, "hasNumericalValue": _plain(amount)}


def _plain(amount: Decimal) -> str:
    shown = f"{amount:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _content(row: Proposal, name: str, addresses: Addresses) -> str:
    """Title, text, facts and link as one HTML text, since microblogs show nothing else."""
    german = row.language.startswith("de")
    closed = " (erledigt)" if german else " (closed)"
    head = f"<p><strong>{escape(name)}{'' if row.state == 'open' else closed}</strong></p>"
    facts = " · ".join(str(escape(fact)) for fact in _facts(row))
    answer = "Darauf antworten" if german else "Answer this"
    link = f'<a href="{escape(row.uri)}">{answer}</a>'
    tag = (
        f'<a href="{addresses.origin}/{_tag(row)}s" class="mention hashtag" rel="tag">'
        f"#<span>{_tag(row)}</span></a>"
    )
    return f"{head}{row.html}<p>{facts}</p><p>{link} {tag}</p>"


_RETURN_WORDS: Final[dict[ReturnKind, tuple[str, str]]] = {
    "nothing": ("nothing", "nichts"),
    "lend": ("on loan", "leihweise"),
    "swap": ("a swap", "Tausch"),
    "hours": ("hours", "Stunden"),
    "open": ("by agreement", "nach Absprache"),
}


def _facts(row: Proposal) -> list[str]:
    german = row.language.startswith("de")
    unit = units.find(row.unit)
    facts: list[str] = []
    if row.quantity is not None:
        number = _plain(row.quantity)
        word = unit.word(row.quantity, row.language) if unit else row.unit
        facts.append(f"{number.replace('.', ',') if german else number} {word}")
    facts.append(categories.load().title(row.category, row.language))
    if row.place_name:
        facts.append(row.place_name)
    if row.until:
        facts.append(f"{'bis' if german else 'until'} {row.until:%Y-%m-%d}")
    word = _RETURN_WORDS[row.return_kind][german]
    note = f" ({row.return_note})" if row.return_note else ""
    facts.append(f"{'Gegenleistung' if german else 'In return'}: {word}{note}")
    return facts


@dataclass(frozen=True, slots=True)
class ProposalDocument:
    """What we take from another server's listing; `html` is clean, the point may be exact."""

    id: str
    purpose: Purpose
    title: str
    html: str
    source: str
    language: str
    category: str
    quantity: Decimal | None
    available: Decimal | None
    unit: str
    until: datetime | None
    closed: bool
    return_kind: ReturnKind
    return_note: str
    place_name: str
    latitude: float | None
    longitude: float | None
    audience: tuple[str, ...]
    addressed: tuple[str, ...]
    public: bool
    pictures: tuple[RemotePicture, ...]
    hand_out: hand_outs.HandOutDocument | None
    published: datetime | None
    updated: datetime | None


def is_proposal(document: Document) -> bool:
    """Whether it is a listing, in any of the spellings that are read."""
    return spellings.plain(document) is not None


def read(document: Document) -> ProposalDocument:
    """Raises Malformed when it is no listing, or has neither title nor text."""
    plain = spellings.plain(document)
    id = text(document, "id")
    if plain is None or not id:
        raise Malformed("a listing needs id, purpose and publishes")
    document, primary = plain, _object(plain["publishes"])
    purpose: Purpose = "offer" if plain["purpose"] == "offer" else "request"
    name = html.tidy(text(document, "name") or "")
    source = notes.read_source(document)[:20_000]
    body = html.to_html(source) if source else notes.read_html(document, name)
    if name and notes.has_empty_source(document):
        body = ""  # the content then says the facts once more, for those who read nothing else
    bare = Markup(body).striptags()
    title = (_HEAD.sub("", name.strip(), count=1).strip() or bare)[:200].strip()
    if not title:
        raise Malformed("a listing needs a title")
    amounts = _Amounts.read(primary)
    audience = tuple(uri for uri in map(id_of, many(document.get("audience"))) if uri)
    addressed = notes.addressees(document)
    where = _object(document.get("location"))
    latitude, longitude = _degrees(where.get("latitude"), 90), _degrees(where.get("longitude"), 180)
    return ProposalDocument(
        id=id,
        purpose=purpose,
        title=title,
        html=body,
        source=source or bare[:20_000],
        language=notes.read_language(document)[:20],
        category=_category(document, primary),
        quantity=amounts.quantity,
        available=amounts.available,
        unit=amounts.unit,
        until=notes.read_moment(document, "endTime"),
        closed=_is_closed(document, primary) or amounts.available == 0,
        return_kind=_return_kind(document, purpose),
        return_note=_return_note(document),
        place_name=html.tidy(text(where, "name") or "").strip()[:100],
        latitude=latitude if longitude is not None else None,
        longitude=longitude if latitude is not None else None,
        audience=audience,
        addressed=addressed,
        public=is_public(list(addressed)),
        pictures=notes.read_pictures(document),
        hand_out=hand_outs.read(document),
        published=notes.read_moment(document, "published"),
        updated=notes.read_moment(document, "updated"),
    )


def _of(document: Document, key: str) -> Json:
    return one(document.get(key))


def _object(value: Json) -> Document:
    found = one(value)
    return found if isinstance(found, dict) else {}


def _is_closed(document: Document, primary: Document) -> bool:
    """Done with: finished (Valueflows), or `closed`, as polls and some markets say it."""
    if primary.get("finished") is True or document.get("finished") is True:
        return True
    return document.get("closed") not in (None, False, "")


@dataclass(frozen=True, slots=True)
class _Amounts:
    quantity: Decimal | None
    available: Decimal | None
    unit: str

    @classmethod
    def read(cls, intent: Document) -> "_Amounts":
        """In a unit of ours; where there is none for theirs, any amount of pieces."""
        whole = _of(intent, "resourceQuantity") or _of(intent, "effortQuantity")
        measure = whole if isinstance(whole, dict) else {}
        left = _of(intent, "availableQuantity")
        rest = left if isinstance(left, dict) else {}
        unit = _unit(measure) or _unit(rest)
        quantity = read_number(_of(measure, "hasNumericalValue")) if unit else None
        available = read_number(_of(rest, "hasNumericalValue"))
        quantity = quantity if quantity is not None and quantity > 0 else None
        if quantity is None:
            return cls(None, Decimal(0) if available == 0 else None, unit or "piece")
        available = quantity if available is None else min(available, quantity)
        return cls(quantity, available, unit or "piece")


def _unit(measure: Document) -> str:
    label = text(measure, "unitLabel") or ""
    if units.find(label):
        return label
    spelled = _of(measure, "hasUnit")
    if isinstance(spelled, dict):
        spelled = text(spelled, "id") or text(spelled, "name")
    found = units.from_om2(spelled) if isinstance(spelled, str) else None
    return found.id if found else ""


def read_number(value: Json) -> Decimal | None:
    """To three places; None for what is none, less than nothing, or absurd."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    shown = str(value).strip()
    if len(shown) > 40:
        return None
    try:
        found = Decimal(shown)
    except InvalidOperation:
        return None
    if not found.is_finite() or not 0 <= found <= MOST:
        return None
    return round(found, 3)


def _category(document: Document, primary: Document) -> str:
    known = categories.load()
    found = _of(document, "category")
    named = found if isinstance(found, str) else text(_object(found), "identifier")
    kind = id_of(_of(primary, "resourceConformsTo")) or ""
    broader = text(_object(found), "broader")
    for id in (named, kind.removeprefix(SPEC), broader):
        if id and known.find(id):
            return id
        sector = known.broader(id) if id else None
        if sector:
            return sector.id
    return "other"


def _return_kind(document: Document, purpose: Purpose) -> ReturnKind:
    said = text(document, "returnKind")
    for kind in RETURNS:
        if said == kind:
            return kind
    intent = _object(document.get("reciprocal"))
    if not intent:
        return "nothing" if purpose == "offer" else "open"
    unit = units.find(_Amounts.read(intent).unit)
    return "hours" if unit and unit.dimension == "time" else "open"


def _return_note(document: Document) -> str:
    reciprocal = _object(document.get("reciprocal"))
    found = text(document, "returnNote") or text(reciprocal, "name") or ""
    return html.tidy(found).strip()[:200]


def _degrees(value: Json, limit: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -limit <= value <= limit else None
