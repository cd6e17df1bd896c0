"""Roughly where a need or an offer is: never more exactly than a village."""

from dataclasses import dataclass
from typing import TypeAlias

from federation.acts.drafts import Draft
from federation.instance import Tx
from schema import actors, places
from schema.actors import Actor

Point: TypeAlias = tuple[float | None, float | None]
"""Latitude and longitude, as another server gives them."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A name, and the rough middle of where it is (WGS 84)."""

    name: str
    latitude: float | None
    longitude: float | None

    @property
    def cell(self) -> int | None:
        if self.latitude is None or self.longitude is None:
            return None
        return places.cell(self.latitude, self.longitude)


async def find(tx: Tx, author: Actor, draft: Draft, there: Point | None) -> Spot:
    """Roughly where: a place that is named, else the author's own, else the city's."""
    if there is not None:
        return _rough(draft.place_name, *there)
    name = draft.place_name.strip()[:100]
    for place in places.find(name, limit=3) if name and name != author.place_name else ():
        if name.casefold() in (known.casefold() for known in (place.name, *place.also)):
            return _rough(name, place.latitude, place.longitude)
    home = author
    if author.latitude is None:
        home = await actors.get(tx.conn, tx.instance.city_id)
    return _rough(name or home.place_name, home.latitude, home.longitude)


def _rough(name: str, latitude: float | None, longitude: float | None) -> Spot:
    if latitude is None or longitude is None:
        return Spot(name, None, None)
    return Spot(name, *places.rough(latitude, longitude))
