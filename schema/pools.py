"""Pools: several who need the same make one order or one workshop, from a threshold on."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias
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
    """The question behind `count`. Of a need of another city, what that city counts."""
    return Ask(
        Sum,
        """select coalesce(max(s.people), 1 + count(m.person_id)::int) as people,
             case when max(s.people) is not null then max(s.quantity)
               else coalesce(max(p.quantity), 0) + coalesce(sum(m.quantity), 0) end as quantity,
             coalesce(bool_or(m.person_id = %(viewer)s), false) as mine,
             exists (select 1 from pools o where o.proposal_id = %(id)s) as pooled
           from proposals p left join me_toos m on m.proposal_id = p.id and not m.gone
             left join me_too_sums s on s.proposal_id = p.id where p.id = %(id)s""",
        {"id": proposal_id, "viewer": viewer_id},
    )


@dataclass(frozen=True, slots=True)
class Said:
    """The last word of one person; `gone`: that they do not need it any more."""

    proposal_id: UUID
    person_id: UUID
    quantity: Decimal | None
    gone: bool
    edition: int
    uri: str


async def lock_said(conn: Conn, proposal_id: UUID, person_id: UUID) -> Said | None:
    """None for who never said a word."""
    return await db.maybe(
        conn,
        Said,
        _SAID + " where proposal_id = %(id)s and person_id = %(person)s for update",
        {"id": proposal_id, "person": person_id},
    )


async def find_said(conn: Conn, uri: str) -> Said | None:
    """By its Join or Leave."""
    return await db.maybe(
        conn, Said, _SAID + " where uri = %(uri)s and uri <> '' limit 1", {"uri": uri}
    )


_SAID: Final = "select proposal_id, person_id, quantity, gone, edition, uri from me_toos"


async def say(conn: Conn, said: Said) -> None:
    """The last word counts."""
    await db.run(
        conn,
        """insert into me_toos (proposal_id, person_id, quantity, gone, edition, uri)
           values (%(proposal_id)s, %(person_id)s, %(quantity)s, %(gone)s, %(edition)s, %(uri)s)
           on conflict (proposal_id, person_id) do update set quantity = excluded.quantity,
             gone = excluded.gone, edition = excluded.edition, uri = excluded.uri""",
        {name: getattr(said, name) for name in Said.__slots__},
    )


async def find_sum(conn: Conn, proposal_id: UUID) -> Sum | None:
    """Of a need of this city; None where nobody ever said so, and nobody gathers."""
    query = """select exists (select 1 from me_toos where proposal_id = %(id)s)
                 or exists (select 1 from pools where proposal_id = %(id)s)"""
    if not await db.value(conn, query, {"id": proposal_id}):
        return None
    return await count(conn, proposal_id, None)


async def put_sum(conn: Conn, proposal_id: UUID, people: int, quantity: Decimal | None) -> None:
    """What the city of this need counts."""
    await db.run(
        conn,
        """insert into me_too_sums (proposal_id, people, quantity)
           values (%(id)s, %(people)s, %(quantity)s)
           on conflict (proposal_id) do update set people = excluded.people,
             quantity = excluded.quantity""",
        {"id": proposal_id, "people": people, "quantity": quantity},
    )


async def forget_sum(conn: Conn, proposal_id: UUID) -> None:
    """That city says nothing of it any more."""
    await db.run(conn, "delete from me_too_sums where proposal_id = %(id)s", {"id": proposal_id})


async def put(conn: Conn, pool: Pool) -> None:
    """As the city of this need says it is."""
    await db.run(
        conn,
        """insert into pools (proposal_id, organizer_id, kind, measure, threshold, ends, note,
             state, created)
           values (%(proposal_id)s, %(organizer_id)s, %(kind)s, %(measure)s, %(threshold)s,
             %(ends)s, %(note)s, %(state)s, %(created)s)
           on conflict (proposal_id) do update set kind = excluded.kind,
             measure = excluded.measure, threshold = excluded.threshold, ends = excluded.ends,
             note = excluded.note, state = excluded.state""",
        {name: getattr(pool, name) for name in Pool.__slots__},
    )


async def list_people(conn: Conn, proposal_id: UUID) -> list[UUID]:
    """The author, the organizer and all who said "me too"."""
    return await db.values(
        conn,
        """select author_id from proposals where id = %(id)s
           union select organizer_id from pools where proposal_id = %(id)s
           union select person_id from me_toos where proposal_id = %(id)s and not gone""",
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
    """Those of needs of this city whose time has passed below the threshold, locked."""
    return await db.many(
        conn,
        Pool,
        """select * from pools where state = 'gathering' and ends <= %(now)s
             and not exists (select 1 from proposals p join actors a on a.id = p.author_id
               where p.id = proposal_id and a.peer is not null)
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
               and m.person_id = n.author_id and not m.gone)
           order by n.author_id limit %(limit)s""",
        {"id": proposal_id, "limit": limit},
    )
