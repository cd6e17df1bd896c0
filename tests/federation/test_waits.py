"""What waits for a server that does not answer is looked at as soon as that one does."""

from datetime import timedelta
from typing import Any

import pytest

from schema.actors import Actor
from tests import make
from tests.peer import Peer
from tests.world import City, Wire, fast_forward, settle

OFFER: dict[str, Any] = {
    "type": "Proposal",
    "purpose": "offer",
    "publishes": {"type": "Intent", "action": "transfer"},
}
STATES = """select array_agg(state order by id) from activities
            where type = 'Announce' and direction = 'in'"""


@pytest.fixture
async def patient(alpha: City, ann: Actor, far: Peer, evil: Peer, wire: Wire) -> City:
    """alpha, that was told of three offers at far by somebody else; far has not answered for so
    long that nothing asks it again within the quarter of an hour."""
    await far.says(alpha, far.activity("Follow", ann.uri))
    await settle(alpha)
    wire.cut(far.host)
    group = f"{evil.origin}/c/group"
    for number in range(3):
        listing = far.note(name=f"Ladder {number}", **OFFER)
        await evil.says(alpha, evil.activity("Announce", listing["id"], by=group), by=group)
    await make.a_proposal(alpha, ann)
    for _ in range(8):
        await settle(alpha)
        await fast_forward(alpha, timedelta(minutes=1))
    await settle(alpha)
    assert await alpha.value(STATES) == ["waiting"] * 3
    soonest = "select min(next_at) - now() from activities where state = 'waiting'"
    assert await alpha.value(soonest) > timedelta(minutes=15)
    wire.mend(far.host)
    await settle(alpha)
    assert await alpha.value(STATES) == ["waiting"] * 3, "nobody knows that it is there again"
    return alpha


async def test_it_takes_a_letter_again_so_it_can_be_asked_again(patient: City, far: Peer) -> None:
    await patient.execute("update peers set next_at = now() where origin = %s", far.origin)
    await patient.execute("update deliveries set next_at = now() where state = 'due'")
    await settle(patient)
    await settle(patient)
    assert await patient.value(STATES) == ["done"] * 3
    assert (
        await patient.value("select count(*) from proposals where starts_with(title, 'Ladder')")
        == 3
    )


async def test_one_question_that_is_answered_wakes_the_others(patient: City) -> None:
    await patient.execute(
        "update activities set next_at = now() where id = (select id from activities"
        " where state = 'waiting' order by id limit 1)"
    )
    await settle(patient)
    await settle(patient)
    assert await patient.value(STATES) == ["done"] * 3


async def test_what_was_not_taken_for_long_is_brought_as_soon_as_anything_is_taken(
    alpha: City, ann: Actor, far: Peer
) -> None:
    """As with a clock that was wrong for hours: the answer was 401, again and again."""
    await far.says(alpha, far.activity("Follow", ann.uri))
    await settle(alpha)
    far.status = 401
    old = [await make.a_proposal(alpha, ann, f"Ladder {number}") for number in range(3)]
    await settle(alpha)
    hours_later = """update deliveries set attempts = 9, next_at = now() + interval '40 minutes'
                     where state = 'due' and peer = %s"""
    await alpha.execute(hours_later, far.origin)
    far.status, far.heard[:] = 202, []
    new = await make.a_proposal(alpha, ann, "A rope")
    await alpha.execute("update peers set next_at = now() where origin = %s", far.origin)
    for _ in range(3):
        await settle(alpha)
    brought = [heard["object"]["id"] for heard in far.heard if heard["type"] == "Create"]
    assert brought[0] == new.uri and sorted(brought[1:]) == sorted(one.uri for one in old)


async def test_what_waits_for_somebody_else_goes_on_waiting(
    patient: City, far: Peer, evil: Peer, wire: Wire
) -> None:
    wire.cut("gone.test")
    group = f"{evil.origin}/c/group"
    said = evil.activity("Announce", "http://gone.test/offers/1", by=group)
    await evil.says(patient, said, by=group)
    await settle(patient)
    await patient.execute("update peers set next_at = now() where origin = %s", far.origin)
    await patient.execute("update deliveries set next_at = now() where state = 'due'")
    await settle(patient)
    await settle(patient)
    assert await patient.value(STATES) == ["done"] * 3 + ["waiting"]
    later = "select next_at > now() and attempts = 1 from activities where state = 'waiting'"
    assert await patient.value(later)
