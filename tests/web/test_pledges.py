"""Pledges on the pages: promised, answered, brought, confirmed; and who sees what."""

import re
from decimal import Decimal

from federation.acts import project_needs
from schema.actors import Actor
from schema.communities import Community
from tests import make, pledging
from tests.make import Browser
from tests.world import City, settle


async def _cistern(alpha: City, ben: Actor, **more: str) -> None:
    """Ben's project of the same city."""
    project = await make.a_project(alpha, ben, **more)
    async with alpha.instance.begin() as tx:
        for name, unit in (("Gravel", "t"), ("Planks", "m")):
            draft = project_needs.NeedDraft(name, Decimal(5), unit)
            await project_needs.add(tx, by=ben, project=project, draft=draft)


async def _form(browser: Browser, need: str, garden: Community) -> dict[str, str]:
    page = (await browser.get("/projects/cistern/pledges/new")).text
    line = re.search(rf'<option value="([0-9a-f-]{{36}})"[^>]*>{need} ', page)
    assert line and str(garden.actor_id) in page
    return {"giver": str(garden.actor_id), "need": line[1], "kind": "material", "unit": "t"}


async def test_within_a_city_it_goes_from_the_form_to_what_is_missing(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await _cistern(alpha, ben)
    giver, project = await make.log_in(alpha, ann), await make.log_in(alpha, ben)
    assert "Unterstützung zusagen" in (await giver.get("/projects/cistern")).text
    need = await alpha.value("select id from project_needs where name = 'Gravel'")
    shortcut = f"/projects/cistern/pledges/new?need={need}"
    assert shortcut in (await giver.get("/projects/cistern")).text
    assert 'value="Gravel"' in (await giver.get(shortcut)).text
    form = await _form(giver, "Gravel", garden)
    for wrong in ({"quantity": "6"}, {"quantity": "0"}, {"quantity": "2", "unit": "kWh"}):
        answer = await giver.submit("/projects/cistern/pledges", {**form, **wrong})
        assert answer.status_code == 422, wrong
    made = await giver.submit("/projects/cistern/pledges", {**form, "quantity": "2,5"})
    path = made.headers["location"]
    assert "Noch keine Antwort" in (await giver.get(path)).text
    assert "„Gravel“ zu. Nehmt ihr an?" in (await project.get("/notices")).text
    assert "Deine Antwort" in (await project.get("/pledges")).text
    page = (await project.get(path)).text
    assert "Ja, gern" in page and "Ist etwas davon gebracht?" not in page
    old = {"said": "accepted", "edition": "2"}
    assert (await project.submit(f"{path}/answer", old)).status_code == 409
    await project.submit(f"{path}/answer", {"said": "accepted", "edition": "1"})
    too_much = await giver.submit(f"{path}/deliveries", {"amount": "3"})
    assert too_much.status_code == 422 and "So viel ist von dieser Zusage" in too_much.text
    await giver.submit(f"{path}/deliveries", {"amount": "2", "note": "Behind the barn"})
    found = re.search(r'action="(/pledges/[^"]+/deliveries/[^"]+)"', (await project.get(path)).text)
    assert found
    await project.submit(found[1], {"came": "confirmed"})
    await project.submit(found[1], {"came": "confirmed"})
    async with make.guest(alpha) as guest:
        shown = (await guest.get("/projects/cistern")).text.replace("\xa0", " ")
        assert "angekommen: 2 von 2,5 t" in shown and "2 t davon sind da" in shown
        assert 'href="/communities/garden"' in shown
        for where in ("/pledges", "/communities/garden/pledges"):
            assert "Gravel" in (await guest.get(where)).text
    assert await alpha.value("select trim_scale(met)::text from project_needs where met > 0") == "2"


async def test_what_is_not_answered_is_seen_by_the_two_sides_alone(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await _cistern(alpha, ben)
    giver = await make.log_in(alpha, ann)
    form = await _form(giver, "Planks", garden)
    made = await giver.submit(
        "/projects/cistern/pledges", {**form, "need": "", "title": "Secret", "quantity": "1"}
    )
    path = made.headers["location"]
    eve = await make.log_in(alpha, await make.a_person(alpha, "eve"))
    for browser in (eve, make.guest(alpha)):
        assert (await browser.get(path)).status_code == 404
        for where in ("/projects/cistern", "/pledges", "/communities/garden/pledges"):
            page = await browser.get(where)
            assert page.status_code == 200 and "Secret" not in page.text, where
    assert (await eve.get("/projects/cistern/pledges/new")).status_code == 403
    assert (await eve.submit(f"{path}/withdrawal", {"reason": "x"})).status_code == 404
    answered = await giver.submit(f"{path}/answer", {"said": "accepted", "edition": "1"})
    assert answered.status_code == 403
    assert await alpha.value("select answer from pledges") == ""
    await giver.submit(f"{path}/settings", {**form, "need": "", "title": "Sand", "quantity": "3"})
    assert await alpha.value("select title || edition from pledges") == "Sand2"
    await giver.submit(f"{path}/withdrawal", {"reason": "We have none"})
    assert "We have none" in (await giver.get(path)).text


async def test_what_goes_to_a_hidden_project_is_seen_by_its_members_alone(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await _cistern(alpha, ben, join_rule="hidden")
    giver, project = await make.log_in(alpha, ann), await make.log_in(alpha, ben)
    assert (await giver.get("/projects/cistern/pledges/new")).status_code == 404
    await alpha.execute(
        """insert into memberships (community_id, person_id, state, role)
           select community_id, %s, 'member', 'member' from projects""",
        ann.id,
    )
    form = await _form(giver, "Gravel", garden)
    made = await giver.submit("/projects/cistern/pledges", {**form, "quantity": "1"})
    path = made.headers["location"]
    await project.submit(f"{path}/answer", {"said": "accepted", "edition": "1"})
    assert (await project.get(path)).status_code == 200
    async with make.guest(alpha) as guest:
        assert (await guest.get(path)).status_code == 404
        for where in ("/pledges", "/communities/garden/pledges"):
            assert "istern" not in (await guest.get(where)).text
    assert (await alpha.document(path)).status_code == 404


async def test_an_admin_pledges_for_the_city_and_the_network_sees_it(
    alpha: City, beta: City
) -> None:
    scene = await pledging.begin(alpha, beta)
    async with await make.log_in(beta, scene.bea) as browser:
        path = f"/projects/cistern@{alpha.host}"
        assert "Unterstützung zusagen" in (await browser.get(path)).text
        city = str(beta.instance.city_id)
        need = await beta.value("select id from project_needs")
        form = {"giver": city, "need": str(need), "quantity": "2", "unit": "t", "kind": "material"}
        made = await browser.submit(f"{path}/pledges", form)
        assert made.status_code == 303
    await settle(alpha, beta)
    uri = await beta.value("select uri from pledges")
    await pledging.answer(scene, uri)
    await settle(alpha, beta)
    for city, where in ((alpha, "/projects/cistern"), (beta, "/pledges")):
        async with make.guest(city) as guest:
            assert "Gravel" in (await guest.get(where)).text
