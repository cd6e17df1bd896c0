"""What a linked city has shown so far is fetched: communities, needs, offers, projects, plans."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import structlog

from federation import fetch, inbox, origins, resolve
from federation.documents import Document, id_of
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.outbox import Received
from federation.wire.actors import read
from schema import actors, blueprints, peers, projects, proposals
from schema.errors import Refusal

log = structlog.get_logger()

MOST_COMMUNITIES = 200
MOST_LISTINGS = 1000  # of one folder
MOST_SILENT = 5  # in a row: then it is away
FOLDERS = ("offers", "needs", "projects", "blueprints")
ELSEWHERE = (Gone, Malformed, Refused, Unreachable, Untrusted, Refusal)


async def discover(instance: Instance, origin: str) -> int:
    """Number of things that were new; bounded, and what fails is left out and logged.

    Doing it again brings only what is missing. Unreachable when something did not answer.
    """
    city = await resolve.city(instance, origin)
    document = await fetch.document(instance, city.uri)
    silent: list[Unreachable] = []
    communities, new = read(document).communities, 0
    if communities:
        new += await _folder(instance, communities, MOST_COMMUNITIES, _community, silent)
    for name in FOLDERS:
        folder = id_of(document.get(name))
        if folder and origins.same_origin(folder, city.uri):
            new += await _folder(instance, folder, MOST_LISTINGS, _listing, silent)
    if silent:
        raise silent[-1]
    return new


async def job(instance: Instance, origin: str) -> None:
    """The same for a job: Unreachable is worth another try; a link that is over is not."""
    async with instance.read() as conn:
        peer = await peers.find(conn, origin)
    if peer and peer.link == "linked" and not peer.blocked_at:
        await discover(instance, origin)


Bring: TypeAlias = Callable[[Instance, str], Awaitable[bool]]


async def _folder(
    instance: Instance, collection: str, limit: int, bring: Bring, silent: list[Unreachable]
) -> int:
    """Brings what a collection lists of its own server, one after the other."""
    new = missed = 0
    for item in await _items(instance, collection, limit):
        uri = id_of(item) or ""
        try:
            new += origins.same_origin(uri, collection) and await bring(instance, uri)
            missed = 0
        except ELSEWHERE as error:
            log.info("discover", uri=uri, error=str(error))
            if isinstance(error, Unreachable):
                silent.append(error)
                missed += 1
                if missed == MOST_SILENT:
                    break
    return new


async def _community(instance: Instance, uri: str) -> bool:
    async with instance.read() as conn:
        known = await actors.find(conn, uri)
    if known is None:
        await resolve.count_members(instance, await resolve.actor(instance, uri))
    return known is None


async def _listing(instance: Instance, uri: str) -> bool:
    async with instance.read() as conn:
        known = await proposals.find(conn, uri) or await projects.find_by_plan(conn, uri)
        known = known or await blueprints.find(conn, uri)
    if known is not None:
        return False
    found = await fetch.document(instance, uri)
    return await inbox.take(instance, found, Received(None, found))


async def _items(instance: Instance, uri: str, limit: int) -> "list[str | Document]":
    try:
        return await fetch.items(instance, uri, limit)
    except ELSEWHERE as error:
        log.info("discover", uri=uri, error=str(error))
        return []
