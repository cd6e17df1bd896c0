"""Places by name and by coordinates, rough positions and the cells of a grid.

The table is an extract of GeoNames (geonames.org, CC BY 4.0); `schema/extract_places.py` makes it.
"""

import heapq
import math
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

EARTH_KM = 6371.0088
DEGREE_KM = EARTH_KM * math.pi / 180
ROUGH_KM = 2.0
CELL = 0.5
ROWS = int(180 / CELL)
COLUMNS = int(360 / CELL)


Size: TypeAlias = Literal["village", "town", "city"]
TOWN, CITY = 5_000, 100_000
"""Residents from which on it is one."""
SAME_KM, DISTRICT_KM = 50.0, 6.0
FLAT_KM = 300.0


@dataclass(frozen=True, slots=True)
class Place:
    """A settlement; `also` are other names of it, `admin1` the state's name where we have it."""

    name: str
    also: tuple[str, ...]
    country: str
    admin1: str
    latitude: float
    longitude: float
    population: int


@dataclass(frozen=True, slots=True)
class Places:
    """The places, and their names as they are searched: sorted (key, number of the place)."""

    rows: tuple[Place, ...]
    keys: tuple[tuple[str, int], ...]


@lru_cache(maxsize=1)
def load() -> Places:
    """Read the table that ships with the program; the answer is kept and never changes."""
    text = (Path(__file__).parent / "places.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    rows: list[Place] = []
    keys: set[tuple[str, int]] = set()
    for number, line in enumerate(lines[1:]):
        name, also, country, admin1, latitude, longitude, population = line.split("\t")
        others = tuple(also.split("|")) if also else ()
        place = Place(
            name, others, country, admin1, float(latitude), float(longitude), int(population)
        )
        rows.append(place)
        keys.update((key, number) for each in (name, *others) for key in _keys(each))
    return Places(tuple(rows), tuple(sorted(keys)))


def find(text: str, limit: int = 10) -> list[Place]:
    """Places whose name, or a later word of it, starts with `text`; the largest first.

    Accents, case and the spelling of umlauts do not matter: "gussing" and "Guessing" find Güssing.
    """
    wanted = _plain(text)
    if not wanted:
        return []
    places = load()
    hits: dict[int, bool] = {}
    for key in {wanted, _plain(_spelled(text))}:
        at = bisect_left(places.keys, (key, -1))
        while at < len(places.keys) and places.keys[at][0].startswith(key):
            found, number = places.keys[at]
            hits[number] = hits.get(number, False) or found == key
            at += 1
    rows = places.rows
    # A name that is exactly what was typed comes before larger places that only start so.
    best = sorted(hits, key=lambda n: (not hits[n], -rows[n].population, rows[n].name))
    return [rows[number] for number in best[:limit]]


def nearest(latitude: float, longitude: float) -> Place:
    """The place whose centre is nearest to a point."""
    near = heapq.nsmallest(4, load().rows, key=lambda place: _flat(latitude, longitude, place))
    return min(near, key=lambda at: distance_km(latitude, longitude, at.latitude, at.longitude))


def size_of(name: str, latitude: float | None, longitude: float | None) -> Size | None:
    """How large a place is; a district counts as its town, what no table has as a village. None
    where nothing is said of it."""
    known = [
        place for place in find(name) if _plain(name) in map(_plain, (place.name, *place.also))
    ]
    if latitude is None or longitude is None:
        return _size(known[0].population) if known else None
    at = [(distance_km(latitude, longitude, p.latitude, p.longitude), p) for p in known]
    if near := [place for km, place in at if km < SAME_KM]:
        return _size(near[0].population)
    around = nearest(latitude, longitude)
    km = distance_km(latitude, longitude, around.latitude, around.longitude)
    return _size(around.population) if km < DISTRICT_KM else "village"


def _size(residents: int) -> Size:
    return "city" if residents >= CITY else "town" if residents >= TOWN else "village"


def distance_km(a_lat: float, a_lon: float, b_lat: float, b_lon: float) -> float:
    """Great-circle distance of two points in degrees, by the haversine formula."""
    lat1, lat2 = math.radians(a_lat), math.radians(b_lat)
    half_lat = (lat2 - lat1) / 2
    half_lon = math.radians(b_lon - a_lon) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(h)))


def rough(latitude: float, longitude: float) -> tuple[float, float]:
    """The centre of the 2 km square that a point lies in: all that others may learn of it.

    The square does not depend on the point, so that asking twice tells no more than asking once.
    """
    rows = round(180 * DEGREE_KM / ROUGH_KM)
    height = 180 / rows
    row = min(rows - 1, max(0, math.floor((latitude + 90) / height)))
    middle = -90 + (row + 0.5) * height
    columns = max(1, round(360 * DEGREE_KM * math.cos(math.radians(middle)) / ROUGH_KM))
    width = 360 / columns
    column = math.floor((longitude + 180) / width) % columns
    return round(middle, 4), round(-180 + (column + 0.5) * width, 4)


def cell(latitude: float, longitude: float) -> int:
    """Number of the half-degree cell a point lies in, 0 to 259199, from south-west eastwards."""
    return _row(latitude) * COLUMNS + _column(longitude)


def centre(cell: int) -> tuple[float, float]:
    """The middle of a half-degree cell, in degrees; ValueError for a number that is none."""
    if not 0 <= cell < ROWS * COLUMNS:
        raise ValueError(cell)
    row, column = divmod(cell, COLUMNS)
    return (row + 0.5) * CELL - 90, (column + 0.5) * CELL - 180


def cells_within(latitude: float, longitude: float, km: float) -> list[int]:
    """Every cell that a circle touches, sorted.

    A query takes the rows of these cells first and measures distances only among them.
    """
    angle = km / DEGREE_KM
    south, north = latitude - angle, latitude + angle
    found: list[int] = []
    for row in range(_row(south), _row(north) + 1):
        reach = _reach(latitude, math.radians(angle), row)
        if south <= -90 or north >= 90 or reach >= 180:
            columns = set(range(COLUMNS))
        else:
            first = math.floor((longitude - reach + 180) / CELL)
            last = math.floor((longitude + reach + 180) / CELL)
            columns = {column % COLUMNS for column in range(first, last + 1)}
        found += sorted(row * COLUMNS + column for column in columns)
    return found


def _reach(latitude: float, angle: float, row: int) -> float:
    """How many degrees east a circle of this angle (radians) goes within a row of cells."""
    middle = math.radians(latitude)
    # There it is widest; further from there it only gets narrower.
    widest = math.asin(max(-1.0, min(1.0, math.sin(middle) / max(math.cos(angle), 1e-9))))
    low, high = math.radians(row * CELL - 90), math.radians((row + 1) * CELL - 90)
    at = min(max(widest, low), high)
    across = math.cos(middle) * math.cos(at)
    if across < 1e-9:
        return 180.0
    cosine = (math.cos(angle) - math.sin(middle) * math.sin(at)) / across
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine)))) + 1e-6


def inside(latitude: float, km: float) -> tuple[float, float]:
    """Degrees north and east that are surely no further away than this, both at once; zero where
    the earth is too round for that."""
    if km > FLAT_KM:
        return 0.0, 0.0
    north = 0.7 * km / DEGREE_KM
    widest = math.cos(math.radians(max(0.0, abs(latitude) - north)))
    return north, min(north / max(widest, 0.01), 90.0)


def _row(latitude: float) -> int:
    return min(ROWS - 1, max(0, math.floor((latitude + 90) / CELL)))


def _column(longitude: float) -> int:
    return math.floor((longitude + 180) / CELL) % COLUMNS


def _flat(latitude: float, longitude: float, place: Place) -> float:
    """A quick stand-in for the distance, good enough to sort out all but a few."""
    east = (place.longitude - longitude + 180) % 360 - 180
    east *= math.cos(math.radians(latitude))
    return east * east + (place.latitude - latitude) ** 2


def _keys(name: str) -> set[str]:
    """What finds a name: it whole and from each later word on, plain and with "ue" for "ü"."""
    keys: set[str] = set()
    for text in (_plain(name), _plain(_spelled(name))):
        words = text.split(" ")
        keys.update(" ".join(words[at:]) for at in range(len(words)))
    return keys


def _spelled(name: str) -> str:
    text = name.casefold()
    for umlaut, pair in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = text.replace(umlaut, pair)
    return text


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(" " if letter in "-/'’.(),|" else letter for letter in text)
    return " ".join("".join(x for x in letters if not unicodedata.combining(x)).split())
