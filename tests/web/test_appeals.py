"""Objecting to a decision: by whom it is about, answered by somebody who keeps order, logged."""

from datetime import timedelta

from federation.acts import accounts, proposals
from schema.actors import Actor
from tests import make
from tests.world import City


async def a_removal(city: City, author: Actor, by: Actor) -> str:
    """A listing is removed; the id of the notice that tells its author."""
    listing = await make.a_proposal(city, author)
    async with city.instance.begin() as tx:
        await proposals.remove(tx, by=by, proposal=listing, reason="Werbung")
    return str(await city.value("select id from notices where kind = 'removed'"))


async def test_an_objection_is_answered_logged_and_told(alpha: City) -> None:
    root, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann", locale="de")
    notice = await a_removal(alpha, ann, root)
    path = f"/notices/{notice}/appeal"
    async with await make.log_in(alpha, ann) as browser:
        assert path in (await browser.get("/notices")).text
        assert "Werbung" in (await browser.get(path)).text
        assert (await browser.submit(path, {"text": " "})).status_code == 422
        assert (await browser.submit(path, {"text": "Ich verkaufe nichts."})).status_code == 303
        assert (await browser.submit(path, {"text": "Noch einmal."})).status_code == 409
        assert "Einspruch geschickt" in (await browser.get("/notices")).text
    mara = await make.an_admin(alpha, "mara")
    async with await make.log_in(alpha, mara) as browser:
        assert "/admin/appeals" in (await browser.get("/admin/reports")).text
        listed = (await browser.get("/admin/appeals")).text
        assert "Ich verkaufe nichts." in listed
        one = f"/admin/appeals/{await alpha.value('select id from appeals')}"
        assert "Werbung" in (await browser.get(one)).text
        empty = await browser.submit(one, {"state": "kept", "answer": ""})
        assert empty.status_code == 422
        form = {"state": "changed", "answer": "Du hast recht."}
        assert (await browser.submit(one, form)).status_code == 303
        assert (await browser.submit(one, form)).status_code == 409
        log = (await browser.get("/admin/log")).text
    assert "Es wurde neu entschieden" in log and "Du hast recht." in log
    async with await make.log_in(alpha, ann) as browser:
        told = (await browser.get("/notices")).text
    assert "Dein Einspruch wurde beantwortet." in told and "Du hast recht." in told
    assert await alpha.value("select count(*) from notices where kind = 'appeal'") == 1


async def test_nobody_objects_for_another_or_answers_without_a_role(alpha: City) -> None:
    root = await make.an_admin(alpha)
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    path = f"/notices/{await a_removal(alpha, ann, root)}/appeal"
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.get(path)).status_code == 404
        assert (await browser.submit(path, {"text": "Doch."})).status_code == 404
        assert (await browser.get("/admin/appeals")).status_code == 403
    assert await alpha.value("select count(*) from appeals") == 0


async def test_a_suspended_person_may_object_and_other_notices_are_no_decisions(
    alpha: City,
) -> None:
    root, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann")
    await make.a_notice(alpha, ann, "mention", by=root)
    async with alpha.instance.begin() as tx:
        until = alpha.clock() + timedelta(days=7)
        await accounts.suspend(tx, by=root, person=ann, until=until, reason="Zu laut")
    mention = await alpha.value("select id from notices where kind = 'mention'")
    banned = await alpha.value("select id from notices where kind = 'banned'")
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit(f"/notices/{mention}/appeal", {"text": "Nein."})
        assert answer.status_code == 404
        answer = await browser.submit(f"/notices/{banned}/appeal", {"text": "Ich war leise."})
        assert answer.status_code == 303
    assert await alpha.value("select text from appeals") == "Ich war leise."


async def test_an_admin_does_not_answer_the_own_objection(alpha: City) -> None:
    root, mara = await make.an_admin(alpha), await make.an_admin(alpha, "mara")
    path = f"/notices/{await a_removal(alpha, mara, root)}/appeal"
    async with await make.log_in(alpha, mara) as browser:
        assert (await browser.submit(path, {"text": "Nein."})).status_code == 303
        one = f"/admin/appeals/{await alpha.value('select id from appeals')}"
        answer = await browser.submit(one, {"state": "changed", "answer": "Stimmt."})
        assert answer.status_code == 403
    assert await alpha.value("select state from appeals") == "open"
