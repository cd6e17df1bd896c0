"""What is believed of what arrives: an author's own words, and else what lives at its address."""

from datetime import timedelta
from typing import Any

import pytest

from schema import proposals
from tests import make, talk
from tests.peer import Peer
from tests.world import City, Wire, fast_forward, settle

FORGED, REAL = "<p>forged</p>", "<p>real</p>"


SAM, GROUP = "http://far.test/u/sam", "http://far.test/c/group"
EVIL_GROUP = "http://evil.test/c/group"


def offer(peer: Peer, by: str = "", **more: Any) -> dict[str, Any]:
    """An offer as FEP-0837 writes it, served at its id."""
    offered = {"type": "Intent", "resourceConformsTo": "https://www.wikidata.org/wiki/Q2"}
    kind = {"type": "Proposal", "purpose": "offer", "name": "A ladder", "publishes": offered}
    return peer.note(REAL, by, **{**kind, **more})


def changed(city: City, listing: dict[str, Any], words: str = FORGED) -> dict[str, Any]:
    """The listing as it might read a minute later."""
    city.clock.now += timedelta(minutes=1)
    return {**listing, "content": words, "updated": city.clock().isoformat()}


async def known(city: City, uri: str) -> tuple[str, str] | None:
    """Words and state of a listing as this city has it."""
    async with city.instance.read() as conn:
        found = await proposals.find(conn, uri)
    return None if found is None else (found.html.strip(), found.state)


async def verdict(city: City, said: dict[str, Any]) -> tuple[str, str]:
    """What became of an activity."""
    async with city.instance.read() as conn:
        query = "select state, verdict from activities where uri = %s"
        row = await (await conn.execute(query, [said["id"]])).fetchone()
        assert row is not None
        return row


async def say(city: City, peer: Peer, said: dict[str, Any], by: str = "") -> tuple[str, str]:
    """Sends it and lets it be handled; the verdict."""
    assert (await peer.says(city, said, by=by)).status_code == 202
    await settle(city)
    return await verdict(city, said)


async def test_an_authors_own_words_are_believed_without_asking(alpha: City, far: Peer) -> None:
    listing = offer(far)
    assert await say(alpha, far, far.activity("Create", listing)) == ("done", "")
    assert await known(alpha, listing["id"]) == (REAL, "open")
    assert listing["id"] not in [passed.url for passed in alpha.wire.log]


async def test_b03_words_on_another_server_are_fetched_there(
    alpha: City, far: Peer, evil: Peer
) -> None:
    listing = offer(far)
    forged = {**listing, "content": FORGED, "attributedTo": evil.pat}
    state, reason = await say(alpha, evil, evil.activity("Create", forged))
    assert (state, reason) == ("refused", "the object belongs to somebody else")
    assert await known(alpha, listing["id"]) is None


@pytest.mark.parametrize(
    "owner", [None, 1, "1", {}, [], SAM, ["http://evil.test/u/pat"], "http://alpha.test/people/ann"]
)
async def test_b07_an_object_says_whose_it_is(alpha: City, far: Peer, owner: Any) -> None:
    listing = {**offer(far), "attributedTo": owner}
    state, _ = await say(alpha, far, far.activity("Create", listing))
    assert state in ("refused", "malformed")
    assert await known(alpha, listing["id"]) is None


async def test_b04_what_an_announce_embeds_is_fetched_from_where_it_lives(
    alpha: City, far: Peer, evil: Peer
) -> None:
    listing = offer(far)
    forged = {**listing, "content": FORGED}
    said = evil.activity("Announce", forged, by=EVIL_GROUP)
    assert (await say(alpha, evil, said, EVIL_GROUP))[0] == "done"
    assert await known(alpha, listing["id"]) == (REAL, "open")


async def test_b13_an_announced_activity_brings_the_words_of_the_origin(
    alpha: City, far: Peer, evil: Peer
) -> None:
    listing = offer(far)
    inner = far.activity("Create", {**listing, "content": FORGED})
    said = evil.activity("Announce", inner, by=EVIL_GROUP)
    assert (await say(alpha, evil, said, EVIL_GROUP))[0] == "done"
    assert await known(alpha, listing["id"]) == (REAL, "open")


async def test_b04_while_the_origin_is_away_nothing_is_kept(
    alpha: City, far: Peer, evil: Peer, wire: Wire
) -> None:
    listing = offer(far)
    wire.cut(far.host)
    said = evil.activity("Announce", {**listing, "content": FORGED}, by=EVIL_GROUP)
    assert (await say(alpha, evil, said, EVIL_GROUP))[0] == "waiting"
    assert await known(alpha, listing["id"]) is None
    wire.mend(far.host)
    await fast_forward(alpha)
    await settle(alpha)
    assert await verdict(alpha, said) == ("done", "")
    assert await known(alpha, listing["id"]) == (REAL, "open")


async def test_a_group_speaks_for_its_own_server(alpha: City, far: Peer) -> None:
    listing = offer(far, SAM)
    said = far.activity("Announce", far.activity("Create", listing, by=SAM), by=GROUP)
    assert await say(alpha, far, said, GROUP) == ("done", "")
    assert await known(alpha, listing["id"]) == (REAL, "open")


async def test_b06_a_person_does_not_speak_for_others_of_the_same_server(
    alpha: City, far: Peer
) -> None:
    listing = offer(far, SAM)
    await say(alpha, far, far.activity("Announce", {**listing, "content": FORGED}))
    assert await known(alpha, listing["id"]) == (REAL, "open")
    forged = changed(alpha, listing)
    for kind, object in (("Update", forged), ("Delete", listing["id"])):
        await say(alpha, far, far.activity("Announce", far.activity(kind, object, by=SAM)))
        assert await known(alpha, listing["id"]) == (REAL, "open"), kind


@pytest.mark.parametrize("kind", ["Update", "Delete"])
async def test_b06_nobody_else_changes_or_deletes(
    alpha: City, far: Peer, evil: Peer, kind: str
) -> None:
    listing = offer(far)
    await say(alpha, far, far.activity("Create", listing))
    forged = changed(alpha, listing)
    for peer, by in ((far, SAM), (evil, evil.pat), (far, GROUP), (evil, EVIL_GROUP)):
        object = listing["id"] if kind == "Delete" else {**forged, "attributedTo": by}
        assert (await say(alpha, peer, peer.activity(kind, object, by=by), by))[0] == "refused"
        assert await known(alpha, listing["id"]) == (REAL, "open")


@pytest.mark.parametrize("kind", ["Update", "Delete"])
async def test_b06_no_group_of_another_server_passes_on_a_forged_change(
    alpha: City, far: Peer, evil: Peer, kind: str
) -> None:
    listing = offer(far)
    await say(alpha, far, far.activity("Create", listing))
    forged = changed(alpha, listing)
    inner = far.activity(kind, listing["id"] if kind == "Delete" else forged)
    await say(alpha, evil, evil.activity("Announce", inner, by=EVIL_GROUP), EVIL_GROUP)
    assert await known(alpha, listing["id"]) == (REAL, "open")


async def test_an_author_changes_and_deletes(alpha: City, far: Peer) -> None:
    listing = offer(far)
    await say(alpha, far, far.activity("Create", listing))
    await say(alpha, far, far.activity("Update", changed(alpha, listing, "<p>new</p>")))
    assert await known(alpha, listing["id"]) == ("<p>new</p>", "open")
    await say(alpha, far, far.activity("Delete", {"type": "Tombstone", "id": listing["id"]}))
    assert await known(alpha, listing["id"]) == ("", "withdrawn")


async def test_b09_a_document_with_another_id_is_asked_for_there_once(
    alpha: City, far: Peer
) -> None:
    listing = offer(far)
    far.documents[f"{far.origin}/short"] = listing
    far.documents[f"{far.origin}/loop"] = {**listing, "id": f"{far.origin}/elsewhere"}
    far.documents[f"{far.origin}/elsewhere"] = {**listing, "id": f"{far.origin}/loop2"}
    assert (await say(alpha, far, far.activity("Announce", f"{far.origin}/short")))[0] == "done"
    assert await known(alpha, listing["id"]) == (REAL, "open")
    assert (await say(alpha, far, far.activity("Announce", f"{far.origin}/loop")))[0] == "refused"


async def test_b09_a_document_cannot_claim_the_id_of_another_server(
    alpha: City, far: Peer, evil: Peer
) -> None:
    listing = offer(far)
    evil.documents[f"{evil.origin}/copy"] = {**listing, "content": FORGED}
    state, _ = await say(alpha, evil, evil.activity("Announce", f"{evil.origin}/copy"))
    assert state == "refused"
    assert await known(alpha, listing["id"]) is None


async def test_c09_our_own_words_coming_back_are_not_fetched(alpha: City, far: Peer) -> None:
    ladder = await make.a_proposal(alpha, await make.a_person(alpha, "ann"))
    forged = {**offer(far), "id": ladder.uri, "content": FORGED}
    for said in (far.activity("Announce", forged), far.activity("Announce", ladder.uri)):
        assert (await say(alpha, far, said))[0] == "ignored"
    assert await known(alpha, ladder.uri) == (ladder.html.strip(), "open")


@pytest.mark.parametrize("inner", [5, [], {}, "x", {"type": 5}, {"type": []}, {"type": "Create"}])
async def test_an_announce_of_nonsense_is_set_aside(alpha: City, far: Peer, inner: Any) -> None:
    if isinstance(inner, dict) and inner:
        inner = {"id": f"{far.origin}/x", "actor": far.pat, **inner}
    state, reason = await say(alpha, far, far.activity("Announce", inner, by=GROUP), GROUP)
    assert state in ("ignored", "malformed", "refused"), reason
    assert "broke" not in reason


async def test_an_undo_takes_back_only_ones_own(alpha: City, far: Peer, evil: Peer) -> None:
    garden = await make.a_community(alpha, await make.a_person(alpha, "ann"))
    follow = far.activity("Follow", garden.uri)
    await say(alpha, far, follow)
    for undone in (follow, follow["id"], {**follow, "actor": evil.pat}):
        await say(alpha, evil, evil.activity("Undo", undone))
    group = await talk.group_of(alpha, garden)
    followers = "select count(*) from follows where followed_id = %s"
    assert await alpha.value(followers, group.id) == 2
    assert await say(alpha, far, far.activity("Undo", follow["id"])) == ("done", "")
    assert await alpha.value(followers, group.id) == 1
