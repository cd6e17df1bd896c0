"""Standing: what decides whether a person may write in a community, or anywhere."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema.accounts import Role as SiteRole
from schema.accounts import State as AccountState
from schema.actors import Actor
from schema.communities import JoinRule
from schema.database import Conn
from schema.memberships import Role, State


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a person may write: account, suspension, membership, community.

    `account` None for people of other servers; `member` None for who never asked to join.
    """

    account: AccountState | None
    site_role: SiteRole | None
    suspended_until: datetime | None
    suspended_reason: str
    member: State | None
    role: Role | None
    banned_until: datetime | None
    banned_reason: str
    join_rule: JoinRule | None
    closed_at: datetime | None

    @property
    def is_member(self) -> bool:
        return self.member == "member"

    @property
    def moderates(self) -> bool:
        """Here, by the community's own roles."""
        return self.is_member and self.role in ("moderator", "steward")

    @property
    def keeps_order(self) -> bool:
        """A moderator or admin of this place."""
        return self.account == "active" and self.site_role in ("moderator", "admin")


def of_foreigner(person: Actor) -> Standing:
    """Outside of any community: all that is known of people of other servers is in their row."""
    return Standing(
        account=None,
        site_role=None,
        suspended_until=person.suspended_until,
        suspended_reason=person.suspended_reason,
        member=None,
        role=None,
        banned_until=None,
        banned_reason="",
        join_rule=None,
        closed_at=None,
    )


async def get(conn: Conn, person_id: UUID, community_id: UUID | None) -> Standing:
    """Of this person in this community (None: outside of any). Missing for nobody."""
    return await db.one(
        conn,
        Standing,
        """select b.state as account, b.role as site_role, a.suspended_until, a.suspended_reason,
             m.state as member, m.role, m.banned_until, coalesce(m.reason, '') as banned_reason,
             c.join_rule, c.closed_at
           from actors a left join accounts b on b.actor_id = a.id
             left join communities c on c.actor_id = %(community)s
             left join memberships m on m.community_id = c.actor_id and m.person_id = a.id
           where a.id = %(person)s""",
        {"person": person_id, "community": community_id},
    )
