"""Traps 36 to 44: what HTTP means to others."""

import asyncio
import gzip
from typing import Any

import pytest
from starlette.responses import RedirectResponse, Response

from federation import fetch
from federation.acts import people
from federation.errors import Refused, Unreachable
from schema.actors import Actor
from tests import make
from tests.federation.door import (
    cavage,
    encoded,
    known_or_fetched,
    listing,
    message,
    offer,
    post,
    said_by,
    say,
)
from tests.federation.rough_peer import answer, client, peer
from tests.peer import Peer
from tests.world import City, Wire, patience, settle

PAT = "http://far.test/u/pat"
LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'

ACCEPTS = {
    "application/activity+json": True,
    LD: True,
    "application/ld+json": True,
    f"application/activity+json, {LD}, text/html;q=0.1": True,
    "application/json, application/activity+json": True,
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": False,
    "text/html, application/activity+json;q=0.5": False,
    "application/activity+json;q=0, text/html": False,
}


async def test_trap_36_and_37_and_38_what_a_get_is_answered(alpha: City, ann: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    for uri in (ann.uri, ladder.uri):
        for accept, document in ACCEPTS.items():
            found = await alpha.get(uri.removeprefix(alpha.origin), Accept=accept)
            kind = found.headers["content-type"].partition(";")[0]
            assert (kind == "application/activity+json") is document, accept
            varies = [name.strip() for name in found.headers["vary"].lower().split(",")]
            assert "accept" in varies, "or caches give pages to servers"
            assert "signature" in varies or not document


TYPES = {
    "application/activity+json": "done",
    "application/activity+json; charset=utf-8": "done",
    LD: "done",
    f"{LD}; charset=utf-8": "done",
    "application/ld+json": "malformed",
    "application/json": "malformed",
    "text/html": "malformed",
}


@pytest.mark.parametrize(("kind", "state"), TYPES.items())
async def test_trap_37_what_others_answer_with(
    alpha: City, far: Peer, kind: str, state: str
) -> None:
    thing = offer(far)
    body = encoded(thing)
    far.scripts[thing["id"]] = lambda _: Response(body, headers={"Content-Type": kind})
    assert (await say(alpha, far, far.activity("Announce", thing["id"])))[0] == state


@pytest.mark.parametrize("kind", ["application/activity+json; charset=utf-8", LD])
async def test_trap_37_what_letters_say_they_are(alpha: City, far: Peer, kind: str) -> None:
    body = encoded(far.activity("Like", PAT))
    for signed in (cavage(far, alpha, body), message(far, alpha, body)):
        assert (await post(alpha, body, {**signed, "content-type": kind})).status_code == 202


async def test_trap_39_what_is_compressed(alpha: City, far: Peer, ann: Actor) -> None:
    """Pages and documents may be, letters never; and what unpacks into too much is not read."""
    like = far.activity("Like", PAT)
    for encoding in ("gzip", "br", "deflate"):
        headers = {"Content-Encoding": encoding}
        assert (await far.says(alpha, like, headers=headers)).status_code == 415
    found = await alpha.get("/people/ann", Accept=LD, **{"Accept-Encoding": "gzip"})
    assert found.json()["id"] == ann.uri
    zipped = {"Content-Type": LD, "Content-Encoding": "gzip"}
    for size, verdict in ((100, ("done", "")), (2_000_000, ("refused", "answer is too large"))):
        thing = offer(far, content="a" * size)
        packed = gzip.compress(encoded(thing))
        assert len(packed) < 10_000
        far.scripts[thing["id"]] = lambda _, packed=packed: Response(packed, headers=zipped)
        assert await say(alpha, far, far.activity("Announce", thing["id"])) == verdict


async def test_trap_39_no_letter_is_compressed(alpha: City, far: Peer, ann: Actor) -> None:
    await say(alpha, far, far.activity("Follow", ann.uri))
    (request,) = far.requests
    assert "content-encoding" not in request.headers
    assert request.headers["content-type"] == "application/activity+json"


STATUSES = {200: "done", 202: "done", 204: "done", 400: "refused", 413: "refused"}
STATUSES |= {404: "refused", 405: "refused", 406: "refused", 410: "refused", 422: "refused"}
STATUSES |= {401: "due", 403: "refused", 408: "due", 429: "due", 500: "due", 502: "due", 503: "due"}


@pytest.mark.parametrize(("status", "state"), STATUSES.items())
async def test_trap_40_what_an_inbox_answers(
    alpha: City, far: Peer, ann: Actor, status: int, state: str
) -> None:
    """Of a server that is no neighbour: 4xx ends it, but for 401, 408 and 429."""
    far.status = status
    await alpha.execute("update peers set link = 'known' where origin = %s", far.origin)
    open_to_all = "insert into settings (key, value) values ('federation', '\"open\"')"
    await alpha.execute(open_to_all + " on conflict (key) do update set value = excluded.value")
    alpha.instance.forget_settings()
    await say(alpha, far, far.activity("Follow", ann.uri))
    query = "select state from deliveries where peer = %s"
    assert await alpha.value(query, far.origin) == state


async def test_trap_40_what_our_inbox_answers(
    alpha: City, far: Peer, wire: Wire, ann: Actor
) -> None:
    """So that nobody takes the wrong thing for final: 401 and 503 are worth another try."""
    for unknown in ("Wave", "Listen"):
        assert (await far.says(alpha, far.activity(unknown, ann.uri))).status_code == 202
    assert (await far.says(alpha, b"{")).status_code == 400
    assert (await far.says(alpha, b" " * 1_000_001)).status_code == 413
    like = far.activity("Like", ann.uri)
    assert (await far.says(alpha, like, headers={"Signature": "none"})).status_code == 401
    stranger = Peer("stranger.test", wire).start()
    assert (await stranger.says(alpha, stranger.activity("Like", ann.uri))).status_code == 403
    sam = far.add_actor("tim")
    wire.cut(far.host)
    late = await far.says(alpha, far.activity("Like", ann.uri, by=sam), by=sam)
    assert (late.status_code, late.headers["Retry-After"].isdigit()) == (503, True)
    wire.mend(far.host)
    assert (await far.says(alpha, like)).status_code == 202, "its key is known"


async def test_trap_40_who_names_a_time_is_left_alone_until_then(
    alpha: City, far: Peer, ann: Actor
) -> None:
    far.status, far.headers = 429, {"Retry-After": "1800"}
    await say(alpha, far, far.activity("Follow", ann.uri))
    left = "select next_at > now() + interval '20 minutes' from deliveries where status = 429"
    assert await alpha.value(left) is True


@pytest.mark.parametrize("status", [301, 401, 403, 404, 405, 410, 429, 500])
async def test_trap_40_a_neighbour_is_asked_again_whatever_its_proxy_says(
    alpha: City, far: Peer, ann: Actor, status: int
) -> None:
    far.status = status
    await say(alpha, far, far.activity("Follow", ann.uri))
    query = "select state from deliveries where peer = %s"
    assert await alpha.value(query, far.origin) == "due"


async def test_trap_41_taken_in_is_not_agreed_to(alpha: City, far: Peer, ann: Actor) -> None:
    pat = await known_or_fetched(alpha, far)
    async with alpha.instance.begin() as tx:
        await people.follow(tx, by=ann, whom=pat)
    await settle(alpha)
    assert len(said_by(far, "Follow")) == 1
    query = "select state from follows where follower_id = %s"
    assert await alpha.value(query, ann.id) == "asked"


@pytest.mark.sockets
async def test_trap_42_this_machine_is_asked_only_where_that_is_allowed() -> None:
    async with peer(answer()) as served:
        async with client(allow_loopback=True) as out:
            assert (await out.get(served.url())).status == 200
        async with client(allow_loopback=False) as out:
            with pytest.raises(Refused):
                await out.get(f"https://127.0.0.1:{served.port}/")
        names = {"town.test": [["10.1.2.3"]], "two.test": [["8.8.8.8", "192.168.0.1"]]}
        async with client(allow_loopback=False, addresses=names) as out:
            for host in (*names, "127.0.0.1", "[::1]", "169.254.169.254"):
                with pytest.raises(Refused):
                    await out.get(f"https://{host}/")
        assert len(served.heard) == 1


@pytest.mark.parametrize(
    "address", ["https://169.254.169.254/n/1", "https://10.0.0.1/n/1", "https://[fd00::1]/n/1"]
)
async def test_trap_42_no_letter_leads_us_into_a_private_network(
    alpha: City, far: Peer, wire: Wire, address: str
) -> None:
    before = len(wire.hosts)
    far.scripts[f"{far.origin}/hop"] = lambda _: RedirectResponse(address, 302)
    for uri in (address, f"{far.origin}/hop"):
        verdict = await say(alpha, far, far.activity("Announce", uri))
        assert verdict[0] == "refused" and "forbidden address" in verdict[1]
    assert set(wire.hosts[before:]) <= {far.host}


async def test_trap_43_lists_whose_pages_have_queries(alpha: City, far: Peer, wire: Wire) -> None:
    things = [offer(far)["id"] for _ in range(3)]
    base, elsewhere = f"{far.origin}/offers", f"http://other.test/offers?max_id={3}"
    far.add_actor("city", "Group", offers=base)

    def pages(request: Any) -> Any:
        before = request.query_params.get("max_id")
        number = 0 if before is None else int(before)
        page = {"id": base, "type": "OrderedCollectionPage", "orderedItems": [things[number]]}
        more = {"next": f"{base}?page=true&max_id={number + 1}" if number < 2 else elsewhere}
        if request.query_params.get("page") is None:
            return far.json({"id": base, "type": "OrderedCollection", "first": f"{base}?page=true"})
        return far.json({**page, "id": str(request.url), **more})

    far.scripts[base] = pages
    await discovered(alpha, far)
    for thing in things:
        assert await listing(alpha, thing) == ("<p>real</p>", "open")
    assert wire.tried("other.test") == 0, "a list goes on at its own server only"


async def test_trap_43_lists_without_end(alpha: City, far: Peer) -> None:
    base, asked = f"{far.origin}/offers", 0
    far.add_actor("city", "Group", offers=base)

    def pages(request: Any) -> Any:
        nonlocal asked
        asked += 1
        page = {"id": str(request.url), "type": "OrderedCollectionPage", "orderedItems": []}
        return far.json({**page, "next": f"{base}?page=true&max_id={asked}"})

    far.scripts[base] = pages
    await discovered(alpha, far)
    assert asked <= fetch.MOST_PAGES + 1


async def discovered(city: City, far: Peer) -> None:
    """The city looks at what its neighbour has shown so far."""
    await city.instance.queue.configure_task("discover").defer_async(origin=far.origin)
    await city.instance.queue.run_worker_async(
        install_signal_handlers=False, wait=False, additional_context={"instance": city.instance}
    )


@pytest.mark.sockets
async def test_trap_44_servers_that_hang_up_after_each_answer() -> None:
    async with peer(answer(Connection="close")) as served, client() as out:
        for _ in range(3):
            assert (await out.get(served.url())).status == 200
    async with peer(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}") as served, client() as out:
        assert (await out.get(served.url())).status == 200


@pytest.mark.sockets
async def test_trap_44_servers_that_speak_ipv6_only() -> None:
    async with peer(answer(), host="::1") as served:
        async with client(addresses={"six.localhost": [["::1"]]}) as out:
            assert (await out.get(served.url(host="six.localhost"))).status == 200
            assert (await out.get(served.url(host="[::1]"))).status == 200
        assert len(served.heard) == 2


@pytest.mark.sockets
async def test_trap_44_servers_that_never_come_to_an_end() -> None:
    """One byte after the other counts as silence when the time for the whole is over."""

    async def drip(served: Any, _: bytes, writer: Any) -> None:
        writer.write(answer(b"", Content_Length="100000"))
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with patience(), peer(drip) as served, client(get_deadline=0.3) as out:
        with pytest.raises(Unreachable):
            await out.get(served.url())
        with pytest.raises(Unreachable):
            await out.post(served.url(), headers={}, body=b"{}")
