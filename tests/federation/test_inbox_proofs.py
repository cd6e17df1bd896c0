"""What somebody passes on: taken with a proof of its author, else read where it comes from."""

from datetime import timedelta
from typing import Any

import pytest

from federation import proofs, resolve
from federation.keys import load_ed25519, rsa_multibase
from schema import proposals
from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle

FORGED, REAL = "<p>forged</p>", "<p>real</p>"
GROUP = "http://hub.test/c/group"


def with_key(peer: Peer, uri: str) -> None:
    """Lists the Ed25519 key in the actor's document (FEP-521a)."""
    peer.documents[uri]["assertionMethod"] = [
        {
            "id": f"{uri}#ed25519-key",
            "type": "Multikey",
            "controller": uri,
            "publicKeyMultibase": peer.pair.ed25519_public,
        }
    ]


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    """A neighbour whose person pat proves what he says."""
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    with_key(peer, peer.pat)
    return peer


@pytest.fixture
async def hub(alpha: City, wire: Wire) -> Peer:
    """Another neighbour, with a group that passes things on."""
    peer = Peer("hub.test", wire).start()
    await befriend(alpha, peer)
    peer.add_actor("group", "Group")
    return peer


def offer(peer: Peer, **more: Any) -> dict[str, Any]:
    offered = {"type": "Intent", "resourceConformsTo": "https://www.wikidata.org/wiki/Q2"}
    kind: dict[str, Any] = {"type": "Proposal", "purpose": "offer", "name": "A ladder"}
    return peer.note(REAL, "", **{**kind, "publishes": offered, **more})


def proved(city: City, peer: Peer, said: dict[str, Any], key: str = "") -> dict[str, Any]:
    """With the author's proof."""
    return proofs.sign(
        said,
        key=load_ed25519(peer.pair.ed25519_private),
        key_id=key or f"{peer.pat}#ed25519-key",
        now=city.clock(),
    )


async def known(city: City, uri: str) -> tuple[str, str] | None:
    async with city.instance.read() as conn:
        found = await proposals.find(conn, uri)
    return None if found is None else (found.html.strip(), found.state)


async def relay(city: City, hub: Peer, inner: dict[str, Any]) -> str:
    """The group announces it; the verdict."""
    said = hub.activity("Announce", inner, by=GROUP)
    assert (await hub.says(city, said, by=GROUP)).status_code == 202
    await settle(city)
    return await city.value("select state from activities where uri = %s", said["id"])


def asked(city: City, uri: str) -> int:
    return [passed.url for passed in city.wire.log].count(uri)


async def test_fep_8b32_what_a_group_relays_with_a_proof_is_taken_without_asking(
    alpha: City, far: Peer, hub: Peer
) -> None:
    listing = offer(far)
    inner = proved(alpha, far, far.activity("Create", listing))
    assert await relay(alpha, hub, inner) == "done"
    assert await known(alpha, listing["id"]) == (REAL, "open")
    assert asked(alpha, listing["id"]) == asked(alpha, inner["id"]) == 0


async def test_fep_8b32_words_under_a_proof_that_does_not_hold_are_read_at_their_origin(
    alpha: City, far: Peer, hub: Peer
) -> None:
    listing = offer(far)
    inner = proved(alpha, far, far.activity("Create", listing))
    inner["object"] = {**listing, "content": FORGED}
    assert await relay(alpha, hub, inner) == "done"
    assert await known(alpha, listing["id"]) == (REAL, "open")
    assert asked(alpha, listing["id"]) == 1


async def test_fep_8b32_a_proof_by_somebody_else_s_key_proves_nothing(
    alpha: City, far: Peer, hub: Peer
) -> None:
    with_key(hub, hub.pat)
    listing = offer(far)
    forged = far.activity("Create", {**listing, "content": FORGED})
    for key in (f"{hub.pat}#ed25519-key", f"{far.pat}#ed25519-key", f"{far.pat}#other"):
        await relay(alpha, hub, proved(alpha, hub, forged, key))
        assert (await known(alpha, listing["id"])) == (REAL, "open")


async def test_fep_8b32_changes_and_deletions_are_relayed_with_a_proof_and_not_without(
    alpha: City, far: Peer, hub: Peer
) -> None:
    listing = offer(far)
    await relay(alpha, hub, proved(alpha, far, far.activity("Create", listing)))
    delete = far.activity("Delete", listing["id"])
    assert await relay(alpha, hub, delete) != "done"
    assert await known(alpha, listing["id"]) == (REAL, "open")
    assert await relay(alpha, hub, proved(alpha, far, delete)) == "done"
    found = await known(alpha, listing["id"])
    assert found is None or found[1] == "withdrawn"


async def test_fep_8b32_an_old_activity_that_is_brought_again_changes_nothing(
    alpha: City, far: Peer, hub: Peer
) -> None:
    listing = offer(far)
    create = proved(alpha, far, far.activity("Create", listing))
    await relay(alpha, hub, create)
    updates = []
    for words in ("<p>one</p>", "<p>two</p>"):
        alpha.clock.now += timedelta(minutes=1)
        newer = {**listing, "content": words, "updated": alpha.clock().isoformat()}
        updates.append(proved(alpha, far, far.activity("Update", newer)))
        await relay(alpha, hub, updates[-1])
    assert await known(alpha, listing["id"]) == ("<p>two</p>", "open")
    for old in (updates[0], create):
        await relay(alpha, hub, old)
        assert await known(alpha, listing["id"]) == ("<p>two</p>", "open")
    delete = proved(alpha, far, far.activity("Delete", listing["id"]))
    assert await relay(alpha, hub, delete) == "done"
    assert await relay(alpha, hub, create) == "done"
    found = await known(alpha, listing["id"])
    assert found is None or found[1] == "withdrawn"


async def test_fep_8b32_what_a_moderator_took_back_is_not_done_again_by_others(
    alpha: City, far: Peer, hub: Peer, ann: Actor, garden: Community
) -> None:
    pat = await resolve.actor(alpha.instance, far.pat)
    await talk.promote(alpha, ann, garden, pat)
    post = await talk.start(alpha, ann, garden)

    async def closed() -> bool:
        await settle(alpha)
        here = await talk.copy(alpha, post)
        return here is not None and here.locked_at is not None

    lock = proved(alpha, far, far.activity("Lock", post.uri))
    await relay(alpha, hub, lock)
    assert await closed()
    await far.says(alpha, far.activity("Undo", lock))
    assert not await closed()
    await relay(alpha, hub, lock)
    assert not await closed()


async def test_fep_8b32_a_proof_older_than_our_memory_is_not_enough(
    alpha: City, far: Peer, hub: Peer
) -> None:
    listing = offer(far)
    await relay(alpha, hub, proved(alpha, far, far.activity("Create", listing)))
    delete, now = far.activity("Delete", listing["id"]), alpha.clock.now
    alpha.clock.now = now - timedelta(days=401)
    old = proved(alpha, far, delete)
    alpha.clock.now = now
    await relay(alpha, hub, old)
    assert await known(alpha, listing["id"]) == (REAL, "open")
    await relay(alpha, hub, proved(alpha, far, {**delete, "id": f"{delete['id']}/new"}))
    found = await known(alpha, listing["id"])
    assert found is None or found[1] == "withdrawn"


async def test_trap_33_what_somebody_passes_on_with_a_proof_counts_as_said(
    alpha: City, far: Peer, hub: Peer
) -> None:
    listing = offer(far)
    said = proved(alpha, far, far.activity("Create", listing))
    assert (await hub.says(alpha, said)).status_code == 202
    await settle(alpha)
    assert await known(alpha, listing["id"]) == (REAL, "open")


async def test_trap_33_without_a_proof_it_is_read_where_it_comes_from(
    alpha: City, far: Peer, hub: Peer
) -> None:
    listing = offer(far)
    said = far.activity("Create", listing)
    assert (await hub.says(alpha, said)).status_code == 401, "nobody but the bearer says so"
    far.add(said)
    forged = {**said, "object": {**listing, "content": FORGED}}
    assert (await hub.says(alpha, forged)).status_code == 202
    await settle(alpha)
    assert await known(alpha, listing["id"]) == (REAL, "open")


@pytest.mark.parametrize(("status", "taken"), [(410, True), (404, False), (200, False)])
async def test_trap_33_a_deletion_that_is_passed_on_is_believed_of_what_is_gone_for_good(
    alpha: City, far: Peer, hub: Peer, status: int, taken: bool
) -> None:
    listing = offer(far)
    assert (await far.says(alpha, far.activity("Create", listing))).status_code == 202
    await settle(alpha)
    if status != 200:
        far.gone[listing["id"]] = status
    answer = await hub.says(alpha, far.activity("Delete", listing["id"]))
    await settle(alpha)
    assert answer.is_success == taken
    found = await known(alpha, listing["id"])
    assert (found is None or found[1] == "withdrawn") == taken


async def test_strangers_pass_nothing_on_where_only_neighbours_are_heard(
    alpha: City, far: Peer, wire: Wire
) -> None:
    stranger = Peer("stranger.test", wire).start()
    listing = offer(far)
    said = proved(alpha, far, far.activity("Create", listing))
    assert (await stranger.says(alpha, said)).status_code == 401
    assert asked(alpha, far.pat) == 0


async def test_fep_8b32_the_author_s_own_broken_proof_spoils_the_message(
    alpha: City, far: Peer
) -> None:
    listing = offer(far)
    said = proved(alpha, far, far.activity("Create", listing))
    assert (await far.says(alpha, {**said, "summary": "x"})).status_code == 401
    assert (await far.says(alpha, said)).status_code == 202


async def test_what_was_made_under_a_clock_that_was_ahead_is_taken_from_its_author_alone(
    alpha: City, far: Peer, hub: Peer
) -> None:
    """The clock is right again, the proof is not: brought by others, it has to wait."""
    one, two = offer(far), offer(far)
    alpha.clock.now += timedelta(hours=3)
    early = [proved(alpha, far, far.activity("Update", listing)) for listing in (one, two)]
    alpha.clock.now -= timedelta(hours=3)
    assert (await far.says(alpha, early[0])).status_code == 202
    await settle(alpha)
    assert await known(alpha, one["id"]) == (REAL, "open")
    far.documents.pop(two["id"])
    forged = {**early[1], "object": {**two, "content": FORGED}}
    for said in (early[1], forged):
        await relay(alpha, hub, said)
    assert await known(alpha, two["id"]) is None
    spoiled = {**early[0], "id": f"{far.origin}/activities/x", "summary": "x"}
    assert (await far.says(alpha, spoiled)).status_code == 401


@pytest.mark.parametrize("cryptosuite", ["eddsa-rdfc-2022", "new-2030"])
async def test_a_proof_that_we_do_not_understand_does_no_harm(
    alpha: City, far: Peer, cryptosuite: str
) -> None:
    said = proved(alpha, far, far.activity("Create", offer(far)))
    said["proof"]["cryptosuite"] = cryptosuite
    assert (await far.says(alpha, said)).status_code == 202


async def test_fep_521a_a_request_may_be_signed_with_any_key_that_the_actor_lists(
    alpha: City, far: Peer
) -> None:
    document = far.documents[far.pat]
    document["assertionMethod"].append(
        {
            "id": f"{far.pat}#rsa-2",
            "type": "Multikey",
            "controller": far.pat,
            "publicKeyMultibase": rsa_multibase(far.pair.rsa_public),
        }
    )
    far.key = "rsa-2"
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 202
    document["assertionMethod"].pop()
    alpha.clock.now += timedelta(days=4)
    assert (await far.says(alpha, far.activity("Like", far.pat))).status_code == 202
    far.key = "main-key"


async def test_fep_8b32_everything_we_say_is_proved_by_who_says_it(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, "A ladder", scope="everyone")
    await settle(alpha, beta)
    said = [passed for passed in alpha.wire.log if passed.method == "POST"]
    assert said
    for passed in said:
        assert b'"proof":{"@context"' in passed.body
    query = "select state from activities where direction = 'in' and type = 'Announce'"
    assert await beta.value(query) == "done"
    assert asked(beta, f"{alpha.origin}/people/ann") == 1
