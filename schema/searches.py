"""Searches: what a resident looks for again and again, and wants to be told of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import categories
from schema import database as db
from schema.database import Conn
from schema.proposals import KM, SEEN_BY_RESIDENTS, Proposal, Purpose, Where


@dataclass(frozen=True, slots=True)
class Search:
    """`category` '': every one; `km` None: everywhere, else around latitude and longitude."""

    id: UUID
    account_id: UUID
    purpose: Purpose
    category: str
    words: str
    km: int | None
    latitude: float | None
    longitude: float | None
    place: Where
    alerts: bool
    created: datetime

    @property
    def url(self) -> str:
        """Path of the list."""
        return "/offers" if self.purpose == "offer" else "/needs"


async def insert(conn: Conn, row: Search) -> None:
    """Keeps it."""
    await db.run(
        conn,
        """insert into searches (id, account_id, purpose, category, words, query, km, latitude,
             longitude, place, alerts, created)
           values (%(id)s, %(account_id)s, %(purpose)s, %(category)s, %(words)s,
             case when %(words)s <> '' then websearch_to_tsquery('german', %(words)s)
               || websearch_to_tsquery('english', %(words)s) end,
             %(km)s, %(latitude)s, %(longitude)s, %(place)s, %(alerts)s, %(created)s)""",
        {name: getattr(row, name) for name in Search.__slots__},
    )


async def list_of(conn: Conn, account_id: UUID) -> list[Search]:
    """A resident's own, the newest first."""
    return await db.many(
        conn,
        Search,
        """select id, account_id, purpose, category, words, km, latitude, longitude, place, alerts,
             created from searches where account_id = %(account)s order by id desc""",
        {"account": account_id},
    )


async def set_alerts(conn: Conn, id: UUID, account_id: UUID, alerts: bool) -> bool:
    """False when it is not theirs, or gone."""
    changed = await db.run(
        conn,
        """update searches set alerts = %(alerts)s
           where id = %(id)s and account_id = %(account)s""",
        {"id": id, "account": account_id, "alerts": alerts},
    )
    return changed > 0


async def delete(conn: Conn, id: UUID, account_id: UUID) -> bool:
    """False when it is not theirs, or gone."""
    gone = await db.run(
        conn,
        "delete from searches where id = %(id)s and account_id = %(account)s",
        {"id": id, "account": account_id},
    )
    return gone > 0


async def list_finding(conn: Conn, new: Proposal) -> list[Search]:
    """Searches with alerts that a new listing answers, of residents who may see it; one of each."""
    known = categories.load()
    broader = known.broader(new.category)
    return await db.many(
        conn,
        Search,
        """select distinct on (s.account_id) s.id, s.account_id, s.purpose, s.category, s.words,
             s.km, s.latitude, s.longitude, s.place, s.alerts, s.created
           from searches s join accounts r on r.actor_id = s.account_id
             cross join (select p.*, a.peer, """
        + "a.deleted_at, a.suspended_until from proposals p join actors a on a.id = p.author_id"
        + """ where p.id = %(new)s) p
             cross join lateral (select p.peer, p.deleted_at, p.suspended_until) a
             left join peers o on o.origin = p.peer
           where s.alerts and r.state = 'active' and s.purpose = p.purpose
             and s.account_id <> p.author_id and s.category in ('', %(category)s, %(broader)s)
             and (s.query is null or p.search @@ s.query)
             and (s.place = 'all' or s.place = 'here' and p.peer is null
               or s.place = 'network' and p.peer is not null)
             and (s.km is null or p.latitude is not null and """
        + KM.replace("%(lat)s", "s.latitude").replace("%(lon)s", "s.longitude")
        + " <= s.km) and "
        + SEEN_BY_RESIDENTS.replace("%(viewer)s", "s.account_id")
        + """ and not exists (select 1 from notices n where n.account_id = s.account_id
               and n.proposal_id = p.id and n.kind in ('match', 'search'))
           order by s.account_id, s.id""",
        {
            "new": new.id,
            "category": new.category,
            "broader": broader.id if broader else new.category,
        },
    )
