"""Lists of servers as Mastodon and others write them: CSV and JSON."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import msgspec
import orjson

from federation import origins
from federation.errors import Malformed

MOST = 10_000
LONGEST_REASON = 500
_HOST = ("domain", "host", "instance")
_REASON = ("public_comment", "comment", "reason", "private_comment")
_LESSER = frozenset({"silence", "limit", "noop", "none"})


@dataclass(frozen=True, slots=True)
class Listed:
    """One place of a list: host[:port]."""

    host: str
    reason: str


def read(text: str) -> list[Listed]:
    """Each place once, in order; Malformed for what is no list.

    CSV with or without a head (`#domain,#severity,…`), one host a line, or JSON: an array of hosts
    or objects, or an object with `entries`. Left out: hidden names (`ev*l.example`) and what is
    only to be limited.
    """
    rows = _json(text) if text.lstrip()[:1] in ("[", "{") else _csv(text)
    found: dict[str, Listed] = {}
    for row in rows:
        if len(found) >= MOST:
            break
        listed = _listed(row)
        if listed is not None:
            found.setdefault(listed.host, listed)
    return list(found.values())


def _listed(row: Mapping[str, str]) -> Listed | None:
    if row.get("severity", "").lower() in _LESSER:
        return None
    raw = next((row[name] for name in _HOST if row.get(name)), "").strip()
    raw = raw.partition("://")[2] or raw
    try:
        host = origins.origin_of(f"https://{raw.rstrip('./')}").authority
    except Malformed:
        return None
    if "." not in host or "*" in host:
        return None
    reason = next((row[name] for name in _REASON if row.get(name)), "")
    return Listed(host, " ".join(reason.split())[:LONGEST_REASON])


def _json(text: str) -> Iterable[Mapping[str, str]]:
    try:
        found: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed("this is no JSON") from error
    if isinstance(found, dict):
        found = cast("dict[str, Any]", found).get("entries")
    if not isinstance(found, list):
        raise Malformed("this is no list of places")
    for item in cast("list[Any]", found):
        if isinstance(item, str):
            yield {"domain": item}
        elif isinstance(item, dict):
            pairs = cast("dict[Any, Any]", item).items()
            yield {str(key): value for key, value in pairs if isinstance(value, str)}


def _csv(text: str) -> Iterable[Mapping[str, str]]:
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    head = ["domain", "severity"]
    try:
        for number, row in enumerate(rows):
            cells = [cell.strip() for cell in row]
            named = [cell.lstrip("#").strip().lower() for cell in cells]
            if number == 0 and set(named) & {*_HOST}:
                head = named
            elif cells and cells[0] and not cells[0].startswith("#"):
                yield dict(zip(head, cells, strict=False))
    except csv.Error as error:
        raise Malformed("this is no CSV") from error


def as_csv(kind: str, entries: Iterable[Listed]) -> str:
    """As Mastodon exports: its own import reads it, and so does ours."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if kind == "allow":
        writer.writerow(["#domain"])
        writer.writerows([entry.host] for entry in entries)
        return out.getvalue()
    head = ["domain", "severity", "reject_media", "reject_reports", "public_comment", "obfuscate"]
    writer.writerow([f"#{name}" for name in head])
    for entry in entries:
        reason = _plain(entry.reason)
        writer.writerow([entry.host, "suspend", "true", "true", reason, "false"])
    return out.getvalue()


def _plain(text: str) -> str:
    """Nothing that a spreadsheet would run."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def as_json(kind: str, title: str, entries: Iterable[Listed]) -> bytes:
    """With a name and its kind."""
    rows = [{"domain": e.host, "severity": "suspend", "comment": e.reason} for e in entries]
    if kind == "allow":
        rows = [{"domain": row["domain"]} for row in rows]
    return msgspec.json.encode({"title": title, "kind": kind, "entries": rows})
