"""Backfills: when what was said before was last asked for."""

from datetime import datetime, timedelta

from schema import database as db
from schema.database import Conn


async def claim(conn: Conn, uri: str, now: datetime, rest: timedelta) -> bool:
    """True when it was not asked for within `rest`, and is from now on."""
    query = """insert into backfills (uri, at) values (%(uri)s, %(now)s)
               on conflict (uri) do update set at = excluded.at
               where backfills.at < %(before)s returning uri"""
    found = await db.value(conn, query, {"uri": uri, "now": now, "before": now - rest})
    return found is not None


async def sweep(conn: Conn, before: datetime) -> int:
    """Forgets the old ones."""
    return await db.run(conn, "delete from backfills where at < %(at)s", {"at": before})
