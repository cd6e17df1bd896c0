"""Lists with an address are read again every day; places of an allow list are asked for a link."""

from uuid import UUID

import structlog

from federation import fetch, resolve
from federation.acts import cities
from federation.acts import lists as acts
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.wire import lists as wire
from schema import lists
from schema.errors import Conflict, Missing

log = structlog.get_logger()
ACCEPT = {"Accept": "text/csv, application/json, text/plain;q=0.9"}


async def refresh(instance: Instance, id: str) -> None:
    """Reads one list; what it says becomes drafts. What went wrong stands on its page."""
    async with instance.read() as conn:
        try:
            found = await lists.get(conn, UUID(id))
        except Missing:
            return
    if found.address is None:
        return
    try:
        await fetch.check(instance, found.address)
        answer = await instance.client.get(found.address, headers=ACCEPT)
        if answer.status != 200:
            raise Unreachable(f"it answers {answer.status}")
        entries = wire.read(answer.body.decode("utf-8", "replace"))
        if not entries:
            raise Malformed("no places are in it")
    except (Gone, Malformed, Refused, Unreachable, Untrusted) as error:
        async with instance.begin() as tx:
            await lists.failed(tx.conn, found.id, str(error))
        return
    async with instance.begin() as tx:
        await acts.take(tx, found.id, entries)


async def ask(instance: Instance, origin: str) -> None:
    """Asks a city of an allow list for a link; Unreachable is worth another try."""
    try:
        other = await resolve.city(instance, origin)
        async with instance.begin() as tx:
            await cities.ask(tx, by=None, other=other)
    except (Conflict, Gone, Malformed, Missing, Refused, Untrusted) as error:
        log.info("not asked", origin=origin, reason=str(error))
