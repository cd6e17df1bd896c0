"""People of other servers: following, changing, leaving, and those who lie about it."""

from tests import make
from tests.peer import Peer, befriend
from tests.world import City, fast_forward, settle


async def a_peer(city: City) -> Peer:
    peer = Peer("other.test", city.wire).start()
    await befriend(city, peer)
    return peer


async def verdict(city: City) -> str:
    query = "select state || ': ' || verdict from activities order by id desc limit 1"
    return await city.value(query)


async def test_a_follow_is_accepted_with_an_accept_that_names_it(alpha: City) -> None:
    ann, peer = await make.a_person(alpha, "ann"), await a_peer(alpha)
    asked = peer.activity("Follow", ann.uri)
    assert (await peer.says(alpha, asked)).status_code == 202
    await settle(alpha)
    (answer,) = peer.heard
    assert (answer["type"], answer["actor"]) == ("Accept", ann.uri)
    assert answer["object"]["id"] == asked["id"]
    assert await alpha.value("select state from follows where uri = %s", asked["id"]) == "accepted"


async def test_a_follow_of_nobody_is_not_accepted(alpha: City) -> None:
    peer = await a_peer(alpha)
    await peer.says(alpha, peer.activity("Follow", f"{alpha.origin}/people/nobody"))
    await settle(alpha)
    assert peer.heard == []


async def test_an_undone_follow_is_gone(alpha: City) -> None:
    ann, peer = await make.a_person(alpha, "ann"), await a_peer(alpha)
    asked = peer.activity("Follow", ann.uri)
    await peer.says(alpha, asked)
    await settle(alpha)
    await peer.says(alpha, peer.activity("Undo", asked))
    await settle(alpha)
    assert await alpha.value("select count(*) from follows where uri = %s", asked["id"]) == 0


async def test_an_update_is_read_from_the_persons_own_server(alpha: City) -> None:
    peer = await a_peer(alpha)
    ann = await make.a_person(alpha, "ann")
    await peer.says(alpha, peer.activity("Follow", ann.uri))
    await settle(alpha)
    claimed = {**peer.documents[peer.pat], "name": "claimed in the message"}
    peer.documents[peer.pat]["name"] = "Pat of today"
    await peer.says(alpha, peer.activity("Update", claimed))
    await settle(alpha)
    assert await alpha.value("select title from actors where uri = %s", peer.pat) == "Pat of today"


async def test_nobody_changes_or_deletes_somebody_else(alpha: City) -> None:
    peer = await a_peer(alpha)
    sam = peer.add_actor("sam")
    peer.documents[sam]["name"] = "Sam"
    ann = await make.a_person(alpha, "ann")
    for person in (peer.pat, sam):
        await peer.says(alpha, peer.activity("Follow", ann.uri, by=person), by=person)
    await settle(alpha)
    await peer.says(alpha, peer.activity("Delete", sam))
    await peer.says(alpha, peer.activity("Delete", ann.uri))
    await peer.says(alpha, peer.activity("Update", {**peer.documents[sam], "name": "Fool"}))
    await settle(alpha)
    gone = "select count(*) from actors where deleted_at is not null"
    assert await alpha.value(gone) == 0
    assert await alpha.value("select title from actors where uri = %s", sam) == "Sam"


async def test_who_leaves_takes_their_words_along(alpha: City) -> None:
    ann, peer = await make.a_person(alpha, "ann"), await a_peer(alpha)
    await peer.says(alpha, peer.activity("Follow", ann.uri))
    await settle(alpha)
    del peer.documents[peer.pat]
    await peer.says(alpha, peer.activity("Delete", peer.pat))
    await settle(alpha)
    state = "select (deleted_at is not null) || title || about_html from actors where uri = %s"
    assert await alpha.value(state, peer.pat) == "true"
    assert await alpha.value("select count(*) from follows where followed_id = %s", ann.id) == 0


async def test_a_group_cannot_say_that_a_person_of_a_third_server_is_gone(alpha: City) -> None:
    peer = await a_peer(alpha)
    third = Peer("third.test", alpha.wire).start()
    await befriend(alpha, third)
    ann = await make.a_person(alpha, "ann")
    await third.says(alpha, third.activity("Follow", ann.uri))
    group = peer.add_actor("club", "Group")
    await settle(alpha)
    inner = third.activity("Delete", third.pat)
    await peer.says(alpha, peer.activity("Announce", inner, by=group), by=group)
    await settle(alpha)
    assert await alpha.value("select deleted_at is null from actors where uri = %s", third.pat)


async def test_a_server_that_is_away_is_asked_again_for_the_news(alpha: City) -> None:
    ann, peer = await make.a_person(alpha, "ann"), await a_peer(alpha)
    await peer.says(alpha, peer.activity("Follow", ann.uri))
    await settle(alpha)
    peer.documents[peer.pat]["name"] = "Pat of today"
    await peer.says(alpha, peer.activity("Update", peer.documents[peer.pat]))
    alpha.wire.cut("other.test")
    await settle(alpha)
    title = "select title from actors where uri = %s"
    assert await alpha.value(title, peer.pat) != "Pat of today"
    alpha.wire.mend("other.test")
    await fast_forward(alpha)
    await settle(alpha)
    assert await alpha.value(title, peer.pat) == "Pat of today"
