"""Drafts of guests: what somebody wrote in a form before having an account.

As with sessions only the SHA-256 of the secret in the cookie is stored.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
import orjson

from schema import database as db
from schema.database import Conn

LIFE = timedelta(days=14)
LARGEST = 60_000  # bytes of JSON

Fields = dict[str, list[str]]


async def keep(conn: Conn, secret: str, fields: Fields, now: datetime) -> bool:
    """In place of an older one of the same secret; False for one that is too large."""
    text = orjson.dumps(fields)
    if len(text) > LARGEST:
        return False
    await db.run(
        conn,
        """insert into drafts (token_hash, fields, expires_at)
           values (%(hash)s, %(fields)s::jsonb, %(expires)s)
           on conflict (token_hash) do update set fields = excluded.fields,
             expires_at = excluded.expires_at""",
        {"hash": _hash_of(secret), "fields": text.decode(), "expires": now + LIFE},
    )
    return True


async def find(conn: Conn, secret: str, now: datetime) -> Fields | None:
    """None when there is none, or it is too old."""
    query = "select fields from drafts where token_hash = %(hash)s and expires_at > %(now)s"
    found: Any = await db.value(conn, query, {"hash": _hash_of(secret), "now": now})
    return None if found is None else msgspec.convert(found, Fields)


async def drop(conn: Conn, secret: str) -> None:
    """It was published, or is not wanted."""
    await db.run(conn, "delete from drafts where token_hash = %(hash)s", {"hash": _hash_of(secret)})


async def sweep(conn: Conn, now: datetime) -> int:
    """Takes away those that are too old; how many."""
    return await db.run(conn, "delete from drafts where expires_at <= %(now)s", {"now": now})


def _hash_of(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()
