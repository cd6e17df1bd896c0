"""Exchange 2: what the two do on the page of their agreement."""

from decimal import Decimal

from tests import make
from tests.make import Browser
from tests.world import City


async def asked(city: City, **more: object) -> tuple[str, Browser, Browser]:
    """The path of an agreement, its author's browser and the asker's."""
    ann, ben = await make.a_person(city, "ann"), await make.a_person(city, "ben")
    given = {"quantity": Decimal(20), "unit": "kg", "return_kind": "nothing", **more}
    offer = await make.a_proposal(city, ann, "Mehl", **given)
    hers, his = await make.log_in(city, ann), await make.log_in(city, ben)
    answer = await his.submit(f"{offer.url}/asking", {"amount": "5", "words": "Bitte!"})
    return answer.headers["Location"], hers, his


async def test_from_yes_to_thanks(alpha: City) -> None:
    path, hers, his = await asked(alpha)
    yes = await hers.submit(f"{path}/acceptance", {"contact": "Mühlgasse 7"})
    assert yes.status_code == 303
    assert "Mühlgasse 7" in (await his.get(path)).text
    for browser in (hers, his):
        assert (await browser.submit(f"{path}/hand-over")).status_code == 303
    assert await alpha.value("select state from agreements") == "done"
    await his.submit(f"{path}/thanks", {"thanks": "Gutes Mehl!"})
    assert "Gutes Mehl!" in (await hers.get(path)).text
    assert await alpha.value("select text from thanks") == "Gutes Mehl!"


async def test_the_exact_address_is_told_after_agreeing_and_to_the_other_alone(
    alpha: City,
) -> None:
    path, hers, his = await asked(alpha)
    early = await hers.submit(f"{path}/contact", {"contact": "Mühlgasse 7"})
    assert early.status_code == 409
    await hers.submit(f"{path}/acceptance", {"contact": "Mühlgasse 7"})
    root = await make.log_in(alpha, await make.an_admin(alpha))
    await his.submit(f"{path}/objection", {"objection": "Falsche Menge."})
    moderator = await root.get(path)
    assert "Falsche Menge." in moderator.text
    assert "Mühlgasse 7" not in moderator.text


async def test_other_terms_are_proposed_and_agreed_to(alpha: City) -> None:
    path, hers, his = await asked(alpha)
    day = f"{alpha.clock.now.date() + make.days(2)}"
    terms = {"amount": "3", "day": day, "clock": "17:30", "hand_over": "public", "meeting": "Platz"}
    assert (await hers.submit(f"{path}/proposal", terms)).status_code == 303
    assert "Platz" in (await his.get(path)).text
    assert (await his.submit(f"{path}/agreeing")).status_code == 303
    assert await alpha.value("select state from agreements") == "agreed"
    assert await alpha.value("select available from proposals") == 17


async def test_a_reason_goes_with_a_no(alpha: City) -> None:
    path, hers, his = await asked(alpha)
    await hers.submit(f"{path}/refusal", {"reason": "Schon versprochen."})
    assert "Schon versprochen." in (await his.get(path)).text


async def test_what_one_writes_stands_beside_it(alpha: City) -> None:
    path, hers, his = await asked(alpha)
    await his.submit(f"{path}/letters", {"text": "<b>Wann?</b>"})
    page = (await hers.get(path)).text
    assert "&lt;b&gt;Wann?&lt;/b&gt;" in page
    empty = await his.submit(f"{path}/letters", {})
    assert empty.status_code == 422


async def test_a_moderator_settles_what_two_do_not_agree_about(alpha: City) -> None:
    path, hers, his = await asked(alpha)
    await hers.submit(f"{path}/acceptance")
    await his.submit(f"{path}/objection", {"objection": "Es war zu wenig."})
    root = await make.log_in(alpha, await make.an_admin(alpha))
    await his.submit(f"{path}/statement", {"statement": "Drei statt fünf.", "attach": "1"})
    page = await root.get(path)
    assert "Drei statt fünf." in page.text
    place = page.url.path
    settled = await root.submit(place, {"verdict": "Geklärt.", "done": "0"})
    assert settled.status_code == 303
    assert "Geklärt." in (await hers.get(path)).text
    assert await alpha.value("select available from proposals") == 20
