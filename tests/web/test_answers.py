"""Replies, answers to listings and hashtags, on their pages."""

from schema import posts
from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.world import City, settle


async def only_post(city: City) -> posts.Post:
    async with city.instance.read() as conn:
        id = await city.value("select id from posts order by created limit 1")
        return await posts.get(conn, id)


async def test_a_reply_is_written_to_the_post_that_was_chosen(
    alpha: City, ann: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    said = await talk.reply(alpha, ann, root, "one")
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get(f"{root.url}?to={said.id}")).text
        assert f'name="to" value="{said.id}"' in page and "Du antwortest Ann." in page
        answer = await browser.submit(f"{root.url}/replies", {"source": "two", "to": str(said.id)})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{root.url}#post-")
        assert [r.depth for r in await talk.thread(alpha, root)] == [0, 1]
        moved = await browser.client.get(said.url)
        assert moved.headers["location"] == f"{root.url}#post-{said.id}"


async def test_an_empty_reply_shows_the_thread_again(
    alpha: City, ann: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit(f"{root.url}/replies", {"source": "  "})
    assert answer.status_code == 422
    assert "Bitte schreib etwas." in answer.text and "Seeds" in answer.text


async def test_a_listing_is_answered_on_its_page(alpha: City, ann: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    ben = await make.a_person(alpha, "ben")
    async with await make.log_in(alpha, ben) as browser:
        answer = await browser.submit(
            f"/answers/{ladder.id}", {"ready": "Ist es noch da?", "source": "Am Freitag?"}
        )
        said = await only_post(alpha)
        assert answer.headers["location"] == f"/offers/{ladder.id}#post-{said.id}"
        assert said.source == "Ist es noch da?\n\nAm Freitag?"
        await browser.submit(f"/answers/{ladder.id}", {"source": "Bitte", "to": str(said.id)})
        empty = await browser.submit(f"/answers/{ladder.id}", {"source": ""})
        assert empty.status_code == 422
        moved = await browser.client.get(said.url)
        assert moved.headers["location"] == f"/offers/{ladder.id}#post-{said.id}"
    async with alpha.instance.read() as conn:
        assert [view.depth for view in await posts.list_answers(conn, ladder.id, None)] == [0, 1]


async def test_hashtags_lead_to_what_was_said_under_them(
    alpha: City, ann: Actor, garden: Community
) -> None:
    await talk.start(alpha, ann, garden, "One", source="#Beans and #peas")
    secret = await make.a_community(alpha, ann, "secret", "hidden")
    await talk.start(alpha, ann, secret, "Two", source="#beans")
    page = (await alpha.get("/tags/Beans")).text
    assert ">One</a>" in page and ">Two</a>" not in page
    assert "noch niemand" in (await alpha.get("/tags/nothing")).text


async def test_people_of_known_places_are_met_when_they_are_mentioned(
    alpha: City, beta: City, ann: Actor, garden: Community
) -> None:
    bea = await make.a_person(beta, "bea")
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit(
            "/communities/garden/posts", {"title": "Hi", "source": "Hello @bea@beta.test"}
        )
    await settle(alpha, beta)
    assert await talk.told(beta, bea) == [("mention", "Hi")]


async def test_the_page_says_which_words_are_private_and_which_all_read(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    ladder = await make.a_proposal(alpha, ann)
    async with await make.log_in(alpha, ben) as browser:
        page = (await browser.get(ladder.url)).text
    private, public = page.index("Privat, nur zwischen euch beiden"), page.index("alle lesen</h2>")
    assert page.index('id="ask"') < private < page.index('id="answer"') < public
    assert "bitte stattdessen darum" in page[public:]
