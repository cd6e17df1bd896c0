"""The helper's desk: who helps, for whom with which consent, and the codes of the weekly sheet."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn
from schema.proposals import Purpose

Consent: TypeAlias = Literal["spoken", "written"]


@dataclass(frozen=True, slots=True)
class Ward:
    """Somebody without internet; `contact` is for helpers only."""

    account_id: UUID
    name: str
    consent: Consent
    consented: datetime
    contact: str
    helper: str


@dataclass(frozen=True, slots=True)
class Line:
    """A listing on the sheet, with its code."""

    code: str
    proposal_id: UUID
    purpose: Purpose
    title: str
    available: Decimal | None
    unit: str
    until: datetime | None
    place_name: str
    author: str


async def is_helper(conn: Conn, account_id: UUID) -> bool:
    """Moderators and admins of the place are; others were appointed."""
    query = """select exists (select 1 from accounts b where b.actor_id = %(id)s
                 and b.state = 'active' and (b.role in ('moderator', 'admin')
                   or exists (select 1 from helpers h where h.account_id = b.actor_id)))"""
    return bool(await db.value(conn, query, {"id": account_id}))


async def appoint(conn: Conn, account_id: UUID, by: UUID) -> None:
    """Twice is once."""
    await db.run(
        conn,
        """insert into helpers (account_id, appointed_by) values (%(id)s, %(by)s)
           on conflict do nothing""",
        {"id": account_id, "by": by},
    )


async def dismiss(conn: Conn, account_id: UUID) -> None:
    """Not a helper any more."""
    await db.run(conn, "delete from helpers where account_id = %(id)s", {"id": account_id})


async def list_helpers(conn: Conn) -> list[tuple[UUID, str]]:
    """Those who were appointed: id and name."""
    rows = await db.many(
        conn,
        _Named,
        """select a.id, coalesce(nullif(a.title, ''), a.name) as name
           from helpers h join actors a on a.id = h.account_id order by 2""",
    )
    return [(row.id, row.name) for row in rows]


@dataclass(frozen=True, slots=True)
class _Named:
    id: UUID
    name: str


async def insert_ward(
    conn: Conn, account_id: UUID, helper_id: UUID, consent: Consent, now: datetime, contact: str
) -> None:
    """With the consent that was given."""
    await db.run(
        conn,
        """insert into wards (account_id, helper_id, consent, consented, contact)
           values (%(id)s, %(helper)s, %(consent)s, %(now)s, %(contact)s)""",
        {
            "id": account_id,
            "helper": helper_id,
            "consent": consent,
            "now": now,
            "contact": contact,
        },
    )


async def list_wards(conn: Conn) -> list[Ward]:
    """All, by name."""
    return await db.many(conn, Ward, _WARDS + " order by lower(a.title), a.name")


async def find_ward(conn: Conn, account_id: UUID) -> Ward | None:
    """None for somebody who looks after themselves."""
    return await db.maybe(conn, Ward, _WARDS + " and w.account_id = %(id)s", {"id": account_id})


async def record(conn: Conn, proposal_id: UUID, helper_id: UUID) -> None:
    """Who entered it."""
    await db.run(
        conn,
        """insert into desk_entries (proposal_id, helper_id) values (%(id)s, %(helper)s)
           on conflict do nothing""",
        {"id": proposal_id, "helper": helper_id},
    )


async def list_unlisted(conn: Conn, week: date, limit: int) -> list[UUID]:
    """Open listings that all residents may see and that have no code this week, newest first;
    `limit` counts those with a code too."""
    return await db.values(
        conn,
        """select id from (select p.id, p.created from proposals p
             join actors a on a.id = p.author_id left join peers o on o.origin = a.peer
             where p.state = 'open' and (p.until is null or p.until > now())
               and p.scope <> 'community' and (p.scope <> 'city' or a.peer is null)
               and a.deleted_at is null
               and (a.suspended_until is null or a.suspended_until <= now())
               and (a.peer is null or o.link = 'linked' and o.blocked_at is null and o.receives)
             order by a.peer is not null, p.created desc limit %(limit)s) newest
           where not exists (select 1 from sheet_codes c
             where c.week = %(week)s and c.proposal_id = newest.id)
           order by created desc""",
        {"week": week, "limit": limit},
    )


async def list_codes(conn: Conn, week: date) -> list[str]:
    """Those that are taken."""
    return await db.values(
        conn, "select code from sheet_codes where week = %(week)s", {"week": week}
    )


async def give_code(conn: Conn, week: date, code: str, proposal_id: UUID) -> None:
    """For this week."""
    await db.run(
        conn,
        """insert into sheet_codes (week, code, proposal_id)
           values (%(week)s, %(code)s, %(id)s) on conflict do nothing""",
        {"week": week, "code": code, "id": proposal_id},
    )


async def list_lines(conn: Conn, week: date, limit: int) -> list[Line]:
    """The sheet of a week: what still stands, by code; the newest, those of this place first."""
    return await db.many(
        conn,
        Line,
        """select * from (
             select c.code, p.id as proposal_id, p.purpose, p.title, p.available, p.unit, p.until,
               p.place_name, coalesce(nullif(a.title, ''), a.name) as author
             from sheet_codes c join proposals p on p.id = c.proposal_id
               join actors a on a.id = p.author_id
             where c.week = %(week)s and p.state = 'open'
               and (p.until is null or p.until > now()) and a.deleted_at is null
             order by a.peer is not null, p.created desc limit %(limit)s) newest
           order by purpose desc, code""",
        {"week": week, "limit": limit},
    )


async def find_code(conn: Conn, code: str, oldest: date) -> UUID | None:
    """The listing that had this code last, on a sheet since `oldest`."""
    return await db.value(
        conn,
        """select proposal_id from sheet_codes where code = %(code)s and week >= %(oldest)s
           order by week desc limit 1""",
        {"code": code, "oldest": oldest},
    )


_WARDS = """select w.account_id, coalesce(nullif(a.title, ''), a.name) as name, w.consent,
    w.consented, w.contact, coalesce(nullif(h.title, ''), h.name) as helper
  from wards w join actors a on a.id = w.account_id join actors h on h.id = w.helper_id
  where a.deleted_at is null"""
