"""Licences as people write them, and the SPDX names they mean."""

import re
from typing import Final

KNOWN: Final = tuple(
    """CC0-1.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-BY-NC-4.0 CC-BY-NC-SA-4.0
    CC-BY-ND-4.0 CERN-OHL-1.2 CERN-OHL-P-2.0 CERN-OHL-S-2.0 CERN-OHL-W-2.0 TAPR-OHL-1.0
    Apache-2.0 MIT BSD-2-Clause BSD-3-Clause GPL-2.0-only GPL-2.0-or-later GPL-3.0-only
    GPL-3.0-or-later AGPL-3.0-only AGPL-3.0-or-later LGPL-3.0-only LGPL-3.0-or-later MPL-2.0
    SHL-2.1 Unlicense""".split()
)
_BY_NAME: Final = {name.lower(): name for name in KNOWN}
_OLD: Final = {"gpl-3.0": "GPL-3.0-only", "gpl-2.0": "GPL-2.0-only", "agpl-3.0": "AGPL-3.0-only"}
_SPDX: Final = re.compile(r"[A-Za-z0-9.+-]{2,60}")
_ADDRESS: Final = re.compile(
    r"https?://(?:www\.)?spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.html)?/?$"
)
_ELEMENTS: Final = (
    ("BY", r"attribution|namensnennung|\bby\b"),
    ("NC", r"non-?commercial|nicht-?kommerziell|\bnc\b"),
    ("ND", r"no-?deriv|keine bearbeitung|\bnd\b"),
    ("SA", r"share-?alike|weitergabe unter gleichen|\bsa\b"),
)


def read(text: str) -> tuple[str, bool]:
    """The SPDX name, and whether it was guessed; '' where nothing certain can be said."""
    text = " ".join(text.split())
    if found := _ADDRESS.match(text):
        text = found.group(1)
    if exact := _BY_NAME.get(text.lower()):
        return exact, exact != text
    if text.lower() in _OLD:
        return _OLD[text.lower()], True
    if guessed := _creative_commons(text) or _cern(text):
        return guessed, True
    if _SPDX.fullmatch(text) and "-" in text and any(letter.isdigit() for letter in text):
        return text, True
    return "", True


def _creative_commons(text: str) -> str:
    small = text.lower().replace("_", "-")
    if not re.search(r"creative ?commons|\bcc\b", small):
        return ""
    if re.search(r"\bcc-? ?0\b|\bzero\b", small):
        return "CC0-1.0"
    parts = [name for name, words in _ELEMENTS if re.search(words, small)]
    version = re.search(r"\b([1-4])\.(\d)\b", small)
    name = f"CC-{'-'.join(parts)}-{version.group(0)}" if parts and version else ""
    return name if re.fullmatch(r"CC-BY(-NC)?(-ND|-SA)?-[1-4]\.\d", name) else ""


def _cern(text: str) -> str:
    """Version 2 has three kinds; without its kind nobody can tell which one was meant."""
    small = text.lower()
    if "cern" not in small:
        return ""
    kinds = {"S": r"strong|\bs\b", "W": r"weak|\bw\b", "P": r"permissive|\bp\b"}
    if re.search(r"\b(v?2(\.0)?)\b", small):
        found = [kind for kind, words in kinds.items() if re.search(words, small)]
        return f"CERN-OHL-{found[0]}-2.0" if len(found) == 1 else ""
    return "CERN-OHL-1.2" if re.search(r"\b1\.2\b", small) else ""


def address(spdx: str) -> str:
    """Where it can be read; '' for none that SPDX would know."""
    return f"https://spdx.org/licenses/{spdx}" if _SPDX.fullmatch(spdx) else ""
