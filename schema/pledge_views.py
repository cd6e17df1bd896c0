"""Pledges as pages show them: by whom, for which project, and what the viewer may do with them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from schema import database as db
from schema.database import Conn
from schema.errors import Missing
from schema.pledges import Pledge


@dataclass(frozen=True, slots=True)
class PledgeCard(Pledge):
    """With both sides by name; `gives` and `receives`: the viewer speaks for that side here."""

    giver_kind: str
    giver_name: str
    giver_title: str
    giver_host: str
    project_name: str
    project_title: str
    project_host: str
    need_name: str
    gives: bool
    receives: bool

    @property
    def url(self) -> str:
        return f"/pledges/{self.id}"

    @property
    def giver_url(self) -> str:
        """Its page here."""
        if self.giver_kind == "city":
            return f"/network/{self.giver_host}" if self.giver_host else "/about"
        return f"/communities/{_handle(self.giver_name, self.giver_host)}"

    @property
    def project_url(self) -> str:
        return f"/projects/{_handle(self.project_name, self.project_host)}"

    @property
    def waits(self) -> bool:
        """Whether the next step is the viewer's."""
        if self.receives and self.state in ("offered", "delivered"):
            return True
        return self.receives and self.state == "ended" and self.delivered > self.confirmed


def _handle(name: str, host: str) -> str:
    return f"{name}@{host}" if host else name


async def list_cards(
    conn: Conn,
    *,
    viewer: UUID | None,
    project: UUID | None = None,
    giver: UUID | None = None,
    mine: bool = False,
    before: datetime | None = None,
    limit: int = 100,
) -> list[PledgeCard]:
    """Those that a viewer may see, for a project, of a giver, or of the places that they speak
    for; without all three what comes from or goes to here. What is under way first, then the
    newest."""
    return await db.many(
        conn,
        PledgeCard,
        _CARDS
        + """ and (%(project)s::uuid is null or p.project_id = %(project)s)
              and (%(giver)s::uuid is null or p.giver_id = %(giver)s)
              and (not %(mine)s or v.gives or v.receives)
              and (%(mine)s or %(project)s::uuid is not null or %(giver)s::uuid is not null
                or g.peer is null or r.peer is null)
              and (%(before)s::timestamptz is null or p.created < %(before)s)
            order by p.confirmed >= p.quantity or p.withdrawn_at is not null
                or p.answer = 'declined' and p.answered_edition = p.edition,
              p.created desc, p.id limit %(limit)s""",
        {
            "viewer": viewer,
            "project": project,
            "giver": giver,
            "mine": mine,
            "before": before,
            "limit": limit,
        },
    )


async def get_card(conn: Conn, id: UUID, viewer: UUID | None) -> PledgeCard:
    """Missing where it is not for this viewer."""
    query = _CARDS + " and p.id = %(id)s"
    found = await db.maybe(conn, PledgeCard, query, {"viewer": viewer, "id": id})
    if found is None:
        raise Missing("There is nothing here, or it is not meant for you.")
    return found


# What the project has not accepted is seen by its members and by those who speak for the giver;
# what concerns a hidden community, too.
_CARDS: Final[LiteralString] = """select p.*, g.kind as giver_kind, g.name as giver_name,
    coalesce(nullif(g.title, ''), g.name) as giver_title, g.host as giver_host,
    r.name as project_name, coalesce(nullif(r.title, ''), r.name) as project_title,
    r.host as project_host, coalesce(n.name, '') as need_name, v.gives, v.receives
  from pledges p join actors g on g.id = p.giver_id join actors r on r.id = p.project_id
    join communities rc on rc.actor_id = r.id left join communities gc on gc.actor_id = g.id
    left join project_needs n on p.need_uri <> '' and n.uri = p.need_uri
      and n.project_id = p.project_id
    left join memberships rm on rm.community_id = r.id and rm.person_id = %(viewer)s
      and rm.state = 'member'
    left join memberships gm on gm.community_id = g.id and gm.person_id = %(viewer)s
      and gm.state = 'member'
    cross join lateral (select
      g.peer is null and (coalesce(gm.role = 'steward', false) or g.kind = 'city' and exists (
        select 1 from accounts c where c.actor_id = %(viewer)s and c.role = 'admin'
          and c.state = 'active')) as gives,
      r.peer is null and coalesce(rm.role = 'steward', false) as receives) v
  where g.deleted_at is null and r.deleted_at is null
    and not exists (select 1 from peers o
      where o.origin in (g.peer, r.peer) and o.blocked_at is not null)
    and (v.gives or rm.person_id is not null
      or rc.join_rule <> 'hidden' and coalesce(gc.join_rule, '') <> 'hidden'
        and (p.confirmed > 0 or p.answer = 'accepted' and p.answered_edition = p.edition
          and p.withdrawn_at is null))"""
