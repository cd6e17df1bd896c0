"""The command that brings manifests along, and the demonstration's own."""

import argparse
from pathlib import Path

import pytest

from schema.actors import Actor
from schema.errors import Missing
from schema.instructions import check
from tests.world import City
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


async def test_the_command_prints_what_was_read_and_publishes_by_name(
    alpha: City, ann: Actor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("librewater", "broken"):
        (tmp_path / name).mkdir()
    text = (DATA / "okh" / "librewater" / "okh.toml").read_text("utf-8")
    (tmp_path / "librewater" / "okh.toml").write_text(text)
    (tmp_path / "broken" / "okh.yml").write_text("")
    work: list[importing.Work] = []
    parser = argparse.ArgumentParser()

    def add(_name: str, _words: str, does: importing.Work) -> argparse.ArgumentParser:
        work.append(does)
        return parser

    importing.add_to(add)
    await work[0](alpha.instance, parser.parse_args(["import", str(tmp_path)]))
    said = capsys.readouterr().out
    assert all(word in said for word in ("read", "guessed", "left", "kept", "cannot be read"))
    assert "Acraea-Prototype" in said and await alpha.value("select count(*) from blueprints") == 0
    await work[0](alpha.instance, parser.parse_args(["import", str(tmp_path), "--by", "ann"]))
    assert await alpha.value("select title from blueprints") == "Acraea-Prototype"
    with pytest.raises(Missing):
        await work[0](alpha.instance, parser.parse_args(["import", str(tmp_path), "--by", "x"]))


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
