"""Circles: everybody gives to the next, the last to the first; who said yes, what is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn

State: TypeAlias = Literal["open", "committed", "dissolved"]
Reason: TypeAlias = Literal["", "declined", "late", "gone", "parted"]
"""Why it was dissolved: somebody said no or not in time, something was not there any more, or two
cities had lost sight of each other."""
Answer: TypeAlias = Literal["", "yes", "no"]

PATIENCE: Final = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Circle:
    """`city_id` is the city that found it and decides; `ends`: until when all have to say yes."""

    id: UUID
    uri: str
    city_id: UUID
    community_id: UUID | None
    state: State
    ends: datetime
    reason: Reason
    weight: float
    asked_at: datetime | None
    decided_at: datetime | None
    created: datetime

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/circles/{self.id}"


@dataclass(frozen=True, slots=True)
class Part:
    """One hand-over: the party gives `amount` of `title` to the party of the next position.

    `need_amount` is the same in the unit of the taker's need; `offer_held` and `need_held` are out
    of what is left of the two listings, where they are ours. Ids are None for what we do not know.
    """

    circle_id: UUID
    position: int
    party_uri: str
    party_name: str
    party_id: UUID | None
    origin: str
    title: str
    amount: Decimal | None
    unit: str
    need_amount: Decimal | None
    need_unit: str
    offer_uri: str
    need_uri: str
    offer_id: UUID | None
    need_id: UUID | None
    offer_key: str = ""
    need_key: str = ""
    answer: Answer = ""
    answered_at: datetime | None = None
    offer_held: Decimal | None = None
    need_held: Decimal | None = None
    agreement_id: UUID | None = None


async def insert(conn: Conn, row: Circle, parts: Sequence[Part]) -> bool:
    """False when it is known already."""
    added = await db.run(
        conn,
        """insert into circles (id, uri, city_id, community_id, state, ends, reason, weight,
             created)
           values (%(id)s, %(uri)s, %(city_id)s, %(community_id)s, %(state)s, %(ends)s,
             %(reason)s, %(weight)s, %(created)s) on conflict do nothing""",
        {name: getattr(row, name) for name in Circle.__slots__},
    )
    if not added:
        return False
    await db.run_many(
        conn,
        """insert into circle_parts (circle_id, position, party_uri, party_name, party_id, origin,
             title, amount, unit, need_amount, need_unit, offer_uri, need_uri, offer_id, need_id,
             offer_key, need_key)
           values (%(circle_id)s, %(position)s, %(party_uri)s, %(party_name)s, %(party_id)s,
             %(origin)s, %(title)s, %(amount)s, %(unit)s, %(need_amount)s, %(need_unit)s,
             %(offer_uri)s, %(need_uri)s, %(offer_id)s, %(need_id)s, %(offer_key)s,
             %(need_key)s)""",
        [{name: getattr(part, name) for name in Part.__slots__} for part in parts],
    )
    return True


async def get(conn: Conn, id: UUID) -> Circle:
    """Missing when there is none."""
    return await db.one(conn, Circle, _SELECT + " where id = %(id)s", {"id": id})


async def lock(conn: Conn, id: UUID) -> Circle:
    """As `get`, and nobody else changes it until the transaction ends."""
    return await db.one(conn, Circle, _SELECT + " where id = %(id)s for no key update", {"id": id})


async def find(conn: Conn, uri: str) -> Circle | None:
    """By its uri."""
    return await db.maybe(conn, Circle, _SELECT + " where uri = %(uri)s", {"uri": uri})


async def list_parts(conn: Conn, circle_id: UUID) -> list[Part]:
    """In the order of giving."""
    query = _PARTS + " where circle_id = %(id)s order by position"
    return await db.many(conn, Part, query, {"id": circle_id})


async def decide(conn: Conn, id: UUID, state: State, reason: Reason, now: datetime) -> Circle:
    """Missing unless it was open."""
    return await db.one(
        conn,
        Circle,
        """update circles set state = %(state)s, reason = %(reason)s, decided_at = %(now)s
           where id = %(id)s and state = 'open' returning """
        + _COLUMNS,
        {"id": id, "state": state, "reason": reason, "now": now},
    )


async def undo(conn: Conn, id: UUID, now: datetime) -> Circle:
    """What was committed falls apart after all. Missing unless it was committed."""
    return await db.one(
        conn,
        Circle,
        """update circles set state = 'dissolved', reason = 'parted', decided_at = %(now)s
           where id = %(id)s and state = 'committed' returning """
        + _COLUMNS,
        {"id": id, "now": now},
    )


async def answer(conn: Conn, circle_id: UUID, position: int, said: Answer, now: datetime) -> None:
    """What a party says to it."""
    await db.run(
        conn,
        """update circle_parts set answer = %(said)s, answered_at = %(now)s
           where circle_id = %(id)s and position = %(position)s""",
        {"id": circle_id, "position": position, "said": said, "now": now},
    )


async def hold(
    conn: Conn,
    circle_id: UUID,
    position: int,
    *,
    offer: Decimal | None = None,
    need: Decimal | None = None,
) -> None:
    """Remembers what was taken out of what is left; None stays as it is."""
    await db.run(
        conn,
        """update circle_parts set offer_held = coalesce(%(offer)s, offer_held),
             need_held = coalesce(%(need)s, need_held)
           where circle_id = %(id)s and position = %(position)s""",
        {"id": circle_id, "position": position, "offer": offer, "need": need},
    )


async def let_go(
    conn: Conn, circle_id: UUID, position: int, *, offer: bool = False, need: bool = False
) -> None:
    """It is no longer this circle that holds it."""
    await db.run(
        conn,
        """update circle_parts set
             offer_held = case when %(offer)s then null else offer_held end,
             need_held = case when %(need)s then null else need_held end
           where circle_id = %(id)s and position = %(position)s""",
        {"id": circle_id, "position": position, "offer": offer, "need": need},
    )


async def become(conn: Conn, circle_id: UUID, position: int, agreement_id: UUID) -> None:
    """The hand-over is an ordinary agreement from now on."""
    await db.run(
        conn,
        """update circle_parts set agreement_id = %(agreement)s
           where circle_id = %(id)s and position = %(position)s""",
        {"id": circle_id, "position": position, "agreement": agreement_id},
    )


async def list_parts_about(conn: Conn, offer_id: UUID) -> list[Part]:
    """Hand-overs of this offer in circles that were not dissolved, the newest first."""
    query = (
        _PARTS
        + """ where offer_id = %(id)s and exists (select 1 from circles c
             where c.id = circle_id and c.state <> 'dissolved') order by circle_id desc"""
    )
    return await db.many(conn, Part, query, {"id": offer_id})


async def find_part(conn: Conn, agreement_id: UUID) -> Part | None:
    """The hand-over that became this agreement."""
    return await db.maybe(
        conn, Part, _PARTS + " where agreement_id = %(id)s limit 1", {"id": agreement_id}
    )


async def is_busy(conn: Conn, listing_ids: Sequence[UUID]) -> bool:
    """Whether one of these stands in an open circle."""
    query = """select exists (select 1 from circle_parts t join circles c on c.id = t.circle_id
                 where c.state = 'open'
                   and (t.offer_id = any(%(ids)s) or t.need_id = any(%(ids)s)))"""
    return bool(await db.value(conn, query, {"ids": list(listing_ids)}))


async def list_of(conn: Conn, parties: Sequence[UUID]) -> list[Circle]:
    """Those of these parties: what waits for an answer first, then the newest."""
    query = (
        _SELECT
        + """ where id in (select circle_id from circle_parts where party_id = any(%(ids)s))
              order by state <> 'open', created desc limit 60"""
    )
    return await db.many(conn, Circle, query, {"ids": list(parties)})


async def list_in(conn: Conn, community_id: UUID) -> list[Circle]:
    """Those with a member of this community, the newest first: for its coordinators."""
    query = (
        _SELECT
        + """ where exists (select 1 from circle_parts t join memberships m
                on m.person_id = t.party_id and m.state = 'member'
                  and m.community_id = %(id)s where t.circle_id = circles.id)
              order by state <> 'open', created desc limit 60"""
    )
    return await db.many(conn, Circle, query, {"id": community_id})


async def list_parts_of(conn: Conn, ids: Sequence[UUID]) -> list[Part]:
    """Those of several circles, each in the order of giving."""
    query = _PARTS + " where circle_id = any(%(ids)s) order by circle_id, position"
    return await db.many(conn, Part, query, {"ids": list(ids)})


async def list_over(conn: Conn, now: datetime, asked_before: datetime) -> list[Circle]:
    """Open ones whose time is over; those that were asked for lately are left for a while."""
    query = (
        _SELECT
        + """ where state = 'open' and ends <= %(now)s
              and (asked_at is null or asked_at < %(asked)s) order by ends limit 500"""
    )
    return await db.many(conn, Circle, query, {"now": now, "asked": asked_before})


async def asked(conn: Conn, id: UUID, now: datetime) -> None:
    """The city that decides was asked."""
    await db.run(
        conn, "update circles set asked_at = %(now)s where id = %(id)s", {"id": id, "now": now}
    )


async def count_open(conn: Conn, party_id: UUID) -> int:
    """Those that wait for this party's answer."""
    query = """select count(*) from circle_parts t join circles c on c.id = t.circle_id
               where t.party_id = %(id)s and t.answer = '' and c.state = 'open'"""
    return int(await db.value(conn, query, {"id": party_id}))


_COLUMNS: Final[LiteralString] = """id, uri, city_id, community_id, state, ends, reason, weight,
  asked_at, decided_at, created"""
_SELECT: Final[LiteralString] = "select " + _COLUMNS + " from circles"
_PARTS: Final[LiteralString] = """select circle_id, position, party_uri, party_name, party_id,
  origin, title, amount, unit, need_amount, need_unit, offer_uri, need_uri, offer_id, need_id,
  offer_key, need_key, answer, answered_at, offer_held, need_held, agreement_id
  from circle_parts"""
