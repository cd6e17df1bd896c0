"""The rules of the place in their versions: what people have agreed to stays readable."""

from dataclasses import dataclass
from datetime import datetime

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Terms:
    """One version, in Markdown."""

    version: int
    text_de: str
    text_en: str
    created: datetime


async def current(conn: Conn) -> Terms | None:
    """The newest version; None while there are no rules."""
    return await db.maybe(conn, Terms, "select * from terms order by version desc limit 1")


async def publish(conn: Conn, text_de: str, text_en: str) -> Terms:
    """A new version, unless the newest says the same."""
    known = await current(conn)
    if known and (known.text_de, known.text_en) == (text_de, text_en):
        return known
    return await db.one(
        conn,
        Terms,
        """insert into terms (version, text_de, text_en)
           select coalesce(max(version), 0) + 1, %(de)s, %(en)s from terms returning *""",
        {"de": text_de, "en": text_en},
    )
