"""What moderators do on the pages."""

from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.world import City


async def test_an_admin_moderates_what_only_members_read(alpha: City, ann: Actor) -> None:
    secret = await make.a_community(alpha, ann, "secret", "hidden")
    post = await talk.start(alpha, ann, secret)
    admin = await make.an_admin(alpha)
    async with await make.log_in(alpha, admin) as browser:
        assert "Seeds" in (await browser.get(f"{post.url}/moderate")).text
        removed = await browser.submit(f"{post.url}/removal", {"reason": "Harmful"})
        assert removed.headers["location"] == f"{post.url}/moderate"


async def test_moderators_remove_and_show_again(alpha: City, ann: Actor, garden: Community) -> None:
    ben = await make.a_person(alpha, "ben")
    await talk.join(alpha, ben, garden)
    root = await talk.start(alpha, ben, garden, source="Buy gold")
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.get(f"{root.url}/moderate")).status_code == 403
        assert "/moderate" not in (await browser.get(root.url)).text
    async with await make.log_in(alpha, ann) as browser:
        assert f"{root.url}/moderate" in (await browser.get(root.url)).text
        unsaid = await browser.submit(f"{root.url}/removal", {"reason": ""})
        assert unsaid.status_code == 422
        await browser.submit(f"{root.url}/removal", {"reason": "Advertising"})
        assert "Buy gold" in (await browser.get(root.url)).text  # for moderators, folded away
        assert (await alpha.get(root.url)).status_code == 404
        await browser.submit(f"{root.url}/restoration")
        assert "Buy gold" in (await alpha.get(root.url)).text
        for path in ("pin", "lock"):
            assert (await browser.submit(f"{root.url}/{path}", {"on": "1"})).status_code == 303
    page = (await alpha.get(root.url)).text
    assert "Angeheftet" in page and "Geschlossen" in page
