"""The door: who is heard and who is not, and that nothing is kept of what was refused."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from federation import signatures
from federation.keys import load_private
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire

ID = "http://far.test/activities/1"
PAT = "http://far.test/u/pat"
FROM = "select count(*) from activities a join actors b on b.id = a.actor_id where b.peer = %s"


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    """A neighbour of alpha, of another make."""
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    return peer


@pytest.fixture
def stranger(wire: Wire) -> Peer:
    return Peer("strange.test", wire).start()


async def stored(city: City, peer: Peer) -> int:
    """How many activities of that server were taken in."""
    return await city.value(FROM, peer.origin)


def body(object: str | bytes = '"http://far.test/notes/1"', **head: Any) -> bytes:
    """A Create, byte by byte, with this text as its object."""
    first = {"id": ID, "type": "Create", "actor": PAT, **head}
    raw = object if isinstance(object, bytes) else object.encode()
    return json.dumps(first).encode()[:-1] + b', "object": ' + raw + b"}"


async def post(city: City, content: Any, headers: Any = None) -> httpx.Response:
    """A bare POST to the shared inbox."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(city.app)) as client:
        return await client.post(f"{city.origin}/inbox", content=content, headers=headers)


HOSTILE = {
    "NUL in a text": rb'"a\u0000b"',
    "NUL in a key": rb'{"a\u0000b": 1}',
    "half a surrogate pair": rb'"\ud800"',
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
    "a number beyond floats": b"1e400",
    "5000 digits": b"1" * 5000,
    "1000 levels": b"[" * 1000 + b"]" * 1000,
    "1000 objects deep": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "an id twice": b'{"id": "http://far.test/a", "id": "http://far.test/b"}',
    "broken UTF-8": b'"\xff\xfe"',
    "an overlong NUL": b'"\xc0\x80"',
    "too many keys": json.dumps({str(n): n for n in range(300)}).encode(),
    "no end": b'{"a": ',
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_json_is_refused_before_it_can_hurt(
    alpha: City, far: Peer, hostile: bytes
) -> None:
    assert (await far.says(alpha, body(hostile))).status_code == 400
    assert await stored(alpha, far) == 0
    assert (await far.says(alpha, body())).status_code == 202


@pytest.mark.parametrize(
    "whole",
    [
        b"",
        b"[]",
        b"7",
        b"\xef\xbb\xbf" + body(),
        body().decode().encode("utf-16"),
        body()[:-1] + b', "actor": "http://far.test/u/pat"}',
        body()[:-1] + rb', "\u0061ctor": "http://far.test/u/ann"}',
    ],
    ids=["nothing", "a list", "a number", "a BOM", "UTF-16", "two actors", "two, one escaped"],
)
async def test_what_is_no_activity_is_refused(alpha: City, far: Peer, whole: bytes) -> None:
    assert (await far.says(alpha, whole)).status_code == 400
    assert await stored(alpha, far) == 0


NO_IDS: tuple[Any, ...] = (
    None,
    "",
    7,
    ["http://far.test/1"],
    {"id": "http://far.test/1"},
    "/activities/1",
    "javascript:alert(1)",
    "data:text/plain,1",
    "acct:pat@far.test",
    "http://far.test/" + "a" * 3000,
    "http://far.test/1\n",
    "http://far.test:80:80/1",
    "http://pat@far.test/1",
    "http://other.test/activities/1",
)


async def test_b08_an_id_is_an_address_of_the_actors_server(alpha: City, far: Peer) -> None:
    for id in NO_IDS:
        assert (await far.says(alpha, body(id=id))).status_code == 400, id
    assert await stored(alpha, far) == 0


async def test_an_activity_has_a_type_and_an_actor(alpha: City, far: Peer) -> None:
    for missing in ("type", "actor"):
        values: list[Any] = [None, "", 1, {}, [], [{}]]
        for value in values:
            said = body(**{missing: value})
            assert (await far.says(alpha, said)).status_code == 400, (missing, value)


async def test_trap_3_of_several_types_the_one_that_is_known_here_counts(
    alpha: City, far: Peer
) -> None:
    said = body(id=f"{ID}/several", type=["vf:Wish", "Create"])
    assert (await far.says(alpha, said)).status_code == 202
    kind = await alpha.value("select type from activities where uri = %s", f"{ID}/several")
    assert kind == "Create"


async def test_more_than_a_megabyte_is_too_large(alpha: City, far: Peer) -> None:
    much = body(b'"' + b"a" * 1_000_000 + b'"')
    assert (await far.says(alpha, much)).status_code == 413
    assert await stored(alpha, far) == 0


async def test_d01_what_does_not_say_how_long_it_is_is_read_no_further_than_a_megabyte(
    alpha: City,
) -> None:
    sent: list[int] = []

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(100):
            sent.append(number)
            yield b"a" * 100_000

    answer = await post(alpha, pieces())
    assert answer.request.headers["transfer-encoding"] == "chunked"
    assert answer.status_code == 413
    assert len(sent) <= 12


def signed(far: Peer, city: City, content: bytes, **more: Any) -> dict[str, str]:
    """The headers of an honest POST of this content to the shared inbox."""
    return signatures.sign_post(
        more.get("url", f"{city.origin}/inbox"),
        content,
        key_id=f"{far.pat}#main-key",
        private_key=load_private(more.get("pem", far.pair.rsa_private)),
        now=city.clock() + more.get("late", timedelta()),
        scheme=more.get("scheme", "cavage"),
    )


NO_HEADERS: dict[str, Any] = {
    "none": lambda h: {},
    "empty": lambda h: {**h, "Signature": ""},
    "garbage": lambda h: {**h, "Signature": b"\x7f\xff{]"},
    "10000 letters": lambda h: {**h, "Signature": "a" * 10_000},
    "two": lambda h: [*h.items(), ("Signature", h["Signature"])],
    "no digest": lambda h: {k: v for k, v in h.items() if k != "Digest"},
    "no date": lambda h: {k: v for k, v in h.items() if k != "Date"},
    "another date": lambda h: {**h, "Date": "Sun, 06 Nov 1994 08:49:37 GMT"},
    "a key elsewhere": lambda h: {
        **h,
        "Signature": h["Signature"].replace("http://far.test", "http://strange.test"),
    },
    "no such key": lambda h: {**h, "Signature": h["Signature"].replace("#main-key", "/none")},
}


@pytest.mark.parametrize("change", NO_HEADERS.values(), ids=NO_HEADERS)
async def test_a01_without_a_good_signature_nothing_is_kept(
    alpha: City, far: Peer, stranger: Peer, change: Any
) -> None:
    headers = change(signed(far, alpha, body()))
    answer = await post(alpha, body(), headers)
    assert answer.status_code == 401
    assert answer.headers["Accept-Signature"] == signatures.ACCEPT_SIGNATURE
    assert await stored(alpha, far) == 0
    assert (await post(alpha, body(), signed(far, alpha, body()))).status_code == 202


@pytest.mark.parametrize(
    "wrong",
    [
        {"pem": make.a_key_pair().rsa_private},
        {"url": "http://alpha.test/people/ann/inbox"},
        {"url": "http://beta.test/inbox"},
        {"late": timedelta(hours=-2)},
        {"late": timedelta(hours=2)},
    ],
    ids=["another key", "another path", "another host", "two hours ago", "in two hours"],
)
@pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])
async def test_a11_a_signature_is_for_one_request_only(
    alpha: City, far: Peer, wrong: dict[str, Any], scheme: str
) -> None:
    while far.pair.rsa_private == wrong.get("pem"):
        far.pair = make.a_key_pair()
        far.add_actor("pat")
    headers = signed(far, alpha, body(), scheme=scheme, **wrong)
    assert (await post(alpha, body(), headers)).status_code == 401
    assert await stored(alpha, far) == 0


async def test_a04_one_changed_byte_is_enough(alpha: City, far: Peer) -> None:
    headers = signed(far, alpha, body())
    assert (await post(alpha, body().replace(b"Create", b"Delete"), headers)).status_code == 401
    assert await stored(alpha, far) == 0


async def test_signatures_of_both_kinds_are_accepted(alpha: City, far: Peer) -> None:
    for number, scheme in enumerate(("cavage", "rfc9421")):
        said = body(id=f"http://far.test/activities/{number}")
        assert (await far.says(alpha, said, scheme=scheme)).status_code == 202
    assert await stored(alpha, far) == 2


async def test_a12_the_same_request_again_counts_once_and_later_not_at_all(
    alpha: City, far: Peer
) -> None:
    headers = signed(far, alpha, body())
    assert [(await post(alpha, body(), headers)).status_code for _ in range(3)] == [202] * 3
    assert await stored(alpha, far) == 1
    alpha.clock.now += timedelta(hours=13)
    assert (await post(alpha, body(), headers)).status_code == 401


async def test_b01_an_id_of_another_server_uses_nothing_up(
    alpha: City, far: Peer, stranger: Peer
) -> None:
    await befriend(alpha, stranger)
    forged = {**stranger.activity("Create", stranger.note()), "id": ID}
    assert (await stranger.says(alpha, forged)).status_code == 400
    assert (await far.says(alpha, body())).status_code == 202
    assert await stored(alpha, far) == 1


async def test_b02_an_id_that_somebody_claimed_without_proof_stays_free(
    alpha: City, far: Peer, stranger: Peer
) -> None:
    assert (await post(alpha, body())).status_code == 401
    assert (await stranger.says(alpha, body())).status_code == 401
    assert (await far.says(alpha, body())).status_code == 202
    assert await stored(alpha, far) == 1


async def test_a06_nobody_speaks_for_somebody_else(alpha: City, far: Peer, stranger: Peer) -> None:
    await befriend(alpha, stranger)
    mallory = far.add_actor("mallory")
    assert (await far.says(alpha, body(), by=mallory)).status_code == 401
    assert (await stranger.says(alpha, body(), by=stranger.pat)).status_code == 401
    assert await stored(alpha, far) == 0


async def test_trap_34_a_server_speaks_for_its_own_people_only(
    alpha: City, far: Peer, stranger: Peer
) -> None:
    await befriend(alpha, stranger)
    servers = [peer.add_actor("server", "Application") for peer in (far, stranger)]
    assert (await stranger.says(alpha, body(), by=servers[1])).status_code == 401
    assert (await far.says(alpha, body(), by=servers[0])).status_code == 202


async def test_a05_a_key_belongs_to_the_server_that_serves_it(
    alpha: City, far: Peer, stranger: Peer
) -> None:
    """An actor that lists the key id of another server must not become the owner of that key."""
    await befriend(alpha, stranger)
    key = {"id": f"{PAT}#main-key", "publicKeyPem": stranger.pair.rsa_public}
    for kind in ("Person", "Application"):
        thief = stranger.add_actor("thief", kind)
        stranger.documents[thief]["publicKey"] = {**key, "owner": thief}
        await stranger.says(alpha, stranger.activity("Like", PAT, by=thief), by=thief)
        headers = signed(far, alpha, body(), pem=stranger.pair.rsa_private)
        assert (await post(alpha, body(), headers)).status_code == 401
    assert (await far.says(alpha, body())).status_code == 202


async def test_a05_the_owner_of_a_key_must_list_it(alpha: City, far: Peer) -> None:
    key = f"{far.origin}/keys/1"
    far.add({"id": key, "owner": far.pat, "publicKeyPem": make.a_key_pair().rsa_public})
    headers = signed(far, alpha, body())
    headers["Signature"] = headers["Signature"].replace(f"{PAT}#main-key", key)
    assert (await post(alpha, body(), headers)).status_code == 401


async def test_trap_25_a_key_may_have_a_document_of_its_own(alpha: City, far: Peer) -> None:
    key = f"{far.origin}/keys/1"
    far.add({"id": key, "owner": far.pat, "publicKeyPem": far.pair.rsa_public})
    far.documents[PAT]["publicKey"]["id"] = key
    headers = signatures.sign_post(
        f"{alpha.origin}/inbox",
        body(),
        key_id=key,
        private_key=load_private(far.pair.rsa_private),
        now=alpha.clock(),
        scheme="cavage",
    )
    assert (await post(alpha, body(), headers)).status_code == 202
