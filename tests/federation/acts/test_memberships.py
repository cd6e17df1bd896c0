"""Joining and leaving, as residents of the community's own place do it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from federation.acts import memberships as acts
from federation.acts import moderation
from schema import communities, follows, memberships, notices
from schema.actors import Actor
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.memberships import Membership
from tests import make
from tests.world import City


async def ask(city: City, by: Actor, community: Community, message: str = "") -> Membership:
    async with city.instance.begin() as tx:
        return await acts.ask(tx, by=by, community=community, message=message)


async def told(city: City, person: Actor) -> list[str]:
    async with city.instance.read() as conn:
        return [notice.kind for notice in await notices.list_newest(conn, person.id, None, 20)]


async def test_whoever_joins_an_open_community_is_in_and_hears_it(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    assert (await ask(alpha, ben, garden)).state == "member"
    async with alpha.instance.read() as conn:
        follow = await follows.find(conn, ben.id, garden.actor_id)
        assert follow and follow.state == "accepted"
        assert (await communities.get(conn, garden.actor_id)).members == 2


async def test_joining_twice_changes_nothing(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    await ask(alpha, ben, garden)
    await ask(alpha, ben, garden)
    async with alpha.instance.read() as conn:
        assert (await communities.get(conn, garden.actor_id)).members == 2


async def test_a_steward_who_joins_again_stays_steward(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    assert (await ask(alpha, ann, garden)).role == "steward"


async def test_where_approval_is_needed_the_moderators_are_asked(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann, join_rule="approval")
    assert (await ask(alpha, ben, garden, "I have a spade.")).state == "asked"
    await ask(alpha, ben, garden)
    assert await told(alpha, ann) == ["asked_to_join"]
    async with alpha.instance.begin() as tx:
        admitted = await acts.admit(tx, by=ann, community=garden, person=ben)
    assert admitted.is_member
    assert await told(alpha, ben) == ["admitted"]


async def test_an_outsider_cannot_admit(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    eve = await make.a_person(alpha, "eve")
    garden = await make.a_community(alpha, ann, join_rule="approval")
    await ask(alpha, ben, garden)
    for outsider in (eve, ben):
        with pytest.raises(Forbidden):
            async with alpha.instance.begin() as tx:
                await acts.admit(tx, by=outsider, community=garden, person=ben)


async def test_nobody_is_admitted_who_did_not_ask(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann, join_rule="approval")
    with pytest.raises(Conflict):
        async with alpha.instance.begin() as tx:
            await acts.admit(tx, by=ann, community=garden, person=ben)


async def test_whoever_is_refused_is_told_why_and_may_ask_again(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann, join_rule="approval")
    await ask(alpha, ben, garden)
    async with alpha.instance.begin() as tx:
        refused = await acts.refuse(tx, by=ann, community=garden, person=ben, reason="Full.")
    assert (refused.state, refused.reason) == ("refused", "Full.")
    assert await told(alpha, ben) == ["refused"]
    assert (await ask(alpha, ben, garden)).state == "asked"


async def test_a_hidden_community_is_not_there_for_those_who_were_not_invited(
    alpha: City,
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann, join_rule="hidden")
    with pytest.raises(Missing):
        await ask(alpha, ben, garden)
    async with alpha.instance.begin() as tx:
        await moderation.invite(tx, by=ann, community=garden, person=ben)
    assert await told(alpha, ben) == ["invited"]
    assert (await ask(alpha, ben, garden)).is_member


async def test_a_members_invitation_does_not_replace_approval(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    cat, dan = await make.a_person(alpha, "cat"), await make.a_person(alpha, "dan")
    garden = await make.a_community(alpha, ann, join_rule="approval")
    await ask(alpha, ben, garden)
    async with alpha.instance.begin() as tx:
        await acts.admit(tx, by=ann, community=garden, person=ben)
        await moderation.invite(tx, by=ben, community=garden, person=cat)
        await moderation.invite(tx, by=ann, community=garden, person=dan)
    assert (await ask(alpha, cat, garden)).state == "asked"
    assert (await ask(alpha, dan, garden)).state == "member"


async def test_whoever_leaves_hears_nothing_more_and_can_come_back(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    await ask(alpha, ben, garden)
    async with alpha.instance.begin() as tx:
        left = await acts.leave(tx, by=ben, community=garden)
        assert left and left.state == "left"
        assert await follows.find(tx.conn, ben.id, garden.actor_id) is None
        assert (await communities.get(tx.conn, garden.actor_id)).members == 1
    assert (await ask(alpha, ben, garden)).is_member


async def test_the_last_steward_can_neither_leave_nor_step_down(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    await ask(alpha, ben, garden)
    with pytest.raises(Conflict):
        async with alpha.instance.begin() as tx:
            await acts.leave(tx, by=ann, community=garden)
    with pytest.raises(Conflict):
        async with alpha.instance.begin() as tx:
            await moderation.set_role(tx, by=ann, community=garden, person=ann, role="member")
    async with alpha.instance.begin() as tx:
        await moderation.set_role(tx, by=ann, community=garden, person=ben, role="steward")
        await acts.leave(tx, by=ann, community=garden)
        assert await memberships.count_stewards(tx.conn, garden.actor_id) == 1


async def test_the_banned_are_kept_out_until_the_end_of_their_ban(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    await ask(alpha, ben, garden)
    until = alpha.clock() + timedelta(days=7)
    async with alpha.instance.begin() as tx:
        banned = await moderation.ban(
            tx, by=ann, community=garden, person=ben, until=until, reason="Shouting."
        )
        assert (banned.state, banned.reason, banned.banned_until) == ("banned", "Shouting.", until)
        assert await follows.find(tx.conn, ben.id, garden.actor_id) is None
    assert await told(alpha, ben) == ["banned"]
    with pytest.raises(Forbidden):
        await ask(alpha, ben, garden)
    alpha.clock.now = until + timedelta(seconds=1)
    assert (await ask(alpha, ben, garden)).is_member


async def test_a_ban_needs_a_reason_and_an_end_to_come(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    for until, reason in ((None, " "), (alpha.clock() - timedelta(days=1), "Shouting.")):
        with pytest.raises(Invalid):
            async with alpha.instance.begin() as tx:
                await moderation.ban(
                    tx, by=ann, community=garden, person=ben, until=until, reason=reason
                )


async def test_a_ban_can_be_lifted(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    async with alpha.instance.begin() as tx:
        await moderation.ban(tx, by=ann, community=garden, person=ben, until=None, reason="No.")
    async with alpha.instance.begin() as tx:
        await moderation.unban(tx, by=ann, community=garden, person=ben)
    assert (await ask(alpha, ben, garden)).is_member


async def test_moderators_decide_about_members_but_not_about_stewards(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    cat = await make.a_person(alpha, "cat")
    garden = await make.a_community(alpha, ann)
    await ask(alpha, ben, garden)
    await ask(alpha, cat, garden)
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await moderation.remove(tx, by=ben, community=garden, person=cat, reason="No.")
    async with alpha.instance.begin() as tx:
        await moderation.set_role(tx, by=ann, community=garden, person=ben, role="moderator")
        removed = await moderation.remove(
            tx, by=ben, community=garden, person=cat, reason="Never there."
        )
        assert (removed.state, removed.reason) == ("left", "Never there.")
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await moderation.remove(tx, by=ben, community=garden, person=ann, reason="No.")
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await moderation.set_role(tx, by=ben, community=garden, person=ben, role="steward")


async def test_only_members_invite(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    eve = await make.a_person(alpha, "eve")
    garden = await make.a_community(alpha, ann)
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await moderation.invite(tx, by=eve, community=garden, person=ben)


async def test_an_answer_for_a_community_comes_from_nobody_else(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann, join_rule="approval")
    asked = await ask(alpha, ben, garden)
    for act in (acts.admitted, acts.refused):
        with pytest.raises(Forbidden):
            async with alpha.instance.begin() as tx:
                await act(tx, by=ben, membership=asked)
    async with alpha.instance.read() as conn:
        known = await memberships.find(conn, garden.actor_id, ben.id)
        assert known == replace(asked, changed=known.changed if known else asked.changed)
