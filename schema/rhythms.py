"""Rhythms: of which kinds of notices a person gets mails and pushes, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn
from schema.notices import CARD_COLUMNS, CARD_FROM, NoticeCard
from schema.words import N_

Topic: TypeAlias = Literal[
    "agreements", "answers", "matches", "searches", "reminders", "communities", "order"
]
Rhythm: TypeAlias = Literal["now", "daily", "weekly", "never", "off"]

TOPICS: Final[Mapping[Topic, str]] = {
    "agreements": N_("What you agreed with others"),
    "answers": N_("Answers and mentions"),
    "matches": N_("What fits your needs and offers"),
    "searches": N_("Finds of your kept searches"),
    "reminders": N_("What ends soon"),
    "communities": N_("News of your communities"),
    "order": N_("Notes of those who keep order"),
}
# May be silenced altogether: nobody waits for an answer there.
SILENT: Final[frozenset[Topic]] = frozenset({"matches", "searches"})
DEFAULTS: Final[Mapping[Topic, Rhythm]] = {
    "agreements": "now",
    "answers": "now",
    "matches": "daily",
    "searches": "daily",
    "reminders": "now",
    "communities": "weekly",
    "order": "now",
}
# A kind that is not here belongs to an agreement.
_KINDS: Final[Mapping[str, Topic]] = {
    "answer": "answers",
    "mention": "answers",
    "message": "answers",
    "blueprint.version": "communities",
    "blueprint.forked": "communities",
    "blueprint.adopted": "communities",
    "blueprint.report": "answers",
    "blueprint.improved": "answers",
    "match": "matches",
    "me_too": "answers",
    "pool": "answers",
    "task.refused": "answers",
    "search": "searches",
    "expiring": "reminders",
    "asked_to_join": "communities",
    "invited": "communities",
    "admitted": "communities",
    "refused": "communities",
    "role": "communities",
    "banned": "order",
    "warning": "order",
    "removed": "order",
    "report": "order",
    "report_done": "order",
    "account": "order",
    "city": "order",
}


def topic_of(kind: str) -> Topic:
    """Which choice of a person counts for a kind of notice."""
    return _KINDS.get(kind, "agreements")


@dataclass(frozen=True, slots=True)
class Choice:
    """`push`: also to the devices that were allowed to."""

    topic: Topic
    rhythm: Rhythm
    push: bool


async def list_of(conn: Conn, account_id: UUID) -> list[Choice]:
    """Every topic, as chosen or as it is by itself."""
    query = "select topic, rhythm, push from rhythms where account_id = %(id)s"
    chosen = {row.topic: row for row in await db.many(conn, Choice, query, {"id": account_id})}
    return [chosen.get(topic) or Choice(topic, DEFAULTS[topic], True) for topic in TOPICS]


async def choose(conn: Conn, account_id: UUID, choice: Choice) -> None:
    """In place of an earlier choice."""
    await db.run(
        conn,
        """insert into rhythms (account_id, topic, rhythm, push)
           values (%(id)s, %(topic)s, %(rhythm)s, %(push)s)
           on conflict (account_id, topic) do update
             set rhythm = excluded.rhythm, push = excluded.push""",
        {"id": account_id, "topic": choice.topic, "rhythm": choice.rhythm, "push": choice.push},
    )


async def is_off(conn: Conn, account_id: UUID, topic: Topic) -> bool:
    """Whether a person wants to hear nothing at all of it."""
    query = """select exists (select 1 from rhythms where account_id = %(id)s
                 and topic = %(topic)s and rhythm = 'off')"""
    return bool(await db.value(conn, query, {"id": account_id, "topic": topic}))


@dataclass(frozen=True, slots=True)
class Item:
    """A notice with what a mail shows of its contents; '' and None where there is none."""

    card: NoticeCard
    topic: Topic
    post_html: str
    available: Decimal | None
    unit: str
    until: datetime | None
    place_name: str


async def list_due(conn: Conn, rhythm: Rhythm, boundary: datetime, limit: int = 200) -> list[UUID]:
    """Accounts with unread notices from before `boundary` that wait for a mail of this rhythm, and
    had none since. The accounts are locked; those that another worker has in hand are left out."""
    return await db.values(
        conn,
        """select b.actor_id from accounts b join actors a on a.id = b.actor_id
           where b.email is not null and b.email_confirmed_at is not null and b.state = 'active'
             and a.deleted_at is null
             and (%(rhythm)s = 'now' or not exists (select 1 from digests d
               where d.account_id = b.actor_id and d.rhythm = %(rhythm)s
                 and d.sent >= %(boundary)s))
             and exists (select 1 from notices n left join rhythms r on r.account_id = n.account_id
               and r.topic = """
        + _TOPIC
        + """ where n.account_id = b.actor_id and n.mailed_at is null and n.seen_at is null
               and n.created <= %(boundary)s and n.created > %(boundary)s - interval '14 days'
               and coalesce(r.rhythm, """
        + _DEFAULT
        + """) = %(rhythm)s)
           order by b.actor_id limit %(limit)s for update of b skip locked""",
        {**_maps(), "rhythm": rhythm, "boundary": boundary, "limit": limit},
    )


async def list_to_push(conn: Conn, now: datetime, limit: int = 200) -> list[UUID]:
    """Accounts with devices and unread notices of the last hour that were not pushed."""
    return await db.values(
        conn,
        """select b.actor_id from accounts b where b.state = 'active'
             and exists (select 1 from push_devices d where d.account_id = b.actor_id)
             and exists (select 1 from notices n left join rhythms r on r.account_id = n.account_id
               and r.topic = """
        + _TOPIC
        + """ where n.account_id = b.actor_id and n.pushed_at is null and n.seen_at is null
               and n.created > %(now)s - interval '1 hour' and coalesce(r.push, true))
           order by b.actor_id limit %(limit)s for update of b skip locked""",
        {**_maps(), "now": now, "limit": limit},
    )


async def take_for_mail(
    conn: Conn, account_id: UUID, rhythm: Rhythm, boundary: datetime, now: datetime
) -> list[Item]:
    """The notices of one mail, the newest first, from now on counted as sent."""
    found = await db.many(
        conn,
        _item,
        _ITEMS
        + """ and n.mailed_at is null and n.created <= %(boundary)s
             and n.created > %(boundary)s - interval '14 days'
             and coalesce(r.rhythm, """
        + _DEFAULT
        + ") = %(rhythm)s order by n.id desc",
        {**_maps(), "account": account_id, "rhythm": rhythm, "boundary": boundary},
    )
    await _mark(conn, "update notices set mailed_at = %(now)s where id = any(%(ids)s)", found, now)
    await db.run(
        conn,
        """insert into digests (account_id, rhythm, sent) values (%(id)s, %(rhythm)s, %(now)s)
           on conflict (account_id, rhythm) do update set sent = excluded.sent""",
        {"id": account_id, "rhythm": rhythm, "now": now},
    )
    return found


async def take_for_push(conn: Conn, account_id: UUID, now: datetime) -> list[Item]:
    """The notices to push, the newest first, from now on counted as pushed."""
    found = await db.many(
        conn,
        _item,
        _ITEMS
        + """ and n.pushed_at is null and n.created > %(now)s - interval '1 hour'
             and coalesce(r.push, true) order by n.id desc limit 20""",
        {**_maps(), "account": account_id, "now": now},
    )
    await _mark(conn, "update notices set pushed_at = %(now)s where id = any(%(ids)s)", found, now)
    return found


async def _mark(conn: Conn, query: Any, found: Sequence[Item], now: datetime) -> None:
    if found:
        await db.run(conn, query, {"ids": [item.card.id for item in found], "now": now})


def _item(**columns: Any) -> Item:
    card = NoticeCard(**{name: columns.pop(name) for name in NoticeCard.__slots__})
    return Item(card, topic_of(card.kind), **columns)


def _maps() -> dict[str, object]:
    return {
        "kinds": list(_KINDS),
        "topics": list(_KINDS.values()),
        "own": list(DEFAULTS),
        "defaults": list(DEFAULTS.values()),
    }


_TOPIC: Final = """coalesce((%(topics)s::text[])[array_position(%(kinds)s::text[], n.kind)],
  'agreements')"""
_DEFAULT: Final = "(%(defaults)s::text[])[array_position(%(own)s::text[], " + _TOPIC + ")]"
_ITEMS: Final = (
    "select "
    + CARD_COLUMNS
    + """, coalesce(o.html, '') as post_html, p.available, coalesce(p.unit, '') as unit, p.until,
      coalesce(p.place_name, '') as place_name """
    + CARD_FROM
    + " left join rhythms r on r.account_id = n.account_id and r.topic = "
    + _TOPIC
    + " where n.account_id = %(account)s and n.seen_at is null"
)
