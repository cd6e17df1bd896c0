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
