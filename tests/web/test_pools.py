"""Exchange 8: "me too" on the page of a need, and the order that comes of it."""

from decimal import Decimal

from tests import make
from tests.schema.test_matches import need, somebody
from tests.world import City


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
