"""Lineage: what came of a blueprint, where; who is told when something new is known."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.adoptions import State
from schema.database import Conn

Node: TypeAlias = Literal["version", "fork", "adoption"]


@dataclass(frozen=True, slots=True)
class Adopted:
    """A place that builds it, or has; `report_id`: what it told last of that."""

    version_id: UUID
    number: int
    project_uri: str
    project_handle: str
    project_title: str
    place_name: str
    latitude: float | None
    longitude: float | None
    scale: Decimal
    state: State
    created: datetime
    report_id: UUID | None
    worked: bool

    @property
    def url(self) -> str:
        """The project's page here, or where it lives."""
        return f"/projects/{self.project_handle}" if self.project_handle else self.project_uri


@dataclass(frozen=True, slots=True)
class Fork:
    """A version of its own that somebody made of it; `number` of which version."""

    id: UUID
    title: str
    author_title: str
    author_host: str
    number: int
    built: int
    created: datetime

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/blueprints/{self.id}"


async def list_adopted(conn: Conn, blueprint_id: UUID, limit: int = 6000) -> list[Adopted]:
    """Of all its versions, by version and then by age."""
    return await db.many(
        conn,
        Adopted,
        """select a.version_id, v.number, a.project_uri,
             coalesce(case when p.host = '' then p.name else p.name || '@' || p.host end, '')
               as project_handle,
             a.project_title, a.place_name, a.latitude, a.longitude, a.scale, a.state, a.created,
             r.id as report_id, coalesce(r.worked, false) as worked
           from adoptions a join blueprint_versions v on v.id = a.version_id
             left join actors p on p.uri = a.project_uri and p.deleted_at is null
             left join lateral (select id, worked from build_reports
               where adoption_id = a.id and removed_at is null
               order by created desc limit 1) r on true
           where v.blueprint_id = %(blueprint)s
           order by v.number, a.created, a.id limit %(limit)s""",
        {"blueprint": blueprint_id, "limit": limit},
    )


async def list_forks(conn: Conn, blueprint_id: UUID) -> list[Fork]:
    """Made of any of its versions, the oldest first; only those that everybody may read."""
    return await db.many(
        conn,
        Fork,
        """select b.id, b.title, coalesce(nullif(w.title, ''), w.name) as author_title,
             w.host as author_host, v.number, b.created,
             (select count(*) from adoptions a join blueprint_versions o on o.id = a.version_id
              where o.blueprint_id = b.id and a.state = 'built')::int as built
           from blueprints b join blueprint_versions v on v.uri = b.forked_from
             join actors w on w.id = b.author_id
           where v.blueprint_id = %(blueprint)s and b.state = 'open' and b.scope = 'everyone'
           order by b.created limit 200""",
        {"blueprint": blueprint_id},
    )


async def list_stewards(conn: Conn, blueprint_id: UUID) -> list[tuple[UUID, UUID]]:
    """Residents who lead a project that builds it, with that project's community."""
    rows = await db.many(
        conn,
        _Steward,
        """select distinct m.person_id, m.community_id
           from adoptions a join blueprint_versions v on v.id = a.version_id
             join memberships m on m.community_id = a.project_id and m.state = 'member'
               and m.role = 'steward'
           where v.blueprint_id = %(blueprint)s and a.state <> 'given up'""",
        {"blueprint": blueprint_id},
    )
    return [(row.person_id, row.community_id) for row in rows]


@dataclass(frozen=True, slots=True)
class _Steward:
    person_id: UUID
    community_id: UUID


async def list_forkers(conn: Conn, blueprint_id: UUID) -> list[UUID]:
    """Residents who made a blueprint of their own of it."""
    return await db.values(
        conn,
        """select distinct b.author_id
           from blueprints b join blueprint_versions v on v.uri = b.forked_from
             join actors w on w.id = b.author_id
           where v.blueprint_id = %(blueprint)s and b.state = 'open' and w.peer is null""",
        {"blueprint": blueprint_id},
    )


async def count_built(conn: Conn, blueprint_id: UUID) -> int:
    """How many projects have finished building it."""
    return int(
        await db.value(
            conn,
            """select count(*) from adoptions a join blueprint_versions v on v.id = a.version_id
               where v.blueprint_id = %(blueprint)s and a.state = 'built'""",
            {"blueprint": blueprint_id},
        )
    )
