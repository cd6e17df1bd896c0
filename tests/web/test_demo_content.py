"""What the demonstration starts with: enough of it, and without mistakes."""

import pytest

from schema import categories, units
from web.demo import content, goods, run


def test_there_is_enough_for_pages_that_look_alive() -> None:
    loaded = [content.load(city) for city in content.CITIES]
    assert sum(len(city.listings) for city in loaded) >= 60
    assert sum(len(city.communities) for city in loaded) >= 12
    assert sum(len(city.residents) for city in loaded) >= 25
    spoken = {resident.language for city in loaded for resident in city.residents}
    assert spoken == {"de", "en"}


@pytest.mark.parametrize("city", content.CITIES)
def test_every_listing_has_a_known_category_and_unit(city: str) -> None:
    known = categories.load()
    for listing in content.load(city).listings:
        assert known.find(listing.category), listing.title
        assert units.find(listing.unit), listing.title


@pytest.mark.parametrize("city", content.CITIES)
def test_each_city_has_people_from_elsewhere_in_its_communities(city: str) -> None:
    members = [m for group in content.load(city).communities for m in group.members]
    assert any("@" in member for member in members)


@pytest.mark.parametrize("city", content.CITIES)
def test_each_city_prints_an_admin_and_residents_who_exist(city: str) -> None:
    loaded = content.load(city)
    printed = run.logins(loaded)
    assert printed[0][1].strip() == "admin"
    assert {login for login, _ in printed} <= {resident.login for resident in loaded.residents}


def test_the_parts_of_two_real_projects_are_needs_of_two_communities() -> None:
    folders = {
        group.needs_from: goods.parts_of(folder)
        for city in content.CITIES
        for group in content.load(city).communities
        if (folder := content.project(group))
    }
    assert {name: len(parts.lines) for name, parts in folders.items()} == {
        "okh/upcycling-stool": 8,
        "okh/smart-energy-monitor": 6,
    }


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('author = "marta_k"', 'author = "nobody_x"', "nobody_x"),
        ('kind = "offer"', 'kind = "gift"', "kind"),
        ("number = 60", "number = 0", "no amount"),
        ('unit = "piece"', 'unit = "stone"', "unknown unit"),
        ('category = "grow.seed"', 'category = "grow.moon"', "unknown category"),
        ('picture = "tools"', 'picture = "moon"', "not there"),
        ('language = "de"', 'langauge = "de"', "langauge"),
    ],
)
def test_a_mistake_in_a_file_is_named(old: str, new: str, says: str) -> None:
    text = (content.DATA / "wien.toml").read_text("utf-8")
    everyone = {resident.login for resident in content.load("wien").residents}
    everyone |= {
        f"{resident.login}@{city}"
        for city in content.CITIES
        for resident in content.load(city).residents
    }
    assert old in text
    with pytest.raises(ValueError, match=says):
        content.read("wien", text.replace(old, new, 1), everyone)
