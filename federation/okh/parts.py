"""Lists of parts beside a manifest: CSV of many layouts and languages, or a Markdown table."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from federation.errors import Malformed
from schema import categories, units
from schema.blueprints import Kind, Scaling

LARGEST: Final = 1_000_000  # characters
MOST_ROWS: Final = 2000
Language: TypeAlias = Literal["de", "en"]

_NAMES: Final[dict[Language, tuple[str, ...]]] = {
    "de": tuple(
        "part-name de|name de|bezeichnung|bauteil|teil|benennung|artikel|material|werkzeug".split(
            "|"
        )
    ),
    "en": tuple(
        """part-name en|part-name|part name|part|name|item|component|description en|title|tool
        |désignation|nom|nombre|pieza|descrizione|pezzo|description""".replace(
            "\n        ", ""
        ).split("|")
    ),
}
_NOTES: Final[dict[Language, tuple[str, ...]]] = {
    "de": ("description de", "beschreibung", "notiz", "bemerkung", "anmerkung", "hinweis", "maße"),
    "en": ("description en", "description", "note", "notes", "comment", "comments", "dimensions"),
}
_AMOUNTS: Final = tuple(
    "quantity|qty|qty.|amount|anzahl|menge|stückzahl|stk|count|quantité|qté|cantidad|quantità".split(
        "|"
    )
)
_UNITS: Final = ("unit", "units", "einheit", "unité", "unidad", "uom", "me")
_MORE: Final = (
    "remarks",
    "link",
    "url",
    "supplier",
    "lieferant",
    "bezugsquelle",
    "source",
    "quelle",
)
_TOOLS: Final = ("tool", "werkzeug")
_KIND, _CHOICE, _SCALING = "kind", "choice", "scaling"
"""Columns that only an export of ours has."""
_PLACES: Final = ("#", "pos", "pos.", "nr", "nr.", "no", "no.", "index", "position")
"""Columns that count the rows, which keep their order anyway."""
LONGEST_TITLE, LONGEST_NOTE, LONGEST_CHOICE = 120, 1000, 60
# A number, but not the first of a range ("1-2") nor of a product ("2 x 5"), where it would mislead.
_AMOUNT: Final = re.compile(
    r"\s*(?:ca\.?|approx\.?|~)?\s*(\d{1,12}(?:[.,]\d{1,6})?)(?!\s*[-–x×*/\d.,])\s*(.*)", re.DOTALL
)
_WORDS: Final = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10},
    **{"ein": 1, "eine": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "acht": 8},
}
_SPELLED: Final = {
    **dict.fromkeys(("pcs", "pcs.", "pc", "pieces", "stk", "stk.", "st.", "stück", "x"), "piece"),
    **dict.fromkeys(("metre", "meter", "metres", "meters", "lfm"), "m"),
    **dict.fromkeys(("litre", "liter", "litres", "liters", "lt"), "l"),
    **dict.fromkeys(("gramm", "gram", "grams"), "g"),
    **dict.fromkeys(("kilogram", "kilogramm", "kilo"), "kg"),
    **dict.fromkeys(("hours", "hour", "stunden", "std"), "h"),
    **dict.fromkeys(("m²", "qm", "sqm"), "m2"),
    **dict.fromkeys(("m³", "cbm"), "m3"),
    **dict.fromkeys(("paar", "pairs"), "pair"),
    **dict.fromkeys(("satz", "sets"), "set"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One line, in German where the list has it; `number` None where none can be read.

    `unit` is one of ours, "piece" where none is given; `category` is guessed from the words, None
    where they say nothing; `said` what stood under the number, where it is more than a number.
    """

    title: str
    number: Decimal | None
    note: str
    language: Language = "en"
    unit: str = "piece"
    category: str | None = None
    kind: Kind = "material"
    said: str = ""
    choice: str = ""
    scaling: Scaling = "unit"
    step: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """`unread` are the lines that were not understood, as they stand."""

    lines: tuple[Part, ...]
    unread: tuple[str, ...] = ()


def parse(text: str, *, name: str = "") -> Parts:
    """A list of parts by its look; `name` of the file. Raises Malformed, and nothing else."""
    if len(text) > LARGEST:
        raise Malformed("the list of parts is too large")
    text = text.removeprefix("\ufeff").replace("\0", "")
    table = name.lower().endswith((".md", ".markdown")) or _is_table(text)
    rows, unread = from_table(text) if table else from_csv(text)
    if len(rows) > MOST_ROWS:
        raise Malformed("the list of parts is too long")
    read = [(part_of(row), " · ".join(text for text in row.values() if text)) for row in rows]
    lost = (words for part, words in read if part is None and words)
    return Parts(tuple(part for part, _ in read if part), (*unread, *lost))


def _is_table(text: str) -> bool:
    lines = [line.strip() for line in text.splitlines()]
    return any(re.fullmatch(r"\|?[\s:|-]*-{3,}[\s:|-]*\|?", line) and "|" in line for line in lines)


def from_csv(text: str) -> tuple[list[dict[str, str]], list[str]]:
    """Rows by lower-case column name; lines with too many cells are unread.

    Comma, semicolon, tab or bar, whichever the heading has most of; the heading is the first line
    that names columns we know. Raises Malformed for what is no table at all.
    """
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("#")]
    first = next((at for at, line in enumerate(lines[:20]) if _is_heading(line)), 0)
    above = [line.strip() for line in lines[:first] if line.strip(" ,;|\t\n\r")]
    mark = max(",;\t|", key=lines[first].count) if lines else ","
    reader = csv.DictReader(io.StringIO("".join(lines[first:])), restkey="more", delimiter=mark)
    rows: list[dict[str, str]] = []
    unread = above
    try:
        for row in reader:
            more: list[str] | None = row.pop("more", None)  # pyright: ignore[reportAssignmentType]
            if more and any(more):
                unread.append(mark.join([*(value or "" for value in row.values()), *more]))
            elif any(row.values()):
                rows.append({(n or "").strip().lower(): (v or "").strip() for n, v in row.items()})
    except csv.Error as wrong:
        raise Malformed(f"the list of parts cannot be read: {wrong}") from wrong
    return rows, unread


def _is_heading(line: str) -> bool:
    cells = [cell.strip(' "\n\r').lower() for cell in re.split(r"[,;\t|]", line)]
    known = {*_NAMES["de"], *_NAMES["en"], *_AMOUNTS}
    return len(known.intersection(cells)) >= 2


def from_table(text: str) -> tuple[list[dict[str, str]], list[str]]:
    """The first Markdown table: rows by lower-case column name.

    Rows of other width are unread, and so is text outside the table, save for headings.
    """
    lines = [line.strip() for line in text.splitlines()]
    table = [_cells(line) for line in lines if "|" in line]
    unread = [
        line
        for line in lines
        if line and "|" not in line and line[0] != "#" and not line.startswith("<!--")
    ]
    if len(table) < 2:
        return [], [*(" | ".join(row) for row in table), *unread]
    names = [name.lower() for name in table[0]]
    body = [row for row in table[1:] if not all(cell and set(cell) <= set(":-") for cell in row)]
    rows = [dict(zip(names, row, strict=True)) for row in body if len(row) == len(names)]
    return rows, [*(" | ".join(row) for row in body if len(row) != len(names)), *unread]


def _cells(line: str) -> list[str]:
    inner = line.removeprefix("|").removesuffix("|")
    return [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]


def part_of(row: Mapping[str, str]) -> Part | None:
    """A row by column name; None without anything that names the part."""
    german = _first(row, _NAMES["de"])
    title = german or _first(row, _NAMES["en"])
    if not title:
        return None
    language: Language = "de" if german else "en"
    told = _first(row, _AMOUNTS)
    number, rest = amount(told)
    given = _first(row, _UNITS)
    unit, rest = _unit(rest, given)
    said = _first(row, (*_NOTES[language], *_NOTES["en" if german else "de"]))
    guesses = categories.load().guess(f"{title} {said}"[:500], language, limit=1)
    is_tool = row.get(_KIND, "") in _TOOLS or any(row.get(name) == title for name in _TOOLS)
    scaling, step = _scaling(row.get(_SCALING, ""))
    return Part(
        title[:LONGEST_TITLE],
        number,
        _note(row, [title[LONGEST_TITLE:], rest, said], {title, told, given})[:LONGEST_NOTE],
        language,
        unit,
        guesses[0].id if guesses else None,
        "tool" if is_tool else "material",
        told if rest or number is None else "",
        row.get(_CHOICE, "")[:LONGEST_CHOICE],
        scaling,
        step,
    )


def _note(row: Mapping[str, str], first: Sequence[str], used: set[str]) -> str:
    """All that stands in a row beside what was understood, with the names of strange columns."""
    known = {name for names in (*_NAMES.values(), *_NOTES.values()) for name in names}
    found = [*first]
    for name, text in row.items():
        if not text or text in used or name in (_KIND, _CHOICE, _SCALING, *_PLACES):
            continue
        found.append(text if name in known or name in _MORE else f"{name}: {text}")
    return " · ".join(dict.fromkeys(text for text in found if text))


def _scaling(text: str) -> tuple[Scaling, Decimal | None]:
    """As an export of ours writes it: "fixed", "step 4"; else per unit."""
    word, _, size = text.partition(" ")
    step = amount(size)[0]
    if word == "step" and step is not None:
        return "step", step
    return ("fixed" if word == "fixed" else "unit"), None


def _unit(rest: str, given: str) -> tuple[str, str]:
    """One of our units, from its own column or beside the number; and what is not a unit."""
    for text in (given, rest):
        if found := unit_of(text):
            return found, "" if text == rest else rest
    return "piece", " · ".join(text for text in (rest, given) if text)


def unit_of(text: str) -> str | None:
    """Our unit that somebody means, in either language: "Stunden", "pcs", "kg"; None for none."""
    bare = text.strip()
    small = bare.lower()
    if found := units.find(bare) or units.find(_SPELLED.get(small, small)):
        return found.id
    for unit in units.load().values():
        if small in (word.lower() for word in (unit.en, unit.en_plural, unit.de, unit.de_plural)):
            return unit.id
    return None


def _first(row: Mapping[str, str], names: Sequence[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def amount(text: str) -> tuple[Decimal | None, str]:
    """A number above zero and what stands beside it: "2", "1,5 m", "two per phase".

    None, and the text as it stands, where no single number can be read: "1-2", "as needed", "0".
    """
    text = text.strip()
    if found := _AMOUNT.fullmatch(text):
        number = round(Decimal(found.group(1).replace(",", ".")), 3)
        return (number.normalize() + 0, found.group(2).strip()) if number > 0 else (None, text)
    word = text.split(" ", 1)[0].lower()
    return (Decimal(_WORDS[word]), text) if word in _WORDS else (None, text)
