"""Files beside a text on the wire: Document attachments that are no pictures (as Mastodon's)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from federation.documents import Document, Json, is_a, many, text
from federation.filetypes import MOST, TYPES, tidy
from federation.wire import notes
from schema.files import File

_ENDS: Final = {f".{ending}": kind for ending, kind in TYPES.items()}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """Where it lies, and what it says to be; `size` 0 where it does not say."""

    url: str
    name: str
    mime: str
    size: int


def build(files: Iterable[File], origin: str) -> "list[Json]":
    """Document attachments of ours."""
    return [
        {
            "type": "Document",
            "mediaType": file.mime,
            "url": file.remote_url or f"{origin}{file.url}",
            "name": file.name,
            "size": file.size,
        }
        for file in files
    ]


def read(document: Document) -> tuple[RemoteFile, ...]:
    """Documents and Links among the attachments that are of a kind we know; addresses only."""
    found: dict[str, RemoteFile] = {}
    for item in many(document.get("attachment")):
        if isinstance(item, dict) and (file := _file(item)):
            found.setdefault(file.url, file)
    return tuple(found.values())[:MOST]


def _file(item: Document) -> RemoteFile | None:
    if not is_a(item, "Document", "Link"):
        return None
    url = notes.link(item.get("href")) or notes.link(item.get("url"))
    if not url or len(url) > 2000:
        return None
    last = url.partition("?")[0].partition("#")[0]
    name = tidy(text(item, "name") or "") if text(item, "name") else tidy(last)
    said = (text(item, "mediaType") or "").partition(";")[0].strip().lower()
    guess = next((kind for end, kind in _ENDS.items() if last.lower().endswith(end)), "")
    mime = said if said in TYPES.values() else guess if not said else ""
    return RemoteFile(url, name, mime, _size(item)) if mime else None


def _size(item: Document) -> int:
    size = item.get("size")
    if isinstance(size, bool) or not isinstance(size, int):
        return 0
    return size if 0 <= size < 2**31 else 0
