"""A need or an offer from the day it is published to the day it is taken back."""

import pytest

from tests.journeys.stage import Stage
from tests.world import fast_forward


async def test_an_offer_is_seen_answered_changed_closed_and_withdrawn(stage: Stage) -> None:
    ann = await stage.resident(stage.alpha, "ann")
    ben = await stage.resident(stage.beta, "ben")
    offer = await ann.does("/new", kind="offer", title="Leiter", until="standing")
    there = await ben.finds("Leiter", at="/offers")

    await ben.does(there.replace("offers", "answers"), source="Ich hole sie am Freitag.")
    page = await ann.sees("Ich hole sie am Freitag.", at=offer)
    assert ben.handle in page
    assert "Ich hole sie am Freitag." in await ann.sees("Leiter", at="/notices")
    await ann.does(offer.replace("offers", "answers"), source="Gern, ab vier.")
    await ben.sees("Gern, ab vier.", at=there)

    await ann.does(f"{offer}/edit", kind="offer", title="Lange Leiter", until="standing")
    await ben.sees("Lange Leiter", at=there)
    await ann.does(f"{offer}/closing")
    await ben.loses("Leiter", at="/offers")
    assert "Lange Leiter" in await ben.reads(there)
    await ann.does(f"{offer}/withdrawal")
    await ben.loses("Leiter", at=there)


async def test_a_need_is_found_by_words_and_ends_with_its_time(two: Stage) -> None:
    ann = await two.resident(two.alpha, "ann")
    ben = await two.resident(two.beta, "ben")
    await ann.does("/new", kind="need", title="Kompostwürmer", until="week")
    await two.moves()
    assert await ben.finds("Kompostwürmer", at="/needs?q=Kompostwurm")
    assert "Kompostwürmer" not in await ben.reads("/offers")
    await two.beta.execute("update proposals set until = now() - interval '1 minute'")
    await ben.loses("Kompostwürmer", at="/needs")


async def test_while_the_wire_is_cut_nothing_is_lost_and_nobody_waits(three: Stage) -> None:
    alpha, beta, gamma = three.cities
    ann = await three.resident(alpha, "ann")
    ben, gil = await three.resident(beta, "ben"), await three.resident(gamma, "gil")
    alpha.wire.cut(beta.host)
    offer = await ann.does("/new", kind="offer", title="Mostpresse", until="standing")
    await gil.sees("Mostpresse", at="/offers")
    assert "Mostpresse" not in await ben.reads("/offers")
    await ann.does(f"{offer}/edit", kind="offer", title="Große Presse", until="standing")
    await three.moves()
    alpha.wire.mend(beta.host)
    for city in three.cities:
        await fast_forward(city)
    await ben.sees("Große Presse", at="/offers")
    assert "Mostpresse" not in await ben.reads("/offers")


@pytest.mark.parametrize("manner", ["doubled", "reversed", "doubled and reversed"])
async def test_however_the_post_comes_the_story_ends_the_same(two: Stage, manner: str) -> None:
    ann = await two.resident(two.alpha, "ann")
    ben = await two.resident(two.beta, "ben")
    wire = two.alpha.wire
    wire.double = manner == "doubled"
    if "reversed" in manner:
        wire.hold()
    kept = await ann.does("/new", kind="offer", title="Bohnen", until="standing")
    gone = await ann.does("/new", kind="offer", title="Erbsen", until="standing")
    await ann.does(f"{kept}/edit", kind="offer", title="Stangenbohnen", until="standing")
    await ann.does(f"{gone}/withdrawal")
    await two.moves()
    wire.keep_doubles(2 if "doubled" in manner else 1)
    await wire.release()
    page = await ben.sees("Stangenbohnen", at="/offers")
    assert "Erbsen" not in page
    assert page.count("Stangenbohnen</") == 1
    twice = "select count(*) from notices group by kind, by_id, post_id having count(*) > 1"
    assert await two.beta.value(twice) is None
