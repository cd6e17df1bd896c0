"""Media: pictures, ours and copies of foreign ones, in the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema import ids
from schema.database import Conn

Mime: TypeAlias = Literal["image/webp", "image/jpeg", "image/png"]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a picture without its bytes; width and height in pixels, 0: not here yet."""

    id: UUID
    mime: Mime
    width: int
    height: int
    alt: str
    remote_url: str | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of one size."""

    mime: Mime
    data: bytes


async def insert(
    conn: Conn,
    *,
    full: bytes,
    small: bytes,
    width: int,
    height: int,
    alt: str = "",
    mime: Mime = "image/webp",
) -> UUID:
    """A picture of ours, in both sizes."""
    id = ids.new()
    await db.run(
        conn,
        """insert into media (id, mime, full_bytes, small_bytes, width, height, alt)
           values (%(id)s, %(mime)s, %(full)s, %(small)s, %(width)s, %(height)s, %(alt)s)""",
        {
            "id": id,
            "mime": mime,
            "full": full,
            "small": small,
            "width": width,
            "height": height,
            "alt": alt[:500],
        },
    )
    return id


async def insert_remote(conn: Conn, url: str, *, alt: str = "") -> UUID:
    """A picture of another server, whose bytes the task `fetch_picture` brings."""
    id = ids.new()
    await db.run(
        conn,
        """insert into media (id, mime, alt, remote_url)
           values (%(id)s, 'image/webp', %(alt)s, %(url)s)""",
        {"id": id, "alt": alt[:500], "url": url[:2000]},
    )
    return id


async def get(conn: Conn, id: UUID) -> Picture:
    """Missing when there is none."""
    return await db.one(
        conn,
        Picture,
        """select id, mime, width, height, alt, remote_url, created from media
           where id = %(id)s""",
        {"id": id},
    )


async def fill(conn: Conn, id: UUID, *, full: bytes, small: bytes, width: int, height: int) -> None:
    """The bytes of a foreign picture have come."""
    await db.run(
        conn,
        """update media set full_bytes = %(full)s, small_bytes = %(small)s, width = %(width)s,
             height = %(height)s where id = %(id)s and remote_url is not null""",
        {"id": id, "full": full, "small": small, "width": width, "height": height},
    )


async def get_full(conn: Conn, id: UUID) -> Content:
    """At most 1600 px wide and high. Missing also when it has not come yet."""
    return await db.one(
        conn,
        Content,
        """select mime, full_bytes as data from media
           where id = %(id)s and full_bytes is not null""",
        {"id": id},
    )


async def get_small(conn: Conn, id: UUID) -> Content:
    """At most 400 px wide and high. Missing also when it has not come yet."""
    return await db.one(
        conn,
        Content,
        """select mime, small_bytes as data from media
           where id = %(id)s and small_bytes is not null""",
        {"id": id},
    )


async def set_alt(conn: Conn, id: UUID, alt: str) -> None:
    """What those are told who do not see it."""
    query = "update media set alt = %(alt)s where id = %(id)s"
    await db.run(conn, query, {"id": id, "alt": alt[:500]})


async def delete(conn: Conn, id: UUID) -> bool:
    """Away with the bytes, unless an actor or an attachment still shows it."""
    return (
        await db.run(
            conn,
            """delete from media where id = %(id)s
                 and not exists (select 1 from actors where avatar_id = media.id)
                 and not exists (select 1 from attachments where media_id = media.id)""",
            {"id": id},
        )
        > 0
    )
