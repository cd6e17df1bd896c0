"""Exchange 1: what fits stands on one's own listing, with the reason in words."""

from datetime import timedelta
from decimal import Decimal

from tests import make
from tests.schema.test_matches import MEIDLING, listed, somebody
from tests.world import City


async def test_right_after_posting_a_need_the_fitting_offers_stand_there(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben", MEIDLING)
    offer = await listed(
        alpha,
        ben,
        "Tomaten",
        quantity=Decimal(15),
        unit="kg",
        until=alpha.clock.now + timedelta(days=3),
    )
    async with await make.log_in(alpha, ann) as browser:
        form = {"title": "Tomaten", "kind": "need", "quantity": "5", "unit": "kg", "until": "week"}
        answer = await browser.submit("/new", form)
        page = await browser.get(answer.headers["location"])
    assert "Wer es hat" in page.text and f'href="{offer.url}#answer"' in page.text
    assert "\u00a0km, bis " in page.text and "noch 15\u00a0kg" in page.text


async def test_others_do_not_see_what_fits(alpha: City) -> None:
    ann, ben = await somebody(alpha, "ann"), await somebody(alpha, "ben")
    await listed(alpha, ben, "Tomaten")
    own = await make.a_proposal(
        alpha, ann, "Tomaten", purpose="request", until=alpha.clock.now + timedelta(days=3)
    )
    async with await make.log_in(alpha, ann) as browser:
        assert "Wer es hat" in (await browser.get(own.url)).text
    async with await make.log_in(alpha, ben) as browser:
        assert "Wer es hat" not in (await browser.get(own.url)).text
