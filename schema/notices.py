"""Notices: what a person should be told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema import ids
from schema.database import Conn

Kind: TypeAlias = Literal[
    "answer",  # somebody answered your post, need or offer
    "mention",
    "asked_to_join",  # to moderators
    "invited",  # into a community
    "admitted",
    "refused",
    "role",
    "banned",
    "warning",  # by the moderators of the place
    "removed",  # something of yours was removed, with the reason
    "report",  # to moderators and admins
    "report_done",  # to the reporter
    "appeal",  # to moderators and admins: somebody does not agree with a decision
    "appeal_done",  # to whom the decision is about
    "account",  # to admins: somebody waits for approval
    "city",  # to admins: another city asks for a link, or answered
    "expiring",
    "message",  # a private letter
    "blueprint.version",  # a new one of what your project builds
    "blueprint.forked",  # somebody made an own one of yours
    "blueprint.adopted",
    "blueprint.report",  # somebody says how building it went
    "blueprint.improved",  # an improvement is offered to yours
    "match",  # somebody's listing fits yours; the text is the title of yours
    "bridge.asked",  # another place asks for a knowledge bridge; the text is its title
    "bridge.agreed",
    "bridge.ended",
    "bridge.meeting",
    "pledge.offered",  # a place promises your project something; the text is what
    "pledge.changed",
    "pledge.accepted",
    "pledge.declined",
    "pledge.delivered",
    "pledge.confirmed",
    "pledge.missing",  # the project says that it did not come
    "pledge.withdrawn",
    "me_too",  # somebody needs the same as you
    "pool",  # an order or a workshop; the text is its state
    "hours.given",
    "hours.refused",  # what was agreed goes beyond the limits; the text says which
    "hours.corrected",
    "hours.returned",  # another city did not take them
    "search",  # a kept search has found something
    "circle.found",
    "circle.committed",
    "circle.dissolved",
    "circle.searched",  # to the coordinator who had them searched for; the text is how many
    "agreement.asked",
    "agreement.countered",
    "agreement.agreed",
    "agreement.declined",
    "agreement.withdrawn",
    "agreement.cancelled",
    "agreement.late",
    "agreement.handed",
    "agreement.missed",
    "agreement.back",
    "agreement.disputed",
    "agreement.dispute",  # to those who keep order
    "agreement.settled",
    "agreement.thanked",
    "agreement.said",
    "agreement.soon",  # the hand-over, or the return of a loan
    "agreement.silent",  # it counts as done
    "task.refused",  # you asked for a task of a project elsewhere, and somebody else has it
]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell; what it is about is in the ids that are not None."""

    id: UUID
    account_id: UUID
    kind: Kind
    by_id: UUID | None
    proposal_id: UUID | None
    post_id: UUID | None
    community_id: UUID | None
    agreement_id: UUID | None
    circle_id: UUID | None
    blueprint_id: UUID | None
    text: str
    seen_at: datetime | None
    created: datetime


async def tell(
    conn: Conn,
    to: UUID,
    kind: Kind,
    *,
    by: UUID | None = None,
    proposal: UUID | None = None,
    post: UUID | None = None,
    community: UUID | None = None,
    agreement: UUID | None = None,
    circle: UUID | None = None,
    blueprint: UUID | None = None,
    text: str = "",
) -> None:
    """Tells a local person, or the moderators of a local community; a person of another server,
    or who blocked `by`, is told nothing."""
    await db.run(
        conn,
        TELL,
        {
            "notice": ids.new(),
            "to": to,
            "kind": kind,
            "by": by,
            "proposal": proposal,
            "post": post,
            "community": community,
            "agreement": agreement,
            "circle": circle,
            "blueprint": blueprint,
            "words": text[:500],
        },
    )


TELL: Final = """insert into notices
    (id, account_id, kind, by_id, proposal_id, post_id, community_id, agreement_id, circle_id,
     blueprint_id, text)
  select case when actor_id = %(to)s then %(notice)s::uuid
      else (left(%(notice)s::text, 19) || right(gen_random_uuid()::text, 17))::uuid end,
    actor_id, %(kind)s, %(by)s, %(proposal)s, %(post)s, %(community)s, %(agreement)s, %(circle)s,
    %(blueprint)s, %(words)s
  from (select %(to)s::uuid as actor_id union all
        select person_id from memberships m join actors g on g.id = m.community_id
        where m.community_id = %(to)s and g.peer is null and m.state = 'member'
          and m.role in ('moderator', 'steward')) told join accounts using (actor_id)
  where accounts.state <> 'closed' and actor_id is distinct from %(by)s
    and not exists (select 1 from blocks where blocker_id = actor_id and blocked_id = %(by)s)"""


async def count_unseen(conn: Conn, account_id: UUID) -> int:
    """For the number beside the bell."""
    query = "select count(*) from notices where account_id = %(id)s and seen_at is null"
    return int(await db.value(conn, query, {"id": account_id}))


async def list_newest(
    conn: Conn, account_id: UUID, before: UUID | None, limit: int
) -> list[Notice]:
    """Newest first, below the id `before`."""
    return await db.many(
        conn,
        Notice,
        _SELECT
        + """ where account_id = %(id)s
             and (%(before)s::uuid is null or id < %(before)s) order by id desc limit %(limit)s""",
        {"id": account_id, "before": before, "limit": limit},
    )


_SELECT = """select id, account_id, kind, by_id, proposal_id, post_id, community_id, agreement_id,
  circle_id, blueprint_id, text, seen_at, created from notices"""


async def see_all(conn: Conn, account_id: UUID) -> None:
    """All have been looked at."""
    await db.run(
        conn,
        "update notices set seen_at = now() where account_id = %(id)s and seen_at is null",
        {"id": account_id},
    )


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """A notice with the names of what it is about; '' and None where it is about no such thing."""

    id: UUID
    kind: Kind
    text: str
    seen_at: datetime | None
    created: datetime
    by_name: str
    by_title: str
    by_host: str
    by_avatar: UUID | None
    proposal_id: UUID | None
    proposal_purpose: str
    proposal_title: str
    post_id: UUID | None
    post_title: str
    community_name: str
    community_host: str
    community_title: str
    agreement_id: UUID | None
    circle_id: UUID | None
    blueprint_id: UUID | None
    blueprint_title: str

    @property
    def community_url(self) -> str:
        """Its page here, '' for none."""
        if not self.community_name:
            return ""
        at = f"@{self.community_host}" if self.community_host else ""
        return f"/communities/{self.community_name}{at}"

    @property
    def url(self) -> str:
        """Where one sees what it is about, '' for nowhere."""
        if self.agreement_id:
            return f"/agreements/{self.agreement_id}"
        if self.kind == "agreement.dispute":
            return "/disputes"
        if self.kind.startswith("hours."):
            return "/hours"
        if self.circle_id:
            return f"/circles/{self.circle_id}"
        if self.kind == "circle.searched":
            return "/circles"
        if self.kind.startswith("bridge."):
            return "/bridges"
        if self.kind == "report":
            return f"{self.community_url}/reports" if self.community_url else "/admin/reports"
        if self.kind == "blueprint.version" and self.community_url:
            return self.community_url.replace("/communities/", "/projects/", 1)
        if self.blueprint_id:
            return f"/blueprints/{self.blueprint_id}"
        if self.kind.startswith("pledge."):
            return "/pledges"
        if self.kind == "account":
            return "/admin/people"
        if self.kind == "message":
            return "/messages"
        if self.kind == "city":
            return "/admin/cities"
        if self.kind == "appeal":
            return "/admin/appeals"
        if self.kind == "asked_to_join":
            return f"{self.community_url}/people"
        if self.post_id:
            return f"/posts/{self.post_id}"
        if self.proposal_id:
            folder = "offers" if self.proposal_purpose == "offer" else "needs"
            return f"/{folder}/{self.proposal_id}"
        return self.community_url


async def find(conn: Conn, id: UUID, account_id: UUID) -> Notice | None:
    """One of this account's."""
    query = _SELECT + " where id = %(id)s and account_id = %(account)s"
    return await db.maybe(conn, Notice, query, {"id": id, "account": account_id})


async def list_cards(
    conn: Conn, account_id: UUID, before: UUID | None, limit: int
) -> list[NoticeCard]:
    """Newest first, below the id `before`."""
    return await db.many(
        conn,
        NoticeCard,
        "select "
        + CARD_COLUMNS
        + CARD_FROM
        + """ where n.account_id = %(id)s and (%(before)s::uuid is null or n.id < %(before)s)
           order by n.id desc limit %(limit)s""",
        {"id": account_id, "before": before, "limit": limit},
    )


CARD_COLUMNS: Final = """n.id, n.kind, n.text, n.seen_at, n.created,
             coalesce(a.name, '') as by_name,
             coalesce(nullif(a.title, ''), a.name, '') as by_title,
             coalesce(a.host, '') as by_host, a.avatar_id as by_avatar, n.proposal_id,
             coalesce(p.purpose, '') as proposal_purpose, coalesce(p.title, '') as proposal_title,
             n.post_id, coalesce(o.title, '') as post_title,
             coalesce(c.name, '') as community_name, coalesce(c.host, '') as community_host,
             coalesce(nullif(c.title, ''), c.name, '') as community_title,
             n.agreement_id, n.circle_id, n.blueprint_id,
             coalesce(b.title, '') as blueprint_title"""
CARD_FROM: Final = """ from notices n left join actors a on a.id = n.by_id
             left join proposals p on p.id = n.proposal_id left join posts o on o.id = n.post_id
             left join actors c on c.id = n.community_id
             left join blueprints b on b.id = n.blueprint_id"""
