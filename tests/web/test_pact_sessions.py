"""One session on the pages: set, changed, asked about, voted, answered."""

import re

from tests import bridging, make
from tests.world import City, settle


async def test_a_session_is_set_changed_and_called_off(alpha: City, beta: City) -> None:
    bridge = await bridging.agreed(alpha, beta)
    form = {"title": "Brunnen", "day": "2099-05-01", "begins": "18:00", "ends": "17:00"}
    async with await make.log_in(alpha, bridge.ann) as browser:
        path = f"/bridges/{bridge.pact.id}/sessions"
        assert "Raum in Garden" in (await browser.get(f"{path}/new")).text
        assert (await browser.submit(path, form)).status_code == 422
        made = await browser.submit(path, {**form, "ends": "19:30", "link": "https://v.example/1"})
        assert made.status_code == 303
        page = made.headers["location"]
        shown = (await browser.get(page)).text
        assert "18:00" in shown and "https://v.example/1" in shown
        assert 'value="2099-05-01"' in (await browser.get(f"{page}/settings")).text
        off = {**form, "ends": "19:30", "cancelled": "1"}
        assert (await browser.submit(f"{page}/settings", off)).status_code == 303
    await settle(alpha, beta)
    there = await beta.value("select id from meetings where cancelled")
    async with await make.log_in(beta, bridge.bea) as browser:
        assert "abgesagt" in (await browser.get(f"/bridges/sessions/{there}")).text
        assert (await browser.submit(f"/bridges/sessions/{there}/settings", off)).status_code == 403


async def test_residents_of_both_ends_ask_and_vote_without_javascript(
    alpha: City, beta: City
) -> None:
    bridge = await bridging.agreed(alpha, beta)
    meeting = await bridging.held(alpha, beta, bridge)
    bob = await make.a_person(beta, "bob")
    there = await bridging.meeting_at(beta, meeting.uri)
    async with await make.log_in(beta, bob) as browser:
        page = f"/bridges/sessions/{there.id}"
        assert (await browser.submit(f"{page}/questions", {"text": "Ja?"})).status_code == 422
        await browser.submit(f"{page}/questions", {"text": "Wie tief ist der Brunnen?"})
        vote = re.search(
            r'action="(/bridges/questions/[^"]+/vote)"', (await browser.get(page)).text
        )
        assert vote
        for _ in range(2):
            assert (await browser.submit(vote[1], {"on": "1"})).status_code == 303
        assert "1 Person will das wissen" in (await browser.get(page)).text
    await settle(alpha, beta)
    async with await make.log_in(alpha, bridge.ann) as browser:
        page = f"/bridges/sessions/{meeting.id}"
        shown = (await browser.get(page)).text
        assert "Wie tief ist der Brunnen?" in shown and "1 Person will das wissen" in shown
    async with make.guest(alpha) as browser:
        answer = await browser.submit(f"{page}/questions", {"text": "Darf ich fragen?"})
        assert answer.status_code == 303 and "/login" in answer.headers["location"]


async def test_an_answer_is_written_and_rewritten_by_its_end(alpha: City, beta: City) -> None:
    bridge = await bridging.agreed(alpha, beta)
    meeting = await bridging.held(alpha, beta, bridge)
    question = await bridging.ask(alpha, bridge.ann, meeting)
    async with await make.log_in(alpha, bridge.ann) as browser:
        page = f"/bridges/sessions/{meeting.id}"
        assert (
            "How deep is it?"
            in (await browser.get(f"{page}/lessons/new?question={question.id}")).text
        )
        form = {"title": "Drei Meter", "source": "Tief **genug**.", "question": question.uri}
        made = await browser.submit(f"{page}/lessons", form)
        lesson = made.headers["location"]
        assert "<strong>genug</strong>" in (await browser.get(lesson)).text
        assert "Antwort lesen" in (await browser.get(page)).text
        again = await browser.submit(f"{lesson}/settings", {"title": "Vier", "source": "Tiefer."})
        assert again.status_code == 303 and "Tiefer." in (await browser.get(lesson)).text
    await settle(alpha, beta)
    there = await beta.value("select id from lessons")
    async with await make.log_in(beta, bridge.bea) as browser:
        assert "Tiefer." in (await browser.get(f"/bridges/lessons/{there}")).text
        form = {"title": "Mine", "source": "Mine."}
        stolen = await browser.submit(f"/bridges/lessons/{there}/settings", form)
        assert stolen.status_code == 403
