"""Exchange 10: links in mails work without log-in, by a button; one-click unsubscribing too."""

from federation import taps
from federation.taps import Act
from schema.actors import Actor
from schema.proposals import Proposal
from tests import make
from tests.world import City


async def link(city: City, act: Act, person: Actor, about: Proposal | str) -> str:
    async with city.instance.begin() as tx:
        key = await taps.key(tx.conn)
    thing = about if isinstance(about, str) else about.id
    return "/tap/" + taps.sign(key, act, person.id, thing, city.clock.now)


async def test_opening_asks_and_the_button_answers_the_need_once(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    need = await make.a_proposal(
        alpha, ann, "Leiter", purpose="request", until=alpha.clock.now + make.days(3)
    )
    path = await link(alpha, "help", ben, need)
    async with make.guest(alpha) as browser:
        assert "Sollen wir sagen, dass du helfen kannst?" in (await browser.get(path)).text
        assert await alpha.value("select count(*) from posts") == 0
        for _ in range(2):
            assert "Gesagt." in (await browser.client.post(path)).text
    assert await alpha.value("select source from posts") == "Damit kann ich helfen."
    assert await alpha.value("select author_id from posts") == ben.id


async def test_still_there_renews_and_gone_closes(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    soon = alpha.clock.now + make.days(1)
    offer = await make.a_proposal(alpha, ann, "Leiter", until=soon)
    async with make.guest(alpha) as browser:
        await browser.client.post(await link(alpha, "still", ann, offer))
        assert await alpha.value("select until from proposals") > soon + make.days(10)
        await browser.client.post(await link(alpha, "gone", ann, offer))
    assert await alpha.value("select state from proposals") == "closed"


async def test_a_mail_program_can_end_mails_with_one_post(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with alpha.client() as program:
        path = await link(alpha, "stop", ann, "answers")
        answer = await program.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert await alpha.value("select rhythm from rhythms") == "never"


async def test_bad_and_old_links_and_those_of_others_do_nothing(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    offer = await make.a_proposal(alpha, ann, "Leiter", until=alpha.clock.now + make.days(60))
    async with make.guest(alpha) as browser:
        assert (await browser.client.post("/tap/help_1_2_3_4")).status_code == 404
        theirs = await link(alpha, "gone", ben, offer)
        assert (await browser.client.post(theirs)).status_code == 403
        reply = await link(alpha, "reply", ann, offer)
        assert (await browser.client.post(reply)).status_code == 404
        own = await link(alpha, "gone", ann, offer)
        alpha.clock.now += taps.LIFE
        assert (await browser.client.post(own)).status_code == 404
    assert await alpha.value("select state from proposals") == "open"
