"""Order is kept across cities: what is removed goes everywhere, who is banned writes nowhere."""

import pytest

from tests.journeys.stage import Resident, Stage

Garden = tuple[Resident, Resident, str]


@pytest.fixture
async def garden(two: Stage) -> Garden:
    """Ann keeps a garden in alpha, ben from beta is a member; and its path in beta."""
    ann = await two.resident(two.alpha, "ann", admin=True)
    ben = await two.resident(two.beta, "ben")
    form = {"title": "Garten", "name": "garden", "purpose": "Beete.", "join_rule": "open"}
    path = f"{await ann.does('/communities', **form)}@{two.alpha.host}"
    await ben.sees("Garten", at="/communities")
    await ben.does(f"{path}/membership")
    await ben.sees("/leaving", at=path)
    return ann, ben, path


async def test_a_removed_thread_is_gone_in_both_cities_and_its_author_reads_why(
    garden: Garden,
) -> None:
    ann, ben, path = garden
    thread = await ben.does(f"{path}/posts", title="Billige Uhren", source="Nur heute!")
    here = await ann.finds("Billige Uhren", at="/communities/garden")
    await ann.does(f"{here}/removal", reason="Das ist Werbung.")
    await ben.loses("Nur heute!", at=thread)
    await ben.sees("Das ist Werbung.", at="/notices")
    assert "Billige Uhren" not in await ben.reads(path)
    await ann.does(f"{here}/restoration")
    await ben.sees("Nur heute!", at=thread)


async def test_who_is_banned_reads_why_and_writes_no_more_until_the_ban_is_over(
    garden: Garden,
) -> None:
    ann, ben, path = garden
    member = f"/communities/garden/people/{ben.handle}"
    await ann.does(f"{member}/ban", length="30", reason="Bitte freundlich bleiben.")
    await ben.sees("Bitte freundlich bleiben.", at="/notices")
    await ben.loses("/leaving", at=path)
    await ben.tries(f"{path}/posts", title="Trotzdem", source="…")
    await ann.does(f"{member}/ban-end")
    await ben.sees("/membership", at=path)
    await ben.does(f"{path}/membership")
    await ben.sees("/leaving", at=path)


async def test_a_complaint_travels_to_the_place_that_can_act(two: Stage, garden: Garden) -> None:
    ann, ben, _ = garden
    offer = await ann.does("/new", kind="offer", title="Wundermittel", until="standing")
    there = await ben.finds("Wundermittel", at="/offers")
    form = {"proposal": there.rpartition("/")[2], "harm": "fraud", "text": "Das hilft nicht."}
    await ben.does("/reports", **form, forward="yes")
    queue = await ann.sees("Das hilft nicht.", at="/admin/reports")
    assert ben.handle not in queue, "the other place is named, not the person who complained"
    await ann.does(f"{offer}/removal", reason="Das ist Betrug.")
    await ben.loses("Wundermittel", at="/offers")


async def test_a_suspended_person_of_another_city_is_not_heard(two: Stage, garden: Garden) -> None:
    ann, ben, path = garden
    await two.alpha.execute(
        "update actors set suspended_until = now() + interval '1 day' where uri = %s", ben.actor.uri
    )
    await ben.does(f"{path}/posts", title="Hallo?", source="Hört mich jemand?")
    await two.moves()
    assert "Hallo?" not in await ann.reads("/communities/garden")
