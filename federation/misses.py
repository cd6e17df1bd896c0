"""Other servers that were asked for keys in vain: they are left alone for a while."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

REST: Final = timedelta(minutes=5)
SILENCE: Final = timedelta(minutes=1)
"""How long one that did not answer is left alone: it may only have been started again."""
MOST: Final = 60
"""Keys of one server that may be missing within REST before it is asked no more."""


class Misses:
    """What one process remembers of failed look-ups; whoever forges signatures can cause them."""

    def __init__(self, size: int = 2000) -> None:
        self._size = size
        # Since when, how many, and whether it was silent then.
        self._missed: OrderedDict[str, tuple[datetime, int, bool]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._missed)

    def may_ask(self, origin: str, now: datetime) -> bool:
        """False when the server was silent, or had too few of the keys, a moment ago."""
        since, count, silent = self._missed.get(origin, (now, 0, False))
        if silent:
            return _is_over(since, now, SILENCE)
        return count < MOST or _is_over(since, now, REST)

    def note(self, origin: str, now: datetime, *, silent: bool) -> None:
        """It did not have what we wanted; `silent`: it did not answer at all."""
        since, count, _ = self._missed.pop(origin, (now, 0, False))
        if silent or _is_over(since, now, REST):
            since, count = now, 0
        self._missed[origin] = (since, count + 1, silent)
        if len(self._missed) > self._size:
            self._missed.popitem(last=False)


def _is_over(since: datetime, now: datetime, rest: timedelta) -> bool:
    """Also where the clock was set back meanwhile: nobody meant them to rest until it is there."""
    return not timedelta(0) <= now - since < rest
