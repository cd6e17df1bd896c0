"""Traps 18 to 24: ids that are used again or cannot be asked for."""

import asyncio
from datetime import timedelta

from federation.acts import people
from schema import actors
from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.federation.door import (
    HEARING,
    asked,
    listing,
    offer,
    say,
    to_ann,
    untouched,
    verdict,
)
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle

GROUP, SAM, PAT = "http://far.test/c/group", "http://far.test/u/sam", "http://far.test/u/pat"


async def test_trap_18_every_accept_has_the_same_id(alpha: City, far: Peer, ann: Actor) -> None:
    ben = await make.a_person(alpha, "ben")
    await say(alpha, far, far.activity("Follow", ann.uri))
    for who in (ann, ben):
        whom = await talk_to(alpha, PAT)
        async with alpha.instance.begin() as tx:
            await people.follow(tx, by=who, whom=whom)
        await settle(alpha)
        follow = next(said for said in reversed(far.heard) if said["type"] == "Follow")
        alpha.clock.now += timedelta(minutes=1)
        accept = {**far.activity("Accept", follow), "id": f"{PAT}#accepts/follows/42"}
        assert await say(alpha, far, accept) == ("done", "")
        query = "select state from follows where follower_id = %s and followed_id = %s"
        assert await alpha.value(query, who.id, whom.id) == "accepted", who.name


async def test_trap_18_ids_of_ours_are_used_once(alpha: City, far: Peer, ann: Actor) -> None:
    for _ in range(2):
        follow = far.activity("Follow", ann.uri)
        for said in (follow, far.activity("Undo", follow)):
            await say(alpha, far, said)
        whom = await talk_to(alpha, PAT)
        for act in (people.follow, people.unfollow):
            async with alpha.instance.begin() as tx:
                await act(tx, by=ann, whom=whom)
        await settle(alpha)
    ids = [said["id"] for said in far.heard]
    assert [said["type"] for said in far.heard].count("Accept") == 2
    assert len(ids) >= 6 and len(set(ids)) == len(ids)


async def test_trap_18_announces_with_fixed_ids_do_their_work_once(
    alpha: City, far: Peer, ann: Actor
) -> None:
    """As NodeBB writes them: one of its own for each thing and way of passing it on."""
    thing = offer(far)
    create, bare = far.activity("Create", thing), far.activity("Announce", thing["id"], by=GROUP)
    passed = {**far.activity("Announce", create, by=GROUP), "id": f"{thing['id']}#announce/create"}
    bare["id"] = f"{thing['id']}#announce/note"
    for said in (bare, passed, bare, passed):
        assert await say(alpha, far, said, GROUP) == ("done", "")
    assert await alpha.value("select count(*) from proposals") == 1
    thing["content"] = "<p>new</p>"
    again = {**passed, "object": far.activity("Update", thing)}
    alpha.clock.now += timedelta(minutes=1)
    assert await say(alpha, far, again, GROUP) == ("done", "")
    assert await listing(alpha, thing["id"]) == ("<p>new</p>", "open"), "one id for all of it"


async def talk_to(city: City, uri: str) -> Actor:
    """This city's row of somebody."""
    async with city.instance.read() as conn:
        found = await actors.find(conn, uri)
    assert found is not None
    return found


async def test_trap_19_activities_that_cannot_be_asked_for(alpha: City, far: Peer) -> None:
    thing = offer(far)
    far.gone[f"{far.origin}/activities/1"] = 404
    inner = {**far.activity("Create", thing), "id": f"{far.origin}/activities/1"}
    said = far.activity("Announce", inner, by=GROUP)
    assert (await say(alpha, far, said, GROUP))[0] == "done"
    assert await listing(alpha, thing["id"]) == ("<p>real</p>", "open")
    assert f"{far.origin}/activities/1" not in asked(alpha, far)


async def test_trap_20_one_thing_by_every_way(alpha: City, far: Peer, ann: Actor) -> None:
    thing, create = offer(far), far.activity("Create", None)
    create["object"] = thing
    passed = [far.activity("Announce", inner, by=GROUP) for inner in (create, thing, thing["id"])]
    again = far.activity("Create", thing)
    answers = await asyncio.gather(
        *(far.says(alpha, create, path=f"{of}/inbox") for of in ("", "/people/ann", "/city")),
        *(far.says(alpha, said, by=GROUP) for said in passed),
        far.says(alpha, again),
    )
    assert {answer.status_code for answer in answers} == {202}
    await settle(alpha)
    query = "select count(*) from proposals where uri = %s"
    assert await alpha.value(query, thing["id"]) == 1
    for said in (create, again, *passed):
        assert await verdict(alpha, said) == ("done", ""), "it came, whichever way was first"


async def test_trap_21_a_delete_and_an_undo_come_first(
    alpha: City, far: Peer, garden: Community
) -> None:
    ann = await make.a_person(alpha, "carla")
    thing, note = offer(far), to_ann(far, ann)
    follows = [far.activity("Follow", whom) for whom in (garden.uri, ann.uri)]
    for gone in (thing, note):
        await say(alpha, far, far.activity("Delete", gone["id"]))
    for follow in follows:
        await say(alpha, far, far.activity("Undo", follow))
    async with untouched(alpha, *HEARING):
        for follow in follows:
            assert (await say(alpha, far, follow))[0] == "refused"
        alpha.clock.now += timedelta(hours=7)  # longer than some remember it
        for gone in (thing, note):
            assert (await say(alpha, far, far.activity("Create", gone)))[0] == "refused"


PATHS = ("/n/%C3%A4", "/n/ä", "/n/1", "/n/1/", "/n//1", "/N/1", "/n/1?a=b")


async def test_trap_22_ids_are_compared_as_they_stand(alpha: City, far: Peer) -> None:
    """Only the server's part has several spellings; the rest is nobody's business."""
    create = far.activity("Create", offer(far))
    spelled = {**create, "id": create["id"].replace("http://far.test", "HTTP://FAR.test:80")}
    assert (await say(alpha, far, spelled))[0] == "done"
    for path in PATHS:
        thing = {**offer(far, content=f"<p>{path}</p>"), "id": far.origin + path}
        assert (await say(alpha, far, far.activity("Create", thing)))[0] == "done", path
    for path in PATHS:
        assert await listing(alpha, far.origin + path) == (f"<p>{path}</p>", "open")


async def test_trap_22_hosts_in_letters_of_other_scripts(alpha: City, wire: Wire) -> None:
    peer = Peer("xn--mlltonne-65a.test", wire).start()
    await befriend(alpha, peer)
    thing = offer(peer)
    said = peer.activity("Create", thing)
    for host in ("müllltonne.test", "XN--MLLTONNE-65A.test:80", "mülltonne.test"):
        spelled = {**said, "id": said["id"].replace(peer.host, host)}
        answer = await peer.says(alpha, spelled)
        assert answer.status_code == (400 if host == "müllltonne.test" else 202), host
        await settle(alpha)
    assert await listing(alpha, thing["id"]) == ("<p>real</p>", "open")


async def test_trap_23_ids_that_end_with_a_slash(alpha: City, far: Peer, ann: Actor) -> None:
    server = f"{far.origin}/"
    far.documents[server] = {
        **far.documents[far.add_actor("server", "Application")],
        "id": server,
        "publicKey": {
            "id": f"{server}#main-key",
            "owner": server,
            "publicKeyPem": far.pair.rsa_public,
        },
    }
    thing = offer(far)
    said = far.activity("Create", thing)
    assert (await say(alpha, far, said, server))[0] == "done"
    group = f"{far.origin}/c/tenforward/"
    far.documents[group] = {
        **far.documents[far.add_actor("tenforward", "Group")],
        "id": group,
        "publicKey": {**far.documents[server]["publicKey"], "id": f"{group}#k", "owner": group},
    }
    note = to_ann(far, ann, audience=group, name="Pinned", cc=[ann.uri, group])
    said = far.activity("Announce", note["id"], by=group)
    assert (await say(alpha, far, said, server))[0] == "done"
    for target in (f"{group}/featured", f"{group}featured"):
        pin = far.activity("Add", note["id"], by=group, target=target)
        assert await say(alpha, far, far.activity("Announce", pin, by=group), server) == (
            "done",
            "",
        )
        pinned = "select pinned_at is not null from posts where uri = %s"
        assert await alpha.value(pinned, note["id"]) is True, target
        unpin = far.activity("Remove", note["id"], by=group, target=target)
        assert (await say(alpha, far, far.activity("Announce", unpin, by=group), server))[
            0
        ] == "done"
        assert await alpha.value(pinned, note["id"]) is False, target
    assert not [url for url in asked(alpha, far) if "//" in url.removeprefix("http://")]


async def test_trap_24_things_that_are_part_of_another(
    alpha: City, far: Peer, ann: Actor, garden: Community
) -> None:
    ladder = await make.a_proposal(alpha, ann)
    document = (await alpha.document(ladder.uri.removeprefix(alpha.origin))).json()
    assert "#" not in document["id"], "what stands alone has an address of its own"
    assert document["publishes"]["id"].startswith(document["id"] + "#")
    thing = offer(far)
    said = far.activity("Announce", f"{thing['id']}#primary")
    assert await say(alpha, far, said) == ("done", "")
    assert await listing(alpha, thing["id"]) == ("<p>real</p>", "open"), "what it is a part of"
    await talk.reply(alpha, ann, await talk.start(alpha, ann, garden))
    for path in ("/city/outbox", "/people/ann/outbox", "/communities/garden/outbox"):
        page = (await alpha.document(path)).json()["first"]
        page = page if isinstance(page, dict) else (await alpha.document(page)).json()
        for said in page["orderedItems"]:
            thing = said["object"]
            inner = thing.get("object", thing) if isinstance(thing, dict) else thing
            named = [inner if isinstance(inner, str) else inner["id"], said["id"]]
            assert not [uri for uri in named if "#" in uri], said["type"]
        assert page["orderedItems"], path
