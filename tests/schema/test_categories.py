"""The list of categories and the guess from a title."""

import pytest

from schema import categories
from schema.errors import Missing


def best(title: str, language: str = "de") -> str:
    return categories.load().guess(title, language)[0].id


def test_the_list_has_its_sectors_and_leaves() -> None:
    known = categories.load()
    sectors = known.sectors()
    assert len(sectors) == 19
    assert sectors[0].id == "food" and sectors[-1].id == "other"
    assert [leaf.id for leaf in known.leaves("fund")] == ["fund.grant", "fund.loan"]
    assert known.leaves("other") == []
    assert sum(len(known.leaves(sector.id)) for sector in sectors) + len(sectors) == 130


def test_a_category_has_its_titles_and_its_mappings() -> None:
    seed = categories.load().get("grow.seed")
    assert (seed.parent, seed.coicop, seed.cpv) == ("grow", "09", "03")
    assert categories.load().title("grow.seed", "de") == "Saatgut und Setzlinge"
    assert categories.load().title("grow.seed", "en") == "Seeds and seedlings"


def test_a_leaf_only_a_neighbour_knows_falls_to_its_sector() -> None:
    known = categories.load()
    assert known.find("food.insects") is None
    above = known.broader("food.insects")
    assert above is not None and above.id == "food"
    assert known.title("food.insects", "en") == "Food and drink"
    assert known.broader("food") is None
    assert known.broader("nonsense.leaf") is None
    assert known.title("nonsense.leaf", "en") == "Other"
    with pytest.raises(Missing):
        known.get("food.insects")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Tomaten", "food.veg"),
        ("Tomatensetzlinge", "grow.seed"),
        ("12 Kisten Streuobst", "food.fruit"),
        ("Äpfel zum Selberpflücken", "food.fruit"),
        ("Frischer Käse vom Hof", "food.dairy"),
        ("Ausziehleiter zu verleihen", "tool.lift"),
        ("Fahrrad reparieren", "repair.bike"),
        ("Lastenrad fürs Wochenende", "move.bike"),
        ("Nähmaschine gesucht", "tool.sew"),
        ("WLAN-Router", "net.radio"),
        ("Solarmodule 400 W", "energy.solar"),
        ("Brennholz, 2 m³", "energy.fuelwood"),
        ("Nachhilfe in Mathe", "learn.teach"),
        ("Kürbiskernöl", "food.preserve"),
    ],
)
def test_a_german_title_finds_its_category(title: str, expected: str) -> None:
    assert best(title) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Tomato seedlings", "grow.seed"),
        ("Bike repair on Saturdays", "repair.bike"),
        ("Cargo bike to lend", "move.bike"),
        ("First aid course", "health.first"),
        ("Firewood", "energy.fuelwood"),
        ("Guest bed for two nights", "home.guest"),
    ],
)
def test_an_english_title_finds_its_category(title: str, expected: str) -> None:
    assert best(title, "en") == expected


def test_the_other_language_helps_when_the_own_one_knows_no_word() -> None:
    assert best("Chainsaw", "de") == "grow.wood"


def test_the_head_of_a_compound_comes_first_and_its_start_second() -> None:
    found = [one.id for one in categories.load().guess("Tomatensetzlinge", "de")]
    assert found == ["grow.seed", "food.veg"]


@pytest.mark.parametrize("title", ["", "   ", "Hallo", "?!", "Feier", "x" * 10_000])
def test_a_title_without_a_known_word_gets_no_guess(title: str) -> None:
    assert categories.load().guess(title, "de") == []


def test_every_word_points_to_a_category_and_every_leaf_has_words_in_both_languages() -> None:
    known = categories.load()
    lines = (categories.HERE / "category_words.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    leaves = {leaf.id for sector in known.sectors() for leaf in known.leaves(sector.id)}
    assert {id for id, _, _ in rows} == leaves | {"other"}
    assert all(de.split() and en.split() for _, de, en in rows)
    assert sum(len(de.split()) + len(en.split()) for _, de, en in rows) > 300
