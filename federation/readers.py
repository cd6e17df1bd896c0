"""Who asks, and what they are entitled to: the public, or a server that signed its GET."""

from uuid import UUID

from starlette.requests import Request

from federation import authorship, origins, signatures
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.signed import SignedRequest, headers_of
from schema import follows, keys, memberships, peers
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Missing
from schema.proposals import Scope as Audience

NOT_HERE = "There is nothing here, or it is not meant for you."


def instance_of(request: Request) -> Instance:
    """The city this request is for."""
    return request.app.state.instance


def signed_request(request: Request, body: bytes | None) -> SignedRequest:
    """The request under our public address; the Host header is not believed."""
    config = instance_of(request).config
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope["query_string"]
    target = raw.split(b"?")[0] + (b"?" + query if query else b"")
    return SignedRequest(
        method=request.method,
        target=target.decode("latin-1"),
        host=config.host,
        scheme=config.origin.partition("://")[0],
        headers=headers_of(request.scope["headers"]),
        body=body,
    )


async def reader_of(request: Request) -> str | None:
    """The origin of the server that signed this GET; None for the public. Asked once."""
    if not hasattr(request.state, "reader"):
        request.state.reader = await _reader_of(request)
    return request.state.reader


async def _reader_of(request: Request) -> str | None:
    if not {"signature", "signature-input"} & set(request.headers):
        return None
    instance = instance_of(request)
    try:
        claim = signatures.parse(signed_request(request, None), now=instance.clock())
        origin = str(origins.origin_of(claim.key_id, loopback=True))
        async with instance.read() as conn:
            knocks = await keys.bearer(conn, origin, claim.key_id)
        signer = await authorship.signer_of(instance, claim, knocks.owner)
    except (Untrusted, Malformed, Gone, Refused, Unreachable, Missing):
        return None
    return None if knocks.standing.blocked or signer.peer != origin else origin


async def may_read(request: Request, scope: Audience, community_id: UUID | None) -> None:
    """Missing unless the one who asks is entitled to things of this scope.

    Call it without a connection in hand: the key of who asks may have to be fetched.
    """
    if scope == "everyone":
        return
    origin = await reader_of(request)
    if origin is not None:
        async with instance_of(request).read() as conn:
            if await is_entitled(conn, origin, scope, community_id):
                return
    raise Missing(NOT_HERE)


async def is_entitled(conn: Conn, origin: str, scope: Audience, community_id: UUID | None) -> bool:
    """Whether a server may read things of this scope, in this community."""
    if scope == "neighbours":
        return await is_neighbour(conn, origin)
    if scope != "community" or community_id is None:
        return False  # what is for this city leaves it for nobody
    peer = await peers.find(conn, origin)
    publishes = peer is not None and peer.publishes and peer.paused_at is None
    return publishes and await follows.has_follower_at(conn, community_id, origin)


async def is_neighbour(conn: Conn, origin: str) -> bool:
    """Whether this is a linked city that we publish to, now."""
    peer = await peers.find(conn, origin)
    if peer is None or peer.link != "linked":
        return False
    return peer.publishes and peer.paused_at is None


async def demands_signature(request: Request) -> bool:
    """Whether this place wants every GET of a document to be signed."""
    instance = instance_of(request)
    return instance.config.signed_reads or (await instance.settings()).signed_reads


async def may_know(request: Request, actor: Actor) -> None:
    """Missing for a hidden community, but for servers of those who belong to it or are invited."""
    if not is_hidden(actor):
        return
    origin = await reader_of(request)
    if origin is not None:
        async with instance_of(request).read() as conn:
            if await memberships.has_at(conn, actor.id, origin):
                return
    raise Missing(NOT_HERE)


def is_hidden(actor: Actor) -> bool:
    """Whether it is a community that strangers must not learn of."""
    return actor.kind == "group" and not actor.discoverable
