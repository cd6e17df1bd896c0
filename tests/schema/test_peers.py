"""Other servers: their links, their blocks, their switches."""

from datetime import timedelta

import pytest

from schema import database as db
from schema import peers
from schema.database import Conn
from schema.errors import Missing

FAR = "https://far.example"


async def meet(conn: Conn, *hosts: str) -> None:
    for host in hosts:
        await peers.meet(conn, f"https://{host}", host)


async def test_a_server_is_met_once(conn: Conn) -> None:
    await meet(conn, "far.example", "far.example")
    found = await peers.get(conn, FAR)
    assert (found.link, found.publishes, found.receives, found.failures) == ("known", True, True, 0)
    assert await peers.find(conn, "https://other.example") is None
    with pytest.raises(Missing):
        await peers.get(conn, "https://other.example")
    by_host = await peers.find_by_host(conn, "FAR.example")
    assert by_host and by_host.origin == FAR


@pytest.mark.parametrize(
    ("origin", "blocked"),
    [
        (FAR, True),
        ("https://sub.far.example", True),
        ("https://a.b.far.example:8443", True),
        ("https://notfar.example", False),
        ("https://far.example.evil.example", False),
        ("https://example", False),
    ],
)
async def test_a_block_reaches_sub_domains_and_no_others(
    conn: Conn, origin: str, blocked: bool
) -> None:
    await meet(conn, "far.example")
    assert not await peers.is_blocked(conn, origin)
    await peers.block(conn, [FAR], "Spam")
    assert await peers.is_blocked(conn, origin) is blocked
    assert (await peers.standing(conn, origin)).blocked is blocked


async def test_a_block_ends_the_link_and_its_end_makes_strangers(conn: Conn) -> None:
    await meet(conn, "far.example", "sub.far.example", "near.example")
    await peers.set_link(conn, FAR, "linked")
    reached = await peers.list_under(conn, "far.example")
    assert sorted(reached) == [FAR, "https://sub.far.example"]
    await peers.block(conn, reached, "Spam")
    assert await peers.list_linked(conn) == []
    await peers.unblock(conn, FAR)
    for origin in reached:
        found = await peers.get(conn, origin)
        assert (found.link, found.blocked_at, found.reason) == ("known", None, "")


async def test_who_speaks_is_tried_again_at_once(conn: Conn) -> None:
    await meet(conn, "far.example")
    await db.run(conn, "update peers set next_at = now() + interval '1 hour', last_heard = now()")
    assert not (await peers.standing(conn, FAR)).heard
    await peers.heard(conn, FAR)
    found = await peers.get(conn, FAR)
    assert found.last_heard and found.next_at <= found.last_heard
    assert (await peers.standing(conn, FAR)).heard


async def test_a_pause_keeps_its_beginning(conn: Conn) -> None:
    await meet(conn, "far.example")
    began = None
    for paused in (True, True, False):
        await peers.set_switches(conn, FAR, publishes=False, receives=True, paused=paused)
        found = await peers.get(conn, FAR)
        assert (found.publishes, found.receives, bool(found.paused_at)) == (False, True, paused)
        assert not began or not found.paused_at or found.paused_at == began
        began = found.paused_at


async def test_the_list_shows_neighbours_first_and_the_blocked_last(conn: Conn) -> None:
    await meet(conn, "a.example", "b.example", "c.example", "d.example")
    await peers.set_link(conn, "https://d.example", "linked")
    await peers.set_link(conn, "https://c.example", "asking")
    await peers.block(conn, ["https://a.example"], "Spam")
    found = await peers.list_neighbours(conn, linked_only=False)
    assert [one.host[0] for one in found] == ["d", "c", "b", "a"]
    assert [one.host[0] for one in await peers.list_neighbours(conn, linked_only=True)] == ["d"]
    assert (await peers.get_neighbour(conn, "D.example")).is_neighbour


async def test_trying_now_makes_everything_due(conn: Conn) -> None:
    await meet(conn, "far.example")
    await db.run(conn, "update peers set next_at = now() + interval '1 hour'")
    await peers.retry(conn, FAR)
    wait = await db.value(
        conn, "select next_at - now() from peers where origin = %(o)s", {"o": FAR}
    )
    assert wait <= timedelta(0)
