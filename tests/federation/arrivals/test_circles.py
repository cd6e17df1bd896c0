"""What nobody may say about an exchange circle, and what a repeated word changes."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from federation.acts import agreements, circle_letters
from federation.acts import circles as acts
from federation.errors import Malformed
from federation.wire import circles as wire
from schema import actors, circles, sides
from schema import proposals as listings
from schema.actors import Actor
from schema.agreements import Terms
from schema.circles import Circle, Part
from schema.errors import Conflict, Forbidden
from tests import make, rings
from tests.world import City, settle


async def proposed(*cities: City) -> list[Actor]:
    """A circle with one resident of each city, the first of whom decides."""
    people = [await make.a_person(city, f"one_{at}") for at, city in enumerate(cities)]
    await rings.joins(*cities)
    await rings.a_ring(*zip(cities, people, strict=True), scope="neighbours")
    await settle(*cities)
    assert len(await rings.found(cities[0])) == 1
    await settle(*cities)
    return people


async def the(city: City) -> tuple[Circle, list[Part]]:
    async with city.instance.read() as conn:
        uri = await city.value("select uri from circles")
        found = await circles.find(conn, uri)
        assert found
        return found, await circles.list_parts(conn, found.id)


async def city_of(here: City, there: City) -> Actor:
    async with here.instance.read() as conn:
        found = await actors.find_city(conn, there.origin)
    assert found
    return found


async def hears(here: City, by: Actor, party: str, *, yes: bool, reason: Any = "") -> None:
    circle, _ = await the(here)
    async with here.instance.begin() as tx:
        await circle_letters.answered(
            tx, by=by, circle=circle, party_uri=party, yes=yes, reason=reason, received=None
        )


async def says_yes(city: City, person: Actor) -> None:
    circle, _ = await the(city)
    async with city.instance.begin() as tx:
        await acts.answer(tx, by=person, circle=circle, yes=True)


@pytest.mark.parametrize("yes", [True, False])
async def test_a_city_speaks_for_its_own_people_only(
    alpha: City, beta: City, gamma: City, yes: bool
) -> None:
    _, ben, cem = await proposed(alpha, beta, gamma)
    third, theirs = await city_of(alpha, gamma), await city_of(alpha, beta)
    with pytest.raises(Forbidden):
        await hears(alpha, third, ben.uri, yes=yes)
    async with alpha.instance.read() as conn:
        person = await actors.find(conn, ben.uri)
        own = await actors.get(conn, alpha.instance.city_id)
    for liar in (person, own):
        assert liar is not None
        with pytest.raises(Forbidden):
            await hears(alpha, liar, ben.uri, yes=yes)
    assert [part.answer for part in (await the(alpha))[1]] == ["", "", ""]
    await hears(alpha, theirs, ben.uri, yes=True)
    await hears(alpha, theirs, ben.uri, yes=True)
    assert sorted(part.answer for part in (await the(alpha))[1]) == ["", "", "yes"]
    assert cem.uri != ben.uri


async def test_only_the_city_that_found_it_says_what_became_of_it(
    alpha: City, beta: City, gamma: City
) -> None:
    _, ben, _ = await proposed(alpha, beta, gamma)
    await says_yes(beta, ben)
    held = await rings.left(beta)
    circle, parts = await the(beta)
    decider = await city_of(beta, alpha)
    document = wire.read(wire.build(circle, parts, decider.uri))
    for state in ("committed", "dissolved"):
        said = replace(document, state=state)
        with pytest.raises(Forbidden):
            async with beta.instance.begin() as tx:
                other = await city_of(beta, gamma)
                await circle_letters.decided(tx, by=other, document=said, received=None)
    assert (await the(beta))[0].state == "open"
    assert await rings.left(beta) == held


async def test_a_yes_after_the_end_does_not_bring_it_back(alpha: City, beta: City) -> None:
    ann, ben = await proposed(alpha, beta)
    theirs, starts = await city_of(alpha, beta), await rings.left(alpha)
    await says_yes(alpha, ann)
    await hears(alpha, theirs, ben.uri, yes=False, reason="declined")
    assert await rings.left(alpha) == starts
    await hears(alpha, theirs, ben.uri, yes=True)
    circle, _ = await the(alpha)
    assert (circle.state, circle.reason) == ("dissolved", "declined")
    assert await rings.left(alpha) == starts
    await settle(alpha, beta)
    assert await rings.states(beta) == ["dissolved"]


async def test_what_was_committed_stays_so_whatever_comes_later(alpha: City, beta: City) -> None:
    ann, ben = await proposed(alpha, beta)
    await says_yes(alpha, ann)
    await says_yes(beta, ben)
    await settle(alpha, beta)
    assert await rings.states(alpha, beta) == ["committed", "committed"]
    theirs = await city_of(alpha, beta)
    for reason in ("", "declined", "parted"):
        await hears(alpha, theirs, ben.uri, yes=False, reason=reason)
    await settle(alpha, beta)
    assert await rings.states(alpha, beta) == ["committed", "committed"]
    states = "select array_agg(state) from agreements"
    assert await alpha.value(states) == await beta.value(states) == ["agreed", "agreed"]


async def test_who_has_not_joined_reads_and_proposes_nothing(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    await rings.a_ring((alpha, ann), (beta, ben), scope="neighbours")
    await settle(alpha, beta)
    await alpha.execute("update peers set circles = true")
    assert await rings.found(alpha) == []
    assert (await beta.document("/city/circles")).status_code == 404
    await beta.execute("update peers set circles = true")
    assert len(await rings.found(alpha)) == 1
    await beta.execute("update peers set circles = false")
    await settle(alpha, beta)
    assert await beta.value("select count(*) from circles") == 0
    assert await rings.states(alpha) == ["open"]


async def test_summaries_tell_nothing_but_what_they_must(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    await rings.joins(alpha, beta)
    await rings.stands(beta, ben, 0, 1, scope="neighbours")
    await rings.stands(beta, ben, 2, 3, scope="city")
    await rings.stands(alpha, ann, 1, 0, scope="neighbours")
    await rings.found(alpha)
    document = wire.summary("mark", "party", (await sides_of(beta))["Marillenmarmelade"])
    assert set(document) == {
        "type",
        "mark",
        "party",
        "purpose",
        "category",
        "unit",
        "atLeast",
        "until",
    }
    assert document["atLeast"] == "10"
    assert "Marillen" not in str(document)


async def sides_of(city: City) -> dict[str, Any]:
    async with city.instance.read() as conn:
        rows = await sides.list_ours(conn, city.clock())
        return {(await listings.get(conn, row.id)).title: row.side() for row in rows}


async def test_windows_are_told_as_days_and_bands(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    await rings.stands(alpha, ann, 0, 1, scope="neighbours", source="Immer freitags.")
    jam = (await sides_of(alpha))["Marillenmarmelade"]
    document = wire.summary("mark", "party", jam)
    assert document["days"] == "4"
    read = wire.read_summary({**document, "from": "2026-12-01"}, beta.origin)
    assert read is not None and read.since is not None
    assert (read.days, f"{read.since:%d.%m.}") == (frozenset({4}), "01.12.")
    assert wire.read_summary({**document, "from": "soon"}, beta.origin) is None
    await rings.joins(alpha, beta)
    await rings.stands(beta, ben, 1, 0, scope="neighbours", source="Nur am Montag.")
    assert await rings.found(alpha) == []


async def test_two_who_fit_only_in_part_are_offered_a_swap_of_that_part(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    offered, needed = {"return_kind": "swap"}, {"purpose": "request", "return_kind": "nothing"}
    jam = {"title": "Marillenmarmelade", "category": "food.preserve", "unit": "jar"}
    help = {"title": "Fahrrad reparieren", "category": "repair.bike", "unit": "h"}
    for by, what, amount, kind in (
        (ann, jam, 10, offered),
        (ann, help, 3, needed),
        (ben, help, 2, offered),
        (ben, jam, 20, needed),
    ):
        until = alpha.clock() + make.days(40)
        await make.a_proposal(alpha, by, **what, **kind, quantity=Decimal(amount), until=until)
    assert len(await rings.found(alpha)) == 1
    for by in (ann, ben):
        await says_yes(alpha, by)
    assert await rings.states(alpha) == ["committed"]
    assert await rings.left(alpha) == {
        "offer Marillenmarmelade": (0, "closed"),
        "request Marillenmarmelade": (10, "open"),
        "offer Fahrrad reparieren": (0, "closed"),
        "request Fahrrad reparieren": (1, "open"),
    }


async def test_200_ask_in_two_cities_for_the_last_ten_beside_what_a_circle_holds(
    alpha: City, beta: City
) -> None:
    ann, ben = await proposed(alpha, alpha)
    await settle(alpha, beta)
    query = "select id from proposals where title = 'Marillenmarmelade' and purpose = 'offer'"
    id, there = await alpha.value(query), await beta.value(query)
    await alpha.execute("insert into hand_outs (proposal_id, rule) values (%s, 'first')", id)
    here = [await make.a_person(alpha, f"here_{at}") for at in range(100)]
    far = [await make.a_person(beta, f"far_{at}") for at in range(100)]

    async def ask(city: City, person: Actor, listing: UUID) -> None:
        try:
            async with city.instance.begin() as tx:
                offer = await listings.get(tx.conn, listing)
                terms = Terms(Decimal(1), "jar", "swap")
                await agreements.ask(tx, by=person, proposal=offer, terms=terms)
        except Conflict:
            return

    for person in far:
        await ask(beta, person, there)
    locals_ask = [ask(alpha, person, id) for person in here]
    await asyncio.gather(settle(beta, alpha), says_yes(alpha, ann), *locals_ask)
    await settle(alpha, beta)
    promised = """select coalesce(sum(amount), 0) from agreements
                  where proposal_id = %s and state = 'agreed'"""
    held = await alpha.value("select coalesce(sum(offer_held), 0) from circle_parts")
    assert await alpha.value("select available from proposals where id = %s", id) == 0
    assert await alpha.value(promised, id) + held == 10
    afar = await alpha.value(
        promised + " and responder_id in (select id from actors where peer = %s)", id, beta.origin
    )
    assert await beta.value(promised, there) == afar
    assert await rings.states(alpha) in (["open"], ["dissolved"])
    assert held in (0, 4)
    assert ben.id != ann.id


@pytest.mark.parametrize(
    "change",
    [
        {"handOvers": []},
        {"handOvers": "x"},
        {"id": None},
        {"endTime": "soon"},
        {"circleState": "?"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_half_a_circle_is_none(alpha: City, beta: City, change: dict[str, Any]) -> None:
    await proposed(alpha, beta)
    circle, parts = await the(alpha)
    document = wire.build(circle, parts, "https://city.example/city")
    assert wire.read(document).parts[0].title == parts[0].title
    with pytest.raises(Malformed):
        wire.read({**document, **change})
