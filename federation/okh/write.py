"""A version of a blueprint as a manifest of Open Know-How, and its list of parts.

Version 1 (YAML) and LOSH (TOML), in the shapes that their schemas ask for:
https://github.com/iop-alliance/OpenKnowHow, okh-v1.schema.json and okh-losh.schema.json.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import yaml

from federation.errors import Malformed
from federation.okh import trees
from federation.okh.trees import Tree
from schema import units
from schema.blueprints import Blueprint, Line, Step, Version

COLUMNS: Final = ("Part-Name", "Quantity", "Unit", "Kind", "Description", "Choice", "Scaling")
_STAGES: Final = {1: "concept", 2: "development", 3: "prototype", 4: "production"}
_STAGES_LAST: Final = "mass-production"
_LEVELS: Final = {1: "OTRL-1", 2: "OTRL-3", 3: "OTRL-4", 4: "OTRL-5", 5: "OTRL-6"}
NOT_SAID: Final = "NOASSERTION"
"""What SPDX writes where nobody has said which licence it is."""


def manifest(
    row: Blueprint,
    version: Version,
    lines: Sequence[Line],
    steps: Sequence[Step],
    *,
    by: str,
    address: str,
) -> str:
    """`by` the author's name, `address` the version's page; what an import could not read stands
    at the end, as it came."""
    has_tools = any(line.kind == "tool" for line in lines)
    license = row.license or NOT_SAID
    found: dict[str, Any] = {
        "okh-manifest-version": "1.0.0",
        "date-created": f"{version.created:%Y-%m-%d}",
        "date-updated": f"{row.updated:%Y-%m-%d}",
        "manifest-language": row.language,
        "documentation-language": row.language,
        "title": version.title,
        "description": version.source or version.purpose or version.title,
        "intended-use": version.purpose,
        "keywords": [row.category] if row.category else [],
        "project-link": address,
        "health-safety-notice": version.safety,
        "contact": {"name": by},
        "version": version.label or str(version.number),
        "development-stage": _stage(version.readiness),
        "made": version.readiness is not None and version.readiness >= 3,
        "derivative-of": {"title": version.title, "web": row.forked_from}
        if row.forked_from
        else None,
        "license": {"hardware": license, "documentation": license},
        "licensor": {"name": by},
        "documentation-home": address,
        "bom": f"{address}/bom.csv" if lines else None,
        "tool-list": f"{address}/bom.csv" if has_tools else None,
        "making-instructions": [
            {"title": step.title, "path": f"{address}#step-{place}"}
            for place, step in enumerate(steps, 1)
        ],
    }
    manifest = _with_extra(found, version.extra)
    return str(yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False, width=100))


def losh(row: Blueprint, version: Version, lines: Sequence[Line], *, by: str, address: str) -> str:
    """As `manifest`, in the words of LOSH; its parts and tools stand in the list of parts."""
    found: dict[str, Any] = {
        "okhv": "OKH-LOSHv1.0",
        "name": version.title,
        "repo": address,
        "version": version.label or str(version.number),
        "license": row.license or NOT_SAID,
        "licensor": by,
        "readme": address,
        "documentation-language": row.language,
        "technology-readiness-level": _LEVELS.get(version.readiness or 0),
        "function": version.purpose or version.title,
        "description": version.source,
        "health-safety-notice": version.safety,
        "variant-of": row.forked_from,
        "bom": f"{address}/bom.csv" if lines else None,
    }
    said = _with_extra(found, version.extra)
    return "".join(f"{_text(name)} = {_toml(value)}\n" for name, value in said.items())


def _with_extra(found: dict[str, Any], extra: str) -> dict[str, Any]:
    said = {name: value for name, value in found.items() if value not in (None, "", [])}
    for name, value in _extra(extra).items():
        said.setdefault(name, value)
    return said


def _toml(value: Tree) -> str:
    """In one line, whatever is inside of it."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    pairs = (f"{_text(name)} = {_toml(one)}" for name, one in value.items())
    return "{ " + ", ".join(pairs) + " }"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _stage(readiness: int | None) -> str | None:
    return None if readiness is None else _STAGES.get(readiness, _STAGES_LAST)


def _extra(text: str) -> "dict[str, Tree]":
    """What was kept of an import; nothing where it no longer is what we wrote."""
    try:
        return trees.parse(text).table if text else {}
    except Malformed:
        return {}


def bom(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """The table of parts and tools, its heading first."""
    return [COLUMNS, *(_cells(line) for line in lines)]


def _cells(line: Line) -> tuple[str, ...]:
    unit = units.find(line.unit)
    scaling = f"{line.scaling} {_plain(line.step)}".strip() if line.scaling != "unit" else ""
    cells = (
        line.name,
        _plain(line.quantity),
        (unit.id if unit else line.unit) if line.quantity is not None else "",
        line.kind,
        line.note,
        line.choice,
        scaling,
    )
    return tuple(_harmless(cell) for cell in cells)


def _plain(amount: Decimal | None) -> str:
    if amount is None:
        return ""
    shown = f"{amount:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _harmless(cell: str) -> str:
    """A spreadsheet takes such a cell for a formula, and would run what a stranger wrote."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell
