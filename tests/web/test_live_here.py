"""Come and live here: written by admins, drawn from what is open and needed."""

from tests import make
from tests.world import City


async def test_an_admin_writes_it_and_guests_see_what_is_open_and_needed(alpha: City) -> None:
    root, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann)
    await make.a_proposal(
        alpha, ann, "Hebamme gesucht", purpose="request", until=alpha.clock() + make.days(9)
    )
    house = {"kind": "house", "title": "Altes Schulhaus", "terms": "free", "place_name": "Graz"}
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/places", house)
    async with await make.log_in(alpha, root) as browser:
        wrong = await browser.submit("/live-here/edit", {"source": "x", "contact": "nobody"})
        assert wrong.status_code == 422
        form = {"source": "Wir haben eine **Schule**.", "contact": "ann"}
        assert (await browser.submit("/live-here/edit", form)).status_code == 303
        assert "eine **Schule**" in (await browser.get("/live-here/edit")).text
    async with make.guest(alpha) as browser:
        page = (await browser.get("/live-here")).text
        assert "<strong>Schule</strong>" in page and 'href="/people/ann"' in page
        assert "Altes Schulhaus" in page and "Hebamme gesucht" in page and "Garden" in page


async def test_residents_do_not_write_it(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.submit("/live-here/edit", {"source": "x"})).status_code == 403
    assert await alpha.value("select count(*) from settling") == 0


async def test_neighbours_lead_there(alpha: City) -> None:
    async with make.guest(alpha) as browser:
        assert "http://beta.test/live-here" in (await browser.get("/network/beta.test")).text
