"""Rhythms: choosing when one is told; devices that take pushes."""

from collections.abc import Sequence

from federation import origins
from federation.errors import Malformed, Refused
from federation.instance import Tx
from schema import pushes, rhythms
from schema.actors import Actor
from schema.errors import Invalid
from schema.pushes import Device
from schema.rhythms import SILENT, TOPICS, Choice
from schema.words import N_


async def choose(tx: Tx, *, by: Actor, choices: Sequence[Choice]) -> None:
    """In place of earlier ones. Only what nobody waits for can be silenced altogether."""
    for choice in choices:
        if choice.topic not in TOPICS or (choice.rhythm == "off" and choice.topic not in SILENT):
            raise Invalid({"": N_("Please choose one of these.")})
        await rhythms.choose(tx.conn, by.id, choice)


async def allow_device(tx: Tx, *, by: Actor, endpoint: str, key: bytes, auth: bytes) -> None:
    """A browser of theirs takes pushes from now on; Invalid for what is no subscription."""
    loopback = tx.instance.config.allow_loopback_peers
    try:
        origins.origin_of(endpoint, loopback=loopback)
    except (Malformed, Refused) as error:
        raise Invalid({"": N_("This browser cannot be told this way.")}) from error
    if len(key) != 65 or key[0] != 4 or len(auth) != 16 or len(endpoint) > 2000:
        raise Invalid({"": N_("This browser cannot be told this way.")})
    await pushes.insert(tx.conn, Device(endpoint, by.id, key, auth))


async def forget_devices(tx: Tx, *, by: Actor) -> None:
    """No pushes any more."""
    await pushes.delete_all(tx.conn, by.id)
