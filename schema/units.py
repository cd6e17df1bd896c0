"""Units of what is needed and offered, and conversion between those that measure the same."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from schema.errors import Invalid
from schema.words import N_

OM2 = "http://www.ontology-of-units-of-measure.org/resource/om-2/"

Dimension = Literal[
    "count", "package", "mass", "volume", "length", "area", "time", "energy", "power", "space"
]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; `factor` converts to the first unit of its dimension, None where nothing converts.

    `om2` is the bare id in the Ontology of units of Measure; a jar or a bed is "one" there.
    """

    id: str
    om2: str
    dimension: Dimension
    factor: Decimal | None
    en: str
    en_plural: str
    de: str
    de_plural: str

    def word(self, amount: Decimal, language: str) -> str:
        """The unit's name as it stands after a number: "1 Kiste", "2 Kisten", "0.5 Kisten"."""
        one = amount == 1
        if language.startswith("de"):
            return self.de if one else self.de_plural
        return self.en if one else self.en_plural


@lru_cache(maxsize=1)
def load() -> dict[str, Unit]:
    """All units by id, in the order of a form's list."""
    table: tuple[tuple[str, str, Dimension, str | None, str, str, str, str], ...] = (
        ("piece", "one", "count", "1", "piece", "pieces", "Stück", "Stück"),
        ("pair", "one", "count", "2", "pair", "pairs", "Paar", "Paar"),
        ("dozen", "one", "count", "12", "dozen", "dozen", "Dutzend", "Dutzend"),
        ("set", "one", "package", None, "set", "sets", "Satz", "Sätze"),
        ("crate", "one", "package", None, "crate", "crates", "Kiste", "Kisten"),
        ("jar", "one", "package", None, "jar", "jars", "Glas", "Gläser"),
        ("bunch", "one", "package", None, "bunch", "bunches", "Bund", "Bund"),
        ("bag", "one", "package", None, "bag", "bags", "Sack", "Säcke"),
        ("portion", "one", "package", None, "portion", "portions", "Portion", "Portionen"),
        ("kg", "kilogram", "mass", "1", "kg", "kg", "kg", "kg"),
        ("g", "gram", "mass", "0.001", "g", "g", "g", "g"),
        ("t", "tonne", "mass", "1000", "t", "t", "t", "t"),
        ("l", "litre", "volume", "1", "l", "l", "l", "l"),
        ("m3", "cubicMetre", "volume", "1000", "m³", "m³", "m³", "m³"),
        ("m", "metre", "length", "1", "m", "m", "m", "m"),
        ("km", "kilometre", "length", "1000", "km", "km", "km", "km"),
        ("m2", "squareMetre", "area", "1", "m²", "m²", "m²", "m²"),
        ("ha", "hectare", "area", "10000", "ha", "ha", "ha", "ha"),
        ("h", "hour", "time", "1", "hour", "hours", "Stunde", "Stunden"),
        ("day", "day", "time", "24", "day", "days", "Tag", "Tage"),
        ("week", "week", "time", "168", "week", "weeks", "Woche", "Wochen"),
        # A month has no fixed number of hours; 365.25 days / 12, as OM 2 has it.
        ("month", "month", "time", "730.5", "month", "months", "Monat", "Monate"),
        ("kWh", "kilowattHour", "energy", "1", "kWh", "kWh", "kWh", "kWh"),
        ("kW", "kilowatt", "power", "1", "kW", "kW", "kW", "kW"),
        ("seat", "one", "space", None, "seat", "seats", "Sitzplatz", "Sitzplätze"),
        ("bed", "one", "space", None, "bed", "beds", "Bett", "Betten"),
        ("place", "one", "space", None, "place", "places", "Platz", "Plätze"),
    )
    return {
        id: Unit(id, om2, dimension, Decimal(factor) if factor else None, en, ens, de, des)
        for id, om2, dimension, factor, en, ens, de, des in table
    }


def find(id: str) -> Unit | None:
    """The unit with our own id ("kg", "crate"), or None."""
    return load().get(id)


def get(id: str) -> Unit:
    """The unit with our own id; raises Invalid for a unit that is not in the list."""
    found = find(id)
    if found is None:
        raise Invalid({"unit": N_("There is no such unit.")})
    return found


def comparable(a: str, b: str) -> bool:
    """Whether an amount in unit `a` says something about one in `b`: the same or convertible."""
    one, two = find(a), find(b)
    if one is None or two is None:
        return False
    if one.id == two.id:
        return True
    return one.dimension == two.dimension and one.factor is not None and two.factor is not None


def convert(amount: Decimal, a: str, b: str) -> Decimal:
    """The amount of `b` that `amount` of `a` is; raises Invalid where they do not compare."""
    if not comparable(a, b):
        raise Invalid({"unit": N_("These two units cannot be compared.")})
    one, two = get(a).factor, get(b).factor
    if a == b or one is None or two is None:
        return amount
    return amount * one / two


def from_om2(text: str) -> Unit | None:
    """The unit another city names: "kilogram", "om2:kilogram" or the full IRI; ours too ("kg").

    "one" is a piece, since what is counted is told by the label beside it. None if unknown.
    """
    name = text.strip().replace("https:", "http:", 1).removeprefix(OM2).removeprefix("om2:")
    by_om2 = {unit.om2: unit for unit in reversed(list(load().values())) if unit.om2 != "one"}
    if name == "one":
        return load()["piece"]
    return by_om2.get(name) or find(name)
