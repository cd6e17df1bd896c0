"""Improvements: a version of somebody's own that is offered to the blueprint it was made of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn

State: TypeAlias = Literal["open", "taken", "declined"]


@dataclass(frozen=True, slots=True)
class Improvement:
    """`version_id` is the version offered, `blueprint_id` what it would improve."""

    id: UUID
    uri: str
    blueprint_id: UUID
    version_id: UUID
    by_id: UUID
    text: str
    state: State
    created: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """An open one, as the author of the original sees it."""

    id: UUID
    version_id: UUID
    title: str
    by_title: str
    by_host: str
    text: str
    created: datetime


_COLUMNS: Final = "id, uri, blueprint_id, version_id, by_id, text, state, created"


async def get(conn: Conn, id: UUID) -> Improvement:
    """Missing when there is none."""
    query = "select " + _COLUMNS + " from improvements where id = %(id)s"
    return await db.one(conn, Improvement, query, {"id": id})


async def find_open(conn: Conn, blueprint_id: UUID, version_id: UUID) -> Improvement | None:
    """The offer of this version that still waits."""
    query = "select " + _COLUMNS + " from improvements"
    query += " where blueprint_id = %(blueprint)s and version_id = %(version)s and state = 'open'"
    return await db.maybe(
        conn, Improvement, query, {"blueprint": blueprint_id, "version": version_id}
    )


async def insert(conn: Conn, row: Improvement) -> bool:
    """False when this version was offered already."""
    stored = await db.run(
        conn,
        """insert into improvements (id, uri, blueprint_id, version_id, by_id, text, created)
           values (%(id)s, %(uri)s, %(blueprint_id)s, %(version_id)s, %(by_id)s, %(text)s,
             %(created)s) on conflict do nothing""",
        {name: getattr(row, name) for name in Improvement.__slots__},
    )
    return stored > 0


async def close(conn: Conn, id: UUID, state: State) -> bool:
    """False when it was closed already."""
    query = "update improvements set state = %(state)s where id = %(id)s and state = 'open'"
    return await db.run(conn, query, {"id": id, "state": state}) > 0


async def list_open(conn: Conn, blueprint_id: UUID) -> list[Card]:
    """The oldest first."""
    return await db.many(
        conn,
        Card,
        """select i.id, i.version_id, v.title, coalesce(nullif(a.title, ''), a.name) as by_title,
             a.host as by_host, i.text, i.created
           from improvements i join blueprint_versions v on v.id = i.version_id
             join actors a on a.id = i.by_id
           where i.blueprint_id = %(blueprint)s and i.state = 'open' order by i.created limit 50""",
        {"blueprint": blueprint_id},
    )
