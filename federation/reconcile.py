"""After a long silence: what a neighbour shows now and what we hold of it are made equal."""

from collections.abc import Sequence
from typing import Final, get_args

import structlog

from federation import discover, fetch, inbox, origins, resolve
from federation.acts import communities
from federation.discover import ELSEWHERE
from federation.documents import Document, id_of
from federation.errors import Gone, Malformed, Refused, Untrusted
from federation.instance import Instance
from federation.messages import Message
from federation.outbox import Received
from schema import actors, blueprints, listings, peers, proposals
from schema.actors import Actor
from schema.errors import Refusal
from schema.listings import Compared

log = structlog.get_logger()

MOST = 1000  # things of one kind
COMPARED: Final[tuple[Compared, ...]] = get_args(Compared)


async def job(instance: Instance, origin: str) -> None:
    """For a neighbour that we listen to; Unreachable is worth another try."""
    async with instance.read() as conn:
        peer = await peers.find(conn, origin)
    if peer and peer.link == "linked" and peer.receives and not (peer.blocked_at or peer.paused_at):
        await reconcile(instance, origin)


async def reconcile(instance: Instance, origin: str) -> int:
    """Number of things that were read again; 0 where the digests were equal.

    A neighbour that does not treat us as one shows no digest: then nothing is compared, since
    what it does not show to strangers would look deleted.
    """
    await discover.discover(instance, origin)
    city = await resolve.city(instance, origin)
    document = await fetch.document(instance, city.uri)
    done = 0
    for name in COMPARED:
        folder = id_of(document.get(name))
        if not folder or not origins.same_origin(folder, origin):
            continue
        head = await fetch.document(instance, folder)
        async with instance.read() as conn:
            ours = await listings.digest_of_peer(conn, name, origin)
            held = await listings.list_of_peer(conn, name, origin, MOST)
        if head.get("digest") in (None, ours):
            continue
        if name == "communities":
            done += await _communities(instance, city, folder, held)
            continue
        for uri in held:
            done += await _look_again(instance, uri)
    return done


async def _communities(instance: Instance, city: Actor, folder: str, held: Sequence[str]) -> int:
    """Those that its city lists no more are shown to their members only, as after its word."""
    listed = {id_of(item) for item in await fetch.items(instance, folder, MOST)}
    if len(listed) >= MOST:
        return 0  # what we have not read may be in the rest
    gone = [uri for uri in held if uri not in listed]
    for uri in gone:
        try:
            await resolve.actor(instance, uri, fresh=True)
        except ELSEWHERE as error:
            log.info("reconcile", uri=uri, error=str(error))
        async with instance.begin() as tx:
            group = await actors.find(tx.conn, uri)
            if group is not None and group.deleted_at is None:
                await communities.unlisted(tx, by=city, group=group)
    return len(gone)


async def _look_again(instance: Instance, uri: str) -> bool:
    """A thing as its server shows it now; one that is not there any more is withdrawn here."""
    try:
        found = await fetch.document(instance, uri)
        await inbox.take(instance, found, Received(None, found))
    except Gone:
        await _withdraw(instance, uri)
    except (Malformed, Refused, Untrusted, Refusal) as error:
        log.info("reconcile", uri=uri, error=str(error))
        return False
    return True


async def _withdraw(instance: Instance, uri: str) -> None:
    async with instance.read() as conn:
        known = await proposals.find(conn, uri) or await blueprints.find(conn, uri)
        author = await actors.get(conn, known.author_id) if known else None
    if author is None:
        return
    said: Document = {"type": "Delete", "actor": author.uri, "object": uri}
    message = Message("Delete", author, said, uri, None, Received(None, said))
    try:
        await inbox.handle(instance, message)
    except ELSEWHERE as error:
        log.info("reconcile", uri=uri, error=str(error))
