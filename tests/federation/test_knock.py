"""Two ways of signing: the one that a server takes is found, and remembered."""

from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from federation import fetch, knock, rfc9421, signatures
from federation.errors import Refused
from federation.keys import load_private, load_public
from federation.rfc9421 import Asked
from federation.signed import SignedRequest, headers_of
from schema.actors import Actor
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, fast_forward, settle

FAR = "http://far.test"


class Picky:
    """A server that answers what is signed in the wrong way with `status`."""

    def __init__(self, wire: Wire, takes: str, status: int = 401, asks: str = "") -> None:
        self.takes = takes
        self.status = status
        self.headers = {"Accept-Signature": asks} if asks else {}
        self.seen: list[str] = []
        self.requests: list[Request] = []
        wire.apps["far.test"] = Starlette(routes=[Route("/{p:path}", self.answer)])

    async def answer(self, request: Request) -> Response:
        way = "rfc9421" if "signature-input" in request.headers else "cavage"
        self.seen.append(way)
        self.requests.append(request)
        if way not in self.takes:
            return Response(status_code=self.status, headers=self.headers)
        document = {"id": f"{FAR}{request.url.path}"}
        return JSONResponse(document, media_type="application/activity+json")


async def scheme_of(city: City) -> tuple[str, bool]:
    query = "select scheme, scheme_at is not null from peers where origin = %s"
    async with city.instance.read() as conn:
        found = await (await conn.execute(query, [FAR])).fetchone()
    return (found[0], found[1]) if found else ("", False)


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_who_takes_the_newer_signature_only_is_asked_again_once_and_then_at_once(
    alpha: City, wire: Wire, status: int
) -> None:
    far = Picky(wire, "rfc9421", status)
    for name in "abc":
        assert await fetch.document(alpha.instance, f"{FAR}/{name}") == {"id": f"{FAR}/{name}"}
    assert far.seen == ["cavage", "rfc9421", "rfc9421", "rfc9421"]
    assert await scheme_of(alpha) == ("rfc9421", True)


async def test_who_takes_the_older_signature_is_never_bothered_with_the_other(
    alpha: City, wire: Wire
) -> None:
    far = Picky(wire, "cavage")
    for name in "ab":
        await fetch.document(alpha.instance, f"{FAR}/{name}")
    assert far.seen == ["cavage", "cavage"]
    assert await scheme_of(alpha) == ("cavage", True)


async def test_a_server_that_forgets_the_newer_way_gets_the_older_one(
    alpha: City, wire: Wire
) -> None:
    far = Picky(wire, "rfc9421")
    await fetch.document(alpha.instance, f"{FAR}/a")
    far.takes = "cavage"
    await fetch.document(alpha.instance, f"{FAR}/b")
    await fetch.document(alpha.instance, f"{FAR}/c")
    assert far.seen[2:] == ["rfc9421", "cavage", "cavage"]


async def test_who_refuses_both_ways_is_asked_twice_and_nothing_is_learned(
    alpha: City, wire: Wire
) -> None:
    far = Picky(wire, "nothing", 403)
    with pytest.raises(Refused):
        await fetch.document(alpha.instance, f"{FAR}/a")
    assert far.seen == ["cavage", "rfc9421"]
    assert await scheme_of(alpha) == ("", False)


@pytest.mark.parametrize("status", [202, 404, 410, 429, 500, 503])
async def test_other_answers_have_nothing_to_do_with_the_signature(
    alpha: City, wire: Wire, status: int
) -> None:
    far = Picky(wire, "nothing", status)
    with pytest.raises(Exception, match=r"."):
        await fetch.document(alpha.instance, f"{FAR}/a")
    assert far.seen == ["cavage"]


async def test_what_a_server_wants_to_be_signed_is_signed(alpha: City, wire: Wire) -> None:
    wanted = 'fancy=("@method" "@target-uri" "date" "accept");created;expires;nonce="n1";tag="t"'
    far = Picky(wire, "rfc9421", asks=wanted)
    await fetch.document(alpha.instance, f"{FAR}/a")
    headers = headers_of(far.requests[1].scope["headers"])
    (said,) = headers["signature-input"]
    assert said.startswith("fancy=(")
    assert ';nonce="n1";tag="t"' in said
    assert f";expires={int(alpha.clock().timestamp()) + 300};" in said
    assert {'"date"', '"accept"', '"@target-uri"'} <= set(said[7 : said.index(")")].split())
    claim = signatures.parse(
        SignedRequest("GET", "/a", "far.test", "http", headers, None), now=alpha.clock()
    )
    pem = await alpha.value("select public_key from actors where kind = 'instance' and host = ''")
    signatures.verify(claim, load_public(pem))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('sig1=("@method" "@target-uri" "content-digest");created;keyid', ("sig1", 3)),
        ('a=("@method");alg="ed25519", b=("@method" "date");alg="rsa-v1_5-sha256"', ("b", 2)),
        ('a=("x-unknown"), b=("@method";req), c=()', ("c", 0)),
        ('a=("@status")', None),
        ('a=("@method");alg="hmac-sha256"', None),
        ("a=1", None),
        ("((((", None),
        ("", None),
        ('a=("@method"), a=("@path")', None),
    ],
)
def test_of_what_is_asked_for_the_first_that_we_can_make_counts(
    header: str, found: tuple[str, int] | None
) -> None:
    asked = rfc9421.asked(header)
    assert (asked and (asked.label, len(asked.components))) == found


def test_what_is_asked_for_never_takes_away_from_what_must_be_signed() -> None:
    headers = signatures.sign_post(
        f"{FAR}/inbox",
        b"{}",
        key_id=f"{FAR}#k",
        private_key=load_private(make.a_key_pair().rsa_private),
        now=datetime(2026, 11, 22, tzinfo=UTC),
        scheme="rfc9421",
        asked=Asked(components=("@path",)),
    )
    assert headers["Signature-Input"].startswith(
        'sig1=("@method" "@target-uri" "@authority" "content-digest" "@path");created='
    )


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    """A server whose person follows our city, and which takes RFC 9421 only."""
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    assert (await peer.says(alpha, peer.activity("Follow", f"{alpha.origin}/city"))).is_success
    peer.answers = lambda _: 202 if ways(peer)[-1] == "rfc9421" else 401
    return peer


def ways(peer: Peer) -> list[str]:
    return ["rfc9421" if "signature-input" in one.headers else "cavage" for one in peer.requests]


async def test_deliveries_find_the_way_too_and_lose_nothing(
    alpha: City, ann: Actor, far: Peer
) -> None:
    await settle(alpha)
    for title in ("one", "two"):
        await make.a_proposal(alpha, ann, title, scope="neighbours")
        await settle(alpha)
    assert ways(far) == ["cavage", "rfc9421", "rfc9421", "rfc9421"]
    assert (
        await alpha.value(
            "select count(*) from deliveries where state <> 'done' and peer = %s", FAR
        )
        == 0
    )


async def test_a_server_that_is_known_to_take_it_may_refuse_for_other_reasons(
    alpha: City, ann: Actor, far: Peer
) -> None:
    await settle(alpha)
    far.answers = lambda _: 400
    before = len(far.requests)
    await make.a_proposal(alpha, ann, "one", scope="neighbours")
    await settle(alpha)
    assert len(far.requests) == before + 1
    state = "select state from deliveries where peer = %s order by id desc limit 1"
    assert await alpha.value(state, FAR) == "refused"


async def test_after_a_week_the_way_is_a_guess_again(alpha: City, ann: Actor, far: Peer) -> None:
    await settle(alpha)
    far.answers = lambda _: 202 if ways(far)[-1] == "cavage" else 403
    await fast_forward(alpha, knock.GOOD_FOR + timedelta(hours=1))
    await make.a_proposal(alpha, ann, "one", scope="neighbours")
    await settle(alpha)
    assert ways(far)[-2:] == ["rfc9421", "cavage"]
    assert await scheme_of(alpha) == ("cavage", True)


async def test_our_own_cities_offer_what_they_take(alpha: City) -> None:
    async with alpha.client() as client:
        answer = await client.post(
            "/inbox", json={"id": "https://x.test/1", "actor": "https://x.test/u", "type": "Like"}
        )
    assert answer.status_code == 401
    assert rfc9421.asked(answer.headers["accept-signature"]) is not None
