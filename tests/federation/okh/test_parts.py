"""Lists of parts in several layouts, delimiters and languages."""

from decimal import Decimal
from pathlib import Path

import pytest

from federation.okh import parts

DATA = Path(__file__).parents[3] / "web" / "demo" / "data" / "okh"


def shown(text: str, name: str = "") -> list[tuple[str, str, str]]:
    found = parts.parse(text, name=name).lines
    return [(one.title, "" if one.number is None else f"{one.number:f}", one.unit) for one in found]


def test_the_stools_list_is_read_in_german() -> None:
    found = parts.parse((DATA / "upcycling-stool" / "bom.csv").read_text("utf-8"))
    assert len(found.lines) == 8 and not found.unread
    assert [(line.title, line.number) for line in found.lines] == [
        ("Gerüstbohle", 1),
        ("Plastic Balken", 1),
        ("Schleifpapier", 3),
        ("Schrauben", 4),
        ("Holzleim", 1),
        ("Hartwachs-Öl", 1),
        ("Holzlamellen", 2),
        ("Rundholzstab", 1),
    ]
    assert {line.language for line in found.lines} == {"de"}
    assert found.lines[0].note.startswith("Fichte, unbehandelt, 1000x320x45 mm")
    wood, reuse, paint = "build.timber", "build.reuse", "build.paint"
    kinds = [wood, reuse, paint, "build.metal", paint, paint, wood, wood]
    assert [line.category for line in found.lines] == kinds


def test_the_monitors_table_keeps_what_is_said_beside_a_number() -> None:
    found = parts.parse((DATA / "smart-energy-monitor" / "BOM.md").read_text("utf-8"))
    assert len(found.lines) == 6
    assert found.lines[2].number == 2 and "two per phase" in found.lines[2].note
    assert {line.language for line in found.lines} == {"en"}
    assert found.lines[0].category == "net.device" and found.lines[2].category == "repair.parts"
    assert found.lines[1].category is None, "its name says nothing"


@pytest.mark.parametrize(
    "text",
    [
        "Part,Quantity,Unit\nRope,1.5,m\n",
        "Bezeichnung;Menge;Einheit\nRope;1,5;Meter\n",
        "Désignation\tQté\tUnité\nRope\t1,5\tm\n",
        "item|qty\nRope|1,5 m\n",
        "My parts list\n\nName,Amount\nRope,1.5 metres\n",
        "| Part | Qty |\n| --- | ---: |\n| Rope | 1.5 m |\n",
        "Part | Qty\n--- | ---\nRope | 1,5 m\n",
    ],
)
def test_layouts_and_languages(text: str) -> None:
    assert shown(text) == [("Rope", "1.5", "m")]


def test_a_number_in_words_is_a_number_and_a_note() -> None:
    (line,) = parts.parse("Part,Qty\nResistor,two per phase\n").lines
    assert (line.number, line.note, line.said) == (Decimal(2), "two per phase", "two per phase")


@pytest.mark.parametrize("amount", ["1-2", "2 x 5", "0", "-3", "as needed", "3/4", "1.2.3"])
def test_what_is_not_one_number_is_left_to_the_person(amount: str) -> None:
    (line,) = parts.parse(f"Part,Qty\nRod,{amount}\n").lines
    assert (line.number, line.said) == (None, amount)


def test_lines_that_are_not_understood_are_kept() -> None:
    found = parts.parse("Part,Quantity\nRod,1,too,many\n,4\nNut,2\n")
    assert [line.title for line in found.lines] == ["Nut"]
    assert found.unread == ("Rod,1,too,many", "4")


def test_headings_and_text_around_a_table_are_told_apart() -> None:
    rows, unread = parts.from_table("# Parts\n\nBuy early.\n\n| Part |\n| --- |\n| a\\|b |\n|  |\n")
    assert unread == ["Buy early."]
    assert rows == [{"part": "a|b"}, {"part": ""}]
    rows, unread = parts.from_table("| Part | Quantity |\n|---|---|\n| Rod | 1 |\n| lost |\n")
    assert (rows, unread) == ([{"part": "Rod", "quantity": "1"}], ["lost"])


def test_columns_that_nobody_knows_stay_beside_the_part() -> None:
    text = "Pos,Part,Qty,Note,Price,Description,Norm\n1,Bolt,4,steel,0.30,M8,DIN 933\n"
    (part,) = parts.parse(text).lines
    assert part.number == 4 and set(part.note.split(" · ")) == {
        "steel",
        "M8",
        "price: 0.30",
        "norm: DIN 933",
    }
