"""Sides: the offers and needs that take part in exchange circles, and what is known of people."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid4

from schema import database as db
from schema import hand_outs, weekdays
from schema.database import Conn
from schema.edges import Knowledge, Side
from schema.matches import FILLERS, LOOKED_AT
from schema.proposals import Purpose

MOST: Final = 40_000
REMEMBERED: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ours:
    """A listing of this city that takes part; `words` are stems of its title, `named` what it
    says where it names a weekday."""

    id: UUID
    purpose: Purpose
    author_id: UUID
    community_id: UUID | None
    scope: str
    category: str
    available: float | None
    unit: str
    until: datetime | None
    latitude: float | None
    longitude: float | None
    cell: int | None
    words: list[str]
    named: str
    begins: date | None

    def side(self) -> Side:
        """As the search sees it."""
        return Side(
            key=str(self.id),
            party=str(self.author_id),
            city="",
            category=self.category,
            unit=self.unit,
            amount=self.available,
            until=self.until,
            latitude=self.latitude,
            longitude=self.longitude,
            words=frozenset(self.words),
            group=str(self.community_id) if self.scope == "community" else None,
            leaves=self.scope in ("neighbours", "everyone"),
            purpose=self.purpose,
            cell=self.cell,
            days=frozenset(weekdays.named(self.named)) if self.named else frozenset(),
            since=datetime.combine(self.begins, time(), UTC) if self.begins else None,
        )


async def list_ours(conn: Conn, now: datetime) -> list[Ours]:
    """Offers for a swap or whatever comes, and needs that are for keeps, of residents who have
    both; without those who stand in an open circle."""
    return await db.many(
        conn,
        Ours,
        """with free as materialized (
             select p.id, p.purpose, p.author_id, p.community_id, p.scope, p.category,
               p.available::float8 as available, p.unit, p.until, p.latitude, p.longitude, p.cell,
               p.title, left(p.title || ' ' || p.source, %(looked_at)s) as said
             from proposals p join actors a on a.id = p.author_id
               left join accounts c on c.actor_id = a.id
             where p.state = 'open' and (p.until is null or p.until > %(now)s) and a.peer is null
               and (p.available is null or p.available > 0) and p.category <> 'other'
               and a.deleted_at is null
               and (a.suspended_until is null or a.suspended_until <= %(now)s)
               and (c.state = 'active' or a.kind = 'group')
               and (p.purpose = 'offer' and p.return_kind in ('swap', 'open')
                 or p.purpose = 'request' and p.return_kind in ('nothing', 'swap', 'open'))
               and not exists (select 1 from circle_parts t join circles o on o.id = t.circle_id
                 where o.state = 'open' and t.party_id = p.author_id)
             order by p.created desc limit %(most)s)
           select f.id, f.purpose, f.author_id, f.community_id, f.scope, f.category, f.available,
             f.unit, f.until, f.latitude, f.longitude, f.cell,
             array(select w from unnest(tsvector_to_array(to_tsvector('german', f.title))) w
               where length(w) >= 3 and w !~ '^[0-9]' and not w = any(%(fillers)s)) as words,
             case when f.said ~* %(any_day)s then f.said else '' end as named,
             (select m.begins from premises m where m.proposal_id = f.id) as begins
           from free f where exists (select 1 from free g
             where g.author_id = f.author_id and g.purpose <> f.purpose)""",
        {
            "now": now,
            "most": MOST,
            "fillers": list(FILLERS),
            "looked_at": LOOKED_AT,
            "any_day": weekdays.ANY_IN_POSTGRES,
        },
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    one: str
    other: str


async def knowledge(conn: Conn, now: datetime, parties: Sequence[UUID]) -> Knowledge:
    """Blocks, memberships, what was declined lately, and who received something, of these."""
    ids = {"ids": list(parties), "since": now - REMEMBERED}
    blocked = await db.many(
        conn,
        _Pair,
        """select blocker_id::text as one, blocked_id::text as other from blocks
           where kind = 'block' and blocker_id = any(%(ids)s)""",
        ids,
    )
    members = await db.many(
        conn,
        _Pair,
        """select person_id::text as one, community_id::text as other from memberships
           where state = 'member' and person_id = any(%(ids)s)""",
        ids,
    )
    served = await hand_outs.count_received(conn, parties, now - hand_outs.LATELY)
    groups: dict[str, set[str]] = defaultdict(set)
    for row in members:
        groups[row.one].add(row.other)
    return Knowledge(
        now=now,
        apart={(row.one, row.other) for row in blocked},
        tried=await _tried(conn, now - REMEMBERED),
        served={str(person): times for person, times in served.items()},
        groups=groups,
    )


async def _tried(conn: Conn, since: datetime) -> set[tuple[str, str]]:
    """Offer and need of hand-overs that giver or taker did not say yes to."""
    rows = await db.many(
        conn,
        _Pair,
        """select g.offer_key as one, g.need_key as other
           from circles c join circle_parts g on g.circle_id = c.id
             join circle_parts t on t.circle_id = c.id and t.position
               = (g.position + 1) %% (select count(*) from circle_parts n where n.circle_id = c.id)
           where c.state = 'dissolved' and c.decided_at > %(since)s
             and (g.answer <> 'yes' or t.answer <> 'yes')""",
        {"since": since},
    )
    return {(row.one, row.other) for row in rows}


async def keep_edges(conn: Conn, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Who could give whom something, in place of what the last search saw."""
    await db.run(conn, "delete from circle_edges")
    await db.run(
        conn,
        """insert into circle_edges (giver_id, taker_id)
           select distinct giver, taker from unnest(%(givers)s::uuid[], %(takers)s::uuid[])
             as e (giver, taker) on conflict do nothing""",
        {"givers": [giver for giver, _ in pairs], "takers": [taker for _, taker in pairs]},
    )


@dataclass(frozen=True, slots=True)
class _Mark:
    id: UUID
    thing: UUID


async def marks(conn: Conn, listings: Sequence[UUID], parties: Sequence[UUID]) -> dict[UUID, UUID]:
    """Opaque names of these for other cities, made where there is none yet."""
    given = {
        "listings": list(listings),
        "parties": list(parties),
        "new_listings": [uuid4() for _ in listings],
        "new_parties": [uuid4() for _ in parties],
    }
    await db.run(
        conn,
        """insert into circle_marks (id, proposal_id)
           select id, thing
           from unnest(%(new_listings)s::uuid[], %(listings)s::uuid[]) n (id, thing)
           order by thing on conflict do nothing""",
        given,
    )
    await db.run(
        conn,
        """insert into circle_marks (id, party_id)
           select id, thing from unnest(%(new_parties)s::uuid[], %(parties)s::uuid[]) n (id, thing)
           order by thing on conflict do nothing""",
        given,
    )
    rows = await db.many(
        conn,
        _Mark,
        """select id, coalesce(proposal_id, party_id) as thing from circle_marks
           where proposal_id = any(%(listings)s) or party_id = any(%(parties)s)""",
        given,
    )
    return {row.thing: row.id for row in rows}


async def find_marked(conn: Conn, mark: UUID) -> UUID | None:
    """The listing that other cities know by this name."""
    query = "select proposal_id from circle_marks where id = %(mark)s"
    return await db.value(conn, query, {"mark": mark})
