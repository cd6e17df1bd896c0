"""Saying how building a blueprint went; the origin's author is told, wherever that is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from federation import html, outbox
from federation.acts import enclosed, plans, projects, writing
from federation.acts.audiences import addressed, audience_of
from federation.addresses import Addresses
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import build_reports as wire
from federation.wire.notes import RemotePicture
from schema import (
    actors,
    adoptions,
    blueprint_views,
    blueprints,
    build_reports,
    communities,
    ids,
    notices,
)
from schema.actors import Actor
from schema.adoptions import Adoption
from schema.blueprints import Blueprint, Version
from schema.build_reports import BuildReport
from schema.database import Conn
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.projects import Project
from schema.words import N_

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Draft:
    """What is said; `cost` in whole euros, `hours` of all together."""

    worked: bool
    worked_note: str = ""
    replaced: str = ""
    conditions: str = ""
    place_name: str = ""
    cost: int | None = None
    hours: Decimal | None = None
    people: int | None = None
    scale: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a report of another server brings along; `project_uri` is of the same server."""

    uri: str
    created: datetime
    project_uri: str = ""
    pictures: tuple[RemotePicture, ...] = ()


async def report(
    tx: Tx,
    *,
    by: Actor,
    version: Version,
    draft: Draft,
    pictures: Sequence[UUID] = (),
    id: UUID | None = None,
    project: Project | None = None,
    foreign: Foreign | None = None,
    received: Received | None = None,
) -> BuildReport | None:
    """None when it is known already. `id` is minted by the form: a double press gives one.

    `project`: the one here that has built it, of which `by` must be a steward. Where it works, it
    is built from now on, and counts as that where the blueprint comes from.
    """
    blueprint = await blueprints.get(tx.conn, version.blueprint_id)
    await writing.check_writer(tx, by, None, received)
    await _check_reads(tx, by, blueprint)
    if foreign is None:
        _check(draft)
    teller = await _teller(tx, by, version, project)
    project_uri = foreign.project_uri if foreign else teller.uri if teller else ""
    adoption = await _adoption(tx, project_uri, version)
    new = id or ids.new()
    row = BuildReport(
        id=new,
        uri=foreign.uri if foreign else tx.addresses.build_report(blueprint.id, new),
        version_id=version.id,
        adoption_id=adoption.id if adoption else None,
        author_id=by.id,
        place_name=draft.place_name[:100] or ("" if foreign else by.place_name),
        worked=draft.worked,
        worked_note=html.tidy(draft.worked_note).strip()[:LONGEST],
        replaced=html.tidy(draft.replaced).strip()[:LONGEST],
        conditions=html.tidy(draft.conditions).strip()[:LONGEST],
        cost=draft.cost,
        hours=draft.hours,
        people=draft.people,
        scale=draft.scale,
        project_uri=project_uri,
        removed_at=None,
        created=foreign.created if foreign else tx.instance.clock(),
    )
    if not await build_reports.insert(tx.conn, row):
        await outbox.done(tx, received)
        return None
    shown = await enclosed.remote(tx, foreign.pictures, {}) if foreign else pictures
    if shown:
        await build_reports.attach(tx.conn, row.id, shown)
    await notices.tell(
        tx.conn, blueprint.author_id, "blueprint.report", by=by.id, blueprint=blueprint.id
    )
    if project is not None and row.worked:
        await projects.set_state(tx, by=by, project=project, state="built")
    elif adoption is not None and row.worked:
        await adoptions.set_state(tx.conn, adoption.id, "built")
    await _record(tx, by, row, version, received)
    return row


async def _check_reads(tx: Tx, by: Actor, blueprint: Blueprint) -> None:
    if by.is_local and not await blueprint_views.may_see(tx.conn, blueprint.id, by.id):
        raise Missing(writing.NOT_HERE)
    if not by.is_local and blueprint.scope != "everyone":
        raise Forbidden("This is not for everybody.")


async def _teller(tx: Tx, by: Actor, version: Version, project: Project | None) -> Actor | None:
    """The group of the project, which must follow the blueprint of this version."""
    if project is None:
        return None
    await plans.check_steward(tx, by, project.community_id)
    group = await actors.get(tx.conn, project.community_id)
    if await _adoption(tx, group.uri, version) is None:
        raise Conflict(N_("This project follows another blueprint."))
    return group


async def _adoption(tx: Tx, project_uri: str, version: Version) -> Adoption | None:
    """By which this project follows the blueprint of this version, as far as it is known."""
    found = await adoptions.find(tx.conn, project_uri) if project_uri else None
    if found is None:
        return None
    built = await blueprints.get_version(tx.conn, found.version_id)
    return found if built.blueprint_id == version.blueprint_id else None


def _check(draft: Draft) -> None:
    errors: dict[str, str] = {}
    for name in ("worked_note", "replaced", "conditions"):
        if len(getattr(draft, name)) > LONGEST:
            errors[name] = N_("That is too long.")
    if draft.cost is not None and draft.cost < 0:
        errors["cost"] = N_("Please give whole euros, 0 or more.")
    if not draft.scale.is_finite() or draft.scale <= 0:
        errors["scale"] = N_("Please give a number, such as 2 or 1.5.")
    if errors:
        raise Invalid(errors)


async def remove(tx: Tx, *, by: Actor, row: BuildReport, received: Received | None = None) -> None:
    """By who wrote it, by the blueprint's author, or by those who keep order."""
    version = await blueprints.get_version(tx.conn, row.version_id)
    blueprint = await blueprints.get(tx.conn, version.blueprint_id)
    if by.id != row.author_id:
        shown = await blueprint_views.get_shown(tx.conn, blueprint.id, by.id)
        if by.id != blueprint.author_id and not shown.moderates:
            raise Forbidden(N_("Only its author or a moderator can do that."))
    removed = await build_reports.remove(tx.conn, row.id)
    author = await actors.get(tx.conn, row.author_id)
    if not removed or received is not None or not author.is_local or blueprint.scope != "everyone":
        await outbox.done(tx, received)
        return
    # Everybody understands a Delete by the author; the author's server speaks for them.
    first = await actors.get(tx.conn, blueprint.author_id)
    audience = await audience_of(tx, author, "everyone", None, first)
    await outbox.record(tx, author, {"type": "Delete", "object": wire.tombstone(row)}, audience)


async def _record(
    tx: Tx, by: Actor, row: BuildReport, version: Version, received: Received | None
) -> None:
    blueprint = await blueprints.get(tx.conn, version.blueprint_id)
    if received is not None or blueprint.scope != "everyone":
        await outbox.done(tx, received)
        return
    author = await actors.get(tx.conn, blueprint.author_id)
    audience = await audience_of(tx, by, "everyone", None, author)
    inner = await document(tx.conn, tx.addresses, row)
    inner = {key: value for key, value in inner.items() if key != "@context"}
    await outbox.record(tx, by, {"type": "Create", "object": inner}, audience)


async def served(conn: Conn, addresses: Addresses, path: str) -> tuple[BuildReport, Blueprint]:
    """The report of ours that this address names, and what it is about; Missing for others."""
    row = await build_reports.find_by_uri(conn, addresses.origin + path)
    if row is None:
        raise Missing(writing.NOT_HERE)
    version = await blueprints.get_version(conn, row.version_id)
    return row, await blueprints.get(conn, version.blueprint_id)


async def document(conn: Conn, addresses: Addresses, row: BuildReport) -> Document:
    """A report of ours as its address shows it; a hidden project is not named."""
    version = await blueprints.get_version(conn, row.version_id)
    blueprint = await blueprints.get(conn, version.blueprint_id)
    by = await actors.get(conn, row.author_id)
    author = await actors.get(conn, blueprint.author_id)
    to, cc = addressed(by, "everyone", None, addresses)
    group = await actors.find(conn, row.project_uri) if row.project_uri else None
    community = await communities.find(conn, group.id) if group else None
    hidden = community is not None and community.join_rule == "hidden"
    return wire.build(
        replace(row, project_uri="") if hidden else row,
        author=by,
        version_uri=version.uri,
        blueprint_uri=blueprint.uri,
        to=to,
        cc=(*cc, *((author.uri,) if author.uri not in cc else ())),
        pictures=await build_reports.list_pictures(conn, row.id),
        origin=addresses.origin,
    )
