"""What a city and its communities say about themselves: the list of them, and their changes."""

from dataclasses import dataclass

from federation.documents import Document, id_of
from federation.wire.contexts import CONTEXT


def listed(group: str, city: str, *, now: bool) -> Document:
    """The city's collection of communities gets one (Add), or loses one (Remove)."""
    return {"type": "Add" if now else "Remove", "object": group, "target": f"{city}/communities"}


def update(group: Document) -> Document:
    """Update{Group}: whole, without the context that the activity has itself."""
    inner: Document = {key: value for key, value in group.items() if key != "@context"}
    return {"@context": CONTEXT, "type": "Update", "object": inner}


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """`group` was put on a list, or taken off it, whose address is `collection`."""

    group: str
    collection: str


def read_listed(document: Document) -> ListedDocument | None:
    """None when object or target are missing."""
    group, collection = id_of(document.get("object")), id_of(document.get("target"))
    return ListedDocument(group, collection) if group and collection else None
