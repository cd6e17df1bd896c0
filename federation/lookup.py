"""Whatever has an address somewhere: a person, a community, a post, a need or offer."""

from federation import fetch, inbox, resolve
from federation.documents import id_of, many
from federation.errors import Malformed
from federation.instance import Instance
from federation.outbox import Received
from federation.wire import actors as wire
from schema import actors, posts, proposals
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Missing

NOT_HERE = "There is nothing here, or it is not meant for you."


async def lookup(instance: Instance, address: str) -> str:
    """The path of its page here, after fetching what is not known: `@name@host` or an address.

    Missing where it cannot be shown here; Gone, Malformed, Refused, Unreachable, Untrusted.
    """
    wanted = address.strip()
    if not wanted.startswith(("https://", "http://")):
        return await _page_of(instance, await resolve.handle(instance, wanted))
    if instance.addresses.is_ours(wanted):
        return wanted.removeprefix(instance.addresses.origin) or "/"
    known = await _known(instance, wanted)
    if known:
        return known
    document = await fetch.document(instance, wanted)
    if any(kind in wire.TYPES for kind in many(document.get("type"))):
        return await _page_of(instance, await resolve.store_actor(instance, document))
    uri = id_of(document) or ""
    if not await _known(instance, uri):
        await inbox.take(instance, document, Received(None, document, wanted=True))
    return await _known(instance, uri) or _missing()


def _missing() -> str:
    raise Missing(NOT_HERE)


async def _page_of(instance: Instance, found: Actor) -> str:
    if found.kind == "group":
        await resolve.count_members(instance, found)
        return f"/communities/{found.handle}"
    if found.kind in ("person", "other"):
        return f"/people/{found.handle}"
    if found.kind == "city" and not found.is_local:
        return f"/network/{found.host}"
    raise Malformed(f"{found.uri} has no page here")


async def _known(instance: Instance, uri: str) -> str:
    async with instance.read() as conn:
        actor = await actors.find(conn, uri)
        path = "" if actor else await _thing(conn, uri)
    if actor is not None and not actor.deleted_at:
        return await _page_of(instance, actor)
    return path


async def _thing(conn: Conn, uri: str) -> str:
    post = await posts.find(conn, uri)
    if post is not None:
        return post.url
    listing = await proposals.find(conn, uri)
    return listing.url if listing else ""
