"""Premises: houses, halls, land, workshops and resources that a settlement opens for use."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn

Kind: TypeAlias = Literal["house", "hall", "workshop", "storage", "land", "water", "wood", "sun"]
Repair: TypeAlias = Literal["", "good", "small", "large", "ruin"]
Terms: TypeAlias = Literal["free", "lease", "work", "lasting"]
Supply: TypeAlias = Literal["water", "power", "heating", "net", "toilet"]

CATEGORIES: Final[dict[Kind, str]] = {
    "house": "home.plot",
    "hall": "home.hall",
    "workshop": "home.hall",
    "storage": "home.store",
    "land": "grow.land",
    "water": "water.drink",
    "wood": "grow.wood",
    "sun": "energy.solar",
}
"""The category that an offer of this kind has."""


@dataclass(frozen=True, slots=True)
class Premises:
    """`size` in m²; `terms`: rent-free, leased, for work, or lasting; `contact` names a role."""

    proposal_id: UUID
    kind: Kind
    size: Decimal | None
    repair: Repair
    terms: Terms
    begins: date | None
    contact: str
    supplies: list[Supply]


@dataclass(frozen=True, slots=True)
class PremisesCard:
    """An open place for lists and the map. Latitude and longitude are rough."""

    id: UUID
    title: str
    kind: Kind
    size: Decimal | None
    repair: Repair
    terms: Terms
    begins: date | None
    supplies: list[Supply]
    place_name: str
    latitude: float | None
    longitude: float | None
    author_host: str
    community_title: str | None
    picture_id: UUID | None
    created: datetime


async def find(conn: Conn, proposal_id: UUID) -> Premises | None:
    """None for an offer of something else."""
    query = "select * from premises where proposal_id = %(id)s"
    return await db.maybe(conn, Premises, query, {"id": proposal_id})


async def put(conn: Conn, row: Premises) -> None:
    """Of a new offer, or what is said of it now."""
    await db.run(
        conn,
        """insert into premises (proposal_id, kind, size, repair, terms, begins, contact, supplies)
           values (%(proposal_id)s, %(kind)s, %(size)s, %(repair)s, %(terms)s, %(begins)s,
             %(contact)s, %(supplies)s)
           on conflict (proposal_id) do update set kind = excluded.kind, size = excluded.size,
             repair = excluded.repair, terms = excluded.terms, begins = excluded.begins,
             contact = excluded.contact, supplies = excluded.supplies""",
        {field: getattr(row, field) for field in Premises.__dataclass_fields__},
    )


async def list_cards(
    conn: Conn,
    *,
    viewer_id: UUID | None,
    kind: str = "",
    terms: str = "",
    place: str = "",
    here: bool = False,
    limit: int = 200,
) -> list[PremisesCard]:
    """Open ones the viewer may see, the newest first; `here`: of this server alone."""
    return await db.many(
        conn,
        PremisesCard,
        """select p.id, p.title, m.kind, m.size, m.repair, m.terms, m.begins, m.supplies,
             p.place_name, p.latitude, p.longitude, a.host as author_host,
             nullif(g.title, '') as community_title, p.created,
             (select t.media_id from attachments t where t.proposal_id = p.id
               order by t.position limit 1) as picture_id
           from premises m join proposals p on p.id = m.proposal_id
             join actors a on a.id = p.author_id left join actors g on g.id = p.community_id
             left join peers s on s.origin = a.peer
           where p.state = 'open' and (p.until is null or p.until > now())
             and (p.scope = 'everyone'
               or %(viewer)s::uuid is not null and p.scope in ('neighbours', 'city'))
             and a.deleted_at is null
             and (a.peer is null or s.blocked_at is null and s.receives and not %(here)s)
             and not exists (select 1 from blocks b
               where b.blocker_id = %(viewer)s and b.blocked_id = a.id)
             and (%(kind)s = '' or m.kind = %(kind)s) and (%(terms)s = '' or m.terms = %(terms)s)
             and (%(place)s = '' or p.place_name = %(place)s)
           order by p.created desc limit %(limit)s""",
        {
            "viewer": viewer_id,
            "kind": kind,
            "terms": terms,
            "place": place,
            "here": here,
            "limit": limit,
        },
    )
