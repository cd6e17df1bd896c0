"""Groups C and D over real sockets: a letter makes a city call where it must not, or be filled.

The city listens on a port and calls out with its own client; only the names are the test's.
"""

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest

from federation import keys, signatures
from federation.signed import SignedRequest
from schema.postgres import Embedded
from tests import make, world
from tests.federation import rough_peer
from tests.federation.rough_peer import Peer, answer, redirect
from tests.federation.test_client_attacks import CHUNK, CHUNKED, endless
from tests.federation.test_networks import FORBIDDEN
from tests.world import SocketCity, open_socket_city, patience

pytestmark = pytest.mark.sockets

PAIR = make.a_key_pair()


@dataclass(slots=True)
class Names:
    """Look-ups: each name's lists in turn, the last for ever; `looked` is what was asked for."""

    lists: dict[str, list[list[str]]] = field(default_factory=dict[str, list[list[str]]])
    looked: list[str] = field(default_factory=list[str])

    async def __call__(self, host: str) -> list[str]:
        self.looked.append(host)
        if host not in self.lists:
            raise OSError("no such name")
        answers = self.lists[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def names() -> Names:
    return Names({"far.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]})


@pytest.fixture
def opened(server: Embedded, template: str, scratch: str, names: Names) -> Any:
    """Opens a city on a port that asks `names` for addresses."""

    @asynccontextmanager
    async def open_town(public: str = "") -> AsyncGenerator[SocketCity]:
        name = f"{scratch}_town"
        world.clone(server.conninfo("postgres"), template, name)
        conninfo = server.conninfo(name)
        async with open_socket_city("town", conninfo, names, public) as city:
            yield city

    return open_town


@pytest.fixture
async def town(opened: Any) -> AsyncIterator[SocketCity]:
    """A city that calls this machine, by http and on any port."""
    made: AbstractAsyncContextManager[SocketCity] = opened()
    async with made as city:
        yield city


@pytest.fixture
async def public(opened: Any) -> AsyncIterator[SocketCity]:
    """A city of the internet."""
    made: AbstractAsyncContextManager[SocketCity] = opened(public="https://town.example")
    async with made as city:
        yield city


def person(uri: str, **more: Any) -> bytes:
    """An actor with our key, as its server answers."""
    listed = {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": PAIR.rsa_public}
    document = {
        "id": uri,
        "type": "Person",
        "preferredUsername": "pat",
        "inbox": f"{uri}/inbox",
        "publicKey": listed,
        **more,
    }
    return answer(json.dumps(document).encode(), Connection="close")


async def ask(city: SocketCity, by: str, key_id: str = "", whom: str = "") -> httpx.Response:
    """A letter to the inbox: `by` wants a link, or to follow."""
    origin = "/".join(by.split("/")[:3])
    said = {"id": f"{origin}/{uuid4()}", "type": "Follow", "actor": by}
    body = json.dumps({**said, "object": whom or f"{city.origin}/city"}).encode()
    headers = signatures.sign_post(
        f"{city.origin}/inbox",
        body,
        key_id=key_id or f"{by}#main-key",
        private_key=keys.load_private(PAIR.rsa_private),
        now=city.clock(),
        scheme="cavage",
    )
    base_url = f"http://127.0.0.1:{city.port}"
    async with httpx.AsyncClient(base_url=base_url, trust_env=False) as client:
        return await client.post("/inbox", content=body, headers=headers)


async def test_c01_private_addresses_by_number_and_by_name(
    public: SocketCity, names: Names
) -> None:
    for number, address in enumerate(a for a in FORBIDDEN if "%" not in a):
        host = f"[{address}]" if ":" in address else address
        names.lists[f"evil{number}.example"] = [[address]]
        for url in (f"https://{host}/u/pat", f"https://evil{number}.example/u/pat"):
            refused = await ask(public, url)
            assert refused.status_code == 401, url
            assert "forbidden address" in refused.text, url


@asynccontextmanager
async def site(found: dict[str, bytes]) -> AsyncGenerator[Peer]:
    """A server that answers with these bytes for these paths, 404 for others."""

    async def respond(_: Peer, path: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(found.get(path.decode(), answer(b"", "404 Not Found", Connection="close")))

    async with rough_peer.peer(respond) as served:
        yield served


@pytest.mark.parametrize("more", ["10.0.0.1", "fd00::1", "::ffff:10.0.0.1", "169.254.169.254"])
async def test_c02_one_private_address_among_others(
    town: SocketCity, names: Names, more: str
) -> None:
    found: dict[str, bytes] = {}
    async with site(found) as far:
        for host, order in (("a.test", ["127.0.0.1", more]), ("b.test", [more, "127.0.0.1"])):
            names.lists[host] = [order]
            found["/u/pat"] = person(far.url("/u/pat", host))
            refused = await ask(town, far.url("/u/pat", host))
            assert (refused.status_code, far.connections) == (401, 0)
            assert "forbidden address" in refused.text
        found["/u/pat"] = person(far.url("/u/pat", "far.test"))
        assert (await ask(town, far.url("/u/pat", "far.test"))).status_code == 202


async def test_c03_a_name_that_turns_private_between_look_and_call(
    town: SocketCity, names: Names
) -> None:
    """There is one look-up, and what it gave is dialled, for every connection of a minute."""
    names.lists["turns.test"] = [["127.0.0.1"], ["10.0.0.1"]]
    found: dict[str, bytes] = {}
    async with site(found) as far:
        uri, key = far.url("/u/pat", "turns.test"), far.url("/keys/1", "turns.test")
        listed = {"id": key, "owner": uri, "publicKeyPem": PAIR.rsa_public}
        found["/u/pat"] = person(uri, publicKey=listed)
        found["/keys/1"] = answer(json.dumps(listed).encode(), Connection="close")
        assert (await ask(town, uri, key)).status_code == 202
        assert (far.connections, names.looked) == (2, ["turns.test"])
    names.lists["turned.test"] = [["10.0.0.1"], ["127.0.0.1"]]
    async with site(found) as far:
        uri = far.url("/u/pat", "turned.test")
        found["/u/pat"] = person(uri)
        assert (await ask(town, uri)).status_code == 401
        assert far.connections == 0


async def test_c04_a_name_behind_a_redirect_that_is_private(town: SocketCity, names: Names) -> None:
    names.lists["inner.test"] = [["10.0.0.1"]]
    found: dict[str, bytes] = {}
    async with site(found) as far:
        for status in (301, 302, 303, 307, 308):
            found[f"/u/{status}"] = redirect(far.url("/u/pat", "inner.test"), status)
            refused = await ask(town, far.url(f"/u/{status}", "far.test"))
            assert refused.status_code == 401
            assert "forbidden address" in refused.text, status


async def test_c05_a_chain_of_redirects(town: SocketCity) -> None:
    found = {f"/u/{number}": redirect(f"/u/{number + 1}") for number in range(1000)}
    found["/u/self"] = redirect("/u/self")
    async with site(found) as far:
        assert (await ask(town, far.url("/u/0", "far.test"))).status_code == 401
        assert len(far.heard) == 4, "the address and three more"
        far.heard.clear()
        assert (await ask(town, far.url("/u/self", "far.test"))).status_code == 401
        assert len(far.heard) == 1


async def test_c06_a_signed_get_is_signed_anew_for_the_next_server(town: SocketCity) -> None:
    pages: dict[str, bytes] = {}
    async with site(pages) as far, site({}) as other:
        pages["/u/pat"] = redirect(other.url("/u/pat", "other.test"))
        assert (await ask(town, far.url("/u/pat", "far.test"))).status_code == 401
        own = (await town.document("/actor")).json()["publicKey"]["publicKeyPem"]
        lines = [served.headers() for served in (far, other)]
        assert lines[0]["signature"] != lines[1]["signature"]
        for served, host, sent in zip((far, other), ("far", "other"), lines, strict=True):
            headers = {name: (value,) for name, value in sent.items()}
            authority = f"{host}.test:{served.port}"
            request = SignedRequest("GET", "/u/pat", authority, "http", headers, None)
            claim = signatures.parse(request, now=town.clock())
            signatures.verify(claim, keys.load_public(own))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_c06_a_letter_follows_no_redirect(town: SocketCity, status: int) -> None:
    ann = await make.a_person(town, "ann")
    found: dict[str, bytes] = {}
    async with site(found) as far, site({}) as other:
        uri = far.url("/u/pat", "far.test")
        await town.execute(
            "insert into peers (origin, host, link) values (%s, %s, 'linked')",
            uri.removesuffix("/u/pat"),
            f"far.test:{far.port}",
        )
        found["/u/pat"] = person(uri)
        found["/u/pat/inbox"] = redirect(other.url("/inbox", "other.test"), status)
        assert (await ask(town, uri, whom=ann.uri)).status_code == 202
        query = "select count(*) from deliveries where status = %s"
        async with patience():
            while not await town.value(query, status):
                await asyncio.sleep(0)
        assert len([head for head in far.heard if head.startswith(b"POST")]) == 1
        assert other.connections == 0


async def test_c07_other_ports_than_443(public: SocketCity, names: Names) -> None:
    names.lists["far.example"] = [["93.184.215.14"]]
    for port in (22, 25, 80, 5432, 6379, 8443, 11211, public.port):
        refused = await ask(public, f"https://far.example:{port}/u/pat")
        assert (refused.status_code, "443" in refused.text) == (401, True), port
    for port in (0, 65536, 99999):
        assert (await ask_raw(public, f"https://far.example:{port}/u/pat")).status_code == 400
    assert names.looked == []


async def ask_raw(city: SocketCity, by: str) -> httpx.Response:
    """As `ask`, where our own parser would not sign for such an address."""
    said = {"id": f"{by}/1", "type": "Follow", "actor": by, "object": f"{city.origin}/city"}
    async with city.client() as client:
        return await client.post("/inbox", json=said)


async def test_c11_proxies_of_the_environment(
    town: SocketCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: dict[str, bytes] = {}
    async with site(found) as far, site({}) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url(host="127.0.0.1"))
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        found["/u/pat"] = person(far.url("/u/pat", "far.test"))
        assert (await ask(town, far.url("/u/pat", "far.test"))).status_code == 202
        assert (far.connections, proxy.connections) == (1, 0)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
async def test_d02_a_bomb_in_a_packed_answer(town: SocketCity, encoding: str) -> None:
    pack = zlib.compress if encoding == "deflate" else gzip.compress
    bomb, key = pack(bytes(100_000_000)), "/u/pat#main-key"
    small = pack(person("x").partition(b"\r\n\r\n")[2]) if "," not in encoding else b"{}"
    found = {"/small": answer(small, Content_Encoding=encoding, Connection="close")}
    found["/u/pat"] = answer(bomb, Content_Encoding=encoding, Connection="close")
    async with site(found) as far:
        await ask(town, far.url("/small", "far.test"))  # what is loaded once
        tracemalloc.start()
        try:
            refused = await ask(town, far.url("/u/pat", "far.test"), far.url(key, "far.test"))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert refused.status_code == 401
    expected = "too large" if encoding in ("gzip", "deflate") else "unknown encoding"
    assert expected in refused.text
    assert most < 8_000_000


async def test_d14_an_error_without_end(town: SocketCity) -> None:
    """A kilobyte of it is kept, and no more than sixteen are read."""
    head = CHUNKED.replace(b"200 OK", b"500 Oh")
    async with rough_peer.peer(endless(head, CHUNK)) as far:
        away = await ask(town, far.url("/u/pat", "far.test"))
    assert (away.status_code, "answers 500" in away.text) == (503, True)
