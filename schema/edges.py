"""Edges: who could give whom something, from one person's offers and another's needs; pure."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, radians, sin, sqrt
from typing import Final, TypeAlias

from schema import units
from schema.matches import REACH_KM
from schema.proposals import Purpose

LEAST_TIME: Final = timedelta(hours=12)  # that must be left to answer and to hand over
SERVED: Final = 0.75  # of the weight stays for each time somebody received something lately
SOON: Final = timedelta(days=7)
FARTHEST: Final = (REACH_KM / 6371.0088) ** 2  # of the earth's radius, squared
WITHOUT_WORDS: Final = 0.5
BROADER: Final = 0.6
UNPLACED: Final = 0.6
AWAY: Final = 0.25  # between cities, beyond what is near
TRAVELS: Final = 5  # times as far


@dataclass(frozen=True, slots=True)
class Side:
    """One offer or need, reduced to what matters for an exchange.

    `key` and `party` are opaque names; `city` is '' here, else an origin. `amount` None: any;
    `unit` one of `schema.units`. `group` None: for everybody here; else for its members only.
    `words` are empty where only a summary is known; `leaves`: other cities may see it. `days` are
    the weekdays that it names, 0 for Monday, `since` its first day; without them any.
    """

    key: str
    party: str
    city: str
    category: str
    unit: str
    amount: float | None
    until: datetime | None
    latitude: float | None
    longitude: float | None
    words: frozenset[str] = frozenset()
    group: str | None = None
    leaves: bool = True
    purpose: Purpose = "offer"
    cell: int | None = None  # of half a degree, for summaries
    days: frozenset[int] = frozenset()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """`giver` could give `taker` what `offer` is, for the need `need`; weight 0 to 1."""

    giver: str
    taker: str
    offer: str
    need: str
    weight: float


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What decides beside the listings themselves.

    `apart`: pairs of parties of whom one blocked the other; `tried`: offer and need that somebody
    did not want; `served`: how often a party received something lately; `groups`: memberships.
    """

    now: datetime
    apart: Set[tuple[str, str]] = frozenset()
    tried: Set[tuple[str, str]] = frozenset()
    served: Mapping[str, int] = field(default_factory=dict[str, int])
    groups: Mapping[str, Set[str]] = field(default_factory=dict[str, Set[str]])


@dataclass(frozen=True, slots=True)
class _Ready:
    """A side with what its comparison needs, worked out once."""

    side: Side
    base: float | None  # the amount in the first unit of its dimension
    x: float
    y: float
    z: float
    placed: bool


def build(
    offers: Sequence[Side], needs: Sequence[Side], known: Knowledge, *, most: int = 12
) -> list[Edge]:
    """The best edge from each giver to each taker; of an offer or a need only the `most` best."""
    by_kind: dict[tuple[str, str], list[_Ready]] = defaultdict(list)
    for need in needs:
        ready, sector = _ready(need), need.category.partition(".")[0]
        by_kind[need.category, _measure(need)].append(ready)
        if sector != need.category:
            by_kind[f"{sector}.*", _measure(need)].append(ready)
    kept: dict[str, list[_Found]] = defaultdict(list)
    for offer in offers:
        ready = _ready(offer)
        for found in heapq.nlargest(most, _weighed(ready, by_kind, known), key=_rank):
            kept[found[2].key].append(found)
    best: dict[tuple[str, str], Edge] = {}
    for several in kept.values():
        for weight, offer, need in heapq.nlargest(most, several, key=_rank):
            pair = (offer.party, need.party)
            if pair not in best or best[pair].weight < weight:
                best[pair] = Edge(*pair, offer.key, need.key, weight)
    return list(best.values())


_Found: TypeAlias = tuple[float, Side, Side]


def _rank(found: _Found) -> tuple[float, str, str]:
    return found[0], found[1].key, found[2].key


def _weighed(
    offer: _Ready, by_kind: Mapping[tuple[str, str], list[_Ready]], known: Knowledge
) -> Iterable[_Found]:
    """Needs of the offer's category, of the sector above it, or, for a sector, of any below."""
    side = offer.side
    if side.category == "other":
        return
    sector = side.category.partition(".")[0]
    broader = sector if sector != side.category else f"{sector}.*"
    for kind in (side.category, broader):
        for need in by_kind.get((kind, _measure(side)), ()):
            weight = _weigh(offer, need, known)
            if weight > 0:
                yield weight, side, need.side


def weigh(offer: Side, need: Side, known: Knowledge) -> float:
    """Fit, urgency, nearness and how long somebody was not served, 0 where it cannot be."""
    if _measure(offer) != _measure(need):
        return 0.0
    return _weigh(_ready(offer), _ready(need), known)


def _measure(side: Side) -> str:
    """Units with the same measure compare."""
    found = units.find(side.unit)
    return found.dimension if found and found.factor is not None else f"unit {side.unit}"


def _ready(side: Side) -> _Ready:
    found = units.find(side.unit)
    factor = float(found.factor) if found and found.factor is not None else 1.0
    base = side.amount * factor if side.amount is not None else None
    if side.latitude is None or side.longitude is None:
        return _Ready(side, base, 0.0, 0.0, 0.0, False)
    north, east = radians(side.latitude), radians(side.longitude)
    flat = cos(north)
    return _Ready(side, base, flat * cos(east), flat * sin(east), sin(north), True)


def _weigh(offer: _Ready, need: _Ready, known: Knowledge) -> float:
    gives, takes = offer.side, need.side
    near = UNPLACED
    if offer.placed and need.placed:
        # The chord through the earth is as good as the way around it at these distances.
        away = (offer.x - need.x) ** 2 + (offer.y - need.y) ** 2 + (offer.z - need.z) ** 2
        near = 1 - 0.5 * sqrt(away / FARTHEST)
        if away > FARTHEST:
            # Cities that joined each other know how things travel between them, as far as that.
            near = AWAY if gives.city != takes.city and away <= TRAVELS**2 * FARTHEST else 0.0
        if near <= 0:
            return 0.0
    if gives.party == takes.party or not _may_meet(gives, takes, known):
        return 0.0
    if not _overlap(gives, takes, known.now):
        return 0.0
    fit = 1.0 if gives.category == takes.category else BROADER
    if offer.base is not None and need.base is not None and offer.base < need.base:
        fit *= 0.6 + 0.4 * offer.base / need.base
    urgent = 0.7
    if takes.until is not None:
        urgent = 1.0 if takes.until < known.now + SOON else 0.85
    served = SERVED ** min(known.served.get(takes.party, 0), 6)
    return float(fit * _said(gives.words, takes.words) * urgent * near * served)


def _overlap(offer: Side, need: Side, now: datetime) -> bool:
    """Whether there is a time for both: not before it begins, not after it ends, and on a weekday
    that both name, where both name some."""
    ends = [side.until for side in (offer, need) if side.until]
    end, soonest = min(ends, default=None), now + LEAST_TIME
    if end is not None and end < soonest:
        return False
    begins = [side.since for side in (offer, need) if side.since]
    begin = max([now, *begins])
    if end is not None and end < begin:
        return False
    if not offer.days and not need.days:
        return True
    days = offer.days & need.days if offer.days and need.days else offer.days | need.days
    if end is None or end - begin >= timedelta(days=6):
        return bool(days)
    left = range((end.date() - begin.date()).days + 1)
    return any((begin + timedelta(days=number)).weekday() in days for number in left)


def _may_meet(offer: Side, need: Side, known: Knowledge) -> bool:
    pair = (offer.party, need.party)
    if known.apart and (pair in known.apart or pair[::-1] in known.apart):
        return False
    if known.tried and (offer.key, need.key) in known.tried:
        return False
    if offer.city != need.city:
        return offer.leaves and need.leaves
    if offer.group is None and need.group is None:
        return True
    of_taker, of_giver = known.groups.get(need.party, ()), known.groups.get(offer.party, ())
    return (offer.group is None or offer.group in of_taker) and (
        need.group is None or need.group in of_giver
    )


def _said(offered: frozenset[str], needed: frozenset[str]) -> float:
    """More where they say the same; who says nothing is as good as who says something else."""
    if not offered or not needed or offered.isdisjoint(needed):
        return WITHOUT_WORDS
    shared = len(offered & needed) / min(len(offered), len(needed))
    return WITHOUT_WORDS + (1 - WITHOUT_WORDS) * min(1.0, 2 * shared)
