"""Work that somebody of another city has done for a task of ours, before it is taken for goods."""

from collections.abc import Mapping

from federation.arrivals import plans
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import tasks


async def on_create(instance: Instance, message: Message) -> bool:
    """An event that is `finished` is work (FEP-c5a1); what was brought for a pledge is not."""
    if tasks.read_done(message.object) is None:
        return False
    return await plans.on_create(instance, message)


HANDLERS: Mapping[str, Handler] = {"Create": on_create}
