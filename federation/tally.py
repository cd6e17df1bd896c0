"""What comes to nothing is counted in memory, until it is written down."""

from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from federation import origins
from federation.errors import Malformed
from schema.counts import What

MOST: Final = 2000  # different things between two writings


@dataclass(slots=True)
class Tally:
    """What one process has counted since it was last written down, and how other clocks go."""

    counted: Counter[tuple[str, What, str]] = field(default_factory=Counter[tuple[str, What, str]])
    skews: dict[str, int] = field(default_factory=dict[str, int])
    written: float = field(default_factory=monotonic)

    def note(self, what: What, address: str, reason: str = "") -> None:
        """One more, of the server of this address; the reason without details of the case."""
        key = (_origin(address), what, _short(reason))
        if key in self.counted or len(self.counted) < MOST:
            self.counted[key] += 1

    def heard(self, origin: str, ahead: float) -> None:
        """By how many seconds the clock of this server is ahead of ours."""
        if origin in self.skews or len(self.skews) < MOST:
            self.skews[origin] = round(ahead)


def _origin(address: str) -> str:
    try:
        return str(origins.origin_of(address, loopback=True))
    except Malformed:
        return ""


def _short(reason: str) -> str:
    head = reason.partition(":")[0]
    if "http" in head or "@" in head:
        return "what it serves does not fit"
    return "".join(c for c in head if c.isalnum() or c in " ,.()-/")[:80]
