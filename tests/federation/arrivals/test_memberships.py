"""Belonging to communities across cities, and with servers of other makes."""

from datetime import timedelta
from typing import Any

import pytest

from federation import resolve
from federation.acts import memberships as acts
from federation.acts import moderation
from schema import activities, actors, communities, follows, memberships
from schema.actors import Actor
from schema.communities import Community
from schema.errors import Forbidden
from schema.memberships import Membership
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle

GARDEN = "http://alpha.test/communities/garden"


async def seen_from(city: City, uri: str) -> Community:
    """The community as this city knows it."""
    group = await resolve.actor(city.instance, uri)
    async with city.instance.read() as conn:
        return await communities.get(conn, group.id)


async def ask(city: City, by: Actor, uri: str = GARDEN, message: str = "") -> Membership:
    community = await seen_from(city, uri)
    async with city.instance.begin() as tx:
        return await acts.ask(tx, by=by, community=community, message=message)


async def belongs(city: City, person: str, uri: str = GARDEN) -> Membership | None:
    """What the person with this uri is to the community, as this city knows it."""
    async with city.instance.read() as conn:
        group, who = await actors.find(conn, uri), await actors.find(conn, person)
        return await memberships.find(conn, group.id, who.id) if group and who else None


async def state(city: City, person: str, uri: str = GARDEN) -> str:
    found = await belongs(city, person, uri)
    return found.state if found else "unknown"


async def verdict(city: City, activity: dict[str, Any]) -> str:
    async with city.instance.read() as conn:
        found = await activities.find(conn, activity["id"])
    return found.state if found else "not stored"


async def test_a_resident_of_another_city_joins_an_open_community(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    garden = await make.a_community(alpha, ann)
    assert (await ask(beta, ben)).state == "asked"
    await settle(alpha, beta)
    assert await state(alpha, ben.uri) == "member"
    assert await state(beta, ben.uri) == "member"
    async with alpha.instance.read() as conn:
        assert (await communities.get(conn, garden.actor_id)).members == 2
        assert await follows.has_follower_at(conn, garden.actor_id, beta.origin)
    async with beta.instance.read() as conn:
        there = await communities.find_by_handle(conn, "garden@alpha.test")
        assert there and there.members == 2


async def test_the_moderators_admit_a_resident_of_another_city(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    garden = await make.a_community(alpha, ann, join_rule="approval")
    await ask(beta, ben, message="I can **weld**.")
    await settle(alpha, beta)
    asked = await belongs(alpha, ben.uri)
    assert asked and (asked.state, asked.message) == ("asked", "I can weld.")
    assert await state(beta, ben.uri) == "asked"
    async with alpha.instance.begin() as tx:
        person = await actors.get(tx.conn, asked.person_id)
        await acts.admit(tx, by=ann, community=garden, person=person)
    await settle(alpha, beta)
    assert await state(beta, ben.uri) == "member"


async def test_a_refusal_reaches_the_one_who_asked(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    garden = await make.a_community(alpha, ann, join_rule="approval")
    await ask(beta, ben)
    await settle(alpha, beta)
    async with alpha.instance.begin() as tx:
        person = await actors.find(tx.conn, ben.uri)
        assert person
        await acts.refuse(tx, by=ann, community=garden, person=person)
    await settle(alpha, beta)
    assert await state(beta, ben.uri) == "refused"
    async with beta.instance.read() as conn:
        assert not await follows.count_followers(conn, (await seen_from(beta, GARDEN)).actor_id)


async def test_a_hidden_community_takes_a_resident_of_another_city_it_invited(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    garden = await make.a_community(alpha, ann, join_rule="hidden")
    person = await resolve.actor(alpha.instance, ben.uri)
    async with alpha.instance.begin() as tx:
        await moderation.invite(tx, by=ann, community=garden, person=person)
    await settle(alpha, beta)
    assert await state(beta, ben.uri) == "invited"
    assert (await seen_from(beta, GARDEN)).join_rule == "hidden"
    await ask(beta, ben)
    await settle(alpha, beta)
    assert await state(beta, ben.uri) == await state(alpha, ben.uri) == "member"


async def test_a_hidden_community_does_not_answer_those_it_did_not_invite(
    alpha: City, beta: City, wire: Wire
) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann, join_rule="hidden")
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    join = peer.activity("Join", GARDEN)
    await peer.says(alpha, join)
    await settle(alpha)
    assert await verdict(alpha, join) == "refused"
    assert await state(alpha, peer.pat) == "unknown"
    assert peer.heard == []


async def test_a_hidden_community_shows_nothing_of_itself_to_other_servers(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann, join_rule="hidden")
    for path in ("", "/members", "/followers", "/outbox", "/moderators"):
        assert (await alpha.document(f"/communities/garden{path}")).status_code == 404
    finger = await alpha.get("/.well-known/webfinger?resource=acct:garden@alpha.test")
    assert finger.status_code == 404


async def test_leaving_from_another_city_ends_it_on_both_sides(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    garden = await make.a_community(alpha, ann)
    await ask(beta, ben)
    await settle(alpha, beta)
    community = await seen_from(beta, GARDEN)
    async with beta.instance.begin() as tx:
        await acts.leave(tx, by=ben, community=community)
    await settle(alpha, beta)
    assert await state(alpha, ben.uri) == await state(beta, ben.uri) == "left"
    async with alpha.instance.read() as conn:
        assert (await communities.get(conn, garden.actor_id)).members == 1
        assert not await follows.has_follower_at(conn, garden.actor_id, beta.origin)


async def test_a_ban_crosses_cities_and_ends_there_too(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    garden = await make.a_community(alpha, ann)
    await ask(beta, ben)
    await settle(alpha, beta)
    until = alpha.clock().replace(microsecond=0) + timedelta(days=3)
    async with alpha.instance.begin() as tx:
        person = await actors.find(tx.conn, ben.uri)
        assert person
        await moderation.ban(
            tx, by=ann, community=garden, person=person, until=until, reason="Shouting."
        )
    await settle(alpha, beta)
    banned = await belongs(beta, ben.uri)
    assert banned and (banned.state, banned.reason, banned.banned_until) == (
        "banned",
        "Shouting.",
        until,
    )
    with pytest.raises(Forbidden):
        await ask(beta, ben)
    alpha.clock.now = beta.clock.now = until + timedelta(minutes=1)
    await ask(beta, ben)
    await settle(alpha, beta)
    assert await state(beta, ben.uri) == await state(alpha, ben.uri) == "member"


async def test_a_banned_persons_join_is_answered_with_reject(alpha: City, wire: Wire) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    pat = await resolve.actor(alpha.instance, peer.pat)
    async with alpha.instance.begin() as tx:
        await moderation.ban(tx, by=ann, community=garden, person=pat, until=None, reason="No.")
    for kind in ("Join", "Follow"):
        peer.heard.clear()
        asking = peer.activity(kind, GARDEN)
        await peer.says(alpha, asking)
        await settle(alpha)
        (answer,) = peer.heard
        assert (answer["type"], answer["object"]["id"]) == ("Reject", asking["id"])
    assert await state(alpha, peer.pat) == "banned"


async def test_a_repeated_follow_is_answered_with_a_fresh_accept(alpha: City, wire: Wire) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    for _ in range(2):
        peer.heard.clear()
        follow = peer.activity("Follow", GARDEN)
        await peer.says(alpha, follow)
        await settle(alpha)
        (answer,) = peer.heard
        assert (answer["type"], answer["actor"]) == ("Accept", GARDEN)
        assert answer["object"] == {
            "id": follow["id"],
            "type": "Follow",
            "actor": peer.pat,
            "object": GARDEN,
        }
    assert await state(alpha, peer.pat) == "unknown"  # a subscriber is not a member
    async with alpha.instance.read() as conn:
        assert await follows.has_follower_at(conn, garden.actor_id, peer.origin)


async def test_a_follow_asks_where_approval_is_needed_and_its_undo_takes_it_back(
    alpha: City, wire: Wire
) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann, join_rule="approval")
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    follow = peer.activity("Follow", GARDEN)
    await peer.says(alpha, follow)
    await settle(alpha)
    assert peer.heard == []
    async with alpha.instance.begin() as tx:
        pat = await actors.find(tx.conn, peer.pat)
        assert pat
        assert not await follows.has_follower_at(tx.conn, garden.actor_id, peer.origin)
        await acts.admit(tx, by=ann, community=garden, person=pat)
    await settle(alpha)
    assert [said["object"]["type"] for said in peer.heard] == ["Follow"]
    await peer.says(alpha, peer.activity("Undo", follow))
    await settle(alpha)
    assert await state(alpha, peer.pat) == "left"
    async with alpha.instance.read() as conn:
        assert not await follows.has_follower_at(conn, garden.actor_id, peer.origin)


async def a_group_elsewhere(city: City, wire: Wire, **more: Any) -> tuple[Peer, str]:
    peer = Peer("peer.test", wire).start()
    await befriend(city, peer)
    return peer, peer.add_actor("wood", "Group", **more)


@pytest.mark.parametrize("shape", ["id", "embedded", "ends only"])
async def test_groups_without_members_are_followed_and_their_accept_admits(
    alpha: City, wire: Wire, shape: str
) -> None:
    ann = await make.a_person(alpha, "ann")
    peer, wood = await a_group_elsewhere(alpha, wire)
    await ask(alpha, ann, wood)
    await settle(alpha)
    (follow,) = peer.heard
    assert (follow["type"], follow["actor"], follow["object"]) == ("Follow", ann.uri, wood)
    ends = {"type": "Follow", "actor": ann.uri, "object": wood}
    answered = {"id": follow["id"], "embedded": {**ends, "id": follow["id"]}, "ends only": ends}
    await peer.says(alpha, peer.activity("Accept", answered[shape], by=wood), by=wood)
    await settle(alpha)
    assert await state(alpha, ann.uri, wood) == "member"


async def test_a_group_with_members_is_joined_and_left(alpha: City, wire: Wire) -> None:
    ann = await make.a_person(alpha, "ann")
    peer, wood = await a_group_elsewhere(alpha, wire, members="http://peer.test/c/wood/members")
    await ask(alpha, ann, wood, "Hello")
    await settle(alpha)
    join = peer.heard.pop()
    assert (join["type"], join["to"]) == ("Join", [wood])
    assert join["content"].strip() == "<p>Hello</p>"
    await peer.says(alpha, peer.activity("Accept", join["id"], by=wood), by=wood)
    await settle(alpha)
    community = await seen_from(alpha, wood)
    async with alpha.instance.begin() as tx:
        await acts.leave(tx, by=ann, community=community)
    await settle(alpha)
    assert [(said["type"], said["object"]) for said in peer.heard] == [("Leave", wood)]


async def test_an_accept_forged_by_a_third_server_changes_nothing(
    alpha: City, beta: City, wire: Wire
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    await make.a_community(alpha, ann, join_rule="approval")
    asked = await ask(beta, ben)
    peer = Peer("peer.test", wire).start()
    await befriend(beta, peer)
    club = peer.add_actor("club", "Group")
    embedded = {"id": asked.uri, "type": "Join", "actor": ben.uri, "object": GARDEN}
    for by in (peer.pat, club):
        for answered in (asked.uri, embedded, {**embedded, "id": f"{peer.origin}/x"}):
            for kind in ("Accept", "Reject"):
                forged = peer.activity(kind, answered, by=by)
                assert (await peer.says(beta, forged, by=by)).status_code == 202
                await settle(beta)
                assert await verdict(beta, forged) in ("refused", "ignored")
                assert await state(beta, ben.uri) == "asked"


async def test_an_accept_after_leaving_admits_nobody(alpha: City, wire: Wire) -> None:
    ann = await make.a_person(alpha, "ann")
    peer, wood = await a_group_elsewhere(alpha, wire)
    asked = await ask(alpha, ann, wood)
    community = await seen_from(alpha, wood)
    async with alpha.instance.begin() as tx:
        await acts.leave(tx, by=ann, community=community)
    late = {"id": asked.uri, "type": "Follow", "actor": ann.uri, "object": wood}
    await peer.says(alpha, peer.activity("Accept", late, by=wood), by=wood)
    await settle(alpha)
    assert await state(alpha, ann.uri, wood) == "left"


async def test_strangers_cannot_ban_promote_or_invite(alpha: City, wire: Wire) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    await make.a_community(alpha, ann)
    await ask(alpha, ben)
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    attempts = [
        peer.activity("Block", ben.uri, target=GARDEN, summary="no"),
        peer.activity("Add", peer.pat, target=f"{GARDEN}/moderators"),
        peer.activity("Remove", ann.uri, target=f"{GARDEN}/moderators"),
        peer.activity("Remove", ben.uri, target=f"{GARDEN}/members"),
        peer.activity("Invite", GARDEN, target=peer.pat),
        peer.activity(
            "Undo", {"type": "Block", "actor": peer.pat, "object": ben.uri, "target": GARDEN}
        ),
    ]
    for attempt in attempts:
        await peer.says(alpha, attempt)
        await settle(alpha)
        assert await verdict(alpha, attempt) == "refused", attempt["type"]
    assert await state(alpha, ben.uri) == "member"
    found = await belongs(alpha, ann.uri)
    assert found and found.is_steward


async def test_a_moderator_from_another_city_bans_and_all_cities_hear(
    alpha: City, beta: City, gamma: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    cat = await make.a_person(gamma, "cat")
    garden = await make.a_community(alpha, ann)
    await ask(beta, ben)
    await ask(gamma, cat)
    await settle(alpha, beta, gamma)
    async with alpha.instance.begin() as tx:
        person = await actors.find(tx.conn, ben.uri)
        assert person
        await moderation.set_role(tx, by=ann, community=garden, person=person, role="moderator")
    await settle(alpha, beta, gamma)
    mine = await belongs(beta, ben.uri)
    assert mine and mine.moderates
    community, culprit = await seen_from(beta, GARDEN), await resolve.actor(beta.instance, cat.uri)
    async with beta.instance.begin() as tx:
        await moderation.ban(
            tx, by=ben, community=community, person=culprit, until=None, reason="Spam."
        )
    await settle(alpha, beta, gamma)
    for city in (alpha, beta, gamma):
        assert await state(city, cat.uri) == "banned", city.origin


async def test_another_group_cannot_pass_on_bans_of_this_one(alpha: City, wire: Wire) -> None:
    ann = await make.a_person(alpha, "ann")
    peer, wood = await a_group_elsewhere(alpha, wire)
    await ask(alpha, ann, wood)
    await settle(alpha)
    await peer.says(alpha, peer.activity("Accept", peer.heard[0]["id"], by=wood), by=wood)
    await settle(alpha)
    liar = Peer("liar.test", wire).start()
    await befriend(alpha, liar)
    club = liar.add_actor("club", "Group")
    block = peer.activity("Block", ann.uri, target=wood, summary="no")
    announce = liar.activity("Announce", block, by=club)
    await liar.says(alpha, announce, by=club)
    await settle(alpha)
    assert await verdict(alpha, announce) == "ignored"
    assert await state(alpha, ann.uri, wood) == "member"
    announce = peer.activity("Announce", block, by=wood)
    await peer.says(alpha, announce, by=wood)
    await settle(alpha)
    assert await state(alpha, ann.uri, wood) == "banned"


async def test_a_member_in_one_city_invites_into_a_community_of_another(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    cat = await make.a_person(beta, "cat")
    await make.a_community(alpha, ann)
    await ask(beta, ben)
    await settle(alpha, beta)
    community = await seen_from(beta, GARDEN)
    async with beta.instance.begin() as tx:
        await moderation.invite(tx, by=ben, community=community, person=cat)
    await settle(alpha, beta)
    assert await state(alpha, cat.uri) == await state(beta, cat.uri) == "invited"


async def test_a_removed_member_is_out_in_both_cities(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    garden = await make.a_community(alpha, ann)
    await ask(beta, ben)
    await settle(alpha, beta)
    async with alpha.instance.begin() as tx:
        person = await actors.find(tx.conn, ben.uri)
        assert person
        await moderation.remove(tx, by=ann, community=garden, person=person, reason="Inactive.")
    await settle(alpha, beta)
    found = await belongs(beta, ben.uri)
    assert found and (found.state, found.reason) == ("left", "Inactive.")
