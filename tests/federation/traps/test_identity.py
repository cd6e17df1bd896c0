"""Traps 18 to 35: ids that are used again or cannot be asked for, and signatures of all makes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import RedirectResponse

from federation.acts import people
from schema import actors
from schema.actors import Actor
from schema.communities import Community
from tests import make
from tests.federation.door import (
    HEARING,
    asked,
    cavage,
    digest_of,
    encoded,
    listing,
    message,
    offer,
    post,
    say,
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
    thing, follow = offer(far), far.activity("Follow", garden.uri)
    await say(alpha, far, far.activity("Delete", thing["id"]))
    await say(alpha, far, far.activity("Undo", follow))
    async with untouched(alpha, *HEARING):
        await say(alpha, far, far.activity("Create", thing))
        await say(alpha, far, follow)


async def test_trap_22_ids_are_compared_as_they_stand(alpha: City, far: Peer) -> None:
    """Only the server's part has several spellings; the rest is nobody's business."""
    create = far.activity("Create", offer(far))
    spelled = {**create, "id": create["id"].replace("http://far.test", "HTTP://FAR.test:80")}
    assert (await say(alpha, far, spelled))[0] == "done"
    for path in ("/n/%C3%A4", "/n/ä", "/n/1", "/n/1/", "/n//1", "/N/1", "/n/1?a=b"):
        thing = {**offer(far, content=f"<p>{path}</p>"), "id": far.origin + path}
        assert (await say(alpha, far, far.activity("Create", thing)))[0] == "done", path
    query = "select count(*) from proposals where uri like %s"
    assert (
        await alpha.value(query, f"{far.origin}/_/%")
        + await alpha.value(query, f"{far.origin}/_//%")
        >= 7
    )


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
    assert not [url for url in asked(alpha, far) if "//" in url.removeprefix("http://")]


async def test_trap_24_things_that_are_part_of_another(alpha: City, far: Peer, ann: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    document = (await alpha.document(ladder.uri.removeprefix(alpha.origin))).json()
    assert "#" not in document["id"], "what stands alone has an address of its own"
    assert document["publishes"]["id"].startswith(document["id"] + "#")
    thing = offer(far)
    said = far.activity("Announce", f"{thing['id']}#primary")
    assert (await say(alpha, far, said))[0] in ("done", "refused")
    assert f"{thing['id']}#primary" not in asked(alpha, far)


ID = "http://far.test/activities/1"
BODY = encoded({"id": ID, "type": "Like", "actor": PAT, "object": "http://far.test/n/1"})
SPELLED = {
    "no algorithm": {"algorithm": ""},
    "hs2019": {"algorithm": 'algorithm="hs2019",'},
    "capitals": {"names": "(Request-Target) Host Date Digest"},
    "another order": {"names": "digest date host (request-target)"},
    "spaces": {
        "written": 'keyId="{key_id}", {algorithm} headers="{names}", {extra}signature="{signature}"'
    },
    "the old prefix": {
        "written": 'Signature keyId="{key_id}",{algorithm}headers="{names}",signature="{signature}"'
    },
    "signature first": {
        "written": 'signature="{signature}",headers="{names}",{algorithm}keyId="{key_id}"'
    },
    "more headers": {"names": "(request-target) host date digest content-type"},
}


@pytest.mark.parametrize("how", SPELLED.values(), ids=SPELLED)
async def test_trap_26_how_a_signature_is_written(
    alpha: City, far: Peer, how: dict[str, Any]
) -> None:
    assert (await post(alpha, BODY, cavage(far, alpha, BODY, **how))).status_code == 202


async def test_trap_27_the_query_may_be_left_out(alpha: City, far: Peer) -> None:
    for path in ("/inbox?x=1", "/inbox"):
        headers = cavage(far, alpha, BODY, path=path)
        assert (await post(alpha, BODY, headers, "/inbox?x=1")).status_code == 202
    ladder = await make.a_proposal(alpha, await make.a_person(alpha, "ben"))
    assert (
        await far.asks(alpha, ladder.uri.removeprefix(alpha.origin) + "?a=b")
    ).status_code == 200


async def test_trap_28_digests_of_many_kinds(alpha: City, far: Peer) -> None:
    both = f"SHA-256={digest_of(BODY)},SHA-512={digest_of(BODY, 'sha512')}"
    unknown = f"md5={digest_of(BODY, 'md5')},sha-256={digest_of(BODY)}"
    for digest in (both, unknown, f"sha-256={digest_of(BODY)}"):
        headers = cavage(far, alpha, BODY, values={"digest": digest})
        assert (await post(alpha, BODY, headers)).status_code == 202, digest
    assert (await post(alpha, BODY, message(far, alpha, BODY))).status_code == 202
    spaced = encoded({"id": ID, "type": "Like", "actor": PAT, "object": 1}).replace(b",", b" ,\n ")
    assert (await post(alpha, spaced, cavage(far, alpha, spaced))).status_code == 202


async def test_trap_29_a_proxy_changed_the_host(alpha: City, far: Peer) -> None:
    for signed in (cavage(far, alpha, BODY), message(far, alpha, BODY)):
        rewritten = {**signed, "host": "127.0.0.1:8000"}
        assert (await post(alpha, BODY, rewritten)).status_code == 202


async def test_trap_30_clocks_differ_and_a_retry_is_signed_anew(
    alpha: City, far: Peer, ann: Actor
) -> None:
    now = alpha.clock.now
    for minutes in (-59, 59):
        alpha.clock.now = now + timedelta(minutes=minutes)
        letters = cavage(far, alpha, BODY), message(far, alpha, BODY)
        alpha.clock.now = now
        for headers in letters:
            assert (await post(alpha, BODY, headers)).status_code == 202
    far.status = 503
    await say(alpha, far, far.activity("Follow", ann.uri))
    alpha.clock.now += timedelta(hours=3)
    await alpha.execute("update deliveries set next_at = now() where state = 'due'")
    await alpha.execute("update peers set next_at = now()")
    await settle(alpha)
    dates = [request.headers["date"] for request in far.requests]
    assert len(dates) >= 2 and dates[0] != dates[-1]


async def test_trap_31_every_get_is_signed_by_an_actor_that_all_may_read(
    alpha: City, far: Peer
) -> None:
    keys: list[str] = []
    thing = offer(far)

    def wants_signature(request: Any) -> Any:
        keys.append(request.headers.get("signature", ""))
        return far.json(thing)

    far.scripts[thing["id"]] = wants_signature
    assert (await say(alpha, far, far.activity("Announce", thing["id"])))[0] == "done"
    assert keys and all(f'keyId="{alpha.origin}/actor#' in key for key in keys)
    actor = await alpha.document("/actor")
    assert actor.status_code == 200 and actor.json()["publicKey"]["publicKeyPem"]


async def test_trap_33_what_a_third_server_brings_needs_proof(
    alpha: City, far: Peer, wire: Wire
) -> None:
    """Without a proof of the author's it is not believed, whoever brings it: 401 where its own
    server does not have it, and 202 for nothing where that server does not answer."""
    other = Peer("other.test", wire).start()
    await befriend(alpha, other)
    thing = offer(far, content="<p>forged</p>")
    del far.documents[thing["id"]]
    async with untouched(alpha, *HEARING):
        answer = await other.says(alpha, far.activity("Create", thing))
        assert answer.status_code == 401
        wire.cut(far.host)
        for passed in (thing, far.activity("Delete", thing["id"])):
            said = passed if passed is not thing else far.activity("Create", thing)
            assert (await other.says(alpha, said)).status_code == 202
        wire.mend(far.host)
    assert await listing(alpha, thing["id"]) is None


async def test_trap_35_redirects(alpha: City, far: Peer, ann: Actor) -> None:
    thing = offer(far)
    seen: list[str] = []

    def turn(request: Any) -> Any:
        seen.append(request.headers["signature"])
        return RedirectResponse(f"{far.origin}/hop", 302)

    def arrive(request: Any) -> Any:
        seen.append(request.headers["signature"])
        return far.json(thing)

    far.scripts[thing["id"]], far.scripts[f"{far.origin}/hop"] = turn, arrive
    assert (await say(alpha, far, far.activity("Announce", thing["id"])))[0] == "done"
    assert len(set(seen)) == 2, "signed anew for each hop"
    far.status, far.headers = 302, {"Location": f"{far.origin}/elsewhere"}
    await say(alpha, far, far.activity("Follow", ann.uri))
    assert {request.url.path for request in far.requests} == {"/u/pat/inbox"}
