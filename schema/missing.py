"""What is missing: needs that no offer fits, and the one thing that would meet most of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from schema import database as db
from schema import weekdays
from schema.database import Conn
from schema.matches import FILLERS
from schema.proposals import FROM, SEEN_BY_GUESTS, SEEN_BY_RESIDENTS

MOST_PEOPLE: Final = 30  # who need the same, when circles are counted
MOST: Final = 2000  # needs that are looked at, those that end soonest


@dataclass(frozen=True, slots=True)
class Unmet:
    """A need without a fitting offer. `words`: pairs of a word as in the title and its stem."""

    id: UUID
    author_id: UUID
    title: str
    source: str
    category: str
    until: datetime | None
    created: datetime
    words: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that would meet `needs` needs of `people` people. `word`: what their titles have in
    common, of one need its title; '': the category tells. `weekday` 0 is Monday, None any;
    `circles`: exchange circles that it would close."""

    category: str
    word: str
    weekday: int | None
    needs: int
    people: int
    ends: datetime | None
    ids: tuple[UUID, ...]
    circles: int = 0


@dataclass(frozen=True, slots=True)
class Sector:
    """The unmet needs of one sector and the things that are missing, the most wanted first."""

    id: str
    unmet: int
    gaps: list[Gap]


async def list_unmet(conn: Conn, viewer_id: UUID | None) -> list[Unmet]:
    """Of the needs the viewer may see (None: a guest), those no open offer has a word and the
    category of."""
    seen: LiteralString = SEEN_BY_GUESTS if viewer_id is None else SEEN_BY_RESIDENTS
    query: LiteralString = (
        """with wanted as materialized (select p.id, p.author_id, p.title, p.source, p.category,
             p.until, p.created"""
        + FROM
        + " where "
        + seen
        + """ and p.purpose = 'request' and p.state = 'open'
             and (p.until is null or p.until > now()) order by p.until limit %(most)s)
           select w.*, coalesce(said.words, '[]') as words from wanted w
             left join lateral (
               select jsonb_agg(jsonb_build_array(word, stem)) as words,
                 string_agg('(' || stem || ')', ' | ')::tsquery as query
               from (select word, plainto_tsquery('german', word)::text as stem
                 from unnest(tsvector_to_array(to_tsvector('simple', w.title))) word
                 where length(word) >= 3 and word !~ '^[0-9.,/-]+$'
                   and not word = any(%(fillers)s)
                   and numnode(plainto_tsquery('english', word)) > 0) stems
               where stem <> '') said on true
           where not exists (select 1 from proposals o where o.state = 'open'
               and o.search @@ (said.query && ('''@offer/' || w.category || '''')::tsquery)
               and (o.until is null or o.until > now())
               and (o.available is null or o.available > 0) and o.author_id <> w.author_id)"""
    )
    params = {"viewer": viewer_id, "most": MOST, "fillers": list(FILLERS)}
    return await db.many(conn, Unmet, query, params)


def gaps(unmet: Sequence[Unmet], limit: int = 3) -> list[Gap]:
    """The things that would meet most needs, each counted for what the ones before leave open."""
    left = list(unmet)
    found: list[Gap] = []
    while left and len(found) < limit:
        groups: dict[tuple[str, str], list[Unmet]] = defaultdict(list)
        for need in left:
            for stem in {stem for word, stem in need.words if not weekdays.is_name(word)}:
                groups[need.category, stem].append(need)
            if "." in need.category:
                groups[need.category, ""].append(need)
        if not groups:
            break
        # A word says more than a category: it wins where both meet as many.
        best = max(
            groups, key=lambda key: (_people(groups[key]), len(groups[key]), key[1] != "", key)
        )
        chosen = groups[best]
        found.append(_gap(best[0], best[1], chosen))
        taken = {need.id for need in chosen}
        left = [need for need in left if need.id not in taken]
    return found


async def with_circles(conn: Conn, unmet: Sequence[Unmet], found: Sequence[Gap]) -> list[Gap]:
    """Beside each gap, how many exchange circles of two to four its offer would close, if the one
    for whom it closes most of them made it: those who need it give, over two others at most, to
    that one. As the last search for circles saw who could give whom something."""
    authors = {need.id: need.author_id for need in unmet}
    wanted = [
        (number, person)
        for number, gap in enumerate(found)
        for person in sorted({authors[id] for id in gap.ids})[:MOST_PEOPLE]
    ]
    rows = await db.many(
        conn,
        _Closed,
        """with recursive wanted as (
             select * from unnest(%(gaps)s::int[], %(people)s::uuid[]) as w (gap, person)),
           given (first, node, steps) as (
             select distinct person, person, 0 from wanted
             union
             select g.first, e.taker_id, g.steps + 1
             from given g join circle_edges e on e.giver_id = g.node where g.steps < 3)
           select gap, max(number)::int as circles from (
             select w.gap, g.node, count(distinct w.person) as number
             from wanted w join given g on g.first = w.person and g.node <> w.person
             group by w.gap, g.node) closed group by gap""",
        {"gaps": [gap for gap, _ in wanted], "people": [person for _, person in wanted]},
    )
    closed = {row.gap: row.circles for row in rows}
    return [replace(gap, circles=closed.get(number, 0)) for number, gap in enumerate(found)]


@dataclass(frozen=True, slots=True)
class _Closed:
    gap: int
    circles: int


def by_sector(unmet: Sequence[Unmet], limit: int = 3) -> list[Sector]:
    """Sectors with unmet needs, those with most first."""
    sectors: dict[str, list[Unmet]] = defaultdict(list)
    for need in unmet:
        sectors[need.category.split(".", 1)[0]].append(need)
    rows = [Sector(id, len(needs), gaps(needs, limit)) for id, needs in sectors.items()]
    return sorted(rows, key=lambda row: (-row.unmet, row.id))


def _people(needs: Iterable[Unmet]) -> int:
    return len({need.author_id for need in needs})


def _gap(category: str, stem: str, needs: Sequence[Unmet]) -> Gap:
    ends = [need.until for need in needs if need.until]
    return Gap(
        category=category,
        word=_word(stem, needs),
        weekday=_weekday(needs),
        needs=len(needs),
        people=_people(needs),
        ends=min(ends, default=None),
        ids=tuple(need.id for need in needs),
    )


def _word(stem: str, needs: Sequence[Unmet]) -> str:
    """What one need says is told as it says it; of several, the words that all have."""
    first = needs[0]
    if len(needs) == 1 or not stem:
        return first.title if len(needs) == 1 else ""
    common = set[str].intersection(*({own for _, own in need.words} for need in needs))
    title = first.title.casefold()
    words = [word for word, own in first.words if own in common]
    places = sorted((title.find(word), len(word)) for word in words if word in title)
    return " ".join(first.title[at : at + length] for at, length in places) or words[0]


def _weekday(needs: Sequence[Unmet]) -> int | None:
    """The one that at least half of them name."""
    named = [day for need in needs for day in weekdays.named(f"{need.title} {need.source}")]
    return next((day for day in range(7) if named.count(day) * 2 >= len(needs)), None)
