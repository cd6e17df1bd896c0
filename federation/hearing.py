"""Another server spoke to us: it is there, and a neighbour says how much it has sent us."""

import re

from federation import origins
from federation.errors import Malformed
from federation.instance import Instance
from federation.signed import SignedRequest
from schema import ledgers, limits, peers
from schema.database import Conn
from schema.peers import Standing

STRANGERS_PACE = (300.0, 600)  # letters a minute from one domain, and how many at once
LEDGER = "delivery-ledger"
_TOLD = re.compile(r'url="([^"\s]{1,500})",\s*sequence="([0-9]{1,18})"')


async def hear(
    instance: Instance, conn: Conn, origin: str, standing: Standing, request: SignedRequest
) -> None:
    """What waits for it is worth another try; now and then what it sent is compared."""
    await peers.heard(conn, origin)
    told = ledger_of(request.headers.get(LEDGER, ("",))[0], origin)
    if told is None or standing.link != "linked":
        return
    if await ledgers.tell(conn, origin, *told) and standing.receives:
        async with instance.begin() as tx:
            await tx.defer("catch_up", origin=origin)


def ledger_of(value: str, origin: str) -> tuple[str, int] | None:
    """Address and number of a Delivery-Ledger header; None unless it is of the sender's server."""
    found = _TOLD.fullmatch(value.strip())
    if found is None:
        return None
    try:
        own = origins.same_origin(found[1], origin)
    except Malformed:
        return None
    return (found[1], int(found[2])) if own else None


async def check_pace(instance: Instance, origin: str) -> None:
    """Takes one of the letters that a stranger's domain may send; TooMany when it has none left."""
    async with instance.read() as conn:  # one statement: taken whatever comes after
        await limits.take(conn, f"door {origins.domain(origin)}", *STRANGERS_PACE)
