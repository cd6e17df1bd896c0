"""Exchange 10: choosing when one is told, devices, and pages that are told live."""

import asyncio

import pytest

from schema import rhythms
from tests import make, world
from tests.federation.test_push import AUTH, RECEIVER
from tests.world import City
from web.live import MOST, Live


async def test_rhythms_are_chosen_and_kept(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        assert "Wie du es erfährst" in (await browser.get("/me/told")).text
        form = {"about_answers": "weekly", "about_matches": "off", "push": ["answers"]}
        assert (await browser.submit("/me/told", form)).status_code == 303
        assert (await browser.submit("/me/told", {"about_order": "off"})).status_code == 422
        assert (await browser.submit("/me/told", {"about_order": "often"})).status_code == 422
    async with alpha.instance.read() as conn:
        chosen = {choice.topic: choice for choice in await rhythms.list_of(conn, ann.id)}
        assert await rhythms.is_off(conn, ann.id, "matches")
    assert chosen["answers"].rhythm == "weekly" and chosen["answers"].push
    assert chosen["agreements"].rhythm == "now" and not chosen["agreements"].push


async def test_a_browser_is_allowed_and_forgotten_and_rubbish_is_refused(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    good = {"endpoint": "http://push.test/1", "key": RECEIVER, "auth": AUTH}
    async with await make.log_in(alpha, ann) as browser:
        for wrong in ({"key": "AAAA"}, {"auth": "x"}, {"endpoint": "ftp://push.test/1"}):
            answer = await browser.submit("/me/told/device", {**good, **wrong})
            assert answer.status_code == 422
        assert (await browser.submit("/me/told/device", good)).status_code == 303
        assert "1 Browser erfährt es." in (await browser.get("/me/told")).text
        await browser.submit("/me/told/device/removal")
    assert await alpha.value("select count(*) from push_devices") == 0


async def test_the_script_for_pushes_and_the_number_are_served(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_notice(alpha, ann, "role", text="moderator")
    async with await make.log_in(alpha, ann) as browser:
        script = await browser.get("/worker.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert (await browser.get("/notices/unread")).json() == {"unread": 1}


@pytest.mark.sockets
async def test_an_open_page_hears_of_a_new_notice_at_once(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    live = Live(alpha.instance)
    events = live.events(ann.id)
    assert await anext(events) == b"retry: 5000\n\n"
    heard = asyncio.ensure_future(anext(events))
    async with world.patience():
        while not heard.done():
            await make.a_notice(alpha, ben, "mention", by=ann)
            await make.a_notice(alpha, ann, "mention", by=ben)
            await asyncio.wait([heard], timeout=0.2)
    assert heard.result() == b"event: notice\ndata: new\n\n"
    await events.aclose()
    assert not live._open and live._ear is None


async def test_only_so_many_pages_of_one_person_are_told(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    live = Live(alpha.instance)
    streams = [live.events(ann.id) for _ in range(MOST + 1)]
    said = [await anext(stream) for stream in streams]
    assert said[-1] == b"retry: 600000\n\n" and len(set(said[:-1])) == 1
    for stream in streams:
        await stream.aclose()
    assert not live._open
