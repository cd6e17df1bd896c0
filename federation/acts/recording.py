"""What people share and may change later, needs, offers and blueprints: whose, and who hears."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from federation import outbox
from federation.acts import hubs, writing
from federation.acts.audiences import audience_of
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Received
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Missing
from schema.proposals import Scope
from schema.words import N_


class Shared(Protocol):
    """A row that has an author, readers and a state."""

    @property
    def uri(self) -> str: ...
    @property
    def author_id(self) -> UUID: ...
    @property
    def community_id(self) -> UUID | None: ...
    @property
    def scope(self) -> Scope: ...
    @property
    def state(self) -> str: ...
    @property
    def updated(self) -> datetime: ...


async def check_own(tx: Tx, by: Actor, row: Shared) -> None:
    """Missing, Forbidden or Conflict unless `by` may change it."""
    if row.state == "withdrawn":
        raise Missing(writing.NOT_HERE)
    if row.author_id != by.id:
        raise Forbidden(N_("Only its author can do that."))
    if row.state == "removed":
        raise Conflict(N_("This was removed by a moderator and cannot be changed."))
    await writing.check_writer(tx, by, None, None)


def later(tx: Tx, row: Shared) -> datetime:
    """Later than it was before, also where clocks stand still."""
    return max(tx.instance.clock(), row.updated + timedelta(milliseconds=1))


async def record(
    tx: Tx,
    by: Actor,
    kind: str,
    row: Shared,
    received: Received | None,
    written: Callable[[], Awaitable[Document]],
) -> None:
    """To those who may know of it; what stays in this place leaves no trace on the wire. What came
    from another server is passed on once: by our community it came to directly, or as a hub."""
    if row.scope == "city" or (received and received.through):
        await hubs.check_pass_on(tx, by, received, row.uri, row.scope)
        await outbox.done(tx, received)
        return
    community = await writing.community_of(tx.conn, row.community_id)
    audience = await audience_of(tx, by, row.scope, community)
    body: Document = {"type": kind, "object": row.uri}
    if received is None:
        body["object"] = await written()
    if community:
        body["audience"] = community.uri
    await outbox.record(tx, by, body, audience, received=received)
