"""Units, their words and their conversion."""

from decimal import Decimal

import pytest

from schema import units
from schema.errors import Invalid


def test_all_units_of_the_list_are_there() -> None:
    assert len(units.load()) == 27
    assert next(iter(units.load())) == "piece"
    assert all(id == unit.id for id, unit in units.load().items())


@pytest.mark.parametrize(
    ("amount", "a", "b", "expected"),
    [
        ("2500", "g", "kg", "2.5"),
        ("1.5", "t", "kg", "1500"),
        ("0.2", "m3", "l", "200"),
        ("3", "km", "m", "3000"),
        ("2", "ha", "m2", "20000"),
        ("3", "day", "h", "72"),
        ("2", "dozen", "piece", "24"),
        ("3", "dozen", "pair", "18"),
        ("4", "crate", "crate", "4"),
    ],
)
def test_amounts_convert_inside_a_dimension(amount: str, a: str, b: str, expected: str) -> None:
    assert units.comparable(a, b)
    assert units.convert(Decimal(amount), a, b) == Decimal(expected)


@pytest.mark.parametrize(
    ("a", "b"),
    [("kg", "l"), ("crate", "jar"), ("crate", "piece"), ("bed", "seat"), ("kg", "stone")],
)
def test_what_does_not_compare_is_refused(a: str, b: str) -> None:
    assert not units.comparable(a, b)
    with pytest.raises(Invalid):
        units.convert(Decimal(1), a, b)


def test_there_and_back_is_the_same_amount() -> None:
    for a in units.load().values():
        for b in units.load().values():
            if units.comparable(a.id, b.id):
                there = units.convert(Decimal(12), a.id, b.id)
                back = units.convert(there, b.id, a.id)
                assert back.quantize(Decimal("0.000001")) == Decimal(12)


@pytest.mark.parametrize(
    "name",
    [
        "kilogram",
        "om2:kilogram",
        "http://www.ontology-of-units-of-measure.org/resource/om-2/kilogram",
        "kg",
        " kilogram ",
    ],
)
def test_a_unit_is_known_in_each_spelling(name: str) -> None:
    found = units.from_om2(name)
    assert found is not None and found.id == "kg"


def test_one_is_a_piece_and_an_unknown_unit_is_none() -> None:
    one = units.from_om2("om2:one")
    assert one is not None and one.id == "piece"
    assert units.from_om2("om2:furlong") is None
    assert units.from_om2("") is None


def test_every_unit_but_the_counted_ones_comes_back_from_its_om2_id() -> None:
    for unit in units.load().values():
        if unit.om2 != "one":
            assert units.from_om2(unit.om2) == unit


def test_the_word_follows_the_number_and_the_language() -> None:
    crate = units.get("crate")
    assert crate.word(Decimal(1), "de") == "Kiste"
    assert crate.word(Decimal("0.5"), "de") == "Kisten"
    assert crate.word(Decimal(2), "en") == "crates"
    with pytest.raises(Invalid):
        units.get("furlong")
