"""Luggage on the wire: what the old city says of somebody who moves, with its proof (FEP-8b32)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from federation import html
from federation.documents import Document, Json, id_of, many, one, text
from federation.errors import Malformed
from federation.wire import notes
from federation.wire.contexts import CONTEXT
from schema.luggage import Carried, Packed

TYPE: Final = "sn:Luggage"
MOST: Final = 200


def build(packed: Packed, *, city: str, old: str, new: str, at: datetime) -> Document:
    """To be signed by the city; everything in it is text, so that it is canonical everywhere."""
    return {
        "@context": CONTEXT,
        "type": TYPE,
        "attributedTo": city,
        "object": old,
        "target": new,
        "published": notes.moment(at),
        "sn:kept": str(packed.kept),
        "sn:communities": list[Json](packed.communities[:MOST]),
        "sn:thanks": [_said(words) for words in packed.thanks[:MOST]],
    }


def _said(words: Carried) -> Document:
    return {"sn:by": words.by, "name": words.name, "content": words.text, "published": words.at}


@dataclass(frozen=True, slots=True)
class LuggageDocument:
    """As the old city says it; texts are plain."""

    city: str
    old: str
    new: str
    at: datetime
    packed: Packed


def is_luggage(document: Json) -> bool:
    """Whether an Offer holds it."""
    return isinstance(document, dict) and TYPE in many(document.get("type"))


def read(document: Document) -> LuggageDocument:
    """Malformed unless it says who signs, who left, whither and when."""
    city, old = id_of(one(document.get("attributedTo"))), id_of(one(document.get("object")))
    new, at = id_of(one(document.get("target"))), notes.read_moment(document, "published")
    kept = text(document, "sn:kept") or "0"
    if not city or not old or not new or at is None or not (kept.isdecimal() and len(kept) < 7):
        raise Malformed("luggage says who moves, from where and whither")
    named = [uri for uri in many(document.get("sn:communities")) if isinstance(uri, str)]
    words = [one for one in many(document.get("sn:thanks"))[:MOST] if isinstance(one, dict)]
    packed = Packed(
        kept=min(int(kept), 100_000),
        communities=list(dict.fromkeys(uri for uri in named[:MOST] if len(uri) <= 500)),
        thanks=[
            Carried(
                by=(text(said, "sn:by") or "")[:500],
                name=html.tidy(text(said, "name") or "").strip()[:100],
                text=html.tidy(text(said, "content") or "").strip()[:500],
                at=(text(said, "published") or "")[:30],
            )
            for said in words
        ],
    )
    return LuggageDocument(city, old, new, at, packed)
