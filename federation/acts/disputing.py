"""How a dispute reaches those who decide: told here, or sent to the community's own city."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from federation import outbox
from federation.acts import sealing
from federation.instance import Tx
from federation.wire import disputes as wire
from schema import actors, agreements, communities, disputes, ids, notices, proposals
from schema.actors import Actor
from schema.agreements import Agreement, Side
from schema.disputes import Account, Dispute
from schema.proposals import Proposal

BOTH: Sequence[Side] = ("author", "responder")


async def court_of(tx: Tx, listing: Proposal, author: Actor) -> Actor | None:
    """Whose moderators decide: those of the listing's community, else of its city. None where
    that city is not known."""
    if listing.community_id:
        group = await actors.get(tx.conn, listing.community_id)
        community = await communities.find(tx.conn, group.id)
        if group.deleted_at is None and community and community.closed_at is None:
            return group
    if author.is_local:
        return await actors.get(tx.conn, tx.instance.city_id)
    return await actors.find_city(tx.conn, author.peer or "")


async def bring(tx: Tx, row: Agreement, listing: Proposal, told: Side | None, text: str) -> None:
    """One of the two has objected (`told`, where it is one of ours): each city tells the
    moderators what was agreed, and what its own person says."""
    author = await actors.get(tx.conn, row.author_id)
    court = await court_of(tx, listing, author)
    if court is None:
        return
    new = Dispute(
        id=ids.new(),
        key=row.key,
        court_id=court.id,
        proposal_uri=listing.uri,
        title=listing.title,
        author_id=row.author_id,
        responder_id=row.responder_id,
        author_side=None,
        responder_side=None,
        state="open",
        done=None,
        outcome="",
        decided_by=None,
        decided_at=None,
        created=tx.instance.clock(),
    )
    stored, is_new = await disputes.open_anew(tx.conn, new)
    for side in BOTH:
        person = await actors.get(tx.conn, party(stored, side))
        if person.is_local:
            said = text if side == told else ""
            await put(tx, stored, side, Account(row.agreed_hash, terms_of(row), said))
    stored = await disputes.get(tx.conn, stored.id)
    if not court.is_local:
        await send(tx, stored, court)
        return
    if is_new:
        await tell(tx, stored, row)
    await forward(tx, stored)


async def hold(tx: Tx, key: str) -> tuple[Dispute | None, Agreement | None]:
    """What we know of both, locked; always the agreement first, so that nobody waits for ever."""
    agreement = await agreements.find(tx.conn, key)
    if agreement:
        agreement, _ = await sealing.opened(tx, agreement.id)
    found = await disputes.find(tx.conn, key)
    return (await disputes.lock(tx.conn, found.id) if found else None), agreement


def party(row: Dispute, side: Side) -> UUID:
    """Who is on this side."""
    return row.author_id if side == "author" else row.responder_id


def terms_of(row: Agreement) -> dict[str, str]:
    """What was agreed, each term as a text; the place is nobody else's business."""
    return wire.terms(row.terms)


async def put(tx: Tx, row: Dispute, side: Side, told: Account) -> None:
    """What was said and attached before stays, where nothing new comes."""
    before = row.account(side)
    if before:
        said, letters = told.said or before.said, told.letters or before.letters
        told = replace(told, said=said, letters=letters)
    await disputes.tell(tx.conn, row.id, side, told)


async def send(tx: Tx, row: Dispute, court: Actor) -> None:
    """To the city where the moderators are, what our own people say."""
    ours: list[Side] = []
    for side in BOTH:
        if (await actors.get(tx.conn, party(row, side))).is_local:
            ours.append(side)
    city = await actors.get(tx.conn, tx.instance.city_id)
    body = wire.flag(row, await names_of(tx, row), ours)
    await outbox.send(tx, city, body, [court], about=row.key)


async def forward(tx: Tx, row: Dispute) -> None:
    """From our community to those of its moderators who live elsewhere."""
    court = await actors.get(tx.conn, row.court_id)
    keepers = await actors.list_by_id(tx.conn, await disputes.list_deciding(tx.conn, court.id))
    afar = [one for one in keepers if not one.is_local and not row.is_party(one.id)]
    if afar and court.is_local:
        body = wire.flag(row, await names_of(tx, row), BOTH)
        await outbox.send(tx, court, body, afar, about=row.key)


async def tell(tx: Tx, row: Dispute, agreement: Agreement | None) -> None:
    """A notice to everybody here who may decide it."""
    told = set(await disputes.list_deciding(tx.conn, row.court_id))
    court = await actors.get(tx.conn, row.court_id)
    if court.is_local:
        told |= set(await disputes.list_keepers(tx.conn))
    listing = await proposals.find(tx.conn, row.proposal_uri)
    for keeper in told:
        if not row.is_party(keeper):
            await notices.tell(
                tx.conn,
                keeper,
                "agreement.dispute",
                proposal=listing.id if listing else None,
                agreement=agreement.id if agreement else None,
                text=row.title,
            )


async def names_of(tx: Tx, row: Dispute) -> wire.Names:
    """The addresses of those it is about."""
    court = await actors.get(tx.conn, row.court_id)
    author = await actors.get(tx.conn, row.author_id)
    responder = await actors.get(tx.conn, row.responder_id)
    return wire.Names(court.uri, author.uri, responder.uri)
