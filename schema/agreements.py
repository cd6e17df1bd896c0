"""Agreements: what two people agree on about a need or an offer, and every step of it."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from psycopg.types.json import Jsonb

from schema import database as db
from schema.database import Conn
from schema.errors import Conflict
from schema.proposals import ReturnKind
from schema.words import N_

State: TypeAlias = Literal[
    "asked",
    "agreed",
    "handed",  # a loan that is to come back
    "done",
    "declined",
    "withdrawn",
    "cancelled",
    "missed",  # one of them did not come
    "disputed",
]
Side: TypeAlias = Literal["author", "responder"]
HandOver: TypeAlias = Literal["open", "giver", "taker", "public", "courier"]
Act: TypeAlias = Literal[
    "ask",
    "counter",
    "accept",
    "decline",
    "withdraw",
    "cancel",
    "late",
    "confirm",
    "miss",
    "back",
    "object",
    "settle",  # the moderators: it counts as done
    "annul",  # the moderators: it counts as cancelled
    "thank",
    "say",
]

OPEN: Final[tuple[State, ...]] = ("asked", "agreed", "handed", "disputed")
MOST_STEPS: Final = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed: `amount` None is whatever there is; `at` the hand-over, `at_other` a second
    time to choose from; `back_by` the end of a loan; `place` a public one; `hours` in return."""

    amount: Decimal | None
    unit: str
    return_kind: ReturnKind
    return_note: str = ""
    hand_over: HandOver = "open"
    place: str = ""
    at: datetime | None = None
    at_other: datetime | None = None
    back_by: datetime | None = None
    hours: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """The author wrote the need or offer, the responder asked for it or would help.

    `head` is the hash of the newest version, `agreed_hash` of the one both stand by; `turn`
    whose answer is waited for; `holds` that the amount is out of what is left of the listing.
    """

    id: UUID
    key: str
    uri: str | None
    proposal_id: UUID
    author_id: UUID
    responder_id: UUID
    state: State
    turn: Side
    by_notes: bool
    amount: Decimal | None
    unit: str
    return_kind: ReturnKind
    return_note: str
    hand_over: HandOver
    place: str
    at: datetime | None
    at_other: datetime | None
    back_by: datetime | None
    hours: Decimal | None
    head: str
    agreed_hash: str
    offer_uri: str
    accept_uri: str
    holds: bool
    author_confirmed: datetime | None
    responder_confirmed: datetime | None
    author_contact: str
    responder_contact: str
    author_seen: datetime
    responder_seen: datetime
    reason: str
    ended_by: UUID | None
    outcome: str
    reminded: datetime | None
    agreed_at: datetime | None
    done_at: datetime | None
    last_step: datetime
    created: datetime
    updated: datetime

    @property
    def terms(self) -> Terms:
        return Terms(**{name: getattr(self, name) for name in TERMS})

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def url(self) -> str:
        """Its page here."""
        return f"/agreements/{self.id}"

    def side(self, actor_id: UUID) -> Side | None:
        """Which of the two this is; None for anybody else."""
        if actor_id == self.author_id:
            return "author"
        return "responder" if actor_id == self.responder_id else None

    def other(self, actor_id: UUID) -> UUID:
        """The one across from this party."""
        return self.responder_id if actor_id == self.author_id else self.author_id


TERMS: Final = tuple(field.name for field in fields(Terms))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was said or decided; `body` is what was hashed and sealed."""

    id: UUID
    agreement_id: UUID
    act: Act
    actor_id: UUID
    uri: str
    text: str
    body: str
    hash: str
    previous: str
    proof: dict[str, Any] | None
    counted: bool
    created: datetime


async def get(conn: Conn, id: UUID) -> Agreement:
    """Missing when there is none."""
    return await db.one(conn, Agreement, _SELECT + " where id = %(id)s", {"id": id})


async def lock(conn: Conn, id: UUID) -> Agreement:
    """As `get`, and nobody else changes it until the transaction ends."""
    return await db.one(
        conn, Agreement, _SELECT + " where id = %(id)s for no key update", {"id": id}
    )


async def find(conn: Conn, name: str) -> Agreement | None:
    """By its key, its uri, or the Offer or Accept that it goes by at the moment."""
    return await db.maybe(
        conn,
        Agreement,
        _SELECT + """ where key = %(name)s or uri = %(name)s or offer_uri = %(name)s limit 1""",
        {"name": name},
    )


async def find_by_letter(conn: Conn, uri: str) -> Agreement | None:
    """By a letter that brought one of its steps."""
    return await db.maybe(
        conn,
        Agreement,
        _SELECT + " where id = (select agreement_id from agreement_steps where uri = %(uri)s"
        " limit 1)",
        {"uri": uri},
    )


async def find_open(conn: Conn, proposal_id: UUID, responder_id: UUID) -> Agreement | None:
    """What these two are still about."""
    return await db.maybe(
        conn,
        Agreement,
        _SELECT
        + """ where proposal_id = %(proposal)s and responder_id = %(responder)s
              and state in ('asked', 'agreed') order by created desc limit 1""",
        {"proposal": proposal_id, "responder": responder_id},
    )


async def insert(conn: Conn, row: Agreement) -> Agreement | None:
    """None when this id or key is known already."""
    return await db.maybe(conn, Agreement, _INSERT, _params(row))


async def save(conn: Conn, row: Agreement) -> Agreement:
    """Writes a locked row as it is now."""
    return await db.one(conn, Agreement, _UPDATE, _params(row))


async def add_step(conn: Conn, step: Step) -> bool:
    """False when this step is known already."""
    added = await db.run(
        conn,
        """insert into agreement_steps (id, agreement_id, act, actor_id, uri, text, body, hash,
             previous, proof, counted, created)
           values (%(id)s, %(agreement_id)s, %(act)s, %(actor_id)s, %(uri)s, %(text)s, %(body)s,
             %(hash)s, %(previous)s, %(proof)s, %(counted)s, %(created)s)
           on conflict do nothing""",
        {name: getattr(step, name) for name in Step.__slots__}
        | {"proof": Jsonb(step.proof) if step.proof else None},
    )
    return added > 0


async def list_steps(conn: Conn, agreement_id: UUID) -> list[Step]:
    """In the order in which they came."""
    query = "select * from agreement_steps where agreement_id = %(id)s order by created, id"
    return await db.many(conn, Step, query, {"id": agreement_id})


async def knows_step(conn: Conn, agreement_id: UUID, hash: str) -> bool:
    """Whether this version or statement is here already."""
    query = """select exists (select 1 from agreement_steps
                 where agreement_id = %(id)s and hash = %(hash)s)"""
    return bool(await db.value(conn, query, {"id": agreement_id, "hash": hash}))


async def count_steps(conn: Conn, agreement_id: UUID) -> int:
    """How much has been said."""
    query = "select count(*) from agreement_steps where agreement_id = %(id)s"
    return int(await db.value(conn, query, {"id": agreement_id}))


async def take(conn: Conn, proposal_id: UUID, amount: Decimal, now: datetime) -> bool:
    """Takes this much out of what is left; False when there is less. What is used up is closed.

    The listing's row is locked by this statement: nobody promises the same twice.
    """
    changed = await db.run(
        conn,
        """update proposals set available = available - %(amount)s,
             updated = greatest(%(now)s, updated + interval '1 millisecond'),
             state = case when available = %(amount)s then 'closed' else state end
           where id = %(id)s and state = 'open' and available >= %(amount)s""",
        {"id": proposal_id, "amount": amount, "now": now},
    )
    return changed > 0


async def give_back(conn: Conn, proposal_id: UUID, amount: Decimal, now: datetime) -> bool:
    """Puts this much back into what is left; what was closed for being used up is open again."""
    changed = await db.run(
        conn,
        """update proposals set available = least(quantity, available + %(amount)s),
             updated = greatest(%(now)s, updated + interval '1 millisecond'),
             state = case when state = 'closed' and available = 0 then 'open' else state end
           where id = %(id)s and available is not null and state in ('open', 'closed')""",
        {"id": proposal_id, "amount": amount, "now": now},
    )
    return changed > 0


async def held(conn: Conn, proposal_id: UUID) -> Decimal:
    """How much of a listing is promised or handed over, and so no longer its author's to give."""
    query = """select coalesce((select sum(amount) from agreements
                 where proposal_id = %(id)s and holds), 0)
               + coalesce((select sum(offer_held) from circle_parts where offer_id = %(id)s), 0)
               + coalesce((select sum(need_held) from circle_parts where need_id = %(id)s), 0)"""
    return Decimal(await db.value(conn, query, {"id": proposal_id}))


async def start_anew(conn: Conn, proposal_id: UUID, quantity: Decimal | None) -> Decimal | None:
    """All of a listing but what is promised or lent; what was handed over belongs to the time
    before. Conflict when nothing is left."""
    if quantity is None:
        return None
    await db.run(
        conn,
        "update agreements set holds = false where proposal_id = %(id)s and state = 'done'",
        {"id": proposal_id},
    )
    left = quantity - await held(conn, proposal_id)
    if left <= 0:
        raise Conflict(N_("All of it is promised."))
    return left


async def list_asking(conn: Conn, proposal_id: UUID) -> list[Agreement]:
    """Who waits for the author's answer, in the order in which they asked."""
    return await db.many(
        conn,
        Agreement,
        _SELECT
        + """ where proposal_id = %(id)s and state = 'asked' and turn = 'author'
              order by created, id for no key update""",
        {"id": proposal_id},
    )


async def list_silent(conn: Conn, now: datetime, patience: timedelta) -> list[UUID]:
    """Those whose day is over for so long and nobody said a word of trouble."""
    return await db.values(
        conn,
        """select id from agreements where state = 'agreed'
             and coalesce(at, agreed_at) < %(now)s - %(patience)s::interval
           order by at limit 500""",
        {"now": now, "patience": patience},
    )


async def list_to_remind(conn: Conn, now: datetime, ahead: timedelta) -> list[Agreement]:
    """Hand-overs and returns of the next day that nobody was reminded of."""
    return await db.many(
        conn,
        Agreement,
        _SELECT
        + """ where (state = 'agreed' and at <= %(end)s and at > %(now)s
                     or state = 'handed' and back_by <= %(end)s)
              and (reminded is null
                   or state = 'handed' and reminded < back_by - %(ahead)s::interval)
              order by at limit 500 for update skip locked""",
        {"now": now, "end": now + ahead, "ahead": ahead},
    )


async def forget_contacts(conn: Conn, before: datetime) -> int:
    """Addresses and telephone numbers have served once it is long over; how many went."""
    return await db.run(
        conn,
        """update agreements set author_contact = '', responder_contact = ''
           where updated < %(before)s and (author_contact <> '' or responder_contact <> '')
             and state in ('done', 'declined', 'withdrawn', 'cancelled', 'missed')""",
        {"before": before},
    )


def _params(row: Agreement) -> dict[str, object]:
    return {name: getattr(row, name) for name in Agreement.__slots__}


_COLUMNS: Final[LiteralString] = """id, key, uri, proposal_id, author_id, responder_id, state,
  turn, by_notes, amount, unit, return_kind, return_note, hand_over, place, at, at_other, back_by,
  hours, head, agreed_hash, offer_uri, accept_uri, holds, author_confirmed, responder_confirmed,
  author_contact, responder_contact, author_seen, responder_seen, reason, ended_by, outcome,
  reminded, agreed_at, done_at, last_step, created, updated"""
_SELECT: Final[LiteralString] = "select " + _COLUMNS + " from agreements"
_INSERT: Final[LiteralString] = (
    "insert into agreements ("
    + _COLUMNS
    + """) values (%(id)s, %(key)s, %(uri)s, %(proposal_id)s,
  %(author_id)s, %(responder_id)s, %(state)s, %(turn)s, %(by_notes)s, %(amount)s, %(unit)s,
  %(return_kind)s, %(return_note)s, %(hand_over)s, %(place)s, %(at)s, %(at_other)s, %(back_by)s,
  %(hours)s, %(head)s, %(agreed_hash)s, %(offer_uri)s, %(accept_uri)s, %(holds)s,
  %(author_confirmed)s,
  %(responder_confirmed)s, %(author_contact)s, %(responder_contact)s, %(author_seen)s,
  %(responder_seen)s, %(reason)s, %(ended_by)s, %(outcome)s, %(reminded)s, %(agreed_at)s,
  %(done_at)s, %(last_step)s, %(created)s, %(updated)s) on conflict do nothing returning """
    + _COLUMNS
)
_UPDATE: Final[LiteralString] = (
    """update agreements set uri = %(uri)s, state = %(state)s, turn = %(turn)s,
  amount = %(amount)s, unit = %(unit)s, return_kind = %(return_kind)s,
  return_note = %(return_note)s, hand_over = %(hand_over)s, place = %(place)s, at = %(at)s,
  at_other = %(at_other)s, back_by = %(back_by)s, hours = %(hours)s,
  head = %(head)s, agreed_hash = %(agreed_hash)s,
  offer_uri = %(offer_uri)s, accept_uri = %(accept_uri)s, holds = %(holds)s,
  author_confirmed = %(author_confirmed)s, responder_confirmed = %(responder_confirmed)s,
  author_contact = %(author_contact)s, responder_contact = %(responder_contact)s,
  author_seen = %(author_seen)s, responder_seen = %(responder_seen)s, reason = %(reason)s,
  ended_by = %(ended_by)s, outcome = %(outcome)s, reminded = %(reminded)s,
  agreed_at = %(agreed_at)s, done_at = %(done_at)s, last_step = %(last_step)s,
  updated = %(updated)s where id = %(id)s returning """
    + _COLUMNS
)
