"""The map: dots where cities lie, land around them, and never a large page."""

import math
import re
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from web import map
from web.map import HEIGHT, WIDTH, MapPlace

KIRCHBACH = MapPlace("Kirchbach", "/", 46.93, 15.66, True)
WIEN = MapPlace("Wien", "/network/wien", 48.21, 16.37)
GUESSING = MapPlace("Güssing", "/network/guessing", 47.06, 16.32)
AUCKLAND = MapPlace("Auckland", "/network/auckland", -36.85, 174.76)
SUVA = MapPlace("Suva", "/network/suva", -18.14, 178.44)
SAMOA = MapPlace("Apia", "/network/apia", -13.83, -171.76)
LIMA = MapPlace("Lima", "/network/lima", -12.05, -77.04)


def spots(svg: Markup) -> dict[str, tuple[float, float]]:
    """Where the dots are, by the address they lead to."""
    found: dict[str, tuple[float, float]] = {}
    for link in ElementTree.fromstring(svg).iter("a"):
        dot = next(circle for circle in link.iter("circle") if "dot" in circle.attrib["class"])
        found[link.attrib["href"]] = (float(dot.attrib["cx"]), float(dot.attrib["cy"]))
    return found


def land(svg: Markup) -> str:
    path = next(e for e in ElementTree.fromstring(svg).iter("path") if e.get("class") == "land")
    return path.attrib["d"]


def is_land(svg: Markup, x: float, y: float) -> bool:
    """Whether a point lies in any of the closed paths (even-odd by ray)."""
    inside = False
    for part in land(svg).split("M")[1:]:
        at = (0.0, 0.0)
        points: list[tuple[float, float]] = []
        for pair in _pairs(part):
            at = (at[0] + pair[0], at[1] + pair[1])
            points.append(at)
        for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
    return inside


def _pairs(part: str) -> list[tuple[float, float]]:
    numbers = [float(number) for number in re.findall(r"-?\d+", part)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_north_is_up_and_east_is_right() -> None:
    at = spots(map.draw([KIRCHBACH, WIEN, GUESSING]))
    assert at["/network/wien"][1] < at["/network/guessing"][1] < at["/"][1]
    assert at["/"][0] < at["/network/guessing"][0] < at["/network/wien"][0]


def test_distances_on_the_map_keep_their_proportion() -> None:
    at = spots(map.draw([KIRCHBACH, WIEN, GUESSING]))
    far = math.dist(at["/"], at["/network/wien"])
    near = math.dist(at["/"], at["/network/guessing"])
    assert far / near == pytest.approx(152 / 52, rel=0.05)


@pytest.mark.parametrize(
    "places",
    [
        [KIRCHBACH],
        [KIRCHBACH, WIEN],
        [KIRCHBACH, WIEN, GUESSING, AUCKLAND, LIMA],
        [SUVA, SAMOA],
        [MapPlace("Nordpol", "/", 90.0, 0.0, True), MapPlace("Südpol", "/s", -90.0, 180.0)],
        [MapPlace(f"Ort {n}", f"/{n}", 46 + n % 7 / 5, 14 + n / 9, n == 0) for n in range(60)],
    ],
    ids=["alone", "two", "world", "date line", "poles", "sixty"],
)
def test_every_dot_is_in_the_picture_and_the_drawing_stays_small(places: list[MapPlace]) -> None:
    svg = map.draw(places, "Karte", "Liste")
    at = spots(svg)
    assert len(at) == len(places)
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in at.values())
    assert len(svg.encode()) < 60_000


def test_neighbours_across_the_date_line_lie_side_by_side() -> None:
    at = spots(map.draw([SUVA, SAMOA]))
    assert at["/network/suva"][0] < at["/network/apia"][0]


def test_land_is_where_it_is_and_the_sea_too() -> None:
    trieste = MapPlace("Triest", "/", 45.65, 13.77, True)
    svg = map.draw([trieste, MapPlace("Venedig", "/v", 45.44, 12.33)])
    (x1, y1), (x2, y2) = spots(svg).values()
    per_degree = (x1 - x2) / (13.77 - 12.33)
    udine = (x2 + (13.24 - 12.33) * per_degree, y2 - (46.06 - 45.44) * per_degree * 1.43)
    open_sea = (x2 + (13.0 - 12.33) * per_degree, y2 + (45.44 - 45.15) * per_degree * 1.43)
    assert is_land(svg, *udine)
    assert not is_land(svg, *open_sea)
    assert y1 < y2


def test_no_outline_runs_across_the_world() -> None:
    svg = map.draw([KIRCHBACH, AUCKLAND, LIMA])
    for part in land(svg).split("M")[1:]:
        assert all(abs(dx) < WIDTH / 3 for dx, _ in _pairs(part)[1:])


def test_names_and_addresses_are_escaped() -> None:
    evil = MapPlace("<script>&\"'", '/"><script>', 47.0, 16.0)
    svg = map.draw([KIRCHBACH, evil], "<b>", '"')
    assert "<script>" not in svg
    assert "<b>" not in svg
    assert '/"><script>' in spots(svg)


def test_a_city_in_a_crowd_keeps_its_name_for_those_who_hear_it() -> None:
    crowd = [MapPlace(f"Langer Ortsname {n}", f"/{n}", 47.0, 16.0 + n / 1e3) for n in range(12)]
    svg = map.draw([KIRCHBACH, *crowd])
    for link in ElementTree.fromstring(svg).iter("a"):
        name = link.get("aria-label") or "".join(link.itertext())
        assert name.strip()


def test_the_way_to_a_neighbour_is_told_in_kilometres() -> None:
    words = "".join(ElementTree.fromstring(map.draw([KIRCHBACH, WIEN])).itertext())
    assert "Wien 150 km" in words


def test_nothing_is_drawn_of_nothing() -> None:
    assert map.draw([]) == ""
