"""Saying how building a blueprint went; the origin's author is told, wherever that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from federation import html, outbox
from federation.acts import enclosed, writing
from federation.acts.audiences import audience_of
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import build_reports as wire
from federation.wire.notes import RemotePicture
from schema import actors, blueprint_views, blueprints, build_reports, ids, notices
from schema.actors import Actor
from schema.blueprints import Version
from schema.build_reports import BuildReport
from schema.errors import Forbidden, Invalid, Missing
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
    """What a report of another server brings along."""

    uri: str
    created: datetime
    pictures: tuple[RemotePicture, ...] = ()


async def report(
    tx: Tx,
    *,
    by: Actor,
    version: Version,
    draft: Draft,
    pictures: Sequence[UUID] = (),
    id: UUID | None = None,
    foreign: Foreign | None = None,
    received: Received | None = None,
) -> BuildReport | None:
    """None when it is known already. `id` is minted by the form: a double press gives one."""
    blueprint = await blueprints.get(tx.conn, version.blueprint_id)
    await writing.check_writer(tx, by, None, received)
    if by.is_local and not await blueprint_views.may_see(tx.conn, blueprint.id, by.id):
        raise Missing(writing.NOT_HERE)
    if not by.is_local and blueprint.scope != "everyone":
        raise Forbidden("This is not for everybody.")
    if foreign is None:
        _check(draft)
    new = id or ids.new()
    row = BuildReport(
        id=new,
        uri=foreign.uri if foreign else tx.addresses.build_report(blueprint.id, new),
        version_id=version.id,
        adoption_id=None,
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
    await _record(tx, by, row, version, received)
    return row


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


async def remove(tx: Tx, *, by: Actor, row: BuildReport) -> None:
    """By who wrote it, by the blueprint's author, or by those who keep order."""
    version = await blueprints.get_version(tx.conn, row.version_id)
    shown = await blueprint_views.get_shown(tx.conn, version.blueprint_id, by.id)
    if by.id not in (row.author_id, shown.blueprint.author_id) and not shown.moderates:
        raise Forbidden(N_("Only its author or a moderator can do that."))
    await build_reports.remove(tx.conn, row.id)


async def _record(
    tx: Tx, by: Actor, row: BuildReport, version: Version, received: Received | None
) -> None:
    blueprint = await blueprints.get(tx.conn, version.blueprint_id)
    if received is not None or blueprint.scope != "everyone":
        await outbox.done(tx, received)
        return
    author = await actors.get(tx.conn, blueprint.author_id)
    audience = await audience_of(tx, by, "everyone", None, author)
    document: Document = wire.build(
        row,
        author=by,
        version_uri=version.uri,
        blueprint_uri=blueprint.uri,
        to=audience.to,
        cc=audience.cc,
        pictures=await build_reports.list_pictures(tx.conn, row.id),
        origin=tx.addresses.origin,
    )
    inner = {key: value for key, value in document.items() if key != "@context"}
    await outbox.record(tx, by, {"type": "Create", "object": inner}, audience)
