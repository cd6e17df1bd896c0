"""The parts lists of the two real projects, and of worse ones."""

from decimal import Decimal
from pathlib import Path

import pytest

from web.demo import okh
from web.demo.content import DATA


def test_the_stools_list_has_eight_parts_with_german_names_and_amounts() -> None:
    parts = okh.read(DATA / "okh" / "upcycling-stool")
    assert [(need.title, need.number) for need in parts.needs] == [
        ("Gerüstbohle", 1),
        ("Plastic Balken", 1),
        ("Schleifpapier", 3),
        ("Schrauben", 4),
        ("Holzleim", 1),
        ("Hartwachs-Öl", 1),
        ("Holzlamellen", 2),
        ("Rundholzstab", 1),
    ]
    assert parts.unread == ()
    assert parts.needs[0].note == "Fichte, unbehandelt, 1000x320x45 mm"


def test_the_monitors_table_keeps_what_is_said_beside_a_part() -> None:
    parts = okh.read(DATA / "okh" / "smart-energy-monitor")
    assert parts.project == "Smart Energy Monitor"
    assert parts.licence == "CERN-OHL-S-2.0"
    assert len(parts.needs) == 6
    resistors = parts.needs[2]
    assert (resistors.title, resistors.number) == ("10 kOhm Resistors 1/4 W", Decimal(2))
    assert resistors.note == "two per phase"


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("2", Decimal(2), ""),
        ("1,5 m", Decimal("1.5"), "m"),
        ("two per phase", Decimal(2), "two per phase"),
        ("some", None, "some"),
        ("", None, ""),
    ],
)
def test_amounts_are_read_with_what_stands_beside_them(
    text: str, number: Decimal | None, rest: str
) -> None:
    assert okh.amount(text) == (number, rest)


def test_lines_that_are_not_understood_are_kept() -> None:
    rows, unread = okh.from_table("| Part | Quantity |\n|---|---|\n| Rod | 1 |\n| lost |\n")
    assert rows == [{"part": "Rod", "quantity": "1"}]
    assert unread == ["lost"]


def test_a_folder_without_a_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no list of parts"):
        okh.read(tmp_path)


def test_the_parts_come_with_a_language_and_a_category() -> None:
    stool = okh.read(DATA / "okh" / "upcycling-stool").needs
    assert {need.language for need in stool} == {"de"}
    assert [need.category for need in stool] == [
        "build.timber",
        "build.reuse",
        "build.paint",
        "build.metal",
        "build.paint",
        "build.paint",
        "build.timber",
        "build.timber",
    ]
    monitor = okh.read(DATA / "okh" / "smart-energy-monitor").needs
    assert {need.language for need in monitor} == {"en"}
    assert monitor[0].category == "net.device"
    assert monitor[2].category == "repair.parts"
    assert monitor[1].category is None  # "SCT-013-100" says nothing; the community's is taken


def test_the_stool_is_not_named_after_another_project() -> None:
    assert okh.read(DATA / "okh" / "upcycling-stool").project == "upcycling-stool"


@pytest.mark.parametrize("text", ["1-2", "2 x 5", "0", "-3", "as needed", "3/4", "1.2.3"])
def test_an_amount_that_is_not_one_number_is_not_guessed_but_kept(text: str) -> None:
    assert okh.amount(text) == (None, text)


def test_a_unit_in_the_amount_is_a_unit_and_not_a_note(tmp_path: Path) -> None:
    (tmp_path / "bom.csv").write_text("Part;Quantity;Note\nRope;1,5 m;thin\nGlue;as needed;\n")
    rope, glue = okh.read(tmp_path).needs
    assert (rope.number, rope.unit, rope.note) == (Decimal("1.5"), "m", "thin")
    assert (glue.number, glue.unit, glue.note) == (None, "piece", "as needed")


def test_nothing_is_dropped_in_silence(tmp_path: Path) -> None:
    (tmp_path / "bom.csv").write_text("Part,Quantity\nRod,1,too,many\n,4\nNut,2\n")
    parts = okh.read(tmp_path)
    assert [need.title for need in parts.needs] == ["Nut"]
    assert len(parts.unread) == 2 and parts.unread[0] == "Rod,1,too,many"
    rows, unread = okh.from_table("# Parts\n\nBuy early.\n\n| Part |\n| --- |\n| a\\|b |\n|  |\n")
    assert unread == ["Buy early."]
    assert rows == [{"part": "a|b"}, {"part": ""}]
