"""Moving: one's own account, or a community, to another place or from there."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import moving, resolve
from federation.acts import luggage as luggage_acts
from federation.acts import moves as acts
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from schema import actors, limits, luggage, moves
from schema.actors import Actor
from schema.errors import Invalid, Missing
from schema.words import N_
from web import forms
from web.requests import instance_of, me, page, see_other


class Address(msgspec.Struct):
    alias: Annotated[str, Meta(max_length=500)] = ""
    target: Annotated[str, Meta(max_length=500)] = ""
    take: list[Literal["communities", "thanks"]] = []


class Unpacking(msgspec.Struct):
    old: Annotated[str, Meta(max_length=2000)]
    community: list[Annotated[str, Meta(max_length=500)]] = []


async def _actor(request: Request) -> Actor:
    """Oneself, or the community of the path."""
    by = me(request)
    handle: str | None = request.path_params.get("handle")
    if not handle:
        return by
    async with instance_of(request).begin() as tx:
        return await acts.owned(tx, handle)


def _base(request: Request) -> str:
    return request.url.path.removesuffix("/aliases")


async def show(request: Request) -> Response:
    """What is known of other homes, and the two forms."""
    actor = await _actor(request)
    async with instance_of(request).read() as conn:
        home = await moves.home_of(conn, actor.id)
        boxes = await luggage.list_of(conn, actor.id) if actor.kind == "person" else []
        named = [uri for box in boxes for uri in box.communities]
        known = {a.uri: a.shown for a in await actors.list_by_uri(conn, named)}
    return await page(
        request,
        "moving.html",
        actor=actor,
        home=home,
        base=_base(request),
        boxes=boxes,
        known=known,
        direction=request.query_params.get("direction", ""),
        old_places=[alias.split("/people/")[0] for alias in home.aliases],
    )


async def _find(request: Request, field: str, address: str) -> Actor:
    by, instance = me(request), instance_of(request)
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"find:{by.id}", rate_per_minute=10, burst=20)
    try:
        return await resolve.handle(instance, address)
    except (Gone, Missing, Malformed, Refused, Untrusted, Unreachable) as error:
        raise Invalid({field: N_("Nobody and nothing is found at this address.")}) from error


@forms.again(show)
async def alias(request: Request) -> Response:
    """An old address: from there one may move here."""
    by, actor = me(request), await _actor(request)
    draft = await forms.parse(request, Address)
    found = await _find(request, "alias", draft.alias)
    async with instance_of(request).begin() as tx:
        await acts.add_alias(tx, by=by, actor=actor, alias=found)
    return see_other(request, _base(request), N_("Saved."))


@forms.again(show)
async def move(request: Request) -> Response:
    """To a new address that names this one."""
    by, actor = me(request), await _actor(request)
    draft = await forms.parse(request, Address)
    found = await _find(request, "target", draft.target)
    try:
        to = await moving.new_home(instance_of(request), actor, found.uri)
    except (Untrusted, Gone, Malformed, Refused, Unreachable) as error:
        wrong = N_("The new address does not say yet that it is the same. Enter this one there.")
        raise Invalid({"target": wrong}) from error
    async with instance_of(request).begin() as tx:
        await acts.move(tx, by=by, actor=actor, to=to)
        if actor.id == by.id:
            groups, words = "communities" in draft.take, "thanks" in draft.take
            await luggage_acts.send(tx, by=by, to=to, groups=groups, words=words)
    return see_other(request, _base(request), N_("Everybody who follows is told."))


async def unpack(request: Request) -> Response:
    """Joins again what was chosen; a community that cannot be reached is left out."""
    by, instance = me(request), instance_of(request)
    given = await forms.parse(request, Unpacking)
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"unpack:{by.id}", rate_per_minute=1, burst=5)
        boxes = await luggage.list_of(tx.conn, by.id)
    named = [uri for box in boxes if box.old_uri == given.old for uri in box.communities]
    groups: list[Actor] = []
    for uri in [uri for uri in named if uri in given.community][:50]:
        try:
            groups.append(await resolve.actor(instance, uri))
        except (Gone, Missing, Malformed, Refused, Untrusted, Unreachable):
            continue
    async with instance.begin() as tx:
        await luggage_acts.unpack(tx, by=by, old_uri=given.old, groups=groups)
    return see_other(request, "/communities", N_("Unpacked. Some communities answer later."))


routes = [
    Route("/me/move/luggage", unpack, methods=["POST"]),
    Route("/me/move", show),
    Route("/me/move", move, methods=["POST"]),
    Route("/me/move/aliases", alias, methods=["POST"]),
    Route("/communities/{handle}/move", show),
    Route("/communities/{handle}/move", move, methods=["POST"]),
    Route("/communities/{handle}/move/aliases", alias, methods=["POST"]),
]
