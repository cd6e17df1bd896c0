"""The pages of blueprints: the list, one of them, its versions, and what leaves as a file."""

import tomllib
from decimal import Decimal

import yaml

from schema.actors import Actor
from schema.instructions import line
from tests import make
from tests.world import City


async def test_a_list_shows_them_by_kind(alpha: City, ann: Actor) -> None:
    await make.a_blueprint(alpha, ann, "Rain cistern", category="water.rain")
    await make.a_blueprint(alpha, ann, "Bench", category="home.furniture")
    browser = await make.log_in(alpha, ann)
    everything = (await browser.get("/blueprints")).text
    assert "cistern" in everything and "Bench" in everything
    found = (await browser.get("/blueprints?category=water")).text
    assert "cistern" in found and "Bench" not in found
    assert "Bench" in (await browser.get("/blueprints?q=bench")).text


async def test_one_is_shown_with_what_it_needs(alpha: City, ann: Actor) -> None:
    lines = (line("a", "Gravel", quantity=Decimal(800), unit="kg"), line("b", "Spade", kind="tool"))
    row = await make.a_blueprint(alpha, ann, "Rain cistern", lines=lines, safety="Mind the **pit**")
    page = (await make.guest(alpha).get(row.url)).text
    assert "Gravel" in page and "800" in page and "Spade" in page
    assert "<strong>pit</strong>" in page


async def test_every_version_stays_readable(alpha: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Rain cistern", source="Dig by hand.")
    await make.a_version(alpha, ann, row, title="Rain cistern", source="Dig by machine.")
    browser = await make.log_in(alpha, ann)
    assert "by machine" in (await browser.get(row.url)).text
    assert "by hand" in (await browser.get(f"{row.url}/versions/1")).text
    assert (await browser.get(f"{row.url}/versions/3")).status_code == 404


async def test_what_is_for_this_city_is_not_for_guests(alpha: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Cellar", scope="city")
    assert (await make.guest(alpha).get(row.url)).status_code == 404
    assert "Cellar" not in (await make.guest(alpha).get("/blueprints")).text
    assert (await (await make.log_in(alpha, ann)).get(row.url)).status_code == 200


async def test_a_moderator_removes_one_and_its_author_still_reads_why(
    alpha: City, ann: Actor, ben: Actor
) -> None:
    row = await make.a_blueprint(alpha, ben, "Bomb")
    admin = await make.log_in(alpha, await make.an_admin(alpha))
    answer = await admin.submit(f"{row.url}/removal", {"reason": "dangerous"})
    assert answer.status_code == 303
    assert "dangerous" in (await (await make.log_in(alpha, ben)).get(row.url)).text
    assert (await make.guest(alpha).get(row.url)).status_code == 404


async def test_its_author_takes_it_back(alpha: City, ann: Actor, ben: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Shed")
    other = await make.log_in(alpha, ben)
    assert (await other.submit(f"{row.url}/withdrawal", {})).status_code == 403
    browser = await make.log_in(alpha, ann)
    assert (await browser.submit(f"{row.url}/withdrawal", {})).status_code == 303
    assert (await browser.get(row.url)).status_code == 404


async def test_a_version_leaves_as_a_manifest_and_a_list_of_parts(alpha: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench", lines=(line("a", "=1+1"),))
    browser = await make.log_in(alpha, ann)
    text = (await browser.get(f"{row.url}/versions/1/okh.yml")).text
    assert yaml.safe_load(text)["title"] == "Bench"
    text = (await browser.get(f"{row.url}/versions/1/okh.toml")).text
    assert tomllib.loads(text)["bom"].endswith(f"{row.url}/versions/1/bom.csv")
    assert "'=1+1" in (await browser.get(f"{row.url}/versions/1/bom.csv")).text
