"""Removing with a reason, restoring, pinning and closing."""

from collections.abc import Awaitable, Callable

import pytest

from federation.acts import threads as acts
from schema import posts
from schema.actors import Actor
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Invalid
from schema.posts import Post
from tests import make, talk
from tests.world import City


async def do(city: City, act: Callable[..., Awaitable[Post]], by: Actor, post: Post) -> Post:
    async with city.instance.begin() as tx:
        return await act(tx, by=by, post=post)


async def remove(city: City, by: Actor, post: Post, reason: str = "Off topic") -> Post:
    async with city.instance.begin() as tx:
        return await acts.remove(tx, by=by, post=post, reason=reason)


@pytest.fixture
async def ben(alpha: City, garden: Community) -> Actor:
    ben = await make.a_person(alpha, "ben")
    await talk.join(alpha, ben, garden)
    return ben


async def test_a_removed_thread_is_gone_from_the_list_and_its_author_reads_why(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    post = await talk.start(alpha, ben, garden)
    await remove(alpha, ann, post)
    assert await talk.told(alpha, ben) == [("removed", "Off topic")]
    async with alpha.instance.read() as conn:
        assert await posts.list_threads(conn, garden.actor_id) == []
        view = await posts.view(conn, post.id, None)
    assert view.removed == "Off topic"


async def test_a_removed_reply_is_not_counted_until_it_is_shown_again(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    said = await talk.reply(alpha, ben, root)
    gone = await remove(alpha, ann, said)
    counted = await talk.copy(alpha, root)
    assert counted and counted.replies == 0
    with pytest.raises(Conflict):
        await remove(alpha, ann, gone)
    back = await do(alpha, acts.restore, ann, gone)
    assert back.html == said.html and not back.is_gone
    counted = await talk.copy(alpha, root)
    assert counted and counted.replies == 1


async def test_a_reason_must_be_given(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    post = await talk.start(alpha, ben, garden)
    with pytest.raises(Invalid):
        await remove(alpha, ann, post, " ")


@pytest.mark.parametrize("act", [acts.pin, acts.unpin, acts.lock, acts.unlock, acts.restore])
async def test_a_plain_member_does_none_of_it(
    alpha: City, ann: Actor, ben: Actor, garden: Community, act: Callable[..., Awaitable[Post]]
) -> None:
    post = await talk.start(alpha, ben, garden)
    with pytest.raises(Forbidden):
        await do(alpha, act, ben, post)
    with pytest.raises(Forbidden):
        await remove(alpha, ben, post)


async def test_in_a_closed_thread_only_moderators_reply(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ben, garden)
    said = await talk.reply(alpha, ben, root)
    await do(alpha, acts.lock, ann, root)
    for above in (root, said):
        with pytest.raises(Forbidden, match="closed for new replies"):
            await talk.reply(alpha, ben, above)
    await talk.reply(alpha, ann, root, "That is all.")
    await do(alpha, acts.unlock, ann, root)
    await talk.reply(alpha, ben, root, "Thanks.")


async def test_pinned_threads_stand_at_the_head(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    old = await talk.start(alpha, ben, garden, "Old")
    new = await talk.start(alpha, ben, garden, "New")
    await talk.reply(alpha, ben, new)

    async def titles() -> list[str]:
        async with alpha.instance.read() as conn:
            return [card.title for card in await posts.list_threads(conn, garden.actor_id)]

    await do(alpha, acts.pin, ann, old)
    assert await titles() == ["Old", "New"]
    await do(alpha, acts.unpin, ann, old)
    assert sorted(await titles()) == ["New", "Old"]
    assert (await titles())[0] == "New" or new.created == old.created


async def test_a_reply_cannot_be_pinned(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    said = await talk.reply(alpha, ben, await talk.start(alpha, ben, garden))
    with pytest.raises(Conflict):
        await do(alpha, acts.pin, ann, said)


async def test_an_admin_of_the_place_keeps_order_in_its_communities(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    admin = await make.an_admin(alpha)
    assert (await remove(alpha, admin, await talk.start(alpha, ben, garden))).removed_at


async def test_below_a_listing_only_the_place_keeps_order(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    said = await talk.answer(alpha, ben, await make.a_proposal(alpha, ann))
    with pytest.raises(Forbidden):
        await remove(alpha, ann, said)
    admin = await make.an_admin(alpha)
    assert (await remove(alpha, admin, said)).removed_at
