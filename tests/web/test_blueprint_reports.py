"""A blueprint is reported as such, here and at its origin, and can be removed for it."""

from schema.actors import Actor
from tests import make
from tests.world import City, settle


async def test_the_report_names_the_blueprint_and_a_moderator_removes_it(
    alpha: City, ann: Actor, ben: Actor
) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench", source="Saw *without* a guard.")
    browser = await make.log_in(alpha, ben)
    assert f"/reports/new?blueprint={row.id}" in (await browser.get(row.url)).text
    form = (await browser.get(f"/reports/new?blueprint={row.id}")).text
    assert f'name="blueprint" value="{row.id}"' in form and "Bench" in form
    said = {"blueprint": str(row.id), "harm": "danger"}
    sent = await browser.submit("/reports", said)
    assert (sent.status_code, sent.headers["location"]) == (303, row.url)
    assert (await browser.submit("/reports", said)).status_code == 409
    report = await alpha.value("select id from reports")
    admin = await make.log_in(alpha, await make.an_admin(alpha))
    assert "Bench" in (await admin.get("/admin/reports")).text
    shown = (await admin.get(f"/admin/reports/{report}")).text
    assert "<em>without</em>" in shown and row.url in shown
    done = {"measure": "remove", "reason": "Dangerous.", "outcome": "It is gone."}
    assert (await admin.submit(f"/admin/reports/{report}", done)).status_code == 303
    assert (await make.guest(alpha).get(row.url)).status_code == 404
    assert await alpha.value("select state from reports") == "done"


async def test_its_origin_hears_which_one_it_is(alpha: City, beta: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench")
    await settle(alpha, beta)
    there = await beta.value("select id from blueprints")
    browser = await make.log_in(beta, await make.a_person(beta, "bea"))
    said = {"blueprint": str(there), "harm": "danger", "forward": "1"}
    assert (await browser.submit("/reports", said)).status_code == 303
    await settle(alpha, beta)
    assert await alpha.value("select blueprint_id from reports") == row.id
    assert await alpha.value("select actor_id from reports") == ann.id
