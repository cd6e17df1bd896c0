"""Invitations: codes by which people join."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema.database import Conn

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike on paper


@dataclass(frozen=True, slots=True)
class Invitation:
    """`made_by` None: from the command line."""

    code: str
    made_by: UUID | None
    note: str
    uses: int
    used: int
    expires_at: datetime
    revoked_at: datetime | None
    created: datetime

    def is_good(self, now: datetime) -> bool:
        """Whether somebody could still join by it."""
        return self.revoked_at is None and self.used < self.uses and self.expires_at > now


def new_code() -> str:
    """Twelve letters in three groups, 59 bits: to be read aloud and typed."""
    letters = [secrets.choice(_LETTERS) for _ in range(12)]
    return "-".join("".join(letters[at : at + 4]) for at in (0, 4, 8))


async def insert(
    conn: Conn, *, made_by: UUID | None, note: str, uses: int, expires_at: datetime, now: datetime
) -> Invitation:
    """With a code of its own."""
    return await db.one(
        conn,
        Invitation,
        """insert into invitations (code, made_by, note, uses, expires_at, created)
           values (%(code)s, %(by)s, %(note)s, %(uses)s, %(expires)s, %(now)s) returning *""",
        {
            "code": new_code(),
            "by": made_by,
            "note": note[:200],
            "uses": uses,
            "expires": expires_at,
            "now": now,
        },
    )


async def get(conn: Conn, code: str) -> Invitation:
    """Missing when there is none."""
    query = "select * from invitations where code = %(code)s"
    return await db.one(conn, Invitation, query, {"code": code})


async def use(conn: Conn, code: str, now: datetime) -> Invitation | None:
    """One of its uses; None when it is unknown, used up, too old or taken back."""
    return await db.maybe(
        conn,
        Invitation,
        """update invitations set used = used + 1
           where code = %(code)s and used < uses and expires_at > %(now)s and revoked_at is null
           returning *""",
        {"code": code.strip().lower(), "now": now},
    )


async def is_good(conn: Conn, code: str, now: datetime) -> bool:
    """Whether it could be used."""
    return bool(
        await db.value(
            conn,
            """select exists (select 1 from invitations where code = %(code)s and used < uses
                 and expires_at > %(now)s and revoked_at is null)""",
            {"code": code.strip().lower(), "now": now},
        )
    )


async def revoke(conn: Conn, code: str, now: datetime) -> Invitation:
    """Nobody joins by it any more; Missing when it was not good before."""
    return await db.one(
        conn,
        Invitation,
        """update invitations set revoked_at = %(now)s
           where code = %(code)s and revoked_at is null returning *""",
        {"code": code, "now": now},
    )


async def list_newest(conn: Conn, limit: int = 100) -> list[Invitation]:
    """All, also those that are used up."""
    query = "select * from invitations order by created desc limit %(limit)s"
    return await db.many(conn, Invitation, query, {"limit": limit})
