"""Two places talk in one community: what is said in either is read, answered and ended in both."""

import pytest

from federation import resolve
from federation.acts import posts as acts
from federation.acts import threads
from schema import communities, posts, proposals
from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.world import City, settle


@pytest.fixture
async def ben(alpha: City, beta: City, garden: Community) -> Actor:
    """A resident of beta who is a member of alpha's garden."""
    ben = await make.a_person(beta, "ben")
    await talk.join(beta, ben, garden, alpha)
    return ben


async def test_a_member_elsewhere_posts_and_both_sides_reply(
    alpha: City, beta: City, ann: Actor, garden: Community, ben: Actor
) -> None:
    await resolve.handle(beta.instance, "ann@alpha.test")
    source = "Too much of **it**. @ann@alpha.test"
    root = await talk.start(beta, ben, garden, "Compost", source=source)
    await settle(alpha, beta)
    there = await talk.copy(alpha, root)
    assert there and (there.title, there.html, there.scope) == ("Compost", root.html, "everyone")
    assert await talk.told(alpha, ann) == [("mention", "Compost")]
    said = await talk.reply(alpha, ann, root, "I take some.")
    await settle(alpha, beta)
    assert ("answer", "I take some.") in await talk.told(beta, ben)
    await talk.reply(beta, ben, said, "Come by.")
    await settle(alpha, beta)
    for city in (alpha, beta):
        replies = await talk.thread(city, root)
        assert [(reply.html, reply.depth) for reply in replies] == [
            ("<p>I take some.</p>\n", 0),
            ("<p>Come by.</p>\n", 1),
        ]
        counted = await talk.copy(city, root)
        assert counted and counted.replies == 2
        assert await city.value("select count(*) from posts") == 3
    assert await talk.verdicts(alpha) == []


async def test_every_place_with_a_member_reads_it(
    alpha: City, beta: City, gamma: City, garden: Community, ben: Actor
) -> None:
    gil = await make.a_person(gamma, "gil")
    await talk.join(gamma, gil, garden, alpha)
    root = await talk.start(beta, ben, garden)
    await settle(alpha, beta, gamma)
    await talk.reply(gamma, gil, root, "From far away.")
    await settle(alpha, beta, gamma)
    for city in (alpha, beta, gamma):
        assert [reply.author_name for reply in await talk.thread(city, root)] == ["gil"]
        assert await city.value("select count(*) from posts") == 2


async def test_delivered_twice_it_is_one_post(
    alpha: City, beta: City, garden: Community, ben: Actor
) -> None:
    alpha.wire.double = True
    root = await talk.start(beta, ben, garden)
    await settle(alpha, beta)
    await talk.reply(beta, ben, root)
    await settle(alpha, beta)
    for city in (alpha, beta):
        assert await city.value("select count(*) from posts") == 2
        counted = await talk.copy(city, root)
        assert counted and counted.replies == 1


async def test_changes_and_deletions_travel(
    alpha: City, beta: City, ann: Actor, garden: Community, ben: Actor
) -> None:
    root = await talk.start(beta, ben, garden)
    await settle(alpha, beta)
    said = await talk.reply(alpha, ann, root)
    await settle(alpha, beta)
    async with beta.instance.begin() as tx:
        root = await acts.edit(
            tx, by=ben, post=root, title="Seeds, please", source="Now!", language="en"
        )
    async with alpha.instance.begin() as tx:
        await acts.delete(tx, by=ann, post=said)
    await settle(alpha, beta)
    changed = await talk.copy(alpha, root)
    assert changed and (changed.title, changed.html) == ("Seeds, please", "<p>Now!</p>\n")
    gone = await talk.copy(beta, said)
    assert gone and gone.deleted_at and gone.html == ""
    counted = await talk.copy(beta, root)
    assert counted and counted.replies == 0


async def test_a_moderator_removes_what_a_member_elsewhere_said(
    alpha: City, beta: City, ann: Actor, garden: Community, ben: Actor
) -> None:
    root = await talk.start(beta, ben, garden)
    await settle(alpha, beta)
    here = await talk.copy(alpha, root)
    assert here is not None
    async with alpha.instance.begin() as tx:
        await threads.remove(tx, by=ann, post=here, reason="Sold elsewhere")
    await settle(alpha, beta)
    gone = await talk.copy(beta, root)
    assert gone and gone.removed_reason == "Sold elsewhere"
    assert ("removed", "Sold elsewhere") in await talk.told(beta, ben)
    async with alpha.instance.begin() as tx:
        here = await posts.get(tx.conn, here.id)
        await threads.restore(tx, by=ann, post=here)
    await settle(alpha, beta)
    back = await talk.copy(beta, root)
    assert back and back.removed_at is None and back.html == root.html


async def test_a_moderator_elsewhere_removes_pins_and_closes(
    alpha: City, beta: City, ann: Actor, garden: Community, ben: Actor
) -> None:
    root = await talk.start(alpha, ann, garden)
    await settle(alpha, beta)
    for city in (alpha, beta):
        await city.execute("update memberships set role = 'moderator' where role = 'member'")
    there = await talk.copy(beta, root)
    assert there is not None
    async with beta.instance.begin() as tx:
        await threads.pin(tx, by=ben, post=there)
        await threads.lock(tx, by=ben, post=there)
    await settle(alpha, beta)
    here = await talk.copy(alpha, root)
    assert here and here.pinned_at and here.locked_at
    async with beta.instance.begin() as tx:
        await threads.unpin(tx, by=ben, post=there)
        await threads.unlock(tx, by=ben, post=there)
        await threads.remove(tx, by=ben, post=there, reason="Old")
    await settle(alpha, beta)
    here = await talk.copy(alpha, root)
    assert here and here.removed_at and not here.pinned_at and not here.locked_at


async def test_a_stranger_elsewhere_cannot_post_where_only_members_do(
    alpha: City, beta: City, ann: Actor, garden: Community, ben: Actor
) -> None:
    root = await talk.start(alpha, ann, garden)
    await settle(alpha, beta)
    eve = await make.a_person(beta, "eve")
    # Her own city is made to believe that she belongs to it.
    await beta.execute(
        "insert into memberships (community_id, person_id, state) "
        "select community_id, %s, 'member' from memberships limit 1",
        eve.id,
    )
    said = await talk.reply(beta, eve, root, "Let me in")
    await settle(alpha, beta)
    assert await talk.copy(alpha, said) is None
    assert ("Create", "refused", "Only members write in this community.") in await talk.verdicts(
        alpha
    )


async def test_who_was_banned_there_cannot_go_on_from_here(
    alpha: City, beta: City, ann: Actor, garden: Community, ben: Actor
) -> None:
    await alpha.execute(
        "update memberships set state = 'banned', reason = 'Spam' where role = 'member'"
    )
    root = await talk.start(beta, ben, garden)
    await settle(alpha, beta)
    assert await talk.copy(alpha, root) is None


async def test_hidden_communities_stay_among_their_members(
    alpha: City, beta: City, gamma: City, ann: Actor
) -> None:
    secret = await make.a_community(alpha, ann, "secret")
    ben = await make.a_person(beta, "ben")
    await talk.join(beta, ben, secret, alpha)
    for city in (alpha, beta):
        await city.execute("update communities set join_rule = 'hidden'")
    root = await talk.start(alpha, ann, secret, source="Between us")
    await settle(alpha, beta, gamma)
    there = await talk.copy(beta, root)
    assert there and there.scope == "community"
    await talk.reply(beta, ben, root, "Yes")
    await settle(alpha, beta, gamma)
    assert [reply.html for reply in await talk.thread(alpha, root, ann)] == ["<p>Yes</p>\n"]
    assert await talk.thread(alpha, root) == []
    assert await gamma.value("select count(*) from posts") == 0
    said = [passed for passed in alpha.wire.log if b"Between us" in passed.body]
    assert said and all(passed.url.startswith(beta.origin) for passed in said)
    assert (await alpha.document(f"/posts/{root.id}")).status_code == 404
    assert not [passed for passed in said if b"activitystreams#Public" in passed.body]


async def test_a_listing_is_answered_from_elsewhere(
    alpha: City, beta: City, gamma: City, ann: Actor
) -> None:
    ladder = await make.a_proposal(alpha, ann)
    await settle(alpha, beta, gamma)
    ben = await make.a_person(beta, "ben")
    async with beta.instance.read() as conn:
        there = await proposals.find(conn, ladder.uri)
    assert there is not None
    said = await talk.answer(beta, ben, there, "I would take it.")
    await settle(alpha, beta, gamma)
    assert await talk.told(alpha, ann) == [("answer", "I would take it.")]
    await talk.reply(alpha, ann, said, "Come on Friday.")
    await settle(alpha, beta, gamma)
    assert await talk.told(beta, ben) == [("answer", "Come on Friday.")]
    for city in (alpha, beta, gamma):
        async with city.instance.read() as conn:
            listing = await proposals.find(conn, ladder.uri)
            assert listing is not None
            views = await posts.list_answers(conn, listing.id, None)
        assert [view.author_name for view in views] == ["ben", "ann"], city.host
        assert listing.replies == 2


async def test_the_members_elsewhere_see_a_thread_in_the_communitys_list(
    alpha: City, beta: City, ann: Actor, garden: Community, ben: Actor
) -> None:
    await talk.start(alpha, ann, garden)
    await settle(alpha, beta)
    async with beta.instance.read() as conn:
        there = await communities.find_by_uri(conn, garden.uri)
        assert there is not None
        assert [card.title for card in await posts.list_threads(conn, there.actor_id)] == ["Seeds"]
