"""A city helps a settlement's project at its start: promised, brought in two parts, confirmed."""

import re
from typing import Any

from tests import make, pledging
from tests.make import Browser
from tests.world import City, Wire, fast_forward, settle


async def does(browser: Browser, path: str, **form: Any) -> str:
    done = await browser.submit(path, form)
    assert done.status_code == 303, f"{path}: {done.status_code}"
    return done.headers["location"]


async def the_pledge(browser: Browser) -> str:
    """The path of the one pledge, as this city shows it."""
    found = re.search(r'href="(/pledges/[0-9a-f-]{36})"', (await browser.get("/pledges")).text)
    assert found
    return found[1]


async def test_a_pledge_goes_from_yes_to_the_last_part_and_both_sides_show_it(
    alpha: City, beta: City, wire: Wire
) -> None:
    scene = await pledging.begin(alpha, beta)
    giver, project = await make.log_in(beta, scene.bea), await make.log_in(alpha, scene.ann)
    there = f"/projects/cistern@{alpha.host}"
    page = (await giver.get(f"{there}/pledges/new")).text
    need = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>Gravel', page)
    assert need
    path = await does(
        giver,
        f"{there}/pledges",
        giver=str(beta.instance.city_id),
        need=need[1],
        kind="material",
        quantity="4",
        unit="t",
        note="From our quarry.",
    )
    await settle(alpha, beta)
    answering = await the_pledge(project)
    assert "From our quarry." in (await project.get(answering)).text
    await does(project, f"{answering}/answer", said="accepted", edition="1")
    await settle(alpha, beta)

    for amount, shown in (("1,5", "angekommen: 1,5 von 4 t"), ("2,5", "Alles ist angekommen")):
        wire.cut(alpha.host)
        await does(giver, f"{path}/deliveries", amount=amount)
        await settle(alpha, beta)
        wire.mend(alpha.host)
        for city in (alpha, beta):
            await fast_forward(city)
        await settle(alpha, beta)
        page = (await project.get(answering)).text
        waiting = re.findall(r'action="(/pledges/[^"]+/deliveries/[^"]+)"', page)
        wire.double = True
        await does(project, waiting[0], came="confirmed")
        await settle(alpha, beta)
        wire.double = False
        for browser, project_page in ((giver, there), (project, "/projects/cistern")):
            assert shown in (await browser.get(project_page)).text.replace("\xa0", " ")
    for city in (alpha, beta):
        assert await pledging.counted(city, scene.need) == ("0", "4")
        where = "/pledges" if city is beta else "/projects/cistern"
        async with make.guest(city) as guest:
            assert "Alles ist angekommen" in (await guest.get(where)).text
    told = (await giver.get("/notices")).text
    assert "nimmt eure Zusage" in told and "angekommen ist" in told
