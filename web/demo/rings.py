"""The demonstration's exchange circle: three residents of a place, one of whom has said yes."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from federation.acts import circles, proposals
from federation.acts.circles import Step
from federation.acts.drafts import Draft
from federation.circles import search
from schema import circles as stored
from schema import peers
from schema import proposals as listings
from schema.actors import Actor
from schema.proposals import Proposal, Purpose
from web.demo.goods import listing_id
from web.demo.places import Place, find_person

GOODS: Final = (
    ("Marillenmarmelade vom eigenen Baum", "food.preserve", "jar", 10),
    ("Fahrrad richten, auch Achter", "repair.bike", "h", 3),
    ("Alte Dachziegel, Biberschwanz", "build.reuse", "piece", 200),
)


async def circle(place: Place) -> None:
    """Waits for the answers of two; a second start changes nothing."""
    logins = [resident.login for resident in place.content.residents][:3]
    people = [person for login in logins if (person := await find_person(place, login))]
    async with place.instance.begin() as tx:
        for peer in await peers.list_linked(tx.conn):
            await peers.join_circles(tx.conn, peer.origin, True)
        if len(people) < 3 or await stored.list_of(tx.conn, [people[0].id]):
            return
    steps: list[Step] = []
    for number, giver in enumerate(people):
        offer = await _listing(place, giver, number, "offer")
        need = await _listing(place, people[(number + 1) % 3], number, "request")
        steps.append(Step(giver, offer, need, str(offer.id), str(need.id)))
    async with place.instance.begin() as tx:
        made = await circles.propose(tx, steps=steps, weight=1.0)
        if made is not None:
            await circles.answer(tx, by=people[1], circle=made, yes=True)
    await search(place.instance, members=())  # for what is missing; proposes nothing


async def _listing(place: Place, by: Actor, number: int, purpose: Purpose) -> Proposal:
    title, category, unit, amount = GOODS[number]
    id = listing_id(place, f"circle/{purpose}/{number}")
    async with place.instance.begin() as tx:
        known = await listings.find_by_id(tx.conn, id)
        if known is not None:
            return known
        offered = purpose == "offer"
        draft = Draft(
            purpose=purpose,
            title=title if offered else title.partition(",")[0].partition(" vom ")[0],
            category=category,
            quantity=Decimal(amount),
            unit=unit,
            until=tx.instance.clock() + timedelta(days=21),
            return_kind="swap" if offered else "open",
            scope="neighbours",
        )
        return await proposals.publish(tx, by=by, draft=draft, community=None, pictures=(), id=id)
