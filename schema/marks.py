"""Marks: what was done once for this city and need not be done again."""

from psycopg import Connection

from schema import database as db
from schema.database import Conn


def is_set(conninfo: str, name: str) -> bool:
    """Whether it was done; asked before the city is opened."""
    query = "select 1 from settings where key = %(key)s"
    with Connection.connect(conninfo) as conn:
        return conn.execute(query, {"key": f"mark:{name}"}).fetchone() is not None


async def put(conn: Conn, name: str) -> None:
    """It is done."""
    await db.run(
        conn,
        """insert into settings (key, value) values (%(key)s, 'true')
           on conflict (key) do nothing""",
        {"key": f"mark:{name}"},
    )
