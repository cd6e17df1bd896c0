"""Exchange 9: the desk, the sheet to print, answers by code, cards of a market evening."""

import re

from tests import make
from tests.world import City


async def test_from_the_first_entry_to_an_answer_by_code(alpha: City) -> None:
    admin, ben = await make.an_admin(alpha), await make.a_person(alpha, "ben")
    await make.a_proposal(alpha, ben, "Leiter")
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.get("/desk")).status_code == 403
    async with await make.log_in(alpha, admin) as browser:
        entry = {"kind": "offer", "title": "Gläser", "name": "Frau Weber"}
        assert (await browser.submit("/desk", entry)).status_code == 422
        answer = await browser.submit("/desk", {**entry, "consent": "spoken"})
        assert "Frau Weber" in (await browser.get(answer.headers["location"])).text
        sheet = (await browser.get("/desk/sheet")).text
        code = re.search(r"<strong>(\w\d)</strong> Leiter", sheet)
        assert code and "Gläser" in sheet
        weber = await alpha.value("select account_id from wards")
        form = {"person": str(weber), "code": code.group(1), "text": "Ja, am Freitag."}
        assert (await browser.submit("/desk/answers", {**form, "code": "Q0"})).status_code == 422
        assert (await browser.submit("/desk/answers", form)).status_code == 303
    assert await alpha.value("select source from posts") == "Ja, am Freitag."


async def test_good_cards_are_entered_and_bad_ones_stand_there_to_be_mended(alpha: City) -> None:
    admin = await make.an_admin(alpha)
    lines = (
        "biete;Marmelade;10;Gläser;;Frau Weber;;ja\nbrauche;Holz;1;kg;;Frau  weber;;ja\n"
        "biete;Äpfel;viele;kg;;Herr Huber;;ja\nbiete;Zu alt;1;kg;1.1.2020;Herr Huber;;ja"
    )
    async with await make.log_in(alpha, admin) as browser:
        page = (await browser.submit("/desk/cards", {"lines": lines})).text
    assert "2 Zeilen wurden eingetragen." in page
    assert "Zeile 3: Menge oder Tag ist nicht lesbar." in page and "Zeile 4:" in page
    assert "biete;Äpfel;viele;kg;;Herr Huber;;ja" in page
    assert await alpha.value("select count(*) from wards") == 1
    assert await alpha.value("select count(*) from proposals") == 2


async def test_an_admin_appoints_helpers_who_find_the_way_to_the_desk(alpha: City) -> None:
    admin, ben = await make.an_admin(alpha), await make.a_person(alpha, "ben")
    async with await make.log_in(alpha, ben) as browser:
        assert "/desk" not in (await browser.get("/me")).text
        assert (await browser.submit("/desk/helpers", {"helper": "ben"})).status_code == 403
    async with await make.log_in(alpha, admin) as browser:
        assert (await browser.submit("/desk/helpers", {"helper": "ben"})).status_code == 303
    async with await make.log_in(alpha, ben) as browser:
        assert 'href="/desk"' in (await browser.get("/me")).text
        assert (await browser.get("/desk")).status_code == 200
    async with await make.log_in(alpha, admin) as browser:
        await browser.submit(f"/desk/helpers/{ben.id}/removal")
        log = (await browser.get("/admin/log")).text
    assert log.count("Helfertisch geholt") == log.count("Helfertisch genommen") == 1
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.get("/desk")).status_code == 403
