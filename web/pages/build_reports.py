"""Telling how building a blueprint went."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import build_reports as acts
from federation.acts import plans
from federation.acts.build_reports import LONGEST, Draft
from schema import blueprint_views, blueprints, build_reports, ids
from schema.blueprints import Version
from schema.database import Conn
from schema.errors import Missing
from schema.projects import Project
from schema.words import N_
from web import forms, writing
from web.pages.projects import shown, url_of
from web.render import Form
from web.requests import instance_of, me, page, see_other, viewer

NOT_HERE = N_("There is nothing here, or it is not meant for you.")
Text = Annotated[str, Meta(max_length=LONGEST)]


class ReportDraft(msgspec.Struct):
    worked: Literal["yes", "no"]
    worked_note: Text = ""
    replaced: Text = ""
    conditions: Text = ""
    place_name: Annotated[str, Meta(max_length=100)] = ""
    cost: int | None = None
    hours: Decimal | None = None
    people: int | None = None
    scale: Decimal = Decimal(1)
    version: UUID | None = None
    id: UUID | None = None

    def draft(self) -> Draft:
        """As the act takes it."""
        return Draft(
            worked=self.worked == "yes",
            worked_note=self.worked_note,
            replaced=self.replaced,
            conditions=self.conditions,
            place_name=self.place_name,
            cost=self.cost,
            hours=self.hours,
            people=self.people,
            scale=self.scale,
        )


async def new(request: Request) -> Response:
    """Six questions; `?version=` says which was built, else the latest."""
    by = me(request)
    async with instance_of(request).read() as conn:
        about = await blueprint_views.get_shown(conn, request.path_params["id"], by.id)
    row = about.blueprint
    version = request.query_params.get("version") or row.latest_id
    values = {"id": ids.new(), "version": version, "scale": "1", "place_name": by.place_name}
    return await page(
        request,
        "build_reports.form.html",
        back=(row.url, row.title),
        action=f"{row.url}/reports",
        form=Form(values),
    )


@forms.again(new)
async def send(request: Request) -> Response:
    """Published below the blueprint, here and at its origin."""
    by = me(request)
    given = await forms.parse(request, ReportDraft)
    prepared = await writing.prepare(request)
    async with instance_of(request).begin() as tx:
        row = await blueprints.get(tx.conn, request.path_params["id"])
        version = await blueprints.get_version(tx.conn, given.version or row.latest_id or row.id)
        if version.blueprint_id != row.id:
            raise Missing(NOT_HERE)
        pictures = await writing.insert(tx, prepared)
        await acts.report(
            tx, by=by, version=version, draft=given.draft(), pictures=pictures, id=given.id
        )
    return see_other(request, f"{row.url}#reports", N_("Thank you. Others can learn from it now."))


async def new_of_project(request: Request) -> Response:
    """The same questions, for the stewards of a project that was adopted from a blueprint."""
    by = me(request)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        await plans.check_steward(tx, by, found.project.community_id)
        await _followed(tx.conn, found.project)
    row, url = found.project, url_of(found)
    values = {
        "id": ids.new(),
        "scale": f"{(row.scale or Decimal(1)).normalize():f}",
        "place_name": row.place_name,
    }
    return await page(
        request,
        "build_reports.form.html",
        back=(url, found.community.title),
        action=f"{url}/report",
        form=Form(values),
    )


@forms.again(new_of_project)
async def send_of_project(request: Request) -> Response:
    """It goes to where the blueprint comes from; where it works, the project is built."""
    by = me(request)
    given = await forms.parse(request, ReportDraft)
    prepared = await writing.prepare(request)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        version = await _followed(tx.conn, found.project)
        pictures = await writing.insert(tx, prepared)
        await acts.report(
            tx,
            by=by,
            version=version,
            draft=given.draft(),
            pictures=pictures,
            id=given.id,
            project=found.project,
        )
    return see_other(
        request, f"{url_of(found)}#reports", N_("Thank you. Others can learn from it now.")
    )


async def _followed(conn: Conn, project: Project) -> Version:
    """The version that a project follows; Missing where it follows none that is known here."""
    version = await blueprints.find_version(conn, project.version_uri)
    if version is None:
        raise Missing(NOT_HERE)
    return version


async def show(request: Request) -> Response:
    """One report, at its own address."""
    found = viewer(request)
    viewer_id = found.actor.id if found else None
    async with instance_of(request).read() as conn:
        about = await blueprint_views.get_shown(conn, request.path_params["id"], viewer_id)
        one = await build_reports.get_card(conn, request.path_params["report"])
    if one.blueprint_id != about.blueprint.id:
        raise Missing(NOT_HERE)
    return await page(
        request,
        "build_reports.show.html",
        row=about.blueprint,
        one=one,
        removes=viewer_id in (one.author_id, about.blueprint.author_id) or about.moderates,
    )


async def remove(request: Request) -> Response:
    """By who wrote it, the blueprint's author, or those who keep order."""
    by = me(request)
    async with instance_of(request).begin() as tx:
        row = await build_reports.get(tx.conn, request.path_params["report"])
        await acts.remove(tx, by=by, row=row)
    return see_other(request, f"/blueprints/{request.path_params['id']}", N_("Removed."))


routes = [
    Route("/blueprints/{id:uuid}/reports/new", new),
    Route("/blueprints/{id:uuid}/reports", send, methods=["POST"]),
    Route("/blueprints/{id:uuid}/reports/{report:uuid}", show),
    Route("/projects/{handle}/report", new_of_project),
    Route("/projects/{handle}/report", send_of_project, methods=["POST"]),
    Route("/blueprints/{id:uuid}/reports/{report:uuid}/removal", remove, methods=["POST"]),
]
