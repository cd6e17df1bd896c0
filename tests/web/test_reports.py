"""Pages of complaints."""

from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.world import City


async def test_from_the_thread_it_takes_two_taps(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    post = await talk.start(alpha, ann, garden)
    async with await make.log_in(alpha, ben) as browser:
        assert f"/reports/new?post={post.id}" in (await browser.get(post.url)).text
        form = (await browser.get(f"/reports/new?post={post.id}")).text
        assert f'name="post" value="{post.id}"' in form and "Seeds" in form
        assert 'name="forward"' not in form
        sent = await browser.submit("/reports", {"post": str(post.id), "harm": "rules"})
        assert (sent.status_code, sent.headers["location"]) == (303, post.url)
        again = await browser.submit("/reports", {"post": str(post.id), "harm": "rules"})
        assert again.status_code == 409


async def test_listings_and_people_are_reported_alike(alpha: City, ann: Actor, ben: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    async with await make.log_in(alpha, ben) as browser:
        for thing in ({"proposal": str(ladder.id)}, {"actor": "ann"}, {"actor": str(ann.id)}):
            query = "&".join(f"{key}={value}" for key, value in thing.items())
            assert (await browser.get(f"/reports/new?{query}")).status_code == 200
        for thing in ({"proposal": str(ladder.id)}, {"actor": "ann"}):
            data = {**thing, "harm": "other", "text": "odd"}
            assert (await browser.submit("/reports", data)).status_code == 303
        for nothing in ({}, {"actor": "nobody"}, {"actor": "garden"}, {"post": str(ann.id)}):
            assert (
                await browser.submit("/reports", {**nothing, "harm": "hate"})
            ).status_code == 404
    assert await alpha.value("select count(*) from reports") == 2


async def test_what_is_missing_is_said_on_the_same_form(
    alpha: City, ann: Actor, ben: Actor
) -> None:
    async with await make.log_in(alpha, ben) as browser:
        answer = await browser.submit("/reports", {"actor": "ann", "harm": "other"})
    assert answer.status_code == 422
    assert "Bitte sag, was nicht stimmt." in answer.text
    assert 'name="actor" value="ann"' in answer.text


async def test_guests_are_led_to_the_login(alpha: City, ann: Actor) -> None:
    answer = await alpha.get("/reports/new?actor=ann")
    assert answer.status_code == 303 and "/login" in answer.headers["location"]


async def test_the_moderators_of_a_community_settle_what_belongs_to_it(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await talk.join(alpha, ben, garden)
    post = await talk.start(alpha, ben, garden, source="Buy <b>gold</b>")
    eve = await make.a_person(alpha, "eve")
    async with await make.log_in(alpha, eve) as browser:
        data = {"post": str(post.id), "harm": "fraud", "text": "<i>spam</i>"}
        await browser.submit("/reports", data)
        assert (await browser.get("/communities/garden/reports")).status_code == 403
    report = await alpha.value("select id from reports")
    async with await make.log_in(alpha, ben) as browser:
        settled = await browser.submit(f"/reports/{report}/outcome", {"outcome": "Nothing"})
        assert settled.status_code == 403
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get("/communities/garden/reports")).text
        assert "Betrug oder Werbung" in page and "&lt;i&gt;spam" in page
        assert f"/posts/{post.id}/moderate" in page
        answer = await browser.submit(f"/reports/{report}/outcome", {"outcome": "Talked to them"})
        assert answer.headers["location"] == "/communities/garden/reports"
        page = (await browser.get("/communities/garden/reports")).text
    assert "Talked to them" in page and "Nichts wartet" in page
    assert ("report_done", "Talked to them") in await talk.told(alpha, eve)
