"""Hand-overs that a circle has promised: they become ordinary agreements, without being asked."""

from uuid import NAMESPACE_URL, UUID, uuid5

from federation.acts import promising
from federation.addresses import Addresses
from federation.instance import Tx
from schema import agreements, circles
from schema.actors import Actor
from schema.agreements import Agreement
from schema.circles import Circle, Part
from schema.proposals import Proposal


def agreement_id(circle_uri: str, position: int) -> UUID:
    """The taker's city gives the agreement this id, so that the giver's city knows it again."""
    return uuid5(NAMESPACE_URL, f"{circle_uri}#{position}")


def key_of(circle_uri: str, position: int, taker_origin: str) -> str:
    """What the agreement is called from the first step on."""
    return Addresses(taker_origin).agreement(agreement_id(circle_uri, position))


async def find(tx: Tx, proposal: Proposal, taker: Actor, key: str) -> tuple[Circle, Part] | None:
    """The hand-over by which `taker` was promised this; the listing's row is locked, so that nobody
    decides meanwhile."""
    for part in await circles.list_parts_about(tx.conn, proposal.id):
        circle = await circles.get(tx.conn, part.circle_id)
        parts = await circles.list_parts(tx.conn, circle.id)
        taken = parts[(part.position + 1) % len(parts)]
        known = key == key_of(circle.uri, part.position, taken.origin)
        if known and taken.party_uri == taker.uri and part.party_id == proposal.author_id:
            return circle, part
    return None


async def at_once(tx: Tx, row: Agreement, author: Actor, found: tuple[Circle, Part]) -> Agreement:
    """Yes as soon as the circle is committed here too; until then it waits."""
    circle, part = found
    if circle.state != "committed" or part.agreement_id is not None or row.state != "asked":
        return row
    if row.amount != part.amount or row.unit != part.unit:
        return await promising.refuse(tx, row, author, promising.NOTHING_LEFT)
    made = await promising.promise(tx, row, author, held=part)
    await circles.let_go(tx.conn, part.circle_id, part.position, offer=True)
    await circles.become(tx.conn, part.circle_id, part.position, row.id)
    return made or row


async def waiting(tx: Tx, circle: Circle, part: Part, taker_origin: str) -> Agreement | None:
    """What the taker's city asked for before we heard that all had said yes."""
    return await agreements.find(tx.conn, key_of(circle.uri, part.position, taker_origin))
