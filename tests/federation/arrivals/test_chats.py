"""Private letters across servers: only those who take part read them."""

from typing import Any

import pytest

from federation import resolve
from schema.actors import Actor
from tests import make, talk
from tests.federation.arrivals.test_proposals import a_listing
from tests.journeys.test_scopes import everything
from tests.peer import PUBLIC, Peer, befriend
from tests.web.test_me import a_picture
from tests.world import City, Wire, settle

CANARY = "kanarienvogel"


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


async def test_pictures_come_with_letters_and_change_with_them(
    alpha: City, peer: Peer, ann: Actor
) -> None:
    """As Mastodon writes them: Document with a mediaType."""

    def picture(name: str) -> dict[str, Any]:
        url = f"{peer.origin}/{name}.png"
        return {"type": "Document", "mediaType": "image/png", "url": url, "name": name}

    both, may = [picture("bike"), picture("map")], "2026-05-01T09:00:00Z"
    note = letter(peer, ann, attachment=both, published=may)
    await says(alpha, peer, "Create", note)
    shown = """select array_agg(m.alt order by t.position) from attachments t
      join media m on m.id = t.media_id where t.letter_id is not null"""
    assert await alpha.value(shown) == ["bike", "map"]
    page = await sees(alpha, ann)
    assert 'alt="bike"' in page and f"{peer.origin}/bike.png" not in page
    kept = "select media_id from attachments where position = 1"
    before = await alpha.value("select id from media where alt = 'map'")
    newer = {**note, "attachment": [picture("map")], "updated": "2026-05-02T09:00:00Z"}
    await says(alpha, peer, "Update", newer)
    assert await alpha.value(shown) == ["map"] and await alpha.value(kept) == before
    await says(alpha, peer, "Delete", note["id"])
    assert await alpha.value(shown) is None
    assert await alpha.value("select count(*) from media") == 0


async def test_ours_are_sent_with_pictures_and_changed(alpha: City, peer: Peer, ann: Actor) -> None:
    await resolve.actor(alpha.instance, peer.pat)
    async with await make.log_in(alpha, ann) as browser:
        files = {"picture1": ("a.jpg", a_picture())}
        said = {"to": "pat@far.test", "source": CANARY, "alt1": "A bike"}
        answer = await browser.submit("/messages", said, files=files)
        assert answer.status_code == 303
        chat = answer.headers["location"]
        await settle(alpha)
        sent = peer.heard[-1]["object"]
        (image,) = sent["attachment"]
        assert (image["type"], image["name"]) == ("Image", "A bike")
        assert (await alpha.get(image["url"].removeprefix(alpha.origin))).status_code == 200
        id = await alpha.value("select id from chat_messages")
        form = await browser.get(f"{chat}/{id}/edit")
        assert CANARY in form.text and "A bike" in form.text
        await browser.submit(f"{chat}/{id}/edit", {"source": "Another word"})
        assert (await browser.get(chat)).text.count("Another word") == 1
    await settle(alpha)
    update = peer.heard[-1]
    assert (update["type"], update["to"], update["cc"]) == ("Update", [peer.pat], [])
    assert update["object"]["id"] == sent["id"] and update["object"]["attachment"] == []
    assert "Another word" in update["object"]["content"]
    assert update["object"]["updated"] > sent["updated"]
    served = await peer.asks(alpha, sent["id"].removeprefix(alpha.origin))
    assert "Another word" in served.json()["content"]
    assert await alpha.value("select count(*) from media") == 0


async def test_a_letter_is_reported_with_the_words_one_wants_to_show(
    alpha: City, peer: Peer, ann: Actor
) -> None:
    ben = await make.a_person(alpha, "ben")
    await says(alpha, peer, "Create", letter(peer, ann))
    id = await alpha.value("select id from chat_messages")
    query = f"actor=pat@far.test&letter={id}"
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.get(f"/reports/new?{query}")).status_code == 404
    async with await make.log_in(alpha, ann) as browser:
        assert (
            f"letter={id}" in (await browser.get(f"/messages/{(await _chats(alpha))[0][0]}")).text
        )
        assert CANARY in (await browser.get(f"/reports/new?{query}")).text
        said = {"actor": "pat@far.test", "harm": "hate", "text": CANARY, "forward": "1"}
        assert (await browser.submit("/reports", said)).status_code == 303
    assert await alpha.value("select text from reports") == CANARY
    await settle(alpha)
    assert peer.heard[-1]["type"] == "Flag" and peer.heard[-1]["object"] == [peer.pat]


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
