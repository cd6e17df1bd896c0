"""Thanks after a hand-over: words, not stars; shown once three people have thanked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from schema import database as db
from schema.database import Conn

SHOWN_FROM: Final = 3


@dataclass(frozen=True, slots=True)
class Thanked:
    """What one has said; `title` is what it was about."""

    text: str
    created: datetime
    by_name: str
    by_title: str
    by_host: str

    @property
    def handle(self) -> str:
        return f"{self.by_name}@{self.by_host}" if self.by_host else self.by_name


@dataclass(frozen=True, slots=True)
class Record:
    """How it went with a person so far: agreements kept, and hand-overs they did not come to.
    `thanks` is empty until SHOWN_FROM different people have thanked, here or in cities they
    lived in before (`shows`); `cities` is how many those are, this one included."""

    kept: int
    missed: int
    thanks: list[Thanked]
    cities: int = 1
    shows: bool = False


async def insert(conn: Conn, agreement_id: UUID, by_id: UUID, to_id: UUID, text: str) -> bool:
    """False when this person has thanked already."""
    added = await db.run(
        conn,
        """insert into thanks (agreement_id, by_id, to_id, text)
           values (%(agreement)s, %(by)s, %(to)s, %(text)s) on conflict do nothing""",
        {"agreement": agreement_id, "by": by_id, "to": to_id, "text": text},
    )
    return added > 0


async def get_record(
    conn: Conn, person_id: UUID, limit: int = 20, *, community_id: UUID | None = None
) -> Record:
    """Of this person, as far as it is known here; only about what stood in a community, where one
    is given."""
    counts = await db.one(
        conn,
        _Counts,
        """select count(*) filter (where state = 'done' and author_confirmed is not null
               and responder_confirmed is not null)::int as kept,
             count(*) filter (where state = 'missed' and ended_by <> %(id)s)::int as missed,
             (select count(distinct by_id) from thanks where to_id = %(id)s)::int
               + (select coalesce(sum(thankers), 0) from luggage where person_id = %(id)s
                   and %(community)s::uuid is null)::int as people,
             (select coalesce(sum(kept), 0) from luggage where person_id = %(id)s
               and %(community)s::uuid is null)::int as carried,
             (select count(*) from luggage where person_id = %(id)s
               and %(community)s::uuid is null)::int as cities
           from agreements where (author_id = %(id)s or responder_id = %(id)s)
             and (%(community)s::uuid is null or proposal_id in (
               select id from proposals where community_id = %(community)s))""",
        {"id": person_id, "community": community_id},
    )
    kept, cities = counts.kept + counts.carried, 1 + counts.cities
    if counts.people < SHOWN_FROM:
        return Record(kept, counts.missed, [], cities)
    found = await db.many(
        conn,
        Thanked,
        """select t.text, t.created, a.name as by_name, a.title as by_title, a.host as by_host
           from thanks t join actors a on a.id = t.by_id
           where t.to_id = %(id)s and t.text <> '' and a.deleted_at is null
           order by t.created desc limit %(limit)s""",
        {"id": person_id, "limit": limit},
    )
    return Record(kept, counts.missed, found, cities, True)


@dataclass(frozen=True, slots=True)
class _Counts:
    kept: int
    missed: int
    people: int
    carried: int
    cities: int
