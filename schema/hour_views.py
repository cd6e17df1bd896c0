"""What pages show of hours: statements of people, and the sheet of a community."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, LiteralString
from uuid import UUID

from schema import database as db
from schema.database import Conn
from schema.hours import Kind


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands in one community that keeps hours, or kept them."""

    community_id: UUID
    name: str
    title: str
    low: Decimal
    high: Decimal
    balance: Decimal
    is_on: bool
    is_member: bool

    @property
    def url(self) -> str:
        """The community's sheet."""
        return f"/communities/{self.name}/hours"


@dataclass(frozen=True, slots=True)
class Line:
    """A booking as one account sees it; `after` is the balance from then on."""

    booking_id: UUID
    community_id: UUID
    community: str
    kind: Kind
    amount: Decimal
    after: Decimal
    text: str
    other: str
    other_kind: str
    other_handle: str
    agreement_id: UUID | None
    corrects: UUID | None
    corrected: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """An account on the sheet of a community; `kind` of its owner: person, group or city."""

    owner_id: UUID
    kind: str
    title: str
    handle: str
    balance: Decimal
    turnover: Decimal
    last: datetime | None
    is_member: bool


async def list_standings(conn: Conn, person_id: UUID) -> list[Standing]:
    """Where one belongs, or has a balance left."""
    return await db.many(
        conn,
        Standing,
        """select r.community_id, a.name, case when a.title = '' then a.name else a.title end
             as title, r.low, r.high, coalesce(s.balance, 0) as balance,
             r.ended_at is null as is_on,
             coalesce(m.state = 'member', false) as is_member
           from hour_rules r join actors a on a.id = r.community_id
             left join memberships m on m.community_id = r.community_id
               and m.person_id = %(id)s
             left join lateral (select sum(e.amount) as balance from hour_accounts h
               join hour_entries e on e.account_id = h.id
               where h.community_id = r.community_id and h.owner_id = %(id)s) s on true
           where m.state = 'member' and r.ended_at is null or coalesce(s.balance, 0) <> 0
           order by title""",
        {"id": person_id},
    )


_LINES: Final[LiteralString] = """select * from (select b.id as booking_id, b.community_id,
    case when g.title = '' then g.name else g.title end as community, b.kind, e.amount,
    sum(e.amount) over (partition by e.account_id order by b.created, b.id) as after, b.text,
    case when o.title = '' then o.name else o.title end as other, o.kind as other_kind,
    case when o.host = '' then o.name else o.name || '@' || o.host end as other_handle,
    b.agreement_id, b.corrects,
    exists (select 1 from hour_bookings k where k.corrects = b.id) as corrected, b.created
  from hour_accounts h join hour_entries e on e.account_id = h.id
    join hour_bookings b on b.id = e.booking_id
    join hour_entries f on f.booking_id = b.id and f.account_id <> e.account_id
    join hour_accounts i on i.id = f.account_id join actors o on o.id = i.owner_id
    join actors g on g.id = b.community_id
  where h.owner_id = %(owner)s
    and (%(community)s::uuid is null or h.community_id = %(community)s)) lines
  order by created desc, booking_id desc limit %(limit)s"""


async def list_lines(
    conn: Conn, owner_id: UUID, community_id: UUID | None = None, limit: int = 200
) -> list[Line]:
    """The statement of one owner, newest first."""
    given = {"owner": owner_id, "community": community_id, "limit": limit}
    return await db.many(conn, Line, _LINES, given)


async def list_holders(conn: Conn, community_id: UUID) -> list[Holder]:
    """All accounts of a community, its own and those of other cities last; their sum is zero."""
    return await db.many(
        conn,
        Holder,
        """select h.owner_id, a.kind, case when a.title = '' then a.name else a.title end as title,
             case when a.host = '' then a.name else a.name || '@' || a.host end as handle,
             coalesce(sum(e.amount), 0) as balance,
             coalesce(sum(abs(e.amount)), 0) as turnover, max(b.created) as last,
             coalesce(max(m.state) = 'member', false) as is_member
           from hour_accounts h join actors a on a.id = h.owner_id
             left join hour_entries e on e.account_id = h.id
             left join hour_bookings b on b.id = e.booking_id
             left join memberships m on m.community_id = h.community_id
               and m.person_id = h.owner_id
           where h.community_id = %(id)s group by h.owner_id, a.id
           order by a.kind <> 'person', title, h.owner_id""",
        {"id": community_id},
    )


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody to whom one could give hours."""

    person_id: UUID
    title: str
    handle: str

    @property
    def option(self) -> tuple[str, str]:
        """For a list to choose from."""
        return str(self.person_id), f"{self.title} (@{self.handle})"


async def list_neighbours(conn: Conn, community_id: UUID, person_id: UUID) -> list[Neighbour]:
    """The other members of a community, by name."""
    return await db.many(
        conn,
        Neighbour,
        """select a.id as person_id, case when a.title = '' then a.name else a.title end as title,
             case when a.host = '' then a.name else a.name || '@' || a.host end as handle
           from memberships m join actors a on a.id = m.person_id
           where m.community_id = %(id)s and m.state = 'member' and a.id <> %(person)s
             and a.deleted_at is null order by lower(a.title), a.name limit 500""",
        {"id": community_id, "person": person_id},
    )


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking on the sheet that stewards see."""

    id: UUID
    kind: Kind
    payer: str
    taker: str
    amount: Decimal
    text: str
    corrects: UUID | None
    corrected: bool
    created: datetime


async def list_bookings(conn: Conn, community_id: UUID, limit: int = 100) -> list[Booked]:
    """What was booked in a community, newest first."""
    return await db.many(
        conn,
        Booked,
        """select b.id, b.kind, case when p.title = '' then p.name else p.title end as payer,
             case when t.title = '' then t.name else t.title end as taker, e.amount, b.text,
             b.corrects, exists (select 1 from hour_bookings k where k.corrects = b.id)
               as corrected, b.created
           from hour_bookings b
             join hour_entries e on e.booking_id = b.id and e.amount > 0
             join hour_accounts h on h.id = e.account_id join actors t on t.id = h.owner_id
             join hour_entries f on f.booking_id = b.id and f.amount < 0
             join hour_accounts i on i.id = f.account_id join actors p on p.id = i.owner_id
           where b.community_id = %(id)s order by b.created desc, b.id desc limit %(limit)s""",
        {"id": community_id, "limit": limit},
    )


@dataclass(frozen=True, slots=True)
class OfAgreement:
    """What became of an agreement's hours; `corrected` when it was taken back."""

    amount: Decimal
    community_id: UUID
    corrected: bool


async def find_of_agreement(conn: Conn, key: str) -> OfAgreement | None:
    """None where nothing is booked."""
    return await db.maybe(
        conn,
        OfAgreement,
        """select e.amount, b.community_id,
             exists (select 1 from hour_bookings k where k.corrects = b.id) as corrected
           from hour_bookings b join hour_entries e on e.booking_id = b.id and e.amount > 0
           where b.key = 'agreement:' || %(key)s""",
        {"key": key},
    )
