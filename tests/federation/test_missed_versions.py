"""Versions of blueprints that were missed on the wire are fetched when they are wanted."""

from schema import blueprints
from schema.actors import Actor
from schema.blueprints import Blueprint
from schema.instructions import line
from tests import make
from tests.federation.test_discover import do_jobs
from tests.web.test_build_reports import TOLD
from tests.world import City, Wire, fast_forward, settle


async def missed(alpha: City, beta: City, ann: Actor) -> tuple[Blueprint, Blueprint]:
    """A blueprint of alpha in its third version, and what beta knows: the first one."""
    row = await make.a_blueprint(alpha, ann, "Cistern")
    await settle(alpha, beta)
    for title in ("Cistern, deeper", "Cistern, with a lid"):
        row = await make.a_version(alpha, ann, row, title)
    await alpha.execute("delete from deliveries")
    await settle(alpha, beta)
    async with beta.instance.read() as conn:
        there = await blueprints.find(conn, row.uri)
    assert there is not None and there.title == "Cistern"
    return row, there


async def unheard(alpha: City, beta: City, wire: Wire) -> None:
    """What alpha has said reaches beta, and never the third city."""
    wire.cut("gamma.test")
    await settle(alpha, beta)
    await alpha.execute("delete from deliveries")
    wire.mend("gamma.test")


async def test_opening_the_blueprint_brings_the_newest_and_those_between(
    alpha: City, beta: City, ann: Actor
) -> None:
    _, there = await missed(alpha, beta, ann)
    reader = await make.log_in(beta, await make.a_person(beta, "bea"))
    await reader.get(there.url)
    await do_jobs(beta)
    page = (await reader.get(there.url)).text
    assert "Cistern, with a lid" in page
    titles = "select array_agg(title order by number) from blueprint_versions"
    assert await beta.value(titles) == ["Cistern", "Cistern, deeper", "Cistern, with a lid"]
    assert await beta.value("select count(*) from blueprints") == 1, "a version is no blueprint"
    uris = "select array_agg(uri order by number) from blueprint_versions"
    assert await beta.value(uris) == await alpha.value(uris)


async def test_a_plan_that_follows_an_unknown_version_brings_it_and_counts(
    alpha: City, beta: City, gamma: City, wire: Wire, ann: Actor
) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench", lines=(line("a", "Board", position=0),))
    await unheard(alpha, beta, wire)
    steward = await make.log_in(beta, await make.a_person(beta, "bea"))
    version = await beta.value("select id from blueprint_versions")
    chosen = {"scale": "3", "title": "Benches", "name": "benches"}
    await steward.submit(f"/blueprints/{version}/adoption", chosen)
    await settle(beta, gamma)
    assert await gamma.value("select count(*) from adoptions") == 0
    await do_jobs(gamma)
    assert await gamma.value("select title from blueprints") == row.title
    assert await gamma.value("select count(*) from adoptions") == 1


async def test_a_report_about_an_unknown_version_waits_for_it(
    alpha: City, beta: City, gamma: City, wire: Wire, ann: Actor
) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench")
    await unheard(alpha, beta, wire)
    there = await beta.value("select id from blueprints")
    teller = await make.log_in(beta, await make.a_person(beta, "bea"))
    await teller.submit(f"/blueprints/{there}/reports", TOLD)
    await settle(beta, gamma)
    assert await gamma.value("select count(*) from build_reports") == 0
    await do_jobs(gamma)
    await fast_forward(gamma)
    await settle(beta, gamma)
    assert await gamma.value("select count(*) from build_reports") == 1
    assert await gamma.value("select title from blueprints") == row.title
