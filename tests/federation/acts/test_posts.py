"""Starting, replying, answering, changing and taking back, among residents of one place."""

from datetime import timedelta

import pytest

from federation.acts import memberships as membership_acts
from federation.acts import moderation
from federation.acts import posts as acts
from schema import communities, posts, proposals
from schema.actors import Actor
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Invalid, Missing
from schema.posts import Post
from tests import make, talk
from tests.world import City


async def edit(city: City, by: Actor, post: Post, source: str = "New words.") -> Post:
    async with city.instance.begin() as tx:
        return await acts.edit(tx, by=by, post=post, title=post.title, source=source, language="en")


async def delete(city: City, by: Actor, post: Post) -> Post:
    async with city.instance.begin() as tx:
        return await acts.delete(tx, by=by, post=post)


async def block(city: City, blocker: Actor, blocked: Actor) -> None:
    await city.execute(
        "insert into blocks (blocker_id, blocked_id) values (%s, %s)", blocker.id, blocked.id
    )


async def test_a_member_starts_a_thread_that_everyone_reads(
    alpha: City, ann: Actor, garden: Community
) -> None:
    post = await talk.start(alpha, ann, garden, source="Who has **seeds** of #Tomato?")
    assert post.scope == "everyone"
    assert post.html == "<p>Who has <strong>seeds</strong> of #Tomato?</p>\n"
    assert post.tags == ["tomato"]
    async with alpha.instance.read() as conn:
        assert (await posts.view(conn, post.id, None)).title == "Seeds"
        assert [card.id for card in await posts.list_threads(conn, garden.actor_id)] == [post.id]
        assert (await communities.get(conn, garden.actor_id)).last_post == post.created


@pytest.mark.parametrize(
    ("title", "source", "field"),
    [("", "x", "title"), ("x", " ", "source"), ("t" * 201, "x", "title")],
)
async def test_a_thread_needs_title_and_text(
    alpha: City, ann: Actor, garden: Community, title: str, source: str, field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        await talk.start(alpha, ann, garden, title, source=source)
    assert list(wrong.value.fields) == [field]


async def test_who_is_no_member_is_told_why_they_cannot_write(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    thread = await talk.start(alpha, ann, garden)
    with pytest.raises(Forbidden, match="Only members write"):
        await talk.start(alpha, ben, garden)
    with pytest.raises(Forbidden, match="Only members write"):
        await talk.reply(alpha, ben, thread)


async def test_who_waits_for_admission_cannot_write_yet(
    alpha: City, ann: Actor, ben: Actor
) -> None:
    closed = await make.a_community(alpha, ann, "closed", "approval")
    await talk.join(alpha, ben, closed)
    with pytest.raises(Forbidden, match="still waiting"):
        await talk.start(alpha, ben, closed)


async def test_who_is_shut_out_reads_the_reason_and_the_end(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await talk.join(alpha, ben, garden)
    async with alpha.instance.begin() as tx:
        await moderation.ban(
            tx,
            by=ann,
            community=garden,
            person=ben,
            until=alpha.clock() + timedelta(days=3),
            reason="Shouting",
        )
    with pytest.raises(Forbidden) as refused:
        await talk.start(alpha, ben, garden)
    assert refused.value.values["reason"] == "Shouting"
    assert refused.value.values["day"] == f"{alpha.clock() + timedelta(days=3):%Y-%m-%d}"


async def test_who_is_suspended_writes_nowhere(alpha: City, ann: Actor, garden: Community) -> None:
    thread = await talk.start(alpha, ann, garden)
    await alpha.execute(
        "update actors set suspended_until = now() + interval '1 day', suspended_reason = 'Spam' "
        "where id = %s",
        ann.id,
    )
    with pytest.raises(Forbidden, match="cannot write until"):
        await talk.reply(alpha, ann, thread)
    with pytest.raises(Forbidden, match="cannot write until"):
        await edit(alpha, ann, thread)


async def test_whose_account_waits_writes_nowhere(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    ladder = await make.a_proposal(alpha, ann)
    await alpha.execute("update accounts set state = 'waiting' where actor_id = %s", ben.id)
    with pytest.raises(Forbidden, match="waits for approval"):
        await talk.answer(alpha, ben, ladder)


async def test_replies_are_counted_and_told_to_who_is_answered(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await talk.join(alpha, ben, garden)
    root = await talk.start(alpha, ann, garden)
    first = await talk.reply(alpha, ben, root)
    second = await talk.reply(alpha, ann, first, "Which?")
    third = await talk.reply(alpha, ben, second, "Red ones.")
    assert (await talk.told(alpha, ann)) == [("answer", "Red ones."), ("answer", "I have some.")]
    assert (await talk.told(alpha, ben)) == [("answer", "Which?")]
    replies = await talk.thread(alpha, root)
    assert [(r.id, r.depth, r.answers) for r in replies] == [
        (first.id, 0, "Ann"),
        (second.id, 1, "Ben"),
        (third.id, 2, "Ann"),
    ]
    again = await talk.copy(alpha, root)
    assert again and again.replies == 3


async def test_a_reply_stands_below_what_it_answers_also_when_it_came_last(
    alpha: City, ann: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    one = await talk.reply(alpha, ann, root, "one")
    two = await talk.reply(alpha, ann, root, "two")
    late = await talk.reply(alpha, ann, one, "late")
    assert [r.id for r in await talk.thread(alpha, root)] == [one.id, late.id, two.id]


async def test_mentions_become_links_and_notices(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    post = await talk.start(alpha, ann, garden, source="Ask @ben or @nobody, @ann.")
    assert f'<a href="{ben.uri}" class="mention u-url"' in post.html
    assert "@nobody" in post.html and post.html.count("<a ") == 2
    assert await talk.told(alpha, ben) == [("mention", "Seeds")]
    assert await talk.told(alpha, ann) == []


async def test_nobody_is_told_of_what_they_may_not_read(
    alpha: City, ann: Actor, ben: Actor
) -> None:
    secret = await make.a_community(alpha, ann, "secret", "hidden")
    post = await talk.start(alpha, ann, secret, source="Not for @ben.")
    assert post.scope == "community"
    assert await talk.told(alpha, ben) == []
    async with alpha.instance.read() as conn:
        for viewer in (ben.id, None):
            with pytest.raises(Missing):
                await posts.view(conn, post.id, viewer)
        assert (await posts.view(conn, post.id, ann.id)).id == post.id


async def test_blocked_people_are_neither_shown_nor_told(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await talk.join(alpha, ben, garden)
    root = await talk.start(alpha, ann, garden)
    await block(alpha, ann, ben)
    await talk.reply(alpha, ben, root, "Hello @ann")
    assert await talk.told(alpha, ann) == []
    assert await talk.thread(alpha, root, ann) == []
    assert len(await talk.thread(alpha, root)) == 1


async def test_anybody_who_sees_a_listing_may_answer_it(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    ladder = await make.a_proposal(alpha, ann, community=garden)
    said = await talk.answer(alpha, ben, ladder)
    assert (said.scope, said.community_id, said.in_reply_to) == (
        "everyone",
        garden.actor_id,
        ladder.uri,
    )
    await talk.reply(alpha, ann, said, "Thank you")
    assert await talk.told(alpha, ann) == [("answer", "I can help.")]
    async with alpha.instance.read() as conn:
        views = await posts.list_answers(conn, ladder.id, None)
        assert [(view.depth, view.author_name) for view in views] == [(0, "ben"), (1, "ann")]
        assert (await proposals.get(conn, ladder.id)).replies == 2


async def test_an_answer_takes_the_scope_of_its_listing(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    for scope in ("city", "neighbours"):
        ladder = await make.a_proposal(alpha, ann, scope=scope)
        said = await talk.answer(alpha, ben, ladder)
        assert said.scope == scope
        async with alpha.instance.read() as conn:
            with pytest.raises(Missing):
                await posts.view(conn, said.id, None)


async def test_what_members_only_see_only_members_answer(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    ladder = await make.a_proposal(alpha, ann, community=garden, scope="community")
    with pytest.raises((Missing, Forbidden)):
        await talk.answer(alpha, ben, ladder)
    await talk.join(alpha, ben, garden)
    assert (await talk.answer(alpha, ben, ladder)).scope == "community"


async def test_a_withdrawn_listing_cannot_be_answered(alpha: City, ann: Actor, ben: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    await alpha.execute("update proposals set state = 'withdrawn'")
    async with alpha.instance.read() as conn:
        ladder = await proposals.get(conn, ladder.id)
    with pytest.raises(Missing):
        await talk.answer(alpha, ben, ladder)


async def test_only_the_author_changes_and_deletes(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await talk.join(alpha, ben, garden)
    root = await talk.start(alpha, ann, garden)
    for act in (edit, delete):
        with pytest.raises(Forbidden):
            await act(alpha, ben, root)
    changed = await edit(alpha, ann, root)
    assert changed.html == "<p>New words.</p>\n"
    assert changed.updated > root.updated


async def test_a_change_tells_only_those_who_are_newly_mentioned(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden, source="Hello @ben")
    await edit(alpha, ann, root, "Hello again @ben")
    assert len(await talk.told(alpha, ben)) == 1


async def test_what_is_deleted_leaves_its_place_but_no_words(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await talk.join(alpha, ben, garden)
    root = await talk.start(alpha, ann, garden)
    said = await talk.reply(alpha, ben, root)
    await talk.reply(alpha, ann, said, "Great")
    gone = await delete(alpha, ben, said)
    assert (gone.html, gone.source, gone.title) == ("", "", "")
    again = await talk.copy(alpha, root)
    assert again and again.replies == 1
    assert len(await talk.thread(alpha, root)) == 2
    with pytest.raises(Conflict):
        await talk.reply(alpha, ann, said)
    with pytest.raises(Conflict):
        await edit(alpha, ben, gone)


async def test_who_leaves_cannot_go_on_writing(
    alpha: City, ann: Actor, ben: Actor, garden: Community
) -> None:
    await talk.join(alpha, ben, garden)
    root = await talk.start(alpha, ben, garden)
    async with alpha.instance.begin() as tx:
        await membership_acts.leave(tx, by=ben, community=garden)
    with pytest.raises(Forbidden):
        await talk.reply(alpha, ben, root)
