"""Knowledge bridges on the wire: pacts, their meetings (FEP-8a8e), questions and lessons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from markupsafe import escape

from federation import html
from federation.documents import Document, Json, id_of, many, one, text
from federation.errors import Malformed
from federation.wire import notes
from federation.wire.contexts import CONTEXT, PUBLIC
from schema.actors import Actor
from schema.lessons import Lesson
from schema.meetings import Meeting
from schema.pacts import Pact
from schema.questions import Question

TYPE: Final = "Pact"
MOST_TOPICS: Final = 12
_TERMS: Final[Document] = {
    "Pact": "sn:Pact",
    "topics": "sn:topics",
    "bridge": {"@id": "sn:bridge", "@type": "@id"},
    "host": {"@id": "sn:host", "@type": "@id"},
    "askerRoom": "sn:askerRoom",
    "otherRoom": "sn:otherRoom",
    "organizers": {"@id": "https://w3id.org/fep/8a8e/organizers", "@type": "@id"},
    "eventStatus": "https://w3id.org/fep/8a8e/eventStatus",
    "timezone": "mz:timezone",
    "joinMode": {"@id": "mz:joinMode", "@type": "mz:joinModeType"},
    "joinModeType": "mz:joinModeType",
    "ical": "http://www.w3.org/2002/12/cal/ical#",
    "uuid": "schema:identifier",
    "VirtualLocation": "schema:VirtualLocation",
}
TERMS: Final[Json] = [*many(CONTEXT), _TERMS]


@dataclass(frozen=True, slots=True)
class Ends:
    """The two places of a pact, and what is known of the people who host (by id)."""

    asker: Actor
    other: Actor
    people: Mapping[UUID, str]
    bridge: str
    """The id of the pact."""

    def side(self, id: UUID) -> Actor:
        return self.asker if id == self.asker.id else self.other

    def beyond(self, id: UUID) -> Actor:
        return self.other if id == self.asker.id else self.asker


def pact(row: Pact, ends: Ends) -> Document:
    """What one place asks of the other; both keep it under this id."""
    body = html.to_html(row.aim) if ends.asker.is_local else row.aim
    return {
        "@context": TERMS,
        "id": row.uri,
        "type": TYPE,
        "attributedTo": ends.asker.uri,
        "target": ends.other.uri,
        "name": row.title,
        "content": body,
        "topics": list[Json](row.topics),
        "published": notes.moment(row.created),
        "url": row.uri,
        **_host(row.asker_host_id, ends),
    }


def _host(id: UUID | None, ends: Ends) -> Document:
    uri = ends.people.get(id, "") if id else ""
    return {"host": uri} if uri else {}


def offer(row: Pact, ends: Ends) -> Document:
    """By the asking place."""
    whole = pact(row, ends)
    return {"@context": TERMS, "type": "Offer", "object": inner(whole), "target": ends.other.uri}


def agree(row: Pact, ends: Ends) -> Document:
    """By the place that was asked."""
    named: Document = {"id": row.uri, "type": TYPE}
    host = _host(row.other_host_id, ends)
    return {"@context": TERMS, "type": "Accept", "object": named, **host}


def end(row: Pact) -> Document:
    """By either place; the reason as plain text."""
    named: Document = {"id": row.uri, "type": TYPE}
    body = f"<p>{escape(row.reason)}</p>" if row.reason else ""
    return {"@context": TERMS, "type": "Reject", "object": named, "content": body}


def outcome(kind: str, row: Pact, uri: str, title: str) -> Document:
    """Add or Remove: what was built afterwards."""
    named: Document = {"type": kind, "object": uri, "target": f"{row.uri}/outcomes"}
    return {"@context": TERMS, **named, "name": title}


def event(row: Meeting, bridge: str, ends: Ends) -> Document:
    """As FEP-8a8e and Mobilizon have it; microblogs show name and address."""
    home = ends.side(row.home_id)
    status = "CANCELLED" if row.cancelled else "CONFIRMED"
    rooms = [f"{end.shown}: {room}" for end, room in _rooms(row, ends) if room]
    places: list[Json] = [{"type": "Place", "name": room} for room in rooms]
    if row.link:
        places.append({"type": "VirtualLocation", "url": row.link})
    document: Document = {
        "@context": TERMS,
        "id": row.uri,
        "type": "Event",
        "attributedTo": home.uri,
        "name": row.title,
        "content": f"<p>{escape(row.topic)}</p>" if row.topic else "",
        "mediaType": "text/html",
        "startTime": notes.moment(row.starts),
        "endTime": notes.moment(row.ends),
        "location": places,
        "joinMode": "free",
        "ical:status": status,
        "eventStatus": f"https://schema.org/Event{'Cancelled' if row.cancelled else 'Scheduled'}",
        "organizers": [home.uri],
        "bridge": bridge,
        "askerRoom": row.asker_room,
        "otherRoom": row.other_room,
        "edition": row.edition,
        "uuid": str(row.id),
        "url": row.uri,
        "published": notes.moment(row.created),
        "updated": notes.moment(row.updated),
        **_public(home, ends),
        **_host(row.host_id, ends),
    }
    if row.link:
        link: Document = {"type": "Link", "href": row.link, "name": "Video"}
        document["attachment"] = [link]
    return document


def _rooms(row: Meeting, ends: Ends) -> "list[tuple[Actor, str]]":
    return [(ends.asker, row.asker_room), (ends.other, row.other_room)]


def _public(home: Actor, ends: Ends) -> Document:
    followers = home.followers_uri or home.uri
    return {"to": [PUBLIC], "cc": [followers, ends.beyond(home.id).uri]}


def question(row: Question, meeting: str, author: str, ends: Ends) -> Document:
    """A Note that answers the meeting."""
    return {
        "@context": CONTEXT,
        "id": row.uri,
        "type": "Note",
        "attributedTo": author,
        "content": f"<p>{escape(row.text)}</p>",
        "inReplyTo": meeting,
        "context": meeting,
        "bridge": ends.bridge,
        "to": [PUBLIC],
        "cc": [ends.asker.uri, ends.other.uri],
        "published": notes.moment(row.created),
    }


def lesson(row: Lesson, meeting: str, ends: Ends) -> Document:
    """An Article, with the Markdown it was written in."""
    home = ends.side(row.home_id)
    return {
        "@context": CONTEXT,
        "id": row.uri,
        "type": "Article",
        "attributedTo": home.uri,
        "name": row.title,
        "content": row.html,
        "source": {"content": row.source, "mediaType": "text/markdown"},
        "inReplyTo": row.question_uri or meeting,
        "context": meeting,
        "bridge": ends.bridge,
        "url": row.uri,
        "published": notes.moment(row.created),
        "updated": notes.moment(row.updated),
        **_public(home, ends),
    }


def inner(document: Document) -> Document:
    """As the object of an activity, which has the context already."""
    return {key: value for key, value in document.items() if key != "@context"}


@dataclass(frozen=True, slots=True)
class PactDocument:
    """What another place asks; `html` is clean."""

    id: str
    asker: str
    other: str
    host: str
    title: str
    topics: tuple[str, ...]
    html: str


def is_pact(document: Json) -> bool:
    """Whether it is one, whole or by its id and type."""
    return isinstance(document, dict) and TYPE in many(document.get("type"))


def read_pact(document: Document) -> PactDocument:
    """Malformed unless it says who asks whom, and what it is called."""
    id, asker = text(document, "id"), id_of(one(document.get("attributedTo")))
    other, title = id_of(one(document.get("target"))), _line(document, "name", 120)
    if not id or not asker or not other or not title:
        raise Malformed("a pact needs an id, two places and a name")
    given = [item for item in many(document.get("topics")) if isinstance(item, str)]
    topics = dict.fromkeys(html.tidy(item).strip()[:60] for item in given[:MOST_TOPICS])
    return PactDocument(
        id=id,
        asker=asker,
        other=other,
        host=id_of(one(document.get("host"))) or "",
        title=title,
        topics=tuple(topic for topic in topics if topic),
        html=notes.read_html(document),
    )


def _line(document: Document, key: str, limit: int) -> str:
    return " ".join(html.tidy(text(document, key) or "").split())[:limit]


def read_reason(activity: Document) -> str:
    """Why it ended, as plain text."""
    return notes.plain(notes.read_html(activity), 500)


@dataclass(frozen=True, slots=True)
class EventDocument:
    """A meeting as its home tells it."""

    id: str
    bridge: str
    title: str
    topic: str
    starts: datetime
    ends: datetime
    asker_room: str
    other_room: str
    link: str
    host: str
    cancelled: bool
    edition: int
    published: datetime | None
    updated: datetime | None


def read_event(document: Document) -> EventDocument | None:
    """None where it is no meeting of a pact; Malformed where it has no times."""
    bridge, id = id_of(one(document.get("bridge"))), text(document, "id")
    if "Event" not in many(document.get("type")) or not bridge or not id:
        return None
    starts, ends = notes.read_moment(document, "startTime"), notes.read_moment(document, "endTime")
    title = _line(document, "name", 120)
    if starts is None or ends is None or ends <= starts or not title:
        raise Malformed("a meeting needs a name, a beginning and an end after it")
    given = document.get("edition")
    edition = given if isinstance(given, int) and not isinstance(given, bool) else 0
    return EventDocument(
        id=id,
        bridge=bridge,
        title=title,
        topic=notes.plain(notes.read_html(document), 2000),
        starts=starts,
        ends=ends,
        asker_room=_line(document, "askerRoom", 200),
        other_room=_line(document, "otherRoom", 200),
        link=_video(document),
        host=id_of(one(document.get("host"))) or "",
        cancelled=text(document, "ical:status") == "CANCELLED",
        edition=min(max(edition, 0), 2**31 - 1),
        published=notes.read_moment(document, "published"),
        updated=notes.read_moment(document, "updated"),
    )


def _video(document: Document) -> str:
    for place in many(document.get("location")):
        if isinstance(place, dict) and text(place, "type") == "VirtualLocation":
            return web_address(text(place, "url") or "")
    return ""


def web_address(given: str) -> str:
    """An address that a page may link to; '' otherwise."""
    wanted = given.strip()
    sound = wanted.startswith(("https://", "http://")) and len(wanted) <= 500
    return wanted if sound and not any(c.isspace() or c in '<>"' for c in wanted) else ""


@dataclass(frozen=True, slots=True)
class LessonDocument:
    """An Article that answers a meeting or one of its questions."""

    id: str
    meeting: str
    question: str
    title: str
    html: str
    source: str
    published: datetime | None
    updated: datetime | None


def read_lesson(document: Document) -> LessonDocument | None:
    """None where it is something else."""
    if "Article" not in many(document.get("type")):
        return None
    id, meeting = text(document, "id"), id_of(one(document.get("context")))
    body, title = notes.read_html(document), _line(document, "name", 120)
    if not id or not meeting or not (body and title):
        return None
    answered = notes.read_answered(document)
    return LessonDocument(
        id=id,
        meeting=meeting,
        question=answered if answered != meeting else "",
        title=title,
        html=body,
        source=notes.read_source(document),
        published=notes.read_moment(document, "published"),
        updated=notes.read_moment(document, "updated"),
    )
