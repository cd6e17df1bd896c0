"""Group D: what is too long, too deep, too slow or too often; it ends early and costs little."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from federation import fetch
from federation.arrivals.above import MOST_PARENTS
from federation.discover import MOST_LISTINGS
from schema.postgres import Embedded
from tests import make, world
from tests.federation.door import HEARING, MEETING, asked, offer, post, say, untouched, verdict
from tests.peer import Peer
from tests.world import City, SocketCity, Wire, open_socket_city, patience

ID = "http://far.test/activities/1"
GROUP = "http://far.test/c/group"


def body(object: str | bytes = '"http://far.test/notes/1"', **head: Any) -> bytes:
    """A Create, byte by byte, with this text as its object."""
    first = {"id": ID, "type": "Create", "actor": "http://far.test/u/pat", **head}
    raw = object if isinstance(object, bytes) else object.encode()
    return json.dumps(first).encode()[:-1] + b', "object": ' + raw + b"}"


def values(count: int) -> bytes:
    return json.dumps([f"http://far.test/u/{number}" for number in range(count)]).encode()


BOMBS: dict[str, list[bytes]] = {
    "d05": [
        b"[" * 33 + b"]" * 33,
        b"[" * 1000 + b"]" * 1000,
        b'{"a":' * 33 + b"1" + b"}" * 33,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"[" * 400_000,
    ],
    "d06": [
        b'{"to": ' + values(501) + b"}",
        b'{"cc": ' + values(10_000) + b"}",
        b'{"tag": ' + values(101) + b"}",
        b'{"attachment": ' + values(17) + b"}",
        b'{"alsoKnownAs": ' + values(10_000) + b"}",
        json.dumps({str(number): number for number in range(201)}).encode(),
        json.dumps({"content": "a" * 300_000}).encode(),
        json.dumps([[[number] * 30] * 30 for number in range(100)]).encode(),
    ],
    "d07": [
        b'{"id": "http://far.test/a", "id": "http://far.test/b"}',
        rb'{"id": "http://far.test/a", "\u0069d": "http://far.test/b"}',
        b'{"a": {"b": [{"c": 1, "c": 2}]}}',
    ],
    "d08": [
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e400",
        b"-1e400",
        b"1" * 5000,
        b"9" * 20,
        b'{"n": 1e99999}',
    ],
    "d09": [
        rb'"a\u0000b"',
        rb'{"a\u0000b": 1}',
        rb'"\ud800"',
        rb'"\udc00\ud800"',
        rb'{"\ud800": 1}',
        b'"\xff\xfe"',
        b'"\xc0\x80"',
        b'"\xed\xa0\x80"',
        b'"a\x00b"',
    ],
}


async def refused(city: City, far: Peer, bombs: list[bytes]) -> None:
    async with untouched(city, *MEETING):
        for bomb in bombs:
            assert (await far.says(city, body(bomb))).status_code == 400, bomb[:40]


async def test_d05_too_deep(alpha: City, far: Peer) -> None:
    await refused(alpha, far, BOMBS["d05"])


async def test_d06_too_many(alpha: City, far: Peer) -> None:
    await refused(alpha, far, BOMBS["d06"])


async def test_d07_a_key_twice(alpha: City, far: Peer) -> None:
    await refused(alpha, far, BOMBS["d07"])


async def test_d07_an_actor_twice(alpha: City, far: Peer) -> None:
    async with untouched(alpha, *MEETING):
        for more in (b'"actor": "http://far.test/u/sam"', rb'"\u0061ctor": "http://far.test/u/x"'):
            said = body()[:-1] + b", " + more + b"}"
            assert (await far.says(alpha, said)).status_code == 400


async def test_d08_strange_numbers(alpha: City, far: Peer) -> None:
    await refused(alpha, far, BOMBS["d08"])


async def test_d08_ids_that_are_numbers_and_minus_zero(alpha: City, far: Peer) -> None:
    async with untouched(alpha, *MEETING):
        for id in (1, 1.5, -0.0, 10**15):
            assert (await far.says(alpha, body(id=id))).status_code == 400
    thing = offer(far, latitude=-0.0, quantity=1.0)
    assert (await say(alpha, far, far.activity("Create", thing)))[0] == "done"


async def test_d09_what_no_database_can_keep(alpha: City, far: Peer) -> None:
    await refused(alpha, far, BOMBS["d09"])


async def test_d09_other_encodings(alpha: City, far: Peer) -> None:
    async with untouched(alpha, *MEETING):
        for whole in (
            b"\xef\xbb\xbf" + body(),
            body().decode().encode("utf-16"),
            body().decode().encode("utf-32"),
            body("ü").decode().encode("latin-1"),
            b"",
            b"[]",
            b"7",
        ):
            assert (await far.says(alpha, whole)).status_code == 400


async def test_d01_a_letter_without_end(alpha: City, far: Peer) -> None:
    sent: list[int] = []

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(500):
            sent.append(number)
            yield b"a" * 100_000

    async with untouched(alpha):
        answer = await post(alpha, pieces())
        assert answer.status_code == 413
        assert len(sent) <= 12
        much = body(b'"' + b"a" * 1_000_000 + b'"')
        assert (await far.says(alpha, much)).status_code == 413


@pytest.fixture
async def town(server: Embedded, template: str, scratch: str) -> AsyncIterator[SocketCity]:
    """A city behind a real port."""
    name = f"{scratch}_town"
    world.clone(server.conninfo("postgres"), template, name)
    async with open_socket_city("town", server.conninfo(name)) as city:
        yield city


async def raw(city: SocketCity, *pieces: bytes) -> bytes:
    """What the city answers to these bytes, until it hangs up or falls silent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", city.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return await reader.read(200)
    except ConnectionError:
        return b""
    finally:
        writer.close()


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


async def taken(city: SocketCity, start: bytes, piece: bytes) -> int:
    """How many bytes of a head without end are taken before the city hangs up; at most 20 MB."""
    reader, writer = await asyncio.open_connection("127.0.0.1", city.port)
    sent = 0
    try:
        writer.write(start)
        while sent < 20_000_000 and not reader.at_eof():
            writer.write(piece)
            sent += len(piece)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
    return sent


def head(city: SocketCity, *lines: str, method: str = "POST") -> bytes:
    first = f"{method} /inbox HTTP/1.1\r\nHost: {city.host}\r\n"
    return (first + "".join(line + "\r\n" for line in lines) + "\r\n").encode()


@pytest.mark.sockets
async def test_d01_a_length_that_lies(town: SocketCity) -> None:
    async with patience():
        for lies in (["Content-Length: 5"], ["Content-Length: 5", "Content-Length: 7"]):
            answer = await raw(town, head(town, *lies), b"x" * 500_000)
            assert answer == b"" or answer.split()[1] in (b"400", b"401")
        both = head(town, "Content-Length: 5", "Transfer-Encoding: chunked")
        answer = await raw(town, both + b"0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 500 " not in answer


@pytest.mark.sockets
async def test_d03_headers_without_end(town: SocketCity) -> None:
    async with patience():
        first = b"POST /inbox HTTP/1.1\r\nHost: x\r\n"
        for start, piece in (
            (first + b"X: ", b"a" * 50_000),
            (first, b"X: a\r\n" * 10_000),
            (b"POST /", b"a" * 50_000),
            (first + CHUNKED + b"1\r\n{\r\n0\r\n", b"X: a\r\n" * 10_000),
            (first + CHUNKED + b"1;", b"a" * 50_000),
        ):
            assert await taken(town, start, piece) < 10_000_000
        whole = b"X: " + b"a" * 30_000 + b"\r\n"
        answer = await raw(town, first + whole + b"Content-Length: 0\r\n\r\n")
        assert answer.split()[1] == b"400", "no JSON, but the head was read"
        assert b"too long" not in answer
        async with town.client() as client:
            assert (await client.get("/about")).status_code == 200


@pytest.mark.sockets
async def test_d04_two_hundred_who_never_finish_keep_nobody_waiting(town: SocketCity) -> None:
    slow = [await asyncio.open_connection("127.0.0.1", town.port) for _ in range(200)]
    try:
        for _, writer in slow:
            writer.write(head(town, "Content-Length: 1000000") + b"{")
            await writer.drain()
        async with patience(), town.client() as client:
            for _ in range(20):
                assert (await client.get("/about")).status_code == 200
            assert (await client.post("/inbox", content=b"{}")).status_code == 400
    finally:
        for _, writer in slow:
            writer.close()


async def test_d10_a_list_without_end(alpha: City, far: Peer) -> None:
    far.add_actor("city", "Group", offers=f"{far.origin}/offers")
    page = {"type": "OrderedCollection", "totalItems": 10**9}
    far.add({**page, "id": f"{far.origin}/offers", "next": f"{far.origin}/offers?page=1"})
    number = [0]

    def more(_: Any) -> Response:
        number[0] += 1
        uri, items = f"{far.origin}/offers", [f"{far.origin}/n/{n}" for n in range(900)]
        return far.json({**page, "id": uri, "orderedItems": items, "next": f"{uri}?p={number[0]}"})

    far.scripts[f"{far.origin}/offers"] = more
    await alpha.instance.queue.configure_task("discover").defer_async(origin=far.origin)
    await alpha.instance.queue.run_worker_async(
        install_signal_handlers=False, wait=False, additional_context={"instance": alpha.instance}
    )
    assert 1 <= number[0] <= 10
    assert len(asked(alpha, far)) <= 10 + MOST_LISTINGS + 5


async def test_d10_pages_with_little_and_a_list_that_leads_elsewhere(
    alpha: City, far: Peer, evil: Peer
) -> None:
    """Pages have a limit of their own; each is asked for once, and only at the list's server."""
    pages: list[str] = []

    def slowly(request: Request) -> Response:
        pages.append(request.url.query)
        following = f"{far.origin}/slow?{len(pages)}"
        page = {"id": f"{far.origin}/slow", "type": "OrderedCollectionPage", "next": following}
        return far.json({**page, "orderedItems": [f"{far.origin}/n/{len(pages)}"]})

    far.scripts[f"{far.origin}/slow"] = slowly
    loop, away, much = (f"{far.origin}/{name}" for name in ("loop", "away", "much"))
    far.add({"id": loop, "type": "Collection", "items": [], "next": loop})
    far.add({"id": away, "type": "Collection", "items": [], "next": f"{evil.origin}/more"})
    far.add(
        {"id": much, "type": "Collection", "items": [f"{far.origin}/m/{n}" for n in range(1500)]}
    )
    folders = {"offers": f"{far.origin}/slow", "needs": loop, "projects": away, "blueprints": much}
    far.add_actor("city", "Group", **folders)
    await alpha.instance.queue.configure_task("discover").defer_async(origin=far.origin)
    await alpha.instance.queue.run_worker_async(
        install_signal_handlers=False, wait=False, additional_context={"instance": alpha.instance}
    )
    assert 2 < len(pages) <= fetch.MOST_PAGES + 1
    assert 1 <= asked(alpha, far).count(loop) <= 2
    assert asked(alpha, far).count(away) == 1
    assert f"{evil.origin}/more" not in asked(alpha, evil)
    assert not [url for url in asked(alpha, far) if "/m/" in url], "too long a page is none"


async def test_d11_a_thread_without_end_and_one_in_a_circle(alpha: City, far: Peer) -> None:
    far.scripts.update(
        {
            f"{far.origin}/deep/{number}": lambda _, n=number: far.json(
                {
                    **far.note(inReplyTo=f"{far.origin}/deep/{n + 1}", audience=GROUP, cc=[GROUP]),
                    "id": f"{far.origin}/deep/{n}",
                }
            )
            for number in range(200)
        }
    )
    circle = [f"{far.origin}/circle/{number}" for number in range(3)]
    for number, uri in enumerate(circle):
        above = circle[(number + 1) % 3]
        far.add({**far.note(inReplyTo=above, audience=GROUP, cc=[GROUP]), "id": uri})
    for start in (f"{far.origin}/deep/0", circle[0]):
        before = len(asked(alpha, far))
        said = far.activity("Announce", start, by=GROUP)
        assert (await say(alpha, far, said, GROUP))[0] in ("done", "waiting", "refused", "ignored")
        assert len(asked(alpha, far)) - before <= min(MOST_PARENTS, 94) + 6


async def test_d11_an_announce_of_an_announce_of_an_announce(alpha: City, far: Peer) -> None:
    inner: dict[str, Any] = offer(far)
    for _ in range(25):
        inner = far.activity("Announce", inner, by=GROUP)
    async with untouched(alpha, *HEARING):
        state, _ = await say(alpha, far, inner, GROUP)
        assert state in ("ignored", "refused", "malformed")
    assert len(asked(alpha, far)) <= 5


async def test_d12_an_actor_that_points_to_many_others(alpha: City, far: Peer) -> None:
    others = [far.add_actor(f"other{number}") for number in range(100)]
    lists = ("featured", "outbox", "replies", "following", "alsoKnownAs", "attributedTo")
    far.documents[far.pat] |= {name: list(others) for name in lists}
    far.documents[GROUP] |= {name: f"{far.origin}/list" for name in lists}
    far.add({"id": f"{far.origin}/list", "type": "Collection", "items": others})
    for by in (far.pat, GROUP):
        await say(alpha, far, far.activity("Create", offer(far, by), by=by), by)
    mentions = [{"type": "Mention", "href": uri} for uri in others]
    await say(alpha, far, far.activity("Create", far.note(tag=mentions, cc=others)))
    assert len(asked(alpha, far)) <= 20


async def test_d13_hosts_that_come_and_go_are_forgotten(alpha: City, far: Peer, wire: Wire) -> None:
    """Many hosts name keys that cannot be had: what is kept of them has an end."""
    misses = alpha.instance.remembered.misses
    for number in range(150):
        host = f"s{number}.many.test"
        said = {
            **far.activity("Follow", "x"),
            "id": f"http://{host}/a",
            "actor": f"http://{host}/u",
        }
        answer = await far.says(alpha, said, by=f"http://{host}/u")
        assert answer.status_code in (429, 503)
    for number in range(5000):
        misses.note(f"http://{number}.test", alpha.clock(), silent=True)
    assert len(misses) <= 2000
    assert await alpha.value("select count(*) from peers where host like %s", "%.many.test") == 0


async def test_d14_of_a_huge_error_little_is_kept(alpha: City, far: Peer) -> None:
    uri = f"{far.origin}/huge"
    far.scripts[uri] = lambda _: Response("<p>" * 3_000_000, 500)
    said = far.activity("Announce", uri)
    assert (await say(alpha, far, said))[0] == "waiting"
    assert len((await verdict(alpha, said))[1]) < 1000


TEXTS = {
    "mentions": "@" * 50_000,
    "names": "@a@a." * 20_000,
    "hashtags": "#" * 50_000,
    "words": "#a" * 50_000,
    "addresses": "http://" * 15_000,
    "dots": "http://a" + "." * 90_000,
    "tags": "<a href='" * 11_000,
    "open": "<" * 100_000,
    "nested": "<b>" * 30_000,
    "entities": "&" * 100_000,
    "comments": "<!--" * 25_000,
    "spaces": " " * 100_000 + "x",
    "lines": "\n" * 100_000,
    "stars": "*" * 100_000,
    "brackets": "[" * 100_000,
    "quotes": ">" * 100_000,
}


async def test_d15_texts_made_to_keep_us_busy(alpha: City, far: Peer) -> None:
    """All of them are read within the time that one lease of the worker lasts, many times over."""
    ann = await make.a_person(alpha, "ann")
    async with asyncio.timeout(60):
        for text in TEXTS.values():
            more: dict[str, Any] = {"name": text[:5000], "source": {"content": text}}
            await say(alpha, far, far.activity("Create", offer(far, content=text, **more)))
            more |= {"tag": [{"type": "Mention", "href": ann.uri}], "cc": [ann.uri]}
            note = far.note(text, summary=text[:5000], **more)
            await say(alpha, far, far.activity("Create", note))
            await make.a_proposal(alpha, ann, source=text[:5000])


async def test_d16_a_thousand_ranges(alpha: City) -> None:
    for path in ("/about", "/static/site.css"):
        ranges = "bytes=" + ",".join(["0-"] * 1000)
        whole = await alpha.get(path)
        answer = await alpha.get(path, Range=ranges)
        assert answer.status_code in (200, 206, 400, 416)
        assert len(answer.content) <= len(whole.content), "nothing is sent twice"


async def test_d17_forms_made_to_hurt(alpha: City) -> None:
    def parts(count: int, kind: str) -> bytes:
        one = f'--x\r\nContent-Disposition: form-data; name="a"{kind}\r\n\r\n1\r\n'
        return one.encode() * count + b"--x--\r\n"

    many = "multipart/form-data; boundary=x"
    cases = {
        "10,000 fields": (many, parts(10_000, "")),
        "10,000 files": (many, parts(10_000, '; filename="a.png"')),
        "no boundary": ("multipart/form-data", parts(1, "")),
        "a name of 100 KB": (many, parts(1, '; filename="' + "a" * 100_000 + '"')),
        "no end": (many, parts(1, "")[:-8]),
        "one long header": (many, b"--x\r\n" + b"A" * 100_000),
        "10,000 values": ("application/x-www-form-urlencoded", b"a=1&" * 10_000),
    }
    async with await make.log_in(alpha, await make.a_person(alpha, "ann")) as browser:
        before = await alpha.value("select count(*) from media")
        for name, (kind, content) in cases.items():
            for path in ("/me/picture", "/login", "/new"):
                answer = await browser.client.post(
                    path, content=content, headers={"Content-Type": kind}
                )
                # What ends too early is a small form, without its token.
                status = 403 if name == "no end" else 400
                assert answer.status_code == status, (name, path)
        assert await alpha.value("select count(*) from media") == before
