"""Telling how building went, here and in another city."""

from schema import blueprints, build_reports
from schema.actors import Actor
from tests import make
from tests.world import City, settle

TOLD = {
    "worked": "yes",
    "worked_note": "It stands.",
    "replaced": "spruce instead of larch",
    "conditions": "steep",
    "cost": "320",
    "hours": "14,5",
    "people": "3",
    "scale": "2",
}


async def test_what_was_told_stands_on_the_blueprint(alpha: City, ann: Actor, ben: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench")
    browser = await make.log_in(alpha, ben)
    assert (await browser.get(f"{row.url}/reports/new")).status_code == 200
    assert (await browser.submit(f"{row.url}/reports", TOLD)).status_code == 303
    page = (await make.guest(alpha).get(row.url)).text
    assert "spruce instead of larch" in page and "320" in page
    assert "wie der Bau von" in (await (await make.log_in(alpha, ann)).get("/notices")).text


async def test_it_travels_back_to_the_origin(alpha: City, beta: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench")
    await settle(alpha, beta)
    async with beta.instance.read() as conn:
        there = await blueprints.find(conn, row.uri)
    assert there is not None
    bea = await make.log_in(beta, await make.a_person(beta, "bea"))
    assert (await bea.submit(f"{there.url}/reports", TOLD)).status_code == 303
    await settle(alpha, beta)
    async with alpha.instance.read() as conn:
        (found,) = await build_reports.list_of(conn, row.id)
    assert (found.worked, found.cost, str(found.hours), found.people) == (True, 320, "14.500", 3)
    assert found.author_host == "beta.test" and found.replaced == "spruce instead of larch"


async def test_without_an_answer_to_the_first_question_nothing_is_kept(
    alpha: City, ann: Actor
) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench")
    browser = await make.log_in(alpha, ann)
    answer = await browser.submit(f"{row.url}/reports", {**TOLD, "worked": "perhaps"})
    assert answer.status_code == 422


async def test_only_who_has_a_say_removes_one(alpha: City, ann: Actor, ben: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench")
    browser = await make.log_in(alpha, ben)
    await browser.submit(f"{row.url}/reports", TOLD)
    async with alpha.instance.read() as conn:
        (found,) = await build_reports.list_of(conn, row.id)
    path = f"{row.url}/reports/{found.id}/removal"
    other = await make.log_in(alpha, await make.a_person(alpha, "cem"))
    assert (await other.submit(path, {})).status_code == 403
    assert (await browser.submit(path, {})).status_code == 303
    assert "spruce" not in (await make.guest(alpha).get(row.url)).text
