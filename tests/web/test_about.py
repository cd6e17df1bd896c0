"""What this place is, its rules, help, language, look, and what machines watch."""

import httpx
import pytest

from tests import make
from tests.world import City


async def test_about_says_what_the_place_is(alpha: City) -> None:
    await make.a_person(alpha, "ann")
    await alpha.execute(
        "insert into settings (key, value) values ('operator', '\"The <choir>\"'),"
        " ('purpose_en', '\"For **all**.\"'), ('sign_up', '\"approval\"')"
    )
    alpha.instance.forget_settings()
    page = (await alpha.get("/about")).text
    assert "The &lt;choir&gt;" in page and "<strong>all</strong>" in page
    assert "1 Mensch" in page and "jemand von hier sieht sich" in page
    assert "/network/beta.test" in page and "/network/gamma.test" in page


@pytest.mark.parametrize("path", ["/about", "/rules", "/help"])
async def test_pages_speak_german_and_english(alpha: City, path: str) -> None:
    german = await alpha.get(path, **{"Accept-Language": "de-AT,de;q=0.9"})
    english = await alpha.get(path, **{"Accept-Language": "en"})
    other = await alpha.get(path, **{"Accept-Language": "fi"})
    assert '<html lang="de"' in german.text and '<html lang="en"' in english.text
    assert '<html lang="en"' in other.text
    assert all(page.status_code == 200 for page in (german, english, other))


async def test_a_chosen_language_stays_and_one_we_do_not_speak_is_not_chosen(alpha: City) -> None:
    async with make.guest(alpha) as browser:
        answer = await browser.submit("/language", {"locale": "en", "back": "/rules"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/rules")
        assert '<html lang="en"' in (await browser.get("/rules")).text
        await browser.submit("/language", {"locale": "xx", "back": "/rules"})
        assert '<html lang="en"' in (await browser.get("/rules")).text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil", ""])
async def test_the_way_back_stays_here(alpha: City, back: str) -> None:
    async with make.guest(alpha) as browser:
        for path in ("/language", "/look"):
            answer = await browser.submit(path, {"back": back})
            assert answer.headers["location"] == "/"


async def test_a_chosen_look_stays(alpha: City) -> None:
    async with make.guest(alpha) as browser:
        assert "data-theme" not in (await browser.get("/about")).text
        await browser.submit("/look", {"theme": "dark", "back": "/about"})
        assert 'data-theme="dark"' in (await browser.get("/about")).text
        await browser.submit("/look", {"theme": "pink", "back": "/about"})
        assert 'data-theme="dark"' in (await browser.get("/about")).text
        await browser.submit("/look", {"theme": "auto", "back": "/about"})
        assert "data-theme" not in (await browser.get("/about")).text


async def test_a_form_without_its_token_is_refused(alpha: City) -> None:
    async with alpha.client() as client:
        assert (await client.post("/language", data={"locale": "en"})).status_code == 403


async def test_without_rules_one_sentence_stands_there(alpha: City) -> None:
    assert "noch niemand Regeln" in (await alpha.get("/rules")).text


async def test_the_city_and_its_server_have_a_page_for_people(alpha: City) -> None:
    assert (await alpha.get("/city")).headers["location"] == "/"
    assert (await alpha.get("/actor")).headers["location"] == "/about"


async def test_what_is_not_there_gets_a_page_and_the_right_status(alpha: City) -> None:
    for path in ("/nothing", "/network/x/y", "/needs/not-an-id"):
        answer = await alpha.get(path)
        assert answer.status_code == 404
        assert "Diese Seite gibt es nicht, oder sie ist nicht für dich gedacht." in answer.text


async def test_machines_see_that_we_live_and_how_it_stands(alpha: City) -> None:
    await make.a_person(alpha, "ann")
    assert (await alpha.get("/livez")).text == "alive\n"
    assert (await alpha.get("/readyz")).text.startswith("ready\n")
    lines = (await alpha.get("/metrics")).text.splitlines()
    assert "stadtnetz_accounts 1" in lines and "stadtnetz_peers_linked 2" in lines
    assert 'stadtnetz_peer_waiting{peer="beta.test"} 0' in lines
    assert "# TYPE stadtnetz_peer_waiting gauge" in lines


async def test_a_database_that_is_away_makes_us_alive_but_not_ready(alpha: City) -> None:
    await alpha.instance.db.close()
    assert (await alpha.get("/livez")).status_code == 200
    answer = await alpha.get("/readyz")
    assert answer.status_code == 503 and "does not answer" in answer.text


async def test_metrics_are_for_this_machine_only(alpha: City) -> None:
    through = await alpha.get("/metrics", **{"X-Forwarded-For": "127.0.0.1"})
    assert through.status_code == 404
    transport = httpx.ASGITransport(alpha.app, client=("9.9.9.9", 40000))
    async with httpx.AsyncClient(transport=transport, base_url=alpha.origin) as client:
        assert (await client.get("/metrics")).status_code == 404
        assert (await client.get("/livez")).status_code == 200
