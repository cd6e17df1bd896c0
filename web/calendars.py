"""Days and hours for the calendars of others: iCalendar (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})
_LINE = 75  # octets, RFC 5545 §3.1


@dataclass(frozen=True, slots=True)
class Day:
    """Something that takes place; left out without `starts`. `ends` is the last day, or with hours
    the moment, None where nobody said."""

    uid: str
    title: str
    starts: date | None
    ends: date | None
    place: str = ""


def build(name: str, days: Iterable[Day], changed: datetime) -> str:
    """The calendar's text."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Stadtnetz//EN", f"NAME:{_text(name)}"]
    lines.append(f"X-WR-CALNAME:{_text(name)}")
    stamp = _moment(changed)
    for day in days:
        if day.starts is None:
            continue
        lines += ["BEGIN:VEVENT", f"UID:{_text(day.uid)}", f"DTSTAMP:{stamp}", *_when(day)]
        lines += [f"LOCATION:{_text(day.place)}"] if day.place else []
        lines += [
            f"SUMMARY:{_text(day.title)}",
            f"URL:{day.uid}",
            "END:VEVENT",
        ]
    return "\r\n".join(_folded(line) for line in [*lines, "END:VCALENDAR", ""])


def _when(day: Day) -> list[str]:
    if isinstance(day.starts, datetime):
        ends = [f"DTEND:{_moment(day.ends)}"] if isinstance(day.ends, datetime) else []
        return [f"DTSTART:{_moment(day.starts)}", *ends]
    if day.starts is None:
        return []
    after = max(day.ends or day.starts, day.starts) + timedelta(days=1)
    return [f"DTSTART;VALUE=DATE:{day.starts:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}"]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    return text.translate(_ESCAPED)


def _folded(line: str) -> str:
    """Long lines go on after a blank, without cutting a letter in two."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        encoded = letter.encode()
        if len(piece) + len(encoded) > _LINE - 1:
            pieces.append(piece)
            piece = b""
        piece += encoded
    return b"\r\n ".join([*pieces, piece]).decode()
