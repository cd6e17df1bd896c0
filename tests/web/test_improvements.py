"""An own version is offered to the original, whose author takes over what fits."""

from dataclasses import replace
from decimal import Decimal

from schema import blueprints
from schema.actors import Actor
from schema.blueprints import Version
from schema.instructions import line
from tests import make
from tests.world import City, settle

BOARD, NAIL, SCREW = line("a", "Board", quantity=Decimal(2)), line("b", "Nail"), line("c", "Screw")


async def latest(city: City, uri: str) -> Version:
    async with city.instance.read() as conn:
        row = await blueprints.find(conn, uri)
        assert row is not None and row.latest_id is not None
        return await blueprints.get_version(conn, row.latest_id)


async def test_the_author_takes_over_chosen_lines_from_another_city(
    alpha: City, beta: City, ann: Actor
) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench", lines=(BOARD, NAIL))
    await settle(alpha, beta)
    bea = await make.a_person(beta, "bea")
    better = (replace(BOARD, quantity=Decimal(3)), SCREW)
    fork = await make.a_blueprint(
        beta, bea, "Bench for two", lines=better, fork=await latest(beta, row.uri)
    )
    await settle(alpha, beta)
    offering = await make.log_in(beta, bea)
    assert (await offering.submit(f"{fork.url}/offer", {"text": "Holds."})).status_code == 303
    assert (await offering.submit(f"{fork.url}/offer", {})).status_code == 409
    await settle(alpha, beta)
    browser = await make.log_in(alpha, ann)
    page = (await browser.get(f"{row.url}/lineage")).text
    assert "Bench for two" in page and "Holds." in page
    offered = await latest(alpha, fork.uri)
    address = f"{row.url}/differences?from={row.latest_id}&to={offered.id}"
    assert "/taking" in (await browser.get(address)).text
    id = await alpha.value("select id from improvements")
    stranger = await make.log_in(alpha, await make.a_person(alpha, "cem"))
    path = f"/blueprints/improvements/{id}/taking"
    assert (await stranger.submit(path, {"lines": ["a"]})).status_code == 403
    assert (await browser.submit(path, {"lines": ["a", "c"]})).status_code == 303
    new = await latest(alpha, row.uri)
    async with alpha.instance.read() as conn:
        lines = await blueprints.list_lines(conn, new.id)
    assert [(o.name, o.quantity) for o in lines] == [("Board", 3), ("Nail", None), ("Screw", None)]
    assert new.number == 2 and "Bench for two" in new.changes
    assert (await browser.submit(path, {})).status_code == 409


async def test_what_is_no_own_version_is_not_offered(alpha: City, ann: Actor, ben: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench")
    browser = await make.log_in(alpha, ben)
    assert (await browser.submit(f"{row.url}/offer", {})).status_code == 404
    fork = await make.a_blueprint(alpha, ann, "Mine", fork=await latest(alpha, row.uri))
    assert (await browser.submit(f"{fork.url}/offer", {})).status_code == 403
