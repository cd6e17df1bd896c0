"""Exchange 1: a search is kept from its list, with alerts, and forgotten again."""

import re

from tests import make
from tests.world import City


async def test_a_search_is_kept_from_the_list_and_leads_back_to_it(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        page = await browser.get("/offers?q=Leiter&where=here")
        assert "Diese Suche aufheben" in page.text
        given = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        assert given["q"] == "Leiter"
        form = {"purpose": "offer", "q": "Leiter", "category": "", "km": "", "where": "here"}
        await browser.submit("/me/searches", form)
        kept = await browser.get("/me/searches")
        assert 'href="/offers?q=Leiter&amp;where=here"' in kept.text
        id = await alpha.value("select id from searches")
        await browser.submit(f"/me/searches/{id}/alerts", {"alerts": "no"})
        assert "Ohne Nachricht" in (await browser.get("/me/searches")).text
        await browser.submit(f"/me/searches/{id}/removal")
        assert "Keine aufgehobenen Suchen" in (await browser.get("/me/searches")).text


async def test_guests_have_no_button_and_no_page(alpha: City) -> None:
    async with make.guest(alpha) as browser:
        assert "Suche aufheben" not in (await browser.get("/offers?q=Leiter")).text
        answer = await browser.client.get("/me/searches")
    assert answer.status_code == 303
