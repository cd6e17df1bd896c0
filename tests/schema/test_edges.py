from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schema import edges
from schema.edges import Knowledge, Side

NOW = datetime(2026, 7, 1, tzinfo=UTC)
KNOWN = Knowledge(NOW)
JAM = Side(
    "jam", "ann", "", "food.preserve", "jar", 10.0, None, 47.0, 16.0, frozenset({"marmelad"})
)
WANTED = replace(JAM, key="wanted", party="ben", amount=5.0)


def test_a_fitting_offer_makes_an_edge_from_giver_to_taker() -> None:
    (edge,) = edges.build([JAM], [WANTED], KNOWN)
    assert (edge.giver, edge.taker, edge.offer, edge.need) == ("ann", "ben", "jam", "wanted")
    assert 0 < edge.weight <= 1


@pytest.mark.parametrize(
    "change",
    [
        {"party": "ann"},
        {"category": "food.veg"},
        {"category": "tools.hand"},
        {"unit": "kg"},
        {"latitude": 48.0},
        {"until": NOW + timedelta(hours=3)},
        {"group": "garden"},
        {"city": "https://beta.test", "leaves": False},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_does_not_fit_makes_none(change: dict[str, Any]) -> None:
    assert edges.build([JAM], [replace(WANTED, **change)], KNOWN) == []


def test_a_category_fits_its_sector_and_the_reverse_but_not_its_sister() -> None:
    sector = replace(WANTED, category="food")
    assert len(edges.build([JAM], [sector], KNOWN)) == 1
    assert len(edges.build([replace(JAM, category="food")], [WANTED], KNOWN)) == 1
    assert edges.weigh(JAM, sector, KNOWN) < edges.weigh(JAM, WANTED, KNOWN)


@pytest.mark.parametrize(
    "known",
    [
        replace(KNOWN, apart={("ann", "ben")}),
        replace(KNOWN, apart={("ben", "ann")}),
        replace(KNOWN, tried={("jam", "wanted")}),
    ],
    ids=["blocked", "blocks", "tried"],
)
def test_those_apart_and_what_was_declined_make_none(known: Knowledge) -> None:
    assert edges.build([JAM], [WANTED], known) == []


def test_what_is_for_members_goes_to_members_only() -> None:
    inside = replace(JAM, group="garden")
    assert edges.build([inside], [WANTED], KNOWN) == []
    member = replace(KNOWN, groups={"ben": {"garden"}})
    assert len(edges.build([inside], [WANTED], member)) == 1


@pytest.mark.parametrize(
    ("change", "known"),
    [
        ({"latitude": 47.3}, KNOWN),
        ({"words": frozenset({"honig"})}, KNOWN),
        ({"amount": 40.0}, KNOWN),
        ({}, replace(KNOWN, served={"ben": 2})),
    ],
    ids=["far", "other words", "too little", "served"],
)
def test_what_fits_less_weighs_less(change: dict[str, Any], known: Knowledge) -> None:
    less = edges.weigh(JAM, replace(WANTED, **change), known)
    assert 0 < less < edges.weigh(JAM, WANTED, KNOWN)


def test_what_ends_soon_weighs_more() -> None:
    soon = replace(WANTED, until=NOW + timedelta(days=3))
    assert edges.weigh(JAM, soon, KNOWN) > edges.weigh(JAM, WANTED, KNOWN)


def test_units_that_convert_compare() -> None:
    offer = replace(JAM, unit="kg", amount=1.0)
    assert edges.weigh(offer, replace(WANTED, unit="g", amount=500.0), KNOWN) == edges.weigh(
        offer, replace(WANTED, unit="kg", amount=0.5), KNOWN
    )


def test_of_an_offer_only_the_best_edges_are_kept() -> None:
    many = [replace(WANTED, key=f"{n}", party=f"p{n}", latitude=47 + n / 100) for n in range(9)]
    found = edges.build([JAM], many, KNOWN, most=3)
    assert sorted(edge.taker for edge in found) == ["p0", "p1", "p2"]


def test_between_cities_that_joined_things_travel_farther_for_less_weight() -> None:
    far = replace(WANTED, latitude=48.3, city="https://beta.test")
    assert 0 < edges.weigh(JAM, far, KNOWN) < edges.weigh(JAM, WANTED, KNOWN) / 2
    assert edges.weigh(JAM, replace(far, latitude=50.0), KNOWN) == 0


def windows(offer: dict[str, Any], need: dict[str, Any]) -> bool:
    """Whether there is an edge between an offer and a need of these windows."""
    return edges.weigh(replace(JAM, **offer), replace(WANTED, **need), KNOWN) > 0


def test_without_a_time_for_both_there_is_no_edge() -> None:
    later, until = NOW + timedelta(days=10), NOW + timedelta(days=5)
    assert not windows({"since": later}, {"until": until})
    assert not windows({"until": until}, {"since": later})
    assert windows({"since": until}, {"until": later})


def test_weekdays_that_both_name_must_be_the_same() -> None:
    friday, weekend = frozenset({4}), frozenset({4, 5})
    assert windows({"days": friday}, {"days": weekend})
    assert not windows({"days": friday}, {"days": frozenset({5})})
    assert windows({"days": friday}, {})


def test_a_weekday_that_does_not_come_before_the_end_is_no_window() -> None:
    day = (NOW + timedelta(days=3)).weekday()
    assert windows({"days": frozenset({day})}, {"until": NOW + timedelta(days=3)})
    assert not windows({"days": frozenset({day})}, {"until": NOW + timedelta(days=2)})
