"""The page on which a blueprint is adopted."""

import re
from dataclasses import replace
from decimal import Decimal

from schema import blueprints
from tests import make
from tests.federation.acts.test_adoption import LINES, STEPS, a_version, step
from tests.world import City, settle


async def test_a_resident_sees_what_can_be_met_where_and_adopts(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    await make.a_proposal(alpha, ann, "Panel", quantity=Decimal(30))
    await make.a_proposal(beta, ben, "Cable", quantity=Decimal(100), unit="m")
    await make.a_proposal(alpha, ann, "Drill, on loan")
    await settle(alpha, beta)
    version = await a_version(alpha, ann, LINES, STEPS)
    path = f"/blueprints/{version.id}/adoption"
    async with await make.log_in(alpha, await make.a_person(alpha, "eve")) as eve:
        page = (await eve.get(f"{path}?scale=12")).text
        assert "2 von 5 gibt es hier, 1 im Netz, 2 sind offen." in page
        assert "24\u00a0Stück" in page and "30\u00a0m" in page
        checked = re.findall(r'value="(\w+)" checked', page)
        assert checked[:2] == ["box", "wood"]
        done = await eve.submit(
            path, {"scale": "12", "title": "Solar", "name": "solar", "publish": ["box", "wood"]}
        )
        assert done.headers["location"] == "/projects/solar"
        shown = (await eve.get("/projects/solar")).text
        assert "Village solar" in shown and "Was jetzt fehlt" in shown and "box" in shown
        following = (await eve.get(path)).text
        assert "Andere, die es bauen" in following
    assert await alpha.value("select count(*) from proposals where purpose = 'request'") == 2


async def test_what_is_wrong_is_said_beside_what_was_chosen(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    version = await a_version(alpha, ann, LINES, STEPS)
    path = f"/blueprints/{version.id}/adoption"
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.get(f"{path}?scale=0")).status_code == 422
        assert (await browser.get(f"{path}?scale=x")).status_code == 422
        wrong = await browser.submit(path, {"scale": "12", "title": " ", "publish": ["steel"]})
        assert wrong.status_code == 422
        assert 'value="steel" checked' in wrong.text
        assert 'value="box" checked' not in wrong.text
        assert 'name="scale" value="12"' in wrong.text
    assert await alpha.value("select count(*) from projects") == 0
    guest = await make.guest(alpha).get(path)
    assert "/login" in str(guest.url)


async def test_a_circle_of_steps_is_said_on_the_page(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    version = await a_version(alpha, ann, LINES, [step("a", "b"), step("b", "a")])
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.get(f"/blueprints/{version.id}/adoption")
        assert answer.status_code == 422
        assert "Schritte dieses Bauplans warten im Kreis aufeinander." in answer.text


async def test_a_steward_takes_a_newer_version_over(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    version = await a_version(alpha, ann, LINES, STEPS)
    async with alpha.instance.read() as conn:
        blueprint = await blueprints.get(conn, version.blueprint_id)
    newer = await a_version(alpha, ann, LINES[:1], STEPS, blueprint=blueprint, number=2)
    other = await a_version(alpha, ann, LINES, STEPS)
    async with await make.log_in(alpha, ann) as browser:
        chosen = {"scale": "2", "title": "Solar", "name": "solar"}
        await browser.submit(f"/blueprints/{version.id}/adoption", chosen)
        async with alpha.instance.begin() as tx:
            await blueprints.update(tx.conn, replace(blueprint, latest_id=newer.id))
        offered = (await browser.get("/projects/solar")).text
        assert "Es gibt eine neuere Fassung" in offered and "5 Zeilen geändert" in offered
        assert f"/differences?from={version.id}&amp;to={newer.id}" in offered
        taken = await browser.submit("/projects/solar/version", {"version": str(newer.id)})
        assert taken.status_code == 303
        wrong = await browser.submit("/projects/solar/version", {"version": str(other.id)})
        assert wrong.status_code == 409
        page = (await browser.get("/projects/solar")).text
        assert "hat eine neuere Fassung" in page
        assert "Es gibt eine neuere Fassung" not in page
    assert await alpha.value("select count(*) from project_needs") == 1
