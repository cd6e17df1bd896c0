"""A regional hub: passes on what neighbour cities announce of their own people, one step far."""

from federation import outbox
from federation.documents import id_of
from federation.instance import Tx
from federation.outbox import Audience, Received
from federation.wire.contexts import PUBLIC
from schema import actors, directory, settings
from schema.actors import Actor
from schema.blueprints import Blueprint
from schema.proposals import Proposal


async def check_pass_on(
    tx: Tx, by: Actor, received: Received | None, row: Proposal | Blueprint
) -> bool:
    """Whether it was passed on: where the place is a hub, once for each activity, and only what a
    linked city announced of its own people. What another hub announces is not: depth 1, no loops.
    """
    if received is None or row.scope != "everyone":
        return False
    city, inner = received.through, received.document
    if city is None or city.kind != "city" or by.peer is None or by.peer != city.peer:
        return False
    if id_of(inner.get("actor")) != by.uri or not (await settings.load(tx.conn)).hub:
        return False
    if not await directory.pass_on(tx.conn, id_of(inner) or ""):
        return False
    ours = await actors.get(tx.conn, tx.instance.city_id)
    await outbox.announce(tx, ours, inner, row.uri, Audience(to=(PUBLIC,)))
    return True
