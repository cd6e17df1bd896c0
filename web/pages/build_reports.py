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
from federation.acts.build_reports import LONGEST, Draft
from schema import blueprint_views, blueprints, build_reports, ids
from schema.errors import Missing
from schema.words import N_
from web import forms, writing
from web.render import Form
from web.requests import instance_of, me, page, see_other

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


async def new(request: Request) -> Response:
    """Six questions; `?version=` says which was built, else the latest."""
    by = me(request)
    async with instance_of(request).read() as conn:
        shown = await blueprint_views.get_shown(conn, request.path_params["id"], by.id)
    version = request.query_params.get("version") or shown.blueprint.latest_id
    values = {"id": ids.new(), "version": version, "scale": "1", "place_name": by.place_name}
    return await page(request, "build_reports.form.html", row=shown.blueprint, form=Form(values))


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
            raise Missing(N_("There is nothing here, or it is not meant for you."))
        draft = Draft(
            worked=given.worked == "yes",
            worked_note=given.worked_note,
            replaced=given.replaced,
            conditions=given.conditions,
            place_name=given.place_name,
            cost=given.cost,
            hours=given.hours,
            people=given.people,
            scale=given.scale,
        )
        pictures = await writing.insert(tx, prepared)
        await acts.report(tx, by=by, version=version, draft=draft, pictures=pictures, id=given.id)
    return see_other(request, f"{row.url}#reports", N_("Thank you. Others can learn from it now."))


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
    Route("/blueprints/{id:uuid}/reports/{report:uuid}/removal", remove, methods=["POST"]),
]
