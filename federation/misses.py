"""Other servers that were asked for keys in vain: they are left alone for a while."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

REST: Final = timedelta(minutes=5)
MOST: Final = 60
"""Keys of one server that may be missing within REST before it is asked no more."""


class Misses:
    """What one process remembers of failed look-ups; whoever forges signatures can cause them."""

    def __init__(self, size: int = 2000) -> None:
        self._size = size
        self._missed: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._missed)

    def may_ask(self, origin: str, now: datetime) -> bool:
        """False when the server was silent, or had too few of the keys, a moment ago."""
        since, count = self._missed.get(origin, (now, 0))
        return count < MOST or now - since >= REST

    def note(self, origin: str, now: datetime, *, silent: bool) -> None:
        """It did not have what we wanted; `silent`: it did not answer at all."""
        since, count = self._missed.pop(origin, (now, 0))
        if now - since >= REST:
            since, count = now, 0
        self._missed[origin] = (since, MOST if silent else count + 1)
        if len(self._missed) > self._size:
            self._missed.popitem(last=False)
