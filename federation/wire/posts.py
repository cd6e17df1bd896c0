"""Posts on the wire: a Note in a community's thread or below a listing, built and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import escape

from federation import html
from federation.documents import Document, Json, id_of, ids_of, is_a, many, one, text
from federation.errors import Malformed
from federation.wire import notes, polls, spellings
from federation.wire.contexts import CONTEXT, is_public
from federation.wire.notes import RemotePicture
from federation.wire.polls import PollDocument
from schema.actors import Actor
from schema.occasions import Occasion
from schema.posts import Picture, Post

TYPES: Final = ("Note", "Page", "Article", "Video", "Event", "Question", "Audio", "Link")
"""What other servers call a post; ours are Notes, and Events where they have a date."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything around a post that its document names."""

    author: Actor
    origin: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    community_uri: str | None = None
    mentioned: tuple[Actor, ...] = ()
    pictures: Sequence[Picture] = ()
    occasion: Occasion | None = None


def build(post: Post, setting: Setting) -> Document:
    """A post of ours as Mastodon, Lemmy and the FEPs (1b12, 7888) read it.

    `name` is only on the first of a thread: on a reply it would be a vote for microblogs.
    """
    tags = post.tags
    body = notes.content(post.title if post.is_first else "", post.html, tags, setting.origin)
    document: Document = {
        "@context": CONTEXT,
        "id": post.uri,
        "type": "Note",
        "attributedTo": setting.author.uri,
        "to": list(setting.to),
        "cc": list(setting.cc),
        **notes.said(body, post.language),
        "source": {"content": post.source, "mediaType": "text/markdown"},
        "url": post.uri,
        "published": notes.moment(post.created),
        "updated": notes.moment(post.updated),
        "tag": notes.tag_list(setting.mentioned, tags, setting.origin),
        "attachment": notes.images(setting.pictures, setting.origin),
        "sensitive": False,
    }
    if setting.community_uri:
        document["audience"] = setting.community_uri
    if post.context:
        document["context"] = post.context
    if post.in_reply_to:
        document["inReplyTo"] = post.in_reply_to
    elif post.title:
        document["name"] = post.title
    return {**document, **_date(setting.occasion)} if setting.occasion else document


def _date(occasion: Occasion) -> Document:
    """As Mobilizon and its like say when and where."""
    said: Document = {"type": "Event", "startTime": notes.moment(occasion.starts)}
    if occasion.ends:
        said["endTime"] = notes.moment(occasion.ends)
    if occasion.place:
        said["location"] = {"type": "Place", "name": occasion.place}
    return said


def tombstone(post: Post) -> Document:
    """What is left of a deleted post."""
    gone: Document = {"id": post.uri, "type": "Tombstone", "formerType": "Note"}
    return {**gone, "deleted": notes.moment(post.deleted_at)} if post.deleted_at else gone


@dataclass(frozen=True, slots=True)
class PostDocument:
    """What we take from another server's post; `html` is clean, times may lie in the future."""

    id: str
    type: str
    title: str
    html: str
    source: str
    language: str
    in_reply_to: str
    audience: tuple[str, ...]
    addressed: tuple[str, ...]
    public: bool
    context: str
    url: str
    mentions: tuple[str, ...]
    hashtags: list[str]
    pictures: tuple[RemotePicture, ...]
    published: datetime | None
    updated: datetime | None
    poll: PollDocument | None = None
    occasion: Occasion | None = None


def is_post(document: Document) -> bool:
    """Whether it is something that people say: no listing (FEP-0837), and no vote in a poll."""
    kinds = [kind for kind in many(document.get("type")) if isinstance(kind, str)]
    if not any(kind in TYPES for kind in kinds):
        return False
    return spellings.plain(document) is None and not _is_vote(document)


def _is_vote(document: Document) -> bool:
    answered = notes.read_answered(document)
    return bool(answered and text(document, "name") and not text(document, "content"))


def is_for_all(document: Document) -> bool:
    """Whether it is addressed to everybody, and not only named as talk of a public group."""
    audience = ids_of(document, "audience")
    return is_public([uri for uri in notes.addressees(document) if uri not in audience])


def read(document: Document) -> PostDocument:
    """Raises Malformed when it is no post, or says nothing at all."""
    kind = notes.type_of(document, TYPES)
    id = text(document, "id")
    if not id:
        raise Malformed("a post needs an id")
    answered = notes.read_answered(document)
    title = "" if answered else html.tidy(text(document, "name") or "").strip()[:300]
    pictures = notes.read_pictures(document, cover=kind not in ("Note", "Question"))
    words = _words(document, kind, title)
    if not (title or words or pictures):
        raise Malformed("a post says nothing")
    return PostDocument(
        id=id,
        type=kind,
        title=title,
        html=words,
        source=notes.read_source(document),
        language=notes.read_language(document),
        in_reply_to=answered,
        audience=tuple(ids_of(document, "audience")),
        addressed=notes.addressees(document),
        public=is_for_all(document),
        context=(id_of(one(document.get("context"))) or "")[:2000],
        url=(notes.link(document.get("url")) or id)[:2000],
        mentions=notes.read_mentions(document),
        hashtags=notes.read_hashtags(document),
        pictures=pictures,
        published=notes.read_moment(document, "published"),
        updated=notes.read_moment(document, "updated"),
        poll=polls.read(document),
        occasion=_occasion(document) if kind == "Event" and title and not answered else None,
    )


def _words(document: Document, kind: str, title: str) -> str:
    """A decent text of any kind of post: warning, facts, content, where it leads."""
    body = notes.read_html(document, title)
    summary = html.clean(text(document, "summary") or "")
    if not body:
        body, summary = summary, ""
    elif kind == "Note" and summary:
        # A content warning: its words must not be lost.
        body = html.clean(f"<p><strong>{summary}</strong></p>") + body
    return html.clean("".join(_facts(document, kind))) + body + _leads(document, kind)


def _facts(document: Document, kind: str) -> "list[str]":
    if kind == "Event":
        times = [text(document, key) or "" for key in ("startTime", "endTime")]
        when = " – ".join(time[:16].replace("T", " ") for time in times if time)
        where = " · ".join(_places(document))
        return [f"<p><strong>{escape(fact)}</strong></p>" for fact in (when, where) if fact]
    if kind == "Question":
        choices = [*many(document.get("oneOf")), *many(document.get("anyOf"))]
        names = [text(choice, "name") for choice in choices[:30] if isinstance(choice, dict)]
        items = "".join(f"<li>{escape(name)}</li>" for name in names if name)
        return [f"<ul>{items}</ul>"] if items else []
    return []


def _occasion(document: Document) -> Occasion | None:
    starts, ends = (notes.read_moment(document, key) for key in ("startTime", "endTime"))
    if starts is None:
        return None
    place = " · ".join(_places(document))[:200]
    return Occasion(starts, ends if ends and ends >= starts else None, place)


def _places(document: Document) -> "list[str]":
    found: list[str] = []
    for place in many(document.get("location")):
        if isinstance(place, dict):
            address = one(place.get("address"))
            street = address if isinstance(address, str) else None
            if isinstance(address, dict):
                keys = ("streetAddress", "postalCode", "addressLocality")
                street = ", ".join(part for key in keys if (part := text(address, key)))
            found += [part[:200] for part in (text(place, "name"), street) if part]
        elif isinstance(place, str):
            found.append(place[:200])
    return found


def _leads(document: Document, kind: str) -> str:
    """The link a Page is about (Lemmy), or the page where a video or event can be seen."""
    links: list[Json] = [
        item
        for item in many(document.get("attachment"))
        if isinstance(item, dict) and is_a(item, "Link")
    ]
    addresses = [found for item in links if (found := notes.link(item))]
    if kind in ("Video", "Audio", "Event", "Link"):
        addresses += [found] if (found := notes.link(document.get("url"))) else []
    shown = (
        f'<p><a href="{escape(url)}">{escape(url[:100])}</a></p>'
        for url in dict.fromkeys(addresses)
        if len(url) <= 2000
    )
    return html.clean("".join(list(shown)[:3]))
