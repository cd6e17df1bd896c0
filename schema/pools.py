"""Pools: several who need the same make one order or one workshop, from a threshold on."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Ask, Conn

Kind: TypeAlias = Literal["order", "workshop"]
Measure: TypeAlias = Literal["people", "quantity"]
State: TypeAlias = Literal["gathering", "reached", "missed"]


@dataclass(frozen=True, slots=True)
class Pool:
    """Below the threshold at `ends` nobody owes anything."""

    proposal_id: UUID
    organizer_id: UUID
    kind: Kind
    measure: Measure
    threshold: Decimal
    ends: datetime
    note: str
    state: State
    created: datetime


@dataclass(frozen=True, slots=True)
class Sum:
    """Who needs the same, with the author of the need: how many, and how much they said; whether
    there is a pool."""

    people: int
    quantity: Decimal | None
    mine: bool
    pooled: bool

    def of(self, measure: Measure) -> Decimal:
        """What counts against a threshold."""
        return Decimal(self.people) if measure == "people" else self.quantity or Decimal(0)


async def find(conn: Conn, proposal_id: UUID) -> Pool | None:
    """Of a need."""
    query = "select * from pools where proposal_id = %(id)s"
    return await db.maybe(conn, Pool, query, {"id": proposal_id})


async def count(conn: Conn, proposal_id: UUID, viewer_id: UUID | None) -> Sum:
    """`mine`: the viewer is among them."""
    return db.first(await db.answer(conn, ask_count(proposal_id, viewer_id)))


def ask_count(proposal_id: UUID, viewer_id: UUID | None) -> Ask[Sum]:
    """The question behind `count`."""
    return Ask(
        Sum,
        """select 1 + count(m.person_id)::int as people,
             coalesce(max(p.quantity), 0) + coalesce(sum(m.quantity), 0) as quantity,
             coalesce(bool_or(m.person_id = %(viewer)s), false) as mine,
             exists (select 1 from pools o where o.proposal_id = %(id)s) as pooled
           from proposals p left join me_toos m on m.proposal_id = p.id where p.id = %(id)s""",
        {"id": proposal_id, "viewer": viewer_id},
    )


async def say(conn: Conn, proposal_id: UUID, person_id: UUID, quantity: Decimal | None) -> bool:
    """Whether it is new; else the amount is changed."""
    return bool(
        await db.value(
            conn,
            """insert into me_toos (proposal_id, person_id, quantity)
               values (%(id)s, %(person)s, %(quantity)s)
               on conflict (proposal_id, person_id) do update set quantity = excluded.quantity
               returning xmax = 0""",
            {"id": proposal_id, "person": person_id, "quantity": quantity},
        )
    )


async def take_back(conn: Conn, proposal_id: UUID, person_id: UUID) -> bool:
    """False when they had not said so."""
    query = "delete from me_toos where proposal_id = %(id)s and person_id = %(person)s"
    return await db.run(conn, query, {"id": proposal_id, "person": person_id}) > 0


async def list_people(conn: Conn, proposal_id: UUID) -> list[UUID]:
    """The author, the organizer and all who said "me too"."""
    return await db.values(
        conn,
        """select author_id from proposals where id = %(id)s
           union select organizer_id from pools where proposal_id = %(id)s
           union select person_id from me_toos where proposal_id = %(id)s""",
        {"id": proposal_id},
    )


async def insert(conn: Conn, pool: Pool) -> bool:
    """False while there is one that still gathers, or that was reached."""
    return (
        await db.run(
            conn,
            """insert into pools (proposal_id, organizer_id, kind, measure, threshold, ends, note,
                 state, created)
               values (%(proposal_id)s, %(organizer_id)s, %(kind)s, %(measure)s, %(threshold)s,
                 %(ends)s, %(note)s, %(state)s, %(created)s)
               on conflict (proposal_id) do update set organizer_id = excluded.organizer_id,
                 kind = excluded.kind, measure = excluded.measure, threshold = excluded.threshold,
                 ends = excluded.ends, note = excluded.note, state = excluded.state,
                 created = excluded.created
               where pools.state = 'missed'""",
            {name: getattr(pool, name) for name in Pool.__slots__},
        )
        > 0
    )


async def set_state(conn: Conn, proposal_id: UUID, state: State) -> bool:
    """From gathering; False when it was over already."""
    query = """update pools set state = %(state)s
               where proposal_id = %(id)s and state = 'gathering'"""
    return await db.run(conn, query, {"id": proposal_id, "state": state}) > 0


async def list_over(conn: Conn, now: datetime) -> list[Pool]:
    """Those whose time has passed below the threshold, locked."""
    return await db.many(
        conn,
        Pool,
        """select * from pools where state = 'gathering' and ends <= %(now)s
           order by ends limit 200 for update skip locked""",
        {"now": now},
    )


async def list_alike(conn: Conn, proposal_id: UUID, limit: int = 50) -> list[UUID]:
    """Residents with an open need of the same category and a word of the title in common."""
    return await db.values(
        conn,
        """select distinct n.author_id from proposals p
             cross join lateral (select string_agg('(' || stem || ')', ' | ')::tsquery as query
               from (select plainto_tsquery('german', word)::text as stem
                 from unnest(tsvector_to_array(to_tsvector('simple', p.title))) word
                 where length(word) >= 4) stems where stem <> '') said
             join proposals n on n.state = 'open' and n.purpose = 'request'
               and n.category = p.category and n.search @@ said.query
               and (n.until is null or n.until > now()) and n.scope <> 'community'
             join accounts b on b.actor_id = n.author_id and b.state = 'active'
           where p.id = %(id)s and p.scope <> 'community' and n.author_id <> p.author_id
             and not exists (select 1 from me_toos m where m.proposal_id = p.id
               and m.person_id = n.author_id)
           order by n.author_id limit %(limit)s""",
        {"id": proposal_id, "limit": limit},
    )
