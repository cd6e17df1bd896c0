"""Private letters as documents: a Note that is addressed to people by name and to nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import escape

from federation import html
from federation.documents import Document, many
from federation.wire import notes
from federation.wire import posts as posts_wire
from federation.wire.contexts import CONTEXT
from federation.wire.posts import PostDocument
from schema.actors import Actor
from schema.posts import Picture


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything a letter's document says."""

    uri: str
    html: str
    language: str
    in_reply_to: str
    created: datetime
    updated: datetime
    pictures: Sequence[Picture] = ()


def build(letter: Letter, author: Actor, people: Sequence[Actor], origin: str) -> Document:
    """`people` are those who get it; all are mentioned, since microblogs else tell nobody."""
    document: Document = {
        "@context": CONTEXT,
        "id": letter.uri,
        "type": "Note",
        "attributedTo": author.uri,
        "to": [person.uri for person in people],
        "cc": [],
        **notes.said(letter.html, letter.language),
        "url": letter.uri,
        "published": notes.moment(letter.created),
        "updated": notes.moment(letter.updated),
        "tag": notes.tag_list(people, (), origin),
        "attachment": notes.images(letter.pictures, origin),
        "sensitive": False,
    }
    return {**document, "inReplyTo": letter.in_reply_to} if letter.in_reply_to else document


def is_letter(document: Document) -> bool:
    """A Note, or Lemmy's ChatMessage; to whom it is meant is another question."""
    kinds = many(document.get("type"))
    return "ChatMessage" in kinds or ("Note" in kinds and posts_wire.is_post(document))


def read(document: Document) -> PostDocument:
    """Malformed when it says nothing."""
    plain: Document = {**document, "type": "Note"}
    return posts_wire.read(plain)


def words(read: PostDocument) -> str:
    """Clean HTML, with the title of who gives one."""
    title = f"<p><strong>{escape(read.title)}</strong></p>" if read.title else ""
    return html.clean(title + read.html)
