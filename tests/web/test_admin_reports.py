"""The queue of those who keep order, and what they do about a report."""

from datetime import timedelta
from typing import Any

import pytest

from federation.acts import reports as acts
from federation.acts.reports import About
from schema import reports
from schema.actors import Actor
from schema.reports import Harm, Report
from tests import make, talk
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle


@pytest.fixture
async def mia(alpha: City) -> Actor:
    """A moderator of the place."""
    mia = await make.a_person(alpha, "mia")
    await alpha.execute("update accounts set role = 'moderator' where actor_id = %s", mia.id)
    return mia


async def complain(city: City, by: Actor, about: About, harm: Harm = "rules") -> Report:
    async with city.instance.begin() as tx:
        return await acts.report(tx, by=by, about=about, harm=harm, text="This is not right.")


async def row(city: City, report: Report) -> Report:
    async with city.instance.read() as conn:
        return await reports.get(conn, report.id)


def decision(measure: str, **more: str) -> dict[str, Any]:
    return {"measure": measure, "outcome": "We have talked.", "reason": "It hurts.", **more}


async def test_residents_see_no_reports_and_settle_none(
    alpha: City, ann: Actor, ben: Actor
) -> None:
    report = await complain(alpha, ben, About(ann))
    async with await make.log_in(alpha, ben) as browser:
        for path in ("/admin/reports", f"/admin/reports/{report.id}"):
            assert (await browser.get(path)).status_code == 403
        answer = await browser.submit(f"/admin/reports/{report.id}", decision("note"))
        assert answer.status_code == 403
    assert (await row(alpha, report)).state == "open"


async def test_the_worst_comes_first(alpha: City, ann: Actor, ben: Actor, mia: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann, "A ladder")
    saw = await make.a_proposal(alpha, ann, "A saw")
    await complain(alpha, ben, About(ann, proposal=ladder))
    await complain(alpha, ben, About(ann, proposal=saw), "danger")
    async with await make.log_in(alpha, mia) as browser:
        page = (await browser.get("/admin/reports")).text
    assert page.index("A saw") < page.index("A ladder")


async def test_a_note_settles_it_and_tells_the_reporter(
    alpha: City, ann: Actor, ben: Actor, mia: Actor
) -> None:
    report = await complain(alpha, ben, About(ann))
    async with await make.log_in(alpha, mia) as browser:
        path = f"/admin/reports/{report.id}"
        assert "This is not right." in (await browser.get(path)).text
        empty = await browser.submit(path, {"measure": "note", "outcome": " "})
        assert empty.status_code == 422
        done = {"measure": "note", "outcome": "All is well."}
        assert (await browser.submit(path, done)).status_code == 303
        assert (await browser.submit(path, done)).status_code == 409
        assert "All is well." in (await browser.get("/admin/reports")).text
    settled = await row(alpha, report)
    assert (settled.state, settled.outcome, settled.handled_by) == ("done", "All is well.", mia.id)
    async with await make.log_in(alpha, ben) as browser:
        assert "All is well." in (await browser.get("/notices")).text
    async with await make.log_in(alpha, ann) as browser:
        assert "All is well." not in (await browser.get("/notices")).text
    log = "select count(*) from admin_log where act = 'settle report' and by_id = %s"
    assert await alpha.value(log, mia.id) == 1


async def test_a_warning_is_read_by_the_person(
    alpha: City, ann: Actor, ben: Actor, mia: Actor
) -> None:
    report = await complain(alpha, ben, About(ann))
    async with await make.log_in(alpha, mia) as browser:
        path = f"/admin/reports/{report.id}"
        answer = await browser.submit(path, decision("warn", reason=""))
        assert answer.status_code == 422 and (await row(alpha, report)).state == "open"
        assert (await browser.submit(path, decision("warn"))).status_code == 303
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get("/notices")).text
    assert "It hurts." in page and "We have talked." not in page


async def test_a_listing_is_removed_for_everybody(
    alpha: City, beta: City, ann: Actor, ben: Actor, mia: Actor
) -> None:
    ladder = await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha, beta)
    assert "A ladder" in (await beta.get("/offers")).text
    report = await complain(alpha, ben, About(ann, proposal=ladder))
    async with await make.log_in(alpha, mia) as browser:
        answer = await browser.submit(f"/admin/reports/{report.id}", decision("remove"))
        assert answer.status_code == 303
    await settle(alpha, beta)
    assert "A ladder" not in (await alpha.get("/offers")).text
    assert "A ladder" not in (await beta.get("/offers")).text
    async with await make.log_in(alpha, ann) as browser:
        assert "It hurts." in (await browser.get("/notices")).text


async def test_a_post_is_removed_and_the_act_is_logged(
    alpha: City, ann: Actor, ben: Actor, mia: Actor
) -> None:
    garden = await make.a_community(alpha, ann)
    post = await talk.start(alpha, ann, garden, "Bad seeds")
    report = await complain(alpha, ben, About(ann, post=post))
    async with await make.log_in(alpha, mia) as browser:
        await browser.submit(f"/admin/reports/{report.id}", decision("remove"))
    assert "*seeds*" not in (await alpha.get(post.url)).text
    log = "select count(*) from admin_log where act = 'remove' and subject = %s"
    assert await alpha.value(log, post.uri) == 1


async def test_an_account_rests_after_a_report_until_a_day(
    alpha: City, ann: Actor, ben: Actor, mia: Actor
) -> None:
    report = await complain(alpha, ben, About(ann))
    path = f"/admin/reports/{report.id}"
    day = (alpha.clock() + timedelta(days=2)).date().isoformat()
    async with await make.log_in(alpha, mia) as browser:
        assert (await browser.submit(path, decision("suspend"))).status_code == 422
        assert (await browser.submit(path, decision("suspend", until=day))).status_code == 303
    assert await alpha.value("select suspended_reason from actors where id = %s", ann.id)
    assert (await row(alpha, report)).state == "done"


async def test_what_cannot_be_done_settles_nothing(
    alpha: City, ann: Actor, ben: Actor, mia: Actor
) -> None:
    root = await make.an_admin(alpha)
    about_ann, about_root = (
        await complain(alpha, ben, About(ann)),
        await complain(alpha, ben, About(root)),
    )
    day = (alpha.clock() + timedelta(days=2)).date().isoformat()
    async with await make.log_in(alpha, mia) as browser:
        answer = await browser.submit(f"/admin/reports/{about_ann.id}", decision("remove"))
        assert answer.status_code == 422
        form = decision("suspend", until=day)
        answer = await browser.submit(f"/admin/reports/{about_root.id}", form)
        assert answer.status_code == 403
    assert (await row(alpha, about_ann)).state == (await row(alpha, about_root)).state == "open"
    assert await alpha.value("select suspended_until from actors where id = %s", root.id) is None


async def test_a_report_from_another_server_is_in_the_queue(
    alpha: City, ann: Actor, mia: Actor, wire: Wire
) -> None:
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    ladder = await make.a_proposal(alpha, ann, "A ladder")
    flag = peer.activity("Flag", [ann.uri, ladder.uri], content="Stolen!")
    assert (await peer.says(alpha, flag)).status_code == 202
    await settle(alpha)
    async with await make.log_in(alpha, mia) as browser:
        page = (await browser.get("/admin/reports")).text
        assert "Stolen!" in page and "peer.test" in page and "A ladder" in page


async def test_people_elsewhere_can_rest_but_not_be_warned(
    alpha: City, beta: City, ann: Actor, mia: Actor
) -> None:
    bob = await make.a_person(beta, "bob")
    await make.a_proposal(beta, bob, "A bad ladder")
    await settle(alpha, beta)
    async with alpha.instance.read() as conn:
        found = await talk.actors.find(conn, bob.uri)
    assert found
    report = await complain(alpha, ann, About(found))
    day = (alpha.clock() + timedelta(days=2)).date().isoformat()
    async with await make.log_in(alpha, mia) as browser:
        path = f"/admin/reports/{report.id}"
        assert 'value="warn"' not in (await browser.get(path)).text
        assert (await browser.submit(path, decision("warn"))).status_code == 422
        assert (await browser.submit(path, decision("suspend", until=day))).status_code == 303
    assert "A bad ladder" not in (await alpha.get("/offers")).text
