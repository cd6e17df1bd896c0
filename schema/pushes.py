"""Pushes: devices that a person let us tell, and keys of the place made at their first use."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from schema import database as db
from schema.database import Conn

MOST: Final = 10  # devices of one account


@dataclass(frozen=True, slots=True)
class Device:
    """A push subscription (W3C Push API): its address and the two keys of RFC 8291."""

    endpoint: str
    account_id: UUID
    public_key: bytes
    auth: bytes


async def insert(conn: Conn, device: Device) -> None:
    """In place of the same address; the oldest goes when there are too many."""
    await db.run(
        conn,
        """insert into push_devices (endpoint, account_id, public_key, auth)
           values (%(endpoint)s, %(account)s, %(key)s, %(auth)s)
           on conflict (endpoint) do update set account_id = excluded.account_id,
             public_key = excluded.public_key, auth = excluded.auth""",
        {
            "endpoint": device.endpoint,
            "account": device.account_id,
            "key": device.public_key,
            "auth": device.auth,
        },
    )
    await db.run(
        conn,
        """delete from push_devices where endpoint in (select endpoint from push_devices
             where account_id = %(account)s order by created desc offset %(most)s)""",
        {"account": device.account_id, "most": MOST},
    )


async def list_of(conn: Conn, account_id: UUID) -> list[Device]:
    """A person's devices."""
    return await db.many(
        conn,
        Device,
        """select endpoint, account_id, public_key, auth from push_devices
           where account_id = %(account)s order by created""",
        {"account": account_id},
    )


async def find(conn: Conn, endpoint: str) -> Device | None:
    """None when it was forgotten meanwhile."""
    query = """select endpoint, account_id, public_key, auth from push_devices
               where endpoint = %(endpoint)s"""
    return await db.maybe(conn, Device, query, {"endpoint": endpoint})


async def delete(conn: Conn, endpoint: str) -> None:
    """It is not there any more."""
    await db.run(
        conn, "delete from push_devices where endpoint = %(endpoint)s", {"endpoint": endpoint}
    )


async def delete_all(conn: Conn, account_id: UUID) -> int:
    """All of a person's; how many."""
    query = "delete from push_devices where account_id = %(account)s"
    return await db.run(conn, query, {"account": account_id})


async def key(conn: Conn, name: str, fresh: bytes) -> bytes:
    """The key of this name; `fresh` when there was none, from now on."""
    query = """insert into keys_of_place (name, value) values (%(name)s, %(value)s)
               on conflict (name) do nothing"""
    await db.run(conn, query, {"name": name, "value": fresh})
    stored = await db.value(
        conn, "select value from keys_of_place where name = %(name)s", {"name": name}
    )
    return bytes(stored)
