"""Questions of other servers, and the votes that are sent to them (a Note with only a name)."""

from dataclasses import dataclass
from datetime import datetime

from federation import html
from federation.documents import Document, Json, many, one, text
from federation.wire import notes
from federation.wire.contexts import CONTEXT

MOST_OPTIONS = 20


@dataclass(frozen=True, slots=True)
class PollDocument:
    """`options` are words and votes so far."""

    options: tuple[tuple[str, int], ...]
    multiple: bool
    voters: int
    ends: datetime | None
    closed: bool


def read(document: Document) -> PollDocument | None:
    """Of a Question with at least two different answers; else None."""
    if "Question" not in many(document.get("type")):
        return None
    multiple = bool(many(document.get("anyOf")))
    found: dict[str, int] = {}
    for option in many(document.get("anyOf" if multiple else "oneOf"))[:MOST_OPTIONS]:
        if isinstance(option, dict):
            name = html.tidy(text(option, "name") or "").strip()[:200]
            replies = one(option.get("replies"))
            votes = replies.get("totalItems") if isinstance(replies, dict) else 0
            if name:
                found.setdefault(name, _number(votes))
    if len(found) < 2:
        return None
    closed = document.get("closed")
    return PollDocument(
        options=tuple(found.items()),
        multiple=multiple,
        voters=_number(document.get("votersCount")) or (0 if multiple else sum(found.values())),
        ends=notes.read_moment(document, "endTime"),
        closed=closed is True or (isinstance(closed, str) and bool(closed)),
    )


def _number(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return min(max(value, 0), 1_000_000_000)


def vote(uri: str, by: str, question: str, author: str, option: str, at: datetime) -> Document:
    """As Mastodon votes: no content, or it would be a comment."""
    return {
        "@context": CONTEXT,
        "id": uri,
        "type": "Note",
        "attributedTo": by,
        "name": option,
        "inReplyTo": question,
        "to": [author],
        "cc": [],
        "published": notes.moment(at),
    }
