"""People elsewhere say "me too" to needs of ours, or no longer; and what becomes of ours there."""

from collections.abc import Mapping

from federation.acts import pools as acts
from federation.documents import id_of
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import pools as wire
from schema import pools, proposals
from schema.errors import Conflict
from schema.proposals import Proposal


async def on_join(instance: Instance, message: Message) -> bool:
    """Somebody there needs the same."""
    row = await _need(instance, message)
    if row is None:
        return False
    word, uri = wire.read_word(message.activity), id_of(message.activity) or ""
    try:
        async with instance.begin() as tx:
            await acts.me_too(
                tx,
                by=message.actor,
                proposal=row,
                quantity=word.quantity,
                edition=word.edition,
                received=message.received,
            )
    except Conflict:
        await _turn_away(instance, message, row, uri)
        raise
    return True


async def on_leave(instance: Instance, message: Message) -> bool:
    """Somebody there does not need it any more."""
    row = await _need(instance, message)
    if row is None:
        return False
    word, uri = wire.read_word(message.activity), id_of(message.activity) or ""
    try:
        async with instance.begin() as tx:
            await acts.take_back(
                tx,
                by=message.actor,
                proposal=row,
                edition=word.edition,
                received=message.received,
            )
    except Conflict:
        await _turn_away(instance, message, row, uri)
        raise
    return True


async def _need(instance: Instance, message: Message) -> Proposal | None:
    async with instance.read() as conn:
        row = await proposals.find(conn, message.object_uri)
    return row if row is not None and row.purpose == "request" else None


async def _turn_away(instance: Instance, message: Message, row: Proposal, uri: str) -> None:
    if instance.addresses.is_ours(row.uri):
        async with instance.begin() as tx:
            await acts.turn_away(tx, person=message.actor, proposal=row, uri=uri)


async def on_reject(instance: Instance, message: Message) -> bool:
    """The city of a need takes the word of one of ours no more."""
    async with instance.begin() as tx:
        said = await pools.find_said(tx.conn, message.object_uri)
        if said is None:
            return False
        await acts.turned_away(tx, by=message.actor, said=said, received=message.received)
    return True


HANDLERS: Mapping[str, Handler] = {"Join": on_join, "Leave": on_leave, "Reject": on_reject}
