"""My data: taking it along, and closing the account."""

from federation.acts import memberships
from tests import make
from tests.make import a_password, guest
from tests.world import City, settle

PASSWORD = "drei blaue Eimer"


async def test_everything_can_be_taken_along_and_no_secret_is_in_it(alpha: City) -> None:
    ann = await make.a_person(
        alpha, "ann", email="ann@example.org", password_hash=a_password(PASSWORD)
    )
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.client.get("/me/data.json")
    data = answer.json()
    assert data["account"]["email"] == "ann@example.org"
    assert data["account"]["has_password"] is True
    assert data["profile"]["name"] == "ann"
    assert len(data["sessions"]) == 1
    assert "attachment" in answer.headers["content-disposition"]
    assert "argon2" not in answer.text and "PRIVATE" not in answer.text
    assert "token_hash" not in answer.text


async def test_closing_needs_the_name_and_the_password(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann", password_hash=a_password(PASSWORD))
    async with await make.log_in(alpha, ann) as browser:
        for data in (
            {"name": "ben", "current": PASSWORD},
            {"name": "ann", "current": "wrong wrong wrong"},
        ):
            assert (await browser.submit("/me/closing", data)).status_code == 422
        good = await browser.submit("/me/closing", {"name": "@ann", "current": PASSWORD})
        assert good.status_code == 303
        assert (await browser.client.get("/me")).status_code == 303
    assert (await alpha.get("/people/ann")).status_code == 404
    assert (await alpha.document("/people/ann")).status_code == 410
    kept = "select concat_ws('', email, password_hash, answers) from accounts"
    assert await alpha.value(kept) == "{}"


async def test_the_name_of_one_who_left_stays_taken(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/me/closing", {"name": "ann"})
    async with guest(alpha) as browser:
        answer = await browser.submit(
            "/join", {"name": "ann", "title": "Ann", "password": PASSWORD}
        )
    assert answer.status_code == 422


async def test_neighbours_forget_who_closed_the_account(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/me", {"title": "Ann G.", "about": "Trees."})
        await settle(alpha, beta)
        known = "select deleted_at is null from actors where uri = %s"
        assert await beta.value(known, ann.uri) is True
        await browser.submit("/me/closing", {"name": "ann"})
    await settle(alpha, beta)
    assert await beta.value(known, ann.uri) is False
    assert await beta.value("select about_html from actors where uri = %s", ann.uri) == ""


async def test_the_only_admin_cannot_leave(alpha: City) -> None:
    admin = await make.an_admin(alpha, "root_admin")
    async with await make.log_in(alpha, admin) as browser:
        assert (await browser.submit("/me/closing", {"name": "root_admin"})).status_code == 409
        await make.an_admin(alpha, "second")
        assert (await browser.submit("/me/closing", {"name": "root_admin"})).status_code == 303


async def test_who_leads_a_community_alone_hands_it_over_first(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    ben = await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    async with alpha.instance.begin() as tx:
        await memberships.ask(tx, by=ben, community=garden)
    async with await make.log_in(alpha, ann) as browser:
        assert "allein" in (await browser.get("/me/data")).text
        assert (await browser.submit("/me/closing", {"name": "ann"})).status_code == 409
        await alpha.execute("update memberships set role = 'steward' where person_id = %s", ben.id)
        assert (await browser.submit("/me/closing", {"name": "ann"})).status_code == 303
