"""Makes outlines.txt from countries-10m.json of the npm package world-atlas; not run at install.

    npm pack world-atlas && tar xzf world-atlas-*.tgz
    python web/extract_outlines.py package/countries-10m.json

world-atlas is Natural Earth 1:10m (public domain) as TopoJSON. Borders are kept once; points are
rounded to a hundredth of a degree and thinned, in Europe less than elsewhere, and the smallest
islands are left out. The lines:

    arc <encoded polyline: longitude and latitude in hundredths of a degree>
    ring <west> <south> <east> <north> <arcs, those to be read backwards as ~number>

The encoding is Google's "encoded polyline", with longitude first and our own precision.
"""

import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GRAIN = 100
# West, south, east, north of where outlines are finest, and how far a line may be off there and
# elsewhere, in hundredths of a degree.
FINE = (-1200, 3500, 3000, 6000)
TOLERANCE = (0.9, 3.5)
SMALLEST = (10.0, 60.0)

Point = tuple[int, int]


def unpack(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Arcs as points in hundredths of a degree."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[list[tuple[float, float]]] = []
    for arc in topology["arcs"]:
        x = y = 0
        points: list[tuple[float, float]] = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append(((x * sx + tx) * GRAIN, (y * sy + ty) * GRAIN))
        arcs.append(points)
    return arcs


def thin(points: list[tuple[float, float]], tolerance: float) -> list[tuple[float, float]]:
    """Douglas and Peucker's thinning; the ends stay, so that neighbours still meet."""
    keep = {0, len(points) - 1}
    todo = [(0, len(points) - 1)]
    if points[0] == points[-1] and len(points) > 2:
        middle = len(points) // 2
        keep.add(middle)
        todo = [(0, middle), (middle, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        far, at = max(
            ((_away(points[i], points[first], points[last]), i) for i in range(first + 1, last)),
            default=(0.0, 0),
        )
        if far > tolerance:
            keep.add(at)
            todo += [(first, at), (at, last)]
    return [points[i] for i in sorted(keep)]


def _away(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length if length else 0.0
    t = min(1.0, max(0.0, t))
    x, y = p[0] - a[0] - t * dx, p[1] - a[1] - t * dy
    return float((x * x + y * y) ** 0.5)


def coarse(points: Sequence[tuple[float, float]]) -> bool:
    """Whether the points lie where outlines need not be fine."""
    west, south, east, north = FINE
    return not any(west < x < east and south < y < north for x, y in points)


def encode(points: list[Point]) -> str:
    """Deltas as printable text, five bits a letter."""
    out: list[str] = []
    before = (0, 0)
    for point in points:
        for axis in (0, 1):
            delta = point[axis] - before[axis]
            left = ~(delta << 1) if delta < 0 else delta << 1
            while left >= 0x20:
                out.append(chr((0x20 | (left & 0x1F)) + 63))
                left >>= 5
            out.append(chr(left + 63))
        before = point
    return "".join(out)


def rings_of(topology: dict[str, Any]) -> list[list[list[int]]]:
    """For each country its outer rings, as arc numbers; holes are other countries or lakes."""
    countries: list[list[list[int]]] = []
    for shape in topology["objects"]["countries"]["geometries"]:
        if shape["type"] == "Polygon":
            countries.append([shape["arcs"][0]])
        elif shape["type"] == "MultiPolygon":
            countries.append([polygon[0] for polygon in shape["arcs"]])
    return countries


def walk(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    """The ring's points in order."""
    points: list[Point] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc if not points else arc[1:]
    return unbroken(points)


def unbroken(points: list[Point]) -> list[Point]:
    """Across the date line a ring goes on beyond 180 degrees instead of round the world."""
    turn, whole = 0, points[:1]
    for (before, _), (x, y) in pairwise(points):
        turn += 36_000 * ((before - x > 18_000) - (x - before > 18_000))
        whole.append((x + turn, y))
    return whole


def at_pole(points: list[Point]) -> bool:
    """Antarctica's ring does not close on a flat map."""
    return min(y for _, y in points) < -8500


def area(points: list[Point]) -> float:
    """In square hundredths of a degree."""
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def main(source: Path) -> None:
    """Read the TopoJSON and write outlines.txt beside this file."""
    topology = json.loads(source.read_text())
    thinned = [thin(points, TOLERANCE[coarse(points)]) for points in unpack(topology)]
    arcs = [[(round(x), round(y)) for x, y in points] for points in thinned]
    arcs = [[p for i, p in enumerate(arc) if i == 0 or p != arc[i - 1]] for arc in arcs]
    kept: list[list[int]] = []
    for rings in rings_of(topology):
        walks = [walk(ring, arcs) for ring in rings]
        largest = max(area(points) for points in walks)
        kept += [
            ring
            for ring, points in zip(rings, walks, strict=True)
            if area(points) >= min(SMALLEST[coarse(points)], largest) and not at_pole(points)
        ]
    used = sorted({n if n >= 0 else ~n for ring in kept for n in ring})
    new = {old: number for number, old in enumerate(used)}
    lines = [
        "# Natural Earth 1:10m (public domain) by way of world-atlas; see extract_outlines.py",
        *(f"arc {encode(arcs[old])}" for old in used),
    ]
    for ring in kept:
        points = walk(ring, arcs)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        numbers = " ".join(str(new[n]) if n >= 0 else f"~{new[~n]}" for n in ring)
        lines.append(f"ring {min(xs)} {min(ys)} {max(xs)} {max(ys)} {numbers}")
    (HERE / "outlines.txt").write_text("\n".join(lines) + "\n")
    print(len(used), "arcs", len(kept), "rings", sum(len(arcs[old]) for old in used), "points")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
