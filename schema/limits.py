"""Limits: token buckets that all processes of a city share."""

import math

from schema import database as db
from schema.database import Conn
from schema.errors import TooMany
from schema.words import N_


async def take(conn: Conn, key: str, rate_per_minute: float, burst: int) -> None:
    """Takes one token from the bucket `key`, which holds `burst` and refills by the minute.

    TooMany when it is empty. Give it a transaction of its own: what is rolled back was not taken.
    It does not wait for the disk, since others wait for its row: a crash gives a few tokens back.
    """
    taken = await db.value(
        conn,
        """insert into limits as l (key, tokens, at)
           values (%(key)s, %(burst)s::float8 - 1, clock_timestamp())
           on conflict (key) do update set at = greatest(l.at, clock_timestamp()),
             tokens = least(%(burst)s, l.tokens + %(rate)s * greatest(
               0, extract(epoch from clock_timestamp() - l.at))) - 1
           where least(%(burst)s, l.tokens + %(rate)s * greatest(
               0, extract(epoch from clock_timestamp() - l.at))) >= 1
           returning tokens, set_config('synchronous_commit', 'off', true)""",
        {"key": key[:300], "burst": burst, "rate": rate_per_minute / 60},
    )
    if taken is None:
        raise TooMany(
            N_("That was often. Please wait %(seconds)s seconds and try again."),
            max(1, math.ceil(60 / rate_per_minute)),
        )


async def sweep(conn: Conn) -> int:
    """Forgets buckets that nobody touched for a day: they are full again."""
    return await db.run(conn, "delete from limits where at < now() - interval '1 day'")
