"""Build reports: what those say who built a blueprint, in their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from schema import database as db
from schema.database import Conn
from schema.posts import Picture


@dataclass(frozen=True, slots=True)
class BuildReport:
    """`cost` in whole euros, `hours` of all together, `scale` how many units were built;
    `project_uri` of the project that tells it, '' where it is nobody's in particular."""

    id: UUID
    uri: str
    version_id: UUID
    adoption_id: UUID | None
    author_id: UUID
    place_name: str
    worked: bool
    worked_note: str
    replaced: str
    conditions: str
    cost: int | None
    hours: Decimal | None
    people: int | None
    scale: Decimal
    project_uri: str
    removed_at: datetime | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A report as a page shows it; `project_title` and `project_handle` '' where none is known."""

    id: UUID
    blueprint_id: UUID
    author_id: UUID
    number: int
    author_name: str
    author_title: str
    author_host: str
    place_name: str
    worked: bool
    worked_note: str
    replaced: str
    conditions: str
    cost: int | None
    hours: Decimal | None
    people: int | None
    scale: Decimal
    created: datetime
    project_title: str
    project_handle: str
    pictures: list[tuple[str, str]]

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/blueprints/{self.blueprint_id}/reports/{self.id}"

    @property
    def author_handle(self) -> str:
        return f"{self.author_name}@{self.author_host}" if self.author_host else self.author_name


COLUMNS: Final = """id, uri, version_id, adoption_id, author_id, place_name, worked, worked_note,
  replaced, conditions, cost, hours, people, scale, project_uri, removed_at, created"""
_CARD: Final = """select r.id, v.blueprint_id, r.author_id, v.number, a.name as author_name,
    a.title as author_title, a.host as author_host, r.place_name, r.worked, r.worked_note,
    r.replaced, r.conditions, r.cost, r.hours, r.people, r.scale, r.created,
    coalesce(nullif(g.title, ''), g.name, '') as project_title,
    coalesce(case when g.host = '' then g.name else g.name || '@' || g.host end, '')
      as project_handle,
    coalesce((select jsonb_agg(jsonb_build_array(m.id, m.alt) order by t.position)
              from attachments t join media m on m.id = t.media_id
              where t.build_report_id = r.id), '[]') as pictures
  from build_reports r join blueprint_versions v on v.id = r.version_id
    join actors a on a.id = r.author_id
    left join actors g on r.project_uri <> '' and g.uri = r.project_uri and g.deleted_at is null
      and not exists (select 1 from communities c where c.actor_id = g.id
        and c.join_rule = 'hidden')
  where r.removed_at is null"""


async def get(conn: Conn, id: UUID) -> BuildReport:
    """Missing when there is none."""
    query = "select " + COLUMNS + " from build_reports where id = %(id)s"
    return await db.one(conn, BuildReport, query, {"id": id})


async def insert(conn: Conn, row: BuildReport) -> bool:
    """False when it is known already."""
    stored = await db.run(
        conn,
        """insert into build_reports (id, uri, version_id, adoption_id, author_id, place_name,
             worked, worked_note, replaced, conditions, cost, hours, people, scale,
             project_uri, created)
           values (%(id)s, %(uri)s, %(version_id)s, %(adoption_id)s, %(author_id)s,
             %(place_name)s, %(worked)s, %(worked_note)s, %(replaced)s, %(conditions)s, %(cost)s,
             %(hours)s, %(people)s, %(scale)s, %(project_uri)s, %(created)s)
           on conflict do nothing""",
        {name: getattr(row, name) for name in BuildReport.__slots__},
    )
    return stored > 0


async def attach(conn: Conn, report_id: UUID, media_ids: Sequence[UUID]) -> None:
    """Its pictures, in this order."""
    await db.run(
        conn,
        """insert into attachments (media_id, build_report_id, position)
           select id, %(report)s, n from unnest(%(media)s::uuid[])
             with ordinality as new (id, n)""",
        {"report": report_id, "media": list(media_ids)},
    )


async def list_of(conn: Conn, blueprint_id: UUID, limit: int = 100) -> list[Card]:
    """About any version of a blueprint, the newest first."""
    query = _CARD + " and v.blueprint_id = %(blueprint)s"
    query += " order by r.created desc, r.id desc limit %(limit)s"
    return await db.many(conn, Card, query, {"blueprint": blueprint_id, "limit": limit})


async def get_card(conn: Conn, id: UUID) -> Card:
    """One of them; Missing where it was removed."""
    return await db.one(conn, Card, _CARD + " and r.id = %(id)s", {"id": id})


async def list_of_project(conn: Conn, project_uri: str) -> list[Card]:
    """What a project told of its building, the newest first."""
    query = _CARD + " and r.project_uri = %(uri)s order by r.created desc, r.id desc limit 20"
    return await db.many(conn, Card, query, {"uri": project_uri})


async def find_by_uri(conn: Conn, uri: str) -> BuildReport | None:
    """One that is known here."""
    query = "select " + COLUMNS + " from build_reports where uri = %(uri)s"
    return await db.maybe(conn, BuildReport, query, {"uri": uri})


async def bind(conn: Conn, project_uri: str, adoption_id: UUID, version_id: UUID) -> None:
    """What a project told before its plan came belongs to its adoption."""
    await db.run(
        conn,
        """update build_reports r set adoption_id = %(adoption)s
           from blueprint_versions v, blueprint_versions o
           where r.project_uri = %(uri)s and r.adoption_id is null and o.id = %(version)s
             and v.id = r.version_id and v.blueprint_id = o.blueprint_id""",
        {"adoption": adoption_id, "uri": project_uri, "version": version_id},
    )


async def list_pictures(conn: Conn, report_id: UUID) -> list[Picture]:
    """In their order."""
    return await db.many(
        conn,
        Picture,
        """select m.id, m.mime, m.width, m.height, m.alt, m.remote_url
           from attachments t join media m on m.id = t.media_id
           where t.build_report_id = %(id)s order by t.position""",
        {"id": report_id},
    )


async def remove(conn: Conn, id: UUID) -> bool:
    """By its author, or those who keep order. False when it was gone."""
    query = "update build_reports set removed_at = now() where id = %(id)s and removed_at is null"
    return await db.run(conn, query, {"id": id}) > 0
