"""Private letters across servers: only those who take part read them."""

from typing import Any

import pytest

from federation import resolve
from schema.actors import Actor
from tests import make, talk
from tests.federation.arrivals.test_proposals import a_listing
from tests.journeys.test_scopes import everything
from tests.peer import PUBLIC, Peer, befriend
from tests.world import City, Wire, settle

CANARY = "kanarienvogel"


@pytest.fixture
async def peer(alpha: City, wire: Wire) -> Peer:
    """A server that alpha listens to."""
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    return peer


async def says(city: City, peer: Peer, kind: str, object: Any, by: str = "") -> None:
    assert (await peer.says(city, peer.activity(kind, object, by=by), by=by)).status_code == 202
    await settle(city)


def letter(peer: Peer, to: Actor, words: str = CANARY, **more: Any) -> dict[str, Any]:
    """As Mastodon writes a direct message."""
    tag = [{"type": "Mention", "href": to.uri, "name": f"@{to.name}@alpha.test"}]
    return peer.note(f"<p>{words}</p>", to=[to.uri], cc=[], tag=tag, **more)


async def sees(city: City, person: Actor) -> str:
    """All that stands in a person's chats."""
    async with await make.log_in(city, person) as browser:
        pages = [(await browser.get("/messages")).text]
        for (id,) in await _chats(city):
            answer = await browser.get(f"/messages/{id}")
            pages.append(answer.text if answer.status_code == 200 else "")
    return "\n".join(pages)


async def _chats(city: City) -> list[Any]:
    async with city.instance.read() as conn:
        return await (await conn.execute("select id from chats")).fetchall()


@pytest.mark.parametrize("kind", ["Note", "ChatMessage"])
async def test_a_letter_is_read_by_its_reader_alone(
    alpha: City, peer: Peer, ann: Actor, kind: str
) -> None:
    ben = await make.a_person(alpha, "ben")
    admin = await make.an_admin(alpha)
    note = letter(peer, ann, type=kind)
    for _ in range(2):
        await says(alpha, peer, "Create", note)
    assert (await sees(alpha, ann)).count(f"<p>{CANARY}</p>") == 1
    for other in (ben, admin):
        assert CANARY not in await sees(alpha, other)
    assert await talk.told(alpha, ann) == [("message", "")]
    assert await alpha.value("select count(*) from posts") == 0
    assert await alpha.value("select count(*) from deliveries where state = 'due'") == 0


async def test_it_is_answered_changed_and_taken_back(alpha: City, peer: Peer, ann: Actor) -> None:
    note = letter(peer, ann, published="2026-05-01T09:00:00Z")
    await says(alpha, peer, "Create", note)
    (chat,) = (await _chats(alpha))[0]
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit(f"/messages/{chat}", {"source": "Yes, *gladly*"})
    await settle(alpha)
    answer = peer.heard[-1]["object"]
    assert (answer["to"], answer["cc"], answer["inReplyTo"]) == ([peer.pat], [], note["id"])
    assert answer["tag"][0]["href"] == peer.pat and PUBLIC not in str(answer)
    changed = letter(peer, ann, "New words", id=note["id"], updated="2026-05-02T09:00:00Z")
    await says(alpha, peer, "Update", changed)
    assert "New words" in await sees(alpha, ann)
    await says(alpha, peer, "Delete", note["id"])
    assert "New words" not in await sees(alpha, ann)
    await says(alpha, peer, "Create", note)
    assert CANARY not in await sees(alpha, ann)


async def test_nobody_changes_or_deletes_anothers_letter(
    alpha: City, peer: Peer, ann: Actor
) -> None:
    note = letter(peer, ann)
    await says(alpha, peer, "Create", note)
    olaf = peer.add_actor("olaf")
    await says(alpha, peer, "Delete", note["id"], by=olaf)
    await says(alpha, peer, "Update", {**note, "attributedTo": olaf, "content": "x"}, by=olaf)
    assert CANARY in await sees(alpha, ann)


async def test_who_is_blocked_writes_no_letters(alpha: City, peer: Peer, ann: Actor) -> None:
    await resolve.actor(alpha.instance, peer.pat)
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/people/pat@far.test/blocking")
    await says(alpha, peer, "Create", letter(peer, ann))
    assert await alpha.value("select count(*) from chat_messages") == 0
    assert await talk.told(alpha, ann) == []


async def test_what_is_for_more_people_is_no_letter(alpha: City, peer: Peer, ann: Actor) -> None:
    garden = await make.a_community(alpha, ann)
    for to in ([PUBLIC, ann.uri], [ann.uri, garden.uri]):
        await says(alpha, peer, "Create", peer.note(to=to))
    listing = a_listing(peer, to=[ann.uri], cc=[])
    await says(alpha, peer, "Create", listing)
    assert await alpha.value("select count(*) from chat_messages") == 0


async def test_a_group_brings_no_letters(alpha: City, peer: Peer, ann: Actor) -> None:
    group = peer.add_actor("bread", "Group")
    note = letter(peer, ann)
    create = peer.activity("Create", note)
    await says(alpha, peer, "Announce", create, by=group)
    await says(alpha, peer, "Announce", note["id"], by=group)
    assert await alpha.value("select count(*) from chat_messages") == 0


async def test_a_letter_between_cities_leaves_no_trace_elsewhere(
    alpha: City, beta: City, gamma: City, wire: Wire, ann: Actor
) -> None:
    far = Peer("far.test", wire).start()
    for city in (alpha, beta):
        await befriend(city, far)
    await far.says(alpha, far.activity("Follow", ann.uri))
    ben = await make.a_person(beta, "ben")
    await resolve.actor(alpha.instance, ben.uri)
    await settle(alpha, beta)
    async with await make.log_in(alpha, ann) as browser:
        assert (
            "/messages/new?to=ben%40beta.test" in (await browser.get("/people/ben@beta.test")).text
        )
        sent = await browser.submit("/messages", {"to": "ben@beta.test", "source": CANARY})
        assert sent.status_code == 303
    await settle(alpha, beta, gamma)
    assert CANARY in await sees(beta, ben)
    assert CANARY not in await everything(gamma)
    assert CANARY not in str(far.heard)
    uri = await alpha.value("select uri from chat_messages")
    path = uri.removeprefix(alpha.origin)
    assert (await alpha.document(path)).status_code == 404
    assert (await far.asks(alpha, path)).status_code == 404
    for city, page in ((alpha, "/people/ann"), (alpha, "/people/ann/outbox?page=first")):
        assert CANARY not in (await city.document(page)).text
    async with await make.log_in(beta, ben) as browser:
        (chat,) = (await _chats(beta))[0]
        await browser.submit(f"/messages/{chat}", {"source": "Back to you"})
    await settle(alpha, beta)
    assert "Back to you" in await sees(alpha, ann)
    assert len(await _chats(alpha)) == len(await _chats(beta)) == 1
