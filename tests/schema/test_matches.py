"""Exchange 1: which offers fit a need, in which order, and for what reasons."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from schema import matches
from schema.actors import Actor
from schema.matches import Match, Reader
from schema.proposals import Proposal
from tests import make
from tests.world import City

VIENNA = (48.2, 16.37)
MEIDLING = (48.18, 16.32)
GRAZ = (47.07, 15.44)


async def somebody(city: City, name: str, spot: tuple[float, float] = VIENNA) -> Actor:
    person = await make.a_person(city, name)
    await city.execute(
        "update actors set latitude = %s, longitude = %s where id = %s", *spot, person.id
    )
    async with city.instance.read() as conn:
        return await make.actors.get(conn, person.id)


async def need(city: City, by: Actor, title: str, **more: Any) -> Proposal:
    more.setdefault("until", city.clock.now + timedelta(days=7))
    return await listed(city, by, title, purpose="request", **more)


async def listed(city: City, by: Actor, title: str, **more: Any) -> Proposal:
    made = await make.a_proposal(city, by, title, **more)
    async with city.instance.begin() as tx:
        await matches.learn(tx.conn, title)
    return made


async def fits(city: City, own: Proposal, *languages: str) -> list[Match]:
    async with city.instance.read() as conn:
        return await matches.list_for(conn, own, Reader(own.author_id, languages))


async def titles(city: City, own: Proposal) -> list[str]:
    return [match.card.title for match in await fits(city, own)]


async def test_a_need_finds_the_offer_with_its_reasons(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben", MEIDLING)
    offer = await listed(alpha, ben, "Tomaten", quantity=Decimal(15), unit="kg")
    await listed(alpha, ben, "Klavier")
    own = await need(alpha, ann, "Suche Tomaten", quantity=Decimal(5), unit="kg")
    (found,) = await fits(alpha, own)
    assert found.card.id == offer.id and found.share == 1 and found.kind == "same"
    assert found.card.distance_km is not None and 2 < found.card.distance_km < 7
    assert found.amount_fits is True and found.return_fits and found.language_fits


async def test_an_offer_finds_the_need(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    wanted = await need(alpha, ann, "Eine Leiter für Obstbäume")
    offer = await listed(alpha, ben, "Leiter")
    assert [match.card.id for match in await fits(alpha, offer)] == [wanted.id]


async def test_stems_of_both_languages_typing_errors_and_compounds_are_found(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    for title in ("Fahrräder", "Ladders for rent", "Apfelbaumsetzling", "Automaten"):
        await listed(alpha, ben, title, category="other")
    assert await titles(alpha, await need(alpha, ann, "Fahrrad")) == ["Fahrräder"]
    assert await titles(alpha, await need(alpha, ann, "A ladder", language="en")) == [
        "Ladders for rent"
    ]
    assert await titles(alpha, await need(alpha, ann, "Fahräder")) == ["Fahrräder"]
    assert await titles(alpha, await need(alpha, ann, "Setzling")) == ["Apfelbaumsetzling"]
    assert await titles(alpha, await need(alpha, ann, "Tomaten")) == []


async def test_the_nearer_one_comes_first_and_the_far_one_not_at_all(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben", (48.4, 16.2))
    cem, dora = await somebody(alpha, "cem", GRAZ), await somebody(alpha, "dora", MEIDLING)
    for person, title in ((ben, "Klavier rot"), (cem, "Klavier weit"), (dora, "Klavier blau")):
        await listed(alpha, person, title)
    assert await titles(alpha, await need(alpha, ann, "Klavier")) == ["Klavier blau", "Klavier rot"]


async def test_what_is_over_given_away_or_closed_does_not_fit(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    offers = [await listed(alpha, ben, f"Ziegel {n}", quantity=Decimal(3)) for n in range(4)]
    for offer, change in zip(
        offers,
        ("available = 0", "state = 'closed'", "until = now() - interval '1 day'", "available = 1"),
        strict=True,
    ):
        await alpha.execute(f"update proposals set {change} where id = %s", offer.id)
    own = await need(alpha, ann, "Ziegel", quantity=Decimal(2))
    (found,) = await fits(alpha, own)
    assert found.card.id == offers[3].id and found.amount_fits is False


async def test_units_are_converted_and_those_that_do_not_compare_do_not_fit(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    await listed(alpha, ben, "Mehl", quantity=Decimal(900), unit="g")
    await listed(alpha, ben, "Mehl mahlen", quantity=Decimal(3), unit="h")
    own = await need(alpha, ann, "Mehl", quantity=Decimal(1), unit="kg")
    (found,) = await fits(alpha, own)
    assert found.card.unit == "g" and found.amount_fits is False
    await alpha.execute("update proposals set available = 1000 where id = %s", found.card.id)
    assert (await fits(alpha, own))[0].amount_fits is True


async def test_return_wishes_and_languages_are_told_and_count(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    await listed(alpha, ben, "Bohrer", return_kind="hours", language="en")
    await listed(alpha, ben, "Bohrer gratis", return_kind="nothing")
    own = await need(alpha, ann, "Bohrer", return_kind="swap")
    first, second = await fits(alpha, own)
    assert first.card.title == "Bohrer gratis" and first.return_fits and first.language_fits
    assert not second.return_fits and not second.language_fits
    assert (await fits(alpha, own, "en"))[1].language_fits


async def test_the_blocked_and_what_is_not_for_oneself_are_left_out(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    cem, dora = await somebody(alpha, "cem"), await somebody(alpha, "dora")
    garden = await make.a_community(alpha, dora)
    await listed(alpha, ben, "Wagen A")
    await listed(alpha, cem, "Wagen B")
    await listed(alpha, dora, "Wagen C", community=garden, scope="community")
    own = await need(alpha, ann, "Wagen")
    assert sorted(await titles(alpha, own)) == ["Wagen A", "Wagen B"]
    block = "insert into blocks (blocker_id, blocked_id) values (%s, %s)"
    await alpha.execute(block, ann.id, ben.id)
    await alpha.execute(block, cem.id, ann.id)
    assert await titles(alpha, own) == []


async def test_a_broader_category_fits_and_another_one_only_by_its_words(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    await listed(alpha, ben, "Basilikum", category="food.veg")
    await listed(alpha, ben, "Kürbis", category="food")
    own = await need(alpha, ann, "Kürbis", category="food.veg")
    found = await fits(alpha, own)
    assert [(match.card.title, match.kind) for match in found] == [
        ("Kürbis", "related"),
        ("Basilikum", "same"),
    ]


async def test_weekdays_of_both_are_compared_and_named_as_a_reason(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    await listed(alpha, ben, "Anhänger am Montag")
    await listed(alpha, ben, "Anhänger freitags oder samstags", category="other")
    await listed(alpha, ben, "Anhänger")
    own = await need(alpha, ann, "Anhänger", source="Immer am Freitag, every Friday.")
    found = {match.card.title: match for match in await fits(alpha, own)}
    assert found["Anhänger freitags oder samstags"].days == [4]
    assert found["Anhänger am Montag"].days == []
    assert found["Anhänger"].days is None
    ranked = [match.card.title for match in await fits(alpha, own)]
    assert ranked[-1] == "Anhänger am Montag"
    plain = await need(alpha, ann, "Anhänger, wann immer")
    assert all(match.days is None for match in await fits(alpha, plain))
