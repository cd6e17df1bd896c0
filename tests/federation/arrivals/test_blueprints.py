"""Blueprints of another city: they come whole, get new versions, go; nobody else changes them."""

from decimal import Decimal

import pytest

from federation.acts import blueprints as acts
from schema import blueprints
from schema.actors import Actor
from schema.blueprints import Blueprint, Step
from schema.instructions import NOBODYS, line
from tests import make, talk
from tests.world import City, settle

LINES = (
    line("a", "Gravel", quantity=Decimal("1.5"), unit="m3", scaling="fixed", note="washed"),
    line("b", "Pump", choice="water", category="water.pipe"),
    line("c", "Hand pump", choice="water", scaling="step", step=Decimal(12)),
    line("d", "Spade", kind="tool"),
)


async def copy(city: City, row: Blueprint) -> Blueprint | None:
    async with city.instance.read() as conn:
        return await blueprints.find(conn, row.uri)


async def test_it_comes_whole(alpha: City, beta: City, ann: Actor) -> None:
    row = await make.a_blueprint(
        alpha, ann, "Cistern", lines=LINES, source="*Dig.*", license="CC0-1.0", cost_low=5
    )
    await settle(alpha, beta)
    there = await copy(beta, row)
    assert there is not None and there.latest_id and row.latest_id
    async with alpha.instance.read() as conn:
        sent = await blueprints.get_version(conn, row.latest_id)
        ours = await blueprints.list_lines(conn, row.latest_id)
    async with beta.instance.read() as conn:
        came = await blueprints.get_version(conn, there.latest_id)
        theirs = await blueprints.list_lines(conn, there.latest_id)
    assert (came.hash, came.uri, came.number) == (sent.hash, sent.uri, 1)
    assert there.license == "CC0-1.0" and came.cost_low == 5 and "<em>" in came.html
    assert [(o.key, o.choice, o.scaling, o.step, o.quantity) for o in theirs] == [
        (o.key, o.choice, o.scaling, o.step, o.quantity) for o in ours
    ]


async def test_a_new_version_comes_beside_the_old_one(alpha: City, beta: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Cistern")
    await settle(alpha, beta)
    await make.a_version(alpha, ann, row, "Cistern with a lid")
    await settle(alpha, beta)
    there = await copy(beta, row)
    assert there is not None and there.title == "Cistern with a lid"
    async with beta.instance.read() as conn:
        versions = await blueprints.list_versions(conn, there.id)
    assert [one.number for one in versions] == [2, 1]
    assert versions[0].based_on == versions[1].uri


async def test_what_its_author_takes_back_goes(alpha: City, beta: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Shed")
    await settle(alpha, beta)
    async with alpha.instance.begin() as tx:
        await acts.withdraw(tx, by=ann, blueprint=row)
    await settle(alpha, beta)
    there = await copy(beta, row)
    assert there is not None and there.state == "withdrawn"


async def test_what_is_for_this_city_never_leaves(alpha: City, beta: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Cellar", scope="city")
    await settle(alpha, beta)
    assert await copy(beta, row) is None


async def test_what_is_for_neighbours_stays_with_them(alpha: City, beta: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Cellar", scope="neighbours")
    await settle(alpha, beta)
    there = await copy(beta, row)
    assert there is not None and there.scope == "neighbours"
    assert (await alpha.document(row.url)).status_code == 404


async def test_a_community_s_own_comes_to_its_members(
    alpha: City, beta: City, ann: Actor, ben: Actor
) -> None:
    garden = await make.a_community(alpha, ann)
    far = await make.a_person(beta, "bea")
    await talk.join(beta, far, garden, alpha)
    row = await make.a_blueprint(alpha, ann, "Bed", community=garden, scope="community")
    await settle(alpha, beta)
    there = await copy(beta, row)
    assert there is not None and there.scope == "community" and there.community_id


async def test_nobody_else_changes_it(alpha: City, beta: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Cistern")
    await settle(alpha, beta)
    there = await copy(beta, row)
    bea = await make.a_person(beta, "bea")
    assert there is not None
    with pytest.raises(Exception, match="Only its author"):
        await make.a_version(beta, bea, there, "Mine now")


async def test_a_city_that_is_linked_later_finds_it(alpha: City, beta: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Cistern")
    page = (await alpha.document("/city/blueprints?page=first")).json()
    assert page["orderedItems"] == [row.uri]
    served = (await alpha.document(row.url)).json()
    assert served["id"] == row.uri and served["type"] == "Article"
    version = (await alpha.document(f"{row.url}/versions/1")).json()
    assert version["id"] == f"{row.uri}/versions/1" and version["specializationOf"] == row.uri


async def test_own_versions_across_cities_keep_where_they_come_from(
    alpha: City, beta: City, ann: Actor
) -> None:
    row = await make.a_blueprint(alpha, ann, "Cistern")
    await settle(alpha, beta)
    there = await copy(beta, row)
    bea = await make.a_person(beta, "bea")
    assert there is not None and there.latest_id
    async with beta.instance.read() as conn:
        version = await blueprints.get_version(conn, there.latest_id)
    fork = await make.a_blueprint(beta, bea, "Cistern for clay", fork=version)
    await settle(alpha, beta)
    home = await copy(alpha, fork)
    assert home is not None and home.forked_from == f"{row.uri}/versions/1"


async def test_lines_keep_the_order_of_their_author_and_the_same_digest(
    alpha: City, beta: City, ann: Actor
) -> None:
    steps = tuple(
        Step(NOBODYS, key, place, key, "", "", [], None, None, [])
        for place, key in enumerate(("dig", "lay"))
    )
    lines = (
        line("pipe", "Pipe", step_key="lay"),
        line("sand", "Sand"),
        line("spade", "Spade", step_key="dig"),
    )
    await make.a_blueprint(alpha, ann, "Drain", lines=lines, steps=steps)
    await settle(alpha, beta)
    keys = "select array_agg(key order by position) from blueprint_lines"
    assert await alpha.value(keys) == await beta.value(keys) == ["pipe", "sand", "spade"]
    digest = "select hash from blueprint_versions"
    assert await alpha.value(digest) == await beta.value(digest)
