"""Reads the parts list of an open-hardware project (Open Know-How) into needs."""

import csv
import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

_NAMES = ("part-name de", "part-name en", "part-name", "part", "name", "item")
_AMOUNTS = ("quantity", "qty", "amount", "anzahl", "menge")
_NOTES = ("description de", "description en", "description", "note", "remarks")
_AMOUNT = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(.*)", re.DOTALL)
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "ein": 1, "eine": 1, "zwei": 2, "drei": 3}


@dataclass(frozen=True, slots=True)
class Need:
    """One part: `title` in German where the list has it; `number` None where none can be read."""

    title: str
    number: Decimal | None
    note: str


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
        rows, unread = from_csv((folder / "bom.csv").read_text("utf-8"))
    elif (folder / "BOM.md").exists():
        rows, unread = from_table((folder / "BOM.md").read_text("utf-8"))
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
    """Rows by lower-case column name; lines with too many cells are unread."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    rows: list[dict[str, str]] = []
    unread: list[str] = []
    for row in csv.DictReader(io.StringIO(lines), restkey="more"):
        if row.pop("more", None):
            unread.append(str(row))
        else:
            rows.append(
                {name.strip().lower(): (value or "").strip() for name, value in row.items()}
            )
    return rows, unread


def from_table(text: str) -> tuple[list[dict[str, str]], list[str]]:
    """The first Markdown table: rows by lower-case column name; rows of other width are unread."""
    lines = [_cells(line) for line in text.splitlines() if line.strip().startswith("|")]
    if len(lines) < 2:
        return [], []
    names = [name.lower() for name in lines[0]]
    body = [line for line in lines[1:] if not all(set(cell) <= set(":- ") for cell in line)]
    rows = [dict(zip(names, line, strict=True)) for line in body if len(line) == len(names)]
    return rows, [" | ".join(line) for line in body if len(line) != len(names)]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _need(row: Mapping[str, str]) -> Need | None:
    title = _first(row, _NAMES)
    if not title:
        return None
    number, rest = amount(_first(row, _AMOUNTS))
    notes = dict.fromkeys(text for text in (rest, _first(row, _NOTES)) if text)
    return Need(title[:200], number, " · ".join(notes))


def _first(row: Mapping[str, str], names: Sequence[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def amount(text: str) -> tuple[Decimal | None, str]:
    """A number and what stands beside it: "2", "1,5 m", "two per phase"; None without a number."""
    if found := _AMOUNT.fullmatch(text):
        try:
            return Decimal(found.group(1).replace(",", ".")), found.group(2).strip()
        except InvalidOperation:
            return None, text
    word = text.split(" ", 1)[0].lower()
    return (Decimal(_WORDS[word]), text) if word in _WORDS else (None, text)
