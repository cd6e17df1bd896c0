"""Fetches the posts above a reply whose thread is not known here."""

from federation import fetch, origins, resolve
from federation.acts import posts as acts
from federation.acts.writing import is_vouched
from federation.arrivals import belonging
from federation.documents import id_of, ids_of
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.outbox import Received
from federation.wire import notes
from federation.wire import posts as wire
from federation.wire.posts import PostDocument
from schema import posting, posts, proposals
from schema.actors import Actor
from schema.errors import Refusal

MOST_PARENTS = 8


async def bring(instance: Instance, note: PostDocument, received: Received) -> None:
    """Stores the posts above a new one, up to one that is known or starts a thread.

    Only what a group passes on is worth the requests. At most MOST_PARENTS; what cannot be had is
    waited for (the reply keeps its `in_reply_to`).
    """
    uri = note.in_reply_to
    if not uri or received.through is None or received.through.kind != "group":
        return
    if await _is_known(instance, note.id):
        return
    chain: list[tuple[Actor, PostDocument]] = []
    while uri and len(chain) < MOST_PARENTS and not await _is_known(instance, uri):
        try:
            by, above = await _read(instance, uri)
        except (Gone, Refused, Untrusted, Malformed, Unreachable, Refusal):
            break
        chain.append((by, above))
        uri = above.in_reply_to
    for by, above in reversed(chain):
        await _put(instance, by, above, received)


async def _is_known(instance: Instance, uri: str) -> bool:
    async with instance.read() as conn:
        if instance.addresses.is_ours(uri) or await posts.find(conn, uri):
            return True
        return await proposals.find(conn, uri) is not None


async def _read(instance: Instance, uri: str) -> tuple[Actor, PostDocument]:
    found = await fetch.document(instance, uri)
    owner = next(iter(ids_of(found, "attributedTo")), "")
    if not wire.is_post(found) or not origins.same_origin(owner, id_of(found) or ""):
        raise Malformed(f"{uri} is no post")
    return await resolve.actor(instance, owner), wire.read(found)


async def _put(instance: Instance, by: Actor, note: PostDocument, received: Received) -> None:
    """Stores one fetched post of the group; what our rules refuse is left out."""
    async with instance.begin() as tx:
        await posting.lock(tx.conn, note.id, note.in_reply_to)
        placed = await belonging.place(tx, note, received)
        group = placed.community
        if group is None or group.is_local or not is_vouched(by, group, received):
            return
        if placed.foreign.scope != "everyone":
            return
        try:
            stored = await acts.keep(
                tx,
                by=by,
                community=group,
                title=note.title or ("" if note.in_reply_to else notes.plain(note.html, 80)),
                source=note.source,
                language=note.language,
                foreign=placed.foreign,
                received=None,
            )
        except Refusal:
            return
        parent = await posts.find(tx.conn, note.in_reply_to) if stored.is_waiting else None
        if parent is not None:
            await posting.adopt_by_post(tx.conn, parent)
