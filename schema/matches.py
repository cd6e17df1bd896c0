"""Matches: which offers fit a need and which needs an offer, ranked by one query, and why."""

from dataclasses import dataclass
from typing import Any, Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from schema import categories, places, units, weekdays
from schema import database as db
from schema.database import Conn
from schema.proposals import (
    COLUMNS,
    FROM,
    KM,
    SEEN_BY_RESIDENTS,
    Proposal,
    ProposalCard,
    Purpose,
    area,
)

Kind: TypeAlias = Literal["same", "related", "sector", "other"]

NEAR_KM: Final = 15
REACH_KM: Final = 50  # looked at where there is not enough near
ENOUGH: Final = 60
MOST_BY_WORDS: Final = 150  # near candidates that share a word, the newest first
MOST_BY_KIND: Final = 60  # near candidates of the same category
LEAST: Final = 0.3  # of a score between 0 and 1
LEAST_TO_TELL: Final = 0.45

# Said in half of all titles; they tell nothing of the thing.
FILLERS: Final = tuple(
    """suche suchen sucht gesucht brauche brauchen braucht benötige biete bieten bietet verschenke
    verschenken gebe geben habe haben tausche tauschen leihe leihen verleihe borge hilfe bitte gern
    gerne neu neue neuer neues alt alte alter altes gebraucht gebrauchte gut gute guter gutes schön
    schöne groß große klein kleine frisch frische viel viele paar etwas eigene erhaltene gratis
    kostenlos need needs needed looking wanted want offer offers offering give giving away free new
    old used good nice big small fresh some few have help please lend borrow swap zwei drei vier
    fünf sechs zehn zwölf hundert two three four five six ten twelve hundred wer who jemand somebody
    someone tag tage tagen woche wochen wochenende wochenenden monat monate monaten jahr jahre
    jahren stunde stunden minute minuten heute morgen abend abends day days week weeks weekend
    weekends month months year years hour hours minutes today tomorrow evening""".split()
) + tuple(f"{name}{end}" for names in weekdays.NAMES for name in names for end in ("", "s"))
LOOKED_AT: Final = 600  # characters of a text, for weekdays


@dataclass(frozen=True, slots=True)
class Match:
    """A listing that fits, and the facts that say so.

    `share`: which part of the words is in it, 0 to 1. `amount_fits`: enough is left, None where
    amounts do not compare. `days`: the weekdays that both name, empty where they name different
    ones, None where one of them names none. `score` is between 0 and 1.
    """

    card: ProposalCard
    author_id: UUID
    share: float
    kind: Kind
    amount_fits: bool | None
    return_fits: bool
    language_fits: bool
    days: list[int] | None
    score: float


@dataclass(frozen=True, slots=True)
class Reader:
    """From whose side one looks: the author of the listing, with the languages they read."""

    id: UUID
    languages: tuple[str, ...]


async def list_for(
    conn: Conn, own: Proposal, reader: Reader, limit: int = 5, *, least: float = LEAST
) -> list[Match]:
    """What fits a resident's own need or offer, of all they may see, the best first."""
    params = {**_params(own, limit), "languages": [own.language, *reader.languages]}
    return await db.many(conn, _match, _QUERY_FOR_AUTHOR, {**params, "least": least})


async def list_to_tell(conn: Conn, new: Proposal, limit: int = 50) -> list[Match]:
    """Residents' own listings that a new one fits, who may see it and were not told of it yet."""
    params = {
        **_params(new, limit),
        "languages": [new.language],
        "least": LEAST_TO_TELL,
    }
    return await db.many(conn, _match, _QUERY_TO_TELL, params)


async def tell_once(conn: Conn, own_id: UUID, other_id: UUID) -> bool:
    """Whether the author of `own_id` is told of `other_id` for the first time."""
    added = await db.run(
        conn,
        """insert into matches (own_id, other_id) values (%(own)s, %(other)s)
           on conflict do nothing""",
        {"own": own_id, "other": other_id},
    )
    return added > 0


async def learn(conn: Conn, title: str) -> None:
    """Keeps the words of a title, so that others' typing errors lead to them."""
    await db.run(
        conn,
        """insert into title_words (word)
           select new.word
           from unnest(tsvector_to_array(to_tsvector('simple', %(title)s))) new (word)
           where length(new.word) between 3 and 60
             and not exists (select 1 from title_words known where known.word = new.word)
           order by new.word on conflict do nothing""",
        {"title": title},
    )


def _params(own: Proposal, limit: int) -> dict[str, object]:
    near: list[int] = []
    cells: list[int] = []
    if own.latitude is not None and own.longitude is not None:
        near = places.cells_within(own.latitude, own.longitude, NEAR_KM)
        cells = places.cells_within(own.latitude, own.longitude, REACH_KM)
    other: Purpose = "request" if own.purpose == "offer" else "offer"
    unit = units.find(own.unit)
    table = units.load().values()
    known = categories.load()
    broader = known.broader(own.category)
    own_days = weekdays.named(f"{own.title} {own.source[:LOOKED_AT]}")
    return {
        "own": own.id,
        "title": own.title,
        "author": own.author_id,
        "viewer": own.author_id,
        "purpose": other,
        "community": own.community_id,
        "scope": own.scope,
        "amount": own.available if own.purpose == "offer" else own.quantity,
        "unit": own.unit,
        "dimension": unit.dimension if unit else "count",
        "factor": unit.factor if unit else None,
        "unit_ids": [one.id for one in table],
        "dimensions": [one.dimension for one in table],
        "factors": [one.factor for one in table],
        "days": own_days,
        "day_words": [weekdays.IN_POSTGRES[day] for day in own_days],
        "any_day": weekdays.ANY_IN_POSTGRES,
        "looked_at": LOOKED_AT,
        "return": own.return_kind,
        "category": own.category,
        "sector": broader.id if broader else own.category,
        "kinds": [own.category] if own.category != "other" else [],
        "lat": own.latitude,
        "lon": own.longitude,
        "km": REACH_KM,
        "near_cells": near,
        "near_area": area([other], "", (*near, "nowhere")),
        "enough": ENOUGH,
        "cells": cells,
        "area": area([other], "", (*cells, "nowhere")),
        "fillers": list(FILLERS),
        "by_words": MOST_BY_WORDS,
        "by_kind": MOST_BY_KIND,
        "limit": limit,
    }


def _match(**columns: Any) -> Match:
    card = ProposalCard(**{name: columns.pop(name) for name in ProposalCard.__slots__})
    return Match(card, **columns)


# The words of the title, as they are written and as others write them: with a typing error, or as
# the end of a longer German word ("Leiter", "Obstleiter").
# Each cell's newest come in the order of its index: few are read of a kind that has very many.
_WORDS: Final = """with said as materialized (
    select word from unnest(tsvector_to_array(to_tsvector('simple', %(title)s))) word
    where length(word) between 3 and 40 and word !~ '^[0-9.,/-]+$'
      and not word = any(%(fillers)s) limit 12),
  written as materialized (
    select word, word as spelling, 1.0 as sure from said
    union all
    select s.word, near.word, 0.7 from said s cross join lateral (
      select t.word from title_words t
      where length(s.word) >= 5 and t.word <> s.word
        and (t.word %% s.word and left(t.word, 1) = left(s.word, 1)
            and similarity(t.word, s.word) >= 0.45
          or t.word like '%%___' || s.word)
      order by similarity(t.word, s.word) desc limit 5) near),
  asked as materialized (
    select word, sure, plainto_tsquery('german', spelling)
      || plainto_tsquery('english', spelling) as query
    from written where numnode(plainto_tsquery('german', spelling)) > 0
      and numnode(plainto_tsquery('english', spelling)) > 0),
  whole as materialized (
    select string_agg('(' || query::text || ')', ' | ')::tsquery as any_word,
      greatest(1, count(distinct word)) as words from asked),
  measures as materialized (
    select * from unnest(%(unit_ids)s::text[], %(dimensions)s::text[], %(factors)s::numeric[])
      as m (unit, dimension, factor)),
  near as materialized (
    (select id from proposals where state = 'open'
       and search @@ ((select any_word from whole) && %(near_area)s::tsquery)
     order by created desc limit %(by_words)s)
    union
    (select newest.id from unnest(%(near_cells)s::int[]) c (spot)
       cross join unnest(%(kinds)s::text[]) k (kind)
       cross join lateral (select id, created from proposals where state = 'open'
         and purpose = %(purpose)s and cell = c.spot and category = k.kind
         order by created desc limit %(by_kind)s) newest
     order by newest.created desc limit %(by_kind)s)),
  found as materialized (
    select id from near
    union
    (select id from proposals where state = 'open' and (select count(*) from near) < %(enough)s
       and search @@ ((select any_word from whole) && %(area)s::tsquery)
     order by created desc limit %(by_words)s)
    union
    (select newest.id from unnest(%(cells)s::int[]) c (spot)
       cross join unnest(%(kinds)s::text[]) k (kind)
       cross join lateral (select id, created from proposals where state = 'open'
         and purpose = %(purpose)s and cell = c.spot and category = k.kind
         order by created desc limit %(by_kind)s) newest
     where (select count(*) from near) < %(enough)s
     order by newest.created desc limit %(by_kind)s))"""

_FACTS: Final = (
    """ select """
    + COLUMNS
    + """case when %(lat)s::float8 is null then null else """
    + KM
    + """ end as distance_km, p.author_id,
    coalesce((select sum(sure) from (select max(sure) as sure from asked
      where p.search @@ asked.query group by word) hits)
      / (select words from whole), 0)::float8 as share,
    case when %(category)s = 'other' then 'other'
      when p.category = %(category)s then 'same'
      when p.category = %(sector)s or starts_with(p.category, %(category)s || '.') then 'related'
      when split_part(p.category, '.', 1) = split_part(%(category)s, '.', 1) then 'sector'
      else 'other' end as kind,
    case when p.unit = %(unit)s or m.dimension = %(dimension)s and m.factor is not null
        and %(factor)s::numeric is not null then
      case when %(purpose)s = 'offer'
        then p.available * coalesce(m.factor, 1) >= %(amount)s * coalesce(%(factor)s, 1)
        else %(amount)s * coalesce(%(factor)s, 1) >= p.quantity * coalesce(m.factor, 1) end
      end as amount_fits,
    p.return_kind = %(return)s or 'open' in (p.return_kind, %(return)s)
      or %(purpose)s = 'offer' and p.return_kind = 'nothing'
      or %(purpose)s = 'request' and %(return)s = 'nothing' as return_fits,
    p.language = any(%(languages)s) or p.language = any(a.languages) as language_fits,
    case when cardinality(%(days)s::int[]) > 0
        and p.title || ' ' || left(p.source, %(looked_at)s) ~* %(any_day)s then array(
          select day from unnest(%(days)s::int[], %(day_words)s::text[]) d (day, word)
          where p.title || ' ' || left(p.source, %(looked_at)s) ~* d.word) end as days"""
)

_FITTING: Final = """ and p.author_id <> %(author)s and p.purpose = %(purpose)s
    and p.state = 'open' and (p.until is null or p.until > now())
    and (p.available is null or p.available > 0)
    and (p.unit = %(unit)s or m.dimension = %(dimension)s and m.factor is not null
      or p.quantity is null or %(amount)s::numeric is null
      or m.dimension in ('count', 'package', 'space')
      or %(dimension)s in ('count', 'package', 'space'))
    and not exists (select 1 from blocks b where b.blocker_id = p.author_id
      and b.blocked_id = %(author)s or b.blocker_id = %(author)s and b.blocked_id = p.author_id)"""

# How much each fact counts; together 1.
_RANKED: Final = """ select * from (
  select *, (0.45 * share
      + case kind when 'same' then 0.2 when 'related' then 0.15 when 'sector' then 0.05 else 0 end
      + case when distance_km is null then 0.05 else 0.15 / (1 + distance_km / 10) end
      + case when amount_fits then 0.08 when amount_fits is null then 0.05 else 0.03 end
      + case when return_fits then 0.07 else 0 end
      + case when language_fits then 0.05 else 0 end)::float8
      * case when days = '{}' then 0.6 else 1 end as score
  from facts where (distance_km is null or distance_km <= %(km)s)
    and (share > 0 or kind = 'same' and position('.' in category) > 0)) ranked
  where score >= %(least)s order by score desc, created desc limit %(limit)s"""

_BEGIN: Final[LiteralString] = (
    _WORDS
    + ", facts as materialized ("
    + _FACTS
    + FROM.replace("from proposals p", "from found f join proposals p on p.id = f.id")
    + " left join measures m on m.unit = p.unit where "
)
_QUERY_FOR_AUTHOR: Final = _BEGIN + SEEN_BY_RESIDENTS + _FITTING + ")" + _RANKED

# The other way round: may the author of what was found see the new one?
_QUERY_TO_TELL: Final = (
    _BEGIN
    + """a.peer is null and a.deleted_at is null
    and exists (select 1 from accounts r where r.actor_id = p.author_id and r.state = 'active')
    and exists (select 1 from actors w left join peers h on h.origin = w.peer
      where w.id = %(author)s and w.deleted_at is null
        and (w.suspended_until is null or w.suspended_until <= now())
        and (w.peer is null or h.blocked_at is null and h.receives)
        and (%(scope)s = 'everyone' or %(scope)s = 'city' and w.peer is null
          or %(scope)s = 'neighbours' and (w.peer is null or h.link = 'linked')
          or %(scope)s = 'community' and exists (select 1 from memberships s
            where s.community_id = %(community)s and s.person_id = p.author_id
              and s.state = 'member')))
    and not exists (select 1 from matches t where t.own_id = p.id and t.other_id = %(own)s)"""
    + _FITTING
    + ")"
    + _RANKED
)
