"""What the pages of blueprints show: cards of a list, and one with everything around it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from schema import categories
from schema import database as db
from schema.blueprints import Blueprint, State
from schema.database import Conn
from schema.places import Size
from schema.proposals import SEEN_BY_GUESTS, SEEN_BY_RESIDENTS, Scope

NEAR_KM: Final = 100
"""How far away is near: the same weather, law and shops, roughly."""


@dataclass(frozen=True, slots=True)
class Card:
    """A blueprint in a list. `built` how often, `near` of these within NEAR_KM of the reader,
    `alike` in places of the same size as the reader's."""

    id: UUID
    title: str
    purpose: str
    category: str
    language: str
    license: str
    scope: Scope
    state: State
    readiness: int | None
    cost_low: int | None
    cost_high: int | None
    lines: int
    adopted: int
    built: int
    near: int
    alike: int
    created: datetime
    author_name: str
    author_title: str
    author_host: str
    picture_id: UUID | None

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/blueprints/{self.id}"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is asked for; `near` latitude and longitude of the reader, `size` of the
    reader's place. `before`: `created`
    and `id` of the last card of the page before."""

    viewer_id: UUID | None = None
    category: str = ""
    words: str = ""
    author_id: UUID | None = None
    community_id: UUID | None = None
    near: tuple[float, float] | None = None
    size: Size | None = None
    before: tuple[datetime, UUID] | None = None
    limit: int = 24


_FROM: Final = """ from blueprints p join actors a on a.id = p.author_id
  left join peers o on o.origin = a.peer
  left join blueprint_versions v on v.id = p.latest_id """
_DISTANCE: Final = """2 * 6371.0088 * asin(least(1, sqrt(
  sin(radians(d.latitude - %(lat)s) / 2) ^ 2 + cos(radians(%(lat)s)) * cos(radians(d.latitude))
  * sin(radians(d.longitude - %(lon)s) / 2) ^ 2)))"""
_ADOPTED: Final = """(select count(*) from adoptions d
    join blueprint_versions w on w.id = d.version_id
  where w.blueprint_id = p.id"""
_CARD: Final = (
    """select p.id, p.title, p.purpose, p.category, p.language, p.license, p.scope, p.state,
  v.readiness, v.cost_low, v.cost_high,
  (select count(*) from blueprint_lines l where l.version_id = v.id)::int as lines, """
    + _ADOPTED
    + ")::int as adopted, "
    + _ADOPTED
    + " and d.state = 'built')::int as built, "
    + _ADOPTED
    + " and d.state = 'built' and %(lat)s::float8 is not null and d.latitude is not null and "
    + _DISTANCE
    + " <= %(km)s)::int as near, "
    + _ADOPTED
    + """ and d.state = 'built' and d.size = %(size)s)::int as alike,
  p.created, a.name as author_name, a.title as author_title, a.host as author_host,
  (select t.media_id from attachments t where t.blueprint_id = p.id
   order by t.position limit 1) as picture_id"""
    + _FROM
)


async def list_cards(conn: Conn, wanted: Filter) -> list[Card]:
    """Those the viewer may see, the newest first."""
    query: LiteralString = _CARD + " where " + _seen(wanted.viewer_id) + " and p.state = 'open'"
    if wanted.category:
        query += " and p.category = any(%(categories)s)"
    if wanted.words:
        query += """ and p.search @@ (websearch_to_tsquery('german', %(words)s)
          || websearch_to_tsquery('english', %(words)s))
          and (a.peer is null or a.indexable)"""  # FEP-5feb
    if wanted.author_id:
        query += " and p.author_id = %(author)s"
    if wanted.community_id:
        query += " and p.community_id = %(community)s"
    if wanted.before:
        query += " and (p.created, p.id) < (%(at)s, %(id)s)"
    query += " order by p.created desc, p.id desc limit %(limit)s"
    return await db.many(conn, Card, query, _params(wanted))


def _seen(viewer_id: UUID | None) -> LiteralString:
    return SEEN_BY_GUESTS if viewer_id is None else SEEN_BY_RESIDENTS


def _params(wanted: Filter) -> dict[str, object]:
    kinds = [wanted.category, *(leaf.id for leaf in categories.load().leaves(wanted.category))]
    return {
        "viewer": wanted.viewer_id,
        "categories": kinds,
        "words": wanted.words[:100],
        "author": wanted.author_id,
        "community": wanted.community_id,
        "lat": wanted.near[0] if wanted.near else None,
        "lon": wanted.near[1] if wanted.near else None,
        "km": NEAR_KM,
        "size": wanted.size,
        "at": wanted.before[0] if wanted.before else None,
        "id": wanted.before[1] if wanted.before else None,
        "limit": wanted.limit,
    }


@dataclass(frozen=True, slots=True)
class Sector:
    """How many blueprints a sector has."""

    id: str
    number: int


async def count_sectors(conn: Conn, viewer_id: UUID | None) -> list[Sector]:
    """Those that have any, as the viewer may see them."""
    query: LiteralString = (
        "select split_part(p.category, '.', 1) as id, count(*)::int as number"
        + _FROM
        + " where p.state = 'open' and "
        + _seen(viewer_id)
        + " group by 1 order by 2 desc, 1"
    )
    return await db.many(conn, Sector, query, {"viewer": viewer_id})


@dataclass(frozen=True, slots=True)
class Shown:
    """A blueprint with its author and community; `moderates`: the viewer keeps order there."""

    blueprint: Blueprint
    author_name: str
    author_title: str
    author_host: str
    author_avatar: UUID | None
    community_name: str
    community_host: str
    community_title: str
    adopted: int
    built: int
    near: int
    alike: int
    forks: int
    reports: int
    origin_id: UUID | None
    origin_title: str
    origin_number: int | None
    moderates: bool

    @property
    def author_handle(self) -> str:
        return f"{self.author_name}@{self.author_host}" if self.author_host else self.author_name

    @property
    def author_avatar_url(self) -> str | None:
        return f"/media/{self.author_avatar}?small" if self.author_avatar else None

    @property
    def community_url(self) -> str:
        host = f"@{self.community_host}" if self.community_host else ""
        return f"/communities/{self.community_name}{host}" if self.community_name else ""


async def get_shown(
    conn: Conn,
    id: UUID,
    viewer_id: UUID | None,
    near: tuple[float, float] | None = None,
    size: Size | None = None,
) -> Shown:
    """Missing where there is nothing, or nothing for this viewer (None: a guest). A removed one
    is for its author and those who keep order."""
    query: LiteralString = _SHOWN + _seen(viewer_id) + _OPEN
    params = {**_params(Filter(viewer_id=viewer_id, near=near, size=size)), "id": id}
    return await db.one(conn, _shown, query, params)


def _shown(**columns: Any) -> Shown:
    row = Blueprint(**{name: columns.pop(name) for name in Blueprint.__slots__})
    return Shown(blueprint=row, **columns)


_MODERATES: Final = """(exists (select 1 from memberships m where m.community_id = p.community_id
    and m.person_id = %(viewer)s and m.state = 'member' and m.role in ('moderator', 'steward'))
  or exists (select 1 from accounts c where c.actor_id = %(viewer)s and c.state = 'active'
    and c.role in ('moderator', 'admin')))"""
_SHOWN: Final = (
    """select p.id, p.uri, p.author_id, p.community_id, p.scope, p.title, p.purpose, p.category,
  p.language, p.license, p.latest_id, p.forked_from, p.state, p.removed_reason, p.created,
  p.updated, a.name as author_name, a.title as author_title,
  a.host as author_host, a.avatar_id as author_avatar, coalesce(g.name, '') as community_name,
  coalesce(g.host, '') as community_host,
  coalesce(nullif(g.title, ''), g.name, '') as community_title, """
    + _ADOPTED
    + ")::int as adopted, "
    + _ADOPTED
    + " and d.state = 'built')::int as built, "
    + _ADOPTED
    + " and d.state = 'built' and %(lat)s::float8 is not null and d.latitude is not null and "
    + _DISTANCE
    + " <= %(km)s)::int as near, "
    + _ADOPTED
    + """ and d.state = 'built' and d.size = %(size)s)::int as alike,
  (select count(*) from blueprints f join blueprint_versions w on w.uri = f.forked_from
   where w.blueprint_id = p.id and f.state = 'open' and f.scope = 'everyone')::int as forks,
  (select count(*) from build_reports r join blueprint_versions w on w.id = r.version_id
   where w.blueprint_id = p.id and r.removed_at is null)::int as reports,
  q.blueprint_id as origin_id, coalesce(q.title, '') as origin_title, q.number as origin_number, """
    + _MODERATES
    + """ as moderates
  from blueprints p join actors a on a.id = p.author_id
    left join peers o on o.origin = a.peer left join actors g on g.id = p.community_id
    left join blueprint_versions q on q.uri = p.forked_from and p.forked_from <> ''
  where p.id = %(id)s and """
)
_OPEN: Final = (
    " and (p.state = 'open' or p.state = 'removed' and (p.author_id = %(viewer)s or "
    + _MODERATES
    + "))"
)


async def may_see(conn: Conn, id: UUID, viewer_id: UUID | None) -> bool:
    """Whether a person here, or a guest (None), may open it."""
    query: LiteralString = "select exists (select 1" + _FROM + " where p.id = %(id)s and "
    query += _seen(viewer_id) + " and p.state = 'open')"
    return bool(await db.value(conn, query, {"id": id, "viewer": viewer_id}))
