"""Counts of what came to nothing, for each server and reason, and how its clock goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from schema import database as db
from schema.database import Conn

What: TypeAlias = Literal["known", "signature", "egress"]
MOST_REASONS = 40


@dataclass(frozen=True, slots=True)
class Count:
    """`number` is how often, or for `skew` seconds that the other clock is ahead."""

    peer: str
    what: What | Literal["skew"]
    reason: str
    number: int
    last: datetime


async def add(
    conn: Conn, counted: Mapping[tuple[str, What, str], int], skews: Mapping[str, int]
) -> None:
    """Adds to what is counted; servers that we never met count together."""
    rows = [(*key, number) for key, number in counted.items()]
    rows += [(peer, "skew", "", seconds) for peer, seconds in skews.items()]
    peers, whats, reasons, numbers = zip(*sorted(rows), strict=True)
    await db.run(
        conn,
        """insert into counts (peer, what, reason, number)
           select coalesce(p.origin, ''), c.what, c.reason,
             case when c.what = 'skew' then max(c.number) else sum(c.number) end
           from unnest(%(peers)s::text[], %(whats)s::text[], %(reasons)s::text[],
               %(numbers)s::bigint[]) as c (peer, what, reason, number)
             left join peers p on p.origin = c.peer
           where c.what <> 'skew' or p.origin is not null
           group by 1, 2, 3
           on conflict (peer, what, reason) do update set last = now(),
             number = case when excluded.what = 'skew' then excluded.number
                           else counts.number + excluded.number end""",
        {
            "peers": list(peers),
            "whats": list(whats),
            "reasons": [reason[:100] for reason in reasons],
            "numbers": list(numbers),
        },
    )


async def list_of(conn: Conn, peer: str) -> list[Count]:
    """Of one server, what is most often first."""
    return await db.many(
        conn,
        Count,
        """select * from counts where peer = %(peer)s
           order by what, number desc, reason limit %(most)s""",
        {"peer": peer, "most": MOST_REASONS},
    )


async def list_totals(conn: Conn) -> list[Count]:
    """Of all servers together, by reason; clocks one by one."""
    return await db.many(
        conn,
        Count,
        """select case when what = 'skew' then peer else '' end as peer, what, reason,
             sum(number)::bigint as number, max(last) as last
           from counts group by 1, 2, 3 order by 2, 3, 1 limit 2000""",
    )


async def sweep(conn: Conn, before: datetime) -> int:
    """Forgets what has not come again since."""
    return await db.run(conn, "delete from counts where last < %(before)s", {"before": before})
