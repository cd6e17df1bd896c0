"""Polls of other servers, and what residents chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec.json import encode

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Poll:
    """`options` are words and votes, as the author's server counted them last."""

    post_id: UUID
    options: list[tuple[str, int]]
    multiple: bool
    voters: int
    ends: datetime | None
    closed: bool

    def is_open(self, now: datetime) -> bool:
        return not self.closed and (self.ends is None or self.ends > now)


async def put(conn: Conn, poll: Poll) -> None:
    """What its server says now."""
    await db.run(
        conn,
        """insert into polls (post_id, options, multiple, voters, ends, closed)
           values (%(post)s, %(options)s::jsonb, %(multiple)s, %(voters)s, %(ends)s, %(closed)s)
           on conflict (post_id) do update set options = excluded.options,
             multiple = excluded.multiple, voters = excluded.voters, ends = excluded.ends,
             closed = excluded.closed""",
        {
            "post": poll.post_id,
            "options": encode(poll.options).decode(),
            "multiple": poll.multiple,
            "voters": poll.voters,
            "ends": poll.ends,
            "closed": poll.closed,
        },
    )


async def find(conn: Conn, post_id: UUID) -> Poll | None:
    """The one in this post."""
    return await db.maybe(conn, Poll, "select * from polls where post_id = %(id)s", {"id": post_id})


async def list_choices(conn: Conn, post_id: UUID, actor_id: UUID) -> list[int]:
    """What this person chose; empty before."""
    return await db.values(
        conn,
        """select choice from poll_votes where post_id = %(post)s and actor_id = %(actor)s
           order by choice""",
        {"post": post_id, "actor": actor_id},
    )


async def vote(conn: Conn, post_id: UUID, actor_id: UUID, choices: Sequence[int]) -> bool:
    """False when this person has voted. Counted here until its server says how many there are."""
    await db.value(conn, "select 1 from polls where post_id = %(id)s for update", {"id": post_id})
    if await list_choices(conn, post_id, actor_id):
        return False
    await db.run(
        conn,
        """insert into poll_votes (post_id, actor_id, choice)
           select %(post)s, %(actor)s, unnest(%(choices)s::smallint[])""",
        {"post": post_id, "actor": actor_id, "choices": list(choices)},
    )
    for choice in choices:
        await db.run(
            conn,
            """update polls set options = jsonb_set(options, array[%(n)s::text, '1'],
                 to_jsonb((options -> %(i)s::integer ->> 1)::integer + 1))
               where post_id = %(post)s""",
            {"post": post_id, "n": str(choice), "i": choice},
        )
    return True
