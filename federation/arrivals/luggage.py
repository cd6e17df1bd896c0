"""Luggage of somebody who moved here: believed with the proof of their old city alone."""

from collections.abc import Mapping

from federation import origins, proofs
from federation.acts import luggage as acts
from federation.documents import text
from federation.errors import Untrusted
from federation.instance import Instance
from federation.keys import load_public
from federation.messages import Handler, Message
from federation.wire import luggage as wire
from schema import actors
from schema.errors import Missing


async def on_offer(instance: Instance, message: Message) -> bool:
    """By the city of the old address, of itself; no other server can give references."""
    document, by = message.activity.get("object"), message.actor
    if not isinstance(document, dict) or not wire.is_luggage(document):
        return False
    read = wire.read(document)
    if read.city != by.uri or not origins.same_origin(read.old, by.uri):
        raise Untrusted("this luggage is of another city")
    proof = proofs.read(document, now=instance.clock())
    signed = document.get("proof")
    method = text(signed, "verificationMethod") if isinstance(signed, dict) else None
    if proof is None or not by.ed25519_key or (method or "").partition("#")[0] != by.uri:
        raise Untrusted("this luggage is not signed by its city")
    proofs.verify(proof, load_public(by.ed25519_key))
    async with instance.begin() as tx:
        person = await actors.find(tx.conn, read.new)
        if person is None:
            raise Missing("There is nothing here, or it is not meant for you.")
        await acts.arrived(
            tx,
            by=by,
            person=person,
            old_uri=read.old,
            packed=read.packed,
            at=read.at,
            document=document,
            received=message.received,
        )
    return True


HANDLERS: Mapping[str, Handler] = {"Offer": on_offer}
