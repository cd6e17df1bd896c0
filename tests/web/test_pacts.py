"""Knowledge bridges on the pages: asked, agreed, ended, named, in one's calendar."""

import re

from tests import bridging, make
from tests.world import City, settle


async def test_a_steward_asks_a_city_and_its_admin_agrees(alpha: City, beta: City) -> None:
    ann, bea = await make.a_person(alpha, "ann"), await make.an_admin(beta, "bea")
    await make.a_community(alpha, ann)
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get("/bridges/new")).text
        side = re.search(r'<option value="([^"]+)"[^>]*>Garden<', page)
        there = await alpha.value(
            "select id from actors where kind = 'city' and host = 'beta.test'"
        )
        assert side and str(there) in page
        form = {
            "side": side[1],
            "other": str(there),
            "title": "Wasser",
            "topics": "Zisternen, Pumpen",
        }
        empty = await browser.submit("/bridges", {**form, "topics": " , "})
        assert empty.status_code == 422 and "mindestens ein Thema" in empty.text
        made = await browser.submit("/bridges", form)
        assert made.status_code == 303
    await settle(alpha, beta)
    async with await make.log_in(beta, bea) as browser:
        assert "bittet um eine Wissensbrücke" in (await browser.get("/notices")).text
        listed = (await browser.get("/bridges")).text
        path = re.search(r'href="(/bridges/[0-9a-f-]{36})"', listed)
        assert path and "Zisternen" in listed
        agreed = await browser.submit(f"{path[1]}/agreement", {"host": ""})
        assert agreed.status_code == 303
    await settle(alpha, beta)
    async with make.guest(alpha) as browser:
        assert "Abgemacht" in (await browser.get(made.headers["location"])).text


async def test_what_nobody_has_agreed_to_is_seen_by_its_places_only(
    alpha: City, beta: City
) -> None:
    bridge = await bridging.asked(alpha, beta)
    path = f"/bridges/{bridge.pact.id}"
    async with make.guest(alpha) as browser:
        assert (await browser.get(path)).status_code == 404
        assert (await browser.get(f"{path}/calendar.ics")).status_code == 404
    async with await make.log_in(alpha, bridge.ann) as browser:
        assert "Cisterns" in (await browser.get(path)).text
    ben = await make.a_person(alpha, "ben")
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.submit(f"{path}/ending", {"reason": "x"})).status_code == 404
        assert (await browser.get("/bridges/new")).status_code == 403


async def test_it_ends_with_a_reason_that_both_read(alpha: City, beta: City) -> None:
    bridge = await bridging.agreed(alpha, beta)
    path = f"/bridges/{bridge.pact.id}"
    async with await make.log_in(alpha, bridge.ann) as browser:
        assert (await browser.submit(f"{path}/ending", {"reason": ""})).status_code == 422
        assert (await browser.submit(f"{path}/ending", {"reason": "Fertig."})).status_code == 303
    await settle(alpha, beta)
    there = await bridging.pact_at(beta, bridge.pact.uri)
    async with make.guest(beta) as browser:
        assert "Fertig." in (await browser.get(f"/bridges/{there.id}")).text


async def test_what_was_built_is_a_link_at_both_ends(alpha: City, beta: City) -> None:
    bridge = await bridging.agreed(alpha, beta)
    path = f"/bridges/{bridge.pact.id}"
    async with await make.log_in(alpha, bridge.ann) as browser:
        bad = {"title": "Zisterne", "uri": "javascript:alert(1)"}
        assert (await browser.submit(f"{path}/outcomes", bad)).status_code == 422
        good = {"title": "Zisterne", "uri": f"{alpha.origin}/communities/garden"}
        assert (await browser.submit(f"{path}/outcomes", good)).status_code == 303
        assert "Zisterne" in (await browser.get(path)).text
        await browser.submit(f"{path}/outcomes/removal", {"uri": good["uri"]})
        assert "Zisterne" not in (await browser.get(path)).text


async def test_sessions_come_as_a_calendar(alpha: City, beta: City) -> None:
    bridge = await bridging.agreed(alpha, beta)
    meeting = await bridging.held(alpha, beta, bridge)
    async with make.guest(alpha) as browser:
        for path in (f"/bridges/{bridge.pact.id}", f"/bridges/sessions/{meeting.id}", "/bridges"):
            answer = await browser.get(f"{path}/calendar.ics")
            assert answer.headers["content-type"].startswith("text/calendar")
            assert "SUMMARY:Cisterns\r\n" in answer.text and "Barn / Hall" in answer.text
