"""The one button below a post."""

from schema import likes
from tests import make, talk
from tests.world import City


async def test_one_finds_helpful_what_others_said_and_not_ones_own(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    post = await talk.start(alpha, ann, garden)
    async with await make.log_in(alpha, ann) as browser:
        assert f"{post.url}/helpful" not in (await browser.get(post.url)).text
        own = await browser.submit(f"{post.url}/helpful", {"on": "1"})
        assert own.status_code == 403
    async with await make.log_in(alpha, ben) as browser:
        for _ in range(2):
            answer = await browser.submit(f"{post.url}/helpful", {"on": "1"})
            assert answer.headers["location"] == post.url
    async with alpha.instance.read() as conn:
        assert await likes.count(conn, post.id) == 1
    assert "1 Person findet das hilfreich" in (await alpha.get(post.url)).text


async def test_what_is_hidden_cannot_be_found_helpful(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    secret = await make.a_community(alpha, ann, "secret", "hidden")
    post = await talk.start(alpha, ann, secret)
    async with await make.log_in(alpha, ben) as browser:
        answer = await browser.submit(f"{post.url}/helpful", {"on": "1"})
    assert answer.status_code == 404
