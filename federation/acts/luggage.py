"""What a resident takes along when moving: the old city signs it, the new one keeps it."""

from collections.abc import Sequence
from datetime import datetime

import orjson

from federation import outbox, proofs
from federation.acts import memberships as membership_acts
from federation.acts import writing
from federation.documents import Document
from federation.instance import Tx
from federation.keys import ed25519_id, load_ed25519
from federation.outbox import Received
from federation.wire import luggage as wire
from schema import actors, communities, luggage, moves, thanks
from schema.actors import Actor
from schema.errors import Forbidden, Refusal
from schema.luggage import Luggage, Packed
from schema.words import N_

NOT_YOURS = N_("Only the old city of somebody who moved here can send this.")


async def send(tx: Tx, *, by: Actor, to: Actor, groups: bool, words: bool) -> None:
    """After the Move of `by`: our city signs what they wish to take, for the new home alone."""
    record = await thanks.get_record(tx.conn, by.id)
    packed = Packed(
        kept=record.kept if words else 0,
        communities=await luggage.list_communities(tx.conn, by.id) if groups else [],
        thanks=await luggage.list_words(tx.conn, by.id) if words else [],
    )
    if to.is_local or not (groups or words):
        return
    city, now = await actors.get(tx.conn, tx.instance.city_id), tx.instance.clock()
    keys = await actors.get_keys(tx.conn, city.id)
    signed = proofs.sign(
        wire.build(packed, city=city.uri, old=by.uri, new=to.uri, at=now),
        key=load_ed25519(keys.ed25519_private),
        key_id=ed25519_id(keys.key_id),
        now=now,
    )
    body: Document = {"type": "Offer", "object": signed}
    await outbox.send(tx, city, body, [to], about=by.uri)


async def arrived(
    tx: Tx,
    *,
    by: Actor,
    person: Actor,
    old_uri: str,
    packed: Packed,
    at: datetime,
    document: Document,
    received: Received | None = None,
) -> None:
    """For a resident who has said that the old address is theirs. The caller has seen the proof."""
    if by.kind != "city" or not writing.is_proved(by, received) or not person.is_local:
        raise Forbidden(NOT_YOURS)
    if old_uri not in (await moves.home_of(tx.conn, person.id)).aliases:
        raise Forbidden(NOT_YOURS)
    row = Luggage(
        person_id=person.id,
        old_uri=old_uri,
        city_id=by.id,
        kept=packed.kept,
        communities=packed.communities,
        thanks=[],
        thankers=len({said.by for said in packed.thanks}),
        packed=min(at, tx.instance.clock()),
        unpacked_at=None,
    )
    await luggage.put(tx.conn, row, packed.thanks, orjson.dumps(document).decode())
    await outbox.done(tx, received)


async def unpack(tx: Tx, *, by: Actor, old_uri: str, groups: Sequence[Actor]) -> int:
    """Joins the chosen communities, or asks to; how many. The rest stays where it is."""
    found = next(
        (row for row in await luggage.list_of(tx.conn, by.id) if row.old_uri == old_uri), None
    )
    if found is None:
        raise Forbidden(NOT_YOURS)
    joined = 0
    for group in groups:
        known = await communities.find(tx.conn, group.id)
        if known is None or group.uri not in found.communities:
            continue
        try:
            async with tx.conn.transaction():
                await membership_acts.ask(tx, by=by, community=known)
                joined += 1
        except Refusal:
            continue
    await luggage.unpack(tx.conn, by.id, old_uri, tx.instance.clock())
    return joined
