"""How a giver hands out, on the wire: fields of the listing's Note."""

from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from federation.documents import Document, text
from federation.wire import notes
from schema.hand_outs import HandOut, Rule


def build(rule: HandOut) -> Document:
    """Of a draw first the hash of its seed, and the seed itself when it is over."""
    document: Document = {"handOut": rule.rule}
    if rule.at:
        document["handOutTime"] = notes.moment(rule.at)
    if rule.seed_hash:
        document["drawHash"] = rule.seed_hash
    return {**document, "drawSeed": rule.seed} if rule.seed and rule.done_at else document


@dataclass(frozen=True, slots=True)
class HandOutDocument:
    """By which rule another city hands out; hexadecimal, `seed` '' until it has drawn."""

    rule: Rule
    at: datetime | None
    seed_hash: str
    seed: str


def read(document: Document) -> HandOutDocument | None:
    """None where the author answers everybody in person, or it makes no sense."""
    said = text(document, "handOut")
    rule = next((one for one in get_args(Rule) if one == said), None)
    at = notes.read_moment(document, "handOutTime")
    if rule is None or (rule in ("draw", "least") and at is None):
        return None
    hash, seed = text(document, "drawHash") or "", text(document, "drawSeed") or ""
    return HandOutDocument(rule, at, hash[:64], seed[:200])
