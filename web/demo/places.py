"""The demonstration's places while they are filled, and how one waits for what travels."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from federation.instance import Instance
from schema import actors, health, peers
from schema.actors import Actor
from web.demo.content import CityContent

PATIENCE = 300.0
"""Seconds for something to travel: longer than a killed worker's lease lasts, and than a server
that did not answer once is left alone."""
WAITING = ("deliveries_", "arrivals_")
Found = TypeVar("Found")


@dataclass(slots=True)
class Place:
    """One of the three: its name, what is in it, its database, and while it is filled, itself."""

    name: str
    content: CityContent
    conninfo: str
    opened: list[Instance] = field(default_factory=list[Instance])

    @property
    def instance(self) -> Instance:
        return self.opened[0]


class Lost(Exception):
    """Something that had to travel did not arrive."""


async def find_person(place: Place, login: str) -> Actor | None:
    """A resident of this place by the short name."""
    async with place.instance.read() as conn:
        return await actors.find_by_handle(conn, login)


async def writer(places_: Sequence[Place], home: Place, author: str) -> tuple[Place, Actor]:
    """Where somebody lives, and who it is; `name` lives in `home`, `name@city` elsewhere."""
    login, _, where = author.partition("@")
    place = next((p for p in places_ if p.name == where), home)
    found = await find_person(place, login)
    if found is None:
        raise Lost(f"{author} is not there")
    return place, found


async def until(find: Callable[[], Awaitable[Found | None]], what: str) -> Found:
    """Asks until there is something; Lost after PATIENCE seconds."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < deadline:
        found = await find()
        if found is not None:
            return found
        await asyncio.sleep(0.05)
    raise Lost(f"{what} did not arrive within {PATIENCE:.0f} seconds")


async def plight(place: Place) -> list[str]:
    """How it stands with the others, and what waits: for whom something is lost."""
    async with place.instance.read() as conn:
        known = await peers.list_neighbours(conn, linked_only=False)
        numbers = await health.numbers(conn)
    waits = [f"{what} {n:g}" for what, n in numbers.items() if n and what.startswith(WAITING)]
    bonds = [f"{p.host} {p.link}, {p.failures} failures: {p.last_error or '-'}" for p in known]
    return [*bonds, ", ".join(waits) or "nothing waits"]
