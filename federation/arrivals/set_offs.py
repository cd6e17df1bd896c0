"""What other cities say about loops of debts: a question, a loop to reserve, a no, a decision."""

from collections.abc import Mapping

from federation import proofs, resolve
from federation.acts import set_offs as acts
from federation.documents import text
from federation.errors import Untrusted
from federation.instance import Instance
from federation.keys import load_public
from federation.messages import Handler, Message
from federation.wire import set_offs as wire
from federation.wire.set_offs import Wanted
from schema import limits


async def on_offer(instance: Instance, message: Message) -> bool:
    """A question along debts, a loop to reserve, or what was decided about one."""
    inner, by, received = message.activity.get("object"), message.actor, message.received
    kind = wire.kind(inner)
    if kind == wire.PROBE:
        probe = wire.read_probe(inner)
        async with instance.begin() as tx:
            await limits.take(tx.conn, f"probe:{by.id}", rate_per_minute=10, burst=60)
        async with instance.begin() as tx:
            await acts.probed(tx, by=by, probe=probe, received=received)
        return True
    if kind != wire.SET_OFF:
        return False
    wanted = wire.read(inner)
    if wanted.decided is not None:
        await _check_seal(instance, wanted)
    act = acts.asked if wanted.decided is None else acts.decided
    async with instance.begin() as tx:
        await act(tx, by=by, wanted=wanted, received=received)
    return True


async def _check_seal(instance: Instance, wanted: Wanted) -> None:
    """Untrusted unless the first city of the loop has sealed the decision."""
    proof = proofs.read(wanted.decided or {}, now=instance.clock())
    first = await resolve.actor(instance, wanted.loop[0])
    found = (wanted.decided or {}).get("proof")
    method = text(found, "verificationMethod") if isinstance(found, dict) else None
    owner = (method or "").partition("#")[0]
    if proof is None or owner != first.uri or first.kind != "city" or not first.ed25519_key:
        raise Untrusted("this decision is not sealed by the first city of the loop")
    proofs.verify(proof, load_public(first.ed25519_key))


async def on_reject(instance: Instance, message: Message) -> bool:
    """Somebody further on cannot."""
    if wire.kind(message.activity.get("result")) != wire.SET_OFF:
        return False
    wanted = wire.read(message.activity.get("result"))
    async with instance.begin() as tx:
        await acts.refused(tx, by=message.actor, wanted=wanted, received=message.received)
    return True


HANDLERS: Mapping[str, Handler] = {"Offer": on_offer, "Reject": on_reject}
