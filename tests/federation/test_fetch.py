"""The only GET to other servers: signed, guarded, and believed only from the right address."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import fetch, signatures
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.keys import load_public
from federation.signed import SignedRequest, headers_of
from tests.peer import Peer
from tests.world import City, Wire

TYPE = "application/activity+json"
PROFILE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


@pytest.fixture
def far(wire: Wire) -> Peer:
    return Peer("far.test", wire).start()


def serve(wire: Wire, **answers: Response) -> list[Request]:
    """A server with these answers at /name; what it was asked."""
    asked: list[Request] = []

    async def answer(request: Request) -> Response:
        asked.append(request)
        return answers[request.path_params["name"]]

    wire.apps["far.test"] = Starlette(routes=[Route("/{name}", answer)])
    return asked


def document(id: str = "http://far.test/a", kind: str = TYPE, status: int = 200) -> Response:
    return Response(f'{{"id": "{id}"}}', status, media_type=None, headers={"Content-Type": kind})


async def test_each_get_is_signed_by_the_server_itself(alpha: City, wire: Wire) -> None:
    asked = serve(wire, a=document())
    await fetch.document(alpha.instance, "http://far.test/a#part")
    (request,) = asked
    seen = SignedRequest(
        "GET", "/a", "far.test", "http", headers_of(request.scope["headers"]), None
    )
    claim = signatures.parse(seen, now=alpha.clock())
    assert claim.key_id == f"{alpha.origin}/actor#main-key"
    key = (await alpha.document("/actor")).json()["publicKey"]["publicKeyPem"]
    signatures.verify(claim, load_public(key))
    assert "Stadtnetz" in request.headers["User-Agent"]


@pytest.mark.parametrize("kind", [TYPE, PROFILE, f"{TYPE}; charset=utf-8", TYPE.upper()])
async def test_trap_37_activity_streams_are_known_by_their_type(
    alpha: City, wire: Wire, kind: str
) -> None:
    serve(wire, a=document(kind=kind))
    assert await fetch.document(alpha.instance, "http://far.test/a") == {"id": "http://far.test/a"}


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "text/plain",
        "application/json",
        "application/ld+json",
        'application/ld+json; profile="https://other.example"',
        "application/octet-stream",
        "image/png",
        "",
    ],
)
async def test_b16_what_anybody_may_upload_is_no_document(
    alpha: City, wire: Wire, kind: str
) -> None:
    serve(wire, a=document(kind=kind))
    with pytest.raises(Malformed):
        await fetch.document(alpha.instance, "http://far.test/a")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, Gone),
        (410, Gone),
        (401, Refused),
        (403, Refused),
        (400, Refused),
        (408, Unreachable),
        (429, Unreachable),
        (500, Unreachable),
        (503, Unreachable),
    ],
)
async def test_what_a_status_means(
    alpha: City, wire: Wire, status: int, error: type[Exception]
) -> None:
    serve(wire, a=document(status=status))
    with pytest.raises(error):
        await fetch.document(alpha.instance, "http://far.test/a")


async def test_a_redirect_to_another_server_proves_nothing(alpha: City, wire: Wire) -> None:
    evil = Peer("evil.test", wire).start()
    evil.documents[f"{evil.origin}/a"] = {"id": "http://far.test/a"}
    serve(wire, a=Response(status_code=302, headers={"Location": f"{evil.origin}/a"}))
    with pytest.raises(Untrusted):
        await fetch.document(alpha.instance, "http://far.test/a")


async def test_c09_nobody_makes_us_ask_ourselves(alpha: City, wire: Wire) -> None:
    for own in ("http://alpha.test/actor", "http://ALPHA.test:80/actor"):
        with pytest.raises(Refused):
            await fetch.document(alpha.instance, own)
    serve(wire, a=Response(status_code=302, headers={"Location": "http://alpha.test/actor"}))
    with pytest.raises(Refused):
        await fetch.document(alpha.instance, "http://far.test/a")
    assert wire.tried("alpha.test") == 0


def collection(peer: Peer, path: str, **more: Any) -> str:
    uri = f"{peer.origin}{path}"
    return peer.add({"id": uri, "type": "OrderedCollection", **more})


async def test_a_collection_is_read_in_every_shape(alpha: City, far: Peer) -> None:
    whole = collection(far, "/one", orderedItems=["a", {"id": "b"}, 5, None])
    assert await fetch.items(alpha.instance, whole) == ["a", {"id": "b"}]
    inside = {"type": "CollectionPage", "items": "c"}
    embedded = collection(far, "/two", first={**inside, "next": f"{far.origin}/three"})
    collection(far, "/three", orderedItems=["d"])
    assert await fetch.items(alpha.instance, embedded) == ["c", "d"]


async def test_d10_a_collection_without_end_is_left(alpha: City, far: Peer) -> None:
    loop = collection(far, "/loop", orderedItems=["x"], next=f"{far.origin}/loop")
    assert len(await fetch.items(alpha.instance, loop)) <= 2
    for number in range(50):
        collection(far, f"/p{number}", orderedItems=["x"], next=f"{far.origin}/p{number + 1}")
    asked = alpha.wire.tried(far.host)
    assert len(await fetch.items(alpha.instance, f"{far.origin}/p0")) <= fetch.MOST_PAGES
    assert alpha.wire.tried(far.host) - asked <= fetch.MOST_PAGES + 1
    nested: dict[str, Any] = {"items": ["x"]}
    for _ in range(25):
        nested = {"items": ["x"], "next": nested}
    deep = collection(far, "/deep", first=nested)
    assert len(await fetch.items(alpha.instance, deep)) <= fetch.MOST_PAGES


async def test_d10_pages_of_another_server_are_not_asked_for(
    alpha: City, far: Peer, wire: Wire
) -> None:
    evil = Peer("evil.test", wire).start()
    uri = collection(far, "/one", orderedItems=["x"], next=f"{evil.origin}/two")
    assert await fetch.items(alpha.instance, uri) == ["x"]
    assert wire.tried(evil.host) == 0


async def test_d10_items_have_a_limit(alpha: City, far: Peer) -> None:
    uri = collection(far, "/one", orderedItems=[str(n) for n in range(900)], next=f"{far.origin}/2")
    collection(far, "/2", orderedItems=[str(n) for n in range(900)])
    assert len(await fetch.items(alpha.instance, uri)) == fetch.MOST_ITEMS
