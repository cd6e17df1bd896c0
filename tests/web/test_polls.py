"""Polls of other servers: read, chosen in, counted by their own server."""

from typing import Any

from federation import lookup
from tests import make
from tests.peer import PUBLIC, Peer, befriend
from tests.world import City, Wire, settle


def a_poll(peer: Peer, key: str = "oneOf", votes: int = 1, **more: Any) -> dict[str, Any]:
    """As Mastodon writes it."""
    options = [
        {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": number}}
        for name, number in (("Rye", votes), ("Spelt", 0))
    ]
    values: dict[str, Any] = {"type": "Question", key: options, "votersCount": votes, **more}
    return peer.note("<p>Which?</p>", published="2026-05-09T10:00:00Z", to=[PUBLIC], **values)


async def seen(alpha: City, poll: dict[str, Any]) -> str:
    return await lookup.lookup(alpha.instance, poll["id"])


async def test_a_resident_votes_once_and_the_counts_come_from_there(
    alpha: City, peer: Peer
) -> None:
    poll = a_poll(peer, endTime="2999-01-01T00:00:00Z")
    path = await seen(alpha, poll)
    ann = await make.a_person(alpha, "ann")
    assert "1 Stimme" in (await alpha.get(path)).text
    async with await make.log_in(alpha, ann) as browser:
        assert f'action="{path}/vote"' in (await browser.get(path)).text
        assert (await browser.submit(f"{path}/vote", {"choice": ["0", "1"]})).status_code == 422
        assert (await browser.submit(f"{path}/vote", {"choice": "7"})).status_code == 422
        assert (await browser.submit(f"{path}/vote", {"choice": "0"})).status_code == 303
        page = (await browser.get(path)).text
        assert "2 Stimmen" in page and f'action="{path}/vote"' not in page
        assert (await browser.submit(f"{path}/vote", {"choice": "1"})).status_code == 409
    await settle(alpha)
    (create,) = peer.heard
    vote = create["object"]
    assert (vote["type"], vote["name"], vote["inReplyTo"]) == ("Note", "Rye", poll["id"])
    assert "content" not in vote and create["to"] == vote["to"] == [peer.pat]
    counted = a_poll(peer, votes=5, id=poll["id"], closed="2026-05-10T10:00:00Z")
    await peer.says(alpha, peer.activity("Update", counted))
    await settle(alpha)
    page = (await alpha.get(path)).text
    assert "5 Stimmen" in page and "zu Ende" in page


async def test_several_answers_are_several_votes(alpha: City, peer: Peer) -> None:
    path = await seen(alpha, a_poll(peer, "anyOf"))
    async with await make.log_in(alpha, await make.a_person(alpha, "ann")) as browser:
        await browser.submit(f"{path}/vote", {"choice": ["0", "1"]})
    await settle(alpha)
    assert [create["object"]["name"] for create in peer.heard] == ["Rye", "Spelt"]


async def test_who_follows_a_voter_does_not_learn_what_they_chose(
    alpha: City, peer: Peer, wire: Wire
) -> None:
    path, ann = await seen(alpha, a_poll(peer)), await make.a_person(alpha, "ann")
    nosy = Peer("nosy.test", wire).start()
    await befriend(alpha, nosy)
    await nosy.says(alpha, nosy.activity("Follow", ann.uri))
    await settle(alpha)
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit(f"{path}/vote", {"choice": "0"})
    await settle(alpha)
    assert [said["type"] for said in peer.heard] == ["Create"]
    assert [said["type"] for said in nosy.heard] == ["Accept"]
    public = (await nosy.asks(alpha, "/people/ann/outbox?page=first")).text
    assert "Rye" not in public and peer.heard[0]["id"] not in public
    id = peer.heard[0]["id"].removeprefix(alpha.origin)
    assert (await nosy.asks(alpha, id)).status_code == 404
    assert (await peer.asks(alpha, id)).status_code == 200


async def test_what_is_over_is_not_voted_on(alpha: City, peer: Peer) -> None:
    path = await seen(alpha, a_poll(peer, endTime="2026-05-10T10:00:00Z"))
    async with await make.log_in(alpha, await make.a_person(alpha, "ann")) as browser:
        assert f'action="{path}/vote"' not in (await browser.get(path)).text
        assert (await browser.submit(f"{path}/vote", {"choice": "0"})).status_code == 409
    await settle(alpha)
    assert peer.heard == []


async def test_others_cannot_vote_into_a_poll_of_somebody_else_here(
    alpha: City, peer: Peer
) -> None:
    poll = a_poll(peer)
    path = await seen(alpha, poll)
    vote = peer.note("", name="Rye", inReplyTo=poll["id"], to=[f"{alpha.origin}/city"])
    await peer.says(alpha, peer.activity("Create", vote))
    await settle(alpha)
    assert "1 Stimme" in (await alpha.get(path)).text
    assert await alpha.value("select count(*) from posts") == 1


async def shown(alpha: City, peer: Peer, **more: Any) -> str:
    note = peer.note(**more)
    return (await alpha.get(await lookup.lookup(alpha.instance, note["id"]))).text


async def test_events_articles_and_videos_are_shown_decently(alpha: City, peer: Peer) -> None:
    icon = [{"type": "Image", "mediaType": "image/jpeg", "url": f"{peer.origin}/1.jpg"}]
    event = await shown(
        alpha,
        peer,
        type="Event",
        name="Baking day",
        startTime="2026-06-01T09:00:00Z",
        location={"type": "Place", "name": "Old mill"},
        url=f"{peer.origin}/event",
    )
    for words in ("Baking day", "2026-06-01 09:00", "Old mill", f"{peer.origin}/event"):
        assert words in event
    video = await shown(alpha, peer, type="Video", name="Kneading", icon=icon)
    assert "Kneading" in video and 'class="picture"' in video
    article = await shown(alpha, peer, type="Article", name="On bread", url=f"{peer.origin}/a")
    assert "On bread" in article and f"{peer.origin}/a" in article
    assert 'class="picture"' not in await shown(alpha, peer, icon=icon)
