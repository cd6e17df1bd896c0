"""Appeals: a person does not agree with what was decided about them, and what was answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema import ids
from schema.actors import Actor
from schema.database import Conn

State: TypeAlias = Literal["open", "kept", "changed"]
"""`kept`: the decision stands; `changed`: it was taken back or made milder."""


@dataclass(frozen=True, slots=True)
class AppealCard:
    """An appeal with the decision: its kind, reason, who made it, and what it was about."""

    id: UUID
    person_id: UUID
    person_name: str
    person_title: str
    kind: str
    reason: str
    decided: datetime
    decided_by: UUID | None
    decided_by_name: str
    post_id: UUID | None
    proposal_id: UUID | None
    purpose: str
    text: str
    state: State
    answer: str
    handler_name: str
    handled_at: datetime | None
    created: datetime

    @property
    def about_url(self) -> str:
        """Where one looks at what was decided about."""
        if self.post_id:
            return f"/posts/{self.post_id}"
        if self.proposal_id:
            return f"/{'offers' if self.purpose == 'offer' else 'needs'}/{self.proposal_id}"
        return f"/admin/people/{self.person_name}"


async def insert(conn: Conn, person: Actor, notice_id: UUID, text: str, now: datetime) -> bool:
    """False when there was one about this decision already."""
    made = await db.value(
        conn,
        """insert into appeals (id, person_id, notice_id, text, created)
           values (%(id)s, %(person)s, %(notice)s, %(text)s, %(now)s)
           on conflict (notice_id) do nothing returning id""",
        {"id": ids.new(), "person": person.id, "notice": notice_id, "text": text, "now": now},
    )
    return made is not None


async def answer(conn: Conn, id: UUID, by: Actor, state: State, words: str, now: datetime) -> bool:
    """False when somebody else has answered it meanwhile."""
    done = await db.value(
        conn,
        """update appeals set state = %(state)s, answer = %(answer)s, handled_by = %(by)s,
             handled_at = %(now)s where id = %(id)s and state = 'open' returning id""",
        {"id": id, "state": state, "answer": words, "by": by.id, "now": now},
    )
    return done is not None


async def get(conn: Conn, id: UUID) -> AppealCard:
    """Missing where there is none."""
    return await db.one(conn, AppealCard, _CARD + "where p.id = %(id)s", {"id": id})


async def list_open(conn: Conn, limit: int = 100) -> list[AppealCard]:
    """What waits for an answer, the oldest first."""
    query = _CARD + "where p.state = 'open' order by p.created limit %(limit)s"
    return await db.many(conn, AppealCard, query, {"limit": limit})


async def list_answered(conn: Conn, limit: int = 50) -> list[AppealCard]:
    """The last first."""
    query = _CARD + "where p.state <> 'open' order by p.handled_at desc limit %(limit)s"
    return await db.many(conn, AppealCard, query, {"limit": limit})


async def list_of(conn: Conn, person_id: UUID) -> dict[UUID, State]:
    """The notices about which this person has appealed, and how it stands."""
    query = "select notice_id, state from appeals where person_id = %(id)s"
    found = await db.many(conn, Standing, query, {"id": person_id})
    return {one.notice_id: one.state for one in found}


async def list_told(conn: Conn) -> list[UUID]:
    """Admins and moderators of the place."""
    return await db.values(
        conn,
        """select actor_id from accounts
           where role in ('admin', 'moderator') and state = 'active'""",
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How one appeal stands."""

    notice_id: UUID
    state: State


_CARD = """select p.id, p.person_id, a.name as person_name,
    coalesce(nullif(a.title, ''), a.name) as person_title, n.kind, n.text as reason,
    n.created as decided, n.by_id as decided_by,
    coalesce(nullif(d.title, ''), d.name, '') as decided_by_name, n.post_id, n.proposal_id,
    coalesce(o.purpose, '') as purpose, p.text, p.state, p.answer,
    coalesce(nullif(h.title, ''), h.name, '') as handler_name, p.handled_at, p.created
  from appeals p join notices n on n.id = p.notice_id join actors a on a.id = p.person_id
    left join actors d on d.id = n.by_id left join actors h on h.id = p.handled_by
    left join proposals o on o.id = n.proposal_id """
