"""What the three cities of the demonstration start with, read from their files and checked."""

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from schema import categories, units

DATA = Path(__file__).parent / "data"
CITIES = ("wien", "kirchbach", "guessing")

Language = Literal["de", "en"]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Login = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]{2,30}$")]
Slug = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{2,29}$")]
# "anna_g" lives in the file's own city, "anna_g@kirchbach" in another.
Author = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]+(@[a-z]+)?$")]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]


class City(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The city itself; `origin` is where it runs, coordinates are in degrees."""

    name: Title
    origin: Annotated[str, msgspec.Meta(pattern=r"^http://[a-z]+\.localhost:\d+$")]
    place: Title
    latitude: Latitude
    longitude: Longitude
    purpose_de: Text
    purpose_en: Text
    rules_de: Text
    rules_en: Text


class Resident(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person; `place` with its coordinates is a village or a district, no address."""

    login: Login
    title: Title
    language: Language
    bio: Text
    can: Text
    need: Text
    place: Title
    latitude: Latitude
    longitude: Longitude


class Community(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A community; `needs_from` names a folder of an open-hardware project below data/."""

    name: Slug
    title: Title
    purpose: Text
    language: Language
    join: Literal["open", "approval", "hidden"]
    steward: Login
    members: tuple[Author, ...] = ()
    needs_from: str | None = None
    needs_category: str | None = None


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A reply in a thread, or an answer to a listing."""

    author: Author
    text: Text


class Listing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A need or an offer that ends `days` after the start; `answers` are its first replies.
    `in_its_name`: of the community itself."""

    kind: Literal["need", "offer"]
    author: Login
    community: Slug | None = None
    in_its_name: bool = False
    category: str
    title: Title
    text: Text
    language: Language
    number: Decimal
    unit: str
    days: Annotated[int, msgspec.Meta(ge=1, le=90)]
    return_kind: Literal["nothing", "lend", "swap", "hours", "open"] = msgspec.field(name="return")
    scope: Literal["community", "city", "neighbours", "everyone"]
    picture: str | None = None
    answers: tuple[Reply, ...] = ()


class Thread(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A thread in a community; texts are Markdown."""

    community: Slug
    author: Author
    title: Title
    text: Text
    language: Language
    replies: tuple[Reply, ...] = ()


class CityContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything one city starts with."""

    city: City
    residents: tuple[Resident, ...]
    communities: tuple[Community, ...]
    listings: tuple[Listing, ...]
    threads: tuple[Thread, ...]


def load(city: str) -> CityContent:
    """The content of "wien", "kirchbach" or "guessing", checked against the other two.

    Raises ValueError with a sentence that names the file and what is wrong in it.
    """
    if city not in CITIES:
        raise ValueError(f"There is no city “{city}”; there are {', '.join(CITIES)}.")
    everyone = {login if at == city else f"{login}@{at}" for at in CITIES for login in _logins(at)}
    return read(city, (DATA / f"{city}.toml").read_text(encoding="utf-8"), everyone)


def read(city: str, text: str, everyone: set[str]) -> CityContent:
    """Parse and check one city's file; `everyone` are all who may write there."""
    try:
        content = msgspec.convert(tomllib.loads(text), CityContent)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise ValueError(f"{city}.toml: {wrong}.") from wrong
    for problem in _problems(content, everyone):
        raise ValueError(f"{city}.toml: {problem}")
    return content


def picture(listing: Listing) -> bytes | None:
    """The PNG file that belongs to a listing, or None."""
    if listing.picture is None:
        return None
    return (DATA / "pictures" / f"{listing.picture}.png").read_bytes()


def project(community: Community) -> Path | None:
    """The folder of the open-hardware project whose parts the community needs, or None."""
    return DATA / community.needs_from if community.needs_from else None


def _logins(city: str) -> set[str]:
    raw = tomllib.loads((DATA / f"{city}.toml").read_text(encoding="utf-8"))
    return {str(resident["login"]) for resident in raw["residents"]}


def _problems(content: CityContent, everyone: set[str]) -> Iterator[str]:
    yield from _doubles("resident", [one.login for one in content.residents])
    yield from _doubles("community", [one.name for one in content.communities])
    members: dict[str, set[str]] = {}
    for community in content.communities:
        members[community.name] = {community.steward, *community.members}
        yield from _community_problems(community, everyone)
    for listing in content.listings:
        yield from _listing_problems(listing, members, everyone)
    for thread in content.threads:
        where = f"The thread “{thread.title}”"
        if thread.community not in members:
            yield f"{where} is in “{thread.community}”, which does not exist."
            continue
        for author in (thread.author, *(reply.author for reply in thread.replies)):
            if author not in members[thread.community]:
                yield f"{where} has words of “{author}”, who is not a member."


def _community_problems(community: Community, everyone: set[str]) -> Iterator[str]:
    where = f"The community “{community.name}”"
    yield from _doubles(f"member of {community.name}", [community.steward, *community.members])
    for member in (community.steward, *community.members):
        if member not in everyone:
            yield f"{where} has a member “{member}” who does not exist."
    folder = project(community)
    if folder is not None and not (
        re.fullmatch(r"okh/[a-z-]+", community.needs_from or "") and folder.is_dir()
    ):
        yield f"{where} takes its needs from “{community.needs_from}”, which is not there."
    if folder is not None and categories.load().find(community.needs_category or "") is None:
        yield f"{where} has no known category for its needs."


def _listing_problems(
    listing: Listing, members: dict[str, set[str]], everyone: set[str]
) -> Iterator[str]:
    where = f"The listing “{listing.title}”"
    if listing.author not in everyone:
        yield f"{where} is by “{listing.author}”, who does not exist."
    if listing.community is not None and listing.author not in members.get(listing.community, ()):
        yield f"{where} is in “{listing.community}”, where “{listing.author}” is not a member."
    if listing.scope == "community" and listing.community is None:
        yield f"{where} is for a community but names none."
    if categories.load().find(listing.category) is None:
        yield f"{where} has the unknown category “{listing.category}”."
    if units.find(listing.unit) is None:
        yield f"{where} has the unknown unit “{listing.unit}”."
    if listing.number <= 0:
        yield f"{where} is for {listing.number}, which is no amount."
    if listing.picture and not (DATA / "pictures" / f"{listing.picture}.png").is_file():
        yield f"{where} has the picture “{listing.picture}”, which is not there."
    for answer in listing.answers:
        if answer.author not in everyone:
            yield f"{where} has an answer of “{answer.author}”, who does not exist."
        if "@" in answer.author and listing.scope in {"community", "city"}:
            yield f"{where} has an answer of “{answer.author}”, who cannot see it."


def _doubles(what: str, names: list[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"There are two of the {what} “{name}”."


def load_all() -> dict[str, CityContent]:
    """All cities by name; raises ValueError like `load`."""
    return {city: load(city) for city in CITIES}
