"""The way out in ordinary use, over real sockets on this machine."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from federation.client import Answer
from federation.errors import Malformed, Refused, Unreachable
from federation.networks import private_network
from tests.federation.rough_peer import (
    OWN,
    Peer,
    answer,
    client,
    peer,
)

pytestmark = pytest.mark.sockets


async def test_a_get_says_who_asks_and_returns_what_came() -> None:
    async with peer(answer(b'{"a":1}')) as served, client() as out:
        got = await out.get(served.url("/x?y=%2F"), headers={"Accept": "a/b"})
    assert (got.status, got.body, got.content_type) == (
        200,
        b'{"a":1}',
        "application/activity+json",
    )
    assert got.url == served.url("/x?y=%2F")
    assert served.heard[0].startswith(b"GET /x?y=%2F HTTP/1.1\r\n")
    heard = served.headers()
    assert heard["user-agent"] == f"Stadtnetz/1.0 (+{OWN})"
    assert heard["accept-encoding"] == "identity"
    assert heard["host"] == f"peer.localhost:{served.port}"
    assert heard["accept"] == "a/b"
    assert "cookie" not in heard


async def test_a_post_sends_the_body_and_the_signed_headers_as_they_are() -> None:
    headers = {"Signature": "s", "Content-Type": "application/activity+json", "Host": "x.test"}
    async with peer(answer(b"x" * 5000, "202 Accepted")) as served, client() as out:
        got = await out.post(served.url("/inbox"), headers=headers, body=b'{"b":2}')
    assert (got.status, len(got.body)) == (202, 1000)
    assert served.heard[0].endswith(b'\r\n\r\n{"b":2}')
    heard = served.headers()
    assert (heard["signature"], heard["host"]) == ("s", "x.test")
    assert heard["content-type"] == "application/activity+json"


async def test_connections_are_kept_and_cookies_are_not() -> None:
    async with peer(answer(Set_Cookie="a=b; Path=/")) as served, client() as out:
        for _ in range(3):
            await out.get(served.url())
            await out.post(served.url(), headers={}, body=b"")
    assert served.connections == 1
    assert all(b"ookie" not in heard for heard in served.heard)


@pytest.mark.parametrize(
    "path", ["/%7Eann", "/a%2Fb", "/%41", "/ü?ä=ö", "/a'b(c)!$&*+,;=:@", "/%zz"]
)
async def test_what_is_asked_for_is_what_was_signed(path: str) -> None:
    signed: list[str] = []

    def sign(url: str) -> dict[str, str]:
        signed.append(url)
        return {}

    async with peer(answer()) as served, client() as out:
        try:
            await out.get(served.url(path), sign=sign)
        except Refused:
            assert path == "/%zz"
            return
        target = served.heard[0].split(b" ")[1].decode()
        assert signed == [served.url(target)]


async def test_a_missing_server_is_unreachable() -> None:
    async with peer(answer()) as served:
        pass
    async with client() as out:
        with pytest.raises(Unreachable):
            await out.get(served.url())
        with pytest.raises(Unreachable):
            await out.post(served.url(), headers={}, body=b"")


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"SSH-2.0\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5",
        answer(b"{}", Content_Length="50"),
    ],
)
async def test_nonsense_and_cut_answers_are_unreachable(reply: bytes) -> None:
    async def respond(_: Peer, __: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(reply)
        writer.close()

    async with peer(respond) as served, client() as out:
        with pytest.raises(Unreachable):
            await out.get(served.url())


@pytest.mark.parametrize("name", ["X-A", "Signature"])
async def test_headers_with_line_breaks_are_not_sent(name: str) -> None:
    async with peer(answer()) as served, client() as out:
        with pytest.raises(Unreachable):
            await out.get(served.url(), headers={name: "a\r\nX-B: c"})
    assert served.heard == []


class Wire(httpx.AsyncBaseTransport):
    """Takes the place of the network."""

    def __init__(self, *responses: httpx.Response | Exception) -> None:
        self.responses = list(responses)
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        response = self.responses.pop(0)
        if isinstance(response, Exception):
            raise response
        return response


async def test_another_transport_takes_the_place_of_the_network() -> None:
    moved = httpx.Response(301, headers={"Location": "https://gamma.test/y"})
    wire = Wire(moved, httpx.Response(200, json={"a": 1}), httpx.Response(202))
    async with client(transport=wire, allow_loopback=False) as out:
        got = await out.get("https://beta.test/x#y")
        assert (got.url, got.body) == ("https://gamma.test/y", b'{"a":1}')
        assert (await out.post("https://beta.test/inbox", headers={}, body=b"x")).status == 202
        with pytest.raises(Refused):
            await out.get("https://10.0.0.1/")
    assert wire.asked == ["https://beta.test/x", "https://gamma.test/y", "https://beta.test/inbox"]


async def test_a_named_private_network_is_called_by_https_and_nothing_beside_it() -> None:
    wire = Wire(httpx.Response(200, json={}))
    named = (private_network("10.20.0.0/16"),)
    async with client(transport=wire, allow_loopback=False, private=named) as out:
        assert (await out.get("https://10.20.3.4/x")).status == 200
        for url in ("https://10.21.0.1/", "https://10.20.3.4:8443/", "https://169.254.169.254/"):
            with pytest.raises(Refused):
                await out.get(url)
        with pytest.raises(Malformed):
            await out.get("http://10.20.3.4/")
    assert wire.asked == ["https://10.20.3.4/x"]


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("cut"), httpx.ReadTimeout("slow"), httpx.InvalidURL("odd")]
)
async def test_errors_of_a_transport_are_unreachable(error: Exception) -> None:
    async with client(transport=Wire(error, error)) as out:
        with pytest.raises(Unreachable):
            await out.get("https://beta.test/")
        with pytest.raises(Unreachable):
            await out.post("https://beta.test/", headers={}, body=b"")


NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("99999999999999", 86400.0),
        ("Sun, 22 Nov 2026 12:02:00 GMT", 120.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, seconds: float | None) -> None:
    got = Answer(503, "https://beta.test/", {"retry-after": value}, b"")
    assert got.retry_after(NOW) == seconds
    assert Answer(503, "https://beta.test/", {}, b"").retry_after(NOW) is None


@pytest.mark.parametrize(
    ("content_type", "is_activity"),
    [
        ("application/activity+json", True),
        ("Application/Activity+JSON; charset=utf-8", True),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', True),
        ('application/ld+json;profile="https://www.w3.org/ns/activitystreams";charset=utf-8', True),
        ("application/ld+json", False),
        ('application/ld+json; profile="https://www.w3.org/ns/other"', False),
        ("application/json", False),
        ("text/html", False),
        ("application/octet-stream", False),
        ("", False),
    ],
)
def test_b16_only_activitystreams_types_count(content_type: str, is_activity: bool) -> None:
    got = Answer(200, "https://beta.test/", {"content-type": content_type}, b"")
    assert got.is_activity is is_activity
