"""Reports: what somebody complained about, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn
from schema.proposals import Purpose

Harm: TypeAlias = Literal["danger", "hate", "fraud", "private", "rules", "other"]
"""From the worst to the mildest; `danger`: somebody may be hurt."""


@dataclass(frozen=True, slots=True)
class Report:
    """`actor_id` is whom it is about: the author of the post or listing, or the person as such."""

    id: UUID
    uri: str
    reporter_id: UUID
    actor_id: UUID | None
    proposal_id: UUID | None
    post_id: UUID | None
    community_id: UUID | None
    harm: Harm
    text: str
    state: Literal["open", "done"]
    outcome: str
    handled_by: UUID | None
    handled_at: datetime | None
    created: datetime
    blueprint_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReportCard:
    """A report with what it is about. `about_title` and `about_html` are what was said or listed;
    `times` counts the open reports about the same thing."""

    id: UUID
    harm: Harm
    text: str
    state: Literal["open", "done"]
    outcome: str
    created: datetime
    handled_at: datetime | None
    handler_name: str
    reporter_name: str
    reporter_title: str
    reporter_host: str
    person_id: UUID | None
    person_name: str
    person_title: str
    person_host: str
    community_id: UUID | None
    community_title: str
    post_id: UUID | None
    proposal_id: UUID | None
    blueprint_id: UUID | None
    purpose: Purpose | None
    about_title: str
    about_html: str
    times: int

    @property
    def about_url(self) -> str:
        """The page of what was reported."""
        if self.post_id:
            return f"/posts/{self.post_id}"
        if self.proposal_id:
            return f"/{'offers' if self.purpose == 'offer' else 'needs'}/{self.proposal_id}"
        if self.blueprint_id:
            return f"/blueprints/{self.blueprint_id}"
        return f"/people/{self.person_handle}"

    @property
    def person_handle(self) -> str:
        return f"{self.person_name}@{self.person_host}" if self.person_host else self.person_name


_CARD = """select r.id, r.harm, r.text, r.state, r.outcome, r.created, r.handled_at,
    coalesce(nullif(h.title, ''), h.name, '') as handler_name,
    w.name as reporter_name, w.title as reporter_title, w.host as reporter_host,
    a.id as person_id, coalesce(a.name, '') as person_name, coalesce(a.title, '') as person_title,
    coalesce(a.host, '') as person_host, r.community_id, coalesce(c.title, '') as community_title,
    r.post_id, r.proposal_id, r.blueprint_id, o.purpose,
    coalesce(p.title, o.title, b.title, '') as about_title,
    coalesce(p.html, o.html, v.html, a.about_html, '') as about_html,
    (select count(*) from reports s where s.state = 'open'
       and s.actor_id is not distinct from r.actor_id
       and s.post_id is not distinct from r.post_id
       and s.proposal_id is not distinct from r.proposal_id
       and s.blueprint_id is not distinct from r.blueprint_id)::int as times
  from reports r join actors w on w.id = r.reporter_id
    left join actors h on h.id = r.handled_by
    left join actors c on c.id = r.community_id
    left join posts p on p.id = r.post_id
    left join proposals o on o.id = r.proposal_id
    left join blueprints b on b.id = r.blueprint_id
    left join blueprint_versions v on v.id = b.latest_id
    left join actors a on a.id = r.actor_id
  where (%(community)s::uuid is null or r.community_id = %(community)s) """


async def list_open(
    conn: Conn, community_id: UUID | None = None, limit: int = 100
) -> list[ReportCard]:
    """What waits, the worst first and of these the oldest; of one community, or all."""
    return await db.many(
        conn,
        ReportCard,
        _CARD
        + """and r.state = 'open' order by array_position(
               array['danger', 'hate', 'fraud', 'private', 'rules', 'other'], r.harm),
               r.created limit %(limit)s""",
        {"community": community_id, "limit": limit},
    )


async def list_done(
    conn: Conn, community_id: UUID | None = None, limit: int = 50
) -> list[ReportCard]:
    """What has been settled, the last first."""
    return await db.many(
        conn,
        ReportCard,
        _CARD + "and r.state = 'done' order by r.handled_at desc limit %(limit)s",
        {"community": community_id, "limit": limit},
    )


async def count_open(conn: Conn) -> int:
    """For the number beside the queue."""
    return int(await db.value(conn, "select count(*) from reports where state = 'open'"))


async def get(conn: Conn, id: UUID) -> Report:
    """Missing when there is none."""
    return await db.one(conn, Report, "select * from reports where id = %(id)s", {"id": id})


async def get_card(conn: Conn, id: UUID) -> ReportCard:
    """With what it is about; Missing when there is none."""
    query = _CARD + "and r.id = %(id)s"
    return await db.one(conn, ReportCard, query, {"id": id, "community": None})


async def insert(conn: Conn, report: Report) -> Report | None:
    """None when this reporter has an open report about the same thing, or its uri is known."""
    return await db.maybe(
        conn,
        Report,
        """insert into reports
             (id, uri, reporter_id, actor_id, proposal_id, post_id, blueprint_id, community_id,
              harm, text)
           select %(id)s, %(uri)s, %(reporter_id)s, %(actor_id)s, %(proposal_id)s, %(post_id)s,
             %(blueprint_id)s, %(community_id)s, %(harm)s, %(text)s
           where not exists (
             select 1 from reports where state = 'open' and reporter_id = %(reporter_id)s
               and actor_id is not distinct from %(actor_id)s
               and proposal_id is not distinct from %(proposal_id)s
               and post_id is not distinct from %(post_id)s
               and blueprint_id is not distinct from %(blueprint_id)s)
           on conflict (uri) do nothing returning *""",
        {name: getattr(report, name) for name in Report.__slots__},
    )


async def settle(conn: Conn, report: Report, by: UUID, outcome: str) -> list[Report]:
    """Closes it and every other open report about the same thing; empty when it was closed."""
    return await db.many(
        conn,
        Report,
        """update reports set state = 'done', outcome = %(outcome)s, handled_by = %(by)s,
             handled_at = now()
           where state = 'open'
             and (id = %(id)s
                  or num_nonnulls(%(proposal)s::uuid, %(post)s::uuid, %(blueprint)s::uuid) > 0
                     and proposal_id is not distinct from %(proposal)s
                     and post_id is not distinct from %(post)s
                     and blueprint_id is not distinct from %(blueprint)s)
             and exists (select 1 from reports where id = %(id)s and state = 'open')
           returning *""",
        {
            "id": report.id,
            "by": by,
            "outcome": outcome[:2000],
            "proposal": report.proposal_id,
            "post": report.post_id,
            "blueprint": report.blueprint_id,
        },
    )


async def list_told(conn: Conn, community_id: UUID | None) -> list[UUID]:
    """Who is told of a new report: moderators of the community who live here, and of the place."""
    return await db.values(
        conn,
        """select actor_id from accounts where state = 'active' and role in ('moderator', 'admin')
           union
           select person_id from memberships join accounts on actor_id = person_id
           where community_id = %(community)s and memberships.state = 'member'
             and memberships.role in ('moderator', 'steward') and accounts.state = 'active'""",
        {"community": community_id},
    )
