"""Adopting a blueprint: at a scale, in a place; what can be met here, in the network, or not."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import keys
from federation.acts import adoption as acts
from federation.acts import communities as community_acts
from federation.acts import project_needs
from federation.acts.adoption import Recipe
from federation.acts.projects import Draft
from federation.instance import Tx
from schema import bills, fits, limits, places, projects
from schema.actors import Actor
from schema.bills import Checked
from schema.communities import JoinRule
from schema.errors import Invalid
from schema.fits import Wanted
from schema.words import N_
from web import forms
from web.near import middle
from web.pages.projects import shown, url_of
from web.render import Form
from web.requests import instance_of, me, page, see_other


class Choice(msgspec.Struct):
    scale: Decimal
    title: Annotated[str, Meta(min_length=2, max_length=80)]
    name: Annotated[str, Meta(max_length=30)] = ""
    place_name: Annotated[str, Meta(max_length=100)] = ""
    join_rule: JoinRule = "open"
    starts: date | None = None
    ends: date | None = None
    publish: list[str] = []


async def new(request: Request) -> Response:
    """The lines at the chosen scale, each with the offers that fit it."""
    by = me(request)
    problem = getattr(request.state, "problem", None)
    typed: dict[str, list[str]] = problem.values if problem else {}
    scale, wrong = _scale(request, typed)
    place = (typed.get("place_name") or [request.query_params.get("place_name", "")])[0][:100]
    near = await _near(request, place)
    async with instance_of(request).begin() as tx:
        recipe = await acts.check_readable(tx, by, request.path_params["id"])
        checked = await check(tx, by, recipe, scale, near)
        following = await projects.list_following(tx.conn, recipe.version.uri, by.id)
    chosen = typed.get("publish") if typed else bills.to_publish(checked)
    values: dict[str, object] = {"title": recipe.version.title or recipe.blueprint.title}
    values |= {name: given[0] for name, given in typed.items() if name != "csrf" and given}
    values |= {"scale": f"{scale.normalize():f}", "place_name": place or by.place_name}
    return await page(
        request,
        "adoption.html",
        422 if wrong or problem else 200,
        recipe=recipe,
        checked=checked,
        summary=bills.summary(checked),
        scale=scale,
        chosen=set(chosen or ()),
        following=following,
        action=request.url.path,
        form=Form(values, {**(problem.errors if problem else {}), **wrong}),
    )


def _scale(request: Request, typed: dict[str, list[str]]) -> tuple[Decimal, dict[str, str]]:
    """What was chosen, else 1; and what is wrong with it."""
    given = (typed.get("scale") or [request.query_params.get("scale", "")])[0].strip()
    if not given:
        return Decimal(1), {}
    try:
        return bills.check_scale(Decimal(given.replace(",", "."))), {}
    except (Invalid, ArithmeticError):
        wrong = N_("Please give a number above zero, with three places at most.")
        return Decimal(1), {"scale": wrong}


async def _near(request: Request, place: str) -> tuple[float, float] | None:
    """The middle of the place that is named, else of the resident's own, or of the city."""
    named = places.find(place, limit=1) if place else []
    if named:
        return named[0].latitude, named[0].longitude
    own = await middle(request)
    return (own[0], own[1]) if own else None


async def check(
    tx: Tx, by: Actor, recipe: Recipe, scale: Decimal, near: tuple[float, float] | None
) -> list[Checked]:
    """All lines against all offers that the resident may see, by one query."""
    wanted = [
        Wanted(line.key, line.name, project_needs.kind_of(line.name, line.category))
        for line in recipe.lines
    ]
    found = await fits.list_for_lines(tx.conn, wanted, by.id, near)
    return bills.check(recipe.lines, scale, found)


@forms.again(new)
async def adopt(request: Request) -> Response:
    """The project with its plan and needs; what was chosen is asked for at once."""
    by, instance = me(request), instance_of(request)
    given = await forms.parse(request, Choice)
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"found:{by.id}", rate_per_minute=0.1, burst=10)
    pair = await keys.make_in_thread()
    async with instance.begin() as tx:
        recipe = await acts.check_readable(tx, by, request.path_params["id"])
        name = given.name.lower() or await community_acts.propose(tx.conn, given.title)
        draft = Draft(
            title=given.title,
            aim=recipe.version.purpose or recipe.blueprint.purpose,
            name=name,
            join_rule=given.join_rule,
            place_name=given.place_name,
            starts=given.starts,
            ends=given.ends,
        )
        await acts.adopt(
            tx,
            by=by,
            recipe=recipe,
            draft=draft,
            scale=given.scale,
            keys=pair,
            publish=given.publish,
        )
    return see_other(request, f"/projects/{name}", N_("Your project is there, with its plan."))


class Taking(msgspec.Struct):
    version: UUID


async def take_over(request: Request) -> Response:
    """A steward takes over a newer version of the blueprint that the project follows."""
    by, given = me(request), await forms.parse(request, Taking)
    async with instance_of(request).begin() as tx:
        found = await shown(tx.conn, request)
        recipe = await acts.check_readable(tx, by, given.version)
        await acts.take_over(tx, by=by, project=found.project, recipe=recipe)
    return see_other(request, url_of(found), N_("Taken over. What was there already stays."))


routes = [
    Route("/blueprints/{id:uuid}/adoption", new),
    Route("/blueprints/{id:uuid}/adoption", adopt, methods=["POST"]),
    Route("/projects/{handle}/version", take_over, methods=["POST"]),
]
