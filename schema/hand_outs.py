"""Hand-outs: by which rule a giver decides who gets it, and the draw that anybody can check."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn
from schema.errors import Invalid
from schema.words import N_

Rule: TypeAlias = Literal["first", "draw", "least", "coordinator"]
"""`first` come, a `draw`, who received `least` lately, or a `coordinator` decides."""


@dataclass(frozen=True, slots=True)
class HandOut:
    """`seed` is '' for listings of other cities until they have drawn, and ours alone before:
    only `seed_hash` (SHA-256 of the seed) is shown."""

    proposal_id: UUID
    rule: Rule
    at: datetime | None
    seed: str
    seed_hash: str
    done_at: datetime | None


def hash_of(seed: str) -> str:
    """What is published before the draw."""
    return sha256(seed.encode()).hexdigest()


def ticket(key: str) -> str:
    """What an asker is called in the list of the draw: nobody else can tell who it is."""
    return sha256(key.encode()).hexdigest()[:16]


def in_order(seed: str, keys: Sequence[str]) -> list[str]:
    """The agreements' keys in the order of the draw: by SHA-256 of `seed:ticket`."""
    return sorted(keys, key=lambda key: sha256(f"{seed}:{ticket(key)}".encode()).hexdigest())


async def find(conn: Conn, proposal_id: UUID) -> HandOut | None:
    """None where the author answers everybody in person."""
    query = "select * from hand_outs where proposal_id = %(id)s"
    return await db.maybe(conn, HandOut, query, {"id": proposal_id})


async def put(conn: Conn, row: HandOut) -> None:
    """The rule of a listing; of another city's also its seed, once it has drawn."""
    await db.run(
        conn,
        """insert into hand_outs (proposal_id, rule, at, seed, seed_hash, done_at)
           values (%(proposal_id)s, %(rule)s, %(at)s, %(seed)s, %(seed_hash)s, %(done_at)s)
           on conflict (proposal_id) do update set seed = excluded.seed,
             done_at = coalesce(hand_outs.done_at, excluded.done_at)
           where hand_outs.seed = ''""",
        {name: getattr(row, name) for name in HandOut.__slots__},
    )


def check_rule(rule: Rule, at: datetime | None, now: datetime, until: datetime | None) -> None:
    """Invalid unless a draw has a time that lies ahead, and before the end of the listing."""
    if rule in ("first", "coordinator"):
        return
    if at is None or at <= now:
        raise Invalid({"hand_out_day": N_("Please say when it is handed out.")})
    if until is not None and at > until:
        raise Invalid({"hand_out_day": N_("That is after the end of the listing.")})


async def choose(conn: Conn, proposal_id: UUID, rule: Rule, at: datetime | None) -> None:
    """With a new listing. For a draw a seed is thrown now; what is shown of it is its hash."""
    seed = secrets.token_hex(32) if rule == "draw" else ""
    hash = hash_of(seed) if seed else ""
    at = at if rule in ("draw", "least") else None
    await put(conn, HandOut(proposal_id, rule, at, seed, hash, None))


async def list_due(conn: Conn, now: datetime) -> list[HandOut]:
    """Ours whose time has come; locked, so that nobody draws twice."""
    return await db.many(
        conn,
        HandOut,
        """select h.* from hand_outs h join proposals p on p.id = h.proposal_id
             join actors a on a.id = p.author_id
           where h.done_at is null and h.at <= %(now)s and a.peer is null
           order by h.at limit 100 for update of h skip locked""",
        {"now": now},
    )


async def finish(conn: Conn, proposal_id: UUID, now: datetime) -> None:
    """It was handed out."""
    await db.run(
        conn,
        """with handed as (
             update hand_outs set done_at = %(now)s where proposal_id = %(id)s returning 1)
           update proposals set updated = greatest(%(now)s, updated + interval '1 millisecond')
           where id = %(id)s and exists (select 1 from handed)""",
        {"id": proposal_id, "now": now},
    )


async def count_received(conn: Conn, people: Sequence[UUID], since: datetime) -> dict[UUID, int]:
    """How often each of these was given something since then, as far as this city knows."""
    rows = await db.many(
        conn,
        _Received,
        """select case when p.purpose = 'offer' then g.responder_id else g.author_id end as person,
             count(*)::int as times
           from agreements g join proposals p on p.id = g.proposal_id
           where g.state in ('agreed', 'handed', 'done') and g.agreed_at >= %(since)s
             and (p.purpose = 'offer' and g.responder_id = any(%(people)s)
                  or p.purpose = 'request' and g.author_id = any(%(people)s))
           group by 1""",
        {"people": list(people), "since": since},
    )
    return {row.person: row.times for row in rows}


@dataclass(frozen=True, slots=True)
class _Received:
    person: UUID
    times: int


LATELY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One ticket of a draw, and what came of it."""

    key: str
    won: bool


async def list_tickets(conn: Conn, proposal_id: UUID, before: datetime) -> list[Drawn]:
    """Everybody who took part in the draw of this moment, whoever they are."""
    return await db.many(
        conn,
        Drawn,
        """select key, agreed_at is not null as won from agreements
           where proposal_id = %(id)s and created <= %(before)s and state <> 'withdrawn'
           order by key""",
        {"id": proposal_id, "before": before},
    )
