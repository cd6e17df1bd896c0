"""The command that brings manifests along, and the demonstration's own."""

from pathlib import Path

from schema.instructions import check
from web import importing
from web.demo import blueprints as demo
from web.demo.content import DATA


def test_every_manifest_of_the_demo_is_read_and_fit_to_be_published() -> None:
    found = list(importing.find(DATA / "okh"))
    assert len(found) == 9
    for path in found:
        reading = importing.read(path)
        check(reading.draft)
        print(importing.table(reading))


def test_a_list_of_parts_beside_a_manifest_is_read_with_it() -> None:
    reading = importing.read(DATA / "okh" / "smart-energy-monitor" / "okh.toml")
    assert len(reading.draft.lines) == 6


def test_a_folder_without_a_manifest_gives_its_list_of_parts(tmp_path: Path) -> None:
    (tmp_path / "bom.csv").write_text("Part,Qty\nRod,2\n")
    (path,) = importing.find(tmp_path)
    assert [line.name for line in importing.read(path).draft.lines] == ["Rod"]
    assert [said.field for said in importing.read(path).of("left")][:1] == ["title"]


def test_what_residents_of_the_demo_wrote_is_fit_to_be_published() -> None:
    for wanted in demo.load():
        draft = check(demo.draft_of(wanted))
        assert len(draft.lines) == len(wanted["lines"])
        assert [step.title for step in draft.steps] == [one["title"] for one in wanted["steps"]]
