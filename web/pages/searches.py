"""Searches: what a resident looks for again and again, kept from a list, with alerts."""

from typing import Annotated, Literal
from urllib.parse import urlencode

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import searches as acts
from schema import searches
from schema.searches import Search
from schema.words import N_
from web import forms
from web.near import middle
from web.requests import instance_of, me, page, see_other


class SearchDraft(msgspec.Struct):
    purpose: Literal["offer", "request"] = "offer"
    q: Annotated[str, Meta(max_length=100)] = ""
    category: Annotated[str, Meta(max_length=40)] = ""
    km: Annotated[int, Meta(ge=1, le=1000)] | None = None
    where: Literal["all", "here", "network"] = "all"


class AlertsDraft(msgspec.Struct):
    alerts: Literal["yes", "no"] = "no"


async def index(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).read() as conn:
        found = await searches.list_of(conn, by.id)
    return await page(
        request, "me.searches.html", found=[(search, address(search)) for search in found]
    )


def address(search: Search) -> str:
    """The list that it was kept from."""
    sector = search.category.partition(".")[0]
    asked = {
        "q": search.words,
        "category": sector,
        "leaf": search.category if search.category != sector else "",
        "km": str(search.km or ""),
        "where": search.place if search.place != "all" else "",
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return search.url + (f"?{query}" if query else "")


@forms.again(index)
async def keep(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, SearchDraft)
    point = await middle(request)
    near = (point[0], point[1], given.km) if point and given.km else None
    async with instance_of(request).begin() as tx:
        await acts.keep(
            tx,
            by=by,
            purpose=given.purpose,
            category=given.category,
            words=given.q,
            near=near,
            place=given.where,
        )
    return see_other(request, "/me/searches", N_("Kept. You are told when something new fits."))


async def set_alerts(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, AlertsDraft)
    async with instance_of(request).begin() as tx:
        id = request.path_params["id"]
        await acts.set_alerts(tx, by=by, id=id, alerts=given.alerts == "yes")
    return see_other(request, "/me/searches", N_("Saved."))


async def forget(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        await acts.forget(tx, by=by, id=request.path_params["id"])
    return see_other(request, "/me/searches", N_("The search is gone."))


routes = [
    Route("/me/searches", index),
    Route("/me/searches", keep, methods=["POST"]),
    Route("/me/searches/{id:uuid}/alerts", set_alerts, methods=["POST"]),
    Route("/me/searches/{id:uuid}/removal", forget, methods=["POST"]),
]
