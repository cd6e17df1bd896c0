"""The spine: every activity in or out, its verdict, and what has still to reach whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias
from uuid import UUID

from schema import database as db
from schema.database import Conn

UNDOABLE: Final = ("Follow", "Join", "Like", "Dislike", "Block")
State: TypeAlias = Literal["received", "waiting", "done", "refused", "malformed", "ignored"]


@dataclass(frozen=True, slots=True)
class Activity:
    id: UUID
    uri: str
    direction: Literal["in", "out"]
    actor_id: UUID
    type: str
    object_uri: str
    document: str
    public: bool
    state: State
    verdict: str
    attempts: int
    created: datetime
    undone: bool = False
    """As it was claimed: whether its author took it back by an Undo that was signed no earlier."""
    waits_for: str | None = None
    """As it was claimed: the server that did not answer when it was looked at last."""


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to bring to one inbox."""

    id: UUID
    peer: str
    inbox: str
    activity_id: UUID
    sender_id: UUID
    object_key: str
    attempts: int
    created: datetime
    document: str


@dataclass(frozen=True, slots=True)
class NewDelivery:
    id: UUID
    peer: str
    inbox: str


async def find(conn: Conn, uri: str) -> Activity | None:
    """By its uri."""
    return await db.maybe(conn, Activity, SELECT + " where uri = %(uri)s", {"uri": uri})


async def is_another(conn: Conn, answered: str, asked: str) -> bool:
    """Whether what is answered is known and not what was asked last: a late answer to a question
    that was taken back. Other servers may answer by ids of their own."""
    return answered not in ("", asked) and await find(conn, answered) is not None


async def get(conn: Conn, id: UUID) -> Activity:
    """By our id."""
    return await db.one(conn, Activity, SELECT + " where id = %(id)s", {"id": id})


SELECT: Final = """select id, uri, direction, actor_id, type, object_uri, document, public, state,
  verdict, attempts, created from activities"""


async def receive(
    conn: Conn,
    *,
    id: UUID,
    uri: str,
    actor_id: UUID,
    type: str,
    object_uri: str,
    document: str,
    said: datetime,
) -> bool:
    """Stores one that came in, authenticated; False when we had it already. Wakes a worker.

    `said`: when it was signed. Some servers re-use the ids of requests and answers, and of what
    their groups pass on: one that was signed later than the first and is settled here counts anew.
    """
    stored = await db.run(
        conn,
        """with stored as (
             insert into activities
               as known (id, uri, direction, actor_id, type, object_uri, document, state, said)
             select %(id)s, %(uri)s, 'in', %(actor)s, %(type)s, %(object)s, %(document)s,
               'received', %(said)s where not was_seen(%(uri)s)
             on conflict (uri) do update set id = excluded.id, object_uri = excluded.object_uri,
               document = excluded.document, said = excluded.said, state = 'received',
               verdict = '', attempts = 0, next_at = now(), created = now()
             where known.direction = 'in' and known.actor_id = excluded.actor_id
               and known.type = excluded.type and known.said < excluded.said
               and (known.type in ('Follow', 'Join', 'Leave', 'Accept', 'Reject')
                 or known.type = 'Announce' and known.document <> excluded.document)
               and known.state not in ('received', 'waiting')
             returning 1)
           select pg_notify('inbox', '') from stored""",
        {
            "id": id,
            "uri": uri,
            "actor": actor_id,
            "type": type,
            "object": object_uri,
            "document": document,
            "said": said,
        },
    )
    return stored > 0


async def remember(
    conn: Conn, *, id: UUID, uri: str, actor_id: UUID, type: str, object_uri: str, document: str
) -> None:
    """Stores one that came inside another and was proved with it, where it is not known yet."""
    await db.run(
        conn,
        """insert into activities (id, uri, direction, actor_id, type, object_uri, document, state)
           values (%(id)s, %(uri)s, 'in', %(actor)s, %(type)s, %(object)s, %(document)s, 'done')
           on conflict (uri) do nothing""",
        {
            "id": id,
            "uri": uri,
            "actor": actor_id,
            "type": type,
            "object": object_uri,
            "document": document,
        },
    )


async def claim(conn: Conn, limit: int, lease: timedelta) -> list[Activity]:
    """Up to `limit` of what waits, in the order in which it became due.

    Until the lease is over nobody else gets them, nor anything else of the same actors. Inside a
    transaction: one claim sees what the one before has taken.
    """
    await db.value(conn, "select pg_advisory_xact_lock(hashtextextended('claim', 7))")
    return await db.many(
        conn,
        Activity,
        """update activities set lease_until = now() + %(lease)s, attempts = attempts + 1
           where id in (
             select id from activities
             where state in ('received', 'waiting') and next_at <= now() and lease_until < now()
               and actor_id not in (
                 select actor_id from activities
                 where state in ('received', 'waiting') and lease_until >= now())
               and actor_id not in (
                 select a.id from peers p join actors a on a.peer = p.origin
                 where p.paused_at is not null)
             order by next_at, id limit %(limit)s for update skip locked)
           returning id, uri, direction, actor_id, type, object_uri, document, public, state,
             verdict, attempts, created, type = any(%(undoable)s) and exists (
               select 1 from activities u where u.object_uri = activities.uri
                 and u.object_uri <> '' and u.type = 'Undo' and u.direction = 'in'
                 and u.actor_id = activities.actor_id and u.said >= activities.said) as undone,
             waits_for""",
        {"limit": limit, "lease": lease, "undoable": list(UNDOABLE)},
    )


async def take_over(conn: Conn) -> bool:
    """Ends all leases unless a worker lives that may hold them: what a killed one had in hand is
    due at once. Two that start at the same moment may do a thing twice, which has one effect."""
    alone = await db.value(
        conn,
        """select not exists (select 1 from pg_stat_activity
             where datname = current_database() and application_name = 'stadtnetz ears')""",
    )
    if alone:
        await db.run(
            conn,
            """update activities set lease_until = 'epoch'
               where state in ('received', 'waiting') and lease_until > now()""",
        )
        await db.run(conn, "update peers set lease_until = 'epoch' where lease_until > now()")
    return bool(alone)


async def decide(conn: Conn, id: UUID, state: State, verdict: str = "") -> None:
    """The end of one that came in.

    Its transaction does not wait for the disk: if it is lost with a crash, it leaves the activity
    as it was stored, and the activity is handled again.
    """
    await db.run(
        conn,
        """update activities set state = %(state)s, verdict = %(verdict)s, lease_until = 'epoch'
           where id = %(id)s
           returning set_config('synchronous_commit', 'off', true)""",
        {"id": id, "state": state, "verdict": verdict[:1000]},
    )


async def set_aside(conn: Conn, id: UUID, delay: timedelta) -> None:
    """One that broke something here is tried again after this delay; its actor's others go on."""
    await db.run(
        conn,
        """update activities set next_at = now() + %(delay)s, lease_until = 'epoch'
           where id = %(id)s and state in ('received', 'waiting')""",
        {"id": id, "delay": delay},
    )


async def publish(
    conn: Conn,
    *,
    id: UUID,
    uri: str,
    actor_id: UUID,
    type: str,
    object_uri: str,
    document: str,
    public: bool,
) -> None:
    """Stores one of ours."""
    await db.run(
        conn,
        """insert into activities
             (id, uri, direction, actor_id, type, object_uri, document, public, state)
           values (%(id)s, %(uri)s, 'out', %(actor)s, %(type)s, %(object)s, %(document)s,
             %(public)s, 'done')""",
        {
            "id": id,
            "uri": uri,
            "actor": actor_id,
            "type": type,
            "object": object_uri,
            "document": document,
            "public": public,
        },
    )


async def add_deliveries(
    conn: Conn, activity_id: UUID, sender_id: UUID, object_key: str, new: Sequence[NewDelivery]
) -> None:
    """One row per inbox, in this transaction, and a worker is woken at its commit.

    What waits for the same inbox about the same object is not overtaken.
    """
    if not new:
        return
    await db.run(
        conn,
        """with waiting as (
             select inbox, max(next_at) as until from deliveries
             where state = 'due' and peer = any(%(peers)s) and object_key = %(object)s
               and object_key <> '' group by inbox),
           stored as (
             insert into deliveries (id, peer, inbox, activity_id, sender_id, object_key, next_at)
             select id, peer, inbox, %(activity)s, %(sender)s, %(object)s, greatest(until, now())
             from unnest(%(ids)s::uuid[], %(peers)s::text[], %(inboxes)s::text[])
               as new (id, peer, inbox) left join waiting using (inbox)
             on conflict (activity_id, inbox) do nothing)
           select pg_notify('outbox', '')""",
        {
            "activity": activity_id,
            "sender": sender_id,
            "object": object_key,
            "ids": [delivery.id for delivery in new],
            "peers": [delivery.peer for delivery in new],
            "inboxes": [delivery.inbox for delivery in new],
        },
    )


async def lease_peers(conn: Conn, limit: int, lease: timedelta) -> list[str]:
    """Origins that have due rows and are due themselves; nobody else gets them meanwhile."""
    return await db.values(
        conn,
        """update peers set lease_until = now() + %(lease)s
           where origin in (
             select origin from peers
             where next_at <= now() and lease_until < now() and paused_at is null
               and blocked_at is null
               and exists (select 1 from deliveries d
                           where d.peer = origin and d.state = 'due' and d.next_at <= now())
             order by next_at limit %(limit)s for update skip locked)
           returning origin""",
        {"limit": limit, "lease": lease},
    )


async def list_due(conn: Conn, peer: str, limit: int) -> list[Due]:
    """A leased peer's backlog in the order it was made; behind an object's first waiting one,
    the others of that object wait too."""
    return await db.many(
        conn,
        Due,
        """select d.id, d.peer, d.inbox, d.activity_id, d.sender_id, d.object_key, d.attempts,
             d.created, a.document
           from deliveries d join activities a on a.id = d.activity_id
           where d.peer = %(peer)s and d.state = 'due' and d.next_at <= now()
             and not exists (
               select 1 from deliveries earlier
               where earlier.peer = d.peer and earlier.state = 'due' and earlier.id < d.id
                 and earlier.inbox = d.inbox
                 and earlier.object_key = d.object_key and d.object_key <> ''
                 and earlier.next_at > now())
           order by d.id limit %(limit)s""",
        {"peer": peer, "limit": limit},
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt; `delay` when it is to be tried again."""

    id: UUID
    state: Literal["due", "done", "refused", "expired"]
    status: int | None = None
    error: str = ""
    delay: timedelta = timedelta(0)


async def settle(
    conn: Conn, outcomes: Sequence[Outcome], numbers: Sequence[int | None] = ()
) -> None:
    """Writes what became of a batch of attempts; what stands behind one that waits, waits too.
    `numbers`: those of the ledger for what ended."""
    await db.run(
        conn,
        """with behind as (
             update deliveries d set next_at = greatest(d.next_at, now() + o.delay)
             from unnest(%(ids)s::uuid[], %(states)s::text[], %(delays)s::interval[])
               as o (id, state, delay) join deliveries head on head.id = o.id
             where o.state = 'due' and head.object_key <> '' and d.object_key = head.object_key
               and d.peer = head.peer and d.inbox = head.inbox and d.state = 'due'
               and not d.id = any(%(ids)s::uuid[]))
           update deliveries d set state = o.state, status = o.status, error = o.error,
             attempts = attempts + 1, next_at = now() + o.delay, sequence = o.sequence,
             done_at = case when o.state = 'due' then null else now() end
           from unnest(%(ids)s::uuid[], %(states)s::text[], %(statuses)s::int[], %(errors)s::text[],
             %(delays)s::interval[], %(sequences)s::bigint[])
             as o (id, state, status, error, delay, sequence)
           where d.id = o.id and d.state = 'due'""",
        {
            "ids": [outcome.id for outcome in outcomes],
            "states": [outcome.state for outcome in outcomes],
            "statuses": [outcome.status for outcome in outcomes],
            "errors": [outcome.error[:300] for outcome in outcomes],
            "delays": [outcome.delay for outcome in outcomes],
            "sequences": list(numbers) or [None] * len(outcomes),
        },
    )


async def release_peer(
    conn: Conn, peer: str, *, sent: bool, error: str = "", delay: timedelta = timedelta(0)
) -> None:
    """Gives a leased peer back; with an error it rests for `delay`."""
    await db.run(
        conn,
        """update peers set lease_until = 'epoch',
             last_sent = case when %(sent)s then now() else last_sent end,
             failing_since = case when %(error)s = '' then null
                                  else coalesce(failing_since, now()) end,
             failures = case when %(error)s = '' then 0 else failures + 1 end,
             last_error = case when %(error)s = '' then last_error else %(error)s end,
             next_at = now() + %(delay)s
           where origin = %(peer)s""",
        {"peer": peer, "sent": sent, "error": error[:300], "delay": delay},
    )


async def next_due(conn: Conn) -> float | None:
    """Seconds until the next delivery or waiting activity is due; None when nothing waits."""
    return await db.value(
        conn,
        """select extract(epoch from least(
             (select min(greatest(d.next_at, p.next_at, p.lease_until)) from peers p
                join lateral (select next_at from deliveries where peer = p.origin
                  and state = 'due' order by next_at limit 1) d on true
                where p.paused_at is null and p.blocked_at is null),
             (select min(greatest(next_at, lease_until)) from activities
                where state in ('received', 'waiting') and actor_id not in (
                  select a.id from peers p join actors a on a.peer = p.origin
                  where p.paused_at is not null))) - now())::float8""",
    )
