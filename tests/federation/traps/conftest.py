"""Who is there: a neighbour of another make, a resident, and a community of ours."""

import pytest

from federation import resolve
from schema.actors import Actor
from schema.communities import Community
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    """A neighbour with people pat and sam and a group that alpha knows."""
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    peer.add_actor("sam")
    group = peer.add_actor("group", "Group", attributedTo="http://far.test/c/group/moderators")
    await resolve.actor(alpha.instance, group)
    return peer


@pytest.fixture
async def ann(alpha: City) -> Actor:
    """A resident."""
    return await make.a_person(alpha, "ann")


@pytest.fixture
async def garden(alpha: City, ann: Actor) -> Community:
    """A community of hers, open to all."""
    return await make.a_community(alpha, ann)
