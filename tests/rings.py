"""Who offers what another needs, round in a circle: what stories of exchange circles start from."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from federation import circles
from schema.actors import Actor
from schema.circles import Circle
from tests import make
from tests.world import City

GOODS = (
    ("Marillenmarmelade", "food.preserve", "jar", 10, 4),
    ("Fahrrad reparieren", "repair.bike", "h", 3, 2),
    ("Dachziegel", "build.reuse", "piece", 200, 150),
    ("Brennholz", "energy.fuelwood", "m3", 5, 2),
)


@dataclass(frozen=True, slots=True)
class Goods:
    title: str
    category: str
    unit: str
    offered: int
    needed: int


async def joins(*cities: City) -> None:
    """Each wants circles with each."""
    for city in cities:
        await city.execute("update peers set circles = true where link = 'linked'")


async def stands(city: City, person: Actor, gives: int, gets: int, **more: Any) -> None:
    """One offers the goods of this number, and needs those of another."""
    for number, purpose in ((gives, "offer"), (gets, "request")):
        title, category, unit, offered, needed = GOODS[number]
        amount = offered if purpose == "offer" else needed
        draft: dict[str, Any] = {"category": category, "unit": unit, "quantity": Decimal(amount)}
        draft["until"] = city.clock() + timedelta(days=40)
        kind = "swap" if purpose == "offer" else "nothing"
        await make.a_proposal(
            city, person, title, purpose=purpose, return_kind=kind, **{**draft, **more}
        )


async def a_ring(*people: tuple[City, Actor], **more: Any) -> None:
    """The first gives to the second, and so on; the last to the first."""
    for number, (city, person) in enumerate(people):
        await stands(city, person, number, (number - 1) % len(people), **more)


async def found(city: City) -> list[Circle]:
    """What a search of this city proposes."""
    return await circles.search(city.instance)


async def states(*cities: City) -> list[str | None]:
    """What became of the only circle, as each city has it."""
    return [await city.value("select string_agg(state, ',') from circles") for city in cities]


async def left(city: City) -> dict[str, tuple[Decimal, str]]:
    """How much of each listing of this city is left, and whether it is open."""
    async with city.instance.read() as conn:
        rows = await conn.execute(
            """select p.purpose || ' ' || p.title, p.available, p.state from proposals p
               join actors a on a.id = p.author_id where a.peer is null"""
        )
        return {row[0]: (row[1], row[2]) for row in await rows.fetchall()}


LATER = timedelta(hours=73)
