"""Complaints from servers of other makes."""

from typing import Any

import pytest

from schema import reports
from schema.actors import Actor
from schema.reports import ReportCard
from tests import make, talk
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    far = Peer("far.test", wire).start()
    await befriend(alpha, far)
    return far


async def waiting(city: City) -> list[ReportCard]:
    async with city.instance.read() as conn:
        return await reports.list_open(conn)


async def flag(city: City, far: Peer, object: Any, **more: Any) -> None:
    server = far.add_actor("server", "Application")
    await far.says(city, far.activity("Flag", object, by=server, **more), by=server)
    await settle(city)


async def test_mastodon_names_person_and_things_in_a_list(
    alpha: City, far: Peer, ann: Actor
) -> None:
    garden = await make.a_community(alpha, ann)
    post = await talk.start(alpha, ann, garden)
    ladder = await make.a_proposal(alpha, ann)
    await flag(alpha, far, [ann.uri, post.uri, ladder.uri], content="Look at <b>this</b>")
    found = await waiting(alpha)
    assert [(card.about_url, card.text) for card in found] == [
        (f"/posts/{post.id}", "Look at this"),
        (f"/offers/{ladder.id}", "Look at this"),
    ]
    assert {card.reporter_host for card in found} == {"far.test"}
    assert await talk.verdicts(alpha) == []


async def test_lemmy_names_one_thing_and_a_summary(alpha: City, far: Peer, ann: Actor) -> None:
    post = await talk.start(alpha, ann, await make.a_community(alpha, ann))
    await flag(alpha, far, post.uri, summary="Spam")
    assert [card.text for card in await waiting(alpha)] == ["Spam"]


async def test_a_person_alone_can_be_reported(alpha: City, far: Peer, ann: Actor) -> None:
    await flag(alpha, far, [ann.uri])
    (card,) = await waiting(alpha)
    assert card.about_url == "/people/ann"


async def test_what_is_not_ours_is_not_our_business(alpha: City, far: Peer, ann: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    note = far.note(inReplyTo=ladder.uri)
    await far.says(alpha, far.activity("Create", note))
    await settle(alpha)
    await flag(alpha, far, [far.pat, note["id"], "http://elsewhere.test/1"])
    assert await waiting(alpha) == []


@pytest.mark.parametrize("object", [None, [], 7, {"type": "Note"}, [{"id": 7}]])
async def test_a_complaint_about_nothing_is_malformed(alpha: City, far: Peer, object: Any) -> None:
    await flag(alpha, far, object)
    assert await waiting(alpha) == []
    assert [state for _, state, _ in await talk.verdicts(alpha)] == ["malformed"]


async def test_the_same_complaint_twice_waits_once(alpha: City, far: Peer, ann: Actor) -> None:
    for _ in range(2):
        await flag(alpha, far, [ann.uri], content="again")
    assert len(await waiting(alpha)) == 1
    assert await talk.verdicts(alpha) == []
