"""What the board of agreements and the page of one show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, LiteralString, TypeAlias
from uuid import UUID

from schema import database as db
from schema.agreements import Agreement, HandOver, Side, State
from schema.database import Ask, Conn
from schema.proposals import Purpose, ReturnKind

Column: TypeAlias = Literal["asked", "agreed", "handing", "done"]
SOON: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Card:
    """One agreement on the board of `viewer_id`; the other names are of the one across."""

    id: UUID
    state: State
    turn: Side
    viewer_side: Side
    purpose: Purpose
    title: str
    language: str
    category: str
    amount: Decimal | None
    unit: str
    return_kind: ReturnKind
    hand_over: HandOver
    at: datetime | None
    back_by: datetime | None
    mine_confirmed: datetime | None
    other_confirmed: datetime | None
    reason: str
    unread: int
    updated: datetime
    party_title: str
    other_name: str
    other_title: str
    other_host: str
    other_avatar: UUID | None

    @property
    def url(self) -> str:
        return f"/agreements/{self.id}"

    @property
    def is_open(self) -> bool:
        return self.state in ("asked", "agreed", "handed", "disputed")

    @property
    def gives(self) -> bool:
        """Whether the one who looks is the giver."""
        return (self.purpose == "offer") == (self.viewer_side == "author")

    def waits(self, now: datetime) -> bool:
        """Whether it is the viewer's turn to do something."""
        if self.state == "asked":
            return self.turn == self.viewer_side
        if self.state == "agreed":
            due = self.at is not None and self.at <= now
            return self.mine_confirmed is None and (due or self.other_confirmed is not None)
        overdue = self.back_by is not None and self.back_by <= now
        return self.state == "handed" and self.gives and overdue

    def column(self, now: datetime) -> Column:
        """Where it stands on the board."""
        if self.state == "asked":
            return "asked"
        if self.state in ("handed", "disputed"):
            return "handing"
        if self.state != "agreed":
            return "done"
        soon = self.at is not None and self.at <= now + SOON
        return "handing" if soon or self.mine_confirmed or self.other_confirmed else "agreed"


async def list_board(conn: Conn, viewer_id: UUID, *, done: int = 20) -> list[Card]:
    """All that is open, and the newest of what is over; also of a community, as `viewer_id`.
    Requests of people whom the viewer has blocked are left out."""
    query: LiteralString = (
        "(" + _CARD + " and g.state in ('asked', 'agreed', 'handed', 'disputed')"
        " order by g.at nulls last, g.updated desc limit 300) union all ("
        + _CARD
        + " and g.state not in ('asked', 'agreed', 'handed', 'disputed')"
        " order by g.updated desc limit %(done)s)"
    )
    return await db.many(conn, Card, query, {"viewer": viewer_id, "done": done})


def ask_about(proposal_id: UUID, viewer_id: UUID | None) -> Ask[Card]:
    """Those of the viewer about one need or offer, open ones first."""
    query: LiteralString = (
        _CARD + " and g.proposal_id = %(proposal)s"
        " order by (g.state in ('asked', 'agreed', 'handed', 'disputed')) desc, g.created limit 100"
    )
    return Ask(Card, query, {"viewer": viewer_id, "proposal": proposal_id})


async def list_to_decide(conn: Conn, proposal_id: UUID, viewer_id: UUID) -> list[Card]:
    """For a coordinator who is no party: who waits for an answer, as the author would see it."""
    query: LiteralString = (
        _COLUMNS
        + """ from agreements g join proposals p on p.id = g.proposal_id
             join actors a on a.id = g.responder_id
           where g.proposal_id = %(proposal)s and g.state = 'asked' and g.turn = 'author'
             and g.author_id <> %(viewer)s order by g.created limit 100"""
    )
    return await db.many(conn, Card, query, {"viewer": viewer_id, "proposal": proposal_id})


_COLUMNS: Final[LiteralString] = """select g.id, g.state, g.turn,
  case when g.responder_id = %(viewer)s then 'responder' else 'author' end as viewer_side,
  p.purpose, p.title, p.language, p.category, g.amount, g.unit, g.return_kind, g.hand_over, g.at,
  g.back_by,
  case when g.responder_id = %(viewer)s then g.responder_confirmed else g.author_confirmed end
    as mine_confirmed,
  case when g.responder_id = %(viewer)s then g.author_confirmed else g.responder_confirmed end
    as other_confirmed,
  g.reason,
  (select count(*) from agreement_steps s where s.agreement_id = g.id and s.actor_id <> %(viewer)s
     and s.created > case when g.responder_id = %(viewer)s then g.responder_seen
                          else g.author_seen end)::int as unread,
  g.updated, coalesce((select coalesce(nullif(s.title, ''), s.name) from actors s
    where s.id = %(viewer)s and s.kind = 'group'), '') as party_title,
  a.name as other_name, a.title as other_title, a.host as other_host,
  a.avatar_id as other_avatar"""
_CARD: Final[LiteralString] = (
    _COLUMNS
    + """ from agreements g join proposals p on p.id = g.proposal_id
       join actors a on a.id = case when g.responder_id = %(viewer)s then g.author_id
                                    else g.responder_id end
     where %(viewer)s in (g.author_id, g.responder_id)
       and not (g.state = 'asked' and exists (select 1 from blocks b
         where b.blocker_id = %(viewer)s and b.blocked_id = a.id))"""
)


@dataclass(frozen=True, slots=True)
class Line:
    """One step as the thread shows it."""

    act: str
    text: str
    hash: str
    is_sealed: bool
    counted: bool
    created: datetime
    by_id: UUID
    by_name: str
    by_title: str
    by_host: str


async def list_lines(conn: Conn, agreement_id: UUID) -> list[Line]:
    """In order."""
    return await db.many(
        conn,
        Line,
        """select s.act, s.text, s.hash, s.proof is not null as is_sealed, s.counted, s.created,
             a.id as by_id, a.name as by_name, a.title as by_title, a.host as by_host
           from agreement_steps s join actors a on a.id = s.actor_id
           where s.agreement_id = %(id)s order by s.created, s.id""",
        {"id": agreement_id},
    )


async def see(conn: Conn, row: Agreement, party_id: UUID, viewer_id: UUID, now: datetime) -> None:
    """The viewer has looked at it for this party; what they were told about it counts as seen."""
    await db.run(
        conn,
        """update agreements set
             author_seen = case when author_id = %(by)s then %(now)s else author_seen end,
             responder_seen = case when responder_id = %(by)s then %(now)s
                                   else responder_seen end where id = %(id)s""",
        {"id": row.id, "by": party_id, "now": now},
    )
    await db.run(
        conn,
        """update notices set seen_at = %(now)s
           where account_id = %(by)s and agreement_id = %(id)s and seen_at is null""",
        {"id": row.id, "by": viewer_id, "now": now},
    )


async def find_contact(conn: Conn, person_id: UUID) -> str:
    """What this person told the one before; '' for nothing."""
    found = await db.value(
        conn,
        """select case when author_id = %(id)s then author_contact else responder_contact end
           from agreements where author_id = %(id)s and author_contact <> ''
             or responder_id = %(id)s and responder_contact <> ''
           order by updated desc limit 1""",
        {"id": person_id},
    )
    return str(found or "")
