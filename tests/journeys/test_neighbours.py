"""Cities become neighbours, pause, part and block each other; what that does to residents."""

import pytest

from tests.journeys.stage import Resident, Stage
from tests.world import fast_forward


@pytest.fixture
async def admins(two: Stage) -> tuple[Resident, Resident]:
    """Ann looks after alpha, ben after beta."""
    ann = await two.resident(two.alpha, "ann", admin=True)
    return ann, await two.resident(two.beta, "ben", admin=True)


Admins = tuple[Resident, Resident]


def page_of(resident: Resident) -> str:
    """Where the other admin finds this one's city."""
    return f"/admin/cities/{resident.city.host}"


async def offers(resident: Resident, title: str) -> str:
    return await resident.does("/new", kind="offer", title=title, until="standing")


async def test_cities_part_and_find_each_other_again(two: Stage, admins: Admins) -> None:
    ann, ben = admins
    await offers(ann, "Vorher")
    await ben.sees("Vorher", at="/offers")
    await ann.does(f"{page_of(ben)}/parting")
    await two.moves()
    await offers(ann, "Dazwischen")
    await two.moves()
    page = await ben.reads("/offers")
    assert "Vorher" in page and "Dazwischen" not in page
    assert two.alpha.host not in await ben.reads("/network")

    await ben.does("/admin/cities", address=two.alpha.host)
    await ann.sees(two.beta.host, at="/notices")
    await ann.does(f"{page_of(ben)}/consent")
    await ben.sees(two.alpha.host, at="/network")
    await offers(ann, "Nachher")
    await ben.sees("Nachher", at="/offers")


async def test_a_city_that_is_refused_hears_nothing(two: Stage, admins: Admins) -> None:
    ann, ben = admins
    await ann.does(f"{page_of(ben)}/parting")
    await two.moves()
    await ben.does("/admin/cities", address=two.alpha.host)
    await ann.sees(two.beta.host, at="/admin/cities")
    await ann.does(f"{page_of(ben)}/refusal")
    await two.moves()
    await offers(ann, "Geheimtipp")
    await two.moves()
    assert "Geheimtipp" not in await ben.reads("/offers")
    assert two.beta.host not in await ann.reads("/network")


async def test_a_pause_keeps_everything_for_later(two: Stage, admins: Admins) -> None:
    ann, ben = admins
    await ann.does(f"{page_of(ben)}/switches", publishes="yes", receives="yes", paused="yes")
    await offers(ann, "Pausenbrot")
    await two.moves()
    assert "Pausenbrot" not in await ben.reads("/offers")
    await ann.does(f"{page_of(ben)}/switches", publishes="yes", receives="yes")
    await ben.sees("Pausenbrot", at="/offers")


async def test_each_direction_can_be_closed_alone(two: Stage, admins: Admins) -> None:
    ann, ben = admins
    await ann.does(f"{page_of(ben)}/switches", publishes="yes")
    await offers(ben, "Ungezeigt")
    await offers(ann, "Gesendet")
    await ben.sees("Gesendet", at="/offers")
    assert "Ungezeigt" not in await ann.reads("/offers")
    await ann.does(f"{page_of(ben)}/switches", receives="yes")
    await offers(ann, "Ungesendet")
    await offers(ben, "Gezeigt")
    await ann.sees("Gezeigt", at="/offers")
    assert "Ungesendet" not in await ben.reads("/offers")


async def test_a_block_cuts_what_held_the_cities_together(two: Stage, admins: Admins) -> None:
    ann, ben = admins
    garden = {"title": "Garten", "name": "garden", "purpose": "Beete.", "join_rule": "open"}
    await ann.does("/communities", **garden)
    path = f"/communities/garden@{two.alpha.host}"
    await ben.sees("Garten", at="/communities")
    await ben.does(f"{path}/membership")
    await offers(ben, "Altlast")
    await ann.sees("Altlast", at="/offers")

    await ann.does(f"{page_of(ben)}/block", reason="Nur Werbung von dort.")
    assert "Altlast" not in await ann.reads("/offers")
    assert ben.handle not in await ann.reads("/communities/garden/people")
    await ben.does(f"{path}/posts", title="Hört ihr mich?", source="Hallo!")
    await offers(ben, "Neue Last")
    await offers(ann, "Unter uns")
    await two.moves()
    assert "Hört ihr mich?" not in await ann.reads("/communities/garden")
    assert "Neue Last" not in await ann.reads("/offers")
    assert "Unter uns" not in await ben.reads("/offers")


async def test_after_a_block_the_cities_are_strangers_who_may_ask(
    two: Stage, admins: Admins
) -> None:
    ann, ben = admins
    await ann.does(f"{page_of(ben)}/block", reason="Ein Versehen.")
    await offers(ben, "Währenddessen")
    await two.moves()
    await ann.does(f"{page_of(ben)}/block-end")
    await two.moves()
    for city in two.cities:
        await fast_forward(city)
    await two.moves()
    assert "Währenddessen" not in await ann.reads("/offers")
    await ben.does("/admin/cities", address=two.alpha.host)
    await two.moves()
    await ann.does(f"{page_of(ben)}/consent")
    await two.moves()
    await offers(ben, "Wieder da")
    await ann.sees("Wieder da", at="/offers")
