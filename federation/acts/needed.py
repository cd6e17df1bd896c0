"""The listing of a need follows when the need changes."""

from dataclasses import replace
from decimal import Decimal

from federation.acts import drafts, proposals
from federation.acts.drafts import Draft
from federation.instance import Tx
from schema import actors, agreements
from schema import proposals as listings
from schema.errors import Forbidden
from schema.project_needs import Need
from schema.proposals import Proposal


async def close(tx: Tx, uri: str) -> None:
    """It is not asked for any more."""
    listing = await listings.find(tx.conn, uri)
    if listing is None or listing.state != "open":
        return
    author = await actors.get(tx.conn, listing.author_id)
    if author.is_local:
        await proposals.close(tx, by=author, proposal=listing)


async def follow(tx: Tx, old: Need, new: Need) -> None:
    """It asks for what is still to be found, never for less than is promised. What its author has
    written in other words stays, and so does a listing that its author closed by hand."""
    listing = await listings.find(tx.conn, new.proposal_uri) if new.proposal_uri else None
    if listing is None or listing.is_over(tx.instance.clock()) or not _counts(listing):
        return
    author = await actors.get(tx.conn, listing.author_id)
    held = await agreements.held(tx.conn, listing.id)
    if not author.is_local or (held and listing.unit != new.unit):
        return
    left = None if new.left is None else max(Decimal(0), new.left - new.promised)
    if left == 0 and not held:
        await close(tx, listing.uri)
        return
    wanted = _draft(listing, old, new, None if left is None else held + left)
    try:
        changed = await proposals.edit(tx, by=author, proposal=listing, draft=wanted)
    except Forbidden:  # its author may not write here any more
        return
    if left == 0:
        await close(tx, listing.uri)
    elif changed.state == "closed":
        await proposals.renew(tx, by=author, proposal=changed, until=changed.until)


def _counts(listing: Proposal) -> bool:
    """Whether people still answer it, or have answered it in full."""
    return listing.state == "open" or (listing.state == "closed" and listing.available == 0)


def _draft(listing: Proposal, old: Need, new: Need, quantity: Decimal | None) -> Draft:
    draft = replace(drafts.of(listing), quantity=quantity, unit=new.unit)
    if listing.title == old.name:
        draft = replace(draft, title=new.name)
    return replace(draft, source=new.note) if listing.source == old.note.strip() else draft
