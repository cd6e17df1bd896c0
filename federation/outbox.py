"""record(): stores an activity and who it has still to reach, in the transaction that made it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from federation import proofs
from federation.documents import Document, Json, text
from federation.instance import Tx
from federation.keys import ed25519_id, load_ed25519
from federation.wire.contexts import CONTEXT, PUBLIC, around
from schema import activities, actors, follows, ids
from schema.activities import NewDelivery
from schema.actors import Actor

MODERATION: Final = frozenset({"Lock", "Delete", "Block"})


@dataclass(frozen=True, slots=True)
class Received:
    """The activity of another server that brought an act about.

    `document` is what was authenticated: the activity itself, or the one inside an Announce by
    the group `through`; `proved` when it carries its author's own proof (FEP-8b32).
    `activity_id` is None for what we fetched ourselves, `wanted` where somebody here asked for it.
    """

    activity_id: UUID | None
    document: Document
    through: Actor | None = None
    wanted: bool = False
    proved: bool = False


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears of an activity: these actors, the followers of those, and through local groups.

    `to` and `cc` are what the document says; `linked_only` keeps it among neighbour cities;
    `told_by_relays` hear it from the groups, whether they follow them or not.
    """

    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    actors: tuple[UUID, ...] = ()
    followers_of: tuple[UUID, ...] = ()
    relays: tuple[Actor, ...] = ()
    linked_only: bool = False
    told_by_relays: tuple[UUID, ...] = ()

    @property
    def is_public(self) -> bool:
        return PUBLIC in self.to or PUBLIC in self.cc


async def record(
    tx: Tx,
    by: Actor,
    body: Mapping[str, Json],
    audience: Audience,
    *,
    received: Received | None = None,
    about: str = "",
) -> str:
    """Stores what `by` did and addresses it; returns the activity's uri. What is `about` the same
    (else: has the same object) keeps its order on the way.

    `body` holds type, object and so on; id, actor, to and cc are added here. With `received` the
    activity exists already: it is marked done, and only relayed by our groups (FEP-1b12).
    """
    object_uri = _object_uri(body)
    tx.instance.reach("pub.begin")
    if received is not None:
        await done(tx, received)
        document = received.document
        uri = text(document, "id") or ""
    else:
        id = ids.new()
        uri = tx.addresses.activity(id)
        document = await _written(tx, by, uri, body, audience)
        await _publish(tx, id, by, document, object_uri, audience.is_public)
        tx.instance.reach("pub.object")
        await _deliver(tx, id, by, about or object_uri, audience)
        tx.instance.reach("pub.outbox")
    await relay(tx, document, object_uri, audience)
    return uri


async def relay(tx: Tx, document: Document, object_uri: str, audience: Audience) -> None:
    """Our groups that the audience names pass it on as it is (FEP-1b12)."""
    for group in audience.relays:
        await announce(tx, group, document, object_uri, audience)


async def _written(
    tx: Tx, by: Actor, uri: str, body: Mapping[str, Json], audience: Audience
) -> Document:
    """The whole activity with its proof (FEP-8b32): it may be passed on and is still believed."""
    head: Document = {"@context": CONTEXT, "id": uri, "actor": by.uri}
    tail: Document = {"to": list(audience.to), "cc": list(audience.cc)}
    inner = body.get("object")
    if body.get("type") == "Undo" and isinstance(inner, dict) and inner.get("type") in MODERATION:
        # Lemmy reads the whole of what is undone, as it was sent.
        body = {**body, "object": {**inner, **tail}}
    keys = await actors.get_keys(tx.conn, by.id)
    return proofs.sign(
        {**head, **body, **tail},
        key=load_ed25519(keys.ed25519_private),
        key_id=ed25519_id(keys.key_id),
        now=tx.instance.clock(),
    )


async def announce(
    tx: Tx, group: Actor, inner: Document, object_uri: str, audience: Audience
) -> None:
    """A local group passes an activity on to its followers, unchanged (FEP-1b12).

    A public Create is followed by an Announce of the object alone, for microblog servers.
    """
    shared = Audience(
        to=(PUBLIC,) if audience.is_public else (group.followers_uri or "",),
        cc=(group.followers_uri or "",) if audience.is_public else (),
        actors=audience.told_by_relays,
        followers_of=(group.id,),
        linked_only=audience.linked_only,
    )
    await _announce_one(tx, group, inner, object_uri, shared)
    if inner.get("type") == "Create" and audience.is_public and object_uri:
        await _announce_one(tx, group, object_uri, object_uri, shared)


async def _announce_one(
    tx: Tx, group: Actor, object: Json, object_uri: str, audience: Audience
) -> None:
    id = ids.new()
    body: Document = {"@context": around(object), "type": "Announce", "object": object}
    document = await _written(tx, group, tx.addresses.activity(id), body, audience)
    await _publish(tx, id, group, document, object_uri, audience.is_public)
    await _deliver(tx, id, group, object_uri, audience)


async def _publish(
    tx: Tx, id: UUID, by: Actor, document: Document, object_uri: str, public: bool
) -> None:
    await activities.publish(
        tx.conn,
        id=id,
        uri=tx.addresses.activity(id),
        actor_id=by.id,
        type=str(document["type"]),
        object_uri=object_uri,
        document=orjson.dumps(document).decode(),
        public=public,
    )


async def _deliver(tx: Tx, id: UUID, by: Actor, object_uri: str, audience: Audience) -> None:
    inboxes = await follows.list_inboxes(
        tx.conn,
        actors=audience.actors,
        followers_of=audience.followers_of,
        linked_only=audience.linked_only,
    )
    new = [NewDelivery(ids.new(), inbox.peer, inbox.inbox) for inbox in inboxes]
    await activities.add_deliveries(tx.conn, id, by.id, object_uri, new)


async def send(
    tx: Tx, by: Actor, body: Mapping[str, Json], to: Sequence[Actor], *, about: str = ""
) -> str:
    """An activity for these actors alone: Follow, Accept, Join and the like."""
    audience = Audience(to=tuple(a.uri for a in to), actors=tuple(a.id for a in to))
    return await record(tx, by, body, audience, about=about)


async def done(tx: Tx, received: Received | None) -> None:
    """Marks a received activity done where an act has nothing to tell others."""
    if received is not None and received.activity_id is not None:
        await activities.decide(tx.conn, received.activity_id, "done")
        tx.instance.reach("app.dedup")


def _object_uri(body: Mapping[str, Json]) -> str:
    """What it is about. An Undo is about the same thing as what it undoes, so that they keep
    their order on the way."""
    found = body.get("object")
    if isinstance(found, dict):
        inner = found.get("object") if body.get("type") == "Undo" else None
        found = inner if isinstance(inner, str) else found.get("id")
    return found if isinstance(found, str) else ""
