"""Where the way out must not lead, and what must not come in; numbers as in the attack list."""

import asyncio
import gzip
import ssl
import zlib
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from federation.dialling import DialledTransport
from federation.errors import Malformed, Refused, Unreachable
from tests.federation.rough_peer import (
    OWN,
    Peer,
    Respond,
    answer,
    client,
    peer,
    redirect,
)
from tests.federation.test_networks import FORBIDDEN
from tests.federation.test_origins import REFUSED

pytestmark = pytest.mark.sockets


@pytest.mark.parametrize("address", [a for a in FORBIDDEN if "%" not in a])
async def test_c01_special_addresses_are_refused_by_literal_and_by_name(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    names = {"evil.example": [[address]]}
    async with client(addresses=names, allow_loopback=False) as out:
        for url in (f"https://{host}/", "https://evil.example/"):
            with pytest.raises(Refused, match="forbidden"):
                await out.get(url)
            with pytest.raises(Refused, match="forbidden"):
                await out.post(url, headers={}, body=b"")


@pytest.mark.parametrize("url", REFUSED)
async def test_c08_addresses_that_parsers_read_differently_are_not_called(url: str) -> None:
    async with client(addresses={}) as out:
        with pytest.raises(Malformed):
            await out.get(url)
        with pytest.raises(Malformed):
            await out.post(url, headers={}, body=b"")


@pytest.mark.parametrize("addresses", [["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "::1"], ["fe80::1%2"]])
async def test_c02_a_name_with_one_forbidden_address_is_refused(addresses: list[str]) -> None:
    async with client(addresses={"evil.example": [addresses]}, allow_loopback=False) as out:
        with pytest.raises(Refused, match="forbidden"):
            await out.get("https://evil.example/")


async def test_c03_the_address_that_was_checked_is_dialled() -> None:
    names = {"good.test": [["127.0.0.1"], ["10.0.0.1"]]}
    async with peer(answer(Connection="close")) as served, client(addresses=names) as out:
        assert (await out.get(served.url(host="good.test"))).status == 200
        # The second connection finds the first, checked answer still remembered.
        assert (await out.get(served.url(host="good.test"))).status == 200
    assert names["good.test"] == [["10.0.0.1"]]


async def test_c03_a_name_that_turns_private_is_refused() -> None:
    names = {"good.test": [["127.0.0.1"], ["10.0.0.1"]]}
    async with peer(answer()) as served:
        async with client(addresses=names) as out:
            await out.get(served.url(host="good.test"))
        async with client(addresses=names) as out:
            with pytest.raises(Refused, match="forbidden"):
                await out.get(served.url(host="good.test"))
    assert served.connections == 1


async def test_a_name_without_address_is_unreachable() -> None:
    async with client(addresses={"empty.example": [[]]}, allow_loopback=False) as out:
        for host in ("empty.example", "unknown.example"):
            with pytest.raises(Unreachable):
                await out.get(f"https://{host}/")


async def test_c07_only_port_443_is_called() -> None:
    async with client(addresses={}, allow_loopback=False) as out:
        for port in (22, 25, 80, 5432, 8443):
            with pytest.raises(Refused, match="443"):
                await out.get(f"https://peer.example:{port}/")


@pytest.mark.parametrize("url", [f"{OWN}/x", "https://OWN.example:443/inbox"])
async def test_c09_our_own_address_is_never_called(url: str) -> None:
    async with client(addresses={}) as out:
        with pytest.raises(Refused, match="our own"):
            await out.get(url)
        with pytest.raises(Refused, match="our own"):
            await out.post(url, headers={}, body=b"")


async def test_loopback_is_closed_unless_it_is_opened() -> None:
    async with peer(answer()) as served, client(allow_loopback=False) as out:
        for host in ("peer.localhost", "127.0.0.1", "localhost"):
            with pytest.raises((Refused, Malformed)):
                await out.get(served.url(host=host))
        for host in ("peer.localhost", "localhost", "127.0.0.1", "[::1]"):
            with pytest.raises(Refused):
                await out.get(f"https://{host}/")
    assert served.connections == 0


async def test_c11_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async with peer(answer()) as served, peer(answer()) as proxy, client() as out:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url(host="127.0.0.1"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        await out.get(served.url())
    assert (served.connections, proxy.connections) == (1, 0)


# --- redirects -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_c04_a_get_follows_a_redirect_and_says_where_it_ended(status: int) -> None:
    async def respond(_: Peer, path: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(redirect("/b?c", status) if path == b"/a" else answer())

    async with peer(respond) as served, client() as out:
        got = await out.get(served.url("/a"))
    assert (got.status, got.url) == (200, served.url("/b?c"))


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "https://10.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "//0177.0.0.1/",
        "https://inner.example/",
        "http://peer.example/",
        "file:///etc/passwd",
        "data:application/json,{}",
        "ftp://peer.example/",
        "gopher://peer.example/",
        "https://ann@peer.example/",
        "https:\\\\peer.example/",
        "https://[/",
        "/\x0b",
        f"{OWN}/",
    ],
)
async def test_c04_a_redirect_to_a_forbidden_place_is_refused(location: str) -> None:
    names = {"inner.example": [["10.0.0.1"]], "peer.test": [["127.0.0.1"]]}
    async with peer(redirect(location)) as served, client(addresses=names) as out:
        with pytest.raises((Refused, Unreachable)):
            await out.get(served.url(host="peer.test"))
    assert len(served.heard) == 1


async def test_c05_three_redirects_are_followed_and_no_more() -> None:
    async def respond(_: Peer, path: bytes, writer: asyncio.StreamWriter) -> None:
        left = int(path[1:])
        writer.write(redirect(f"/{left - 1}") if left else answer())

    async with peer(respond) as served, client() as out:
        assert (await out.get(served.url("/3"))).status == 200
        served.heard.clear()
        with pytest.raises(Refused, match="too often"):
            await out.get(served.url("/1000"))
    assert len(served.heard) == 4


async def test_c05_a_redirect_to_itself_is_asked_once() -> None:
    async with peer(redirect("/#x")) as served, client() as out:
        with pytest.raises(Refused, match="too often"):
            await out.get(served.url())
    assert len(served.heard) == 1


async def test_c06_each_hop_is_signed_anew_and_nothing_else_is_carried_over() -> None:
    signed: list[str] = []

    def sign(url: str) -> dict[str, str]:
        signed.append(url)
        return {"Signature": f"for {url}"}

    async with peer(answer()) as other:
        async with peer(redirect(other.url("/b", "other.localhost"))) as served, client() as out:
            headers = {"Accept": "a/b", "Authorization": "secret", "X-Other": "x"}
            await out.get(served.url("/a"), headers=headers, sign=sign)
    assert signed == [served.url("/a"), other.url("/b", "other.localhost")]
    assert served.headers()["signature"] == f"for {signed[0]}"
    heard = other.headers()
    assert (heard["signature"], heard["accept"]) == (f"for {signed[1]}", "a/b")
    assert "authorization" not in heard and "x-other" not in heard


async def test_c06_without_a_hand_to_sign_the_old_signature_is_not_sent_on() -> None:
    async with peer(answer()) as other:
        async with peer(redirect(other.url("/b"))) as served, client() as out:
            await out.get(served.url("/a"), headers={"Signature": "s", "Date": "d"})
    assert "signature" not in other.headers() and "date" not in other.headers()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_c06_a_post_follows_no_redirect(status: int) -> None:
    async with peer(redirect("/b", status)) as served, client() as out:
        got = await out.post(served.url("/a"), headers={"Signature": "s"}, body=b"{}")
    assert (got.status, len(served.heard)) == (status, 1)


# --- bombs -----------------------------------------------------------------------------------


def endless(head: bytes, piece: bytes) -> Respond:
    async def respond(_: Peer, __: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()

    return respond


CHUNK = b"%x\r\n%b\r\n" % (60_000, b"x" * 60_000)
CHUNKED = answer(b"", Content_Length="", Transfer_Encoding="chunked")


async def test_d01_a_body_without_end_is_cut_after_a_megabyte() -> None:
    async with peer(endless(CHUNKED, CHUNK)) as served, client() as out:
        with pytest.raises(Refused, match="too large"):
            await out.get(served.url())


async def test_d01_a_body_of_a_megabyte_is_read() -> None:
    async with peer(answer(b"x" * 1_000_000)) as served, client() as out:
        assert len((await out.get(served.url())).body) == 1_000_000
    async with peer(answer(b"x" * 1_000_001)) as served, client() as out:
        with pytest.raises(Refused, match="too large"):
            await out.get(served.url())


async def test_d14_of_an_error_and_of_any_answer_to_a_post_a_kilobyte_is_kept() -> None:
    head = CHUNKED.replace(b"200 OK", b"500 Oh")
    async with peer(endless(head, CHUNK)) as served, client() as out:
        got = await out.get(served.url())
        assert (got.status, len(got.body)) == (500, 1000)
    async with peer(endless(CHUNKED, CHUNK)) as served, client() as out:
        assert len((await out.post(served.url(), headers={}, body=b"")).body) == 1000


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate"])
async def test_d02_a_compressed_answer_is_read_within_the_limit(encoding: str) -> None:
    pack = zlib.compress if encoding == "deflate" else gzip.compress
    small = answer(pack(b'{"a":1}'), Content_Encoding=encoding)
    async with peer(small) as served, client() as out:
        assert (await out.get(served.url())).body == b'{"a":1}'
    bomb = answer(pack(bytes(50_000_000)), Content_Encoding=encoding)
    async with peer(bomb) as served, client() as out:
        with pytest.raises(Refused, match="too large"):
            await out.get(served.url())
        got = await out.post(served.url(), headers={}, body=b"")
        assert got.body == bytes(1000)


async def test_d02_what_follows_the_end_of_the_compressed_part_counts_too() -> None:
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    packed = gzip.compress(b"{}")
    first = b"%x\r\n%b\r\n" % (len(packed), packed)
    async with peer(endless(head + first, CHUNK)) as served, client() as out:
        with pytest.raises(Refused, match="too large"):
            await out.get(served.url())


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip,br", "nonsense"])
async def test_d02_other_and_double_encodings_are_refused(encoding: str) -> None:
    async with peer(answer(Content_Encoding=encoding)) as served, client() as out:
        with pytest.raises(Refused, match="encoding"):
            await out.get(served.url())
        assert (await out.post(served.url(), headers={}, body=b"")).body == b""


async def test_d02_garbled_compression_is_unreachable() -> None:
    async with peer(answer(b"not gzip", Content_Encoding="gzip")) as served, client() as out:
        with pytest.raises(Unreachable):
            await out.get(served.url())


async def silence(_: Peer, __: bytes, ___: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def dripping(head: bytes) -> Respond:
    async def respond(_: Peer, __: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    return respond


@pytest.mark.parametrize(
    "respond",
    [
        silence,
        dripping(b"HTTP/1.1 200 "),
        dripping(b"HTTP/1.1 200 OK\r\nX-A: "),
        dripping(answer(b"", Content_Length="500000")),
    ],
    ids=["silence", "status", "header", "body"],
)
async def test_d03_one_deadline_ends_whatever_drips(respond: Respond) -> None:
    async with peer(respond) as served, client(get_deadline=0.2) as out:
        with pytest.raises(Unreachable, match="no answer within"):
            await out.get(served.url())
        with pytest.raises(Unreachable, match="no answer within"):
            await out.post(served.url(), headers={}, body=b"")


@pytest.mark.parametrize(
    "header", ["X: " + "x" * 1_000_000, "\r\n".join(f"X-{i}: x" for i in range(10_000))]
)
async def test_d03_huge_and_many_headers_are_unreachable(header: str) -> None:
    async with peer(f"HTTP/1.1 200 OK\r\n{header}\r\n\r\n".encode()) as served, client() as out:
        with pytest.raises(Unreachable):
            await out.get(served.url())


async def test_the_deadline_counts_for_all_hops_together() -> None:
    async def respond(_: Peer, path: bytes, writer: asyncio.StreamWriter) -> None:
        if path == b"/slow":
            await asyncio.Event().wait()
        writer.write(redirect("/slow"))

    async with peer(respond) as served, client(get_deadline=0.2) as out:
        with pytest.raises(Unreachable, match="no answer within"):
            await out.get(served.url())
    assert len(served.heard) == 2


def certificate(folder: Path, name: str) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(
        made.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_unreachable(tmp_path: Path) -> None:
    context = certificate(tmp_path, "peer.localhost")
    async with peer(answer(), context) as served, client() as out:
        with pytest.raises(Unreachable, match="ertificate"):
            await out.get(f"https://peer.localhost:{served.port}/")
    assert served.heard == []


async def test_the_socket_itself_refuses_a_literal_that_nobody_checked() -> None:
    transport = DialledTransport(lambda _: False)
    async with peer(answer()) as served:
        with pytest.raises(Refused, match="forbidden"):
            await transport.handle_async_request(httpx.Request("GET", served.url(host="127.0.0.1")))
        await transport.aclose()
    assert served.connections == 0
