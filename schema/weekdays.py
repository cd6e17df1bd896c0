"""Weekdays that a text names, in German and English; 0 is Monday."""

import re
from typing import Final

NAMES: Final = (
    ("montag", "monday"),
    ("dienstag", "tuesday"),
    ("mittwoch", "wednesday"),
    ("donnerstag", "thursday"),
    ("freitag", "friday"),
    ("samstag", "sonnabend", "saturday"),
    ("sonntag", "sunday"),
)
PATTERNS: Final = tuple(re.compile(rf"\b({'|'.join(names)})s?\b", re.IGNORECASE) for names in NAMES)
IN_POSTGRES: Final = tuple(rf"\m({'|'.join(names)})s?\M" for names in NAMES)
ANY_IN_POSTGRES: Final = rf"\m({'|'.join(name for names in NAMES for name in names)})s?\M"


def named(text: str) -> list[int]:
    """Those that stand in it."""
    return [number for number, pattern in enumerate(PATTERNS) if pattern.search(text)]


def is_name(word: str) -> bool:
    """Whether a word says nothing but a day."""
    return any(pattern.fullmatch(word) for pattern in PATTERNS)
