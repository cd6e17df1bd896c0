"""Group I: what comes twice, in the wrong order, from the past or from the future."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from federation import queue, resolve, worker
from federation.acts import memberships
from schema import communities
from schema.actors import Actor
from tests import make
from tests.federation.door import (
    HEARING,
    asked,
    cavage,
    encoded,
    listing,
    offer,
    post,
    say,
    untouched,
    words,
)
from tests.peer import PUBLIC, Peer
from tests.world import City, settle

SAM, GROUP = "http://far.test/u/sam", "http://far.test/c/group"
FOLLOWERS = "select count(*) from follows f join actors a on a.id = f.followed_id where a.uri = %s"


def mentioning(far: Peer, ann: Actor, **more: Any) -> dict[str, Any]:
    """A Note that is kept here because it speaks to one of us."""
    return far.note(tag=[{"type": "Mention", "href": ann.uri}], cc=[ann.uri], **more)


def later(city: City, thing: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The thing as it was changed a minute later."""
    city.clock.now += timedelta(minutes=1)
    return {**thing, "content": "<p>new</p>", "updated": city.clock().isoformat(), **more}


@pytest.mark.parametrize("kind", ["note", "offer"])
@pytest.mark.parametrize(
    "after",
    [timedelta(seconds=1), timedelta(hours=7), timedelta(days=31), timedelta(days=800)],
    ids=str,
)
async def test_i01_a_delete_that_comes_first(
    alpha: City, far: Peer, kind: str, after: timedelta
) -> None:
    ann = await make.a_person(alpha, "ann")
    thing = offer(far) if kind == "offer" else mentioning(far, ann)
    tombstone = {"type": "Tombstone", "id": thing["id"]}
    await say(alpha, far, far.activity("Delete", tombstone))
    alpha.clock.now += after
    await queue.sweep_rows(alpha.instance)
    await queue.sweep_activities(alpha.instance)
    async with untouched(alpha, *HEARING):
        await say(alpha, far, far.activity("Create", thing))
        await say(alpha, far, far.activity("Update", later(alpha, thing)))
    assert await words(alpha, thing["id"]) is None
    assert await listing(alpha, thing["id"]) is None


async def test_i02_an_undo_that_comes_before_what_it_takes_back(alpha: City, far: Peer) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    for kind, object in (("Follow", ann.uri), ("Follow", garden.uri), ("Join", garden.uri)):
        wish = far.activity(kind, object)
        before = await alpha.value(FOLLOWERS, object)
        for undone in (wish["id"], wish):
            await say(alpha, far, far.activity("Undo", undone))
        assert (await say(alpha, far, wish))[0] == "refused", kind
        assert await alpha.value(FOLLOWERS, object) == before
    assert await say(alpha, far, far.activity("Follow", ann.uri)) == ("done", "")


async def test_i02_an_answer_to_nothing_and_one_after_a_refusal(alpha: City, far: Peer) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    for kind in ("Accept", "Reject"):
        for uri in (garden.uri, ann.uri):
            asked_for = {"id": f"{alpha.origin}/x", "type": "Follow", "actor": uri, "object": GROUP}
            async with untouched(alpha, *HEARING):
                await say(alpha, far, far.activity(kind, asked_for, by=GROUP), GROUP)
    async with untouched(alpha, *HEARING, "notices"):
        await say(alpha, far, far.activity("Leave", garden.uri))


async def test_i02_a_refusal_after_an_admission_and_the_admission_again(
    alpha: City, far: Peer
) -> None:
    """The last word counts: an Accept that was there before does not come back."""
    ann = await make.a_person(alpha, "ann")
    group = await resolve.actor(alpha.instance, GROUP)
    async with alpha.instance.begin() as tx:
        community = await communities.find_by_uri(tx.conn, GROUP)
        assert community is not None
        await memberships.ask(tx, by=ann, community=community, message="")
    await settle(alpha)
    (wish,) = [said for said in far.heard if said["type"] in ("Join", "Follow")]
    accept, letter = b"", dict[str, str]()
    state = "select state from memberships where person_id = %s and community_id = %s"
    for kind, expected in (("Accept", "member"), ("Reject", "left")):
        said = far.activity(kind, wish, by=GROUP)
        recorded = cavage(far, alpha, encoded(said), key_id=f"{GROUP}#main-key")
        assert await say(alpha, far, said, GROUP) == ("done", "")
        assert await alpha.value(state, ann.id, group.id) == expected, kind
        if kind == "Accept":
            accept, letter = encoded(said), recorded
    alpha.clock.now += timedelta(minutes=1)
    async with untouched(alpha, "peers"):
        assert (await post(alpha, accept, letter)).status_code == 202


async def test_i02_a_leave_that_overtakes_its_join(alpha: City, far: Peer) -> None:
    """Both count their editions: what was said first changes nothing when it comes last."""
    garden = await make.a_community(alpha, await make.a_person(alpha, "ann"))
    join = far.activity("Join", garden.uri, edition=1)
    await say(alpha, far, far.activity("Leave", garden.uri, edition=2))
    await say(alpha, far, join)
    query = """select count(*) from memberships m join actors a on a.id = m.person_id
      where a.uri = %s and m.state = 'member'"""
    assert await alpha.value(query, far.pat) == 0
    assert await say(alpha, far, far.activity("Join", garden.uri, edition=3)) == ("done", "")
    assert await alpha.value(query, far.pat) == 1


async def test_i03_the_same_id_with_other_words(
    alpha: City, far: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    first = far.activity("Create", offer(far))
    assert await say(alpha, far, first) == ("done", "")
    second = {**first, "object": offer(far, content="<p>other</p>")}
    third = {**first, "type": "Delete", "object": first["object"]["id"]}
    async with untouched(alpha, "peers"):
        for other in (second, third):
            assert (await far.says(alpha, other)).status_code == 202
            assert "an id with other words" in capsys.readouterr().out, "an alarm for the admin"
        assert (await far.says(alpha, first)).status_code == 202
        assert "other words" not in capsys.readouterr().out
    assert await listing(alpha, first["object"]["id"]) == ("<p>real</p>", "open")


async def test_i04_the_same_a_hundred_times_at_once(alpha: City, far: Peer) -> None:
    ann = await make.a_person(alpha, "ann")
    follow = far.activity("Follow", ann.uri)
    paths = ("/inbox", "/people/ann/inbox", "/city/inbox", "/actor/inbox")
    answers = await asyncio.gather(
        *(far.says(alpha, follow, path=paths[n % 4]) for n in range(100))
    )
    assert {answer.status_code for answer in answers} == {202}
    await asyncio.gather(*(worker.receive_due(alpha.instance) for _ in range(4)))
    await settle(alpha)
    assert await alpha.value(FOLLOWERS, ann.uri) == 1
    assert [said["type"] for said in far.heard] == ["Accept"]
    query = "select count(*) from activities where uri = %s"
    assert await alpha.value(query, follow["id"]) == 1


@pytest.mark.parametrize("kind", ["person", "community"])
async def test_i05_a_wish_with_an_id_that_was_used_before(
    alpha: City, far: Peer, kind: str
) -> None:
    ann = await make.a_person(alpha, "ann")
    whom = ann.uri if kind == "person" else (await make.a_community(alpha, ann)).uri
    before = await alpha.value(FOLLOWERS, whom)
    follow = far.activity("Follow", whom)
    assert await say(alpha, far, follow) == ("done", "")
    recorded = cavage(far, alpha, encoded(follow))
    assert await say(alpha, far, far.activity("Undo", follow)) == ("done", "")
    assert await alpha.value(FOLLOWERS, whom) == before
    async with untouched(alpha, "peers"):
        assert (await post(alpha, encoded(follow), recorded)).status_code == 202
    alpha.clock.now += timedelta(minutes=1)
    assert await say(alpha, far, follow) == ("done", "")
    assert await alpha.value(FOLLOWERS, whom) == before + 1


async def test_i06_farewells_of_people_we_never_met(alpha: City, far: Peer) -> None:
    async with untouched(alpha):
        for number in range(200):
            gone = f"{far.origin}/u/gone{number}"
            said = far.activity("Delete", gone, by=gone)
            assert (await far.says(alpha, said, by=gone)).status_code == 202
    assert asked(alpha, far) == []


async def test_i06_a_forged_farewell(alpha: City, far: Peer, evil: Peer) -> None:
    await say(alpha, far, far.activity("Like", far.pat))
    async with untouched(alpha, *HEARING):
        for peer, by in ((far, SAM), (far, GROUP), (evil, evil.pat)):
            await say(alpha, peer, peer.activity("Delete", far.pat, by=by), by)
        forged = far.activity("Delete", far.pat)
        assert (await evil.says(alpha, forged)).status_code == 401
        relayed = evil.activity("Announce", forged, by="http://evil.test/c/group")
        await say(alpha, evil, relayed, "http://evil.test/c/group")
    query = "select deleted_at from actors where uri = %s"
    assert await alpha.value(query, far.pat) is None


@pytest.mark.parametrize("kind", ["note", "offer"])
async def test_i07_an_older_change_comes_later(alpha: City, far: Peer, kind: str) -> None:
    ann = await make.a_person(alpha, "ann")
    thing = offer(far) if kind == "offer" else mentioning(far, ann)
    await say(alpha, far, far.activity("Create", thing))
    older = {**later(alpha, thing), "content": "<p>older</p>"}
    newer = {**later(alpha, thing), "content": "<p>newer</p>"}
    for change in (newer, older, newer, {**older, "content": "<p>again</p>"}):
        await say(alpha, far, far.activity("Update", change))
        here = await words(alpha, thing["id"]) or (await listing(alpha, thing["id"]) or ("",))[0]
        assert here == "<p>newer</p>"


@pytest.mark.parametrize("kind", ["note", "offer"])
async def test_i07_a_change_makes_nothing_wider_and_nothing_else(
    alpha: City, far: Peer, kind: str
) -> None:
    """A change of words changes words: not who may read it, nor whose it is, nor where it hangs."""
    ann = await make.a_person(alpha, "ann")
    ladder = await make.a_proposal(alpha, ann)
    garden = await make.a_community(alpha, ann)
    await say(alpha, far, far.activity("Join", garden.uri))
    narrow: dict[str, Any] = {"to": [garden.uri], "audience": garden.uri}
    thing = offer(far, **narrow) if kind == "offer" else mentioning(far, ann, inReplyTo=ladder.uri)
    table = "proposals" if kind == "offer" else "posts"
    about = f"select row(scope, author_id, community_id, created) from {table} where uri = %s"
    state, reason = await say(alpha, far, far.activity("Create", thing))
    if state == "refused":
        pytest.fail(reason)
    before = await alpha.value(about, thing["id"])
    for change in (
        {"to": [PUBLIC]},
        {"attributedTo": SAM},
        {"attributedTo": [SAM, far.pat]},
        {"inReplyTo": f"{far.origin}/notes/other"},
        {"type": "Person"},
        {"published": "1970-01-01T00:00:00Z"},
        {"audience": GROUP},
    ):
        changed = later(alpha, thing, **change)
        await say(alpha, far, far.activity("Update", changed))
        assert await alpha.value(about, thing["id"]) == before, change
    if kind == "note":
        query = "select in_reply_to from posts where uri = %s"
        assert await alpha.value(query, thing["id"]) == ladder.uri


async def test_i08_an_address_that_is_used_again(alpha: City, far: Peer) -> None:
    """A server restored from a copy says other things under addresses that we know already."""
    thing = offer(far)
    await say(alpha, far, far.activity("Create", thing))
    other = {**thing, "content": "<p>restored</p>"}
    await say(alpha, far, far.activity("Create", other))
    assert await listing(alpha, thing["id"]) == ("<p>real</p>", "open")


@pytest.mark.parametrize("moment", ["2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31"])
@pytest.mark.parametrize("kind", ["note", "offer"])
async def test_i09_clocks_that_are_wrong(alpha: City, far: Peer, moment: str, kind: str) -> None:
    ann = await make.a_person(alpha, "ann")
    times = {"published": moment, "updated": moment}
    thing = offer(far, **times) if kind == "offer" else mentioning(far, ann, **times)
    assert (await say(alpha, far, far.activity("Create", thing)))[0] == "done"
    table = "proposals" if kind == "offer" else "posts"
    query = f"select greatest(created, updated) from {table} where uri = %s"
    assert await alpha.value(query, thing["id"]) <= alpha.clock() + timedelta(hours=1)
    assert (await alpha.get("/offers")).status_code == 200
