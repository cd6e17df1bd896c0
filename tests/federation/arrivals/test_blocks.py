"""People elsewhere block ours; ours mute others."""

from typing import Any

from schema.actors import Actor
from tests import make, talk
from tests.peer import Peer
from tests.world import City, settle

FOLLOWS = "select count(*) from follows where followed_id = %s or follower_id = %s"


async def says(city: City, peer: Peer, activity: dict[str, Any], by: str = "") -> None:
    assert (await peer.says(city, activity, by=by)).status_code == 202
    await settle(city)


async def test_who_is_blocked_elsewhere_neither_follows_nor_writes(
    alpha: City, peer: Peer, ann: Actor
) -> None:
    await says(alpha, peer, peer.activity("Follow", ann.uri))
    block = peer.activity("Block", ann.uri)
    await says(alpha, peer, block)
    assert await alpha.value(FOLLOWS, ann.id, ann.id) == 0
    peer.heard.clear()
    async with await make.log_in(alpha, ann) as browser:
        for path, form in (
            ("/people/pat@far.test/following", {"on": "1"}),
            ("/messages", {"to": "pat@far.test", "source": "why?"}),
        ):
            assert (await browser.submit(path, form)).status_code == 403
        await settle(alpha)
        assert peer.heard == []
        await says(alpha, peer, peer.activity("Undo", block))
        sent = await browser.submit("/messages", {"to": "pat@far.test", "source": "hello"})
        assert sent.status_code == 303


async def test_nobody_blocks_or_unblocks_in_anothers_name(
    alpha: City, peer: Peer, ann: Actor
) -> None:
    group = peer.add_actor("bread", "Group")
    olaf = peer.add_actor("olaf")
    block = peer.activity("Block", ann.uri)
    await says(alpha, peer, peer.activity("Announce", block, by=group), by=group)
    assert await alpha.value("select count(*) from blocks") == 0
    await says(alpha, peer, block)
    undo = peer.activity("Undo", block)
    await says(alpha, peer, peer.activity("Announce", undo, by=group), by=group)
    await says(alpha, peer, peer.activity("Undo", block, by=olaf), by=olaf)
    assert await alpha.value("select count(*) from blocks") == 1


async def test_who_is_muted_is_not_seen_but_may_follow(alpha: City, peer: Peer, ann: Actor) -> None:
    ben = await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ben)
    post = await talk.start(alpha, ben, garden, "Loud")
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/people/ben/muting")
        assert "stumm geschaltet" in (await browser.get("/people/ben")).text
        assert (await browser.get(post.url)).status_code == 404
        async with await make.log_in(alpha, ben) as other:
            answer = await other.submit("/people/ann/following", {"on": "1"})
            assert answer.status_code == 303
        await browser.submit("/people/ben/unblocking")
        assert (await browser.get(post.url)).status_code == 200
        await browser.submit("/people/ben/blocking")
        await browser.submit("/people/ben/muting")
    assert await alpha.value("select kind from blocks") == "block", "a block is not weakened"
