"""The network: neighbour cities on a map and as a list, and the page of one of them."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema import communities, directory, limits, peers, places, proposals
from schema.database import Conn
from schema.errors import Missing
from schema.peers import Neighbour
from schema.settings import Settings
from schema.words import N_
from web.map import MapPlace
from web.near import middle
from web.requests import instance_of, me, page, see_other, viewer

NEWEST = 12


async def network(request: Request) -> Response:
    """All neighbours, nearest first."""
    instance = instance_of(request)
    settings = await instance.settings()
    async with instance.read() as conn:
        found = await peers.list_neighbours(conn, linked_only=True)
        beyond = await directory.list_beyond(conn)
    cities = sorted(
        (with_distance(settings, city) for city in found),
        key=lambda city: (city.distance_km is None, city.distance_km or 0, city.name),
    )
    return await page(
        request,
        "network.html",
        settings=settings,
        cities=cities,
        spots=spots(settings, cities),
        beyond=beyond,
    )


def with_distance(settings: Settings, city: Neighbour) -> Neighbour:
    """As the crow flies from the middle of our place, in kilometres."""
    if settings.latitude is None or settings.longitude is None:
        return city
    if city.latitude is None or city.longitude is None:
        return city
    km = places.distance_km(settings.latitude, settings.longitude, city.latitude, city.longitude)
    return replace(city, distance_km=km)


def spots(settings: Settings, cities: Sequence[Neighbour]) -> list[MapPlace]:
    """What the map shows, our place first; nothing while nobody has said where it lies."""
    if settings.latitude is None or settings.longitude is None:
        return []
    here = MapPlace(settings.name, "/", settings.latitude, settings.longitude, True)
    dots = [
        MapPlace(city.name, city.url, city.latitude, city.longitude, False)
        for city in cities
        if city.latitude is not None and city.longitude is not None
    ]
    return [here, *dots]


async def _neighbour(conn: Conn, request: Request) -> Neighbour:
    """The one this path names; Missing for everybody else we ever heard of."""
    city = await peers.get_neighbour(conn, request.path_params["host"])
    if not city.is_neighbour:
        raise Missing("There is nothing here, or it is not meant for you.")
    return city


async def show(request: Request) -> Response:
    """One neighbour: what came from it, when we last heard of each other, its communities."""
    instance = instance_of(request)
    settings, found = await instance.settings(), viewer(request)
    viewer_id = found.actor.id if found else None
    near = await middle(request)
    async with instance.read() as conn:
        city = await _neighbour(conn, request)
        groups = await communities.list_at(conn, city.origin, viewer_id)
        wanted = proposals.Filter(peer=city.origin, viewer_id=viewer_id, near=near, limit=NEWEST)
        listings = await proposals.list_cards(conn, wanted)
    return await page(
        request,
        "network.show.html",
        city=with_distance(settings, city),
        groups=groups,
        listings=listings,
    )


async def look_again(request: Request) -> Response:
    """Asks the neighbour for its communities, needs and offers; the worker does it."""
    me(request)
    async with instance_of(request).begin() as tx:
        city = await _neighbour(tx.conn, request)
        await limits.take(tx.conn, f"look:{city.host}", rate_per_minute=0.5, burst=2)
        await tx.defer("discover", origin=city.origin)
    return see_other(request, city.url, N_("We are asking. In a minute you see here what is new."))


routes = [
    Route("/network", network),
    Route("/network/{host}", show),
    Route("/network/{host}/look", look_again, methods=["POST"]),
]
