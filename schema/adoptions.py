"""Adoptions: where a blueprint became a project, here or in another city."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema import places
from schema.database import Conn

State: TypeAlias = Literal["planned", "built", "given up"]


@dataclass(frozen=True, slots=True)
class Adoption:
    """`project_id` None: of another city. Latitude and longitude are rough, WGS 84."""

    id: UUID
    version_id: UUID
    project_uri: str
    project_id: UUID | None
    project_title: str
    place_name: str
    latitude: float | None
    longitude: float | None
    scale: Decimal
    state: State
    created: datetime


SELECT: Final = """select id, version_id, project_uri, project_id, project_title, place_name,
  latitude, longitude, scale, state, created from adoptions"""


async def find(conn: Conn, project_uri: str) -> Adoption | None:
    """Of this project; it has adopted one blueprint at most."""
    query = SELECT + " where project_uri = %(uri)s"
    return await db.maybe(conn, Adoption, query, {"uri": project_uri})


async def put(conn: Conn, row: Adoption) -> Adoption:
    """A new one, or what has changed of a known one; a project's uri names it."""
    return await db.one(
        conn,
        Adoption,
        """insert into adoptions (id, version_id, project_uri, project_id, project_title,
             place_name, latitude, longitude, scale, state, created, size)
           values (%(id)s, %(version_id)s, %(project_uri)s, %(project_id)s, %(project_title)s,
             %(place_name)s, %(latitude)s, %(longitude)s, %(scale)s, %(state)s, %(created)s,
             %(size)s)
           on conflict (project_uri) do update set version_id = excluded.version_id,
             project_title = excluded.project_title, place_name = excluded.place_name,
             latitude = excluded.latitude, longitude = excluded.longitude,
             scale = excluded.scale, state = excluded.state, size = excluded.size
           returning id, version_id, project_uri, project_id, project_title, place_name, latitude,
             longitude, scale, state, created""",
        {name: getattr(row, name) for name in Adoption.__slots__}
        | {"size": places.size_of(row.place_name, row.latitude, row.longitude) or ""},
    )


async def list_of(conn: Conn, blueprint_id: UUID, limit: int = 5000) -> list[Adoption]:
    """Of all versions of a blueprint, the oldest first."""
    return await db.many(
        conn,
        Adoption,
        """select a.id, version_id, project_uri, project_id, project_title, place_name, latitude,
             longitude, scale, state, a.created
           from adoptions a join blueprint_versions v on v.id = a.version_id
           where v.blueprint_id = %(blueprint)s order by a.created, a.id limit %(limit)s""",
        {"blueprint": blueprint_id, "limit": limit},
    )


async def set_state(conn: Conn, id: UUID, state: State) -> None:
    """How far it is."""
    query = "update adoptions set state = %(state)s where id = %(id)s"
    await db.run(conn, query, {"id": id, "state": state})
