"""Matches: a new or changed listing is brought to those whom it fits."""

from uuid import UUID

from federation.instance import Tx
from schema import matches, notices, proposals, rhythms, searches
from schema.proposals import Proposal


async def ask(tx: Tx, row: Proposal) -> None:
    """Lets a worker look whom this need or offer fits, once it is stored."""
    if row.state == "open":
        await tx.defer("match", proposal_id=str(row.id))


async def tell(tx: Tx, id: UUID) -> int:
    """Tells residents whose own listing, or whose search, it fits; how many. Nobody is told twice
    of the same pair."""
    row = await proposals.find_by_id(tx.conn, id)
    if row is None or row.state != "open" or row.is_over(tx.instance.clock()):
        return 0
    await matches.learn(tx.conn, row.title)
    told: set[UUID] = set()
    for found in await matches.list_to_tell(tx.conn, row):
        new = await matches.tell_once(tx.conn, found.card.id, row.id)
        wanted = not await rhythms.is_off(tx.conn, found.author_id, "matches")
        if new and wanted and found.author_id not in told:
            told.add(found.author_id)
            await notices.tell(
                tx.conn,
                found.author_id,
                "match",
                by=row.author_id,
                proposal=row.id,
                text=found.card.title,
            )
    for search in await searches.list_finding(tx.conn, row):
        if await rhythms.is_off(tx.conn, search.account_id, "searches"):
            continue
        told.add(search.account_id)
        await notices.tell(tx.conn, search.account_id, "search", by=row.author_id, proposal=row.id)
    return len(told)
