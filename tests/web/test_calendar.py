"""Calendar feeds: a reader that goes by the grammar of RFC 5545 gets back what was written."""

import re
from datetime import UTC, datetime

from web import calendar
from web.calendar import Entry

WHEN = datetime(2027, 5, 1, 16, 0, tzinfo=UTC)


def read(feed: str) -> list[tuple[str, str]]:
    """Content lines, unfolded: names and raw values. Fails for what the grammar forbids."""
    assert feed.endswith("\r\n") and "\n" not in feed.replace("\r\n", "")
    lines = feed.encode().split(b"\r\n")[:-1]
    assert all(1 <= len(line) <= 75 for line in lines)
    assert [line.decode() for line in lines], "no letter is cut in two"
    unfolded = re.sub(rb"\r\n[ \t]", b"", b"\r\n".join(lines)).decode().split("\r\n")
    found = [line.partition(":") for line in unfolded]
    assert all(re.fullmatch(r"[A-Z0-9-]+", name) for name, _, _ in found)
    return [(name, value) for name, _, value in found]


def plain(value: str) -> str:
    """A TEXT value as a reader takes it; a bare comma or semicolon would split it."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[,;]", value)
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)


def test_titles_of_all_kinds_come_back_as_they_were() -> None:
    for title in ("Plain", "a,b;c\\d", "two\nlines", "ä" * 200, "x" * 74 + "🌳", "END:VEVENT"):
        feed = calendar.write("Wien", [Entry("u", title, WHEN, WHEN, WHEN, text=title)])
        values = dict(read(feed))
        assert plain(values["SUMMARY"]) == plain(values["DESCRIPTION"]) == title


def test_nobody_adds_lines_of_their_own() -> None:
    evil = "x\r\nBEGIN:VALARM\r\nACTION:AUDIO\x07"
    feed = calendar.write(evil, [Entry("u\r\nX:1", evil, WHEN, WHEN, WHEN, url="http://a\r\nX:1")])
    names = [name for name, _ in read(feed)]
    assert names.count("BEGIN") == 2 and "ACTION" not in names and "X" not in names


def test_times_are_in_utc_and_a_date_that_was_called_off_says_so() -> None:
    entry = Entry("http://a/1", "T", WHEN, WHEN.replace(hour=18), WHEN, cancelled=True, edition=3)
    found = dict(read(calendar.write("Wien", [entry])))
    assert (found["DTSTART"], found["DTEND"]) == ("20270501T160000Z", "20270501T180000Z")
    assert (found["STATUS"], found["SEQUENCE"], found["UID"]) == ("CANCELLED", "3", "http://a/1")
