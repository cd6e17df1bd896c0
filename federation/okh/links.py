"""Where a manifest says its files are: addresses and paths, in the shapes they come in."""

import re
from typing import Final

from federation.okh.trees import Tree, flat

WORDS: Final = {
    "project-link": "Project",
    "repo": "Project",
    "documentation-home": "Documentation",
    "release": "Release",
    "readme": "Read me",
    "archive-download": "Archive",
    "image": "Picture",
    "user-manual": "Manual",
    "operating-instructions": "Manual",
    "contribution-guide": "How to contribute",
    "manufacturing-instructions": "Instructions",
    "making-instructions": "Instructions",
    "design-files": "Design files",
    "schematics": "Schematics",
    "manufacturing-files": "Manufacturing files",
    "source": "Source files",
    "export": "Exported files",
    "risk-assessment": "Risks",
    "tool-settings": "Tool settings",
    "quality-instructions": "Quality",
    "maintenance-instructions": "Maintenance",
    "disposal-instructions": "Disposal",
}
MOST: Final = 50
"""Links of one field that become part of the text."""
_SAFE: Final = re.compile(r"https?://[^\s<>()\[\]]{3,500}")


def safe(address: str) -> str:
    """As Markdown that leads nowhere else: a link, or the path as text."""
    if address.startswith("`"):
        return "`" + address[1:-1].replace("`", "'")[:300] + "`"
    return f"<{address}>" if _SAFE.fullmatch(address) else f"`{address[:300]}`"


def files(value: Tree) -> list[tuple[str, str]]:
    """Title and path of the shapes a file comes in: a path, a table, or a list of either."""
    if isinstance(value, str):
        return [("", value.strip())] if value.strip() else []
    if isinstance(value, dict):
        path = value.get("path") or value.get("url") or value.get("release") or ""
        title = flat(value.get("title", ""))
        return [(title, flat(path))] if path else [("", flat(value))]
    return [found for item in value for found in files(item)]
