"""Dates that a conversation is about: when and where people of a community or project come."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema.database import Conn
from schema.posts import MAY_READ


@dataclass(frozen=True, slots=True)
class Occasion:
    """`ends` None where nobody said; `place` in words."""

    starts: datetime
    ends: datetime | None
    place: str


@dataclass(frozen=True, slots=True)
class Coming:
    """One that lies ahead, with the conversation about it."""

    post_id: UUID
    title: str
    starts: datetime
    ends: datetime | None
    place: str

    @property
    def url(self) -> str:
        """The conversation's page here."""
        return f"/posts/{self.post_id}"


async def put(conn: Conn, post_id: UUID, row: Occasion) -> None:
    """The date of a conversation, the first or another one."""
    await db.run(
        conn,
        """insert into occasions (post_id, starts, ends, place)
           values (%(post)s, %(starts)s, %(ends)s, %(place)s)
           on conflict (post_id) do update
             set starts = excluded.starts, ends = excluded.ends, place = excluded.place""",
        {"post": post_id, "starts": row.starts, "ends": row.ends, "place": row.place},
    )


async def find(conn: Conn, post_id: UUID) -> Occasion | None:
    """Of a conversation, by the id of its first post."""
    return await db.maybe(
        conn,
        Occasion,
        "select starts, ends, place from occasions where post_id = %(post)s",
        {"post": post_id},
    )


async def list_coming(
    conn: Conn, community_id: UUID, viewer_id: UUID | None, now: datetime
) -> list[Coming]:
    """Of a community, the next first; what has begun stays until it ends."""
    return await db.many(
        conn,
        Coming,
        """select p.id as post_id, p.title, o.starts, o.ends, o.place
           from occasions o join posts p on p.id = o.post_id
             join actors a on a.id = p.author_id
           where p.community_id = %(community)s and coalesce(o.ends, o.starts) >= %(now)s
             and p.removed_at is null and p.deleted_at is null and """
        + MAY_READ
        + " order by o.starts, p.id limit 20",
        {"community": community_id, "now": now, "viewer": viewer_id},
    )
