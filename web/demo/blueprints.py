"""The demonstration's blueprints: real manifests, and what residents wrote."""

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from federation.acts import blueprints as acts
from schema import instructions
from schema.actors import Actor
from schema.blueprints import Step
from schema.instructions import Draft
from web import importing
from web.demo.goods import listing_id
from web.demo.places import Place, writer

DATA: Final = Path(__file__).parent / "data"
IMPORTER: Final = "wien"
CATEGORIES: Final = {"meditation-bench": "home.furniture", "boxfarm": "grow.land"}
"""What the person corrects who brings them along: guesses by a word that misleads."""


def load() -> list[dict[str, Any]]:
    """What the file says of each that residents wrote."""
    return tomllib.loads((DATA / "blueprints.toml").read_text("utf-8"))["blueprints"]


async def plans(places: Sequence[Place]) -> None:
    """All manifests, then those of our own; a second start changes nothing."""
    home = next(place for place in places if place.name == IMPORTER)
    person = home.content.residents[0].login
    _, by = await writer(places, home, person)
    for path in sorted(importing.find(DATA / "okh"), reverse=True):
        if path.name.startswith("okh."):
            draft = importing.read(path).draft
            name = path.parent.name
            draft = replace(draft, category=CATEGORIES.get(name, draft.category))
            await _publish(home, by, name, draft)
    for wanted in load():
        place = next(one for one in places if one.name == wanted["city"])
        _, author = await writer(places, place, place.content.residents[1].login)
        await _publish(place, author, wanted["title"], draft_of(wanted))


async def _publish(place: Place, by: Actor, what: str, draft: Draft) -> None:
    async with place.instance.begin() as tx:
        await acts.publish(tx, by=by, draft=draft, id=id_of(place, what))


def id_of(place: Place, what: str) -> UUID:
    """Of a blueprint by its folder, or its title where residents wrote it."""
    return listing_id(place, f"blueprint {what}")


def draft_of(wanted: dict[str, Any]) -> Draft:
    """As the file has it; lines name their step by its number."""
    keys = [f"step{number + 1}" for number in range(len(wanted["steps"]))]
    lines = tuple(
        instructions.line(
            f"line{place + 1}",
            one["name"],
            kind=one.get("kind", "material"),
            quantity=Decimal(str(one["quantity"])) if "quantity" in one else None,
            unit=one.get("unit", "piece"),
            choice=one.get("choice", ""),
            category=one.get("category", ""),
            note=one.get("note", ""),
            step_key=keys[int(one["step"]) - 1],
        )
        for place, one in enumerate(wanted["lines"])
    )
    steps = tuple(
        Step(
            version_id=instructions.NOBODYS,
            key=keys[place],
            position=place,
            title=one["title"],
            source=one["source"],
            role=one.get("role", ""),
            skills=one.get("skills", []),
            hours=Decimal(one["hours"]),
            people=one["people"],
            after=keys[place - 1 : place] if place else [],
        )
        for place, one in enumerate(wanted["steps"])
    )
    plain = {n: wanted[n] for n in Draft.__slots__ if n in wanted and n not in ("lines", "steps")}
    return replace(Draft(**plain), lines=lines, steps=steps)
