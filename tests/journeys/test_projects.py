"""From a blueprint of the metropolis to a project of a settlement, built by people of three."""

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from federation import resolve
from federation.acts import project_needs
from tests import make
from tests.federation.acts.test_adoption import LINES, STEPS, a_version
from tests.make import Browser
from tests.world import City, settle


async def counted(city: City) -> None:
    """What the worker does after each step of an agreement."""
    listings = await city.value("select array_agg(id) from proposals where purpose = 'request'")
    for id in listings or ():
        async with city.instance.begin() as tx:
            await project_needs.count(tx, id)


async def board(browser: Browser) -> str:
    """The path of the one agreement on somebody's board."""
    found = re.search(
        r'href="(/agreements/[0-9a-f-]{36})"', (await browser.get("/agreements")).text
    )
    assert found
    return found[1]


async def does(browser: Browser, path: str, **form: Any) -> None:
    done = await browser.submit(path, form)
    assert done.status_code == 303, f"{path}: {done.status_code}"


async def test_a_settlement_adopts_publishes_and_is_helped_from_a_third_city(
    alpha: City, beta: City, gamma: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    eve = await make.a_person(gamma, "eve")
    await make.a_proposal(beta, ben, "Panel", quantity=Decimal(30))
    version = await a_version(alpha, ann, LINES, STEPS)
    author = await resolve.actor(beta.instance, ann.uri)
    copy = await a_version(beta, author, LINES, STEPS, uri=version.uri)
    steward, helper = await make.log_in(beta, ben), await make.log_in(gamma, eve)

    path = f"/blueprints/{copy.id}/adoption"
    page = (await steward.get(f"{path}?scale=12")).text
    open_lines = re.findall(r'name="publish" value="(\w+)" checked', page)
    assert open_lines == ["box", "cable", "wood", "drill"], "of a choice one is enough"
    chosen = {"scale": "12", "title": "Solar", "name": "solar", "publish": open_lines}
    await does(steward, path, **chosen)
    await settle(alpha, beta, gamma)
    origin = "select trim_scale(scale)::text from adoptions where project_uri like %s"
    assert await alpha.value(origin, "%beta.test%") == "12"

    there = f"/projects/solar@{beta.host}"
    page = (await helper.get(there)).text
    assert "Das übernehme ich" in page and page.count("Das kann ich geben") >= 3
    task: UUID = await gamma.value("select id from tasks where name = 'Test'")
    await does(helper, f"{there}/tasks/{task}/taking")
    need = await gamma.value("select id from proposals where title = 'box'")
    await does(helper, f"/needs/{need}/asking", amount="1", words="Habe ich.")
    await settle(alpha, beta, gamma)
    his = await board(steward)
    await does(steward, f"{his}/acceptance")
    await settle(alpha, beta, gamma)
    hers = await board(helper)
    await does(helper, f"{hers}/hand-over")
    await settle(alpha, beta, gamma)
    await does(steward, f"{his}/hand-over")
    await does(helper, f"{there}/tasks/{task}/end")
    await settle(alpha, beta, gamma)
    await counted(beta)
    await settle(alpha, beta, gamma)

    for browser, at in ((steward, "/projects/solar"), (helper, there)):
        shown = (await browser.get(at)).text
        assert "Eve hat „Test“ erledigt." in shown, at
        given = shown[shown.index("Was gegeben wurde") :]
        assert "box" in given and "Eve" in given, at
    met = "select array_agg(line_key order by line_key) from project_needs where met >= quantity"
    assert await alpha.value(met) == await beta.value(met) == await gamma.value(met) == ["box"]
