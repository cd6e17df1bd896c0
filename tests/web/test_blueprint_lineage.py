"""Where a blueprint went, and what two versions differ in."""

from dataclasses import replace
from decimal import Decimal

from federation.acts import lineage
from schema import actors, blueprints
from schema.actors import Actor
from schema.instructions import line
from tests import make
from tests.world import City

BOARD = line("a", "Board", quantity=Decimal(2), unit="m")


async def test_the_tree_shows_who_builds_which_version(alpha: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench")
    project = await make.a_project(alpha, ann, "square", title="Bench on the square")
    async with alpha.instance.begin() as tx:
        version = await blueprints.get_version(tx.conn, row.latest_id or row.id)
        group = await actors.get(tx.conn, project.community_id)
        for state in ("planned", "built"):  # said again, it changes what was said
            await lineage.adopted(
                tx,
                by=group,
                version=version,
                place_name="Wien",
                latitude=48.2,
                longitude=16.4,
                scale=Decimal(3),
                state=state,
            )
    page = (await make.guest(alpha).get(f"{row.url}/lineage")).text
    assert page.count("Bench on the square") == 1 and "3 ×" in page
    assert "1 Mal gebaut" in (await make.guest(alpha).get("/blueprints")).text


async def test_it_counts_how_often_it_was_built_near_and_in_places_of_this_size(
    alpha: City, ann: Actor
) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench")
    built = {"Wien": (48.2, 16.37), "Güssing": (47.06, 16.32), "Hamburg": (53.55, 9.99)}
    for number, (place, at) in enumerate(built.items()):
        project = await make.a_project(alpha, ann, f"bench_{number}")
        async with alpha.instance.begin() as tx:
            version = await blueprints.get_version(tx.conn, row.latest_id or row.id)
            group = await actors.get(tx.conn, project.community_id)
            await lineage.adopted(
                tx,
                by=group,
                version=version,
                place_name=place,
                latitude=at[0],
                longitude=at[1],
                state="built",
            )
    said = {
        ("Graz", 47.07, 15.44): "1 davon in deiner Nähe, 2 in Orten wie deinem (Großstädte)",
        ("Kirchbach", 46.93, 15.66): "1 davon in deiner Nähe, 1 in Orten wie deinem (Dörfer)",
    }
    for (place, latitude, longitude), words in said.items():
        await alpha.execute(
            "update actors set place_name = %s, latitude = %s, longitude = %s where id = %s",
            place, latitude, longitude, ann.id,
        )  # fmt: skip
        async with await make.log_in(alpha, ann) as browser:
            for page in ("/blueprints", row.url):
                shown = (await browser.get(page)).text
                assert f"3 Mal gebaut, {words}" in " ".join(shown.split())


async def test_the_author_is_told_once_who_builds_it(alpha: City, ann: Actor, ben: Actor) -> None:
    row = await make.a_blueprint(alpha, ben, "Bench")
    project = await make.a_project(alpha, ann, "square", title="Bench on the square")
    async with alpha.instance.begin() as tx:
        version = await blueprints.get_version(tx.conn, row.latest_id or row.id)
        group = await actors.get(tx.conn, project.community_id)
        await lineage.adopted(tx, by=group, version=version)
    notices = (await (await make.log_in(alpha, ben)).get("/notices")).text
    assert notices.count("Bench on the square") == 1


async def test_who_builds_it_is_told_of_a_new_version(alpha: City, ann: Actor, ben: Actor) -> None:
    row = await make.a_blueprint(alpha, ben, "Bench", lines=(BOARD,))
    project = await make.a_project(alpha, ann, "square")
    async with alpha.instance.begin() as tx:
        version = await blueprints.get_version(tx.conn, row.latest_id or row.id)
        group = await actors.get(tx.conn, project.community_id)
        await lineage.adopted(tx, by=group, version=version)
    await make.a_version(alpha, ben, row, "Bench", lines=(replace(BOARD, quantity=Decimal(3)),))
    assert "hat eine neue Fassung" in (await (await make.log_in(alpha, ann)).get("/notices")).text


async def test_what_changed_is_said_line_by_line(alpha: City, ann: Actor) -> None:
    nail, screw = line("b", "Nail"), line("c", "Screw")
    row = await make.a_blueprint(alpha, ann, "Bench", source="Saw.", lines=(BOARD, nail))
    new = replace(BOARD, quantity=Decimal(3))
    changed = await make.a_version(alpha, ann, row, "Bench", source="Saw.", lines=(new, screw))
    address = f"{row.url}/differences?from={row.latest_id}&to={changed.latest_id}"
    page = (await make.guest(alpha).get(address)).text
    assert "3 Zeilen geändert" in page and "<del>Nail</del>" in page and "Screw" in page


async def test_versions_that_one_may_not_read_are_not_compared(alpha: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench")
    secret = await make.a_blueprint(alpha, ann, "Cellar", scope="city")
    address = f"{row.url}/differences?from={row.latest_id}&to={secret.latest_id}"
    assert (await make.guest(alpha).get(address)).status_code == 404
    assert (await make.guest(alpha).get(f"{row.url}/differences?from=x&to=y")).status_code == 404
