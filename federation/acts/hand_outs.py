"""How a giver hands out: first come, by draw, who received least lately, or a coordinator."""

from collections.abc import Sequence
from uuid import UUID

from federation.acts import promising, proposals
from federation.acts.promising import NOTHING_LEFT
from federation.instance import Tx
from schema import actors, agreements, hand_outs, standings
from schema import proposals as listings
from schema.actors import Actor
from schema.agreements import Agreement
from schema.database import Conn
from schema.hand_outs import HandOut
from schema.proposals import Proposal
from schema.words import N_

DRAWN = N_("It was handed out; this time it went to others.")


async def may_decide(conn: Conn, person_id: UUID, proposal_id: UUID) -> bool:
    """Whether this is a coordinator whom the author has asked to decide."""
    found = await hand_outs.find(conn, proposal_id)
    if found is None or found.rule != "coordinator":
        return False
    listing = await listings.get(conn, proposal_id)
    standing = await standings.get(conn, person_id, listing.community_id)
    return standing.keeps_order or standing.moderates


async def at_once(tx: Tx, row: Agreement, author: Actor) -> Agreement:
    """What is to be said to a new request without the author: nothing, yes, or that it is over."""
    listing = await listings.get(tx.conn, row.proposal_id)
    if listing.state != "open" or listing.available == 0:
        return await promising.refuse(tx, row, author, NOTHING_LEFT)
    found = await hand_outs.find(tx.conn, row.proposal_id)
    if found is None or found.rule != "first":
        return row
    made = await promising.promise(tx, row, author)
    return made or await promising.refuse(tx, row, author, NOTHING_LEFT)


async def hand_out_due(tx: Tx) -> int:
    """Draws, and gives to those who received least, where the time has come; how many."""
    due = await hand_outs.list_due(tx.conn, tx.instance.clock())
    for one in due:
        await _hand_out(tx, one)
    return len(due)


async def _hand_out(tx: Tx, rule: HandOut) -> None:
    listing = await listings.lock(tx.conn, rule.proposal_id)
    author = await actors.get(tx.conn, listing.author_id)
    asking = await agreements.list_asking(tx.conn, listing.id)
    for row in await _in_order(tx, rule, listing, asking):
        if await promising.promise(tx, row, author) is None:
            await promising.refuse(tx, row, author, DRAWN)
    await hand_outs.finish(tx.conn, listing.id, tx.instance.clock())
    await proposals.announce_change(tx, await listings.get(tx.conn, listing.id))


async def _in_order(
    tx: Tx, rule: HandOut, listing: Proposal, asking: Sequence[Agreement]
) -> list[Agreement]:
    if rule.rule == "draw":
        by_key = {row.key: row for row in asking}
        return [by_key[key] for key in hand_outs.in_order(rule.seed, list(by_key))]
    since = tx.instance.clock() - hand_outs.LATELY
    got = await hand_outs.count_received(tx.conn, [row.responder_id for row in asking], since)
    return sorted(asking, key=lambda row: (got.get(row.responder_id, 0), row.created, row.id))
