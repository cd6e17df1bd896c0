"""Blueprints: the list by kind, one of them, its versions; taking back, removing, export."""

import csv
import io
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import blueprints as acts
from federation.acts import history
from federation.okh import write
from schema import blueprint_views, blueprints, build_reports, categories, files, merges
from schema.blueprint_views import Filter, Shown
from schema.blueprints import Version
from schema.database import Conn
from schema.errors import Missing
from schema.words import N_
from web import forms
from web.near import middle, size
from web.pages.communities import position, with_position
from web.render import Form
from web.requests import instance_of, me, page, see_other, viewer

SIZE = 24
NOT_HERE = N_("There is nothing here, or it is not meant for you.")


class RemovalDraft(msgspec.Struct):
    reason: Annotated[str, Meta(max_length=500)]


async def index(request: Request) -> Response:
    """All that the reader may see, by kind, the newest first."""
    found = viewer(request)
    category = request.query_params.get("category", "")
    known = categories.load()
    wanted = Filter(
        viewer_id=found.actor.id if found else None,
        category=category if known.find(category) else "",
        words=request.query_params.get("q", "").strip()[:100],
        near=await _near(request),
        size=await size(request),
        before=position(request.query_params.get("before", "")),
        limit=SIZE + 1,
    )
    async with instance_of(request).read() as conn:
        cards = await blueprint_views.list_cards(conn, wanted)
        sectors = await blueprint_views.count_sectors(conn, wanted.viewer_id)
    last = cards[SIZE - 1] if len(cards) > SIZE else None
    return await page(
        request,
        "blueprints.list.html",
        form=Form({"category": wanted.category, "q": wanted.words}),
        size=wanted.size,
        found=cards[:SIZE],
        sectors=[
            (one.id, known.title(one.id, request.state.locale), one.number) for one in sectors
        ],
        is_filtered=bool(wanted.category or wanted.words),
        older=with_position(request, last.created, last.id) if last else None,
        newer=request.url.path if wanted.before else None,
    )


async def _near(request: Request) -> tuple[float, float] | None:
    found = await middle(request)
    return (found[0], found[1]) if found else None


async def show(request: Request) -> Response:
    """The latest version, with what came of it."""
    return await _show(request, None)


async def show_version(request: Request) -> Response:
    """One version; older ones stay readable."""
    return await _show(request, request.path_params["number"])


async def _show(request: Request, number: int | None) -> Response:
    found = viewer(request)
    viewer_id = found.actor.id if found else None
    near, large = await _near(request), await size(request)
    id: UUID = request.path_params["id"]
    async with instance_of(request).read() as conn:
        shown = await blueprint_views.get_shown(conn, id, viewer_id, near, large)
        versions = await blueprints.list_versions(conn, id)
        version = _version(shown, versions, number)
        lines = await blueprints.list_lines(conn, version.id)
        steps = await blueprints.list_steps(conn, version.id)
        pictures = await blueprints.list_pictures(conn, id)
        attached = await files.list_of(conn, id)
        built = await build_reports.list_of(conn, id, 20) if shown.reports else []
        is_mine = viewer_id == shown.blueprint.author_id
        newer = await merges.find_newer(conn, shown.blueprint) if is_mine else None
    if found and not instance_of(request).addresses.is_ours(shown.blueprint.uri):
        async with instance_of(request).begin() as tx:
            await history.want(tx, shown.blueprint.uri)
    return await page(
        request,
        "blueprints.show.html",
        shown=shown,
        size=large,
        row=shown.blueprint,
        version=version,
        versions=versions,
        is_latest=version.id == shown.blueprint.latest_id,
        is_mine=is_mine,
        newer=newer[1] if newer else None,
        materials=[line for line in lines if line.kind == "material"],
        tools=[line for line in lines if line.kind == "tool"],
        steps=steps,
        numbers={step.key: place + 1 for place, step in enumerate(steps)},
        hours=sum(step.hours or 0 for step in steps),
        people=max((step.people or 0 for step in steps), default=0),
        pictures=pictures,
        attached=attached,
        built=built,
    )


def _version(shown: Shown, versions: list[Version], number: int | None) -> Version:
    for version in versions:
        if version.number == number or (not number and version.id == shown.blueprint.latest_id):
            return version
    raise Missing(NOT_HERE)


async def withdraw(request: Request) -> Response:
    """By its author."""
    by = me(request)
    async with instance_of(request).begin() as tx:
        row = await blueprints.get(tx.conn, request.path_params["id"])
        await acts.withdraw(tx, by=by, blueprint=row)
    return see_other(request, "/blueprints", N_("It is taken back."))


@forms.again(show)
async def remove(request: Request) -> Response:
    """By a moderator, with a reason."""
    by = me(request)
    given = await forms.parse(request, RemovalDraft)
    async with instance_of(request).begin() as tx:
        row = await blueprints.get(tx.conn, request.path_params["id"])
        await acts.remove(tx, by=by, blueprint=row, reason=given.reason)
    return see_other(request, row.url, N_("Removed."))


async def manifest(request: Request) -> Response:
    """A version as a manifest of Open Know-How (YAML)."""
    async with instance_of(request).read() as conn:
        shown, version = await _exported(request, conn)
        lines = await blueprints.list_lines(conn, version.id)
        steps = await blueprints.list_steps(conn, version.id)
    by = shown.author_title or shown.author_name
    address = instance_of(request).addresses.origin + version.url
    text = write.manifest(shown.blueprint, version, lines, steps, by=by, address=address)
    return _download(text, "text/yaml; charset=utf-8", "okh.yml")


async def losh(request: Request) -> Response:
    """A version as a manifest of OKH-LOSH (TOML)."""
    async with instance_of(request).read() as conn:
        shown, version = await _exported(request, conn)
        lines = await blueprints.list_lines(conn, version.id)
    by = shown.author_title or shown.author_name
    address = instance_of(request).addresses.origin + version.url
    text = write.losh(shown.blueprint, version, lines, by=by, address=address)
    return _download(text, "application/toml; charset=utf-8", "okh.toml")


async def bom(request: Request) -> Response:
    """The parts and tools of a version as CSV."""
    async with instance_of(request).read() as conn:
        _, version = await _exported(request, conn)
        lines = await blueprints.list_lines(conn, version.id)
    out = io.StringIO()
    csv.writer(out).writerows(write.bom(lines))
    return _download(out.getvalue(), "text/csv; charset=utf-8", "bom.csv")


async def _exported(request: Request, conn: Conn) -> tuple[Shown, Version]:
    found = viewer(request)
    id: UUID = request.path_params["id"]
    shown = await blueprint_views.get_shown(conn, id, found.actor.id if found else None)
    return shown, await blueprints.get_numbered(conn, id, request.path_params["number"])


def _download(text: str, kind: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text, media_type=kind, headers=headers)


_ONE = "/blueprints/{id:uuid}"
routes = [
    Route("/blueprints", index),
    Route(_ONE, show),
    Route(_ONE + "/withdrawal", withdraw, methods=["POST"]),
    Route(_ONE + "/removal", remove, methods=["POST"]),
    Route(_ONE + "/versions/{number:int}", show_version),
    Route(_ONE + "/versions/{number:int}/okh.yml", manifest),
    Route(_ONE + "/versions/{number:int}/okh.toml", losh),
    Route(_ONE + "/versions/{number:int}/bom.csv", bom),
]
