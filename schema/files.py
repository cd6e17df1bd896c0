"""Files of blueprints beyond pictures: ours in the database, those of other cities by address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from schema import database as db
from schema import ids
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class File:
    """What is known of a file without its bytes; `size` in bytes, 0 where nobody said;
    `remote_url` None for one of ours."""

    id: UUID
    name: str
    mime: str
    size: int
    remote_url: str | None

    @property
    def url(self) -> str:
        """Where it is downloaded."""
        return self.remote_url or f"/files/{self.id}"


@dataclass(frozen=True, slots=True)
class Content:
    """One of ours with its bytes."""

    name: str
    mime: str
    data: bytes


_COLUMNS: Final = "id, name, mime, size, remote_url"


async def insert(conn: Conn, *, name: str, mime: str, data: bytes) -> UUID:
    """One of ours, which no blueprint shows yet."""
    id = ids.new()
    await db.run(
        conn,
        """insert into files (id, name, mime, size, data)
           values (%(id)s, %(name)s, %(mime)s, %(size)s, %(data)s)""",
        {"id": id, "name": name, "mime": mime, "size": len(data), "data": data},
    )
    return id


async def insert_remote(conn: Conn, *, url: str, name: str, mime: str, size: int) -> UUID:
    """One of another server, which stays there."""
    id = ids.new()
    await db.run(
        conn,
        """insert into files (id, name, mime, size, remote_url)
           values (%(id)s, %(name)s, %(mime)s, %(size)s, %(url)s)""",
        {"id": id, "name": name, "mime": mime, "size": size, "url": url},
    )
    return id


async def attach(conn: Conn, blueprint_id: UUID, file_ids: Sequence[UUID]) -> None:
    """These files, in this order, and no others: what it had besides is deleted."""
    params = {"blueprint": blueprint_id, "files": list(file_ids)}
    await db.run(
        conn,
        "delete from files where blueprint_id = %(blueprint)s and not id = any(%(files)s)",
        params,
    )
    await db.run(
        conn,
        """update files set blueprint_id = %(blueprint)s, position = new.n
           from unnest(%(files)s::uuid[]) with ordinality as new (id, n)
           where files.id = new.id
             and (blueprint_id is null or blueprint_id = %(blueprint)s)""",
        params,
    )


async def list_of(conn: Conn, blueprint_id: UUID) -> list[File]:
    """In their order."""
    query = "select " + _COLUMNS + " from files where blueprint_id = %(id)s order by position, id"
    return await db.many(conn, File, query, {"id": blueprint_id})


async def get_content(conn: Conn, id: UUID) -> Content:
    """Of a blueprint that still stands; Missing for others."""
    return await db.one(
        conn,
        Content,
        """select f.name, f.mime, f.data from files f join blueprints b on b.id = f.blueprint_id
           where f.id = %(id)s and f.data is not null and b.state = 'open'""",
        {"id": id},
    )
