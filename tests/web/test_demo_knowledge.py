"""The demonstration's knowledge bridge stands in both cities, however often it is filled."""

import asyncio
from typing import Any

from msgspec.structs import replace

from tests import make
from tests.world import City, settle
from web.demo import content, knowledge
from web.demo.places import Place

PEOPLE = {
    "wien": ("marta_k", "lena_h", "yusuf_a"),
    "kirchbach": ("anna_g", "hubert_r", "elke_p", "sepp_k"),
}


async def place(city: City, name: str) -> Place:
    """One of the demonstration's, with those of its residents who have a part."""
    loaded: Any = content.load(name)
    loaded = replace(loaded, city=replace(loaded.city, origin=city.origin))
    found = Place(name, loaded, "")
    found.opened.append(city.instance)
    for login in {*PEOPLE[name], loaded.residents[0].login}:
        person = await make.a_person(city, login)
        if login == loaded.residents[0].login:
            await city.execute("update accounts set role = 'admin' where actor_id = %s", person.id)
    return found


async def test_it_is_filled_once(alpha: City, beta: City) -> None:
    places = [await place(alpha, "wien"), await place(beta, "kirchbach")]

    filled = asyncio.Event()

    async def travel() -> None:
        # To its end: a delivery cut short would wait for its lease.
        while not filled.is_set():
            await settle(alpha, beta)
            await asyncio.sleep(0)

    travelling = asyncio.create_task(travel())
    for _ in range(2):
        await knowledge.bridge(places)
        await knowledge.open_places(places)
    filled.set()
    await travelling
    await settle(alpha, beta)
    for city in (alpha, beta):
        counted = [
            await city.value(f"select count(*) from {table}")
            for table in ("meetings", "questions", "question_votes", "lessons", "premises")
        ]
        assert counted == [2, 3, 3, 1, 3]
