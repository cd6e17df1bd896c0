"""The demonstration's pledges stand in both cities, however often they are filled."""

import asyncio
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from federation import resolve
from federation.acts import project_needs
from tests import make
from tests.world import City, settle
from web.demo import content, pledges
from web.demo.places import Place


async def _place(city: City, name: str) -> Place:
    loaded: Any = content.load(name)
    loaded = replace(loaded, city=replace(loaded.city, origin=city.origin))
    found = Place(name, loaded, "")
    found.opened.append(city.instance)
    admin = await make.an_admin(city, loaded.residents[0].login)
    for given in pledges.GIVEN:
        if given.city == name and given.speaker:
            known = given.speaker == admin.name
            person = admin if known else await make.a_person(city, given.speaker)
            await make.a_community(city, person, given.giver)
    return found


async def test_they_are_filled_once(alpha: City, beta: City) -> None:
    places = [await _place(alpha, "wien"), await _place(beta, "kirchbach")]
    hubert = await make.a_person(beta, "hubert_r")
    project = await make.a_project(beta, hubert, "sonnenanbau")
    async with beta.instance.begin() as tx:
        for name, quantity, unit in (("Solarkabel 6 mm²", Decimal(60), "m"), *_LADDER):
            draft = project_needs.NeedDraft(name, quantity, unit)
            await project_needs.add(tx, by=hubert, project=project, draft=draft)
    await settle(alpha, beta)
    await resolve.actor(alpha.instance, beta.instance.addresses.community("sonnenanbau"))
    filled = asyncio.Event()

    async def travel() -> None:
        while not filled.is_set():
            await settle(alpha, beta)
            await asyncio.sleep(0)

    travelling = asyncio.create_task(travel())
    for _ in range(2):
        await pledges.pledges(places)
    filled.set()
    await travelling
    await settle(alpha, beta)
    for city in (alpha, beta):
        counted = "select count(*) || ' ' || sum(confirmed)::int || ' ' || sum(delivered)::int"
        assert await city.value(f"{counted} from pledges") == "3 23 25"
    assert await beta.value("select sum(met)::int from project_needs") == 20


_LADDER = (("Gerüst oder lange Leiter", None, "piece"),)
