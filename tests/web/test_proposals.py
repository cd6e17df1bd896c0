"""The lists of needs and offers, the page of one, and what can be done there."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import AsyncCursor

from federation.acts import posts
from tests import make
from tests.make import Browser
from tests.world import City, settle

CARD = re.compile(r'<h3><a href="([^"]+)"[^>]*>([^<]+)</a></h3>')


async def listed(browser: Browser, path: str) -> list[str]:
    page = await browser.get(path)
    assert page.status_code == 200, page.text
    return [title for _, title in CARD.findall(page.text)]


async def test_needs_and_offers_have_lists_of_their_own(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    until = alpha.clock() + timedelta(days=3)
    await make.a_proposal(alpha, ann, "Eine Leiter")
    await make.a_proposal(alpha, ann, "Milch", purpose="request", until=until)
    async with make.guest(alpha) as guest:
        assert await listed(guest, "/needs") == ["Milch"]
        assert await listed(guest, "/offers") == ["Eine Leiter"]


async def test_a_list_can_be_narrowed_by_words_kind_distance_and_place(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await alpha.execute(
        "update actors set latitude = 48.2, longitude = 16.37, place_name = 'Wien' where id = %s",
        ann.id,
    )
    await make.a_proposal(alpha, ann, "Äpfel", category="food.fruit", place_name="Graz")
    await make.a_proposal(alpha, ann, "Bohrmaschine", category="tool.power", place_name="Wien")
    async with await make.log_in(alpha, ann) as browser:
        assert await listed(browser, "/offers?q=apfel") == ["Äpfel"]
        assert await listed(browser, "/offers?category=tool") == ["Bohrmaschine"]
        assert await listed(browser, "/offers?category=food&leaf=food.fruit") == ["Äpfel"]
        assert await listed(browser, "/offers?category=food&leaf=food.veg") == []
        assert await listed(browser, "/offers?km=25") == ["Bohrmaschine"]
        assert len(await listed(browser, "/offers?where=here")) == 2
        assert await listed(browser, "/offers?where=network") == []
        page = await browser.get("/offers?category=tool")
        assert 'value="tool" checked' in page.text
        assert "(1)" in page.text
        assert await listed(
            browser, "/offers?category=nonsense&km=7&where=moon&before=x&q=%00"
        ) == [
            "Bohrmaschine",
            "Äpfel",
        ]


async def test_the_pager_leads_through_all(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    for number in range(27):
        await make.a_proposal(alpha, ann, f"Ding {number}")
    async with make.guest(alpha) as guest:
        first = await guest.get("/offers?where=here")
        older = re.search(r'href="([^"]+)" rel="next"', first.text)
        assert older, "no way on"
        second = await guest.get(older[1].replace("&amp;", "&"))
        found = {*CARD.findall(first.text), *CARD.findall(second.text)}
        assert len(found) == 27
        assert 'rel="prev"' in second.text and 'rel="next"' not in second.text


async def test_an_empty_list_shows_the_next_step(alpha: City) -> None:
    async with make.guest(alpha) as guest:
        assert "/new?kind=offer" in (await guest.get("/offers")).text
        assert "Nichts gefunden" in (await guest.get("/offers?q=nichts")).text


async def test_the_page_of_one_says_everything_about_it(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    made = await make.a_proposal(
        alpha,
        ann,
        "Viele Äpfel",
        garden,
        source="Zum **Abholen**.",
        quantity=Decimal(20),
        unit="kg",
        return_kind="swap",
        return_note="Birnen",
        scope="neighbours",
        place_name="Graz",
        category="food.fruit",
    )
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get(made.url)).text
    for words in ("<strong>Abholen</strong>", "20\u00a0kg", "Birnen", "Graz", "Garden", "Obst"):
        assert words in page, words
    assert "Sichtbar in:" in page and "2 Nachbarstädten" in page
    assert page.count("<h1") == 1
    async with make.guest(alpha) as guest:
        assert (await guest.get(made.url)).status_code == 404


async def test_a_listing_under_the_other_address_is_found(alpha: City) -> None:
    made = await make.a_proposal(alpha, await make.a_person(alpha, "ann"))
    answer = await alpha.get(f"/needs/{made.id}")
    assert (answer.status_code, answer.headers["location"]) == (303, made.url)


async def test_the_words_of_a_listing_cannot_become_markup(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    attack = "<script>alert(1)</script>\"'>"
    made = await make.a_proposal(
        alpha, ann, attack, source=attack, return_note=attack, place_name=attack
    )
    async with await make.log_in(alpha, ann) as browser:
        for path in (made.url, "/offers", f"{made.url}/edit", "/", "/offers?q=" + attack):
            assert "<script>alert" not in (await browser.get(path)).text, path


@pytest.mark.parametrize("act", ["closing", "withdrawal", "renewal"])
async def test_only_its_author_has_the_buttons_and_may_press_them(alpha: City, act: str) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    made = await make.a_proposal(alpha, ann)
    async with await make.log_in(alpha, ben) as other, await make.log_in(alpha, ann) as own:
        assert act not in (await other.get(made.url)).text
        assert act in (await own.get(made.url)).text
        assert (await other.submit(f"{made.url}/{act}")).status_code == 403
        assert (await own.submit(f"{made.url}/{act}")).status_code == 303


async def test_the_life_of_an_offer_on_its_page(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    made = await make.a_proposal(alpha, ann, until=alpha.clock() + timedelta(days=1))
    async with await make.log_in(alpha, ann) as own, make.guest(alpha) as guest:
        alpha.clock.now += timedelta(days=2)
        await alpha.execute("update proposals set until = now() - interval '1 hour'")
        assert "Die Zeit ist um" in (await guest.get(made.url)).text
        assert "Verlängere es" in (await own.get(made.url)).text
        wrong = await own.submit(f"{made.url}/renewal", {"until_day": "2001-01-01"})
        assert wrong.status_code == 422 and "der noch kommt" in wrong.text
        assert (await own.submit(f"{made.url}/renewal", {"until": "week"})).status_code == 303
        assert "Die Zeit ist um" not in (await guest.get(made.url)).text
        await own.submit(f"{made.url}/closing")
        assert (
            "Erledigt" in (await guest.get(made.url)).text
            or "Done" in (await guest.get(made.url)).text
        )
        answer = await own.submit(f"{made.url}/withdrawal")
        assert answer.headers["location"] == "/offers"
        assert (await own.get(made.url)).status_code == 404


async def test_a_moderator_removes_and_must_say_why(alpha: City) -> None:
    ann, root = await make.a_person(alpha, "ann"), await make.an_admin(alpha)
    made = await make.a_proposal(alpha, ann)
    async with await make.log_in(alpha, root) as moderator, await make.log_in(alpha, ann) as own:
        assert "/removal" not in (await own.get(made.url)).text
        assert "/removal" in (await moderator.get(made.url)).text
        assert (await own.submit(f"{made.url}/removal", {"reason": "x"})).status_code == 403
        assert (await moderator.submit(f"{made.url}/removal")).status_code == 422
        done = await moderator.submit(f"{made.url}/removal", {"reason": "Werbung."})
        assert done.status_code == 303
        assert "Werbung." in (await own.get(made.url)).text
        assert (await moderator.get(made.url)).status_code == 200
    assert (await alpha.get(made.url)).status_code == 404


async def test_answers_stand_below_and_can_be_given(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    made = await make.a_proposal(alpha, ann, "Eine Leiter")
    await settle(alpha, beta)
    there: Any = await beta.value("select id from proposals where uri = %s", made.uri)
    async with await make.log_in(beta, ben) as browser:
        page = await browser.get(f"/offers/{there}")
        assert "alpha.test" in page.text and 'id="answer"' in page.text
        answer = await browser.submit(f"/answers/{there}", {"source": "Ich nehme sie."})
        assert answer.status_code == 303, answer.text
    await settle(alpha, beta)
    page = await alpha.get(made.url)
    assert "Ich nehme sie." in page.text and "beta.test" in page.text


async def test_hot_pages_need_few_queries(alpha: City, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    made = await make.a_proposal(alpha, ann, "Eine Leiter")
    async with alpha.instance.begin() as tx:
        await posts.answer(tx, by=ben, proposal=made, source="Hier!")
    asked: list[object] = []
    execute = AsyncCursor.execute

    async def count(self: Any, query: Any, *more: Any, **kind: Any) -> Any:
        asked.append(query)
        return await execute(self, query, *more, **kind)

    async with await make.log_in(alpha, ben) as reader, make.guest(alpha) as guest:
        await alpha.execute("update accounts set created = now() - interval '90 days'")
        for browser in (reader, guest):
            for path in ("/", "/offers", "/offers?q=leiter&category=tool", made.url):
                await browser.get(path)
                monkeypatch.setattr(AsyncCursor, "execute", count)
                asked.clear()
                await browser.get(path)
                monkeypatch.setattr(AsyncCursor, "execute", execute)
                assert len(asked) <= 4, (path, asked)
