"""Hours: accounts that communities keep in them, and what was booked; two lines, sum zero."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from schema import database as db
from schema import ids
from schema.database import Conn

Balances: TypeAlias = Literal["private", "members"]
Leaving: TypeAlias = Literal["moves", "zero"]
Kind: TypeAlias = Literal["agreement", "gift", "correction", "leaving", "bridge", "set-off"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a community has chosen: how far an account may go below and above zero, who sees the
    balances, and whether who leaves must be at zero or leaves the rest to the community."""

    community_id: UUID
    low: Decimal
    high: Decimal
    balances: Balances
    leaving: Leaving
    ended_at: datetime | None
    created: datetime

    @property
    def is_on(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Account:
    """Of a person in a community, of the community itself, or of a neighbour city."""

    id: UUID
    community_id: UUID
    owner_id: UUID
    created: datetime


@dataclass(frozen=True, slots=True)
class Booking:
    """`key` names what it comes of; nothing is booked twice."""

    id: UUID
    key: str
    community_id: UUID
    kind: Kind
    agreement_id: UUID | None
    corrects: UUID | None
    by_id: UUID | None
    text: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the two lines of a booking."""

    account_id: UUID
    owner_id: UUID
    amount: Decimal


async def find_rules(conn: Conn, community_id: UUID) -> Rules | None:
    """None where a community never kept hours."""
    query = "select * from hour_rules where community_id = %(id)s"
    return await db.maybe(conn, Rules, query, {"id": community_id})


async def put_rules(
    conn: Conn,
    community_id: UUID,
    *,
    low: Decimal,
    high: Decimal,
    balances: Balances,
    leaving: Leaving,
    ended_at: datetime | None,
) -> Rules:
    """Begins, changes or ends it."""
    return await db.one(
        conn,
        Rules,
        """insert into hour_rules (community_id, low, high, balances, leaving, ended_at)
           values (%(id)s, %(low)s, %(high)s, %(balances)s, %(leaving)s, %(ended)s)
           on conflict (community_id) do update set low = excluded.low, high = excluded.high,
             balances = excluded.balances, leaving = excluded.leaving,
             ended_at = excluded.ended_at returning *""",
        {
            "id": community_id,
            "low": low,
            "high": high,
            "balances": balances,
            "leaving": leaving,
            "ended": ended_at,
        },
    )


async def lock_accounts(
    conn: Conn, community_id: UUID, owner_ids: tuple[UUID, ...]
) -> dict[UUID, Account]:
    """By owner, made where there were none; nobody else books on them until the end. Always in
    the same order, so that nobody waits for ever."""
    for owner_id in sorted(owner_ids):
        await db.run(
            conn,
            """insert into hour_accounts (id, community_id, owner_id)
               values (%(id)s, %(community)s, %(owner)s) on conflict do nothing""",
            {"id": ids.new(), "community": community_id, "owner": owner_id},
        )
    found = await db.many(
        conn,
        Account,
        """select * from hour_accounts where community_id = %(community)s
             and owner_id = any(%(owners)s) order by owner_id for update""",
        {"community": community_id, "owners": list(owner_ids)},
    )
    return {account.owner_id: account for account in found}


async def balance(conn: Conn, account_id: UUID) -> Decimal:
    """The sum of all its lines."""
    query = "select coalesce(sum(amount), 0) from hour_entries where account_id = %(id)s"
    return Decimal(await db.value(conn, query, {"id": account_id}))


async def balance_of(conn: Conn, community_id: UUID, owner_id: UUID) -> Decimal:
    """The same by owner; zero where there is no account."""
    query = """select coalesce(sum(e.amount), 0) from hour_accounts a
               join hour_entries e on e.account_id = a.id
               where a.community_id = %(community)s and a.owner_id = %(owner)s"""
    return Decimal(await db.value(conn, query, {"community": community_id, "owner": owner_id}))


async def insert(
    conn: Conn, row: Booking, *, payer: Account, taker: Account, amount: Decimal
) -> bool:
    """The booking with its two lines; False when its key is booked already."""
    added = await db.run(
        conn,
        """insert into hour_bookings (id, key, community_id, kind, agreement_id, corrects, by_id,
             text, created)
           values (%(id)s, %(key)s, %(community_id)s, %(kind)s, %(agreement_id)s, %(corrects)s,
             %(by_id)s, %(text)s, %(created)s) on conflict (key) do nothing""",
        {name: getattr(row, name) for name in Booking.__slots__},
    )
    if not added:
        return False
    await db.run_many(
        conn,
        """insert into hour_entries (booking_id, account_id, amount)
           values (%(booking)s, %(account)s, %(amount)s)""",
        [
            {"booking": row.id, "account": payer.id, "amount": -amount},
            {"booking": row.id, "account": taker.id, "amount": amount},
        ],
    )
    return True


_BOOKINGS: Final[LiteralString] = """select id, key, community_id, kind, agreement_id, corrects,
  by_id, text, created from hour_bookings"""


async def find(conn: Conn, id: UUID) -> Booking | None:
    """One booking."""
    return await db.maybe(conn, Booking, _BOOKINGS + " where id = %(id)s", {"id": id})


async def find_by_key(conn: Conn, key: str) -> Booking | None:
    """What was booked for this."""
    return await db.maybe(conn, Booking, _BOOKINGS + " where key = %(key)s", {"key": key})


async def is_corrected(conn: Conn, id: UUID) -> bool:
    """Whether it has its counter-entry."""
    query = "select exists (select 1 from hour_bookings where corrects = %(id)s)"
    return bool(await db.value(conn, query, {"id": id}))


async def list_entries(conn: Conn, booking_id: UUID) -> list[Entry]:
    """Its two lines, the one who paid first."""
    return await db.many(
        conn,
        Entry,
        """select e.account_id, a.owner_id, e.amount from hour_entries e
             join hour_accounts a on a.id = e.account_id
           where e.booking_id = %(id)s order by e.amount""",
        {"id": booking_id},
    )


async def list_shared(conn: Conn, one: UUID, other: UUID) -> list[UUID]:
    """Communities that keep hours and to which both belong, the oldest first."""
    return await db.values(
        conn,
        """select r.community_id from hour_rules r
             join communities c on c.actor_id = r.community_id and c.closed_at is null
             join memberships m on m.community_id = r.community_id and m.person_id = %(one)s
               and m.state = 'member'
             join memberships n on n.community_id = r.community_id and n.person_id = %(other)s
               and n.state = 'member'
           where r.ended_at is null order by r.created, r.community_id""",
        {"one": one, "other": other},
    )


async def list_held(conn: Conn, owner_id: UUID) -> list[UUID]:
    """Communities in which somebody has an account."""
    query = "select community_id from hour_accounts where owner_id = %(id)s order by community_id"
    return await db.values(conn, query, {"id": owner_id})
