"""Pools: "me too" on a need, and one order or workshop of all who need the same."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import pools as acts
from schema import proposals
from schema.words import N_
from web import forms
from web.pages.proposals import show
from web.requests import instance_of, me, see_other


class MeTooDraft(msgspec.Struct):
    quantity: Decimal | None = None


class PoolDraft(msgspec.Struct):
    threshold: Decimal
    ends: date
    kind: Literal["order", "workshop"] = "order"
    measure: Literal["people", "quantity"] = "people"
    note: Annotated[str, Meta(max_length=acts.LONGEST_NOTE)] = ""


@forms.again(show)
async def me_too(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, MeTooDraft)
    async with instance_of(request).begin() as tx:
        row = await proposals.get(tx.conn, request.path_params["id"])
        await acts.me_too(tx, by=by, proposal=row, quantity=given.quantity)
    return see_other(request, row.url, N_("You are counted in."))


async def take_back(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        row = await proposals.get(tx.conn, request.path_params["id"])
        await acts.take_back(tx, by=by, proposal=row)
    return see_other(request, row.url, N_("You are not counted any more."))


@forms.again(show)
async def gather(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, PoolDraft)
    instance = instance_of(request)
    zone = ZoneInfo(instance.config.time_zone)
    async with instance.begin() as tx:
        row = await proposals.get(tx.conn, request.path_params["id"])
        await acts.gather(
            tx,
            by=by,
            proposal=row,
            kind=given.kind,
            measure=given.measure,
            threshold=given.threshold,
            ends=datetime.combine(given.ends, time(23, 59, 59), zone),
            note=given.note,
        )
    return see_other(request, row.url, N_("It gathers now. All who need the same are told."))


routes = [
    Route("/needs/{id:uuid}/me-too", me_too, methods=["POST"]),
    Route("/needs/{id:uuid}/me-too/removal", take_back, methods=["POST"]),
    Route("/needs/{id:uuid}/pool", gather, methods=["POST"]),
]
