"""Disputes: what two people say about an agreement, for the moderators who decide."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from psycopg.types.json import Jsonb

from schema import database as db
from schema.agreements import Side
from schema.database import Conn

State: TypeAlias = Literal["open", "sent", "done"]
"""`sent`: a moderator here has decided, and the community's own city has not answered yet."""


@dataclass(frozen=True, slots=True)
class Account:
    """One side of it, as that person's city tells it: `head` is the hash of what was agreed,
    `terms` each as a text, `letters` those between the two, where this one has attached them."""

    head: str
    terms: dict[str, str]
    said: str = ""
    letters: str = ""


@dataclass(frozen=True, slots=True)
class Dispute:
    """`court_id` is the community, or the city, whose moderators decide; the ids and the title
    name an agreement that this city need not know."""

    id: UUID
    key: str
    court_id: UUID
    proposal_uri: str
    title: str
    author_id: UUID
    responder_id: UUID
    author_side: dict[str, Any] | None
    responder_side: dict[str, Any] | None
    state: State
    done: bool | None
    outcome: str
    decided_by: UUID | None
    decided_at: datetime | None
    created: datetime

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/disputes/{self.id}"

    def account(self, side: Side) -> Account | None:
        """What the author's, or the other one's, city has told; None for nothing yet."""
        found = self.author_side if side == "author" else self.responder_side
        return Account(**found) if found else None

    @property
    def head(self) -> str:
        """The agreed version that a verdict follows: the listing's city counts what is left."""
        told = self.account("author") or self.account("responder")
        return told.head if told else ""

    def is_party(self, person_id: UUID) -> bool:
        """One of the two never decides."""
        return person_id in (self.author_id, self.responder_id)


_COLUMNS: Final[LiteralString] = """d.id, d.key, d.court_id, d.proposal_uri, d.title, d.author_id,
  d.responder_id, d.author_side, d.responder_side, d.state, d.done, d.outcome, d.decided_by,
  d.decided_at, d.created"""
_SELECT: Final[LiteralString] = "select " + _COLUMNS + " from disputes d"


async def get(conn: Conn, id: UUID) -> Dispute:
    """Missing when there is none."""
    return await db.one(conn, Dispute, _SELECT + " where d.id = %(id)s", {"id": id})


async def find(conn: Conn, key: str) -> Dispute | None:
    """By the agreement's key."""
    return await db.maybe(conn, Dispute, _SELECT + " where d.key = %(key)s", {"key": key})


async def lock(conn: Conn, id: UUID) -> Dispute:
    """As `get`, and nobody else changes it until the transaction ends."""
    return await db.one(
        conn, Dispute, _SELECT + " where d.id = %(id)s for no key update", {"id": id}
    )


async def open_anew(conn: Conn, row: Dispute) -> tuple[Dispute, bool]:
    """Stores it, locked; with False the one that is known already."""
    changed = await db.run(
        conn,
        """insert into disputes (id, key, court_id, proposal_uri, title, author_id, responder_id,
             created)
           values (%(id)s, %(key)s, %(court_id)s, %(proposal_uri)s, %(title)s, %(author_id)s,
             %(responder_id)s, %(created)s) on conflict do nothing""",
        {name: getattr(row, name) for name in Dispute.__slots__ if not name.endswith("_side")},
    )
    query = _SELECT + " where d.key = %(key)s for no key update"
    return await db.one(conn, Dispute, query, {"key": row.key}), changed > 0


async def tell(conn: Conn, id: UUID, side: Side, told: Account) -> None:
    """What one city says for its own person, in place of what it said before."""
    given = {"id": id, "told": Jsonb(asdict(told))}
    if side == "author":
        query = "update disputes set author_side = %(told)s where id = %(id)s"
    else:
        query = "update disputes set responder_side = %(told)s where id = %(id)s"
    await db.run(conn, query, given)


async def send(conn: Conn, id: UUID, by: UUID, done: bool, outcome: str) -> None:
    """A moderator here has decided; the community's city has the last word."""
    await db.run(
        conn,
        """update disputes set state = 'sent', done = %(done)s, outcome = %(outcome)s,
             decided_by = %(by)s where id = %(id)s and state = 'open'""",
        {"id": id, "by": by, "done": done, "outcome": outcome},
    )


async def close(
    conn: Conn, key: str, done: bool, outcome: str, now: datetime, by: UUID | None = None
) -> None:
    """It is decided."""
    await db.run(
        conn,
        """update disputes set state = 'done', done = %(done)s, outcome = %(outcome)s,
             decided_by = coalesce(%(by)s, decided_by), decided_at = %(now)s
           where key = %(key)s and state <> 'done'""",
        {"key": key, "done": done, "outcome": outcome, "now": now, "by": by},
    )


async def count_open(conn: Conn, peer: str) -> int:
    """Of people of this server that wait here for a word."""
    query = """select count(*) from disputes d join actors a on a.id = d.author_id
                 join actors r on r.id = d.responder_id
               where d.state <> 'done' and %(peer)s in (a.peer, r.peer)"""
    return int(await db.value(conn, query, {"peer": peer}))


async def list_deciding(conn: Conn, court_id: UUID) -> list[UUID]:
    """Moderators and stewards of the community, here and elsewhere."""
    return await db.values(
        conn,
        """select m.person_id from memberships m join actors a on a.id = m.person_id
           where m.community_id = %(court)s and m.state = 'member'
             and m.role in ('moderator', 'steward') and a.deleted_at is null""",
        {"court": court_id},
    )


async def list_keepers(conn: Conn) -> list[UUID]:
    """Moderators and admins of this place."""
    return await db.values(
        conn,
        """select actor_id from accounts
           where state = 'active' and role in ('moderator', 'admin')""",
    )


@dataclass(frozen=True, slots=True)
class Case:
    """A dispute with those it is about, for the list of who decides."""

    id: UUID
    title: str
    state: State
    created: datetime
    author: str
    responder: str
    court: str


async def list_cases(conn: Conn, viewer_id: UUID, keeps_order: bool) -> list[Case]:
    """What this person may decide, what waits first."""
    return await db.many(
        conn,
        Case,
        """select d.id, d.title, d.state, d.created,
             coalesce(nullif(a.title, ''), a.name) as author,
             coalesce(nullif(r.title, ''), r.name) as responder,
             coalesce(nullif(c.title, ''), c.name) as court
           from disputes d join actors a on a.id = d.author_id
             join actors r on r.id = d.responder_id join actors c on c.id = d.court_id
           where %(viewer)s not in (d.author_id, d.responder_id)
             and (exists (select 1 from memberships m where m.community_id = d.court_id
                    and m.person_id = %(viewer)s and m.state = 'member'
                    and m.role in ('moderator', 'steward'))
                  or %(keeps)s and c.peer is null)
           order by d.state = 'done', d.created limit 100""",
        {"viewer": viewer_id, "keeps": keeps_order},
    )
