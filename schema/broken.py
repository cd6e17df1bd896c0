"""Arrivals that broke something here again and again: given up, until the program has changed."""

from typing import Final
from uuid import UUID

from schema import database as db
from schema.database import Conn

VERDICT: Final = "it broke something here"


async def put_down(conn: Conn, id: UUID) -> None:
    """No more tries for this one."""
    await db.run(
        conn,
        """update activities set state = 'refused', verdict = %(verdict)s, lease_until = 'epoch'
           where id = %(id)s""",
        {"id": id, "verdict": VERDICT},
    )


async def take_up(conn: Conn) -> int:
    """One more try for each, at the start of a worker: the mistake may be mended. How many."""
    return await db.run(
        conn,
        """update activities set state = 'received', next_at = now()
           where direction = 'in' and state = 'refused' and verdict = %(verdict)s""",
        {"verdict": VERDICT},
    )
