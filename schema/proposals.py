"""Proposals: an offer or a need, from publishing to the end of its time; lists of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from schema import categories, places
from schema import database as db
from schema.database import Ask, Conn

Purpose: TypeAlias = Literal["offer", "request"]
Scope: TypeAlias = Literal["community", "city", "neighbours", "everyone"]
ReturnKind: TypeAlias = Literal["nothing", "lend", "swap", "hours", "open"]
State: TypeAlias = Literal["open", "closed", "withdrawn", "removed"]
Where: TypeAlias = Literal["all", "here", "network"]

COUNTED: Final = 1000


@dataclass(frozen=True, slots=True)
class Proposal:
    """`quantity` None: any amount; `until` None: standing; latitude and longitude are rough."""

    id: UUID
    uri: str
    purpose: Purpose
    author_id: UUID
    community_id: UUID | None
    scope: Scope
    title: str
    source: str
    html: str
    language: str
    category: str
    quantity: Decimal | None
    available: Decimal | None
    unit: str
    until: datetime | None
    return_kind: ReturnKind
    return_note: str
    place_name: str
    latitude: float | None
    longitude: float | None
    cell: int | None
    state: State
    removed_reason: str
    replies: int
    created: datetime
    updated: datetime

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/{'offers' if self.purpose == 'offer' else 'needs'}/{self.id}"

    def is_over(self, now: datetime) -> bool:
        """Whether its time has passed, whatever its state."""
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True)
class ProposalCard:
    """What a list shows of a proposal. `distance_km` from the viewer's rough place, or None."""

    id: UUID
    purpose: Purpose
    title: str
    category: str
    quantity: Decimal | None
    available: Decimal | None
    unit: str
    until: datetime | None
    return_kind: ReturnKind
    place_name: str
    latitude: float | None
    longitude: float | None
    scope: Scope
    state: State
    language: str
    replies: int
    created: datetime
    author_name: str
    author_title: str
    author_host: str
    community_title: str | None
    picture_id: UUID | None
    distance_km: float | None = None

    @property
    def url(self) -> str:
        return f"/{'offers' if self.purpose == 'offer' else 'needs'}/{self.id}"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is asked for. `viewer_id` None: a guest.

    `category`: a leaf or a sector with all its leaves. `near`: latitude, longitude and how many
    kilometres around, None for distances without a limit. `peer`: the origin of one server.
    `before`: `created` and `id` of the last card of the page before. `ended`: those that are over
    too, for the author's own list.
    """

    purpose: Purpose | None = None
    category: str | None = None
    words: str = ""
    near: tuple[float, float, float | None] | None = None
    where: Where = "all"
    community_id: UUID | None = None
    author_id: UUID | None = None
    peer: str | None = None
    viewer_id: UUID | None = None
    before: tuple[datetime, UUID] | None = None
    ended: bool = False
    limit: int = 30


async def get(conn: Conn, id: UUID) -> Proposal:
    """Missing when there is none."""
    return await db.one(conn, Proposal, SELECT + " where id = %(id)s", {"id": id})


async def find_by_id(conn: Conn, id: UUID) -> Proposal | None:
    """By our own id."""
    return await db.maybe(conn, Proposal, SELECT + " where id = %(id)s", {"id": id})


async def lock(conn: Conn, id: UUID) -> Proposal:
    """As `get`, and nobody else changes it until the transaction ends."""
    return await db.one(conn, Proposal, SELECT + " where id = %(id)s for no key update", {"id": id})


async def find(conn: Conn, uri: str) -> Proposal | None:
    """By its uri."""
    return await db.maybe(conn, Proposal, SELECT + " where uri = %(uri)s", {"uri": uri})


async def find_last(conn: Conn, author_id: UUID) -> Proposal | None:
    """The newest of a person: what the next form is filled in with."""
    query = (
        SELECT
        + """ where author_id = %(author)s and state in ('open', 'closed')
      order by created desc limit 1"""
    )
    return await db.maybe(conn, Proposal, query, {"author": author_id})


async def list_cards(conn: Conn, wanted: Filter) -> list[ProposalCard]:
    """Those the viewer may see, the newest first."""
    return await db.answer(conn, ask_cards(wanted))


async def list_page(conn: Conn, wanted: Filter) -> tuple[list[ProposalCard], dict[str, int]]:
    """As `list_cards`, and how many each sector would show, among the newest COUNTED; there the
    filter's own category and page do not matter."""
    if not wanted.words or wanted.before:
        found, newest = await db.together(conn, ask_cards(wanted), _ask_newest(wanted))
        return found, newest[0].counts
    # What a common word finds is looked through once: the cards are most often among the newest.
    newest = db.first(await db.answer(conn, _ask_newest(wanted)))
    if len(newest.ids) < wanted.limit and newest.looked == COUNTED:
        return await list_cards(conn, wanted), newest.counts
    query: LiteralString = _card(wanted) + " where p.id = any(%(ids)s)" + _NEWEST_FIRST
    cards = await db.answer(conn, Ask(ProposalCard, query, {**_params(wanted), "ids": newest.ids}))
    return cards, newest.counts


def ask_cards(wanted: Filter) -> Ask[ProposalCard]:
    """The question behind `list_cards`."""
    query = _card(wanted) + _conditions(wanted)
    if wanted.before:
        query += " and (p.created, p.id) < (%(at)s, %(id)s)"
    query += " order by p.created desc, p.id desc limit %(limit)s"
    return Ask(ProposalCard, query, _params(wanted))


async def list_both(conn: Conn, wanted: Filter) -> tuple[list[ProposalCard], list[ProposalCard]]:
    """The newest needs and the newest offers, `limit` of each."""
    return parted(await db.answer(conn, ask_both(wanted)))


def ask_both(wanted: Filter) -> Ask[ProposalCard]:
    """The newest needs, and behind them the newest offers, `limit` of each."""
    body = _card(wanted) + _conditions(wanted)
    query = (
        "(" + body + " and p.purpose = 'request' order by p.created desc, p.id desc"
        " limit %(limit)s) union all (" + body + " and p.purpose = 'offer'"
        " order by p.created desc, p.id desc limit %(limit)s)"
    )
    return Ask(ProposalCard, query, _params(wanted))


def parted(found: list[ProposalCard]) -> tuple[list[ProposalCard], list[ProposalCard]]:
    """The needs and the offers of an answer to `ask_both`."""
    needs = [card for card in found if card.purpose == "request"]
    return needs, found[len(needs) :]


@dataclass(frozen=True, slots=True)
class _Newest:
    """`looked`: how many there were, before it was asked who may see them. `ids`: the first page
    of the chosen kind; `counts`: how many each sector has."""

    looked: int
    ids: list[UUID]
    counts: dict[str, int]


def _ask_newest(wanted: Filter) -> Ask[_Newest]:
    """About `newest`, the COUNTED that are asked for, and those `seen` among them. The chosen kind
    does not matter, also not among the words."""
    said = " and " + _said(wanted, with_category=False) + _NEWEST_FIRST
    whose = _IN_ORDER + _visible(wanted.viewer_id) + _whose(wanted)
    # Who may see it is asked of the newest alone: a common word stands in very many.
    first = whose if wanted.where != "all" or wanted.peer else " where true"
    query: LiteralString = _NEWEST + first + said + _SEEN + whose + _SAMPLE
    params = _params(replace(wanted, category=None))
    params |= {"counted": COUNTED, "categories": _kinds(wanted.category)}
    return Ask(_Newest, query, params)


_NEWEST: Final = """with newest as materialized (
  select p.id, p.category, p.created, p.scope, p.author_id, p.community_id from proposals p"""
_SEEN: Final = """ limit %(counted)s), seen as materialized (
  select p.id, p.category, p.created from newest p"""
# One row: a thousand would take longer to read than to find.
_SAMPLE: Final = """) select (select count(*) from newest)::int as looked,
  array(select id from seen where %(categories)s::text[] = '{}' or category = any(%(categories)s)
    order by created desc, id desc limit %(limit)s) as ids,
  (select coalesce(jsonb_object_agg(sector, number), '{}') from (
    select split_part(category, '.', 1) as sector, count(*) as number from seen group by 1) c)
    as counts"""


async def may_see(conn: Conn, id: UUID, viewer_id: UUID | None) -> bool:
    """Whether a person here, or a guest (None), may open it; whether it is over does not matter."""
    query: LiteralString = "select exists (select 1" + FROM + _visible(viewer_id)
    query += " and p.id = %(id)s and p.state in ('open', 'closed'))"
    return bool(await db.value(conn, query, {"id": id, "viewer": viewer_id}))


def _card(wanted: Filter) -> LiteralString:
    near = wanted.near is not None
    return (
        "select "
        + COLUMNS
        + (_DISTANCE if near else _NO_DISTANCE)
        + " from proposals p"
        + _IN_ORDER
    )


def _conditions(wanted: Filter) -> LiteralString:
    return _visible(wanted.viewer_id) + _whose(wanted) + " and " + _said(wanted)


def _said(wanted: Filter, *, with_category: bool = True) -> LiteralString:
    """What is asked of the listing `p` itself."""
    query: LiteralString = "p.state = 'open' and (p.until is null or p.until > now())"
    if wanted.ended:
        query = "p.state in ('open', 'closed')"
    if wanted.purpose:
        query += " and p.purpose = %(purpose)s"
    # With words, their index knows kind and cell too: + and || keep the planner from the others.
    if wanted.category and with_category:
        kind = " and p.category || '' = " if wanted.words else " and p.category = "
        query += kind + "any(%(categories)s)"
    if wanted.words:
        query += _WORDS
    if wanted.near and wanted.near[2] is not None:
        query += " and p.cell + 0 = " if wanted.words else " and p.cell = "
        query += "any(%(cells)s) and (" + _INSIDE + " or " + KM + " <= %(km)s)"
    if wanted.community_id:
        query += " and p.community_id = %(community)s"
    if wanted.author_id:
        query += " and p.author_id = %(author)s"
    return query


def _whose(wanted: Filter) -> LiteralString:
    """What is asked of its author `a`. People of other makes are found by words where they have
    said so (FEP-5feb)."""
    query: LiteralString = " and (a.peer is null or a.indexable)" if wanted.words else ""
    if wanted.where != "all":
        query += " and a.peer is null" if wanted.where == "here" else " and a.peer is not null"
    if wanted.peer:
        query += " and a.peer = %(peer)s"
    return query


def _params(wanted: Filter) -> dict[str, object]:
    latitude, longitude, km = wanted.near or (None, None, None)
    cells: list[int] = []
    north = east = 0.0
    if latitude is not None and longitude is not None and km is not None:
        cells = places.cells_within(latitude, longitude, km)
        north, east = places.inside(latitude, km)
    category = wanted.category or ""
    return {
        "viewer": wanted.viewer_id,
        "purpose": wanted.purpose,
        "categories": _kinds(category),
        "words": wanted.words[:200],
        "area": area(_sides(wanted), category, cells),
        "lat": latitude,
        "lon": longitude,
        "km": km,
        "north": north,
        "east": east,
        "cells": cells,
        "community": wanted.community_id,
        "author": wanted.author_id,
        "peer": wanted.peer,
        "at": wanted.before[0] if wanted.before else None,
        "id": wanted.before[1] if wanted.before else None,
        "limit": wanted.limit,
    }


def _kinds(category: str | None) -> list[str]:
    """It, and what belongs to it."""
    return [category, *(leaf.id for leaf in categories.load().leaves(category))] if category else []


def _sides(wanted: Filter) -> list[Purpose]:
    return [wanted.purpose] if wanted.purpose else ["offer", "request"]


def area(purposes: Sequence[Purpose], category: str, spots: Sequence[int | str]) -> str:
    """The part of a text query that says which sides, of what kind ('': any) and in which cells; a
    spot "nowhere" finds what has no place."""
    sides = [[f"'@{purpose}/{spot}'" for purpose in purposes for spot in spots]]
    sides.append([f"'@{purpose}/{category}'" for purpose in purposes if category])
    texts = [" | ".join(side) for side in sides]
    return " & ".join(f"({text})" for text in texts if text)


def _visible(viewer_id: UUID | None) -> LiteralString:
    return " where " + (SEEN_BY_GUESTS if viewer_id is None else SEEN_BY_RESIDENTS)


SELECT: Final = """select id, uri, purpose, author_id, community_id, scope, title, source, html,
  language, category, quantity, available, unit, until, return_kind, return_note, place_name,
  latitude, longitude, cell, state, removed_reason, replies, created, updated from proposals"""

COLUMNS: Final = """p.id, p.purpose, p.title, p.category, p.quantity, p.available, p.unit,
  p.until, p.return_kind, p.place_name, p.latitude, p.longitude, p.scope, p.state, p.language,
  p.replies, p.created, a.name as author_name, a.title as author_title, a.host as author_host,
  coalesce(nullif(g.title, ''), g.name) as community_title,
  (select t.media_id from attachments t where t.proposal_id = p.id
   order by t.position limit 1) as picture_id, """
KM: Final = """2 * 6371.0088 * asin(least(1, sqrt(
  sin(radians(p.latitude - %(lat)s) / 2) ^ 2 + cos(radians(%(lat)s)) * cos(radians(p.latitude))
  * sin(radians(p.longitude - %(lon)s) / 2) ^ 2)))"""
# Most that is near lies in a square within the circle: ten times cheaper than the true distance.
_INSIDE: Final = (
    """abs(p.latitude - %(lat)s) < %(north)s and abs(p.longitude - %(lon)s) < %(east)s"""
)
_NEWEST_FIRST: Final = " order by p.created desc, p.id desc"
_DISTANCE: Final = KM + " as distance_km"
_NO_DISTANCE: Final = "null::float8 as distance_km"
FROM: Final = """ from proposals p join actors a on a.id = p.author_id
  left join peers o on o.origin = a.peer left join actors g on g.id = p.community_id"""
# A list wants the newest few: `offset 0` keeps the planner from joining everything first.
_IN_ORDER: Final = """
  cross join lateral (select name, title, host, peer, deleted_at, suspended_until, indexable
    from actors
    where id = p.author_id offset 0) a
  left join lateral (select link, blocked_at, receives from peers
    where origin = a.peer offset 0) o on true
  left join lateral (select name, title from actors where id = p.community_id offset 0) g on true"""
# Side, kind and place stand among the words: one index finds what is near and said.
_WORDS: Final = """ and p.search @@ ((websearch_to_tsquery('german', %(words)s)
  || websearch_to_tsquery('english', %(words)s)) && %(area)s::tsquery)"""

# Not of blocked or muted servers, nor of people who are suspended or have gone.
_SOUND: Final = """a.deleted_at is null
  and (a.suspended_until is null or a.suspended_until <= now())
  and (a.peer is null or o.blocked_at is null and o.receives)"""
SEEN_BY_GUESTS: Final = _SOUND + " and p.scope = 'everyone'"
# Residents see what is meant for this place: of other places only while they are neighbours.
# Who still waits for approval, or has left, sees what guests see.
SEEN_BY_RESIDENTS: Final = (
    _SOUND
    + """ and (p.scope = 'everyone' or p.author_id = %(viewer)s
      or (select state from accounts where actor_id = %(viewer)s) = 'active' and (
        p.scope = 'city' and a.peer is null
        or p.scope = 'neighbours' and (a.peer is null or o.link = 'linked')
        or p.scope = 'community' and exists (
          select 1 from memberships m where m.community_id = p.community_id
            and m.person_id = %(viewer)s and m.state = 'member')))
    and not exists (
      select 1 from blocks b where b.blocker_id = %(viewer)s and b.blocked_id = p.author_id)"""
)
