"""Lists of places to block or to link with: drafts first, then what admins say."""

from collections.abc import AsyncGenerator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from federation.queue import sweep_rows
from tests import make
from tests.make import Browser
from tests.world import City, Wire, settle

MASTODON = """#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate
beta.test,suspend,true,true,They shout.,false
alpha.test,suspend,true,true,It is ourselves.,false
evil.example,suspend,true,true,"Known, for it",false
quiet.example,silence,false,false,Only loud.,false
hid**n.example,suspend,true,true,,true
"""
BLOCKED = "select coalesce(array_agg(host order by host), '{}') from peers where blocked_at notnull"
STATES = "select coalesce(array_agg(host || ' ' || state order by host), '{}') from list_entries"


@pytest.fixture
async def browser(alpha: City) -> AsyncGenerator[Browser]:
    """Of an admin of alpha."""
    async with await make.log_in(alpha, await make.an_admin(alpha)) as browser:
        yield browser


async def do_jobs(*cities: City) -> None:
    for city in cities:
        await city.instance.queue.run_worker_async(
            wait=False,
            install_signal_handlers=False,
            additional_context={"instance": city.instance},
        )
    await settle(*cities)


async def add(browser: Browser, **fields: str) -> str:
    """The address of the new list's page."""
    answer = await browser.submit("/admin/lists", {"title": "A list", "kind": "block", **fields})
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_an_imported_list_blocks_nothing_before_it_is_confirmed(
    alpha: City, beta: City, browser: Browser
) -> None:
    bob = await make.a_person(beta, "bob")
    await make.a_proposal(beta, bob, "A saw")
    await settle(alpha, beta)
    here = await add(browser, text=MASTODON)
    assert await alpha.value(BLOCKED) == []
    page = (await browser.get(here)).text
    assert "2 Vorschläge" in page and "unsere Nachbarstadt" in page and "They shout." in page
    assert "1 Bedarf oder Angebot von dort" in page, "what it would cut"
    assert "quiet.example" not in page and "hid" not in page.replace("hidden", "")
    await browser.submit(f"{here}/refusal", {"host": "beta.test"})
    await browser.submit(f"{here}/confirmation")
    assert await alpha.value(BLOCKED) == ["evil.example"]
    assert await alpha.value(STATES) == ["beta.test refused", "evil.example applied"]
    await browser.submit(f"{here}/confirmation", {"host": "beta.test"})
    assert await alpha.value(BLOCKED) == ["beta.test", "evil.example"]
    assert "A saw" not in (await alpha.get("/offers")).text
    reason = await alpha.value("select reason from peers where host = 'beta.test'")
    assert reason == "A list: They shout."


async def test_a_list_of_another_server_is_read_again_and_taken_back(
    alpha: City, browser: Browser, wire: Wire
) -> None:
    said = ["evil.example\nworse.example\nbad.example\n"]

    async def give(request: Request) -> Response:
        return PlainTextResponse(said[0])

    wire.apps["lists.test"] = Starlette(routes=[Route("/blocks.csv", give)])
    here = await add(browser, address="http://lists.test/blocks.csv")
    await do_jobs(alpha)
    assert "3 Vorschläge" in (await browser.get(here)).text
    await browser.submit(f"{here}/refusal", {"host": "worse.example"})
    await browser.submit(f"{here}/confirmation", {"host": "evil.example"})
    said[0] = "worse.example\nnew.example\n"
    await alpha.execute("update lists set fetched_at = now() - interval '2 days'")
    await sweep_rows(alpha.instance)
    await do_jobs(alpha)
    expected = ["evil.example leaving", "new.example draft", "worse.example refused"]
    assert await alpha.value(STATES) == expected
    assert await alpha.value(BLOCKED) == ["evil.example"], "an admin decides"
    assert "Nicht mehr auf der Liste" in (await browser.get(here)).text
    await browser.submit(f"{here}/confirmation", {"host": "evil.example"})
    assert await alpha.value(BLOCKED) == []
    said[0] = "<html>"
    await browser.submit(f"{here}/reading")
    await do_jobs(alpha)
    assert "Konnte nicht gelesen werden" in (await browser.get(here)).text
    assert await alpha.value(STATES) == expected[1:], "what it said before stands"
    tried = wire.tried("lists.test")
    block = """insert into peers (origin, host, blocked_at) values (%s, 'lists.test', now())
               on conflict (origin) do update set blocked_at = now()"""
    await alpha.execute(block, "http://lists.test")
    await browser.submit(f"{here}/reading")
    await do_jobs(alpha)
    assert wire.tried("lists.test") == tried, "whom we block is not asked whom to block"


async def test_what_one_list_takes_back_another_may_keep(alpha: City, browser: Browser) -> None:
    first, second = [await add(browser, title=t, text="evil.example") for t in ("One", "Two")]
    for here in (first, second):
        await browser.submit(f"{here}/confirmation")
    await alpha.execute("update list_entries set state = 'leaving' where list_id = %s", first[-36:])
    await browser.submit(f"{first}/confirmation", {"host": "evil.example"})
    assert await alpha.value(BLOCKED) == ["evil.example"]


async def test_cities_of_a_list_are_asked_for_a_link(
    alpha: City, beta: City, browser: Browser
) -> None:
    await browser.submit("/admin/cities/beta.test/parting")
    await settle(alpha, beta)
    here = await add(browser, kind="allow", text='["beta.test", "nobody.test", "alpha.test"]')
    await browser.submit(f"{here}/confirmation")
    await do_jobs(alpha)
    await settle(alpha, beta)
    assert await beta.value("select link from peers where host = 'alpha.test'") == "asking"
    assert "alpha.test" not in await alpha.value(STATES)


async def test_what_we_export_others_can_import(alpha: City, beta: City, browser: Browser) -> None:
    here = await add(browser, text="evil.example\n=worse.example")
    await browser.submit(f"{here}/confirmation")
    csv = await browser.get("/admin/cities-export/blocked.csv")
    assert csv.text.splitlines()[0].startswith("#domain,#severity,#reject_media")
    assert csv.headers["content-type"].startswith("text/csv")
    json = (await browser.get("/admin/cities-export/blocked.json")).text
    async with await make.log_in(beta, await make.an_admin(beta)) as other:
        for text in (csv.text, json):
            there = await add(other, text=text)
            assert "evil.example" in (await other.get(there)).text
    linked = (await browser.get("/admin/cities-export/linked.csv")).text
    assert linked.splitlines() == ["#domain", "beta.test", "gamma.test"]
    assert (await browser.get("/admin/cities-export/people.csv")).status_code == 404


async def test_what_is_no_list_is_explained(alpha: City, browser: Browser) -> None:
    for fields, words in (
        ({"text": "[1"}, "keine Liste, die wir lesen"),
        ({"text": '{"entries": 7}'}, "keine Liste, die wir lesen"),
        ({"text": "# nothing\n"}, "kein Ort"),
        ({}, "eines von beiden"),
        ({"address": "http://alpha.test/list"}, "kann nicht verwendet werden"),
    ):
        given = {"title": "A list", "kind": "block", **fields}
        answer = await browser.submit("/admin/lists", given)
        assert answer.status_code == 422 and words in answer.text, fields


async def test_only_admins_see_lists(alpha: City) -> None:
    async with await make.log_in(alpha, await make.a_person(alpha, "ann")) as browser:
        for path in ("/admin/lists", "/admin/cities-export/blocked.csv"):
            assert (await browser.get(path)).status_code == 403
        assert (await browser.submit("/admin/lists", {"title": "x"})).status_code == 403
