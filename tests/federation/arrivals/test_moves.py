"""People and communities of other servers move, and residents come along."""

from typing import Any

import pytest

from federation import resolve
from schema import communities
from schema.actors import Actor
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle


@pytest.fixture
async def old(alpha: City, wire: Wire) -> Peer:
    """The server that is left."""
    peer = Peer("old.test", wire).start()
    await befriend(alpha, peer)
    return peer


@pytest.fixture
async def new(alpha: City, wire: Wire) -> Peer:
    """The server of the new home."""
    peer = Peer("new.test", wire).start()
    await befriend(alpha, peer)
    return peer


async def a_follower(alpha: City, peer: Peer) -> Actor:
    """ann, who follows pat."""
    ann = await make.a_person(alpha, "ann")
    there = await resolve.actor(alpha.instance, peer.pat)
    await alpha.execute(
        "insert into follows (follower_id, followed_id, state) values (%s, %s, 'accepted')",
        ann.id,
        there.id,
    )
    return ann


async def says(alpha: City, peer: Peer, activity: dict[str, Any], by: str = "") -> None:
    assert (await peer.says(alpha, activity, by=by)).status_code == 202
    await settle(alpha)


def heard(peer: Peer) -> list[tuple[str, Any]]:
    return [(activity["type"], activity["object"]) for activity in peer.heard]


@pytest.mark.parametrize("shape", ["list", "text"])
async def test_followers_come_along_when_the_new_home_says_so(
    alpha: City, old: Peer, new: Peer, shape: str
) -> None:
    await a_follower(alpha, old)
    new.documents[new.pat]["alsoKnownAs"] = [old.pat] if shape == "list" else old.pat
    move = old.activity("Move", old.pat, target=new.pat)
    await says(alpha, old, move)
    await says(alpha, old, {**move, "id": f"{move['id']}/again"})
    assert heard(new) == [("Follow", new.pat)]
    assert new.pat in (await alpha.get("/people/pat@old.test")).text


async def test_a_move_that_the_new_home_does_not_know_is_refused(
    alpha: City, old: Peer, new: Peer
) -> None:
    await a_follower(alpha, old)
    await says(alpha, old, old.activity("Move", old.pat, target=new.pat))
    assert heard(new) == []
    new.documents[new.pat]["alsoKnownAs"] = [f"{old.origin}/u/else"]
    await says(alpha, old, old.activity("Move", old.pat, target=new.pat))
    assert heard(new) == []


async def test_nobody_moves_somebody_else(alpha: City, old: Peer, new: Peer) -> None:
    await a_follower(alpha, old)
    new.documents[new.pat]["alsoKnownAs"] = [old.pat]
    olaf, group = old.add_actor("olaf"), old.add_actor("bread", "Group")
    await says(alpha, old, old.activity("Move", old.pat, by=olaf, target=new.pat), by=olaf)
    move = old.activity("Move", old.pat, target=new.pat)
    await says(alpha, old, old.activity("Announce", move, by=group), by=group)
    assert heard(new) == []


async def test_who_says_it_moves_themselves_and_becomes_nothing_else(
    alpha: City, old: Peer, new: Peer
) -> None:
    await a_follower(alpha, old)
    olaf, club = old.add_actor("olaf"), new.add_actor("club", "Group", alsoKnownAs=[old.pat])
    new.documents[new.pat]["alsoKnownAs"] = [old.pat]
    await says(alpha, old, old.activity("Move", olaf, target=new.pat))
    await says(alpha, old, old.activity("Move", old.pat, target=club))
    assert heard(new) == []
    await says(alpha, old, old.activity("Move", old.pat, target=new.pat))
    assert heard(new) == [("Follow", new.pat)]


async def test_members_of_a_community_join_it_at_its_new_home(
    alpha: City, old: Peer, new: Peer
) -> None:
    was = old.add_actor("bread", "Group")
    now = new.add_actor("bread", "Group", alsoKnownAs=[was])
    ann = await make.a_person(alpha, "ann")
    there = await resolve.actor(alpha.instance, was)
    await alpha.execute(
        "insert into follows (follower_id, followed_id, state) values (%s, %s, 'accepted')",
        ann.id,
        there.id,
    )
    await says(alpha, old, old.activity("Move", was, by=was, target=now), by=was)
    assert heard(new) == [("Follow", now)]
    async with alpha.instance.read() as conn:
        assert await communities.find_by_uri(conn, now) is not None
