"""Moving house: a person or community goes to another address, and who followed comes along."""

from datetime import timedelta

from federation import outbox
from federation.acts import memberships as membership_acts
from federation.acts import people, writing
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Audience, Received
from federation.wire import actors as actor_wire
from federation.wire import moves as wire
from federation.wire.contexts import PUBLIC
from schema import actors, communities, follows, memberships, moves
from schema.actors import Actor
from schema.errors import Conflict, Forbidden, Refusal
from schema.words import N_

BETWEEN = timedelta(days=30)  # two moves of another server's people


async def add_alias(tx: Tx, *, by: Actor, actor: Actor, alias: Actor) -> None:
    """`actor` is `alias` too: that one may move here. By the person, or a steward."""
    await _check_owner(tx, by, actor)
    if alias.id == actor.id or alias.kind != actor.kind:
        raise Conflict(N_("This address is of somebody else's kind."))
    await moves.add_alias(tx.conn, actor.id, alias.uri)
    whole = {
        **actor_wire.build(actor, tx.addresses),
        **wire.home(await moves.home_of(tx.conn, actor.id)),
    }
    body: Document = {
        "type": "Update",
        "object": {key: value for key, value in whole.items() if key != "@context"},
    }
    await outbox.record(tx, actor, body, _audience(actor))


async def move(tx: Tx, *, by: Actor, actor: Actor, to: Actor) -> None:
    """Away to `to`, whose own document names the old address: the caller has looked."""
    await _check_owner(tx, by, actor)
    if to.id == actor.id or to.kind != actor.kind or to.deleted_at:
        raise Conflict(N_("This address is of somebody else's kind."))
    if not await moves.put(tx.conn, actor.id, to.id):
        return
    await outbox.record(tx, actor, wire.move(actor.uri, to.uri), _audience(actor))
    await _come_along(tx, actor, to)


async def moved(tx: Tx, *, by: Actor, to: Actor, received: Received | None = None) -> None:
    """Somebody of another server has gone to `to`; who follows them here follows there.

    Once in thirty days, and not to where somebody has left as lately: so nobody is sent in circles.
    """
    if not writing.is_proved(by, received) or to.kind != by.kind:
        raise Forbidden(N_("Only their own server can say this."))
    known = (await moves.home_of(tx.conn, by.id)).moved_to == to.uri
    for one in () if known else (by, to):
        at = await moves.last(tx.conn, one.id)
        if at is not None and at > tx.instance.clock() - BETWEEN:
            raise Conflict("Somebody who has moved stays there for a month.")
    await outbox.done(tx, received)
    if await moves.put(tx.conn, by.id, to.id):
        await _come_along(tx, by, to)


def _audience(actor: Actor) -> Audience:
    """Followers; a hidden community's words stay with its followers."""
    followers = actor.followers_uri or actor.uri
    if not actor.discoverable and actor.kind == "group":
        return Audience(to=(followers,), followers_of=(actor.id,))
    return Audience(to=(PUBLIC,), cc=(followers,), followers_of=(actor.id,))


async def _check_owner(tx: Tx, by: Actor, actor: Actor) -> None:
    if not actor.is_local or actor.kind not in ("person", "group"):
        raise Forbidden(N_("Only a person of this place can do this."))
    await writing.check_writer(tx, by, None, None)
    if actor.kind == "group":
        found = await memberships.find(tx.conn, actor.id, by.id)
        if found is None or not found.is_steward:
            raise Forbidden("Only a steward of this community can do that.")
    elif actor.id != by.id:
        raise Forbidden(N_("Only a person of this place can do this."))


async def _come_along(tx: Tx, old: Actor, new: Actor) -> None:
    """Residents who followed or belonged; whoever may not is left where they are."""
    group = await communities.find(tx.conn, new.id) if new.kind == "group" else None
    for follower in await follows.list_followers(tx.conn, old.id):
        if not follower.is_local or follower.kind != "person" or follower.id == new.id:
            continue
        try:
            async with tx.conn.transaction():
                if group is not None:
                    await membership_acts.ask(tx, by=follower, community=group)
                else:
                    await people.follow(tx, by=follower, whom=new)
                    await follows.delete(tx.conn, follower.id, old.id)
        except Refusal:
            continue


async def owned(tx: Tx, handle: str) -> Actor:
    """The community of this name that lives here, or Missing."""
    found = await communities.get_by_handle(tx.conn, handle)
    return await actors.get(tx.conn, found.actor_id)
