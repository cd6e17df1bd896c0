"""A regional hub: passes on what neighbour cities announce of their own people, one step far."""

from federation import outbox
from federation.documents import id_of
from federation.instance import Tx
from federation.outbox import Audience, Received
from federation.wire.contexts import PUBLIC
from schema import actors, directory, peers, settings
from schema.actors import Actor
from schema.proposals import Scope


async def check_pass_on(
    tx: Tx, by: Actor, received: Received | None, uri: str, scope: Scope = "everyone"
) -> bool:
    """Whether it was passed on: where the place is a hub, once for each activity, and only what a
    linked city announced of its own people, for everyone. `uri` is what it is about. What another
    hub announces is not: depth 1, no loops."""
    city = received.through if received else None
    if received is None or city is None or scope != "everyone":
        return False
    if city.kind != "city" or by.peer is None or by.peer != city.peer:
        return False
    return await _pass_on(tx, by, received, uri)


async def check_pass_on_listed(
    tx: Tx, by: Actor, received: Received, uri: str, *, public: bool
) -> bool:
    """The same for what a city says itself of its own list of communities."""
    if received.through is not None or by.kind != "city" or by.is_local or not public:
        return False
    return await _pass_on(tx, by, received, uri)


async def _pass_on(tx: Tx, by: Actor, received: Received, uri: str) -> bool:
    inner = received.document
    if id_of(inner.get("actor")) != by.uri or not (await settings.load(tx.conn)).hub:
        return False
    peer = await peers.find(tx.conn, by.peer or "")
    if peer is None or peer.link != "linked":
        return False
    if not await directory.pass_on(tx.conn, id_of(inner) or ""):
        return False
    ours = await actors.get(tx.conn, tx.instance.city_id)
    await outbox.announce(tx, ours, inner, uri, Audience(to=(PUBLIC,)))
    return True
