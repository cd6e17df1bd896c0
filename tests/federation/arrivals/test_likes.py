"""Likes of people elsewhere, and ours as they reach others."""

from typing import Any

from schema import communities, likes, posts
from schema.actors import Actor
from schema.communities import Community
from schema.posts import Post
from tests import make, talk
from tests.peer import PUBLIC, Peer, befriend
from tests.world import City, Wire, settle


async def liked(city: City, uri: str) -> int:
    async with city.instance.read() as conn:
        post = await posts.find(conn, uri)
        return -1 if post is None else await likes.count(conn, post.id)


async def says(city: City, peer: Peer, activity: dict[str, Any], by: str = "") -> None:
    assert (await peer.says(city, activity, by=by)).status_code == 202
    await settle(city)


def announces(peer: Peer) -> list[Any]:
    return [heard["object"] for heard in peer.heard if heard["type"] == "Announce"]


async def a_follower(city: City, peer: Peer, community: Community) -> None:
    await says(city, peer, peer.activity("Follow", community.uri))
    peer.heard.clear()


async def test_a_like_counts_once_and_is_passed_on(
    alpha: City, peer: Peer, ann: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    await a_follower(alpha, peer, garden)
    like = peer.activity("Like", root.uri)
    for activity in (like, peer.activity("EmojiReact", root.uri, content="🌱")):
        await says(alpha, peer, activity)
    assert await liked(alpha, root.uri) == 1
    assert like in announces(peer)
    assert await talk.told(alpha, ann) == []
    await says(alpha, peer, peer.activity("Undo", like))
    assert await liked(alpha, root.uri) == 0


async def test_nobody_takes_back_anothers_like(
    alpha: City, peer: Peer, ann: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    like = peer.activity("Like", root.uri)
    await says(alpha, peer, like)
    olaf = peer.add_actor("olaf")
    await says(alpha, peer, peer.activity("Undo", like, by=olaf), by=olaf)
    assert await liked(alpha, root.uri) == 1


async def test_one_who_is_banned_does_not_count(
    alpha: City, peer: Peer, ann: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    await says(alpha, peer, peer.activity("Join", garden.uri, to=[garden.uri]))
    await alpha.execute("update memberships set state = 'banned' where role = 'member'")
    await says(alpha, peer, peer.activity("Like", root.uri))
    assert await liked(alpha, root.uri) == 0
    await alpha.execute("update memberships set state = 'member' where role = 'member'")
    await says(alpha, peer, peer.activity("Like", root.uri))
    assert await liked(alpha, root.uri) == 1


async def a_thread_elsewhere(alpha: City, peer: Peer) -> tuple[str, str]:
    """A group of the peer that somebody of alpha follows, and a post in it."""
    group = peer.add_actor("bread", "Group")
    cid = await make.a_person(alpha, "cid")
    await says(alpha, peer, peer.activity("Update", peer.documents[group], by=group), by=group)
    async with alpha.instance.read() as conn:
        known = await communities.find_by_uri(conn, group)
        assert known is not None
    await alpha.execute(
        "insert into memberships (community_id, person_id, state) values (%s, %s, 'member')",
        known.actor_id,
        cid.id,
    )
    note = peer.note(name="Rye", audience=group, to=[PUBLIC, group])
    await says(alpha, peer, peer.activity("Announce", note["id"], by=group), by=group)
    return group, note["id"]


async def test_a_group_passes_on_likes_of_its_own_posts_only(
    alpha: City, wire: Wire, peer: Peer, ann: Actor, garden: Community
) -> None:
    group, post = await a_thread_elsewhere(alpha, peer)
    third = Peer("third.test", wire).start()
    ours = await talk.start(alpha, ann, garden)
    like = third.activity("Like", post)
    await says(alpha, peer, peer.activity("Announce", like, by=group), by=group)
    assert await liked(alpha, post) == 1
    lie = third.activity("Like", ours.uri)
    await says(alpha, peer, peer.activity("Announce", lie, by=group), by=group)
    assert await liked(alpha, ours.uri) == 0
    undo = third.activity("Undo", like)
    await says(alpha, peer, peer.activity("Announce", undo, by=group), by=group)
    assert await liked(alpha, post) == 0


async def test_a_group_ends_no_follow_of_people_of_other_servers(
    alpha: City, wire: Wire, peer: Peer, ann: Actor
) -> None:
    group, _ = await a_thread_elsewhere(alpha, peer)
    third = Peer("third.test", wire).start()
    await befriend(alpha, third)
    follow = third.activity("Follow", ann.uri)
    await says(alpha, third, follow)
    query = "select count(*) from follows where followed_id = %s"
    assert await alpha.value(query, ann.id) == 1
    undo = third.activity("Undo", follow)
    await says(alpha, peer, peer.activity("Announce", undo, by=group), by=group)
    assert await alpha.value(query, ann.id) == 1


async def test_ours_reaches_group_and_author_and_so_does_its_end(alpha: City, peer: Peer) -> None:
    group, uri = await a_thread_elsewhere(alpha, peer)
    async with alpha.instance.read() as conn:
        post = await posts.find(conn, uri)
        assert post is not None
    dora = await make.a_person(alpha, "dora")
    peer.heard.clear()
    async with await make.log_in(alpha, dora) as browser:
        assert "Hilfreich" in (await browser.get(post.url)).text
        await browser.submit(f"{post.url}/helpful", {"on": "1"})
        assert "Hat dir geholfen" in (await browser.get(post.url)).text
        await browser.submit(f"{post.url}/helpful")
    assert "geholfen" not in (await alpha.get(post.url)).text
    await settle(alpha)
    like, undo = {heard["id"]: heard for heard in peer.heard}.values()
    assert (like["type"], like["object"], like["audience"]) == ("Like", uri, group)
    assert (undo["type"], undo["object"]["id"]) == ("Undo", like["id"])


async def test_what_is_helpful_here_is_seen_in_the_neighbour_city(
    alpha: City, beta: City, ann: Actor, garden: Community
) -> None:
    ben = await make.a_person(beta, "ben")
    await talk.join(beta, ben, garden, alpha)
    root: Post = await talk.start(alpha, ann, garden)
    await settle(alpha, beta)
    here = await talk.copy(beta, root)
    assert here is not None
    async with await make.log_in(beta, ben) as browser:
        await browser.submit(f"{here.url}/helpful", {"on": "1"})
    await settle(beta, alpha)
    assert await liked(alpha, root.uri) == 1
    assert "1 Person findet das hilfreich" in (await alpha.get(root.url)).text
