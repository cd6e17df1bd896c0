"""Joins and Leaves that lost their order on the way."""

import pytest

from federation.acts import memberships as acts
from schema import actors, communities, follows, memberships
from schema.memberships import Membership
from tests import make, talk
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle

GARDEN = "http://alpha.test/communities/garden"


async def known(city: City, person: str) -> Membership:
    """What this city knows of the person in the garden."""
    async with city.instance.read() as conn:
        group, who = await actors.find(conn, GARDEN), await actors.find(conn, person)
        found = await memberships.find(conn, group.id, who.id) if group and who else None
    assert found
    return found


async def state_of(city: City, person: str) -> str:
    return (await known(city, person)).state


async def edition_of(city: City, person: str) -> int:
    return (await known(city, person)).edition


@pytest.mark.parametrize(
    "order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
)
async def test_join_leave_and_join_come_to_the_same_in_any_order(
    alpha: City, wire: Wire, order: tuple[int, ...]
) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann)
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    kinds = ("Join", "Leave", "Join")
    said = [peer.activity(kind, GARDEN, edition=5 + i) for i, kind in enumerate(kinds)]
    for i in order:
        await peer.says(alpha, said[i])
        await settle(alpha)
    assert await state_of(alpha, peer.pat) == "member"
    assert await edition_of(alpha, peer.pat) == 7


async def test_a_leave_that_overtakes_its_join_holds(alpha: City, wire: Wire) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    join = peer.activity("Join", GARDEN, edition=1)
    await peer.says(alpha, peer.activity("Leave", GARDEN, edition=2))
    await settle(alpha)
    await peer.says(alpha, join)
    await settle(alpha)
    assert await state_of(alpha, peer.pat) == "left"
    async with alpha.instance.read() as conn:
        assert not await follows.has_follower_at(conn, garden.actor_id, peer.origin)


async def test_each_join_and_leave_of_a_resident_has_a_higher_edition(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    garden = await make.a_community(alpha, ann)
    seen = list[int]()
    for _ in range(2):
        await talk.join(beta, ben, garden, alpha)
        seen.append(await edition_of(alpha, ben.uri))
        async with beta.instance.begin() as tx:
            there = await communities.find_by_uri(tx.conn, GARDEN)
            assert there
            await acts.leave(tx, by=ben, community=there)
        await settle(alpha, beta)
        assert await state_of(alpha, ben.uri) == "left"
        seen.append(await edition_of(alpha, ben.uri))
    assert seen == sorted(set(seen))
    assert await edition_of(beta, ben.uri) == seen[-1]
