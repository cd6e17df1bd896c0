"""Disputes on pages: moderators see what both say, nobody else sees anything."""

from federation.acts import agreements, promises
from schema import actors
from schema.agreements import Agreement
from tests import make
from tests.federation.acts.test_agreements import an_offer, asks, kilos
from tests.world import City


async def objected(alpha: City) -> Agreement:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    row = await asks(alpha, ben, await an_offer(alpha, ann), kilos(5), text="Nur unter uns.")
    async with alpha.instance.begin() as tx:
        row = await agreements.accept(tx, by=ann, agreement=row)
        return await promises.object_to(tx, by=ben, agreement=row, text="<b>Faul</b> war es.")


async def test_a_moderator_reads_what_each_says_and_not_their_letters(alpha: City) -> None:
    await objected(alpha)
    root = await make.log_in(alpha, await make.an_admin(alpha))
    page = (await root.get("/disputes")).text
    assert "Potatoes" in page
    path = f"/disputes/{await alpha.value('select id from disputes')}"
    page = (await root.get(path)).text
    assert "Faul" in page
    assert "<b>Faul" not in page
    assert "5\u00a0kg" in page
    assert "Nur unter uns" not in page
    assert (await root.submit(path, {"done": "1"})).status_code == 422
    settled = await root.submit(path, {"done": "1", "verdict": "Es gilt."})
    assert settled.status_code == 303
    assert "Es gilt." in (await root.get(path)).text
    assert await alpha.value("select state from agreements") == "done"


async def test_a_dispute_is_nobody_elses_business(alpha: City) -> None:
    row = await objected(alpha)
    dora = await make.log_in(alpha, await make.a_person(alpha, "dora"))
    path = f"/disputes/{await alpha.value('select id from disputes')}"
    assert (await dora.get(path)).status_code == 404
    assert (await dora.get(row.url)).status_code == 404
    assert (await dora.submit(path, {"verdict": "Ich."})).status_code in (403, 404)
    assert "Potatoes" not in (await dora.get("/disputes")).text
    assert await alpha.value("select state from agreements") == "disputed"


async def test_who_has_said_it_reads_it_again_beside_the_address_they_told(alpha: City) -> None:
    row = await objected(alpha)
    async with alpha.instance.read() as conn:
        ben = await actors.get(conn, row.responder_id)
    async with await make.log_in(alpha, ben) as browser:
        await browser.submit(f"{row.url}/contact", {"contact": "Mühlgasse 7"})
        told = {"statement": "Es roch auch.", "attach": "1"}
        assert (await browser.submit(f"{row.url}/statement", told)).status_code == 303
        page = (await browser.get(row.url)).text
    assert "<blockquote><p>Es roch auch.</p></blockquote>" in page
    assert "Du hast ihr eure Briefe gezeigt." in page
    root = await make.log_in(alpha, await make.an_admin(alpha))
    page = (await root.get(row.url)).text
    assert "Nur unter uns." in page
    assert "Mühlgasse" not in page
