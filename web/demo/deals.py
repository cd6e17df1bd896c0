"""The demonstration's agreements: a few in each state, so that the board is not empty."""

from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from federation.acts import agreements, disputes, pools, promises
from schema import actors, proposals
from schema import pools as stored_pools
from schema.agreements import Terms
from schema.proposals import Proposal
from web.demo.goods import listing_id
from web.demo.places import Place, find_person

STATES: Final = (
    *("asked", "countered", "agreed", "late", "handed", "done", "declined", "cancelled"),
    "disputed",
)
ENOUGH: Final = 5  # people


async def deals(place: Place) -> None:
    """Residents ask for the first listings of others; a second start changes nothing."""
    logins = [resident.login for resident in place.content.residents]
    local = [
        (number, listing.author)
        for number, listing in enumerate(place.content.listings)
        if listing.author in logins and listing.scope != "community" and not listing.in_its_name
    ]
    for state, (number, author) in zip(STATES, local, strict=False):
        login = next(name for name in logins[number % 3 :] if name != author)
        await _deal(place, state, number, login)


async def _deal(place: Place, state: str, number: int, login: str) -> None:
    asker = await find_person(place, login)
    id = listing_id(place, f"deal/{number}")
    async with place.instance.begin() as tx:
        listing = await proposals.find_by_id(tx.conn, listing_id(place, f"{number}"))
        if asker is None or listing is None or listing.state != "open":
            return
        giver = await actors.get(tx.conn, listing.author_id)
        at = tx.instance.clock() + timedelta(days=number + 1)
        terms = _terms(listing)
        row = await agreements.ask(
            tx, by=asker, proposal=listing, terms=terms, text="Passt es dir am Abend?", id=id
        )
        if row.id != id or row.state != "asked" or row.turn != "author":
            return
        if state == "asked":
            return
        if state == "declined":
            await agreements.decline(tx, by=giver, agreement=row, reason="Schon vergeben, leider.")
            return
        if state == "countered":
            other = Terms(terms.amount, terms.unit, terms.return_kind, at=at)
            await agreements.counter(tx, by=giver, agreement=row, terms=other, text="Lieber so?")
            return
        row = await agreements.accept(tx, by=giver, agreement=row, text="Gern!")
        if state == "late":
            await promises.be_late(tx, by=asker, agreement=row)
        elif state == "cancelled":
            await promises.withdraw(tx, by=asker, agreement=row, reason="Ich liege im Bett.")
        elif state == "disputed":
            row = await promises.object_to(
                tx, by=asker, agreement=row, text="Es war nur die Hälfte, und die war nass."
            )
            said = "Bei mir war alles da und trocken. Es hat auf dem Heimweg geregnet."
            await disputes.state(tx, by=giver, agreement=row, text=said)
        elif state in ("handed", "done"):
            row = await promises.confirm(tx, by=giver, agreement=row)
        if state == "done":
            row = await promises.confirm(tx, by=asker, agreement=row)
            await promises.thank(tx, by=asker, agreement=row, text="Herzlichen Dank!")


def _terms(listing: Proposal) -> Terms:
    left = listing.available
    amount = min(left, Decimal(1)) if left else None
    return Terms(amount, listing.unit, listing.return_kind, listing.return_note)


async def gatherings(place: Place) -> None:
    """Neighbours need the same as the first who needs something, and one gathers them."""
    logins = [resident.login for resident in place.content.residents]
    for number, listing in enumerate(place.content.listings):
        if listing.kind == "need" and listing.author in logins:
            if listing.scope in ("neighbours", "everyone"):
                others = [name for name in logins if name != listing.author][:3]
                await _gather(place, listing_id(place, f"{number}"), others)
                return


async def _gather(place: Place, id: UUID, logins: list[str]) -> None:
    people = [await find_person(place, login) for login in logins]
    async with place.instance.begin() as tx:
        row = await proposals.find_by_id(tx.conn, id)
        if row is None or row.state != "open" or await stored_pools.find(tx.conn, id):
            return
        found = [person for person in people if person]
        for person in found:
            await pools.me_too(tx, by=person, proposal=row, quantity=None)
        await pools.gather(
            tx,
            by=found[0],
            proposal=row,
            kind="order",
            measure="people",
            threshold=Decimal(ENOUGH),
            ends=tx.instance.clock() + timedelta(days=6),
            note="Ab fünf lohnt sich die Fahrt mit dem großen Anhänger.",
        )
