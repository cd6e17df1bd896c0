"""What all Notes have in common, as we write them and as others do: text, pictures, tags, times."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Final

from markupsafe import escape

from federation import html
from federation.documents import Document, Json, id_of, ids_of, is_a, many, one, text
from federation.errors import Malformed
from schema.actors import Actor
from schema.posts import Picture

MOST_TAGS: Final = 10
MOST_PICTURES: Final = 6
_HASHTAG: Final = re.compile(r"(?<![\w&/#])#(\w{2,50})")
_IMAGE_TYPES: Final = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif")
_IMAGE_ENDS: Final = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
# The paragraph of hashtags that `content` puts at the end.
_TAIL: Final = re.compile(
    r'<p>(?:<a href="[^"<>]*" class="mention hashtag" rel="tag">#<span>\w{2,50}</span></a> ?)+</p>$'
)


def hashtags(source: str) -> list[str]:
    """The hashtags of a Markdown text, small, without #, each once; plain numbers are none."""
    found = (tag.lower() for tag in _HASHTAG.findall(source) if not tag.isdigit())
    return list(dict.fromkeys(found))[:MOST_TAGS]


def content(title: str, body: str, tags: Sequence[str], origin: str) -> str:
    """Title, text and hashtags as one HTML text, since microblogs show nothing else."""
    head = f"<p><strong>{escape(title)}</strong></p>" if title else ""
    links = " ".join(
        f'<a href="{origin}/tags/{escape(tag)}" class="mention hashtag" rel="tag">'
        f"#<span>{escape(tag)}</span></a>"
        for tag in tags
    )
    return head + body + (f"<p>{links}</p>" if links else "")


def without_frame(title: str, content: str) -> str:
    """The text alone of what `content` made."""
    head = f"<p><strong>{escape(title)}</strong></p>"
    inner = content.removeprefix(head) if title else content
    return _TAIL.sub("", inner)


def plain(body: str, limit: int) -> str:
    """The first words of clean HTML, without any markup, on one line."""
    bare = unescape(re.sub(r"<[^<>]*>", " ", body[: 20 * limit]))
    return " ".join(bare.split())[:limit].strip()


def said(content: str, language: str) -> Document:
    """content, and the same by language where it is known (verbatim: some compare the two)."""
    found: Document = {"content": content}
    return {**found, "contentMap": {language: content}} if language else found


def tag_list(mentioned: Iterable[Actor], tags: Iterable[str], origin: str) -> "list[Json]":
    """Mention and Hashtag entries."""
    mentions: list[Json] = [
        {
            "type": "Mention",
            "href": actor.uri,
            "name": f"@{actor.name}@{actor.host or origin.partition('://')[2]}",
        }
        for actor in mentioned
    ]
    marks: list[Json] = [
        {"type": "Hashtag", "name": f"#{tag}", "href": f"{origin}/tags/{tag}"} for tag in tags
    ]
    return [*mentions, *marks]


def images(pictures: Iterable[Picture], origin: str) -> "list[Json]":
    """Image attachments, and nothing but images."""
    return [
        {
            "type": "Image",
            "mediaType": picture.mime,
            "url": picture.remote_url or f"{origin}/media/{picture.id}",
            "name": picture.alt,
            **({"width": picture.width, "height": picture.height} if picture.width else {}),
        }
        for picture in pictures
    ]


def moment(when: datetime) -> str:
    """As `2026-05-01T09:00:00.123Z`: with milliseconds, so that two edits in a second differ."""
    utc = when.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}Z"


def read_moment(document: Document, key: str) -> datetime | None:
    """A time with any fraction and offset; None where there is none that makes sense."""
    given = text(document, key)
    if not given or len(given) > 50:
        return None
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", given))
    except ValueError:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def read_html(document: Document, title: str = "") -> str:
    """The text as clean HTML, whichever media type it came in; '' without any. A title that
    stands at its head is left out."""
    given = without_frame(title, text(document, "content") or "")
    kind = (text(document, "mediaType") or "text/html").partition(";")[0].strip().lower()
    if kind == "text/markdown":
        return html.to_html(given)
    if kind == "text/plain":
        return html.clean(f"<p>{escape(given)}</p>") if given else ""
    return html.clean(given)


def read_source(document: Document) -> str:
    """The Markdown it was written in, if its server gives it."""
    for source in many(document.get("source")):
        if isinstance(source, dict) and text(source, "mediaType") == "text/markdown":
            return html.tidy(text(source, "content") or "")
    return ""


def has_empty_source(document: Document) -> bool:
    """Whether its server says that its author wrote no text at all."""
    sources = [source for source in many(document.get("source")) if isinstance(source, dict)]
    return any(source.get("content") == "" for source in sources)


def read_language(document: Document) -> str:
    """By contentMap, Lemmy's `language`, or nothing."""
    by_language = document.get("contentMap")
    if isinstance(by_language, dict) and by_language:
        given = text(document, "content")
        same = (key for key, value in by_language.items() if value == given)
        found = next(same, next(iter(by_language)))
    else:
        named = one(document.get("language"))
        found = (text(named, "identifier") if isinstance(named, dict) else None) or ""
    return found if _LANGUAGE.fullmatch(found) and found != "und" else ""


@dataclass(frozen=True, slots=True)
class RemotePicture:
    url: str
    alt: str


def read_pictures(document: Document, *, cover: bool = False) -> tuple[RemotePicture, ...]:
    """Images among attachments, Lemmy's `image` and, as a `cover` where there is no other, the
    `icon` of a video or event; addresses only, nothing is fetched here."""
    found = _images_in([*many(document.get("attachment")), *many(document.get("image"))])
    return found or (_images_in(many(document.get("icon")))[:1] if cover else ())


def _images_in(items: "list[Json]") -> tuple[RemotePicture, ...]:
    found: dict[str, RemotePicture] = {}
    for item in items:
        if not isinstance(item, dict) or not _is_image(item):
            continue
        url = link(item.get("url")) or link(item.get("href"))
        if url and len(url) <= 2000:
            alt = html.tidy(text(item, "name") or text(item, "summary") or "")
            found.setdefault(url, RemotePicture(url, alt[:1500]))
    return tuple(found.values())[:MOST_PICTURES]


def _is_image(item: Document) -> bool:
    if is_a(item, "Image"):
        return True
    media = text(item, "mediaType") or ""
    url = link(item.get("url")) or link(item.get("href")) or ""
    ends = url.partition("?")[0].lower().endswith(_IMAGE_ENDS)
    return media in _IMAGE_TYPES or (not media and is_a(item, "Document") and ends)


def link(value: Json) -> str | None:
    """The first web address among the shapes that `url` takes; an HTML page before other kinds."""
    fallback: str | None = None
    for item in many(value):
        if isinstance(item, dict):
            found = link(item.get("href") or item.get("url"))
            kind = text(item, "mediaType") or text(item, "mimeType") or ""
            if found and kind == "text/html":
                return found
        else:
            found = item if isinstance(item, str) else None
        if found and found.startswith(("https://", "http://")):
            fallback = fallback or found
    return fallback


def read_mentions(document: Document) -> tuple[str, ...]:
    """Ids of the actors that are mentioned."""
    tags = (item for item in many(document.get("tag")) if isinstance(item, dict))
    found = (text(item, "href") for item in tags if is_a(item, "Mention"))
    return tuple(dict.fromkeys(uri for uri in found if uri))


def read_hashtags(document: Document) -> list[str]:
    """Small, without #."""
    found: dict[str, None] = {}
    for item in many(document.get("tag")):
        if isinstance(item, dict) and is_a(item, "Hashtag"):
            name = (text(item, "name") or "").lstrip("#").lower()
            if re.fullmatch(r"\w{2,50}", name):
                found[name] = None
    return list(found)[:MOST_TAGS]


def read_answered(document: Document) -> str:
    """The id of what it answers, in whichever shape; '' for nothing."""
    return id_of(one(document.get("inReplyTo"))) or ""


def addressees(document: Document) -> tuple[str, ...]:
    """`audience`, `to` and `cc` in this order, each once."""
    found = [*ids_of(document, "audience"), *ids_of(document, "to"), *ids_of(document, "cc")]
    return tuple(dict.fromkeys(found))


def type_of(document: Document, known: Sequence[str]) -> str:
    """The first known type; Malformed for none."""
    for kind in many(document.get("type")):
        if isinstance(kind, str) and kind in known:
            return kind
    raise Malformed("not a kind of object that is read here")
