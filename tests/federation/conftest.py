"""Who is there: a neighbour, a neighbour up to no good, and somebody whom nobody knows."""

import pytest

from tests.peer import Peer, befriend
from tests.world import City, Wire


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    """A neighbour with people pat and sam, and a group."""
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    peer.add_actor("sam")
    peer.add_actor("group", "Group")
    return peer


@pytest.fixture
async def evil(alpha: City, wire: Wire) -> Peer:
    """Another neighbour, up to no good, with other keys."""
    peer = Peer("evil.test", wire).start()
    await befriend(alpha, peer)
    peer.add_actor("group", "Group")
    return peer


@pytest.fixture
def stranger(wire: Wire) -> Peer:
    """A server that the city has never heard of."""
    return Peer("strange.test", wire).start()
