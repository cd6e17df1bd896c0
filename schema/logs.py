"""The log of everything admins and moderators of the place did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema import database as db
from schema import ids
from schema.actors import Actor
from schema.database import Conn
from schema.words import N_

WORDS: Mapping[str, str] = {
    "approve": N_("let somebody in"),
    "refuse": N_("refused a request to join"),
    "role resident": N_("took a role away"),
    "role moderator": N_("made somebody a moderator"),
    "role admin": N_("made somebody an admin"),
    "suspend": N_("suspended an account"),
    "end suspension": N_("lifted a suspension"),
    "invite": N_("made an invitation"),
    "revoke invitation": N_("took an invitation back"),
    "remove": N_("removed something"),
    "warn": N_("warned somebody"),
    "appeal kept": N_("answered an objection: it stays"),
    "appeal changed": N_("answered an objection: it was decided anew"),
    "settle report": N_("settled a report"),
    "link": N_("asked for a link, or agreed to one"),
    "refuse link": N_("refused a link"),
    "part": N_("ended a link"),
    "switches": N_("changed what flows to and from a city"),
    "block": N_("blocked a place"),
    "unblock": N_("lifted a block"),
    "list": N_("added a list of places"),
    "end list": N_("took a list of places away"),
    "refuse entry": N_("refused what a list of places proposes"),
    "try now": N_("tried to reach a city again"),
    "settings": N_("changed the settings"),
    "rules": N_("published new rules"),
    "appoint helper": N_("made somebody a helper at the desk"),
    "dismiss helper": N_("took the desk from a helper"),
    "settle agreement": N_("settled a disputed agreement"),
    "hours": N_("changed the rules for hours of a community"),
    "correct hours": N_("corrected hours that were booked"),
    "take over hours": N_("took over the hours of somebody who leaves"),
    "hours bridge": N_("changed how many hours cross to a city"),
    "keys": N_("made new keys"),
    "live here": N_("changed the page about living here"),
    "test mail": N_("sent a test mail"),
    "mail failed": N_("tried to send a test mail"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`by_name` is '' when it was done from the command line."""

    id: UUID
    act: str
    subject: str
    reason: str
    created: datetime
    by_name: str

    @property
    def words(self) -> str:
        """What was done, as a text id."""
        return WORDS.get(self.act, self.act)


async def write(
    conn: Conn, by: Actor | None, act: str, subject: str = "", reason: str = ""
) -> None:
    """`by` None: from the command line."""
    await db.run(
        conn,
        """insert into admin_log (id, by_id, act, subject, reason)
           values (%(id)s, %(by)s, %(act)s, %(subject)s, %(reason)s)""",
        {
            "id": ids.new(),
            "by": by.id if by else None,
            "act": act,
            "subject": subject[:500],
            "reason": reason[:2000],
        },
    )


async def list_acts(conn: Conn) -> list[str]:
    """What kinds of things were ever done."""
    return await db.values(conn, "select distinct act from admin_log")


async def list_newest(conn: Conn, before: UUID | None, limit: int) -> list[Entry]:
    """Newest first, below the id `before`."""
    return await db.many(
        conn,
        Entry,
        """select l.id, l.act, l.subject, l.reason, l.created, coalesce(a.name, '') as by_name
           from admin_log l left join actors a on a.id = l.by_id
           where %(before)s::uuid is null or l.id < %(before)s
           order by l.id desc limit %(limit)s""",
        {"before": before, "limit": limit},
    )
