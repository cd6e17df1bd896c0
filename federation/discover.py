"""What a linked city shows of itself is fetched: communities, needs and offers from before."""

import structlog

from federation import fetch, inbox, origins, resolve
from federation.documents import Document, id_of
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.outbox import Received
from federation.wire.actors import read
from schema import actors, peers, proposals
from schema.errors import Refusal

log = structlog.get_logger()

MOST_COMMUNITIES = 60
MOST_LISTINGS = 120
ELSEWHERE = (Gone, Malformed, Refused, Unreachable, Untrusted, Refusal)


async def discover(instance: Instance, origin: str) -> int:
    """Number of things that were new; bounded, and what fails is left out and logged."""
    city = await resolve.city(instance, origin)
    document = await fetch.document(instance, city.uri)
    shown, new = read(document), 0
    if shown.communities:
        new += await _communities(instance, shown.communities)
    for folder in (shown.offers, id_of(document.get("needs"))):
        if folder and origins.same_origin(folder, city.uri):
            new += await _listings(instance, folder)
    return new


async def job(instance: Instance, origin: str) -> None:
    """The same for a job: Unreachable is worth another try; a link that is over is not."""
    async with instance.read() as conn:
        peer = await peers.find(conn, origin)
    if peer and peer.link == "linked" and not peer.blocked_at:
        await discover(instance, origin)


async def _communities(instance: Instance, collection: str) -> int:
    new = 0
    for item in await _items(instance, collection, MOST_COMMUNITIES):
        uri = id_of(item) or ""
        async with instance.read() as conn:
            known = await actors.find(conn, uri)
        try:
            if known is None and origins.same_origin(uri, collection):
                await resolve.count_members(instance, await resolve.actor(instance, uri))
                new += 1
        except ELSEWHERE as error:
            log.info("discover", uri=uri, error=str(error))
    return new


async def _listings(instance: Instance, collection: str) -> int:
    new = 0
    for item in await _items(instance, collection, MOST_LISTINGS):
        uri = id_of(item) or ""
        async with instance.read() as conn:
            known = await proposals.find(conn, uri)
        try:
            if known is None and origins.same_origin(uri, collection):
                found = await fetch.document(instance, uri)
                await inbox.take(instance, found, Received(None, found))
                new += 1
        except ELSEWHERE as error:
            log.info("discover", uri=uri, error=str(error))
    return new


async def _items(instance: Instance, uri: str, limit: int) -> "list[str | Document]":
    try:
        return await fetch.items(instance, uri, limit)
    except ELSEWHERE as error:
        log.info("discover", uri=uri, error=str(error))
        return []
