"""Rotation: an actor gets new keys, and those who know it hear of them by the old ones."""

from datetime import timedelta
from typing import Final

from federation import keys as forms
from federation import outbox
from federation.acts import people
from federation.documents import Document
from federation.instance import Tx
from federation.keys import KeyPair
from federation.outbox import Audience
from federation.wire import actors as wire
from federation.wire.contexts import PUBLIC
from schema import actors, keys, logs
from schema.actors import Actor
from schema.errors import Conflict

GRACE: Final = timedelta(days=30)
"""As long as what was signed or proved with the old keys may be on its way."""


async def rotate(tx: Tx, actor: Actor, pair: KeyPair, *, at_once: bool = False) -> Actor:
    """New keys of a local actor, from now on; the old ones stay listed for GRACE.

    `at_once`: they are good no more, for when somebody else has them.
    """
    if not actor.is_local or actor.deleted_at:
        raise Conflict("Only somebody who lives here has keys here.")
    old = await actors.get_keys(tx.conn, actor.id)
    if at_once:
        await keys.revoke(tx.conn, actor.id)
    else:
        until = tx.instance.clock() + GRACE
        multikey = forms.rsa_multibase(actor.public_key)
        await keys.retire(tx.conn, actor.id, old.key_id, multikey, until, old.rsa_private)
        ed25519 = forms.ed25519_id(old.key_id)
        await keys.retire(tx.conn, actor.id, ed25519, actor.ed25519_key, until)
    changed = await keys.exchange(
        tx.conn,
        actor.id,
        key_id=_next(old.key_id),
        rsa_public=pair.rsa_public,
        ed25519_public=pair.ed25519_public,
        rsa_private=pair.rsa_private,
        ed25519_private=pair.ed25519_private,
    )
    await logs.write(tx.conn, None, "keys", actor.uri)
    await _tell(tx, changed)
    return changed


def _next(key_id: str) -> str:
    """`#main-key` is followed by `#main-key-2` and so on: no cache takes one for the other."""
    base, _, number = key_id.rpartition("-")
    return f"{base}-{int(number) + 1}" if number.isdigit() else f"{key_id}-2"


async def _tell(tx: Tx, actor: Actor) -> None:
    """Update to all who follow the actor and to neighbour cities; others ask when they need it."""
    replaced = await keys.list_replaced(tx.conn, actor.id, tx.instance.clock())
    whole = wire.build(actor, tx.addresses, replaced)
    inner: Document = {key: value for key, value in whole.items() if key != "@context"}
    await outbox.record(tx, actor, {"type": "Update", "object": inner}, await _audience(tx, actor))


async def _audience(tx: Tx, actor: Actor) -> Audience:
    if actor.kind == "person":
        return await people.everybody_who_knows(tx, actor)
    followers = actor.followers_uri or actor.uri
    hidden = actor.kind == "group" and not actor.discoverable
    return Audience(
        to=(followers,) if hidden else (PUBLIC,),
        cc=() if hidden else (followers,),
        followers_of=(actor.id,),
    )
