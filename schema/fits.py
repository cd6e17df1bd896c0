"""Which offers fit the lines of a list, all lines in one query."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, LiteralString
from uuid import UUID

from schema import categories, places
from schema import database as db
from schema.database import Conn
from schema.matches import FILLERS
from schema.proposals import KM, SEEN_BY_RESIDENTS

NEAR_KM: Final = 25
MOST_CANDIDATES: Final = 25  # of each line: near, and anywhere
MOST_FITS: Final = 3
MOST_LINES: Final = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line that something is looked for: `category` '' or 'other' where nobody knows."""

    key: str
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class Fit:
    """An offer that fits a line. `available` None: any amount; `share`: which part of the line's
    words it has, 0 to 1."""

    key: str
    id: UUID
    title: str
    available: Decimal | None
    unit: str
    is_here: bool
    author_name: str
    author_host: str
    distance_km: float | None
    share: float

    @property
    def url(self) -> str:
        return f"/offers/{self.id}"


async def list_for_lines(
    conn: Conn,
    lines: Sequence[Wanted],
    viewer: UUID,
    near: tuple[float, float] | None = None,
) -> dict[str, list[Fit]]:
    """By the key of the line, the best first: what the viewer may see, whether here or in the
    network. `near`: latitude and longitude of where it is needed."""
    lines = lines[:MOST_LINES]
    if not lines:
        return {}
    cells = places.cells_within(*near, NEAR_KM) if near else []
    found = await db.many(
        conn,
        Fit,
        _QUERY,
        {
            "viewer": viewer,
            "keys": [line.key for line in lines],
            "names": [line.name for line in lines],
            "categories": [_side(line.category) for line in lines],
            "fillers": list(FILLERS),
            "area": " | ".join(f"'@offer/{cell}'" for cell in cells) or "'@offer/none'",
            "lat": near[0] if near else None,
            "lon": near[1] if near else None,
            "candidates": MOST_CANDIDATES,
            "most": MOST_FITS,
        },
    )
    by_key: dict[str, list[Fit]] = defaultdict(list)
    for fit in found:
        by_key[fit.key].append(fit)
    return by_key


def _side(category: str) -> str:
    """The kind among the words of a listing; '' where it says nothing."""
    known = categories.load().find(category)
    return "" if known is None or known.id == "other" else known.id


# An offer fits a line when it has at least half of its words, and is of its kind or has them all.
# `offset 0` keeps the planner from reading all listings in order.
# What a listing is and where stands among its words (0035), so one index finds the candidates.
_QUERY: Final[LiteralString] = (
    """with lines as materialized (
    select * from unnest(%(keys)s::text[], %(names)s::text[], %(categories)s::text[])
      as l (key, name, category)),
  said as materialized (
    select l.key, l.category, word, plainto_tsquery('german', word)
        || plainto_tsquery('english', word) as query
    from lines l cross join lateral unnest(tsvector_to_array(to_tsvector('simple', l.name))) word
    where length(word) between 3 and 40 and word !~ '^[0-9.,/-]+$'
      and not word = any(%(fillers)s)
      and numnode(plainto_tsquery('german', word)) > 0
      and numnode(plainto_tsquery('english', word)) > 0),
  asked as materialized (
    select key, category, count(*) as words, array_agg(query) as queries,
      string_agg('(' || query::text || ')', ' | ')::tsquery as any_word,
      string_agg('(' || query::text || ')', ' & ')::tsquery as all_words
    from said group by key, category),
  wanted as materialized (
    select key, category, words, queries, case when category = '' then all_words
      else all_words || (any_word && ('''@offer/' || category || '''')::tsquery) end as query
    from asked),
  found as materialized (
    select w.key, c.id from wanted w cross join lateral (
      (select id from proposals where state = 'open'
         and search @@ (w.query && %(area)s::tsquery) limit %(candidates)s)
      union
      (select id from proposals where state = 'open' and purpose = 'offer'
         and search @@ w.query limit %(candidates)s)) c),
  facts as materialized (
    select f.key, p.id, p.title, p.available, p.unit, a.peer is null as is_here,
      coalesce(nullif(a.title, ''), a.name) as author_name, a.host as author_host,
      case when %(lat)s::float8 is null then null else """
    + KM
    + """ end as distance_km, w.category, p.category as kind,
      (select count(*) from unnest(w.queries) q where p.search @@ q)::float8 / w.words as share
    from found f join wanted w on w.key = f.key
      cross join lateral (select * from proposals where id = f.id offset 0) p
      join actors a on a.id = p.author_id left join peers o on o.origin = a.peer
    where """
    + SEEN_BY_RESIDENTS
    + """ and p.purpose = 'offer' and (p.until is null or p.until > now())
      and (p.available is null or p.available > 0))
  select key, id, title, available, unit, is_here, author_name, author_host, distance_km, share
  from (select *, row_number() over (partition by key, is_here
          order by share desc, kind = category desc, distance_km nulls last, id) as place
        from facts where share >= 0.5 and (share = 1 or category = ''
          or starts_with(kind, split_part(category, '.', 1)))) ranked
  where place <= %(most)s order by key, is_here desc, place"""
)
