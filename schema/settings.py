"""What the place has decided about itself: one row per key, typed here."""

from dataclasses import asdict, dataclass, field
from typing import Literal

import msgspec

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Settings:
    """The city's own. `latitude` and `longitude` in WGS 84 degrees: the middle of the place.

    Purposes are Markdown; what the place is called on a map stands in the city's actor.
    """

    name: str = "Stadtnetz"
    purpose_de: str = ""
    purpose_en: str = ""
    latitude: float | None = None
    longitude: float | None = None
    sign_up: Literal["open", "invitation", "approval"] = "open"
    questions: list[str] = field(default_factory=list[str])
    operator: str = ""
    federation: Literal["listed", "open"] = "listed"  # listed: only linked cities, the default
    hub: bool = False  # passes on what neighbour cities announce
    signed_reads: bool = False  # other servers read nothing without a signature


async def load(conn: Conn) -> Settings:
    """The stored ones over the defaults."""
    rows = await db.values(conn, "select jsonb_object_agg(key, value) from settings")
    return msgspec.convert(rows[0] or {}, Settings)


async def save(conn: Conn, settings: Settings) -> None:
    """All of them."""
    await db.run_many(
        conn,
        """insert into settings (key, value) values (%(key)s, %(value)s::jsonb)
           on conflict (key) do update set value = excluded.value, changed = now()""",
        [
            {"key": key, "value": msgspec.json.encode(value).decode()}
            for key, value in asdict(settings).items()
        ],
    )
