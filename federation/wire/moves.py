"""Move, and what an actor's document says of other homes (`alsoKnownAs`, `movedTo`)."""

from typing import Final

from federation.documents import Document, Json, many
from federation.wire.contexts import CONTEXT
from schema.moves import Home

_TERMS: Final[Document] = {
    "movedTo": {"@id": "as:movedTo", "@type": "@id"},
    "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
}


def home(found: Home) -> Document:
    """What is added to an actor's document; empty for most."""
    added: Document = {}
    if found.aliases:
        added["alsoKnownAs"] = list[Json](found.aliases)
    if found.moved_to:
        added["movedTo"] = found.moved_to
    return {"@context": [*many(CONTEXT), _TERMS], **added} if added else {}


def move(old: str, new: str) -> Document:
    """As Mastodon has it; for Groups as for people."""
    return {"type": "Move", "object": old, "target": new}
