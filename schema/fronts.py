"""What the front page tells: how much there is, what is new, how far a newcomer has come."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import communities, peers, proposals
from schema import database as db
from schema.communities import CommunityCard
from schema.database import Ask, Conn
from schema.peers import Peer
from schema.proposals import Filter, ProposalCard


@dataclass(frozen=True, slots=True)
class Numbers:
    """Residents who are active, and communities that everybody may see."""

    people: int
    communities: int


@dataclass(frozen=True, slots=True)
class GuestFront:
    """What the front page shows to somebody who is not logged in."""

    needs: list[ProposalCard]
    offers: list[ProposalCard]
    groups: list[CommunityCard]
    cities: list[Peer]
    numbers: Numbers


async def load_for_guests(conn: Conn, wanted: Filter) -> GuestFront:
    """The newest of each, `wanted.limit` of them."""
    cards, groups, cities, numbers = await db.together(
        conn,
        proposals.ask_both(wanted),
        communities.ask_newest(None, wanted.limit),
        peers.ask_linked(),
        _ask_numbers(),
    )
    needs, offers = proposals.parted(cards)
    return GuestFront(needs, offers, groups, cities, db.first(numbers))


def _ask_numbers() -> Ask[Numbers]:
    return Ask(
        Numbers,
        """select (select count(*) from accounts where state = 'active')::int as people,
             (select count(*) from communities c join actors a on a.id = c.actor_id
              where a.peer is null and c.join_rule <> 'hidden' and c.closed_at is null
                and a.deleted_at is null)::int as communities""",
    )


@dataclass(frozen=True, slots=True)
class Beginnings:
    """What a newcomer has done so far."""

    has_place: bool
    has_about: bool
    communities: int
    listings: int

    @property
    def is_done(self) -> bool:
        return bool(self.has_place and self.has_about and self.communities and self.listings)


@dataclass(frozen=True, slots=True)
class ResidentFront:
    """What the front page shows to a resident."""

    needs: list[ProposalCard]
    offers: list[ProposalCard]
    talks: list["Talk"]
    begun: Beginnings


async def load_for_residents(conn: Conn, person_id: UUID, wanted: Filter) -> ResidentFront:
    """The newest of each, `wanted.limit` of them, and how far a newcomer has come."""
    cards, talks, begun = await db.together(
        conn,
        proposals.ask_both(wanted),
        _ask_talks(person_id, wanted.limit),
        _ask_beginnings(person_id),
    )
    needs, offers = proposals.parted(cards)
    return ResidentFront(needs, offers, talks, db.first(begun))


def _ask_beginnings(person_id: UUID) -> Ask[Beginnings]:
    return Ask(
        Beginnings,
        """select latitude is not null as has_place,
             about <> '' or can <> '' or wants <> '' as has_about,
             (select count(*) from memberships where person_id = %(id)s
                and state = 'member')::int as communities,
             (select count(*) from proposals where author_id = %(id)s
                and state in ('open', 'closed'))::int as listings
           from actors where id = %(id)s""",
        {"id": person_id},
    )


@dataclass(frozen=True, slots=True)
class Talk:
    """A thread in one of the reader's communities."""

    id: UUID
    title: str
    language: str
    replies: int
    last_reply: datetime
    author_name: str
    community_title: str

    @property
    def url(self) -> str:
        return f"/posts/{self.id}"


def _ask_talks(person_id: UUID, limit: int) -> Ask[Talk]:
    return Ask(
        Talk,
        """select p.id, p.title, p.language, p.replies, p.last_reply,
             coalesce(nullif(a.title, ''), a.name) as author_name,
             coalesce(nullif(g.title, ''), g.name) as community_title
           from memberships m join posts p on p.community_id = m.community_id
             join actors a on a.id = p.author_id join actors g on g.id = p.community_id
             left join peers o on o.origin = a.peer
           where m.person_id = %(id)s and m.state = 'member' and p.parent_id is null
             and p.proposal_id is null and p.in_reply_to = '' and p.removed_at is null
             and p.deleted_at is null and o.blocked_at is null
             and not exists (select 1 from blocks b
               where b.blocker_id = %(id)s and b.blocked_id = p.author_id)
           order by p.last_reply desc limit %(limit)s""",
        {"id": person_id, "limit": limit},
    )
