"""Luggage: memberships and thanks that a resident carried along from another city."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec.json import encode

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Carried:
    """A word of thanks: who said it (address and name), what and when (ISO 8601)."""

    by: str
    name: str
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class Luggage:
    """`communities` are addresses; `city_id` is who signed it."""

    person_id: UUID
    old_uri: str
    city_id: UUID
    kept: int
    communities: list[str]
    thanks: list[dict[str, str]]
    thankers: int
    packed: datetime
    unpacked_at: datetime | None

    @property
    def words(self) -> list[Carried]:
        return [Carried(**one) for one in self.thanks]


@dataclass(frozen=True, slots=True)
class Packed:
    """What is put into the luggage of a resident who leaves."""

    kept: int
    communities: list[str]
    thanks: list[Carried]


async def put(conn: Conn, row: Luggage, words: Sequence[Carried], document: str) -> bool:
    """False for what is older than what is here, or the same again."""
    changed = await db.run(
        conn,
        """insert into luggage (person_id, old_uri, city_id, kept, communities, thanks, thankers,
             document, packed)
           values (%(person)s, %(old)s, %(city)s, %(kept)s, %(communities)s, %(thanks)s::jsonb,
             %(thankers)s, %(document)s::jsonb, %(packed)s)
           on conflict (person_id, old_uri) do update set kept = excluded.kept,
             communities = excluded.communities, thanks = excluded.thanks,
             thankers = excluded.thankers, document = excluded.document, packed = excluded.packed
           where luggage.packed < excluded.packed""",
        {
            "person": row.person_id,
            "old": row.old_uri,
            "city": row.city_id,
            "kept": row.kept,
            "communities": row.communities,
            "thanks": encode(list(words)).decode(),
            "thankers": row.thankers,
            "document": document,
            "packed": row.packed,
        },
    )
    return changed > 0


async def list_of(conn: Conn, person_id: UUID) -> list[Luggage]:
    """All that this person brought, the newest first."""
    return await db.many(
        conn,
        Luggage,
        """select person_id, old_uri, city_id, kept, communities, thanks, thankers, packed,
             unpacked_at from luggage where person_id = %(id)s order by packed desc limit 20""",
        {"id": person_id},
    )


async def unpack(conn: Conn, person_id: UUID, old_uri: str, at: datetime) -> None:
    """It was looked through."""
    query = """update luggage set unpacked_at = %(at)s
               where person_id = %(id)s and old_uri = %(old)s"""
    await db.run(conn, query, {"id": person_id, "old": old_uri, "at": at})


async def list_communities(conn: Conn, person_id: UUID) -> list[str]:
    """Addresses of those a person belongs to, without hidden and closed ones."""
    return await db.values(
        conn,
        """select a.uri from memberships m join communities c on c.actor_id = m.community_id
             join actors a on a.id = c.actor_id
           where m.person_id = %(id)s and m.state = 'member' and c.join_rule <> 'hidden'
             and c.closed_at is null and a.deleted_at is null order by a.uri limit 200""",
        {"id": person_id},
    )


async def list_words(conn: Conn, person_id: UUID) -> list[Carried]:
    """What was said to this person here, the newest first."""
    return await db.many(
        conn,
        Carried,
        """select a.uri as by, coalesce(nullif(a.title, ''), a.name) as name, t.text,
             to_char(t.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
           from thanks t join actors a on a.id = t.by_id
           where t.to_id = %(id)s and a.deleted_at is null order by t.created desc limit 200""",
        {"id": person_id},
    )
