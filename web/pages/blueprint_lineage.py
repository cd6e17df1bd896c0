"""What came of a blueprint: the tree and the map of where it was adopted; how versions differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema import actors, blueprint_views, blueprints, differences, improvements, lineages
from schema.actors import Actor
from schema.blueprints import Blueprint, Line, Step, Version
from schema.database import Conn
from schema.errors import Missing
from schema.lineages import Adopted
from schema.settings import Settings
from schema.words import N_
from web.map import MapPlace
from web.requests import instance_of, page, viewer

NOT_HERE = N_("There is nothing here, or it is not meant for you.")
MOST_NAMED = 300  # places of one version, so that a phone still opens the page
MOST_DRAWN = 60  # dots of a map that one can still tell apart


@dataclass(frozen=True, slots=True)
class Branch:
    """A version with the places that build it."""

    version: Version
    places: list[Adopted]


async def show(request: Request) -> Response:
    """Versions from the newest, with who builds which; a map; what was made of it."""
    found = viewer(request)
    id: UUID = request.path_params["id"]
    async with instance_of(request).read() as conn:
        shown = await blueprint_views.get_shown(conn, id, found.actor.id if found else None)
        versions = await blueprints.list_versions(conn, id)
        adopted = await lineages.list_adopted(conn, id)
        forks = await lineages.list_forks(conn, id)
        mine = bool(found and found.actor.id == shown.blueprint.author_id)
        offered = await improvements.list_open(conn, id) if mine else []
        host = shown.author_host
        city = await actors.find_by_handle(conn, "city", host) if host else None
    home = _home(city, await instance_of(request).settings(), shown.blueprint)
    by_version = {key: list(group) for key, group in groupby(adopted, lambda one: one.version_id)}
    return await page(
        request,
        "blueprints.lineage.html",
        shown=shown,
        row=shown.blueprint,
        branches=[Branch(one, by_version.get(one.id, [])) for one in versions],
        forks=forks,
        offered=offered,
        places=_places(home, adopted),
        most=MOST_NAMED,
        total=len(adopted),
        built=sum(one.state == "built" for one in adopted),
    )


def _home(city: Actor | None, here: Settings, row: Blueprint) -> MapPlace | None:
    """The city it comes from: a neighbour, or this one."""
    name, latitude, longitude = here.name, here.latitude, here.longitude
    if city is not None:
        name, latitude, longitude = city.shown, city.latitude, city.longitude
    if latitude is None or longitude is None:
        return None
    return MapPlace(name, row.url, latitude, longitude, is_here=True)


def _places(home: MapPlace | None, adopted: Sequence[Adopted]) -> list[MapPlace]:
    """Each place once, around the city that it comes from, or the first that adopted it."""
    found: dict[tuple[float, float], MapPlace] = {}
    if home is not None:
        found[home.latitude, home.longitude] = home
    for one in adopted:
        if one.latitude is None or one.longitude is None:
            continue
        name = one.place_name or one.project_title
        spot = MapPlace(name, one.url, one.latitude, one.longitude, is_here=not found)
        found.setdefault((one.latitude, one.longitude), spot)
    return list(found.values())[:MOST_DRAWN]


async def compare(request: Request) -> Response:
    """Two versions, of this blueprint or of an own version of it, side by side."""
    found = viewer(request)
    viewer_id = found.actor.id if found else None
    async with instance_of(request).read() as conn:
        shown = await blueprint_views.get_shown(conn, request.path_params["id"], viewer_id)
        old = await _said(conn, request.query_params.get("from", ""), viewer_id)
        new = await _said(conn, request.query_params.get("to", ""), viewer_id)
        offer = await improvements.find_open(conn, shown.blueprint.id, new[0].id)
    return await page(
        request,
        "blueprints.differences.html",
        row=shown.blueprint,
        old=old[0],
        new=new[0],
        found=differences.between(old, new),
        offer=offer,
        is_mine=viewer_id == shown.blueprint.author_id,
    )


async def _said(
    conn: Conn, text: str, viewer_id: UUID | None
) -> tuple[Version, list[Line], list[Step]]:
    try:
        version = await blueprints.get_version(conn, UUID(text))
    except ValueError:
        raise Missing(NOT_HERE) from None
    if not await blueprint_views.may_see(conn, version.blueprint_id, viewer_id):
        raise Missing(NOT_HERE)
    lines = await blueprints.list_lines(conn, version.id)
    return version, lines, await blueprints.list_steps(conn, version.id)


routes = [
    Route("/blueprints/{id:uuid}/lineage", show),
    Route("/blueprints/{id:uuid}/differences", compare),
]
