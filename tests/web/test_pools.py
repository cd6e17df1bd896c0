"""Exchange 8: "me too" on the page of a need, and the order that comes of it."""

from decimal import Decimal

from tests import make
from tests.schema.test_matches import need, somebody
from tests.world import City, settle


async def test_me_too_and_one_order_through_the_page(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    row = await need(alpha, ann, "Saatkartoffeln", quantity=Decimal(10), unit="kg")
    async with await make.log_in(alpha, ben) as browser:
        assert "Ich auch" in (await browser.get(row.url)).text
        await browser.submit(f"{row.url}/me-too", {"quantity": "7,5"})
        page = (await browser.get(row.url)).text
        assert "2 Menschen brauchen das, 17,5\u00a0kg" in page and "Ich auch" not in page
        day = (alpha.clock.now + make.days(4)).date().isoformat()
        form = {"threshold": "3", "ends": day, "measure": "people", "note": "Hof Maier liefert."}
        assert (await browser.submit(f"{row.url}/pool", {"ends": day})).status_code == 422
        assert (await browser.submit(f"{row.url}/pool", form)).status_code == 303
        page = (await browser.get(row.url)).text
        assert "Eine Bestellung ab 3 Menschen" in page and "Hof Maier liefert." in page
        await browser.submit(f"{row.url}/me-too/removal")
        assert "Ich auch" in (await browser.get(row.url)).text


async def test_a_resident_of_a_neighbour_city_joins_from_their_own_page(
    alpha: City, beta: City
) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(beta, "ben")
    row = await need(alpha, ann, "Saatkartoffeln", quantity=Decimal(10), unit="kg")
    await settle(alpha, beta)
    path = f"/needs/{await beta.value('select id from proposals')}"
    async with await make.log_in(beta, ben) as browser:
        await browser.submit(f"{path}/me-too", {"quantity": "5"})
        await settle(alpha, beta)
        page = (await browser.get(path)).text
        assert "2 Menschen brauchen das, 15\u00a0kg" in page
        assert "Gezählt wird in" in page
        assert "Eine Bestellung oder" not in page
        await browser.submit(f"{path}/me-too/removal")
        await settle(alpha, beta)
        assert "Ich auch" in (await browser.get(path)).text
    assert await alpha.value("select count(*) from me_toos where not gone") == 0
    assert row.quantity == 10
