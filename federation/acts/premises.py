"""Places that a settlement opens for use: an offer, and its conditions beside it."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from federation import html
from federation.acts import drafts
from federation.acts import proposals as offers
from federation.acts.drafts import Draft
from federation.documents import Document
from federation.instance import Tx
from federation.wire import premises as wire
from schema import ids, premises, proposals
from schema.actors import Actor
from schema.errors import Invalid, Missing
from schema.premises import CATEGORIES, Premises
from schema.proposals import Proposal
from schema.words import N_


async def open_up(
    tx: Tx,
    *,
    by: Actor,
    draft: Draft,
    conditions: Premises,
    community: Actor | None = None,
    pictures: Sequence[UUID] = (),
    id: UUID | None = None,
) -> Proposal:
    """Publishes the offer with its conditions; the same press twice gives one. Invalid."""
    id = id or ids.new()
    known = await proposals.find_by_id(tx.conn, id)
    if known is not None and known.author_id == by.id:
        return known
    await premises.put(tx.conn, replace(_checked(conditions), proposal_id=id))
    draft = replace(draft, purpose="offer", category=CATEGORIES[conditions.kind])
    return await offers.publish(
        tx, by=by, draft=draft, community=community, pictures=pictures, id=id
    )


async def change(tx: Tx, *, by: Actor, proposal: Proposal, conditions: Premises) -> Proposal:
    """Other conditions, by who opened it; whoever knows of the offer hears of them. Missing for
    an offer of something else."""
    if await premises.find(tx.conn, proposal.id) is None:
        raise Missing(N_("There is nothing here, or it is not meant for you."))
    await premises.put(tx.conn, replace(_checked(conditions), proposal_id=proposal.id))
    draft = replace(drafts.of(proposal), category=CATEGORIES[conditions.kind])
    return await offers.edit(tx, by=by, proposal=proposal, draft=draft)


def _checked(given: Premises) -> Premises:
    if given.size is not None and not 0 < given.size < 1_000_000_000:
        raise Invalid({"size": N_("Please give the size in square metres, above zero.")})
    return replace(given, contact=" ".join(html.tidy(given.contact).split())[:100])


async def keep(tx: Tx, row: Proposal, document: Document) -> None:
    """What another server says of an offer of its own."""
    said = wire.read(document)
    if said is None or row.purpose != "offer":
        return
    kept = Premises(
        proposal_id=row.id,
        kind=said.kind,
        size=said.size,
        repair=said.repair,
        terms=said.terms,
        begins=said.begins,
        contact=said.contact,
        supplies=list(said.supplies),
    )
    await premises.put(tx.conn, kept)
