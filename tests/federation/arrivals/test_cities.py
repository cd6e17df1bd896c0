"""What other cities, and others who are no cities, say to ours."""

import pytest

from federation import resolve
from federation.acts import cities as acts
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle

CITY = "http://alpha.test/city"


@pytest.fixture
def peer(wire: Wire) -> Peer:
    return Peer("peer.test", wire).start()


async def set_open(city: City) -> None:
    await city.execute("insert into settings (key, value) values ('federation', '\"open\"')")
    city.instance.forget_settings()


async def followers(city: City, uri: str) -> int:
    return await city.value(
        "select count(*) from follows join actors on id = follower_id "
        "where actors.uri = %s and follows.state = 'accepted'",
        uri,
    )


def answers(peer: Peer) -> list[str]:
    return [heard["type"] for heard in peer.heard if heard["type"] in ("Accept", "Reject")]


async def test_a_stranger_who_follows_the_city_is_refused_where_only_neighbours_are_heard(
    alpha: City, peer: Peer
) -> None:
    follow = peer.activity("Follow", CITY)
    assert (await peer.says(alpha, follow)).status_code == 202
    await settle(alpha)
    assert answers(peer) == ["Reject"]
    assert peer.heard[0]["object"]["id"] == follow["id"]
    assert await followers(alpha, peer.pat) == 0


async def test_a_stranger_who_follows_the_city_hears_it_where_the_place_is_open(
    alpha: City, peer: Peer
) -> None:
    await set_open(alpha)
    follow = peer.activity("Follow", CITY)
    await peer.says(alpha, follow)
    await settle(alpha)
    assert answers(peer) == ["Accept"]
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, "A ladder")
    await make.a_proposal(alpha, ann, "A saw", scope="neighbours")
    await settle(alpha)
    text = str(peer.heard)
    assert "A ladder" in text and "A saw" not in text
    await peer.says(alpha, peer.activity("Undo", follow))
    await settle(alpha)
    assert await followers(alpha, peer.pat) == 0


async def test_a_person_of_a_neighbour_may_follow_the_city(alpha: City, peer: Peer) -> None:
    await befriend(alpha, peer)
    await peer.says(alpha, peer.activity("Follow", CITY))
    await settle(alpha)
    assert answers(peer) == ["Accept"]
    assert await followers(alpha, peer.pat) == 1


async def test_following_makes_nobody_a_neighbour(alpha: City, peer: Peer) -> None:
    await set_open(alpha)
    group = peer.add_actor("garden", "Group")
    for by in (peer.pat, group):
        await peer.says(alpha, peer.activity("Follow", CITY, by=by), by=by)
    await settle(alpha)
    assert await alpha.value("select link from peers where host = 'peer.test'") == "known"
    notices = "select count(*) from notices where kind = 'city'"
    assert await alpha.value(notices) == 0


async def test_an_answer_that_nobody_asked_for_links_nothing(alpha: City, peer: Peer) -> None:
    city = peer.add_actor("city", "Group", offers=f"{peer.origin}/c/city/offers")
    follow = {"id": f"{CITY}/made-up", "type": "Follow", "actor": CITY, "object": city}
    await peer.says(alpha, peer.activity("Accept", follow, by=city), by=city)
    await settle(alpha)
    assert await alpha.value("select link from peers where host = 'peer.test'") == "known"
    state = "select state from activities where type = 'Accept' and direction = 'in'"
    assert await alpha.value(state + " order by id desc") == "refused"


async def test_a_city_that_says_yes_and_does_not_ask_for_the_same_is_no_neighbour(
    alpha: City, peer: Peer
) -> None:
    uri = peer.add_actor("city", "Group", offers=f"{peer.origin}/c/city/offers")
    city = await resolve.actor(alpha.instance, uri)
    async with alpha.instance.begin() as tx:
        await acts.ask(tx, by=None, other=city)
    await settle(alpha)
    (follow,) = [heard for heard in peer.heard if heard["type"] == "Follow"]
    await peer.says(alpha, peer.activity("Accept", follow, by=uri), by=uri)
    await settle(alpha)
    link = "select link from peers where host = 'peer.test'"
    assert await alpha.value(link) == "asked"
    await peer.says(alpha, peer.activity("Follow", CITY, by=uri), by=uri)
    await settle(alpha)
    assert await alpha.value(link) == "linked"


async def test_only_the_city_itself_ends_its_link(alpha: City, beta: City, peer: Peer) -> None:
    beta_city = f"{beta.origin}/city"
    follow = {"type": "Follow", "actor": beta_city, "object": CITY}
    await peer.says(alpha, peer.activity("Undo", follow))
    await peer.says(alpha, peer.activity("Reject", {**follow, "actor": CITY, "object": beta_city}))
    await settle(alpha)
    assert await alpha.value("select link from peers where host = 'beta.test'") == "linked"


async def test_a_city_that_changes_its_name_is_shown_with_the_new_one(
    alpha: City, peer: Peer
) -> None:
    await befriend(alpha, peer)
    city = peer.add_actor("city", "Group", offers=f"{peer.origin}/c/city/offers")
    peer.documents[city]["name"] = "Old"
    await peer.says(alpha, peer.activity("Follow", CITY, by=city), by=city)
    await settle(alpha)
    peer.documents[city]["name"] = "New"
    told = {**peer.documents[city], "name": "What the message says"}
    await peer.says(alpha, peer.activity("Update", told, by=city), by=city)
    await settle(alpha)
    assert await alpha.value("select title from peers where host = 'peer.test'") == "New"
    assert await alpha.value("select title from actors where uri = %s", city) == "New"
