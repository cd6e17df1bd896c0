"""The neighbour cities on a map: our own drawing from open data, one inline SVG, no tile server."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from markupsafe import Markup, escape

from schema import places as gazetteer
from schema.settings import Settings

WIDTH, HEIGHT = 720, 520
# Labels are placed for the letters of a phone, which are the larger ones in the drawing's units.
LETTER = 32
LEAST_SPAN = 0.35  # degrees of latitude: some 40 km
FURTHEST = 84.0  # beyond this latitude Mercator's map grows without end
BEYOND = 40.0  # how far outlines go on outside of the picture
TOWNS = 6

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class MapPlace:
    """A city to draw, in degrees; lines go from the one that is here to all others."""

    title: str
    url: str
    latitude: float
    longitude: float
    is_here: bool = False


class Located(Protocol):
    """Something with a place name, and roughly where that is."""

    @property
    def place_name(self) -> str: ...
    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...


def by_place(here: Settings, path: str, found: Iterable[Located]) -> list[MapPlace]:
    """One dot for each place name with the number of what is there, twenty at most, around the
    own city, which stands for what is in it; each leads to the list at `path` for that place
    alone. Empty where none is known."""
    if here.latitude is None or here.longitude is None:
        return []
    counted: dict[str, list[Located]] = {}
    for one in found:
        if one.place_name and one.latitude is not None and one.longitude is not None:
            counted.setdefault(one.place_name, []).append(one)
    dots = [
        MapPlace(
            f"{name} ({len(there)})" if len(there) > 1 else name,
            f"{path}?{urlencode({'place': name})}",
            there[0].latitude or 0.0,
            there[0].longitude or 0.0,
        )
        for name, there in list(counted.items())[:20]
        if name.casefold() != here.name.casefold()
    ]
    own = MapPlace(here.name, path, here.latitude, here.longitude, True)
    return [own, *dots] if dots else []


@dataclass(frozen=True, slots=True)
class Outlines:
    """The lines of outlines.txt, still encoded: a picture needs few of them."""

    arcs: tuple[str, ...]
    rings: tuple[tuple[Box, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class View:
    """Mercator's projection of a part of the world onto the picture."""

    longitude: float
    top: float
    left: float
    scale: float

    def point(self, longitude: float, latitude: float) -> Point:
        """Where a point lies in the picture; the world goes round at its edges."""
        x = (longitude - self.longitude + 540) % 360 - 180
        return (x - self.left) * self.scale, (self.top - _mercator(latitude)) * self.scale


@lru_cache(maxsize=1)
def load() -> Outlines:
    """Read the outlines that ship with the program, some 280 kB."""
    arcs: list[str] = []
    rings: list[tuple[Box, tuple[int, ...]]] = []
    text = Path(__file__).with_name("outlines.txt").read_text(encoding="ascii")
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "arc":
            arcs.append(rest)
        elif kind == "ring":
            west, south, east, north, *numbers = rest.split(" ")
            box = (int(west) / 100, int(south) / 100, int(east) / 100, int(north) / 100)
            rings.append((box, tuple(~int(n[1:]) if n[0] == "~" else int(n) for n in numbers)))
    return Outlines(tuple(arcs), tuple(rings))


def draw(places: Sequence[MapPlace], title: str = "", text: str = "") -> Markup:
    """An SVG with a link per place; `title` and `text` say what it shows to those who hear it.

    A list beside it must carry the same facts. Nothing for no places. The last 32 are kept.
    """
    return _draw(tuple(places), title, text) if places else Markup("")


@lru_cache(maxsize=32)
def _draw(places: tuple[MapPlace, ...], title: str, text: str) -> Markup:
    view = _view(places)
    spots = {place: view.point(place.longitude, place.latitude) for place in places}
    taken = [(x - 14, y - 14, x + 14, y + 14) for x, y in spots.values()]
    here = next((place for place in places if place.is_here), None)
    others = [place for place in places if place is not here]
    parts = [
        f'<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-labelledby="map-title" '
        'aria-describedby="map-text">',
        f'<title id="map-title">{escape(title)}</title><desc id="map-text">{escape(text)}</desc>',
        f'<path class="land" d="{_land(view)}"/>',
    ]
    if here is not None:
        parts += [_way(spots[here], spots[place]) for place in others]
    # The own city's name comes first, then the others in the order of the list.
    first = [here] if here is not None else []
    drawn = [_city(place, spots[place], here, taken) for place in (*first, *others)]
    known = {place.title.casefold() for place in places}
    parts += _towns(view, taken, known)
    return Markup("\n".join([*parts, *drawn, "</svg>"]))


def _mercator(latitude: float) -> float:
    """In degrees, so that one means the same east and north at the equator."""
    bounded = max(-FURTHEST, min(FURTHEST, latitude))
    return math.degrees(math.asinh(math.tan(math.radians(bounded))))


def _view(places: Sequence[MapPlace]) -> View:
    middle = next((place for place in places if place.is_here), places[0]).longitude
    xs = [(place.longitude - middle + 540) % 360 - 180 for place in places]
    ys = [_mercator(place.latitude) for place in places]
    stretch = _mercator(places[0].latitude + 0.5) - _mercator(places[0].latitude - 0.5)
    # Names stand beside the dots and need more room than the dots.
    wide = max(max(xs) - min(xs), LEAST_SPAN) / 0.58
    high = max(max(ys) - min(ys), LEAST_SPAN * stretch) / 0.66
    scale = min(WIDTH / wide, HEIGHT / high)
    left = (min(xs) + max(xs)) / 2 - WIDTH / scale / 2
    top = (min(ys) + max(ys)) / 2 + HEIGHT / scale / 2
    return View(middle, top, left, scale)


def _land(view: View) -> str:
    outlines = load()
    step = 1 if view.scale > 60 else 3  # of half the world a rougher drawing will do
    paths: list[str] = []
    for box, numbers in outlines.rings:
        for turn in _turns(view, box):
            points = [
                ((x + turn - view.left) * view.scale, (view.top - _mercator(y)) * view.scale)
                for x, y in _ring(outlines, numbers)
            ]
            paths.append(_path(_clip(points), step))
    return "".join(paths)


def _turns(view: View, box: Box) -> Iterator[float]:
    """By how many degrees a ring must be moved to be seen: none, one way or twice."""
    west, south, east, north = box
    if _mercator(south) > view.top or _mercator(north) < view.top - HEIGHT / view.scale:
        return
    for round_the_world in (-360.0, 0.0, 360.0):
        turn = round_the_world - view.longitude
        if west + turn < view.left + WIDTH / view.scale and east + turn > view.left:
            yield turn


def _ring(outlines: Outlines, numbers: tuple[int, ...]) -> list[Point]:
    points: list[Point] = []
    for number in numbers:
        arc = _decode(outlines.arcs[number if number >= 0 else ~number])
        ordered = arc if number >= 0 else arc[::-1]
        points += ordered[1:] if points else ordered
    return _unbroken(points)


def _unbroken(points: list[Point]) -> list[Point]:
    """A ring across the date line goes on beyond 180 degrees instead of round the world."""
    turn, whole = 0, points[:1]
    for (before, _), (x, y) in pairwise(points):
        turn += 360 * ((before - x > 180) - (x - before > 180))
        whole.append((x + turn, y))
    return whole


def _decode(line: str) -> list[Point]:
    """An "encoded polyline": five bits a letter, the sign in the lowest bit, each a difference."""
    numbers: list[int] = []
    bits = shift = 0
    for letter in line.encode("ascii"):
        bits |= (letter - 63 & 0x1F) << shift
        shift += 5
        if letter - 63 < 0x20:
            numbers.append(~(bits >> 1) if bits & 1 else bits >> 1)
            bits = shift = 0
    x = y = 0
    points: list[Point] = []
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x / 100, y / 100))
    return points


def _clip(points: list[Point]) -> list[Point]:
    """The part of a ring in the picture and a little beyond (Sutherland and Hodgman 1974)."""
    for axis, edge, sign in (
        (0, -BEYOND, 1), (0, WIDTH + BEYOND, -1), (1, -BEYOND, 1), (1, HEIGHT + BEYOND, -1),
    ):  # fmt: skip
        kept: list[Point] = []
        before = points[-1] if points else (0.0, 0.0)
        for point in points:
            was, now = (before[axis] - edge) * sign, (point[axis] - edge) * sign
            if (was >= 0) != (now >= 0):
                t = was / (was - now)
                cut = (
                    before[0] + t * (point[0] - before[0]),
                    before[1] + t * (point[1] - before[1]),
                )
                kept.append(cut)
            if now >= 0:
                kept.append(point)
            before = point
        points = kept
    return points


def _path(points: list[Point], step: int) -> str:
    """A closed path in whole units; points not further apart than `step` are drawn once."""
    rounded: list[tuple[int, int]] = []
    for x, y in points:
        spot = (round(x), round(y))
        if not rounded or abs(spot[0] - rounded[-1][0]) + abs(spot[1] - rounded[-1][1]) > step:
            rounded.append(spot)
    if len(rounded) < 3:
        return ""
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(rounded)]
    return f"M{rounded[0][0]} {rounded[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def _way(start: Point, end: Point) -> str:
    """A line that bows a little, so that two in one direction stay two."""
    (x1, y1), (x2, y2) = start, end
    x, y = (x1 + x2) / 2 - (y2 - y1) * 0.08, (y1 + y2) / 2 + (x2 - x1) * 0.08
    return f'<path class="way" d="M{x1:.0f} {y1:.0f}Q{x:.0f} {y:.0f} {x2:.0f} {y2:.0f}"/>'


def _city(place: MapPlace, spot: Point, here: MapPlace | None, taken: list[Box]) -> str:
    """The dot with its name and distance; in a crowd the name alone, or only for the ears."""
    x, y = spot
    km = _distance(here, place) if here is not None and place is not here else ""
    shown, words = "", place.title
    for below in dict.fromkeys((km, "")):
        size = LETTER * 0.56 * max(len(place.title), len(below))
        label = _label(x, y, size, LETTER * (2.2 if below else 1.2), taken)
        if label is not None:
            tx, ty, anchor = label
            line = f' <tspan class="km" x="{tx:.0f}" dy="1.1em">{below}</tspan>' if below else ""
            shown = (
                f'<text x="{tx:.0f}" y="{ty:.0f}" text-anchor="{anchor}">'
                f"{escape(place.title)}{line}</text>"
            )
            break
    else:
        words = f"{place.title} {km}".strip()
    name = "" if shown else f' aria-label="{escape(words)}"'
    dot = ("dot home-dot", 11) if place is here else ("dot", 9)
    return (
        f'<a href="{escape(place.url)}"{name}>'
        f'<circle class="hit" cx="{x:.0f}" cy="{y:.0f}" r="40"/>'
        f'<circle class="{dot[0]}" cx="{x:.0f}" cy="{y:.0f}" r="{dot[1]}"/>{shown}</a>'
    )


def _distance(here: MapPlace, place: MapPlace) -> str:
    apart = gazetteer.distance_km(here.latitude, here.longitude, place.latitude, place.longitude)
    # A narrow space groups in every language.
    return f"{round(apart, -1 if apart >= 100 else None):,.0f} km".replace(",", "\u202f")


def _label(
    x: float, y: float, width: float, height: float, taken: list[Box]
) -> tuple[float, float, str] | None:
    """Beside, above or below the dot, what hides least: x and y of the first line's foot and its
    anchor; None where all would hide much.
    """
    choices = [
        (x + 18, y - height / 2, "start"),
        (x - 18 - width, y - height / 2, "end"),
        (x - width / 2, y + 16, "middle"),
        (x - width / 2, y - 18 - height, "middle"),
    ]
    boxes = [(left, top, left + width, top + height) for left, top, _ in choices]
    best = min(range(4), key=lambda i: (_hidden(boxes[i], taken), i))
    if _hidden(boxes[best], taken) > width * height / 8:
        return None
    left, top, anchor = choices[best]
    taken.append(boxes[best])
    at = {"start": left, "end": left + width, "middle": left + width / 2}[anchor]
    return at, top + LETTER * 0.95, anchor


def _hidden(box: Box, taken: Sequence[Box]) -> float:
    """How much of what is drawn already a label would hide, or how far it leaves the picture."""
    left, top, right, bottom = box
    outside = max(0.0, 6 - left, 6 - top, right - WIDTH + 6, bottom - HEIGHT + 6)
    over = sum(
        max(0.0, min(right, r) - max(left, x)) * max(0.0, min(bottom, b) - max(top, y))
        for x, y, r, b in taken
    )
    return outside * 50 + over


def _towns(view: View, taken: list[Box], known: set[str]) -> list[str]:
    """The largest other towns in the picture, small and grey: they tell where one is."""
    seen: list[tuple[int, Point, str]] = []
    for town in gazetteer.load().rows:
        x, y = view.point(town.longitude, town.latitude)
        if 0 < x < WIDTH and 0 < y < HEIGHT and town.name.casefold() not in known:
            seen.append((town.population, (x, y), town.name))
    parts: list[str] = []
    for _, (x, y), name in sorted(seen, reverse=True)[:60]:
        width = LETTER * 0.42 * len(name)
        box = (x - width / 2, y - 8, x + width / 2, y + LETTER * 1.4)
        if len(parts) == TOWNS or _hidden(box, taken):
            continue
        taken.append((box[0] - 8, box[1] - 8, box[2] + 8, box[3] + 8))
        parts.append(
            f'<circle class="town-dot" cx="{x:.0f}" cy="{y:.0f}" r="3.5"/><text class="town" '
            f'aria-hidden="true" x="{x:.0f}" y="{y + LETTER:.0f}" text-anchor="middle">'
            f"{escape(name)}</text>"
        )
    return parts
