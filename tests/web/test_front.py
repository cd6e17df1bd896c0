"""The front page for guests and for residents."""

from datetime import timedelta

from federation.acts import posts
from schema import communities
from tests import make
from tests.world import City


async def test_a_guest_learns_what_this_place_is(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann, title="Unser Garten")
    await make.a_community(alpha, ann, "shadow", "hidden", title="Verborgen")
    until = alpha.clock() + timedelta(days=3)
    await make.a_proposal(alpha, ann, "Eine Leiter")
    await make.a_proposal(alpha, ann, "Milch", purpose="request", until=until)
    await make.a_proposal(alpha, ann, "Geheim", scope="city")
    page = (await alpha.get("/")).text
    for words in ("Eine Leiter", "Milch", "Unser Garten", 'href="/join"', 'href="/needs"'):
        assert words in page, words
    assert "beta.test" in page and "gamma.test" in page
    assert "Geheim" not in page and "Verborgen" not in page
    assert page.count("<h1") == 1


async def test_the_front_page_of_an_empty_place_leads_on(alpha: City) -> None:
    page = (await alpha.get("/")).text
    assert "/new?kind=need" in page and "/new?kind=offer" in page


async def test_a_resident_sees_first_what_waits(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    made = await make.a_proposal(alpha, ann, "Eine Leiter", scope="city")
    async with alpha.instance.begin() as tx:
        await posts.answer(tx, by=ben, proposal=made, source="Hier!")
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get("/")).text
    assert page.index("geantwortet") < page.index("Neuester Bedarf")
    assert "Eine Leiter" in page and "Deine ersten Schritte" in page


async def test_a_resident_sees_what_is_near_and_what_is_said(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ben)
    await alpha.execute(
        "update actors set latitude = 48.2, longitude = 16.37 where kind = 'person'"
    )
    await make.a_proposal(alpha, ben, "Weit weg", place_name="Graz")
    await make.a_proposal(alpha, ben, "Ganz nah", place_name="Wien")
    async with alpha.instance.begin() as tx:
        community = await communities.get(tx.conn, garden.actor_id)
        group = await posts.actors.get(tx.conn, community.actor_id)
        await posts.start(tx, by=ben, community=group, title="Gießen", source="Wer gießt?")
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get("/")).text
        assert "Ganz nah" in page and "Weit weg" not in page and "Gießen" not in page
    async with await make.log_in(alpha, ben) as browser:
        assert "Gießen" in (await browser.get("/")).text
