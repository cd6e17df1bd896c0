"""The demonstration's hours: one community keeps them, and some are booked."""

from decimal import Decimal
from typing import Final

from federation.acts import hours
from schema import communities
from schema import hours as stored
from web.demo.goods import listing_id
from web.demo.places import Place, find_person

KEEPS: Final = "nachbarschaft"
GIFTS: Final = (
    ("ilona_v", "paul_n", "2", "Zum Arzt nach Feldbach gefahren"),
    ("resi_s", "georg_m", "1.5", "Schnee geräumt"),
    ("paul_n", "lisa_t", "3", "Mit den Kindern Aufgaben gemacht"),
    ("maria_l", "ilona_v", "1", "Besuch am Nachmittag"),
    ("lisa_t", "resi_s", "2.5", "Strudel für das Fest gebacken"),
    ("georg_m", "maria_l", "0.75", "Formular für das Amt"),
)


async def keep(place: Place) -> None:
    """Where there is such a community; a second start changes nothing."""
    async with place.instance.begin() as tx:
        group = await communities.find_by_handle(tx.conn, KEEPS)
        if group is None or await stored.find_rules(tx.conn, group.actor_id):
            return
        steward = await find_person(place, "maria_l")
        if steward is None:
            return
        choice = hours.Choice(True, Decimal(-20), Decimal(40), "members")
        await hours.choose(tx, by=steward, community=group, choice=choice)
    for number, (payer, taker, amount, text) in enumerate(GIFTS):
        by, to = await find_person(place, payer), await find_person(place, taker)
        if by is None or to is None:
            continue
        async with place.instance.begin() as tx:
            await hours.give(
                tx,
                by=by,
                community=group,
                to=to,
                amount=Decimal(amount),
                text=text,
                id=listing_id(place, f"hours/{number}"),
            )
