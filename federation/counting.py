"""Counts of what comes to nothing, for admins: noted here, written down now and then."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from time import monotonic
from typing import Final

from federation.instance import Instance
from schema import counts

EVERY: Final = 15.0  # seconds
_KEY: Final = re.compile(r'key[iI]d="([^"\s]{1,500})"')


def taken(instance: Instance, origin: str, said: datetime, stored: bool) -> bool:
    """After a letter with a good signature: was it known, how does their clock go; `stored`."""
    tally = instance.remembered.tally
    tally.heard(origin, (said - instance.clock()).total_seconds())
    if not stored:
        tally.note("known", origin)
    return stored


def unsigned(instance: Instance, headers: Mapping[str, str], reason: str) -> None:
    """A letter whose signature proves nothing, for the server that its key names."""
    words = headers.get("signature-input") or headers.get("signature") or ""
    found = _KEY.search(words[:4000])
    instance.remembered.tally.note("signature", found[1] if found else "", reason)


async def write(instance: Instance, *, now: bool = False) -> None:
    """Into the database, at most every 15 seconds unless it is wanted `now`."""
    tally = instance.remembered.tally
    if not (now or monotonic() - tally.written > EVERY) or not (tally.counted or tally.skews):
        return
    counted, skews, tally.written = tally.counted, tally.skews, monotonic()
    tally.counted, tally.skews = Counter(), {}
    async with instance.read() as conn:  # one statement
        await counts.add(conn, counted, skews)
