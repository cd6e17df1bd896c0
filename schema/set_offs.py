"""Set-offs: hours that cities owe each other in a loop, reserved and then booked or dissolved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.actors import Actor
from schema.database import Conn

State: TypeAlias = Literal["reserved", "booked", "dissolved"]


@dataclass(frozen=True, slots=True)
class SetOff:
    """`loop` holds cities by uri, each owes the next one and the last the first, who decides."""

    id: UUID
    uri: str
    loop: list[str]
    amount: Decimal
    before_id: UUID
    after_id: UUID
    state: State
    decision: str
    created: datetime
    updated: datetime

    @property
    def waits(self) -> bool:
        """For the decision of the first city, also where its debts are free again meanwhile."""
        return self.state == "reserved" or (self.state == "dissolved" and not self.decision)


@dataclass(frozen=True, slots=True)
class Debt:
    """What we owe another city."""

    city_id: UUID
    amount: Decimal


async def find(conn: Conn, uri: str) -> SetOff | None:
    """By its name; locked."""
    query = "select * from hour_set_offs where uri = %(uri)s for update"
    return await db.maybe(conn, SetOff, query, {"uri": uri})


async def put(conn: Conn, row: SetOff) -> SetOff:
    """Stores it, or what was decided."""
    return await db.one(
        conn,
        SetOff,
        """insert into hour_set_offs (id, uri, loop, amount, before_id, after_id, state, decision,
             created, updated)
           values (%(id)s, %(uri)s, %(loop)s, %(amount)s, %(before_id)s, %(after_id)s, %(state)s,
             %(decision)s, %(created)s, %(updated)s)
           on conflict (uri) do update set state = excluded.state, decision = excluded.decision,
             updated = excluded.updated
           returning *""",
        {name: getattr(row, name) for name in SetOff.__slots__},
    )


async def reserved(conn: Conn, before_id: UUID | None, after_id: UUID | None) -> Decimal:
    """What loops already hold of what one city owes us, or of what we owe another."""
    query = """select coalesce(sum(amount), 0) from hour_set_offs where state = 'reserved'
                 and (before_id = %(before)s or after_id = %(after)s)"""
    return Decimal(await db.value(conn, query, {"before": before_id, "after": after_id}))


async def list_debts(conn: Conn, ledger: UUID) -> list[Debt]:
    """What this city owes others, the greatest first."""
    return await db.many(
        conn,
        Debt,
        """select h.owner_id as city_id, sum(e.amount) as amount from hour_accounts h
             join actors a on a.id = h.owner_id and a.kind = 'city'
             join hour_entries e on e.account_id = h.id
           where h.community_id = %(ledger)s group by h.owner_id having sum(e.amount) > 0
           order by amount desc, city_id""",
        {"ledger": ledger},
    )


async def claim_month(conn: Conn, ledger: UUID, now: datetime) -> list[Actor]:
    """Cities that we owe, and have not asked for loops in this month; asked from now on."""
    return await db.many(
        conn,
        Actor,
        """with due as (update hour_bridges set probed = %(now)s
             where probed < date_trunc('month', %(now)s::timestamptz) and ours > 0 and theirs > 0
             returning peer)
           select a.* from due join actors a on a.peer = due.peer and a.kind = 'city'
             join hour_accounts h on h.community_id = %(ledger)s and h.owner_id = a.id
           where (select sum(amount) from hour_entries where account_id = h.id) > 0""",
        {"ledger": ledger, "now": now},
    )


async def list_undecided(conn: Conn, city: str, now: datetime, patience: timedelta) -> list[str]:
    """Those that this city has begun, and whose time is over."""
    return await db.values(
        conn,
        """select uri from hour_set_offs where state = 'reserved' and loop[1] = %(city)s
             and created < %(now)s - %(patience)s::interval order by created limit 100""",
        {"city": city, "now": now, "patience": patience},
    )


async def lapse(conn: Conn, city: str, now: datetime, patience: timedelta) -> int:
    """Those that another city has begun and never decided hold no debts any more; a decision that
    comes after all is followed."""
    return await db.run(
        conn,
        """update hour_set_offs set state = 'dissolved', updated = %(now)s
           where state = 'reserved' and loop[1] <> %(city)s
             and created < %(now)s - %(patience)s::interval""",
        {"city": city, "now": now, "patience": patience},
    )


async def is_reserved(conn: Conn, loop: Sequence[str]) -> bool:
    """Whether this very loop is under way."""
    query = """select exists (select 1 from hour_set_offs
                 where state = 'reserved' and loop = %(loop)s)"""
    return bool(await db.value(conn, query, {"loop": list(loop)}))


async def ask_anew(conn: Conn) -> None:
    """The next round asks all whom we owe once more, this month too."""
    await db.run(conn, "update hour_bridges set probed = 'epoch'")
