"""Moderators who live elsewhere: what they say counts, what others say in their name does not."""

from typing import Any

import pytest

from federation import resolve
from federation.acts import moderation
from schema.actors import Actor
from schema.communities import Community
from schema.posts import Post
from tests import talk
from tests.peer import PUBLIC, Peer
from tests.world import City, settle


@pytest.fixture
async def post(alpha: City, ann: Actor, ben: Actor, garden: Community, far: Peer) -> Post:
    """ben's thread in the garden, where pat of another server is a moderator."""
    await talk.promote(alpha, ann, garden, await resolve.actor(alpha.instance, far.pat))
    await talk.join(alpha, ben, garden)
    return await talk.start(alpha, ben, garden)


def decisions(far: Peer, garden: Community, post: Post, ben: Actor) -> list[dict[str, Any]]:
    """All that a moderator can decide about a thread and its author."""
    return [
        far.activity("Add", post.uri, target=f"{garden.uri}/featured"),
        far.activity("Lock", post.uri),
        far.activity("Delete", post.uri, summary="Spam"),
        far.activity("Block", ben.uri, target=garden.uri, summary="Spam"),
    ]


async def decide(alpha: City, far: Peer, garden: Community, post: Post, ben: Actor) -> None:
    """Pat says all of it."""
    for said in decisions(far, garden, post, ben):
        await far.says(alpha, said)
    await settle(alpha)


async def decided(alpha: City, post: Post, ben: Actor) -> list[bool]:
    """Pinned, closed, removed, banned."""
    here = await talk.copy(alpha, post)
    assert here is not None
    banned = "select count(*) from memberships where person_id = %s and state = 'banned'"
    marks = (here.pinned_at, here.locked_at, here.removed_at, await alpha.value(banned, ben.id))
    return [bool(mark) for mark in marks]


async def test_no_group_of_another_server_speaks_for_our_moderators(
    alpha: City, garden: Community, post: Post, ben: Actor, far: Peer, evil: Peer
) -> None:
    gang = f"{evil.origin}/c/group"
    for forged in decisions(far, garden, post, ben):
        await evil.says(alpha, evil.activity("Announce", forged, by=gang), by=gang)
        await settle(alpha)
    assert await decided(alpha, post, ben) == [False] * 4
    await decide(alpha, far, garden, post, ben)
    assert await decided(alpha, post, ben) == [True] * 4


async def test_a_moderator_elsewhere_decides_nothing_about_stewards(
    alpha: City, garden: Community, post: Post, ann: Actor, ben: Actor, far: Peer
) -> None:
    await far.says(alpha, far.activity("Block", ann.uri, target=garden.uri, summary="mine"))
    await far.says(alpha, far.activity("Remove", ann.uri, target=f"{garden.uri}/moderators"))
    await far.says(alpha, far.activity("Add", ben.uri, target=f"{garden.uri}/moderators"))
    await settle(alpha)
    roles = "select string_agg(role || ' ' || state, ', ' order by role) from memberships"
    assert await alpha.value(roles) == "member member, moderator member, steward member"


async def test_who_is_moderator_no_more_decides_no_more(
    alpha: City, garden: Community, post: Post, ann: Actor, ben: Actor, far: Peer
) -> None:
    pat = await resolve.actor(alpha.instance, far.pat)
    async with alpha.instance.begin() as tx:
        await moderation.set_role(tx, by=ann, community=garden, person=pat, role="member")
    await decide(alpha, far, garden, post, ben)
    assert await decided(alpha, post, ben) == [False] * 4


async def test_only_the_community_itself_invites_into_one_elsewhere(
    alpha: City, ann: Actor, far: Peer, evil: Peer
) -> None:
    group = f"{far.origin}/c/group"
    await resolve.actor(alpha.instance, group)
    invited = "select count(*) from memberships where person_id = %s and state = 'invited'"
    for peer, by in ((far, far.pat), (evil, evil.pat), (evil, f"{evil.origin}/c/group")):
        await peer.says(alpha, peer.activity("Invite", group, by=by, target=ann.uri), by=by)
        await settle(alpha)
        assert await alpha.value(invited, ann.id) == 0
    await far.says(alpha, far.activity("Invite", group, by=group, target=ann.uri), by=group)
    await settle(alpha)
    assert await alpha.value(invited, ann.id) == 1


async def test_what_was_said_in_a_community_elsewhere_is_for_that_community_to_say(
    alpha: City, ann: Actor, far: Peer, evil: Peer
) -> None:
    group = f"{far.origin}/c/group"
    await resolve.actor(alpha.instance, group)
    kept = "select count(*) from posts where community_id is not null"
    tag = [{"type": "Mention", "href": ann.uri, "name": "@ann@alpha.test"}]
    topic = evil.note(name="Oven", to=[PUBLIC, group, ann.uri], audience=group, tag=tag)
    await evil.says(alpha, evil.activity("Create", topic))
    gang = f"{evil.origin}/c/group"
    await evil.says(alpha, evil.activity("Announce", topic["id"], by=gang), by=gang)
    await settle(alpha)
    assert await alpha.value(kept) == 0
    await far.says(alpha, far.activity("Announce", topic["id"], by=group), by=group)
    await settle(alpha)
    assert await alpha.value(kept) == 1


async def test_who_leaves_says_so_without_a_group(
    alpha: City, garden: Community, post: Post, far: Peer
) -> None:
    group, leave = f"{far.origin}/c/group", far.activity("Leave", garden.uri)
    pat = await resolve.actor(alpha.instance, far.pat)
    state = "select state from memberships where person_id = %s"
    await far.says(alpha, far.activity("Announce", leave, by=group), by=group)
    await settle(alpha)
    assert await alpha.value(state, pat.id) == "member"
    await far.says(alpha, leave)
    await settle(alpha)
    assert await alpha.value(state, pat.id) == "left"
