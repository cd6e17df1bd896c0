"""Asking for what was said elsewhere before anybody here listened."""

from datetime import timedelta
from typing import Final

from federation.instance import Tx
from schema import backfills

REST: Final = timedelta(hours=1)
"""How long a thread or community is not asked for again."""


async def want(tx: Tx, uri: str) -> bool:
    """Queues the backfill of a community, thread, listing, blueprint or version elsewhere; False
    when it was asked for a short while ago, or lives here."""
    if tx.addresses.is_ours(uri):
        return False
    if not await backfills.claim(tx.conn, uri, tx.instance.clock(), REST):
        return False
    await tx.defer("backfill", uri=uri)
    return True
