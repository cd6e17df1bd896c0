"""A project of one city tells the city of its blueprint how building went."""

from schema import actors
from schema.actors import Actor
from schema.blueprints import Blueprint
from schema.instructions import line
from tests import make
from tests.make import Browser
from tests.web.test_build_reports import TOLD
from tests.world import City, settle


async def adopted(alpha: City, beta: City, ann: Actor, *more: City) -> tuple[Blueprint, Browser]:
    """A blueprint of alpha, and the browser of the steward in beta who builds it three times."""
    row = await make.a_blueprint(alpha, ann, "Bench", lines=(line("a", "Board", position=0),))
    await settle(alpha, beta, *more)
    version = await beta.value("select id from blueprint_versions")
    steward = await make.log_in(beta, await make.a_person(beta, "bea"))
    chosen = {"scale": "3", "title": "Benches", "name": "benches", "place_name": "Wien"}
    begun = await steward.submit(f"/blueprints/{version}/adoption", chosen)
    assert begun.headers["location"] == "/projects/benches"
    await settle(alpha, beta, *more)
    return row, steward


async def test_the_origin_counts_it_as_built_and_shows_the_report_beside_the_place(
    alpha: City, beta: City, gamma: City, ann: Actor
) -> None:
    row, steward = await adopted(alpha, beta, ann, gamma)
    author = await make.log_in(alpha, ann)
    assert "1 Mal gebaut" not in (await author.get(row.url)).text
    form = await steward.get("/projects/benches/report")
    assert 'value="3"' in form.text and "Wien" in form.text
    done = await steward.submit("/projects/benches/report", TOLD)
    assert done.headers["location"] == "/projects/benches#reports"
    await settle(alpha, beta, gamma)
    own = (await steward.get("/projects/benches")).text
    assert "spruce instead of larch" in own and "Gebaut" in own
    for city in (alpha, beta, gamma):
        query = """select count(*) from build_reports r join adoptions a on a.id = r.adoption_id
                   where a.state = 'built'"""
        assert await city.value(query) == 1, city.origin
    lineage = (await author.get(f"{row.url}/lineage")).text
    report = await alpha.value("select id from build_reports")
    assert f'href="{row.url}/reports/{report}"' in lineage
    assert "Es funktioniert: so ist es gegangen" in lineage and "Gebaut: 1" in lineage
    assert "1 Mal gebaut" in (await author.get(row.url)).text
    shown = (await make.guest(alpha).get(f"{row.url}/reports/{report}")).text
    assert "spruce instead of larch" in shown and "/projects/benches@beta.test" in shown


async def test_what_did_not_work_is_told_and_builds_nothing(
    alpha: City, beta: City, ann: Actor
) -> None:
    await adopted(alpha, beta, ann)
    path = "/projects/benches/report"
    other = await make.log_in(beta, await make.a_person(beta, "ben"))
    assert (await other.submit(path, TOLD)).status_code == 403
    steward = await make.log_in(beta, await _bea(beta))
    assert (await steward.submit(path, {**TOLD, "worked": "no"})).status_code == 303
    await settle(alpha, beta)
    assert await alpha.value("select state from adoptions") == "planned"
    assert await alpha.value("select adoption_id is not null from build_reports") is True


async def _bea(beta: City) -> Actor:
    async with beta.instance.read() as conn:
        found = await actors.find_by_handle(conn, "bea", "")
    assert found is not None
    return found


async def test_a_report_that_comes_before_its_plan_finds_its_adoption(
    alpha: City, beta: City, ann: Actor
) -> None:
    await adopted(alpha, beta, ann)
    await alpha.execute("delete from adoptions")
    await alpha.execute("update projects set edition = 0")
    steward = await make.log_in(beta, await _bea(beta))
    await steward.submit("/projects/benches/report", {**TOLD, "worked": "no"})
    await settle(alpha, beta)
    assert await alpha.value("select count(adoption_id) from build_reports") == 0
    await steward.submit("/projects/benches/state", {"state": "built"})
    await settle(alpha, beta)
    assert await alpha.value("select state from adoptions") == "built"
    assert await alpha.value("select count(adoption_id) from build_reports") == 1


async def test_it_is_served_at_its_own_id_until_it_is_removed(
    alpha: City, beta: City, ann: Actor
) -> None:
    await adopted(alpha, beta, ann)
    steward = await make.log_in(beta, await _bea(beta))
    await steward.submit("/projects/benches/report", TOLD)
    await settle(alpha, beta)
    uri = await alpha.value("select uri from build_reports")
    document = (await beta.document(uri.removeprefix(beta.origin))).json()
    assert document["id"] == uri and document["buildReport"]["worked"] is True
    assert document["buildReport"]["project"] == f"{beta.origin}/communities/benches"
    path = uri.removeprefix(beta.origin)
    assert (await steward.submit(f"{path}/removal", {})).status_code == 303
    assert (await beta.document(path)).status_code == 410
    await settle(alpha, beta)
    assert await alpha.value("select removed_at is not null from build_reports") is True
