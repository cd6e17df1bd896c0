"""Disputes on pages: moderators see what both say, nobody else sees anything."""

from federation.acts import agreements, promises
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
