"""Places, distances, rough positions and cells."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import places

WIEN = (48.2082, 16.3738)
GUESSING = (47.0594, 16.3239)
KIRCHBACH = (46.9333, 15.6667)
LATITUDES = st.floats(-89.9, 89.9)
LONGITUDES = st.floats(-180, 180)


def test_the_table_is_small_and_has_the_settlements_of_the_demonstration() -> None:
    table = places.load().rows
    assert 4000 < len(table) < 6000
    assert len((places.Path(places.__file__).parent / "places.tsv").read_bytes()) < 300_000
    names = {place.name for place in table}
    assert {"Wien", "Güssing", "Kirchbach-Zerlach", "Bozen", "Vaduz", "Berlin"} <= names
    assert {"DE", "AT", "CH", "LI", "LU", "IT", "CZ", "SK", "HU", "SI"} <= {
        place.country for place in table
    }


def test_the_table_names_its_source_and_licence() -> None:
    header = (places.Path(places.__file__).parent / "places.tsv").read_text(encoding="utf-8")[:300]
    assert "GeoNames" in header and "CC BY 4.0" in header


def test_a_place_is_found_without_its_accents() -> None:
    for typed in ("Güssing", "gussing", "GUESSING", "Güss", "guess"):
        assert places.find(typed)[0].name == "Güssing", typed
    assert places.find("vienna")[0].name == "Wien"
    assert places.find("kirchbach-zer")[0].name == "Kirchbach-Zerlach"
    assert places.find("kosice")[0].country == "SK"
    assert places.find("bolz")[0].name == "Bozen"


def test_the_larger_place_comes_first_and_the_exact_name_before_all() -> None:
    assert places.find("Wien", 3)[0].name == "Wien"
    sizes = [place.population for place in places.find("neust", 20)]
    assert len(sizes) == 20 and sizes == sorted(sizes, reverse=True)
    assert places.find("Linz")[0].admin1 == "Oberösterreich"


def test_nothing_typed_and_nothing_known_finds_nothing() -> None:
    assert places.find("") == []
    assert places.find("  -  ") == []
    assert places.find("Xyzzyhausen") == []


def test_the_limit_is_kept() -> None:
    assert len(places.find("s", 7)) == 7


def test_a_later_word_of_a_name_finds_it_too() -> None:
    assert "Frankfurt am Main" in {place.name for place in places.find("am Main", 50)}


def test_distances_are_those_of_a_map() -> None:
    assert 125 < places.distance_km(*WIEN, *GUESSING) < 130
    assert 50 < places.distance_km(*GUESSING, *KIRCHBACH) < 53
    assert places.distance_km(*WIEN, *WIEN) == 0
    assert math.isclose(places.distance_km(0, 179.5, 0, -179.5), 111.195, rel_tol=1e-4)


def test_the_nearest_place_is_the_one_a_person_would_name() -> None:
    assert places.nearest(*GUESSING).name == "Güssing"
    assert places.nearest(46.9333, 15.6668).name == "Kirchbach-Zerlach"
    assert places.nearest(48.22, 16.33).name == "Währing"


@pytest.mark.parametrize(
    ("name", "at", "size"),
    [
        ("Wien", (48.2, 16.37), "city"),
        ("Ottakring", (48.21, 16.31), "city"),
        ("Feldbach", (46.95, 15.89), "village"),
        ("Wiener Neustadt", (47.8, 16.23), "town"),
        ("Nirgendsdorf", (47.4, 15.9), "village"),
        ("Wien", (None, None), "city"),
        ("Nirgendsdorf", (None, None), None),
        ("", (None, None), None),
    ],
)
def test_a_place_is_a_village_a_town_or_a_city(
    name: str, at: tuple[float | None, float | None], size: places.Size | None
) -> None:
    assert places.size_of(name, *at) == size


@given(LATITUDES, LONGITUDES)
def test_a_rough_point_is_near_and_says_the_same_for_the_whole_square(
    latitude: float, longitude: float
) -> None:
    rough = places.rough(latitude, longitude)
    assert places.distance_km(latitude, longitude, *rough) < 1.5
    assert places.rough(*rough) == rough


def test_a_rough_point_is_never_the_exact_one() -> None:
    points = [WIEN, GUESSING, KIRCHBACH]
    points += [(46 + step / 777, 15 + step / 555) for step in range(900)]
    for point in points:
        rough = places.rough(*point)
        assert rough != point
        assert round(rough[0], 4) != round(point[0], 4) or round(rough[1], 4) != round(point[1], 4)


def test_neighbours_in_one_square_cannot_be_told_apart() -> None:
    latitude, longitude = places.rough(*GUESSING)
    around = [(latitude + a / 200, longitude + b / 200) for a in (-1, 0, 1) for b in (-1, 0, 1)]
    assert {places.rough(*point) for point in around} == {(latitude, longitude)}


@given(LATITUDES, LONGITUDES, st.floats(0, 300), st.floats(0, 2 * math.pi), st.floats(0, 1))
def test_every_point_of_a_circle_lies_in_one_of_its_cells(
    latitude: float, longitude: float, km: float, bearing: float, part: float
) -> None:
    there = _walk(latitude, longitude, bearing, km * part * 0.9999)
    assert places.cell(*there) in places.cells_within(latitude, longitude, km)


def test_a_small_circle_has_few_cells() -> None:
    assert len(places.cells_within(*WIEN, 10)) <= 4
    assert len(places.cells_within(*WIEN, 100)) < 40
    assert 0 <= places.cell(-90, -180) < places.cell(90, 179.99) < 360 * 720


def _walk(latitude: float, longitude: float, bearing: float, km: float) -> tuple[float, float]:
    angle, north = km / places.EARTH_KM, math.radians(latitude)
    sine = math.sin(north) * math.cos(angle) + math.cos(north) * math.sin(angle) * math.cos(bearing)
    end = math.asin(max(-1.0, min(1.0, sine)))
    east = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(north),
        math.cos(angle) - math.sin(north) * sine,
    )
    return math.degrees(end), (longitude + math.degrees(east) + 180) % 360 - 180


@given(st.floats(-80, 80), LONGITUDES, st.floats(1, 600), st.floats(-1, 1), st.floats(-1, 1))
def test_what_lies_inside_is_never_further_away(
    latitude: float, longitude: float, km: float, up: float, right: float
) -> None:
    north, east = places.inside(latitude, km)
    there = (latitude + up * north, longitude + right * east)
    assert places.distance_km(latitude, longitude, *there) <= km
    assert (north > 0) == (km <= places.FLAT_KM)
