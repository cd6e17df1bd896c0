"""After a long silence: what a neighbour shows now and what we hold of it are made equal."""

import structlog

from federation import discover, fetch, inbox, origins, resolve
from federation.discover import ELSEWHERE
from federation.documents import Document, id_of
from federation.errors import Gone, Malformed, Refused, Untrusted
from federation.instance import Instance
from federation.messages import Message
from federation.outbox import Received
from federation.wire.actors import read
from schema import actors, listings, peers, proposals
from schema.errors import Refusal

log = structlog.get_logger()

MOST = 1000  # listings of one kind


async def job(instance: Instance, origin: str) -> None:
    """For a neighbour that we listen to; Unreachable is worth another try."""
    async with instance.read() as conn:
        peer = await peers.find(conn, origin)
    if peer and peer.link == "linked" and peer.receives and not (peer.blocked_at or peer.paused_at):
        await reconcile(instance, origin)


async def reconcile(instance: Instance, origin: str) -> int:
    """Number of listings that were read again; 0 where the digests were equal.

    A neighbour that does not treat us as one shows no digest: then nothing is compared, since
    what it does not show to strangers would look deleted.
    """
    await discover.discover(instance, origin)
    city = await resolve.city(instance, origin)
    document = await fetch.document(instance, city.uri)
    folders = {"offer": read(document).offers, "request": id_of(document.get("needs"))}
    done = 0
    for purpose, folder in folders.items():
        if not folder or not origins.same_origin(folder, origin):
            continue
        head = await fetch.document(instance, folder)
        async with instance.read() as conn:
            ours = await listings.digest_of_peer(conn, purpose, origin)
            held = await listings.list_of_peer(conn, purpose, origin, MOST)
        if head.get("digest") in (None, ours):
            continue
        for uri in held:
            done += await _look_again(instance, uri)
    return done


async def _look_again(instance: Instance, uri: str) -> bool:
    """A listing as its server shows it now; one that is not there any more is withdrawn here."""
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
        known = await proposals.find(conn, uri)
        author = await actors.get(conn, known.author_id) if known else None
    if author is None:
        return
    said: Document = {"type": "Delete", "actor": author.uri, "object": uri}
    message = Message("Delete", author, said, uri, None, Received(None, said))
    try:
        await inbox.handle(instance, message)
    except ELSEWHERE as error:
        log.info("reconcile", uri=uri, error=str(error))
