"""Bridges: hours between two cities, up to a limit that both have set, and what crosses them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn

State: TypeAlias = Literal["reserved", "booked", "refused"]


@dataclass(frozen=True, slots=True)
class Bridge:
    """To the city at `peer`; hours cross it up to the lower of both limits."""

    peer: str
    ours: Decimal
    theirs: Decimal
    told: datetime
    probed: datetime
    created: datetime

    @property
    def limit(self) -> Decimal:
        """How far the balance may go, either way."""
        return min(self.ours, self.theirs)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hours of one person for another across a border; `person_id` is the one who lives here.

    Outgoing ones are reserved until the other city has said yes or no.
    """

    id: UUID
    key: str
    peer: str
    outgoing: bool
    community_id: UUID
    person_id: UUID
    other_id: UUID
    agreement_id: UUID | None
    amount: Decimal
    text: str
    state: State
    reason: str
    offer_uri: str
    offer: str
    receipt: str
    created: datetime
    updated: datetime


async def find(conn: Conn, peer: str) -> Bridge | None:
    """None where neither city has set a limit."""
    query = "select * from hour_bridges where peer = %(peer)s"
    return await db.maybe(conn, Bridge, query, {"peer": peer})


async def lock(conn: Conn, peer: str) -> Bridge:
    """Made where it was missing; nobody else books across it until the transaction ends."""
    await db.run(
        conn,
        "insert into hour_bridges (peer) values (%(peer)s) on conflict do nothing",
        {"peer": peer},
    )
    query = "select * from hour_bridges where peer = %(peer)s for update"
    return await db.one(conn, Bridge, query, {"peer": peer})


async def set_ours(conn: Conn, peer: str, limit: Decimal) -> None:
    """The limit of this city."""
    query = "update hour_bridges set ours = %(limit)s where peer = %(peer)s"
    await db.run(conn, query, {"peer": peer, "limit": limit})


async def set_theirs(conn: Conn, peer: str, limit: Decimal, at: datetime) -> None:
    """The limit of the other city, unless a later word is known."""
    await db.run(
        conn,
        """update hour_bridges set theirs = %(limit)s, told = %(at)s
           where peer = %(peer)s and told <= %(at)s""",
        {"peer": peer, "limit": limit, "at": at},
    )


async def list_open(conn: Conn) -> list[Bridge]:
    """Those over which hours may go."""
    query = "select * from hour_bridges where ours > 0 and theirs > 0 order by peer"
    return await db.many(conn, Bridge, query)


async def find_transfer(conn: Conn, key: str) -> Transfer | None:
    """By what it comes of; locked."""
    query = "select * from hour_transfers where key = %(key)s for update"
    return await db.maybe(conn, Transfer, query, {"key": key})


async def put_transfer(conn: Conn, row: Transfer) -> Transfer:
    """Stores it, or what became of it."""
    return await db.one(conn, Transfer, _PUT, _params(row))


async def reserved(conn: Conn, community_id: UUID, person_id: UUID) -> Decimal:
    """What somebody has promised across a border, and is not booked yet."""
    query = """select coalesce(sum(amount), 0) from hour_transfers
               where outgoing and state = 'reserved' and community_id = %(community)s
                 and person_id = %(person)s"""
    return Decimal(await db.value(conn, query, {"community": community_id, "person": person_id}))


async def reserved_across(conn: Conn, peer: str) -> Decimal:
    """What is promised to one city, and is not booked yet."""
    query = """select coalesce(sum(amount), 0) from hour_transfers
               where outgoing and state = 'reserved' and peer = %(peer)s"""
    return Decimal(await db.value(conn, query, {"peer": peer}))


async def list_transfers(conn: Conn, peer: str, limit: int = 50) -> list[Transfer]:
    """What crossed a border, newest first."""
    query = """select * from hour_transfers where peer = %(peer)s
               order by created desc, id desc limit %(limit)s"""
    return await db.many(conn, Transfer, query, {"peer": peer, "limit": limit})


async def list_unanswered(conn: Conn, before: datetime) -> list[str]:
    """Keys of what waits since then for an answer, or for a city that is no neighbour any more."""
    return await db.values(
        conn,
        """select t.key from hour_transfers t left join peers p on p.origin = t.peer
           where t.outgoing and t.state = 'reserved' and (t.updated < %(before)s
             or p.origin is null or p.link <> 'linked' or p.blocked_at is not null)
           order by t.created limit 200""",
        {"before": before},
    )


async def find_of_person(conn: Conn, person_id: UUID) -> UUID | None:
    """The community, the oldest, that keeps hours for somebody."""
    return await db.value(
        conn,
        """select r.community_id from hour_rules r
             join memberships m on m.community_id = r.community_id
               and m.person_id = %(id)s and m.state = 'member'
             join communities c on c.actor_id = r.community_id and c.closed_at is null
           where r.ended_at is null order by r.created, r.community_id limit 1""",
        {"id": person_id},
    )


def _params(row: Transfer) -> dict[str, object]:
    return {name: getattr(row, name) for name in Transfer.__slots__}


_PUT: Final[LiteralString] = """insert into hour_transfers (id, key, peer, outgoing, community_id,
    person_id, other_id, agreement_id, amount, text, state, reason, offer_uri, offer, receipt,
    created, updated)
  values (%(id)s, %(key)s, %(peer)s, %(outgoing)s, %(community_id)s, %(person_id)s, %(other_id)s,
    %(agreement_id)s, %(amount)s, %(text)s, %(state)s, %(reason)s, %(offer_uri)s, %(offer)s,
    %(receipt)s, %(created)s, %(updated)s)
  on conflict (key) do update set state = excluded.state, reason = excluded.reason,
    offer_uri = excluded.offer_uri, offer = excluded.offer, receipt = excluded.receipt,
    community_id = excluded.community_id, updated = excluded.updated
  returning *"""


async def balance(conn: Conn, peer: str) -> Decimal:
    """Above zero: they owe us; below: we owe them."""
    return Decimal(
        await db.value(
            conn,
            """select -coalesce(sum(e.amount), 0) from hour_accounts h
                 join actors o on o.id = h.owner_id and o.kind = 'city' and o.peer = %(peer)s
                 join hour_entries e on e.account_id = h.id""",
            {"peer": peer},
        )
    )
