"""A person's page: who sees what, blocking, people of other cities."""

from tests import make
from tests.world import City, settle


async def test_the_page_shows_what_one_offers_needs_and_belongs_to(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_proposal(alpha, ann, "A long ladder", scope="everyone")
    soon = alpha.clock.now + make.days(7)
    await make.a_proposal(
        alpha, ann, "Apples wanted", purpose="request", until=soon, scope="everyone"
    )
    await make.a_community(alpha, ann)
    page = await alpha.get("/people/ann")
    for text in ("A long ladder", "Apples wanted", "Garden"):
        assert text in page.text


async def test_a_guest_does_not_see_what_only_the_city_sees(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    await make.a_proposal(alpha, ann, "Only for us", scope="city")
    assert "Only for us" not in (await alpha.get("/people/ann")).text
    async with await make.log_in(alpha, ben) as browser:
        assert "Only for us" in (await browser.get("/people/ann")).text


async def test_a_hidden_community_does_not_show_on_the_page_of_its_members(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann, "secret", "hidden", "Secret circle")
    assert "Secret circle" not in (await alpha.get("/people/ann")).text
    async with await make.log_in(alpha, ann) as browser:
        assert "Secret circle" in (await browser.get("/people/ann")).text


async def test_a_person_of_a_neighbour_city_has_a_page_here(alpha: City, beta: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/me", {"title": "Ann G.", "about": "I have *trees*."})
    await settle(alpha, beta)
    page = await beta.get(f"/people/ann@{alpha.host}")
    assert page.status_code == 200
    assert "Ann G." in page.text and f"@ann@{alpha.host}" in page.text
    assert "<em>trees</em>" in page.text


async def test_nobody_is_404_and_so_is_the_city(alpha: City) -> None:
    for name in ("nobody", "city", "alpha.test", "ann@nowhere.test"):
        assert (await alpha.get(f"/people/{name}")).status_code == 404


async def test_who_waits_for_approval_is_seen_by_admins_only(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    admin = await make.an_admin(alpha)
    await alpha.execute("update accounts set state = 'waiting' where actor_id = %s", ann.id)
    assert (await alpha.get("/people/ann")).status_code == 404
    for person, status in ((ben, 404), (ann, 200), (admin, 200)):
        async with await make.log_in(alpha, person) as browser:
            assert (await browser.get("/people/ann")).status_code == status


async def test_a_blocked_person_causes_no_notices(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    async with await make.log_in(alpha, ann) as browser:
        assert "/people/ben/blocking" in (await browser.get("/people/ben")).text
        await browser.submit("/people/ben/blocking")
        assert "Du hast diese Person blockiert" in (await browser.get("/people/ben")).text
    await make.a_notice(alpha, ann, "answer", by=ben)
    assert await alpha.value("select count(*) from notices") == 0
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/people/ben/unblocking")
    await make.a_notice(alpha, ann, "answer", by=ben)
    assert await alpha.value("select count(*) from notices") == 1


async def test_one_cannot_block_oneself_or_a_community(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann)
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.submit("/people/ann/blocking")).status_code == 403
        assert (await browser.submit("/people/garden/blocking")).status_code == 404


async def test_a_person_can_be_reported_in_one_tap(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    async with await make.log_in(alpha, ann) as browser:
        assert f"/reports/new?actor={ben.id}" in (await browser.get("/people/ben")).text
