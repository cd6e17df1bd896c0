"""Exchange 4, circles: of three people in three cities, whatever the wire and the cities do."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from federation import circles
from federation.acts import circle_ends
from federation.rig import Ordered
from tests import rings
from tests.journeys.stage import Resident, Stage
from tests.world import City, fast_forward

NAMES = ("ann", "ben", "cem")


async def three_people(stage: Stage) -> list[Resident]:
    """One in each city, who could give to each other in a circle; it is found and proposed."""
    people = [
        await stage.resident(city, name) for city, name in zip(stage.cities, NAMES, strict=True)
    ]
    await rings.joins(*stage.cities)
    await rings.a_ring(*((one.city, one.actor) for one in people), scope="neighbours")
    await stage.moves()
    (circle,) = await rings.found(stage.alpha)
    await stage.moves()
    assert circle.state == "open"
    return people


async def says(one: Resident, answer: str) -> None:
    await one.does(f"{await page_of(one)}/answer", answer=answer)


async def page_of(one: Resident) -> str:
    query = "select '/circles/' || id from circles order by created desc limit 1"
    return await one.city.value(query)


async def time_passes(stage: Stage) -> None:
    """Three days and more; every city does what it does by itself, and asks whom it has to ask."""
    for city in stage.cities:
        await fast_forward(city, rings.LATER)
    await mends(stage)


async def mends(stage: Stage) -> None:
    for _ in range(3):
        await stage.moves()
        for city in stage.cities:
            await fast_forward(city)
            async with city.instance.begin() as tx:
                await circle_ends.end_due(tx)
            for uri in await waiting(city):
                try:
                    await circles.ask(city.instance, uri)
                except circles.TROUBLE:
                    continue
    await stage.moves()


async def waiting(city: City) -> list[str]:
    async with city.instance.read() as conn:
        rows = await conn.execute(
            "select uri from circles where state = 'open' and asked_at is not null"
        )
        return [row[0] for row in await rows.fetchall()]


async def assert_nothing_is_held(stage: Stage, starts: list[Any]) -> None:
    assert [await rings.left(city) for city in stage.cities] == starts
    for city in stage.cities:
        held = "select count(*) from circle_parts where offer_held > 0 or need_held > 0"
        assert await city.value(held) == 0
        assert await city.value("select count(*) from agreements") == 0


async def assert_all_is_agreed(stage: Stage) -> None:
    assert await rings.states(*stage.cities) == ["committed"] * 3
    for city in stage.cities:
        assert await city.value("select array_agg(state) from agreements") == ["agreed"] * 2
        assert await city.value("select count(*) from circle_parts where offer_held > 0") == 0
        left = await rings.left(city)
        assert sorted(state for _, state in left.values()) == ["closed", "open"]


async def test_three_browsers_in_three_cities_close_a_circle(three: Stage) -> None:
    ann, ben, cem = await three_people(three)
    path = await page_of(ann)
    page = await ann.sees("Ein Tauschkreis zu 3 ist möglich", at=path)
    assert "Du gibst Ben: 4\u00a0Gläser „Marillenmarmelade“" in page
    assert "Ben gibt Cem: 2\u00a0Stunden „Fahrrad reparieren“" in page
    assert "Cem gibt dir: 150\u00a0Stück „Dachziegel“" in page
    for one in (ann, ben, cem):
        await one.sees("Ein Tauschkreis ist möglich", at="/notices")
        await says(one, "yes")
        await three.moves()
    await assert_all_is_agreed(three)
    assert (await rings.left(three.alpha))["offer Marillenmarmelade"] == (6, "open")
    for one in (ann, ben, cem):
        page = await one.sees("Der Kreis ist geschlossen", at=await page_of(one))
        assert page.count('href="/agreements/') == 2  # what one gives and what one gets
        board = await one.reads("/agreements")
        assert board.count('<h3><a href="/agreements/') == 2
    passed = b"".join(one.body for one in three.alpha.wire.log)
    for word in (b'"Circle"', b'"Agreement"', b'"stipulates"', b'"Accept"'):
        assert word in passed


async def test_what_a_circle_promised_is_handed_over_and_thanked_for(three: Stage) -> None:
    people = await three_people(three)
    for one in people:
        await says(one, "yes")
        await three.moves()
    for one in people:
        for path in await agreements_of(one):
            await one.does(f"{path}/hand-over")
            await three.moves()
    for one in people:
        for path in await agreements_of(one):
            await one.does(f"{path}/thanks", thanks="Danke!")
            await three.moves()
    for city in three.cities:
        assert await city.value("select array_agg(state) from agreements") == ["done"] * 2
        assert await city.value("select count(*) from thanks") == 4


async def agreements_of(one: Resident) -> list[str]:
    async with one.city.instance.read() as conn:
        rows = await conn.execute("select '/agreements/' || id from agreements order by key")
        return [row[0] for row in await rows.fetchall()]


async def test_one_no_dissolves_it_everywhere_and_frees_everything(three: Stage) -> None:
    ann, ben, cem = await three_people(three)
    starts = [await rings.left(city) for city in three.cities]
    await says(ann, "yes")
    await says(ben, "yes")
    assert (await rings.left(three.beta))["offer Fahrrad reparieren"] == (1, "open")
    await three.moves()
    await says(cem, "no")
    await three.moves()
    assert await rings.states(*three.cities) == ["dissolved"] * 3
    await assert_nothing_is_held(three, starts)
    await ann.sees("Bei jemandem passt es nicht", at=await page_of(ann))
    assert await rings.found(three.alpha) == []  # not once more


@pytest.mark.parametrize("manner", ["cut", "doubled", "reversed", "doubled and reversed"])
@pytest.mark.parametrize("last", ["yes", "no"])
async def test_however_the_post_comes_all_cities_end_with_the_same(
    three: Stage, manner: str, last: str
) -> None:
    wire = three.alpha.wire
    wire.double = "doubled" in manner
    people = await three_people(three)
    starts = [await rings.left(city) for city in three.cities]
    await says(people[0], "yes")
    if manner == "cut":
        wire.cut(three.beta.host)
    elif "reversed" in manner:
        wire.hold()
    await says(people[1], "yes")
    await says(people[2], last)
    await three.moves()
    if manner == "cut":
        wire.mend(three.beta.host)
    elif "reversed" in manner:
        wire.keep_doubles(2 if "doubled" in manner else 1)
        await wire.release()
    await mends(three)
    if last == "yes":
        await assert_all_is_agreed(three)
    else:
        assert await rings.states(*three.cities) == ["dissolved"] * 3
        await assert_nothing_is_held(three, starts)


@pytest.mark.parametrize("heard", [0, 1, 2])
async def test_a_cut_link_until_the_time_is_over_dissolves_it_everywhere(
    three: Stage, heard: int
) -> None:
    people = await three_people(three)
    starts = [await rings.left(city) for city in three.cities]
    for number, one in enumerate(people):
        if number == heard:
            for city in three.cities:
                three.alpha.wire.cut(city.host)
        await says(one, "yes")
        await three.moves()
    await time_passes(three)
    for city in three.cities:
        three.alpha.wire.mend(city.host)
    await mends(three)
    assert await rings.states(*three.cities) == ["dissolved"] * 3
    await assert_nothing_is_held(three, starts)


async def test_a_word_that_is_lost_is_asked_for_and_all_commit(three: Stage) -> None:
    people = await three_people(three)
    for one in people[1:]:
        await says(one, "yes")
    await three.moves()
    three.alpha.wire.cut(three.beta.host)
    await says(people[0], "yes")
    await three.moves()
    await three.alpha.execute("delete from deliveries where peer = %s", three.beta.origin)
    assert await rings.states(*three.cities) == ["committed", "open", "committed"]
    three.alpha.wire.mend(three.beta.host)
    await time_passes(three)
    await assert_all_is_agreed(three)


async def test_who_gave_up_before_the_yes_of_all_came_undoes_it_everywhere(three: Stage) -> None:
    people = await three_people(three)
    starts = [await rings.left(city) for city in three.cities]
    for one in people[1:]:
        await says(one, "yes")
    await three.moves()
    three.alpha.wire.cut(three.beta.host)
    await says(people[0], "yes")
    await three.moves()
    await time_passes(three)
    assert await rings.states(*three.cities) == ["committed", "open", "committed"]
    for city in three.cities:
        await fast_forward(city, circle_ends.GRACE)
    await mends(three)
    assert await rings.states(three.beta) == ["dissolved"]
    three.alpha.wire.mend(three.beta.host)
    await mends(three)
    assert await rings.states(*three.cities) == ["dissolved"] * 3
    assert [await rings.left(city) for city in three.cities] == starts
    kept = "select count(*) from agreements where state in ('asked', 'agreed')"
    assert [await city.value(kept) for city in three.cities] == [0, 0, 0]


async def test_where_the_deciding_city_is_gone_all_is_free_a_day_after_the_end(
    three: Stage,
) -> None:
    people = await three_people(three)
    starts = [await rings.left(city) for city in three.cities]
    await says(people[0], "yes")
    await three.moves()
    three.alpha.wire.cut(three.alpha.host)
    for one in people[1:]:
        await says(one, "yes")
    await three.moves()
    others = three.cities[1:]
    for wait, state in ((rings.LATER, "open"), (circle_ends.GRACE, "dissolved")):
        for city in others:
            await fast_forward(city, wait)
            async with city.instance.begin() as tx:
                await circle_ends.end_due(tx)
        assert await rings.states(*others) == [state] * 2
    assert [await rings.left(city) for city in others] == starts[1:]
    # It comes back, and hears the yes of all after the end: it does not commit.
    await fast_forward(three.alpha, rings.LATER)
    three.alpha.wire.mend(three.alpha.host)
    await mends(three)
    assert await rings.states(*three.cities) == ["dissolved"] * 3
    await assert_nothing_is_held(three, starts)


async def test_a_city_that_was_blocked_holds_nothing_after_the_end(three: Stage) -> None:
    people = await three_people(three)
    starts = [await rings.left(city) for city in three.cities]
    await says(people[1], "yes")
    await three.moves()
    await three.beta.execute(
        "update peers set blocked_at = now() where origin = %s", three.alpha.origin
    )
    await fast_forward(three.beta, rings.LATER)
    async with three.beta.instance.begin() as tx:
        await circle_ends.end_due(tx)
    assert await rings.states(three.beta) == ["dissolved"]
    assert await rings.left(three.beta) == starts[1]


async def test_who_is_asked_for_what_was_promised_holds_it_longer(three: Stage) -> None:
    people = await three_people(three)
    for one in people[1:]:
        await says(one, "yes")
    await three.moves()
    three.alpha.wire.cut(three.beta.host)
    await says(people[0], "yes")
    await three.alpha.execute("delete from deliveries where peer = %s", three.beta.origin)
    await three.moves()
    assert await rings.states(*three.cities) == ["committed", "open", "committed"]
    three.alpha.wire.mend(three.beta.host)
    three.alpha.wire.cut(three.alpha.host)
    for wait in (rings.LATER, circle_ends.GRACE):
        for city in three.cities:
            await fast_forward(city, wait)
        await three.moves()
        async with three.beta.instance.begin() as tx:
            await circle_ends.end_due(tx)
        assert await rings.states(three.beta) == ["open"]
    three.alpha.wire.mend(three.alpha.host)
    await mends(three)
    assert await rings.states(*three.cities) == ["committed"] * 3


class Falls:
    """Ends what a city does at one point of the work, once: its transaction leaves nothing."""

    def __init__(self, city: City, point: str) -> None:
        self.point, self.times = point, 0
        city.instance = replace(city.instance, reach=self)
        city.app.state.instance = city.instance

    def __call__(self, point: str, about: str = "") -> None:
        if point == self.point and not self.times:
            self.times += 1
            raise Ordered(point)


async def tries_on(stage: Stage, one: Resident) -> None:
    """Says yes; where the city fell meanwhile, once more."""
    for _ in range(2):
        with suppress(Ordered):
            await says(one, "yes")
            break
    for _ in range(2):
        with suppress(Ordered):
            await mends(stage)


@pytest.mark.parametrize(
    ("who", "point"),
    [
        (0, "circle.offered"),
        (1, "circle.taken"),
        (2, "circle.taken"),
        (0, "circle.held"),
        (1, "circle.held"),
        (0, "circle.committed"),
        (0, "app.dedup"),
        (1, "app.dedup"),
    ],
)
async def test_a_city_that_falls_in_any_phase_gets_up_and_all_commit(
    three: Stage, who: int, point: str
) -> None:
    people = [
        await three.resident(city, name) for city, name in zip(three.cities, NAMES, strict=True)
    ]
    await rings.joins(*three.cities)
    await rings.a_ring(*((one.city, one.actor) for one in people), scope="neighbours")
    await three.moves()
    falls = Falls(three.cities[who], point)
    for _ in range(2):
        with suppress(Ordered):
            await rings.found(three.alpha)
            await mends(three)
            break
    await mends(three)
    for one in people:
        await tries_on(three, one)
    await mends(three)
    assert falls.times == 1
    await assert_all_is_agreed(three)
