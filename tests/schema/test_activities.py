"""The spine: what came in and what must go out, leased, in order, and never twice."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from schema import activities, follows, ids, ledgers, waits
from schema import database as db
from schema.activities import NewDelivery, Outcome
from schema.database import Conn

NOW, MINUTE = timedelta(0), timedelta(minutes=1)
FAR, NEAR = "https://far.example", "https://near.example"

SAID = datetime(2026, 11, 22, tzinfo=UTC)


async def actor(conn: Conn, name: str, peer: str | None = FAR, shared: str | None = None) -> UUID:
    """One who lives there; None: here."""
    id, host = ids.new(), (peer or "").removeprefix("https://")
    if peer:
        query = "insert into peers (origin, host) values (%(o)s, %(h)s) on conflict do nothing"
        await db.run(conn, query, {"o": peer, "h": host})
    await db.run(
        conn,
        """insert into actors (id, kind, uri, peer, name, host, inbox, shared_inbox)
           values (%(id)s, 'person', %(uri)s, %(peer)s, %(name)s, %(host)s, %(uri)s || '/inbox',
             %(shared)s)""",
        {
            "id": id,
            "uri": f"{peer or 'https://own.example'}/{name}",
            "peer": peer,
            "name": name,
            "host": host,
            "shared": shared,
        },
    )
    return id


async def receive(conn: Conn, by: UUID, uri: str) -> UUID:
    id = ids.new()
    assert await activities.receive(
        conn, id=id, uri=uri, actor_id=by, type="Like", object_uri="", document="{}", said=SAID
    )
    return id


async def test_what_came_in_is_stored_once(conn: Conn) -> None:
    pat = await actor(conn, "pat")
    await receive(conn, pat, "https://far.example/1")
    again = await activities.receive(
        conn,
        id=ids.new(),
        uri="https://far.example/1",
        actor_id=pat,
        type="Undo",
        object_uri="",
        document="[]",
        said=SAID,
    )
    assert not again
    found = await activities.find(conn, "https://far.example/1")
    assert found and (found.type, found.document, found.state) == ("Like", "{}", "received")


async def test_what_is_claimed_is_nobody_elses_until_it_is_decided_or_waits(conn: Conn) -> None:
    pat = await actor(conn, "pat")
    id = await receive(conn, pat, "https://far.example/1")
    (claimed,) = await activities.claim(conn, 10, MINUTE)
    assert (claimed.id, claimed.attempts) == (id, 1)
    assert await activities.claim(conn, 10, MINUTE) == []
    await waits.put(conn, id, -MINUTE, "not yet")
    (again,) = await activities.claim(conn, 10, MINUTE)
    assert (again.attempts, again.state, again.verdict) == (2, "waiting", "not yet")
    await activities.decide(conn, id, "refused", "no" * 1000)
    assert await activities.claim(conn, 10, MINUTE) == []
    assert len((await activities.get(conn, id)).verdict) == 1000


async def test_an_actor_whose_activity_is_in_hand_waits_with_the_others(conn: Conn) -> None:
    pat, sam = await actor(conn, "pat"), await actor(conn, "sam")
    await receive(conn, pat, "https://far.example/1")
    assert len(await activities.claim(conn, 1, MINUTE)) == 1
    await receive(conn, pat, "https://far.example/2")
    await receive(conn, sam, "https://far.example/3")
    found = await activities.claim(conn, 10, MINUTE)
    assert [one.uri for one in found] == ["https://far.example/3"]


@pytest.mark.parametrize("document", ["{}", '{"a": 1}'])
async def test_what_was_proved_inside_another_is_remembered_once(conn: Conn, document: str) -> None:
    pat = await actor(conn, "pat")
    for text in (document, "[]"):
        await activities.remember(
            conn,
            id=ids.new(),
            uri="https://far.example/1",
            actor_id=pat,
            type="Delete",
            object_uri="https://far.example/note",
            document=text,
        )
    found = await activities.find(conn, "https://far.example/1")
    assert found and (found.state, found.document) == ("done", document)
    assert await activities.claim(conn, 10, MINUTE) == []


async def publish(conn: Conn, by: UUID, *inboxes: tuple[str, str], about: str = "") -> list[UUID]:
    """An activity of ours, due at these (peer, inbox); the ids of its deliveries."""
    id = ids.new()
    await activities.publish(
        conn,
        id=id,
        uri=f"https://own.example/{id}",
        actor_id=by,
        type="Create",
        object_uri=about,
        document="{}",
        public=True,
    )
    new = [NewDelivery(ids.new(), peer, inbox) for peer, inbox in inboxes]
    await activities.add_deliveries(conn, id, by, about, new)
    return [one.id for one in new]


async def due(conn: Conn, peer: str = FAR) -> list[UUID]:
    return [one.id for one in await activities.list_due(conn, peer, 100)]


async def test_a_peer_is_leased_with_what_is_due_for_it(conn: Conn) -> None:
    ann = await actor(conn, "ann", None)
    await actor(conn, "pat", FAR)
    await actor(conn, "pat", NEAR)
    (made,) = await publish(conn, ann, (FAR, "https://far.example/inbox"))
    assert await activities.lease_peers(conn, 10, MINUTE) == [FAR]
    assert await activities.lease_peers(conn, 10, MINUTE) == []
    assert await due(conn) == [made]
    await activities.settle(conn, [Outcome(made, "done", 202)])
    await activities.release_peer(conn, FAR, sent=True)
    assert await activities.lease_peers(conn, 10, MINUTE) == []


async def test_the_same_inbox_gets_an_activity_once(conn: Conn) -> None:
    ann = await actor(conn, "ann", None)
    await actor(conn, "pat")
    inbox = (FAR, "https://far.example/inbox")
    await publish(conn, ann, inbox, inbox)
    assert len(await due(conn)) == 1


async def test_what_is_behind_something_that_waits_waits_with_it(conn: Conn) -> None:
    ann = await actor(conn, "ann", None)
    await actor(conn, "pat")
    one, two = (FAR, "https://far.example/1"), (FAR, "https://far.example/2")
    (first,) = await publish(conn, ann, one, about="thing")
    (second,) = await publish(conn, ann, one, about="thing")
    (elsewhere,) = await publish(conn, ann, two, about="thing")
    (other,) = await publish(conn, ann, one, about="other")
    await activities.settle(conn, [Outcome(first, "due", 503, "busy", MINUTE)])
    (third,) = await publish(conn, ann, one, about="thing")
    assert await due(conn) == [elsewhere, other]
    await db.run(conn, "update deliveries set next_at = now()")
    assert await due(conn) == [first, second, elsewhere, other, third]


async def test_what_is_about_nothing_in_particular_waits_alone(conn: Conn) -> None:
    ann = await actor(conn, "ann", None)
    await actor(conn, "pat")
    inbox = (FAR, "https://far.example/inbox")
    (first,) = await publish(conn, ann, inbox)
    (second,) = await publish(conn, ann, inbox)
    await activities.settle(conn, [Outcome(first, "due", 503, "busy", MINUTE)])
    (third,) = await publish(conn, ann, inbox)
    assert await due(conn) == [second, third]


async def test_what_ended_is_never_brought_back(conn: Conn) -> None:
    ann = await actor(conn, "ann", None)
    await actor(conn, "pat")
    (made,) = await publish(conn, ann, (FAR, "https://far.example/inbox"))
    await activities.settle(conn, [Outcome(made, "refused", 410)])
    await activities.settle(conn, [Outcome(made, "due", None, "late", NOW)])
    assert await due(conn) == []


async def test_failures_are_counted_and_forgotten_at_the_first_success(conn: Conn) -> None:
    await actor(conn, "pat")
    for _ in range(3):
        await activities.release_peer(conn, FAR, sent=False, error="silence", delay=MINUTE)
    query = "select failures, failing_since is null, last_error from peers where origin = %s"
    assert await (await conn.execute(query, [FAR])).fetchone() == (3, False, "silence")
    await activities.release_peer(conn, FAR, sent=True)
    assert await (await conn.execute(query, [FAR])).fetchone() == (0, True, "silence")


async def test_the_next_thing_to_do_is_known(conn: Conn) -> None:
    assert await activities.next_due(conn) is None
    ann = await actor(conn, "ann", None)
    await actor(conn, "pat")
    (made,) = await publish(conn, ann, (FAR, "https://far.example/inbox"))
    assert await activities.next_due(conn) == 0
    await activities.settle(conn, [Outcome(made, "due", None, "silence", MINUTE)])
    assert await activities.next_due(conn) == 60
    await activities.release_peer(conn, FAR, sent=False, error="silence", delay=2 * MINUTE)
    assert await activities.next_due(conn) == 120
    await db.run(conn, "update peers set paused_at = now()")
    assert await activities.next_due(conn) is None


async def test_what_waited_too_long_is_given_up(conn: Conn) -> None:
    ann = await actor(conn, "ann", None)
    await actor(conn, "pat")
    for number in range(3):
        await publish(conn, ann, (FAR, f"https://far.example/{number}"))
    (young,) = (await due(conn))[-1:]
    query = "update deliveries set created = now() - interval '31 days' where id <> %(id)s"
    await db.run(conn, query, {"id": young})
    before = await db.value(conn, "select now() - interval '30 days'")
    assert await ledgers.expire(conn, FAR, before) == 2
    assert await due(conn) == [young]


async def test_inboxes_are_shared_and_of_those_who_may_hear(conn: Conn) -> None:
    ann = await actor(conn, "ann", None)
    pat = await actor(conn, "pat", FAR, "https://far.example/inbox")
    sam = await actor(conn, "sam", FAR, "https://far.example/inbox")
    tim = await actor(conn, "tim", NEAR)
    for follower in (pat, sam, tim):
        await follows.put(conn, follower, ann, "accepted", "")

    async def found(*, linked: bool = False, to: tuple[UUID, ...] = ()) -> set[str]:
        inboxes = await follows.list_inboxes(
            conn, actors=to, followers_of=[ann], linked_only=linked
        )
        return {one.inbox.removeprefix("https://") for one in inboxes}

    assert await found() == {"far.example/inbox", "near.example/tim/inbox"}
    await db.run(conn, "update peers set link = 'linked' where origin = %(o)s", {"o": FAR})
    assert await found(linked=True) == {"far.example/inbox"}
    assert await found(linked=True, to=(tim,)) == {"far.example/inbox", "near.example/tim/inbox"}
    await db.run(conn, "update peers set publishes = false where origin = %(o)s", {"o": FAR})
    assert await found() == {"near.example/tim/inbox"}
    await db.run(conn, "update peers set blocked_at = now() where origin = %(o)s", {"o": NEAR})
    assert await found(to=(tim,)) == set()
    await db.run(conn, "update actors set deleted_at = now() where id = %(id)s", {"id": pat})
    assert await found(to=(pat,)) == set()
