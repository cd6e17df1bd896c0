"""What communities and their cities say about communities elsewhere."""

from federation import resolve
from federation.acts import communities as acts
from federation.acts import memberships
from federation.acts.communities import Draft
from schema import activities, communities
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle


async def test_changed_settings_reach_the_cities_of_its_members(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    ben = await make.a_person(beta, "ben")
    group = await resolve.actor(beta.instance, garden.uri)
    async with beta.instance.begin() as tx:
        there = await communities.get(tx.conn, group.id)
        await memberships.ask(tx, by=ben, community=there)
    await settle(alpha, beta)
    async with alpha.instance.begin() as tx:
        draft = Draft("The *other* garden", "Beans.", "approval")
        await acts.edit(tx, by=ann, community=garden, draft=draft)
    await settle(alpha, beta)
    async with beta.instance.read() as conn:
        now = await communities.get(conn, group.id)
    assert (now.title, now.join_rule) == ("The *other* garden", "approval")
    assert now.purpose.strip() == "<p>Beans.</p>"


async def test_a_group_cannot_change_another_group(alpha: City, wire: Wire) -> None:
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    wood, club = peer.add_actor("wood", "Group"), peer.add_actor("club", "Group")
    group = await resolve.actor(alpha.instance, wood)
    await resolve.actor(alpha.instance, club)
    forged = {**peer.documents[wood], "name": "Taken over"}
    await peer.says(alpha, peer.activity("Update", forged, by=club), by=club)
    await settle(alpha)
    async with alpha.instance.read() as conn:
        assert (await communities.get(conn, group.id)).title == "wood"
    await peer.says(alpha, peer.activity("Update", forged, by=wood), by=wood)
    await settle(alpha)
    async with alpha.instance.read() as conn:
        assert (await communities.get(conn, group.id)).title == "Taken over"


async def test_only_a_city_speaks_for_its_list_of_communities(alpha: City, wire: Wire) -> None:
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    wood = peer.add_actor("wood", "Group")
    for by, target in ((peer.pat, f"{peer.pat}/communities"), (wood, "http://peer.test/city/x")):
        add = peer.activity("Add", wood, by=by, target=target)
        await peer.says(alpha, add, by=by)
        await settle(alpha)
        async with alpha.instance.read() as conn:
            stored = await activities.find(conn, add["id"])
        assert stored and stored.state == "ignored"


async def test_a_group_that_ends_is_not_listed_any_more(alpha: City, wire: Wire) -> None:
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    wood = peer.add_actor("wood", "Group")
    await resolve.actor(alpha.instance, wood)
    async with alpha.instance.read() as conn:
        assert len(await communities.list_cards(conn, viewer=None, where="network")) == 1
    await peer.says(alpha, peer.activity("Delete", wood, by=wood), by=wood)
    await settle(alpha)
    async with alpha.instance.read() as conn:
        assert await communities.list_cards(conn, viewer=None, where="network") == []
