"""What was said before somebody here listened is fetched, bounded, and believed of nobody else."""

from itertools import pairwise
from typing import Any

import pytest

from federation import backfill, resolve
from federation.errors import Unreachable
from schema import posts
from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.federation.test_discover import do_jobs
from tests.peer import PUBLIC, Peer, befriend
from tests.world import City, Wire, settle


@pytest.fixture
async def peer(beta: City, wire: Wire) -> Peer:
    """A server that beta listens to, with a group `bread`."""
    peer = Peer("far.test", wire).start()
    peer.add_actor("bread", "Group")
    await befriend(beta, peer)
    return peer


def bread(peer: Peer) -> str:
    return f"{peer.origin}/c/bread"


async def knows(city: City, uri: str) -> bool:
    async with city.instance.read() as conn:
        return await posts.find(conn, uri) is not None


async def old_talk(alpha: City, ann: Actor, community: Community) -> list[str]:
    """Two threads, the first with two replies, the second pinned, and one that was taken back."""
    first = await talk.start(alpha, ann, community, "Seeds")
    one = await talk.reply(alpha, ann, first, "One")
    two = await talk.reply(alpha, ann, one, "Two")
    second = await talk.start(alpha, ann, community, "Water")
    await alpha.execute("update posts set pinned_at = now() where id = %s", second.id)
    return [first.uri, second.uri, one.uri, two.uri]


@pytest.mark.parametrize("rule", ["open", "hidden"])
async def test_who_joins_reads_what_was_said_before(
    alpha: City, beta: City, gamma: City, ann: Actor, rule: str
) -> None:
    garden = await make.a_community(alpha, ann, "garden", rule)
    first, second, one, two = await old_talk(alpha, ann, garden)
    ben = await make.a_person(beta, "ben")
    if rule == "hidden":
        await _let_in(alpha, beta, garden, ben)
    await talk.join(beta, ben, garden, alpha)
    await do_jobs(beta)
    assert [await knows(beta, uri) for uri in (first, second, one)] == [True, True, True]
    async with beta.instance.read() as conn:
        root, pinned = await posts.find(conn, first), await posts.find(conn, second)
    assert root is not None and pinned is not None and pinned.pinned_at
    assert (root.replies, root.scope) == (2, "everyone" if rule == "open" else "community")
    async with await make.log_in(beta, ben) as browser:
        page = (await browser.get(root.url)).text
    assert "One" in page and "Two" in page
    if rule == "hidden":
        assert (await beta.get(root.url)).status_code == 404
        await resolve.city(gamma.instance, alpha.origin)
        for uri in (garden.uri, first, two):
            await backfill.job(gamma.instance, uri)
        assert not await knows(gamma, first)


async def _let_in(alpha: City, beta: City, garden: Community, ben: Actor) -> None:
    """ben is invited into the hidden community."""
    there = await resolve.actor(alpha.instance, ben.uri)
    await alpha.execute(
        "insert into memberships (community_id, person_id, state, decided_by) "
        "select %s, %s, 'invited', created_by from communities where actor_id = %s",
        garden.actor_id,
        there.id,
        garden.actor_id,
    )


async def test_who_opens_a_thread_gets_the_replies_that_were_missing(
    alpha: City, beta: City, ann: Actor
) -> None:
    garden = await make.a_community(alpha, ann)
    ben = await make.a_person(beta, "ben")
    await talk.join(beta, ben, garden, alpha)
    await do_jobs(beta)
    root = await talk.start(alpha, ann, garden)
    await settle(alpha, beta)
    reply = await talk.reply(alpha, ann, root, "Unheard")
    await alpha.execute("delete from deliveries where state = 'due'")
    here = await talk.copy(beta, root)
    assert here is not None and not await knows(beta, reply.uri)
    await beta.get(here.url)  # a guest sets nothing in motion
    await do_jobs(beta)
    assert not await knows(beta, reply.uri)
    async with await make.log_in(beta, ben) as browser:
        await browser.get(here.url)
        await do_jobs(beta)
        assert "Unheard" in (await browser.get(here.url)).text
    jobs = (
        "select count(*) from procrastinate_jobs where task_name = 'backfill' and args->>'uri' = %s"
    )
    assert await beta.value(jobs, root.uri) == 1, "not again within the hour"


async def a_foreign_root(beta: City, peer: Peer, **more: Any) -> dict[str, Any]:
    """A first post in the peer's group, which beta has."""
    group = bread(peer)
    await peer.says(beta, peer.activity("Update", peer.documents[group], by=group), by=group)
    root = peer.note(name="Rye", audience=group, to=[PUBLIC, group], **more)
    await peer.says(beta, peer.activity("Announce", root["id"], by=group), by=group)
    await settle(beta)
    assert await knows(beta, root["id"])
    return root


def below(peer: Peer, parent: str, **more: Any) -> dict[str, Any]:
    return peer.note(inReplyTo=parent, audience=bread(peer), to=[PUBLIC, bread(peer)], **more)


async def test_without_a_list_the_replies_are_followed_to_a_depth(beta: City, peer: Peer) -> None:
    root = await a_foreign_root(beta, peer)
    chain = [root]
    for _ in range(backfill.DEEPEST + 2):
        chain.append(below(peer, chain[-1]["id"]))
    for above, reply in pairwise(chain):
        above["replies"] = {"type": "Collection", "first": {"items": [reply["id"]]}}
    await backfill.job(beta.instance, root["id"])
    found = [await knows(beta, post["id"]) for post in chain]
    assert found == [True] * (backfill.DEEPEST + 1) + [False] * 2


async def test_no_more_is_fetched_than_a_number(beta: City, peer: Peer) -> None:
    context = f"{peer.origin}/context/1"
    root = await a_foreign_root(beta, peer, context=context)
    replies = [below(peer, root["id"])["id"] for _ in range(backfill.MOST_POSTS + 5)]
    peer.add({"id": context, "type": "OrderedCollection", "orderedItems": [root["id"], *replies]})
    await backfill.job(beta.instance, root["id"])
    assert await beta.value("select count(*) from posts") == backfill.MOST_POSTS + 1


async def test_a_list_puts_no_words_into_anybodys_mouth(beta: City, wire: Wire, peer: Peer) -> None:
    third = Peer("third.test", wire).start()
    context = f"{peer.origin}/context/1"
    root = await a_foreign_root(beta, peer, context=context)
    said = below(peer, root["id"], by=third.pat)  # served by another server than its author's
    lie = {**below(peer, root["id"]), "id": f"{third.origin}/notes/lie"}  # not what third says
    true = third.note(inReplyTo=root["id"], audience=bread(peer), to=[PUBLIC, bread(peer)])
    items = [said["id"], lie, true["id"], f"{beta.origin}/posts/1"]
    peer.add({"id": context, "type": "OrderedCollection", "orderedItems": items})
    await backfill.job(beta.instance, root["id"])
    found = [await knows(beta, uri) for uri in (said["id"], lie["id"], true["id"])]
    assert found == [False, False, True]


async def test_a_thread_cannot_name_a_list_of_another_server(
    beta: City, wire: Wire, peer: Peer
) -> None:
    third = Peer("third.test", wire).start()
    context = f"{third.origin}/context/1"
    root = await a_foreign_root(beta, peer, context=context)
    stranger = third.note(inReplyTo=root["id"])
    third.add({"id": context, "type": "OrderedCollection", "orderedItems": [stranger["id"]]})
    asked = wire.tried("third.test")
    await backfill.job(beta.instance, root["id"])
    assert wire.tried("third.test") == asked


async def test_a_group_and_a_post_name_no_list_of_another_server(
    beta: City, wire: Wire, peer: Peer
) -> None:
    third = Peer("third.test", wire).start()
    root = await a_foreign_root(beta, peer)
    group, said = bread(peer), below(peer, root["id"])["id"]

    async def found(where: str) -> tuple[bool, bool, int]:
        before = wire.tried("third.test")
        server = peer if where == group else third
        for name in ("outbox", "featured"):
            address = peer.documents[group][name] = f"{where}/{name}"
            server.add({"id": address, "type": "OrderedCollection", "orderedItems": [root["id"]]})
        root["replies"] = replies = f"{where}/replies"
        server.add({"id": replies, "type": "Collection", "items": [said]})
        for uri in (group, root["id"]):
            await backfill.job(beta.instance, uri)
        async with beta.instance.read() as conn:
            post = await posts.find(conn, root["id"])
        pinned = post is not None and post.pinned_at is not None
        return pinned, await knows(beta, said), wire.tried("third.test") - before

    assert await found(f"{third.origin}/c/bread") == (False, False, 0)
    assert await found(group) == (True, True, 0)


async def test_a_silent_server_is_asked_again_by_the_queue(beta: City, peer: Peer) -> None:
    root = await a_foreign_root(beta, peer)
    peer.wire.cut("far.test")
    with pytest.raises(Unreachable):
        await backfill.job(beta.instance, root["id"])
    peer.wire.mend("far.test")
    await backfill.job(beta.instance, root["id"])


async def test_an_outbox_for_members_shows_nothing_that_is_for_neighbours(
    alpha: City, wire: Wire, ann: Actor
) -> None:
    await alpha.execute("insert into settings (key, value) values ('federation', '\"open\"')")
    alpha.instance.forget_settings()
    garden = await make.a_community(alpha, ann)
    far = Peer("far.test", wire).start()
    await far.says(alpha, far.activity("Follow", garden.uri))
    await settle(alpha)
    for scope in ("community", "neighbours", "everyone"):
        await make.a_proposal(alpha, ann, f"Thing for {scope}", garden, scope=scope)
    path = "/communities/garden/outbox?page=first"
    headers = {"Accept": "application/activity+json"}
    mine = (await far.asks(alpha, path)).text
    public = (await alpha.get(path, **headers)).text
    assert [f"for {s}" in mine for s in ("community", "neighbours", "everyone")] == [1, 0, 1]
    assert [f"for {s}" in public for s in ("community", "neighbours", "everyone")] == [0, 0, 1]
