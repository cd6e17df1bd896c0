"""What the page of one need or offer shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from schema import agreement_views, pools, posts
from schema import database as db
from schema.agreement_views import Card
from schema.database import Ask, Conn
from schema.hand_outs import HandOut
from schema.pools import Sum
from schema.proposals import FROM, SEEN_BY_GUESTS, SEEN_BY_RESIDENTS, Proposal


@dataclass(frozen=True, slots=True)
class ShownPicture:
    id: UUID
    alt: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A need or an offer with everything around it. `neighbours`: how many cities are linked.

    `moderates`: the viewer keeps order in its community or in this place; `deals`: how many
    agreements of theirs are about it; `hand_out` None: its author answers everybody in person;
    `answered`: something was said below it; `gathers`: others need the same.
    """

    proposal: Proposal
    pictures: list[ShownPicture]
    author_name: str
    author_title: str
    author_host: str
    author_avatar: UUID | None
    community_name: str | None
    community_host: str | None
    community_title: str | None
    neighbours: int
    hand_out: HandOut | None
    deals: int
    answered: bool
    gathers: bool
    moderates: bool

    @property
    def author_handle(self) -> str:
        return f"{self.author_name}@{self.author_host}" if self.author_host else self.author_name

    @property
    def author_avatar_url(self) -> str | None:
        return f"/media/{self.author_avatar}?small" if self.author_avatar else None

    @property
    def community_url(self) -> str | None:
        if self.community_name is None:
            return None
        host = f"@{self.community_host}" if self.community_host else ""
        return f"/communities/{self.community_name}{host}"


async def get_shown(conn: Conn, id: UUID, viewer_id: UUID | None) -> Shown:
    """Missing where there is nothing, or nothing for this viewer (None: a guest)."""
    return db.first(await db.answer(conn, _ask_shown(id, viewer_id)))


@dataclass(frozen=True, slots=True)
class Below:
    """What is said below a need or offer, who needs the same, and the viewer's agreements."""

    answers: list[posts.PostView]
    together: Sum
    deals: list[Card]


async def get_below(conn: Conn, shown: Shown, viewer_id: UUID | None) -> Below:
    """Asks nothing where `shown` says that there is nothing, as with most."""
    row = shown.proposal
    if not (shown.answered or shown.gathers or shown.deals):
        return Below([], Sum(1, row.quantity, mine=False, pooled=False), [])
    answers, together, deals = await db.together(
        conn,
        posts.ask_answers(row.id, viewer_id),
        pools.ask_count(row.id, viewer_id),
        agreement_views.ask_about(row.id, viewer_id),
    )
    return Below(posts.in_order(answers), db.first(together), deals)


def _ask_shown(id: UUID, viewer_id: UUID | None) -> Ask[Shown]:
    # Authors and moderators also see what was removed; nobody sees what was withdrawn.
    query: LiteralString = "select " + _COLUMNS
    if viewer_id is None:
        query += ", false as moderates" + FROM + " where p.id = %(id)s and "
        query += "p.state in ('open', 'closed') and " + SEEN_BY_GUESTS
    else:
        query += ", " + _MODERATES + " as moderates" + FROM
        query += " where p.id = %(id)s and p.state <> 'withdrawn' and (p.author_id = %(viewer)s"
        query += " or " + _MODERATES + " or p.state <> 'removed' and " + SEEN_BY_RESIDENTS + ")"
    return Ask(_shown, query, {"id": id, "viewer": viewer_id})


def _shown(**columns: Any) -> Shown:
    proposal = Proposal(**{name: columns.pop(name) for name in Proposal.__slots__})
    pictures = [ShownPicture(UUID(id), alt) for id, alt in columns.pop("pictures")]
    rule = columns.pop("hand_out")
    return Shown(proposal, pictures, hand_out=_rule(rule) if rule else None, **columns)


def _rule(columns: dict[str, Any]) -> HandOut:
    at, done = columns["at"], columns["done_at"]
    return HandOut(
        proposal_id=UUID(columns["proposal_id"]),
        rule=columns["rule"],
        at=datetime.fromisoformat(at) if at else None,
        seed=columns["seed"],
        seed_hash=columns["seed_hash"],
        done_at=datetime.fromisoformat(done) if done else None,
    )


_MODERATES = """(exists (select 1 from accounts b where b.actor_id = %(viewer)s
    and b.state = 'active' and b.role in ('moderator', 'admin'))
  or exists (select 1 from memberships m where m.community_id = p.community_id
    and m.person_id = %(viewer)s and m.state = 'member' and m.role in ('moderator', 'steward')))"""

_COLUMNS = """p.id, p.uri, p.purpose, p.author_id, p.community_id, p.scope, p.title, p.source,
  p.html, p.language, p.category, p.quantity, p.available, p.unit, p.until, p.return_kind,
  p.return_note, p.place_name, p.latitude, p.longitude, p.cell, p.state, p.removed_reason,
  p.replies, p.created, p.updated,
  (select coalesce(jsonb_agg(jsonb_build_array(m.id, m.alt) order by t.position), '[]')
   from attachments t join media m on m.id = t.media_id where t.proposal_id = p.id) as pictures,
  a.name as author_name, a.title as author_title, a.host as author_host,
  a.avatar_id as author_avatar, g.name as community_name, g.host as community_host,
  coalesce(nullif(g.title, ''), g.name) as community_title,
  (select count(*) from peers where link = 'linked' and blocked_at is null)::int as neighbours,
  (select to_jsonb(h) from hand_outs h where h.proposal_id = p.id) as hand_out,
  (select count(*) from agreements d where d.proposal_id = p.id
     and %(viewer)s::uuid in (d.author_id, d.responder_id))::int as deals,
  exists (select 1 from posts q where q.proposal_id = p.id) as answered,
  (exists (select 1 from me_toos t where t.proposal_id = p.id)
    or exists (select 1 from me_too_sums s where s.proposal_id = p.id)
    or exists (select 1 from pools o where o.proposal_id = p.id)) as gathers"""
