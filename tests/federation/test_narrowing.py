"""What is meant for few: posts for followers, and words whose author made their circle smaller."""

from typing import Any

import pytest

from federation import backfill, resolve
from federation.acts import memberships, people
from schema import follows
from schema.actors import Actor
from tests import make, talk
from tests.federation.door import say
from tests.peer import PUBLIC, Peer, befriend
from tests.world import City, Wire, settle


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    """A neighbour of another make."""
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    return peer


async def follow(city: City, by: Actor, peer: Peer) -> Actor:
    """A resident follows pat, who agrees."""
    pat = await resolve.actor(city.instance, peer.pat)
    async with city.instance.begin() as tx:
        await people.follow(tx, by=by, whom=pat)
        await follows.put(tx.conn, by.id, pat.id, "accepted", "http://alpha.test/follow")
    return pat


def only(peer: Peer, **more: Any) -> dict[str, Any]:
    """A Note for pat's followers."""
    return peer.note("<p>among friends</p>", "", to=[f"{peer.pat}/followers"], **more)


async def sees(city: City, person: Actor | None, path: str) -> bool:
    browser = await make.log_in(city, person) if person else make.guest(city)
    async with browser:
        return "among friends" in (await browser.get(path)).text


async def path_of(city: City, uri: str) -> str:
    return f"/posts/{await city.value('select id::text from posts where uri = %s', uri)}"


async def test_a_post_for_followers_is_read_by_the_followers_and_nobody_else(
    alpha: City, far: Peer
) -> None:
    ann, bob = await make.a_person(alpha, "ann"), await make.a_person(alpha, "bob")
    await follow(alpha, ann, far)
    note = only(far)
    assert (await say(alpha, far, far.activity("Create", note, to=note["to"])))[0] == "done"
    path = await path_of(alpha, str(note["id"]))
    seen = [await sees(alpha, person, path) for person in (ann, bob, None)]
    assert seen == [True, False, False]
    assert await sees(alpha, ann, "/following") is True
    async with alpha.instance.begin() as tx:
        await people.unfollow(tx, by=ann, whom=await resolve.actor(alpha.instance, far.pat))
    assert await sees(alpha, ann, path) is False


async def test_a_post_for_followers_is_not_kept_where_nobody_follows(
    alpha: City, far: Peer
) -> None:
    await make.a_person(alpha, "ann")
    note = only(far)
    assert (await say(alpha, far, far.activity("Create", note)))[0] != "done"
    assert await alpha.value("select count(*) from posts where uri = %s", note["id"]) == 0


async def test_what_is_for_others_is_not_kept_for_followers(alpha: City, far: Peer) -> None:
    await follow(alpha, await make.a_person(alpha, "ann"), far)
    for to in ([f"{far.origin}/u/sam"], []):
        note = far.note("<p>Psst</p>", to=to)
        assert (await say(alpha, far, far.activity("Create", note)))[0] != "done"
    assert await alpha.value("select count(*) from posts where html like '%%Psst%%'") == 0


async def test_who_is_named_and_does_not_follow_gets_a_letter(alpha: City, far: Peer) -> None:
    ann, bob = await make.a_person(alpha, "ann"), await make.a_person(alpha, "bob")
    await follow(alpha, ann, far)
    for person, table in ((ann, "posts"), (bob, "chat_messages")):
        tag = {"type": "Mention", "href": person.uri, "name": f"@{person.name}@alpha.test"}
        note = only(far, cc=[person.uri], tag=[tag])
        assert (await say(alpha, far, far.activity("Create", note)))[0] == "done"
        assert await alpha.value(f"select count(*) from {table} where uri = %s", note["id"]) == 1


@pytest.mark.parametrize(
    ("to", "left"),
    [("followers", [True, False, False]), ("nobody", [False, False, False])],
)
async def test_an_update_that_narrows_the_circle_takes_effect(
    alpha: City, far: Peer, to: str, left: list[bool]
) -> None:
    ann, bob = await make.a_person(alpha, "ann"), await make.a_person(alpha, "bob")
    await follow(alpha, ann, far)
    note = only(far) | {"to": [PUBLIC], "cc": [f"{far.pat}/followers"]}
    await say(alpha, far, far.activity("Create", note))
    path = await path_of(alpha, str(note["id"]))
    assert [await sees(alpha, person, path) for person in (ann, bob, None)] == [True] * 3
    audience = [f"{far.pat}/followers"] if to == "followers" else ["http://far.test/u/other"]
    alpha.clock.now += make.minutes(5)
    later = {**note, "to": audience, "cc": [], "updated": "2999-01-01T00:00:00Z"}
    assert (await say(alpha, far, far.activity("Update", later)))[0] == "done"
    assert [await sees(alpha, person, path) for person in (ann, bob, None)] == left
    alpha.clock.now += make.minutes(5)
    wider = {**note, "updated": "2999-01-02T00:00:00Z"}
    await say(alpha, far, far.activity("Update", wider))
    assert [await sees(alpha, person, path) for person in (ann, bob, None)] == left


async def test_a_listing_that_is_meant_for_nobody_here_any_more_is_gone(
    alpha: City, far: Peer
) -> None:
    intent = {"type": "Intent", "action": "transfer"}
    kind = {"type": "Proposal", "purpose": "offer", "name": "A lathe"}
    listing = far.note("<p>steel</p>", "", publishes=intent, **kind)
    await say(alpha, far, far.activity("Create", listing))
    alpha.clock.now += make.minutes(5)
    later = {**listing, "to": ["http://far.test/u/other"], "updated": "2999-01-01T00:00:00Z"}
    await say(alpha, far, far.activity("Update", later))
    query = "select state from proposals where uri = %s"
    assert await alpha.value(query, listing["id"]) == "withdrawn"


async def test_a_hidden_community_brings_what_third_cities_said_in_it(
    alpha: City, beta: City, gamma: City
) -> None:
    """gamma, who is in it, does not know that beta is; alpha, where it lives, has the proofs."""
    ann = await make.a_person(alpha, "ann")
    ben, cleo = await make.a_person(beta, "ben"), await make.a_person(gamma, "cleo")
    council = await make.a_community(alpha, ann, "council", "approval")
    for city, person in ((gamma, cleo), (beta, ben)):
        await talk.join(city, person, council, alpha)
    await _admit(alpha, ann, council, cleo)
    await settle(alpha, gamma)
    await alpha.execute("update communities set join_rule = 'hidden'")
    await alpha.execute("update actors set discoverable = false where id = %s", council.actor_id)
    await gamma.execute("update communities set join_rule = 'hidden'")
    said = await talk.start(gamma, cleo, council, source="among friends")
    await settle(gamma, alpha)
    await _admit(alpha, ann, council, ben)
    await settle(alpha, beta)
    await backfill.backfill(beta.instance, council.uri)
    found = await talk.copy(beta, said)
    assert found is not None and "among friends" in found.html


async def _admit(city: City, by: Actor, community: Any, person: Actor) -> None:
    from_there = await resolve.actor(city.instance, person.uri)
    async with city.instance.begin() as tx:
        await memberships.admit(tx, by=by, community=community, person=from_there)
