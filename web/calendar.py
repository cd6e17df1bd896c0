"""Calendar feeds as RFC 5545 has them: escaped, folded at 75 octets, with CRLF."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

TYPE: Final = "text/calendar; charset=utf-8"
_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None, "\0": None}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One VEVENT; texts are plain, `edition` is its SEQUENCE."""

    uid: str
    title: str
    starts: datetime
    ends: datetime
    updated: datetime
    text: str = ""
    place: str = ""
    url: str = ""
    cancelled: bool = False
    edition: int = 0


def write(name: str, entries: Iterable[Entry]) -> str:
    """A whole VCALENDAR; `name` is what calendars call it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Stadtnetz//Calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escape(name)}",
    ]
    for entry in entries:
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in fold(line))


def _event(entry: Entry) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{escape(entry.uid)}",
        f"DTSTAMP:{_moment(entry.updated)}",
        f"LAST-MODIFIED:{_moment(entry.updated)}",
        f"DTSTART:{_moment(entry.starts)}",
        f"DTEND:{_moment(entry.ends)}",
        f"SEQUENCE:{entry.edition}",
        f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}",
        f"SUMMARY:{escape(entry.title)}",
    ]
    if entry.text:
        lines.append(f"DESCRIPTION:{escape(entry.text)}")
    if entry.place:
        lines.append(f"LOCATION:{escape(entry.place)}")
    if entry.url:
        lines.append(f"URL:{_address(entry.url)}")
    return [*lines, "END:VEVENT"]


def escape(text: str) -> str:
    """A TEXT value (RFC 5545 §3.3.11): no other control characters are allowed in it."""
    return "".join(c for c in text.translate(_ESCAPES) if c >= " " and c != "\x7f")


def _address(url: str) -> str:
    return "".join(c for c in url if c > " " and c != "\x7f")


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def fold(line: str) -> Iterator[str]:
    """At most 75 octets a line, never inside a character (RFC 5545 §3.1)."""
    part, size, limit = "", 0, 75
    for letter in line:
        octets = len(letter.encode())
        if size + octets > limit:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + octets
    yield part
