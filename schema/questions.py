"""Questions that people of both ends collect before a meeting, and who finds them important."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema.database import Conn


@dataclass(frozen=True, slots=True)
class Question:
    """`text` is plain; empty once its author took it back."""

    id: UUID
    uri: str
    meeting_id: UUID
    author_id: UUID
    text: str
    deleted_at: datetime | None
    created: datetime


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A question with its votes, as one person sees it; `lesson_id` answers it."""

    id: UUID
    uri: str
    text: str
    created: datetime
    author_id: UUID
    by_name: str
    by_host: str
    by_title: str
    votes: int
    mine: bool
    lesson_id: UUID | None

    @property
    def handle(self) -> str:
        return f"{self.by_name}@{self.by_host}" if self.by_host else self.by_name


async def get(conn: Conn, id: UUID) -> Question:
    """Missing when there is none."""
    return await db.one(conn, Question, "select * from questions where id = %(id)s", {"id": id})


async def find(conn: Conn, uri: str) -> Question | None:
    """By its address."""
    query = "select * from questions where uri = %(uri)s"
    return await db.maybe(conn, Question, query, {"uri": uri})


async def insert(conn: Conn, row: Question) -> bool:
    """False when it is here already."""
    added = await db.run(
        conn,
        """insert into questions (id, uri, meeting_id, author_id, text, created)
           values (%(id)s, %(uri)s, %(meeting)s, %(author)s, %(text)s, %(created)s)
           on conflict (uri) do nothing""",
        {
            "id": row.id,
            "uri": row.uri,
            "meeting": row.meeting_id,
            "author": row.author_id,
            "text": row.text,
            "created": row.created,
        },
    )
    return added > 0


async def count_of(conn: Conn, meeting_id: UUID, author_id: UUID) -> int:
    """How many this person has asked for this meeting."""
    query = """select count(*) from questions
               where meeting_id = %(m)s and author_id = %(a)s and deleted_at is null"""
    return int(await db.value(conn, query, {"m": meeting_id, "a": author_id}))


async def delete(conn: Conn, id: UUID, at: datetime) -> None:
    """Its words go; that there was one stays, so that it does not come again."""
    query = "update questions set text = '', deleted_at = %(at)s where id = %(id)s"
    await db.run(conn, query, {"id": id, "at": at})


async def put_vote(conn: Conn, question_id: UUID, actor_id: UUID, uri: str) -> None:
    """One for each person; a newer one takes the place of the older."""
    await db.run(
        conn,
        """insert into question_votes (question_id, actor_id, uri)
           values (%(question)s, %(actor)s, %(uri)s)
           on conflict (question_id, actor_id) do update set uri = excluded.uri""",
        {"question": question_id, "actor": actor_id, "uri": uri},
    )


async def find_vote(conn: Conn, question_id: UUID, actor_id: UUID) -> str | None:
    """The uri of this person's vote; None without one."""
    query = "select uri from question_votes where question_id = %(q)s and actor_id = %(a)s"
    found = await db.values(conn, query, {"q": question_id, "a": actor_id})
    return str(found[0]) if found else None


async def drop_vote(conn: Conn, question_id: UUID, actor_id: UUID, uri: str) -> bool:
    """Only this very vote: False when it is gone, or a newer one stands."""
    query = """delete from question_votes
               where question_id = %(q)s and actor_id = %(a)s and uri = %(uri)s"""
    return await db.run(conn, query, {"q": question_id, "a": actor_id, "uri": uri}) > 0


async def list_cards(conn: Conn, meeting_id: UUID, viewer_id: UUID | None) -> list[QuestionCard]:
    """Most wanted first."""
    return await db.many(
        conn,
        QuestionCard,
        """select q.id, q.uri, q.text, q.created, q.author_id, a.name as by_name, a.host as by_host,
             coalesce(nullif(a.title, ''), a.name) as by_title,
             (select count(*) from question_votes v join actors b on b.id = v.actor_id
               where v.question_id = q.id and b.deleted_at is null)::int as votes,
             exists (select 1 from question_votes v
               where v.question_id = q.id and v.actor_id = %(viewer)s) as mine,
             (select l.id from lessons l where l.question_uri = q.uri
               order by l.created limit 1) as lesson_id
           from questions q join actors a on a.id = q.author_id
           where q.meeting_id = %(meeting)s and q.deleted_at is null and a.deleted_at is null
           order by votes desc, q.created limit 200""",
        {"meeting": meeting_id, "viewer": viewer_id},
    )
