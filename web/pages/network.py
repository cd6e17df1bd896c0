"""The network: neighbour cities on a map and as a list, and the page of one of them."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import discover
from schema import communities, peers, places, proposals
from schema.peers import Neighbour
from schema.settings import Settings
from web import map
from web.requests import instance_of, me, page, see_other, viewer




async def network(request: Request) -> Response:
    """All neighbours, nearest first."""
    instance = instance_of(request)
    settings = await instance.settings()
    async with instance.read() as conn:
        found = await peers.list_neighbours(conn, linked_only=True)
    cities = sorted(
        (with_distance(settings, city) for city in found),
        key=lambda city: (city.distance_km is None, city.distance_km or 0, city.title),
    )
    drawing = draw(settings, cities)
    return await page(request, "network.html", settings=settings, cities=cities, drawing=drawing)


def with_distance(settings: Settings, city: Neighbour) -> Neighbour:
    """As the crow flies from the middle of our place, in kilometres."""
    if None in (settings.latitude, settings.longitude, city.latitude, city.longitude):
        return city
    km = places.distance_km(
        settings.latitude or 0, settings.longitude or 0, city.latitude or 0, city.longitude or 0
    )
    return replace(city, distance_km=km)


def draw(settings: Settings, cities: Sequence[Neighbour]) -> object:
    """The map with our place in its middle of lines; None while nobody has a place."""
    dots = [
        map.MapPlace(city.title, city.url, city.latitude, city.longitude, False)
        for city in cities
        if city.latitude is not None and city.longitude is not None
    ]
    if settings.latitude is None or settings.longitude is None:
        return None
    here = map.MapPlace(settings.name, "/", settings.latitude, settings.longitude, True)
    return map.draw([here, *dots])


async def show(request: Request) -> Response:
    """One neighbour: what came from it, when we last heard of each other, its communities."""
    instance = instance_of(request)
    settings, found = await instance.settings(), viewer(request)
    async with instance.read() as conn:
        city = await peers.get_neighbour(conn, request.path_params["host"])
        groups = await communities.list_at(conn, city.origin)
        wanted = proposals.Filter(
            peer=city.origin, viewer_id=found.actor.id if found else None, limit=12
        )
        listings = await proposals.list_cards(conn, wanted)
    return await page(
        request,
        "network.show.html",
        city=with_distance(settings, city),
        groups=groups,
        listings=listings,
    )


async def look_again(request: Request) -> Response:
    """Asks the neighbour for its communities, needs and offers now."""
    me(request)
    instance = instance_of(request)
    async with instance.read() as conn:
        city = await peers.get_neighbour(conn, request.path_params["host"])
    await discover.discover(instance, city.origin)
    return see_other(request, city.url, "We have asked again. This is what they show now.")


routes = [
    Route("/network", network),
    Route("/network/{host}", show),
    Route("/network/{host}/look", look_again, methods=["POST"]),
]
