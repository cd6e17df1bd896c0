"""Who is there: a neighbour of another make with a group that is known."""

import pytest

from federation import resolve
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
