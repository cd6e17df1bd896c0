"""Flag: a complaint on its way to the server that can do something about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from federation import html
from federation.documents import Document, ids_of, text
from federation.errors import Malformed
from federation.wire import notes


def build(objects: Sequence[str], words: str) -> Document:
    """`objects`: first the person, then what it is about (as Mastodon does; Lemmy reads both)."""
    return {"type": "Flag", "object": list(objects), "content": words, "summary": words}


@dataclass(frozen=True, slots=True)
class FlagDocument:
    """`objects` are ids of people and of what they said, in any order."""

    id: str
    objects: tuple[str, ...]
    text: str


def read(activity: Document) -> FlagDocument:
    """Mastodon's, Lemmy's and others' Flags; Malformed when it is about nothing."""
    objects = ids_of(activity, "object")
    id = text(activity, "id")
    if not objects or not id:
        raise Malformed("a Flag needs an id and an object")
    words = text(activity, "content") or text(activity, "summary") or ""
    return FlagDocument(id, tuple(objects[:50]), notes.plain(html.clean(words), 2000))
