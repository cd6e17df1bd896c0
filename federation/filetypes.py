"""Which files may stand beside a blueprint, told by what is in them and not by their name alone."""

import re
from dataclasses import dataclass
from typing import Final

from schema.errors import Invalid
from schema.words import N_

LARGEST: Final = 8_000_000  # bytes
MOST: Final = 6  # of one blueprint
TYPES: Final = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "stl": "model/stl",
    "step": "model/step",
    "stp": "model/step",
    "odt": "application/vnd.oasis.opendocument.text",
}
WRONG: Final = N_("This file is none of PDF, CSV, STL, STEP and ODT, or it is damaged.")
_ODT: Final = b"mimetypeapplication/vnd.oasis.opendocument.text"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that was looked at; `name` fit for a download."""

    name: str
    mime: str
    data: bytes


def read(name: str, data: bytes, field: str) -> Attached:
    """Invalid for `field` where it is too large, of another kind, or not what its name says."""
    if len(data) > LARGEST:
        raise Invalid({field: N_("This file is too large; 8 MB is the most.")})
    named = tidy(name)
    ending = named.rpartition(".")[2].lower()
    if ending not in TYPES or not _is(ending, data):
        raise Invalid({field: WRONG})
    return Attached(named, TYPES[ending], data)


def tidy(name: str) -> str:
    """The last part of a path, without what confuses file systems and headings."""
    last = name.replace("\\", "/").rpartition("/")[2]
    bare = re.sub(r'[\x00-\x1f\x7f"<>:|?*;%]', "", last).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    return f"{stem[:100]}.{ending[:15]}" if dot and stem else bare[:100] or "file"


def _is(ending: str, data: bytes) -> bool:
    if ending == "pdf":
        return data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]
    if ending == "odt":
        return data.startswith(b"PK\x03\x04") and _ODT in data[:200]
    if ending in ("step", "stp"):
        return data.lstrip().startswith(b"ISO-10303-21;")
    if ending == "stl":
        facets = int.from_bytes(data[80:84], "little")
        solid = data.startswith(b"solid") and b"facet" in data[:4096] and _is_text(data)
        return solid or (len(data) >= 84 and len(data) == 84 + 50 * facets)
    return _is_text(data) and not data.lstrip().startswith(b"<")


def _is_text(data: bytes) -> bool:
    """UTF-8 without what no table has."""
    try:
        words = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not re.search(r"[\x00-\x08\x0e-\x1f]", words)
