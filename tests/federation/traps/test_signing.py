"""Traps 25 to 35: signatures and keys of all makes, and who speaks for whom."""

import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.responses import RedirectResponse

from schema.actors import Actor
from tests import make
from tests.federation.door import (
    HEARING,
    MEETING,
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
)
from tests.peer import Peer, befriend
from tests.world import City, Wire, clone, open_city, settle

PAT = "http://far.test/u/pat"

ID = "http://far.test/activities/1"
BODY = encoded({"id": ID, "type": "Like", "actor": PAT, "object": "http://far.test/n/1"})


@pytest.mark.parametrize("key", ["keys/1", "u/pat/main-key", "u/pat"])
@pytest.mark.parametrize("document", ["key alone", "stub of its owner"])
async def test_trap_25_where_keys_live(alpha: City, far: Peer, key: str, document: str) -> None:
    """As GoToSocial has them: an address of its own, which answers with the key or with a bare
    actor; and the key's id may be the actor's."""
    uri, owner = f"{far.origin}/{key}", far.documents[PAT]
    owner["publicKey"]["id"] = uri
    if uri != PAT and document == "key alone":
        far.documents[uri] = {"id": uri, "owner": PAT, "publicKeyPem": far.pair.rsa_public}
    elif uri != PAT:
        kept = ("@context", "id", "type", "preferredUsername", "publicKey")
        far.scripts[uri] = lambda _: far.json({name: owner[name] for name in kept})
    headers = cavage(far, alpha, BODY, key_id=uri)
    assert (await post(alpha, BODY, headers)).status_code == 202
    owner["publicKey"] = {**owner["publicKey"], "id": f"{PAT}#other"}
    stranger = f"{far.origin}/keys/2"
    far.documents[stranger] = {"id": stranger, "owner": PAT, "publicKeyPem": far.pair.rsa_public}
    headers = cavage(far, alpha, BODY, key_id=stranger)
    assert (await post(alpha, BODY, headers)).status_code == 401, "its owner does not list it"


async def test_trap_25_our_key_ids_have_a_fragment(alpha: City, far: Peer, ann: Actor) -> None:
    """Lemmy looks for keyId="…#…" to find the actor of a signed GET."""
    seen: list[str] = []

    def watch(request: Any) -> Any:
        seen.append(request.headers["signature"])
        return far.json(far.documents[PAT])

    far.scripts[PAT] = watch
    await say(alpha, far, far.activity("Follow", ann.uri))
    seen += [request.headers["signature"] for request in far.requests]
    actors_of = [re.findall(r'keyId="([^#"]+)#[^"]+"', header) for header in seen]
    assert actors_of == [[f"{alpha.origin}/actor"], [ann.uri]]
    for (actor,) in actors_of:
        document = (await alpha.document(actor.removeprefix(alpha.origin))).json()
        assert document["publicKey"]["id"].startswith(f"{actor}#")


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


@pytest.fixture
async def town(server: Any, template: str, scratch: str, wire: Wire) -> AsyncGenerator[City]:
    """A city with TLS, on a port of its own."""
    name = f"{scratch}_town"
    clone(server.conninfo("postgres"), template, name)
    async with open_city("https://town.test:8443", server.conninfo(name), wire) as city:
        yield city


async def test_trap_29_what_is_signed_is_the_public_address(town: City, far: Peer) -> None:
    """Behind a proxy that speaks TLS requests come by http; some sign the host without its port."""
    await befriend(town, far)
    inner = {"host": "127.0.0.1:8000"}
    for host in ("town.test:8443", "town.test"):
        signed = cavage(far, town, BODY, values={"host": host})
        assert (await behind_a_proxy(town, {**signed, **inner})).status_code == 202
    assert (await behind_a_proxy(town, message(far, town, BODY) | inner)).status_code == 202
    wrong = message(far, town, BODY, values={"@target-uri": "http://town.test:8443/inbox"})
    assert (await behind_a_proxy(town, wrong | inner)).status_code == 401


async def behind_a_proxy(city: City, headers: dict[str, str]) -> httpx.Response:
    """As it comes out of the proxy: by http, to an address of this machine."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(city.app)) as client:
        return await client.post("http://127.0.0.1:8000/inbox", content=BODY, headers=headers)


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
    await alpha.execute("insert into settings (key, value) values ('signed_reads', 'true')")
    alpha.instance.forget_settings()
    ann = await make.a_person(alpha, "ann")
    assert (await alpha.document(ann.uri.removeprefix(alpha.origin))).status_code == 401
    actor = await alpha.document("/actor")
    assert actor.status_code == 200 and actor.json()["publicKey"]["publicKeyPem"]


@pytest.mark.parametrize("status", [410, 404])
@pytest.mark.parametrize("shape", ["id", "object", "tombstone"])
async def test_trap_32_farewells_of_strangers_cost_nothing(
    alpha: City, far: Peer, status: int, shape: str
) -> None:
    """Floods of them come from servers where somebody left: nobody is asked for keys."""
    far.gone[PAT] = status
    shapes: dict[str, Any] = {"id": PAT, "object": {"id": PAT, "type": "Person"}}
    shapes["tombstone"] = {"id": PAT, "type": "Tombstone", "formerType": "Person"}
    said = far.activity("Delete", shapes[shape], id=f"{PAT}#delete")
    async with untouched(alpha):
        for _ in range(3):
            assert (await far.says(alpha, said)).status_code == 202
    assert PAT not in asked(alpha, far)
    async with untouched(alpha, *MEETING):
        said = far.activity("Delete", f"{far.origin}/notes/1")
        assert (await far.says(alpha, said)).status_code == 401, "a key that is gone proves nothing"


async def test_trap_32_the_farewell_of_somebody_known(alpha: City, far: Peer, ann: Actor) -> None:
    """Their server gives no key any more; the one that is known is good enough."""
    await say(alpha, far, far.activity("Follow", ann.uri))
    far.gone[PAT] = 410
    assert await say(alpha, far, far.activity("Delete", PAT)) == ("done", "")
    gone = "select deleted_at is not null from actors where uri = %s"
    assert await alpha.value(gone, PAT) is True


async def test_trap_34_a_server_speaks_for_its_people(
    alpha: City, far: Peer, wire: Wire, ann: Actor
) -> None:
    """Mastodon's reports come from the server's own actor, and so do things its people say."""
    server = far.add_actor("server", "Application")
    ladder = await make.a_proposal(alpha, ann)
    flag = far.activity("Flag", [ann.uri, ladder.uri], by=server, content="look")
    assert await say(alpha, far, flag, server) == ("done", "")
    reporter = "select a.uri from reports r join actors a on a.id = r.reporter_id"
    assert await alpha.value(reporter) == server
    thing = offer(far)
    assert (await say(alpha, far, far.activity("Create", thing), server))[0] == "done"
    assert await listing(alpha, thing["id"]) == ("<p>real</p>", "open")
    other = Peer("other.test", wire).start()
    await befriend(alpha, other)
    bearer = other.add_actor("server", "Application")
    forged = far.activity("Create", offer(far, content="<p>forged</p>"))
    del far.documents[forged["object"]["id"]]
    async with untouched(alpha, *HEARING):
        assert (await other.says(alpha, forged, by=bearer)).status_code == 401


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
    far.scripts[f"{far.origin}/to"] = lambda _: RedirectResponse(f"{far.origin}/other", 302)
    other = {**offer(far, content="<p>another</p>"), "id": f"{far.origin}/to"}
    far.documents[f"{far.origin}/other"] = other
    state, _ = await say(alpha, far, far.activity("Announce", f"{far.origin}/to"))
    assert state == "done", "where it leads to says whose id it is"
    del far.scripts[f"{far.origin}/to"]
    far.scripts[f"{far.origin}/lost"] = lambda _: RedirectResponse(f"{far.origin}/page", 302)
    far.documents[f"{far.origin}/page"] = {**other, "id": f"{far.origin}/notes/none"}
    async with untouched(alpha, *HEARING):
        state, _ = await say(alpha, far, far.activity("Announce", f"{far.origin}/lost"))
        assert state == "refused", "the id at the end is another's, and is not there"
    assert (await say(alpha, far, far.activity("Announce", thing["id"])))[0] == "done"
    assert len(set(seen)) == 2, "signed anew for each hop"
    far.status, far.headers = 302, {"Location": f"{far.origin}/elsewhere"}
    await say(alpha, far, far.activity("Follow", ann.uri))
    assert {request.url.path for request in far.requests} == {"/u/pat/inbox"}
