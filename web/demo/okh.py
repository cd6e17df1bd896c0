"""Reads the parts list of an open-hardware project (Open Know-How) into needs."""

import csv
import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from schema import categories, units

_NAMES_DE = ("part-name de", "name de", "bezeichnung", "bauteil", "teil")
_NAMES_EN = ("part-name en", "part-name", "part", "name", "item", "component")
_AMOUNTS = ("quantity", "qty", "amount", "anzahl", "menge")
_NOTES_DE = ("description de", "beschreibung", "notiz")
_NOTES_EN = ("description en", "description", "note", "notes", "remarks")
# A number, but not the first of a range ("1-2") nor of a product ("2 x 5"), where it would mislead.
_AMOUNT = re.compile(
    r"\s*(?:ca\.?|approx\.?|~)?\s*(\d+(?:[.,]\d+)?)(?!\s*[-–x×*/\d.,])\s*(.*)", re.DOTALL
)
_WORDS = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10},
    **{"ein": 1, "eine": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "acht": 8},
}


@dataclass(frozen=True, slots=True)
class Need:
    """One part, in German where the list has it; `number` None where none can be read.

    `unit` is one of ours, "piece" where none is given; `category` is guessed from the words, None
    where they say nothing.
    """

    title: str
    number: Decimal | None
    note: str
    language: Literal["de", "en"] = "en"
    unit: str = "piece"
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """A project's parts; `unread` are the lines that were not understood, as they stand."""

    project: str
    licence: str
    needs: tuple[Need, ...]
    unread: tuple[str, ...]


def read(folder: Path) -> Parts:
    """Raises ValueError when the folder has no list of parts (bom.csv or BOM.md)."""
    manifest = _manifest(folder)
    name, licence = manifest.get("name", folder.name), manifest.get("license", "")
    if (folder / "bom.csv").exists():
        rows, unread = from_csv((folder / "bom.csv").read_text("utf-8-sig"))
    elif (folder / "BOM.md").exists():
        rows, unread = from_table((folder / "BOM.md").read_text("utf-8-sig"))
    else:
        raise ValueError(f"{folder.name} has no list of parts")
    needs = [_need(row) for row in rows]
    lost = [str(dict(row)) for row, need in zip(rows, needs, strict=True) if need is None]
    return Parts(name, licence, tuple(n for n in needs if n), (*unread, *lost))


def _manifest(folder: Path) -> Mapping[str, str]:
    path = folder / "okh.toml"
    if not path.exists():
        return {}
    table = tomllib.loads(path.read_text("utf-8"))
    return {key: value for key, value in table.items() if isinstance(value, str)}


def from_csv(text: str) -> tuple[list[dict[str, str]], list[str]]:
    """Rows by lower-case column name; lines with too many cells are unread.

    Comma, semicolon or tab, whichever the first line has most of. Raises ValueError for what is
    no table at all.
    """
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("#")]
    mark = max(",;\t", key=lines[0].count) if lines else ","
    try:
        table = list(csv.DictReader(io.StringIO("".join(lines)), restkey="more", delimiter=mark))
    except csv.Error as wrong:
        raise ValueError(f"the list of parts cannot be read: {wrong}") from wrong
    rows: list[dict[str, str]] = []
    unread: list[str] = []
    for row in table:
        if more := row.pop("more", None):
            unread.append(mark.join([*(value or "" for value in row.values()), *more]))
        else:
            rows.append(
                {name.strip().lower(): (value or "").strip() for name, value in row.items()}
            )
    return rows, unread


def from_table(text: str) -> tuple[list[dict[str, str]], list[str]]:
    """The first Markdown table: rows by lower-case column name.

    Rows of other width are unread, and so is text outside the table, save for headings.
    """
    lines = [line.strip() for line in text.splitlines()]
    table = [_cells(line) for line in lines if line.startswith("|")]
    unread = [
        line for line in lines if line and line[0] not in "|#" and not line.startswith("<!--")
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


def _need(row: Mapping[str, str]) -> Need | None:
    german = _first(row, _NAMES_DE)
    title = german or _first(row, _NAMES_EN)
    if not title:
        return None
    language: Literal["de", "en"] = "de" if german else "en"
    number, rest = amount(_first(row, _AMOUNTS))
    unit = units.find(rest)
    own, other = (_NOTES_DE, _NOTES_EN) if german else (_NOTES_EN, _NOTES_DE)
    said = _first(row, own) or _first(row, other)
    notes = dict.fromkeys(text for text in ("" if unit else rest, said) if text)
    guesses = categories.load().guess(f"{title} {said}", language, limit=1)
    return Need(
        title[:120],
        number,
        " · ".join(notes),
        language,
        unit.id if unit else "piece",
        guesses[0].id if guesses else None,
    )


def _first(row: Mapping[str, str], names: Sequence[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def amount(text: str) -> tuple[Decimal | None, str]:
    """A number above zero and what stands beside it: "2", "1,5 m", "two per phase".

    None, and the text as it stands, where no single number can be read: "1-2", "as needed", "0".
    """
    text = text.strip()
    if found := _AMOUNT.fullmatch(text):
        number = Decimal(found.group(1).replace(",", "."))
        return (number, found.group(2).strip()) if number > 0 else (None, text)
    word = text.split(" ", 1)[0].lower()
    return (Decimal(_WORDS[word]), text) if word in _WORDS else (None, text)
