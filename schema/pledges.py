"""Pledges: help in kind that a city or community promises to a project, and what came of it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn

Kind: TypeAlias = Literal["material", "hours", "knowledge"]
Answer: TypeAlias = Literal["", "accepted", "declined"]
Receipt: TypeAlias = Literal["", "confirmed", "missing"]
State: TypeAlias = Literal[
    "offered",  # nobody has answered it as it is now
    "declined",
    "accepted",
    "delivered",  # some of it, and the project has still to confirm that
    "done",
    "withdrawn",
    "ended",  # taken back after some of it was given
]


@dataclass(frozen=True, slots=True)
class Pledge:
    """What a place gives to a project; `note` is plain text. The giver counts the `edition`, the
    project says which of them it answers. `delivered` holds what is `confirmed`."""

    id: UUID
    uri: str
    giver_id: UUID
    project_id: UUID
    need_uri: str
    kind: Kind
    title: str
    note: str
    quantity: Decimal
    unit: str
    due: date | None
    edition: int
    answer: Answer
    answered_edition: int
    reason: str
    withdrawn_at: datetime | None
    delivered: Decimal
    confirmed: Decimal
    created: datetime
    updated: datetime

    @property
    def is_agreed(self) -> bool:
        """Whether the project has accepted it as it is now."""
        return self.answer == "accepted" and self.answered_edition == self.edition

    @property
    def state(self) -> State:
        """What the two sides together have said."""
        if self.confirmed >= self.quantity:
            return "done"
        if self.withdrawn_at:
            return "ended" if self.delivered else "withdrawn"
        if self.answered_edition != self.edition:
            return "offered"
        if self.answer == "declined":
            return "declined"
        return "delivered" if self.delivered > self.confirmed else "accepted"

    @property
    def left(self) -> Decimal:
        """What the giver has still to bring."""
        return self.quantity - self.delivered


@dataclass(frozen=True, slots=True)
class Delivery:
    """Some of it was brought, as the giver says; and the project's answer to that."""

    id: UUID
    uri: str
    pledge_id: UUID
    amount: Decimal
    note: str
    answer: Receipt
    reason: str
    said_at: datetime
    answered_at: datetime | None


async def get(conn: Conn, id: UUID) -> Pledge:
    """Missing when there is none."""
    return await db.one(conn, Pledge, "select * from pledges where id = %(id)s", {"id": id})


async def find(conn: Conn, uri: str) -> Pledge | None:
    """By its address."""
    return await db.maybe(conn, Pledge, "select * from pledges where uri = %(uri)s", {"uri": uri})


async def find_titled(conn: Conn, giver_id: UUID, title: str) -> Pledge | None:
    """The first of this giver with this title."""
    query = """select * from pledges where giver_id = %(giver)s and title = %(title)s
               order by created limit 1"""
    return await db.maybe(conn, Pledge, query, {"giver": giver_id, "title": title})


async def lock(conn: Conn, id: UUID) -> Pledge:
    """As `get`; nobody else changes it until the transaction ends."""
    query = "select * from pledges where id = %(id)s for no key update"
    return await db.one(conn, Pledge, query, {"id": id})


async def put(conn: Conn, row: Pledge) -> Pledge:
    """A new one, or all of a known one as it is now."""
    return await db.one(conn, Pledge, _PUT, {name: getattr(row, name) for name in Pledge.__slots__})


async def count_open(conn: Conn, giver_id: UUID, project_id: UUID) -> int:
    """How many of this giver wait for the project's answer."""
    query = """select count(*) from pledges where giver_id = %(giver)s and project_id = %(project)s
                 and answered_edition <> edition and withdrawn_at is null"""
    return int(await db.value(conn, query, {"giver": giver_id, "project": project_id}))


async def has_members_at(conn: Conn, community_id: UUID, peer: str) -> bool:
    """Whether somebody of that server belongs to this community."""
    query = """select exists (select 1 from memberships m join actors a on a.id = m.person_id
               where m.community_id = %(id)s and m.state = 'member' and a.peer = %(peer)s)"""
    return bool(await db.value(conn, query, {"id": community_id, "peer": peer}))


async def find_delivery(conn: Conn, uri: str) -> Delivery | None:
    """By its address."""
    query = "select * from pledge_deliveries where uri = %(uri)s"
    return await db.maybe(conn, Delivery, query, {"uri": uri})


async def get_delivery(conn: Conn, id: UUID) -> Delivery:
    """Missing when there is none."""
    query = "select * from pledge_deliveries where id = %(id)s"
    return await db.one(conn, Delivery, query, {"id": id})


async def list_deliveries(conn: Conn, pledge_id: UUID) -> list[Delivery]:
    """In order."""
    query = "select * from pledge_deliveries where pledge_id = %(id)s order by said_at, id"
    return await db.many(conn, Delivery, query, {"id": pledge_id})


async def put_delivery(conn: Conn, row: Delivery) -> Delivery:
    """A new one, or one with its answer."""
    return await db.one(
        conn,
        Delivery,
        """insert into pledge_deliveries (id, uri, pledge_id, amount, note, answer, reason, said_at,
             answered_at)
           values (%(id)s, %(uri)s, %(pledge_id)s, %(amount)s, %(note)s, %(answer)s, %(reason)s,
             %(said_at)s, %(answered_at)s)
           on conflict (id) do update set answer = excluded.answer, reason = excluded.reason,
             answered_at = excluded.answered_at
           returning *""",
        {name: getattr(row, name) for name in Delivery.__slots__},
    )


_PUT: Final[LiteralString] = """insert into pledges (id, uri, giver_id, project_id, need_uri, kind,
    title, note, quantity, unit, due, edition, answer, answered_edition, reason, withdrawn_at,
    delivered, confirmed, created, updated)
  values (%(id)s, %(uri)s, %(giver_id)s, %(project_id)s, %(need_uri)s, %(kind)s, %(title)s,
    %(note)s, %(quantity)s, %(unit)s, %(due)s, %(edition)s, %(answer)s, %(answered_edition)s,
    %(reason)s, %(withdrawn_at)s, %(delivered)s, %(confirmed)s, %(created)s, %(updated)s)
  on conflict (id) do update set need_uri = excluded.need_uri, kind = excluded.kind,
    title = excluded.title, note = excluded.note, quantity = excluded.quantity,
    unit = excluded.unit, due = excluded.due, edition = excluded.edition,
    answer = excluded.answer, answered_edition = excluded.answered_edition,
    reason = excluded.reason, withdrawn_at = excluded.withdrawn_at,
    delivered = excluded.delivered, confirmed = excluded.confirmed, updated = excluded.updated
  returning *"""
