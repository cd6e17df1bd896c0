"""People and communities elsewhere move: believed when the new home names the old one."""

from collections.abc import Mapping

from federation import moving
from federation.acts import moves as acts
from federation.documents import id_of, one
from federation.instance import Instance
from federation.messages import Handler, Message


async def on_move(instance: Instance, message: Message) -> bool:
    """By the one who goes, of themselves; a group that passes it on proves nothing."""
    by = message.actor
    target = id_of(one(message.activity.get("target")))
    if message.object_uri != by.uri or not target or message.received.through is not None:
        return False
    if by.kind not in ("person", "group"):
        return False
    to = await moving.new_home(instance, by, target)
    async with instance.begin() as tx:
        await acts.moved(tx, by=by, to=to, received=message.received)
    return True


HANDLERS: Mapping[str, Handler] = {"Move": on_move}
