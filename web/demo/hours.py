"""The demonstration's hours: two communities keep them, some are booked, some crossed a border."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from federation import resolve
from federation.acts import bridges, hours
from schema import actors, communities
from schema import bridges as stored_bridges
from schema import hours as stored
from schema.communities import Community
from web.demo.goods import listing_id
from web.demo.places import Place, find_person, until

KEEPS: Final = {
    "kirchbach": ("nachbarschaft", "maria_l"),
    "wien": ("repaircafe_ottakring", "yusuf_a"),
}
GIFTS: Final = {
    "kirchbach": (
        ("ilona_v", "paul_n", "2", "Zum Arzt nach Feldbach gefahren"),
        ("resi_s", "georg_m", "1.5", "Schnee geräumt"),
        ("paul_n", "lisa_t", "3", "Mit den Kindern Aufgaben gemacht"),
        ("maria_l", "ilona_v", "1", "Besuch am Nachmittag"),
        ("lisa_t", "resi_s", "2.5", "Strudel für das Fest gebacken"),
        ("georg_m", "maria_l", "0.75", "Formular für das Amt"),
    ),
    "wien": (
        ("jakob_t", "karl_z", "1", "Toaster wieder heil"),
        ("elfi_s", "priya_n", "2", "Nähmaschine eingestellt"),
    ),
}
ABROAD: Final = (("lisa_t", "karl_z", "2", "Waschmaschine am Telefon erklärt"),)
LIMITS: Final = {"kirchbach": "50", "wien": "60"}


async def keep(place: Place) -> None:
    """Where there is such a community; a second start changes nothing."""
    name, login = KEEPS.get(place.name, ("", ""))
    async with place.instance.begin() as tx:
        group = await communities.find_by_handle(tx.conn, name) if name else None
        if group is None or await stored.find_rules(tx.conn, group.actor_id):
            return
        steward = await find_person(place, login)
        if steward is None:
            return
        choice = hours.Choice(True, Decimal(-20), Decimal(40), "members")
        await hours.choose(tx, by=steward, community=group, choice=choice)
    for number, gift in enumerate(GIFTS[place.name]):
        await _give(place, group, number, gift)


async def _give(
    place: Place, group: Community, number: int, gift: tuple[str, str, str, str]
) -> None:
    payer, taker, amount, text = gift
    by, to = await find_person(place, payer), await find_person(place, taker)
    if by is None or to is None:
        return
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


async def bridge(places: Sequence[Place]) -> None:
    """The two cities set limits, and somebody gives hours across."""
    here, there = (next((p for p in places if p.name == name), None) for name in KEEPS)
    if here is None or there is None:
        return
    for place, other in ((here, there), (there, here)):
        origin = other.content.city.origin
        chief = await find_person(place, place.content.residents[0].login)
        async with place.instance.begin() as tx:
            city = await actors.find_city(tx.conn, origin)
            if city is None or chief is None:
                return
            if await stored_bridges.find(tx.conn, origin) is None:
                most = Decimal(LIMITS[place.name])
                await bridges.limit(tx, by=chief, other=city, most=most)

    async def both() -> bool | None:
        async with here.instance.read() as conn:
            found = await stored_bridges.find(conn, there.content.city.origin)
        return True if found and found.limit else None

    await until(both, "the limit for hours")
    for number, (payer, taker, amount, text) in enumerate(ABROAD):
        by, to = await find_person(here, payer), await find_person(there, taker)
        if by is None or to is None:
            continue
        known = await resolve.actor(here.instance, to.uri)
        async with here.instance.begin() as tx:
            group = await communities.get_by_handle(tx.conn, KEEPS[here.name][0])
            await bridges.give(
                tx,
                by=await actors.get(tx.conn, by.id),
                community=group,
                to=known,
                amount=Decimal(amount),
                text=text,
                id=listing_id(here, f"abroad/{number}"),
            )
