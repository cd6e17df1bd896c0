"""Exchange 3: from a need or an offer to thanks, across two cities, whatever the wire does."""

import pytest

from tests.journeys.stage import Resident, Stage
from tests.world import fast_forward


async def path_of(one: Resident, title: str) -> str:
    """The page of the agreement about this, once it stands on the board."""
    page = await one.sees(title, at="/agreements")
    start = page.index('<h3><a href="/agreements/') + len('<h3><a href="')
    return page[start : page.index('"', start)]


async def goes_on(stage: Stage) -> None:
    """Whatever waits is tried again, on both sides."""
    for _ in range(3):
        await stage.moves()
        for city in stage.cities:
            await fast_forward(city)
    await stage.moves()


async def same_on_both_sides(stage: Stage) -> None:
    query = "select md5(string_agg(hash, ',' order by hash)) from agreement_steps"
    assert await stage.alpha.value(query) == await stage.beta.value(query) is not None


async def test_a_part_is_promised_called_off_and_promised_to_somebody_else(two: Stage) -> None:
    ann = await two.resident(two.alpha, "ann")
    ben, bea = await two.resident(two.beta, "ben"), await two.resident(two.beta, "bea")
    offer = {"kind": "offer", "title": "Kartoffeln", "quantity": "20", "unit": "kg"}
    await ann.does("/new", **offer, return_kind="nothing", until="standing")
    there = await ben.finds("Kartoffeln", at="/offers")

    await ben.does(f"{there}/asking", amount="5", words="Am Freitag?")
    hers = await path_of(ann, "Kartoffeln")
    assert "Am Freitag?" in await ann.reads(hers)
    await ann.does(f"{hers}/acceptance", contact="Mühlgasse 7")
    his = await path_of(ben, "Kartoffeln")
    await ben.sees("Mühlgasse 7", at=his)
    await bea.sees("15", at=there)
    assert "Mühlgasse 7" not in await bea.reads(there)
    await bea.tries(f"{there}/asking", amount="20")

    await ben.does(f"{his}/withdrawal", reason="Ich bin krank.")
    await ann.sees("Ich bin krank.", at=hers)
    await two.moves()
    await bea.does(f"{there}/asking", amount="20")
    await two.moves()
    assert await two.alpha.value("select available from proposals") == 20
    again = await path_of(ann, "Kartoffeln")
    await ann.does(f"{again}/acceptance")
    path = await path_of(bea, "Kartoffeln")
    await two.moves()
    await bea.does(f"{path}/hand-over")
    await ann.sees("bestätige", at=again)
    await ann.does(f"{again}/hand-over")
    await two.moves()
    await bea.does(f"{path}/thanks", thanks="Herrliche Erdäpfel!")
    await ann.sees("Herrliche Erdäpfel!", at=again)
    states = "select array_agg(state order by state) from agreements"
    assert await two.alpha.value(states) == await two.beta.value(states) == ["cancelled", "done"]
    await same_on_both_sides(two)
    passed = b"".join(one.body for one in two.alpha.wire.log)
    for word in (b'"Offer"', b'"Agreement"', b'"stipulates"', b'"Accept"', b'"realizationOf"'):
        assert word in passed


@pytest.mark.parametrize("manner", ["cut", "doubled", "reversed", "doubled and reversed"])
async def test_however_the_post_comes_both_cities_end_with_the_same(
    two: Stage, manner: str
) -> None:
    ann, ben = await two.resident(two.alpha, "ann"), await two.resident(two.beta, "ben")
    need = {"kind": "need", "title": "Umzugshilfe", "quantity": "6", "unit": "h"}
    await ann.does("/new", **need, return_kind="nothing", until="weeks")
    there = await ben.finds("Umzugshilfe", at="/needs")
    wire = two.alpha.wire
    wire.double = "doubled" in manner
    await ben.does(f"{there}/asking", amount="2", words="Zwei Stunden.")
    hers = await path_of(ann, "Umzugshilfe")
    his = await path_of(ben, "Umzugshilfe")
    if manner == "cut":
        wire.cut(two.beta.host)
    elif "reversed" in manner:
        wire.hold()
    await ann.does(f"{hers}/acceptance", contact="Am Markt 3")
    await ann.does(f"{hers}/lateness")
    await ann.does(f"{hers}/letters", text="Bis gleich.")
    await ann.does(f"{hers}/hand-over")
    await two.moves()
    if manner == "cut":
        wire.mend(two.beta.host)
    elif "reversed" in manner:
        wire.keep_doubles(2 if "doubled" in manner else 1)
        await wire.release()
    await goes_on(two)
    await ben.sees("Bis gleich.", at=his)
    await ben.does(f"{his}/hand-over")
    await goes_on(two)
    states = "select array_agg(state) from agreements"
    assert await two.alpha.value(states) == await two.beta.value(states) == ["done"]
    assert await two.beta.value("select available from proposals") == 4
    await same_on_both_sides(two)


async def test_a_need_is_met_between_cities_that_really_talk(stage: Stage) -> None:
    ann, ben = await stage.resident(stage.alpha, "ann"), await stage.resident(stage.beta, "ben")
    await ann.does("/new", kind="need", title="Leiter leihen", return_kind="lend", until="weeks")
    there = await ben.finds("Leiter leihen", at="/needs")
    await ben.does(f"{there}/asking", amount="1")
    hers = await path_of(ann, "Leiter leihen")
    await ann.does(f"{hers}/acceptance")
    his = await path_of(ben, "Leiter leihen")
    await ben.sees("/hand-over", at=his)
    await ben.does(f"{his}/hand-over")
    await ann.does(f"{hers}/hand-over")
    await ben.sees("/return", at=his)
    await ben.does(f"{his}/return")
    await ann.sees("/thanks", at=hers)
