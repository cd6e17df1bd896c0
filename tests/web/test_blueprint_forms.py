"""Writing a blueprint without JavaScript, and bringing one along."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

from starlette.responses import PlainTextResponse

from schema import blueprints
from schema.actors import Actor
from schema.blueprints import Step
from schema.instructions import NOBODYS, line
from tests import make
from tests.peer import Peer
from tests.world import City, Wire
from web.demo.content import DATA

TYPED = {
    "title": "Bench",
    "purpose": "To sit on.",
    "language": "en",
    "license": "CC0-1.0",
    "scope": "everyone",
    "material_key": ["m1", "m2"],
    "material_name": ["Board", ""],
    "material_quantity": ["1,5", ""],
    "material_unit": ["Meter", ""],
    "material_step_number": ["2", ""],
    "step_key": ["s1", "s2"],
    "step_title": ["Saw", "Screw"],
    "step_hours": ["2", "1"],
    "step_after": ["", "1"],
}


async def test_what_was_typed_becomes_lines_and_steps(alpha: City, ann: Actor) -> None:
    browser = await make.log_in(alpha, ann)
    answer = await browser.submit("/blueprints/new", TYPED)
    assert answer.status_code == 303
    async with alpha.instance.read() as conn:
        row = await blueprints.get(conn, make.id_of(answer.headers["location"]))
        lines = await blueprints.list_lines(conn, row.latest_id or row.id)
        steps = await blueprints.list_steps(conn, row.latest_id or row.id)
    assert [(o.name, str(o.quantity), o.unit, o.step_key) for o in lines] == [
        ("Board", "1.5", "m", "s2")
    ]
    assert [(step.title, step.after) for step in steps] == [("Saw", []), ("Screw", ["s1"])]


async def test_more_rows_keep_what_was_typed(alpha: City, ann: Actor) -> None:
    browser = await make.log_in(alpha, ann)
    answer = await browser.submit("/blueprints/new", {**TYPED, "add": "material"})
    assert answer.status_code == 200
    assert 'value="Board"' in answer.text and answer.text.count('name="material_name"') == 4
    async with alpha.instance.read() as conn:
        assert await blueprints.find(conn, f"{alpha.origin}/blueprints/none") is None


async def test_a_number_that_is_none_keeps_the_form(alpha: City, ann: Actor) -> None:
    browser = await make.log_in(alpha, ann)
    typed = {**TYPED, "material_quantity": ["many", ""]}
    answer = await browser.submit("/blueprints/new", typed)
    assert answer.status_code == 422 and 'value="many"' in answer.text


async def test_a_preview_shows_markdown_without_its_dangers(alpha: City, ann: Actor) -> None:
    browser = await make.log_in(alpha, ann)
    typed = {**TYPED, "source": "**bold** <script>x</script>", "preview": "yes"}
    page = (await browser.submit("/blueprints/new", typed)).text
    assert "<strong>bold</strong>" in page and "<script>x" not in page


async def test_a_new_version_is_written_in_the_same_form(alpha: City, ann: Actor) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench", purpose="To sit on.")
    browser = await make.log_in(alpha, ann)
    assert "To sit on." in (await browser.get(f"{row.url}/edit")).text
    answer = await browser.submit(f"{row.url}/edit", {**TYPED, "changes": "Screws, no nails."})
    assert answer.status_code == 303
    async with alpha.instance.read() as conn:
        versions = await blueprints.list_versions(conn, row.id)
    assert [one.number for one in versions] == [2, 1]
    assert versions[0].based_on == versions[1].uri


async def test_somebody_elses_is_not_changed_but_made_an_own_version_of(
    alpha: City, ann: Actor, ben: Actor
) -> None:
    row = await make.a_blueprint(alpha, ann, "Bench")
    browser = await make.log_in(alpha, ben)
    assert (await browser.get(f"{row.url}/edit")).status_code == 403
    assert (await browser.submit(f"{row.url}/edit", TYPED)).status_code == 403
    page = await browser.get(f"/blueprints/new?fork={row.latest_id}")
    assert 'value="Bench"' in page.text
    answer = await browser.submit("/blueprints/new", {**TYPED, "fork": str(row.latest_id)})
    async with alpha.instance.read() as conn:
        made = await blueprints.get(conn, make.id_of(answer.headers["location"]))
        latest = await blueprints.get_version(conn, row.latest_id or row.id)
    assert made.forked_from == latest.uri


async def test_files_are_read_into_the_form_with_what_is_left_to_do(
    alpha: City, ann: Actor
) -> None:
    browser = await make.log_in(alpha, ann)
    files = {
        "manifest": ("okh.yml", b"title: Loom\ndescription: Weaves.\ncolour: red\n"),
        "bom": ("bom.csv", b"Part;Quantity\nBeam;two per side\nNail;some\n"),
    }
    answer = await browser.submit("/blueprints/import", {}, files=files)
    assert answer.status_code == 200
    for word in ('value="Loom"', 'value="Beam"', "colour", "some"):
        assert word in answer.text


async def test_a_file_that_is_nothing_is_said(alpha: City, ann: Actor) -> None:
    browser = await make.log_in(alpha, ann)
    answer = await browser.submit("/blueprints/import", {}, files={"manifest": ("a.yml", b"- [")})
    assert answer.status_code == 422
    assert (await browser.submit("/blueprints/import", {})).status_code == 422


async def test_a_manifest_and_its_parts_are_read_from_their_addresses(
    alpha: City, ann: Actor, wire: Wire
) -> None:
    far = Peer("far.test", wire).start()
    monitor = DATA / "okh" / "smart-energy-monitor"
    for name in ("okh.toml", "BOM.md"):
        text = (monitor / name).read_text("utf-8")
        far.scripts[f"{far.origin}/{name}"] = lambda _, text=text: PlainTextResponse(text)
    browser = await make.log_in(alpha, ann)
    given = {"address": f"{far.origin}/okh.toml", "bom_address": f"{far.origin}/BOM.md"}
    shown = (await browser.submit("/blueprints/import", given)).text
    assert "Smart Energy Monitor" in shown and "two per phase" in shown
    missing = await browser.submit("/blueprints/import", {"address": f"{far.origin}/none.yml"})
    assert missing.status_code == 422 and f"{far.origin}/none.yml" in missing.text


async def test_no_address_of_this_machine_is_asked(alpha: City, ann: Actor) -> None:
    browser = await make.log_in(alpha, ann)
    answer = await browser.submit("/blueprints/import", {"address": "http://127.0.0.1/okh.yml"})
    assert answer.status_code == 422


async def test_of_many_rows_some_are_fields_and_none_is_lost(alpha: City, ann: Actor) -> None:
    note = "Fichte, gehobelt, 4 m lang"
    lines = tuple(
        line(f"l{n}", f"Latte {n} für die lange Wand", quantity=Decimal(n + 1), note=note)
        for n in range(200)
    )
    steps = tuple(
        Step(NOBODYS, f"s{n}", n, f"Schritt {n}", "Sorgfältig. " * 20, "", [], Decimal(2), 2, [])
        for n in range(30)
    )
    row = await make.a_blueprint(alpha, ann, "Halle", lines=lines, steps=steps)
    browser = await make.log_in(alpha, ann)
    page = (await browser.get(f"{row.url}/edit")).text
    assert len(page.encode()) <= 100_000
    assert page.count('name="material_name"') == 15 and 'value="material:195"' in page
    typed = typed_in(page)
    typed["material_name"][0] = "Erste Latte"
    later = await browser.submit(f"{row.url}/edit", {**typed, "add": "material:195"})
    assert 'value="Latte 199 für die lange Wand"' in later.text and "(200)" in later.text
    assert len(later.text.encode()) <= 100_000
    typed = typed_in(later.text)
    wrong = {**typed, "material_quantity": ["viel", *typed["material_quantity"][1:]]}
    missed = await browser.submit(f"{row.url}/edit", {**wrong, "add": "material:0"})
    told = await browser.submit(f"{row.url}/edit", typed_in(missed.text))
    assert told.status_code == 422 and 'value="viel"' in told.text, "it is shown where it is wrong"
    typed["material_name"][0] = "Letzte Latte"
    assert (await browser.submit(f"{row.url}/edit", typed)).status_code == 303
    async with alpha.instance.read() as conn:
        stored = await blueprints.find(conn, row.uri)
        assert stored is not None and stored.latest_id is not None
        found = await blueprints.list_lines(conn, stored.latest_id)
        done = await blueprints.list_steps(conn, stored.latest_id)
    assert [one.key for one in found] == [f"l{n}" for n in range(200)]
    assert (found[0].name, found[195].name) == ("Erste Latte", "Letzte Latte")
    assert [one.title for one in done] == [f"Schritt {n}" for n in range(30)]


def typed_in(page: str) -> dict[str, Any]:
    """What a browser would send of the form of a page: inputs, text areas, choices."""
    form = page[page.index('enctype="multipart/form-data"') :]
    found: dict[str, Any] = {}
    pattern = (
        r"<input (?P<i>[^>]*)>|<textarea (?P<t>[^>]*)>\n?(?P<w>.*?)</textarea>"
        r"|<select (?P<s>[^>]*)>(?P<o>.*?)</select>"
    )
    for one in re.finditer(pattern, form, re.DOTALL):
        tag = one["i"] or one["t"] or one["s"] or ""
        name = re.search(r'name="(\w+)"', tag)
        ticks = re.search(r'type="(radio|checkbox)"', tag)
        if not name or 'type="file"' in tag or (ticks and " checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        chosen = re.search(r'value="([^"]*)" selected', one["o"] or "")
        said = one["w"] if one["t"] else chosen[1] if chosen else value[1] if value else ""
        found.setdefault(name[1], []).append(unescape(said))
    return found
