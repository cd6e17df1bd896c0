"""Needs and offers that come from other servers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from federation import resolve
from federation.acts import memberships, posts
from federation.acts import proposals as acts
from federation.acts.drafts import Draft
from schema import communities, places, proposals
from schema.actors import Actor
from schema.proposals import Filter, Proposal
from tests import make
from tests.peer import PUBLIC, Peer
from tests.world import City, Wire, settle


def a_listing(peer: Peer, title: str = "Bike", **more: Any) -> dict[str, Any]:
    """An offer of pat's as FEP-0837 has it, served at its id."""
    values: dict[str, Any] = {
        "name": title,
        "purpose": "offer",
        "unitBased": False,
        "publishes": {
            "type": "Intent",
            "action": "transfer",
            "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "1"},
        },
        "to": [PUBLIC],
        "cc": [f"{peer.pat}/followers"],
        **more,
    }
    return peer.note(**values)


async def found(city: City, uri: str) -> Proposal | None:
    async with city.instance.read() as conn:
        return await proposals.find(conn, uri)


async def got(city: City, uri: str) -> Proposal:
    row = await found(city, uri)
    assert row is not None, f"{city.origin} does not know {uri}"
    return row


async def verdict(city: City, activity: dict[str, Any]) -> str:
    return await city.value(
        "select state || ': ' || verdict from activities where uri = %s", activity["id"]
    )


async def says(city: City, peer: Peer, kind: str, object: Any, **more: Any) -> str:
    activity = peer.activity(kind, object, **more)
    answer = await peer.says(city, activity, by=more.get("by", ""))
    assert answer.status_code == 202, answer.text
    await settle(city)
    return await verdict(city, activity)


async def test_a_foreign_offer_is_stored_with_a_rough_place_only(alpha: City, peer: Peer) -> None:
    listing = a_listing(
        peer, location={"type": "Place", "name": "Graz", "latitude": 47.06834, "longitude": 15.456}
    )
    assert await says(alpha, peer, "Create", listing) == "done: "
    row = await got(alpha, listing["id"])
    assert (row.title, row.scope, row.quantity, row.unit) == ("Bike", "everyone", 1, "piece")
    assert (row.latitude, row.longitude) == places.rough(47.06834, 15.456)
    async with alpha.instance.read() as conn:
        (card,) = await proposals.list_cards(conn, Filter())
    assert (card.author_host, card.place_name) == ("far.test", "Graz")


async def test_the_same_listing_by_several_ways_is_one_row(alpha: City, peer: Peer) -> None:
    listing = a_listing(peer)
    for _ in range(3):
        assert await says(alpha, peer, "Create", listing) == "done: "
    assert await alpha.value("select count(*) from proposals") == 1


async def test_a_newer_update_changes_it_and_an_older_one_does_not(alpha: City, peer: Peer) -> None:
    listing = a_listing(peer, updated="2026-05-02T00:00:00Z", published="2026-05-01T00:00:00Z")
    await says(alpha, peer, "Create", listing)
    newer = {**listing, "name": "Red bike", "updated": "2026-05-03T00:00:00Z"}
    await says(alpha, peer, "Update", newer)
    older = {**listing, "name": "Old bike", "updated": "2026-05-02T12:00:00Z"}
    await says(alpha, peer, "Update", older)
    assert (await got(alpha, listing["id"])).title == "Red bike"
    bare = {key: value for key, value in newer.items() if key != "updated"}
    await says(alpha, peer, "Update", {**bare, "name": "Blue bike"})
    assert (await got(alpha, listing["id"])).title == "Blue bike"


async def test_an_update_of_something_unknown_makes_it_known(alpha: City, peer: Peer) -> None:
    listing = a_listing(peer)
    await says(alpha, peer, "Update", listing)
    assert (await got(alpha, listing["id"])).title == "Bike"


async def test_a_finished_one_is_closed(alpha: City, peer: Peer) -> None:
    listing = a_listing(peer, published="2026-05-01T00:00:00Z")
    await says(alpha, peer, "Create", listing)
    intent = {**listing["publishes"], "finished": True}
    await says(alpha, peer, "Update", {**listing, "publishes": intent})
    assert (await got(alpha, listing["id"])).state == "closed"


async def test_only_the_owner_deletes(alpha: City, peer: Peer) -> None:
    listing = a_listing(peer)
    other = peer.add_actor("olaf")
    await says(alpha, peer, "Create", listing)
    said = await says(alpha, peer, "Delete", listing["id"], by=other)
    assert said.startswith("refused")
    assert (await got(alpha, listing["id"])).state == "open"
    assert await says(alpha, peer, "Delete", {"id": listing["id"], "type": "Tombstone"}) == "done: "
    row = await got(alpha, listing["id"])
    assert (row.state, row.html, row.title) == ("withdrawn", "", "–")
    await says(alpha, peer, "Create", listing)
    assert (await got(alpha, listing["id"])).state == "withdrawn"


async def test_a_delete_that_comes_first_is_remembered(alpha: City, peer: Peer) -> None:
    listing = a_listing(peer)
    await says(alpha, peer, "Delete", listing["id"])
    await says(alpha, peer, "Create", listing)
    assert await found(alpha, listing["id"]) is None


async def test_nobody_publishes_or_changes_in_anothers_name(alpha: City, peer: Peer) -> None:
    other = peer.add_actor("olaf")
    listing = a_listing(peer)
    said = await says(alpha, peer, "Create", listing, by=other)
    assert said.startswith("refused")
    await says(alpha, peer, "Create", listing)
    stolen = {**listing, "attributedTo": other, "name": "Mine", "updated": "2026-05-03T00:00:00Z"}
    await says(alpha, peer, "Update", stolen, by=other)
    assert (await got(alpha, listing["id"])).title == "Bike"


async def test_a_place_that_is_not_heard_is_not_shown(alpha: City, peer: Peer) -> None:
    await alpha.execute("update peers set receives = false where origin = %s", peer.origin)
    listing = a_listing(peer)
    assert await says(alpha, peer, "Create", listing) is None, "not even kept"
    assert await found(alpha, listing["id"]) is None


async def test_what_is_meant_for_nobody_here_is_not_kept(alpha: City, peer: Peer) -> None:
    for to in ([f"{peer.pat}/followers"], [], [f"{peer.origin}/c/secret"]):
        listing = a_listing(peer, to=to, cc=[])
        assert (await says(alpha, peer, "Create", listing)).startswith("refused")
        assert await found(alpha, listing["id"]) is None


async def test_a_need_without_an_end_gets_one(alpha: City, peer: Peer) -> None:
    listing = a_listing(peer, purpose="request")
    await says(alpha, peer, "Create", listing)
    until = (await got(alpha, listing["id"])).until
    assert until and until < datetime.now(UTC) + timedelta(days=367)


async def test_times_that_lie_ahead_are_now(alpha: City, peer: Peer) -> None:
    listing = a_listing(peer, published="2999-01-01T00:00:00Z", updated="2999-01-01T00:00:00Z")
    await says(alpha, peer, "Create", listing)
    row = await got(alpha, listing["id"])
    assert row.created <= alpha.clock() and row.updated <= alpha.clock()


async def join(city: City, person: Actor, community: Any) -> None:
    async with city.instance.begin() as tx:
        await memberships.ask(tx, by=person, community=community)


async def a_member_pat(alpha: City, peer: Peer, group: str) -> None:
    """pat belongs to a community of alpha, as if through Join and Accept."""
    joined = peer.activity("Join", group, to=[group])
    assert (await peer.says(alpha, joined)).status_code == 202
    await settle(alpha)
    member = await alpha.value(
        "select count(*) from memberships m join actors a on "
        "a.id = m.person_id where a.uri = %s and m.state = 'member'",
        peer.pat,
    )
    assert member == 1


async def test_a_foreign_member_shares_in_a_community_which_passes_it_on(
    alpha: City, peer: Peer
) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    await a_member_pat(alpha, peer, garden.uri)
    listing = a_listing(peer, to=[garden.uri], cc=[], audience=garden.uri)
    assert await says(alpha, peer, "Create", listing) == "done: "
    row = await got(alpha, listing["id"])
    assert (row.scope, row.community_id) == ("community", garden.actor_id)
    passed = await alpha.value(
        "select count(*) from activities where direction = 'out' and type = 'Announce' "
        "and object_uri = %s",
        listing["id"],
    )
    assert passed == 1


async def test_a_stranger_does_not_get_into_a_community(alpha: City, peer: Peer) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    hidden = a_listing(peer, to=[garden.uri], cc=[], audience=garden.uri)
    assert (await says(alpha, peer, "Create", hidden)).startswith("refused")
    public = a_listing(peer, to=[PUBLIC, garden.uri], audience=garden.uri)
    await says(alpha, peer, "Create", public)
    assert (await got(alpha, public["id"])).community_id is None


async def test_in_a_hidden_community_even_public_things_stay_inside(
    alpha: City, peer: Peer
) -> None:
    ann = await make.a_person(alpha, "ann")
    hidden = await make.a_community(alpha, ann, "shadow", "hidden")
    await alpha.execute(
        "update communities set join_rule = 'open' where actor_id = %s", hidden.actor_id
    )
    await a_member_pat(alpha, peer, hidden.uri)
    await alpha.execute(
        "update communities set join_rule = 'hidden' where actor_id = %s", hidden.actor_id
    )
    listing = a_listing(peer, to=[PUBLIC, hidden.uri], audience=hidden.uri)
    await says(alpha, peer, "Create", listing)
    assert (await got(alpha, listing["id"])).scope == "community"


async def test_a_moderator_here_removes_what_a_foreign_member_shared(
    alpha: City, peer: Peer
) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    await a_member_pat(alpha, peer, garden.uri)
    listing = a_listing(peer, to=[PUBLIC, garden.uri], audience=garden.uri)
    await says(alpha, peer, "Create", listing)
    from_acts = await got(alpha, listing["id"])
    async with alpha.instance.begin() as tx:
        await acts.remove(tx, by=ann, proposal=from_acts, reason="Off topic.")
    await settle(alpha)
    assert (await got(alpha, listing["id"])).state == "removed"
    deletes = [said for said in peer.heard if said["type"] == "Delete"]
    assert [said["summary"] for said in deletes] == ["Off topic."]


async def test_between_cities_the_circles_are_kept(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    carl = await make.a_person(beta, "carl")
    garden = await make.a_community(alpha, ann)
    there = await resolved(beta, garden.uri)
    await join(beta, ben, there)
    await settle(alpha, beta)
    made = {
        scope: await make.a_proposal(alpha, ann, f"for {scope}", garden, scope=scope)
        for scope in ("community", "city", "neighbours", "everyone")
    }
    await settle(alpha, beta)
    assert await found(beta, made["city"].uri) is None
    for scope in ("community", "neighbours", "everyone"):
        row = await got(beta, made[scope].uri)
        assert (row.scope, row.community_id) == (scope, there.actor_id)
    async with beta.instance.read() as conn:
        for viewer, seen in (
            (ben.id, {"for community", "for neighbours", "for everyone"}),
            (carl.id, {"for neighbours", "for everyone"}),
            (None, {"for everyone"}),
        ):
            listed = await proposals.list_cards(conn, Filter(viewer_id=viewer))
            assert {card.title for card in listed} == seen


async def resolved(city: City, uri: str) -> communities.Community:

    await resolve.actor(city.instance, uri)
    async with city.instance.read() as conn:
        community = await communities.find_by_uri(conn, uri)
    assert community
    return community


async def test_a_communitys_own_things_come_only_where_members_live(
    alpha: City, beta: City
) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    made = await make.a_proposal(alpha, ann, "ours", garden, scope="community")
    await settle(alpha, beta)
    assert await found(beta, made.uri) is None


async def test_the_story_of_an_offer_between_two_cities(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    made = await make.a_proposal(alpha, ann, "Zwei Kisten Äpfel", category="food.fruit")
    await settle(alpha, beta)
    there = await got(beta, made.uri)
    assert (there.title, there.category, there.language) == (
        "Zwei Kisten Äpfel",
        "food.fruit",
        "de",
    )
    async with beta.instance.begin() as tx:
        await posts.answer(tx, by=ben, proposal=there, source="Ich nehme eine.")
    await settle(alpha, beta)
    assert await alpha.value("select replies from proposals where id = %s", made.id) == 1
    assert await alpha.value("select count(*) from notices where account_id = %s", ann.id) == 1

    async with alpha.instance.begin() as tx:
        draft = Draft("offer", "Eine Kiste Äpfel", category="food.fruit")
        await acts.edit(tx, by=ann, proposal=made, draft=draft)
    await settle(alpha, beta)
    assert (await got(beta, made.uri)).title == "Eine Kiste Äpfel"
    async with alpha.instance.begin() as tx:
        await acts.close(tx, by=ann, proposal=made)
    await settle(alpha, beta)
    assert (await got(beta, made.uri)).state == "closed"
    async with alpha.instance.begin() as tx:
        await acts.withdraw(tx, by=ann, proposal=made)
    await settle(alpha, beta)
    gone = await got(beta, made.uri)
    assert (gone.state, gone.source) == ("withdrawn", "")


async def test_what_a_moderator_removes_goes_in_every_city(
    alpha: City, beta: City, gamma: City
) -> None:
    ann, root = await make.a_person(alpha, "ann"), await make.an_admin(alpha)
    made = await make.a_proposal(alpha, ann, "An advert")
    await settle(alpha, beta, gamma)
    assert (await got(gamma, made.uri)).state == "open"

    async with alpha.instance.begin() as tx:
        await acts.remove(tx, by=root, proposal=made, reason="No adverts.")
    await settle(alpha, beta, gamma)
    assert (await got(beta, made.uri)).state == "withdrawn"
    assert (await got(gamma, made.uri)).state == "withdrawn"


async def test_doubled_and_reordered_posts_change_nothing(
    alpha: City, beta: City, wire: Wire
) -> None:
    ann = await make.a_person(alpha, "ann")
    wire.double = True
    made = await make.a_proposal(alpha, ann, "first words")

    wire.hold()
    async with alpha.instance.begin() as tx:
        await acts.edit(tx, by=ann, proposal=made, draft=Draft("offer", "last words"))
    await settle(alpha)
    await wire.release()
    await settle(alpha, beta)
    assert (await got(beta, made.uri)).title == "last words"
    assert await beta.value("select count(*) from proposals") == 1
