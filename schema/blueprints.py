"""Blueprints: instructions that another place can adopt, each version with its lines and steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn
from schema.posts import Picture
from schema.proposals import Scope

State: TypeAlias = Literal["open", "withdrawn", "removed"]
Kind: TypeAlias = Literal["material", "tool"]
Scaling: TypeAlias = Literal["unit", "fixed", "step"]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """`license` SPDX, '' where nobody said; `forked_from` the uri of a version, or ''."""

    id: UUID
    uri: str
    author_id: UUID
    community_id: UUID | None
    scope: Scope
    title: str
    purpose: str
    category: str
    language: str
    license: str
    latest_id: UUID | None
    forked_from: str
    state: State
    removed_reason: str
    created: datetime
    updated: datetime

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/blueprints/{self.id}"


@dataclass(frozen=True, slots=True)
class Version:
    """Costs in whole euros; `readiness` 1 (an idea) to 5 (built many times); `output` what one
    unit is called; `based_on` the uri of the version it came from; `extra` what an import said
    that nothing here reads; `hash` sha-256 over the content."""

    id: UUID
    blueprint_id: UUID
    uri: str
    number: int
    label: str
    title: str
    purpose: str
    source: str
    html: str
    hash: str
    cost_low: int | None
    cost_high: int | None
    space: str
    season: str
    safety: str
    readiness: int | None
    output: str
    changes: str
    based_on: str
    extra: str
    created: datetime

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/blueprints/{self.blueprint_id}/versions/{self.number}"


@dataclass(frozen=True, slots=True)
class Line:
    """A material or a tool. `quantity` None: as needed. `scaling`: that much for each unit built,
    once whatever the scale, or once for every `step` units begun. Lines with the same `choice`
    ('' for none) replace each other. `step_key` is the step that needs it, or ''."""

    version_id: UUID
    key: str
    position: int
    kind: Kind
    name: str
    quantity: Decimal | None
    unit: str
    scaling: Scaling
    step: Decimal | None
    choice: str
    category: str
    note: str
    step_key: str


@dataclass(frozen=True, slots=True)
class Step:
    """`hours` of all people together; `after` the keys of the steps that come before."""

    version_id: UUID
    key: str
    position: int
    title: str
    source: str
    role: str
    skills: list[str]
    hours: Decimal | None
    people: int | None
    after: list[str]


BLUEPRINT: Final = """select id, uri, author_id, community_id, scope, title, purpose, category,
  language, license, latest_id, forked_from, state, removed_reason, created, updated
  from blueprints"""
VERSION: Final = """select id, blueprint_id, uri, number, label, title, purpose, source, html,
  hash, cost_low, cost_high, space, season, safety, readiness, output, changes, based_on, extra,
  created from blueprint_versions"""


async def get(conn: Conn, id: UUID) -> Blueprint:
    """Missing when there is none."""
    return await db.one(conn, Blueprint, BLUEPRINT + " where id = %(id)s", {"id": id})


async def find_by_id(conn: Conn, id: UUID) -> Blueprint | None:
    """By our own id."""
    return await db.maybe(conn, Blueprint, BLUEPRINT + " where id = %(id)s", {"id": id})


async def lock(conn: Conn, id: UUID) -> Blueprint:
    """As `get`, and nobody else changes it until the transaction ends."""
    return await db.one(
        conn, Blueprint, BLUEPRINT + " where id = %(id)s for no key update", {"id": id}
    )


async def find(conn: Conn, uri: str) -> Blueprint | None:
    """By its uri."""
    return await db.maybe(conn, Blueprint, BLUEPRINT + " where uri = %(uri)s", {"uri": uri})


async def get_version(conn: Conn, id: UUID) -> Version:
    """Missing when there is none."""
    return await db.one(conn, Version, VERSION + " where id = %(id)s", {"id": id})


async def find_version(conn: Conn, uri: str) -> Version | None:
    """By its uri."""
    return await db.maybe(conn, Version, VERSION + " where uri = %(uri)s", {"uri": uri})


async def get_numbered(conn: Conn, blueprint_id: UUID, number: int) -> Version:
    """Missing when there is none."""
    return await db.one(
        conn,
        Version,
        VERSION + " where blueprint_id = %(blueprint)s and number = %(number)s",
        {"blueprint": blueprint_id, "number": number},
    )


async def list_versions(conn: Conn, blueprint_id: UUID) -> list[Version]:
    """The newest first."""
    return await db.many(
        conn,
        Version,
        VERSION + " where blueprint_id = %(blueprint)s order by number desc",
        {"blueprint": blueprint_id},
    )


async def list_lines(conn: Conn, version_id: UUID) -> list[Line]:
    """In their order, materials first."""
    return await db.many(
        conn,
        Line,
        """select version_id, key, position, kind, name, quantity, unit, scaling, step, choice,
             category, note, step_key
           from blueprint_lines where version_id = %(id)s order by kind, position, key""",
        {"id": version_id},
    )


async def list_steps(conn: Conn, version_id: UUID) -> list[Step]:
    """In their order."""
    return await db.many(
        conn,
        Step,
        """select version_id, key, position, title, source, role, skills, hours, people, after
           from blueprint_steps where version_id = %(id)s order by position, key""",
        {"id": version_id},
    )


async def list_pictures(conn: Conn, blueprint_id: UUID) -> list[Picture]:
    """In their order."""
    return await db.many(
        conn,
        Picture,
        """select m.id, m.mime, m.width, m.height, m.alt, m.remote_url
           from attachments t join media m on m.id = t.media_id
           where t.blueprint_id = %(id)s order by t.position""",
        {"id": blueprint_id},
    )


async def insert(conn: Conn, row: Blueprint) -> Blueprint | None:
    """None when this id or uri is known already; its first version follows."""
    return await db.maybe(
        conn,
        Blueprint,
        """insert into blueprints (id, uri, author_id, community_id, scope, title, purpose,
             category, language, license, forked_from, state, created, updated)
           values (%(id)s, %(uri)s, %(author_id)s, %(community_id)s, %(scope)s, %(title)s,
             %(purpose)s, %(category)s, %(language)s, %(license)s, %(forked_from)s, %(state)s,
             %(created)s, %(updated)s)
           on conflict do nothing
           returning id, uri, author_id, community_id, scope, title, purpose, category, language,
             license, latest_id, forked_from, state, removed_reason, created, updated""",
        {name: getattr(row, name) for name in Blueprint.__slots__},
    )


async def insert_version(
    conn: Conn,
    row: Version,
    lines: Sequence[Line],
    steps: Sequence[Step],
    document: str = "",
) -> bool:
    """With all that belongs to it; False when this uri or number is known already."""
    params = {name: getattr(row, name) for name in Version.__slots__}
    stored = await db.run(
        conn,
        """insert into blueprint_versions (id, blueprint_id, uri, number, label, title, purpose,
             source, html, hash, cost_low, cost_high, space, season, safety, readiness, output,
             changes, based_on, extra, document, created)
           values (%(id)s, %(blueprint_id)s, %(uri)s, %(number)s, %(label)s, %(title)s,
             %(purpose)s, %(source)s, %(html)s, %(hash)s, %(cost_low)s, %(cost_high)s, %(space)s,
             %(season)s, %(safety)s, %(readiness)s, %(output)s, %(changes)s, %(based_on)s,
             %(extra)s, %(document)s, %(created)s)
           on conflict do nothing""",
        {**params, "document": document},
    )
    if not stored:
        return False
    await _insert_parts(conn, row.id, lines, steps)
    return True


async def _insert_parts(
    conn: Conn, version_id: UUID, lines: Sequence[Line], steps: Sequence[Step]
) -> None:
    if lines:
        await db.run_many(
            conn,
            """insert into blueprint_lines (version_id, key, position, kind, name, quantity, unit,
                 scaling, step, choice, category, note, step_key)
               values (%(version_id)s, %(key)s, %(position)s, %(kind)s, %(name)s, %(quantity)s,
                 %(unit)s, %(scaling)s, %(step)s, %(choice)s, %(category)s, %(note)s,
                 %(step_key)s)""",
            [_params(line, version_id) for line in lines],
        )
    if steps:
        await db.run_many(
            conn,
            """insert into blueprint_steps (version_id, key, position, title, source, role, skills,
                 hours, people, after)
               values (%(version_id)s, %(key)s, %(position)s, %(title)s, %(source)s, %(role)s,
                 %(skills)s, %(hours)s, %(people)s, %(after)s)""",
            [_params(step, version_id) for step in steps],
        )


def _params(row: Line | Step, version_id: UUID) -> dict[str, object]:
    return {**{name: getattr(row, name) for name in row.__slots__}, "version_id": version_id}


async def update(conn: Conn, row: Blueprint) -> None:
    """What its author can change, and which version is the latest."""
    await db.run(
        conn,
        """update blueprints set title = %(title)s, purpose = %(purpose)s,
             category = %(category)s, language = %(language)s, license = %(license)s,
             latest_id = %(latest_id)s, scope = %(scope)s, updated = %(updated)s
           where id = %(id)s""",
        {name: getattr(row, name) for name in Blueprint.__slots__},
    )


async def remove(conn: Conn, id: UUID, reason: str) -> bool:
    """By a moderator: only the author and moderators still read it. False when it was gone."""
    changed = await db.run(
        conn,
        """update blueprints set state = 'removed', removed_reason = %(reason)s
           where id = %(id)s and state = 'open'""",
        {"id": id, "reason": reason[:2000]},
    )
    return changed > 0


async def withdraw(conn: Conn, id: UUID) -> bool:
    """By its author: it leaves all lists; who adopted it keeps what was adopted."""
    query = "update blueprints set state = 'withdrawn' where id = %(id)s and state = 'open'"
    return await db.run(conn, query, {"id": id}) > 0


async def attach(conn: Conn, blueprint_id: UUID, media_ids: Sequence[UUID]) -> None:
    """These pictures, in this order, and no others."""
    await db.run(conn, "delete from attachments where blueprint_id = %(id)s", {"id": blueprint_id})
    if media_ids:
        await db.run(
            conn,
            """insert into attachments (media_id, blueprint_id, position)
               select id, %(blueprint)s, n from unnest(%(media)s::uuid[])
                 with ordinality as new (id, n)""",
            {"blueprint": blueprint_id, "media": list(media_ids)},
        )
