"""The memory of what came in: 16 bytes for each activity, long after it was thrown away."""

from datetime import datetime

from schema import database as db
from schema.database import Conn

BATCH = 20_000


async def fold(conn: Conn, before: datetime, limit: int = BATCH) -> int:
    """Throws away what was dealt with before this moment and keeps the hashes of its ids.

    Deletes stay as they are: what they deleted must never come again. So do requests and answers,
    which others name, and whose ids some servers use again.
    """
    return int(
        await db.value(
            conn,
            """with old as (select id from activities
                 where direction = 'in' and created < %(before)s
                   and state in ('done', 'refused', 'malformed', 'ignored')
                   and type not in
                     ('Delete', 'Follow', 'Join', 'Invite', 'Leave', 'Accept', 'Reject')
                 order by created limit %(limit)s for update skip locked),
               gone as (delete from activities a using old where a.id = old.id
                 returning substring(sha256(convert_to(a.uri, 'UTF8')) for 16) as hash, a.created),
               packed as (select date_trunc('quarter', created)::date as quarter,
                   get_byte(hash, 0) as bucket, string_agg(hash, ''::bytea) as hashes
                 from gone group by 1, 2),
               kept as (insert into seen (quarter, bucket, hashes)
                 select quarter, bucket, hashes from packed order by quarter, bucket
                 on conflict (quarter, bucket)
                   do update set hashes = seen.hashes || excluded.hashes)
               select count(*) from gone""",
            {"before": before, "limit": limit},
        )
    )


async def forget(conn: Conn, before: datetime) -> int:
    """Quarters that ended before this moment."""
    query = "delete from seen where quarter + interval '3 months' < %(before)s"
    return await db.run(conn, query, {"before": before})


async def size(conn: Conn) -> tuple[int, int]:
    """How many activities are remembered, and in how many bytes, indexes and all."""
    count = await db.value(conn, "select coalesce(sum(length(hashes)) / 16, 0) from seen")
    return int(count), int(await db.value(conn, "select pg_total_relation_size('seen')"))
