"""Exchange 5, hours, through the pages: turning them on, giving, the statement, leaving."""

from decimal import Decimal

from schema import ids
from tests import make
from tests.federation.acts.test_hours import a_circle, balance, give, handed_over, join
from tests.world import City, settle


async def test_a_steward_turns_hours_on_and_members_give(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    circle = await make.a_community(alpha, ann, "circle")
    await join(alpha, ben, circle)
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.get(f"{circle.url}/hours")).status_code == 404
        assert (await browser.get(f"{circle.url}/hours/rules")).status_code == 403
    async with await make.log_in(alpha, ann) as browser:
        assert "Regeln für Stunden" in (await browser.get(f"{circle.url}/settings")).text
        form = {"on": "1", "low": "10", "high": "15,5", "balances": "members", "leaving": "zero"}
        assert (await browser.submit(f"{circle.url}/hours/rules", form)).status_code == 303
        page = (await browser.get(f"{circle.url}/hours")).text
        assert "Grenzen: -10 bis 15,5" in page and "Ben (@ben)" in page
        id = page.split('name="id" value="')[1].split('"')[0]
        gift = {"id": id, "to": str(ben.id), "amount": "1,5", "text": "Zaun gestrichen"}
        for _ in range(2):
            assert (await browser.submit(f"{circle.url}/hours", gift)).status_code == 303
        too_much = {**gift, "id": str(ann.id), "amount": "0"}
        assert (await browser.submit(f"{circle.url}/hours", too_much)).status_code == 422
    async with await make.log_in(alpha, ben) as browser:
        page = (await browser.get("/hours")).text
        assert "+1,5" in page and "Zaun gestrichen" in page and "Ann" in page
        assert "Zaun gestrichen" in (await browser.get("/notices")).text
        sheet = (await browser.get(f"{circle.url}/hours")).text
        assert "Ann</a>" in sheet and "-1,5" in sheet
        table = (await browser.get("/hours.csv")).text.splitlines()
        assert table[0].endswith("Tag;Gemeinschaft;Art;Mit wem;Wofür;Stunden;Stand")
        assert table[1].endswith(";Circle;Gegeben;Ann;Zaun gestrichen;1.5;1.5")


async def test_private_balances_are_seen_by_stewards_only(alpha: City) -> None:
    circle, (ann, ben, cem) = await a_circle(alpha, "ann", "ben", "cem")
    await give(alpha, circle, ann, ben, "7.25")
    async with await make.log_in(alpha, cem) as browser:
        page = (await browser.get(f"{circle.url}/hours")).text
        assert "7,25" not in page and "privat" in page
    async with await make.log_in(alpha, ann) as browser:
        assert "7,25" in (await browser.get(f"{circle.url}/hours")).text
    async with make.guest(alpha) as browser:
        assert "Stunden" not in (await browser.get(circle.url)).text


async def test_who_leaves_with_hours_is_asked_first(alpha: City) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben")
    await give(alpha, circle, ann, ben, "3")
    async with await make.log_in(alpha, ben) as browser:
        answer = await browser.submit(f"{circle.url}/leaving")
        assert answer.headers["location"] == f"{circle.url}/leaving"
        page = (await browser.get(f"{circle.url}/leaving")).text
        assert "Du hast hier +3\u00a0Stunden" in page
        assert await balance(alpha, circle, ben) == 3
        await browser.submit(f"{circle.url}/leaving", {"hours": "1"})
    assert await balance(alpha, circle, ben) == 0
    assert await balance(alpha, circle, circle) == 3


async def test_a_steward_corrects_and_takes_over_with_a_reason(alpha: City) -> None:
    circle, (ann, ben, cem) = await a_circle(alpha, "ann", "ben", "cem")
    await give(alpha, circle, ben, cem, "3")
    await give(alpha, circle, cem, ben, "1")
    query = "select booking_id from hour_entries where amount = 1"
    async with await make.log_in(alpha, ann) as browser:
        address = f"{circle.url}/hours/{await alpha.value(query)}/correction"
        assert (await browser.submit(address, {"text": ""})).status_code == 422
        assert (await browser.submit(address, {"text": "Doppelt"})).status_code == 303
        assert (await browser.submit(address, {"text": "Doppelt"})).status_code == 409
        over = {"person": str(cem.id), "text": "Cem zieht weg."}
        assert (await browser.submit(f"{circle.url}/hours/takeover", over)).status_code == 303
        page = (await browser.get(f"{circle.url}/hours")).text
        assert "zurückgenommen" in page and "Cem zieht weg." in page
    assert await balance(alpha, circle, cem) == 0
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.submit(address, {"text": "Doppelt"})).status_code == 403


async def test_the_page_of_an_agreement_shows_its_hours(alpha: City) -> None:
    _, (ann, ben) = await a_circle(alpha, "ann", "ben")
    row = await handed_over(alpha, ann, ben)
    async with await make.log_in(alpha, ben) as browser:
        page = (await browser.get(row.url)).text
        assert "1,5\u00a0Stunden · gebucht" in page
        assert row.url in (await browser.get("/hours")).text


async def test_whoever_asks_says_how_many_hours(alpha: City) -> None:
    _, (ann, ben) = await a_circle(alpha, "ann", "ben")
    offer = await make.a_proposal(alpha, ann, "Mowing", return_kind="hours")
    async with await make.log_in(alpha, ben) as browser:
        assert "Wie viele Stunden dafür" in (await browser.get(offer.url)).text
        assert (await browser.submit(f"{offer.url}/asking", {"hours": "0"})).status_code == 422
        await browser.submit(f"{offer.url}/asking", {"hours": "2,5"})
    assert await alpha.value("select hours from agreements") == Decimal("2.5")


async def test_hours_cross_the_border_through_the_pages_of_both_cities(
    alpha: City, beta: City
) -> None:
    circle, (ann,) = await a_circle(alpha, "ann")
    other, (ben,) = await a_circle(beta, "ben")
    for city, there, most in ((alpha, beta, "50"), (beta, alpha, "12,5")):
        async with await make.log_in(city, await make.an_admin(city)) as browser:
            address = f"/admin/cities/{there.host}"
            assert (await browser.submit(f"{address}/hours", {"most": "-1"})).status_code == 422
            assert (await browser.submit(f"{address}/hours", {"most": most})).status_code == 303
    await settle(alpha, beta)
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get(f"{circle.url}/hours")).text
        assert "An jemanden in einer Nachbarstadt" in page
        gift = {"id": str(ids.new()), "address": f"ben@{beta.host}", "far": "2", "what": "Gleise"}
        assert (await browser.submit(f"{circle.url}/hours/abroad", gift)).status_code == 303
    await settle(alpha, beta)
    assert await balance(beta, other, ben) == 2
    async with await make.log_in(alpha, await make.an_admin(alpha, "chief")) as browser:
        page = (await browser.get(f"/admin/cities/{beta.host}")).text
        assert "ist -2 von ±12,5\u00a0Stunden" in page and "in beiden Städten gebucht" in page
    async with await make.log_in(beta, ben) as browser:
        assert "Gleise" in (await browser.get("/hours")).text


async def test_what_was_booked_can_be_taken_along(alpha: City) -> None:
    circle, (ann, ben) = await a_circle(alpha, "ann", "ben")
    await give(alpha, circle, ann, ben, "1.5")
    async with await make.log_in(alpha, ben) as browser:
        (line,) = (await browser.get("/me/data.json")).json()["hours"]
    assert (line["amount"], line["text"], line["community"]) == (1.5, "For the fence", circle.uri)
