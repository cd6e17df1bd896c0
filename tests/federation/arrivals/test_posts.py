"""What servers of other makes say in threads, and what they may not."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from federation import inbox, resolve
from federation.acts import posts as post_acts
from schema import activities, actors, posts
from schema.actors import Actor
from schema.communities import Community
from schema.posts import Post
from tests import make, talk
from tests.peer import PUBLIC, Peer, befriend
from tests.world import City, Wire, fast_forward, settle

DOCUMENTS = Path(__file__).parent.parent.parent / "documents"


def load(name: str, parent: str = "") -> dict[str, Any]:
    return json.loads((DOCUMENTS / f"{name}.json").read_text().replace("PARENT", parent))


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    """A server of another make, to which alpha listens, with the person pat and a group bread."""
    far = Peer("far.test", wire).start()
    await befriend(alpha, far)
    far.add_actor("bread", "Group", attributedTo="http://far.test/c/bread/moderators")
    await resolve.actor(alpha.instance, bread(far))
    return far


def bread(far: Peer) -> str:
    return f"{far.origin}/c/bread"


async def join(alpha: City, far: Peer, garden: Community) -> None:
    await far.says(alpha, far.activity("Join", garden.uri, to=[garden.uri]))
    await settle(alpha)


async def found(city: City, uri: str) -> Post | None:
    async with city.instance.read() as conn:
        return await posts.find(conn, uri)


async def say(city: City, far: Peer, kind: str, object: Any, by: str = "", **more: Any) -> int:
    """Said directly by its author; returns the status."""
    answer = await far.says(city, far.activity(kind, object, by, **more), by=by)
    await settle(city)
    return answer.status_code


async def announce(city: City, far: Peer, inner: Any, group: str = "") -> None:
    """Passed on by the group."""
    by = group or bread(far)
    activity = far.activity("Announce", inner, by, to=[PUBLIC], cc=[f"{by}/followers"])
    await far.says(city, activity, by=by)
    await settle(city)


def a_topic(far: Peer, **more: Any) -> dict[str, Any]:
    """A thread of pat's in the group."""
    return far.note(
        name="Oven", to=[bread(far), PUBLIC], audience=bread(far), inReplyTo=None, **more
    )


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("lemmy.page", "Which flour?"),
        ("piefed.page", "Sourdough"),
        ("nodebb.article", "The oven"),
        ("mbin.entry", "Crust"),
        ("peertube.video", "Kneading"),
        ("mastodon.warning", "Food Bread!"),
    ],
)
async def test_a_group_elsewhere_passes_on_a_thread(
    alpha: City, far: Peer, name: str, title: str
) -> None:
    page = load(name)
    far.add(page)
    await announce(alpha, far, far.activity("Create", page))
    await announce(alpha, far, page["id"])
    post = await found(alpha, page["id"])
    assert post and (post.title, post.scope) == (title, "everyone")
    assert await alpha.value("select count(*) from posts") == 1
    assert await alpha.value("select uri from actors where id = %s", post.community_id) == bread(
        far
    )


async def test_a_comment_comes_with_the_thread_it_belongs_to(alpha: City, far: Peer) -> None:
    page, comment = far.add(load("lemmy.page")), load("lemmy.comment")
    far.add(comment)
    await announce(alpha, far, far.activity("Create", comment))
    said, root = await found(alpha, comment["id"]), await found(alpha, page)
    assert root and said and (said.parent_id, said.root_id) == (root.id, root.id)
    assert root.replies == 1


async def test_a_comment_waits_for_a_thread_that_cannot_be_had(alpha: City, far: Peer) -> None:
    page, comment = load("lemmy.page"), load("lemmy.comment")
    deeper = {**comment, "id": f"{far.origin}/comment/3", "inReplyTo": comment["id"]}
    far.add(comment)
    far.add(deeper)
    await announce(alpha, far, far.activity("Create", comment))
    await announce(alpha, far, far.activity("Create", deeper))
    waiting = await found(alpha, comment["id"])
    assert waiting and waiting.is_waiting
    async with alpha.instance.read() as conn:
        assert waiting.community_id
        assert await posts.list_threads(conn, waiting.community_id) == []
    far.add(page)
    await announce(alpha, far, far.activity("Create", page))
    root, below = await found(alpha, page["id"]), await found(alpha, deeper["id"])
    attached = await found(alpha, comment["id"])
    assert root and attached and below
    assert attached.parent_id == root.id and below.parent_id == attached.id
    assert below.root_id == root.id and root.replies == 2


async def test_a_reply_and_its_thread_find_each_other_when_they_come_at_once(
    alpha: City, far: Peer
) -> None:
    page, comment = load("lemmy.page"), load("lemmy.comment")
    for inner in (page, comment):
        activity = far.activity("Create", inner)
        announced = far.activity("Announce", activity, bread(far), to=[PUBLIC])
        await far.says(alpha, announced, by=bread(far))
    async with alpha.instance.read() as conn:
        waiting = await activities.claim(conn, 10, timedelta(minutes=1))
        by = await actors.find(conn, bread(far))
    assert len(waiting) == 2 and by
    far.add(page)
    far.add(comment)
    async with anyio.create_task_group() as group:
        for activity in reversed(waiting):
            group.start_soon(inbox.receive, alpha.instance, activity, by)
    root, said = await found(alpha, page["id"]), await found(alpha, comment["id"])
    assert root and said and said.parent_id == root.id and root.replies == 1
    assert [state for _, state, _ in await talk.verdicts(alpha)] == []


@pytest.mark.parametrize("name", ["mastodon.note", "gotosocial.note", "mitra.note"])
async def test_a_microblog_answers_a_listing(alpha: City, far: Peer, ann: Actor, name: str) -> None:
    ladder = await make.a_proposal(alpha, ann)
    note = load(name, ladder.uri)
    far.add(note)
    assert await say(alpha, far, "Create", note, to=note["to"], cc=note["cc"]) == 202
    said = await found(alpha, note["id"])
    assert said and (said.proposal_id, said.scope) == (ladder.id, "everyone")
    ((kind, text),) = await talk.told(alpha, ann)
    assert kind == "answer" and "I have some" in text


async def test_an_answer_for_the_author_alone_is_shown_to_nobody_else(
    alpha: City, far: Peer, ann: Actor
) -> None:
    ladder = await make.a_proposal(alpha, ann)
    eve = await make.a_person(alpha, "eve")
    note = far.note("<p>my phone: 1234</p>", to=[ann.uri], cc=[], inReplyTo=ladder.uri)
    await say(alpha, far, "Create", note)
    async with alpha.instance.read() as conn:
        assert await posts.list_answers(conn, ladder.id, None) == []
        assert await posts.list_answers(conn, ladder.id, eve.id) == []
        (seen,) = await posts.list_answers(conn, ladder.id, ann.id)
    assert "1234" in seen.html


async def test_a_member_writes_from_a_microblog_and_the_group_passes_it_on(
    alpha: City, far: Peer, ann: Actor, garden: Community
) -> None:
    await join(alpha, far, garden)
    root = await talk.start(alpha, ann, garden)
    await settle(alpha)
    far.heard.clear()
    note = load("mastodon.note", root.uri)
    far.add(note)
    await say(alpha, far, "Create", note, to=note["to"], cc=note["cc"])
    (reply,) = await talk.thread(alpha, root)
    assert reply.author_name == "pat" and reply.scope == "everyone"
    relayed = [heard["object"] for heard in far.heard if heard["type"] == "Announce"]
    assert relayed[0]["object"] == note and relayed[1] == note["id"]


async def test_a_stranger_is_refused_in_a_group_of_members(
    alpha: City, far: Peer, ann: Actor, garden: Community
) -> None:
    root = await talk.start(alpha, ann, garden)
    note = load("mastodon.note", root.uri)
    far.add(note)
    await say(alpha, far, "Create", note)
    assert await found(alpha, note["id"]) is None
    topic = far.note(name="Hello", to=[garden.uri, PUBLIC], audience=garden.uri)
    await say(alpha, far, "Create", topic)
    assert await found(alpha, topic["id"]) is None
    assert [state for _, state, _ in await talk.verdicts(alpha)] == ["refused", "refused"]


async def test_a_vote_becomes_no_reply(alpha: City, far: Peer, ann: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    vote = load("mastodon.vote", ladder.uri)
    far.add(vote)
    await say(alpha, far, "Create", vote)
    assert await found(alpha, vote["id"]) is None


async def test_a_mention_out_of_any_thread_is_told(alpha: City, far: Peer, ann: Actor) -> None:
    tag = [{"type": "Mention", "href": ann.uri, "name": "@ann@alpha.test"}]
    note = far.note("<p>@ann hello</p>", cc=[ann.uri], tag=tag)
    await say(alpha, far, "Create", note)
    assert await talk.told(alpha, ann) == [("mention", "@ann hello")]
    letter = far.note("<p>psst</p>", to=[ann.uri], cc=[], tag=tag)
    await say(alpha, far, "Create", letter)
    assert await found(alpha, letter["id"]) is None


async def test_what_concerns_nobody_here_is_not_kept(alpha: City, far: Peer) -> None:
    note = far.note()
    await say(alpha, far, "Create", note)
    assert await found(alpha, note["id"]) is None
    assert [state for _, state, _ in await talk.verdicts(alpha)] == ["ignored"]


async def test_newer_words_replace_older_ones_and_never_the_other_way(
    alpha: City, far: Peer
) -> None:
    page = a_topic(far)
    await announce(alpha, far, far.activity("Create", page))
    later = {**page, "content": "<p>later</p>", "updated": "2100-01-01T00:00:00Z"}
    at = datetime.now(UTC)
    for content, updated in (
        ("<p>second</p>", at + timedelta(minutes=2)),
        ("<p>first</p>", at + timedelta(minutes=1)),
    ):
        later = {**page, "content": content, "updated": updated.isoformat()}
        far.add(later)
        await announce(alpha, far, far.activity("Update", later))
    post = await found(alpha, page["id"])
    assert post and post.html == "<p>second</p>"


async def test_an_edit_without_a_time_counts_as_now(alpha: City, far: Peer, ann: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    note = far.note(inReplyTo=ladder.uri, published="2026-01-01T00:00:00Z")
    await say(alpha, far, "Create", note)
    await say(alpha, far, "Update", {**note, "content": "<p>changed</p>"})
    post = await found(alpha, note["id"])
    assert post and post.html == "<p>changed</p>"


async def test_another_author_of_the_same_server_changes_and_deletes_nothing(
    alpha: City, far: Peer, ann: Actor
) -> None:
    ladder = await make.a_proposal(alpha, ann)
    eve = far.add_actor("eve")
    note = far.note(inReplyTo=ladder.uri)
    await say(alpha, far, "Create", note)
    forged = {**note, "content": "<p>forged</p>", "updated": "2026-12-01T00:00:00Z"}
    await say(alpha, far, "Update", forged, by=eve)
    await say(alpha, far, "Update", {**forged, "attributedTo": eve}, by=eve)
    await say(alpha, far, "Delete", note["id"], by=eve)
    await say(alpha, far, "Delete", {"type": "Tombstone", "id": note["id"]}, by=eve)
    await say(alpha, far, "Delete", note["id"], by=eve, summary="spam")
    post = await found(alpha, note["id"])
    assert post and post.html == "<p>hello</p>" and not post.is_gone


async def test_another_server_changes_and_deletes_nothing(
    alpha: City, far: Peer, wire: Wire, ann: Actor
) -> None:
    ladder = await make.a_proposal(alpha, ann)
    note = far.note(inReplyTo=ladder.uri)
    await say(alpha, far, "Create", note)
    evil = Peer("evil.test", wire).start()
    await befriend(alpha, evil)
    gang = evil.add_actor("gang", "Group")
    forged = {**note, "content": "<p>forged</p>", "updated": "2026-12-01T00:00:00Z"}
    await say(alpha, evil, "Update", forged)
    await say(alpha, evil, "Delete", note["id"])
    for inner in (
        far.activity("Delete", note["id"]),
        far.activity("Update", forged),
        far.activity("Undo", far.activity("Lock", note["id"])),
        evil.activity("Delete", note["id"], summary="spam"),
        evil.activity("Lock", note["id"]),
    ):
        await announce(alpha, evil, inner, gang)
    post = await found(alpha, note["id"])
    assert post and post.html == "<p>hello</p>" and not post.is_gone and not post.locked_at


async def test_a_group_does_not_decide_about_threads_of_another(
    alpha: City, far: Peer, wire: Wire
) -> None:
    page = a_topic(far)
    await announce(alpha, far, far.activity("Create", page))
    evil = Peer("evil.test", wire).start()
    await befriend(alpha, evil)
    gang = evil.add_actor("gang", "Group")
    mod = far.add_actor("mod")
    featured = f"{bread(far)}/featured"
    for inner in (
        far.activity("Delete", page["id"], by=mod, summary="x"),
        far.activity("Add", page["id"], by=mod, target=featured),
        far.activity("Lock", page["id"], by=mod),
        evil.activity("Delete", page["id"], summary="x"),
    ):
        await announce(alpha, evil, inner, gang)
    post = await found(alpha, page["id"])
    assert post and not (post.is_gone or post.pinned_at or post.locked_at)


async def test_moderators_act_through_their_group(alpha: City, far: Peer) -> None:
    page = a_topic(far)
    await announce(alpha, far, far.activity("Create", page))
    mod = far.add_actor("mod")

    async def after(kind: str, object: Any, **more: Any) -> Post:
        await announce(alpha, far, far.activity(kind, object, by=mod, **more))
        post = await found(alpha, page["id"])
        assert post is not None
        return post

    featured = f"{bread(far)}/featured"
    assert (await after("Add", page["id"], target=featured)).pinned_at
    assert not (await after("Remove", page["id"], target=featured)).pinned_at
    assert (await after("Lock", page["id"])).locked_at
    assert not (await after("Undo", far.activity("Lock", page["id"], by=mod))).locked_at
    gone = await after("Delete", page["id"], summary="<b>Spam</b>")
    assert gone.removed_at and gone.removed_reason == "Spam"
    undo = far.activity("Delete", page["id"], by=mod, summary="Spam")
    assert not (await after("Undo", undo)).removed_at


async def test_other_collections_pin_nothing(alpha: City, far: Peer) -> None:
    page = a_topic(far)
    await announce(alpha, far, far.activity("Create", page))
    for target in (f"{far.pat}/featured", f"{bread(far)}/moderators", "", None, {"id": 7}):
        await announce(alpha, far, far.activity("Add", page["id"], target=target))
    post = await found(alpha, page["id"])
    assert post and not post.pinned_at


async def test_a_delete_that_comes_before_the_post_wins(alpha: City, far: Peer, ann: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    note = far.note(inReplyTo=ladder.uri)
    await say(alpha, far, "Delete", {"type": "Tombstone", "id": note["id"]})
    await say(alpha, far, "Create", note)
    assert await found(alpha, note["id"]) is None


async def test_a_removal_that_comes_before_the_post_wins(alpha: City, far: Peer) -> None:
    page = a_topic(far)
    mod = far.add_actor("mod")
    await announce(alpha, far, far.activity("Delete", page["id"], by=mod, summary="x"))
    await announce(alpha, far, far.activity("Create", page))
    post = await found(alpha, page["id"])
    assert post and post.is_gone and post.html == ""
    async with alpha.instance.read() as conn:
        assert post.community_id
        assert await posts.list_threads(conn, post.community_id) == []


async def test_a_group_cannot_bury_what_is_not_its_own(
    alpha: City, far: Peer, wire: Wire, ann: Actor
) -> None:
    ladder = await make.a_proposal(alpha, ann)
    note = far.note(inReplyTo=ladder.uri)
    evil = Peer("evil.test", wire).start()
    await befriend(alpha, evil)
    gang = evil.add_actor("gang", "Group")
    await announce(alpha, evil, evil.activity("Delete", note["id"], summary="x"), gang)
    await say(alpha, far, "Create", note)
    post = await found(alpha, note["id"])
    assert post and not post.is_gone


async def test_an_early_delete_by_somebody_else_means_nothing(
    alpha: City, far: Peer, ann: Actor
) -> None:
    ladder = await make.a_proposal(alpha, ann)
    note = far.note(inReplyTo=ladder.uri)
    eve = far.add_actor("eve")
    await say(alpha, far, "Delete", note["id"], by=eve)
    await say(alpha, far, "Create", note)
    assert await found(alpha, note["id"])


async def test_a_deletion_takes_words_and_pictures(alpha: City, far: Peer, ann: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    note = load("gotosocial.note", ladder.uri)
    far.add(note)
    await say(alpha, far, "Create", note)
    post = await found(alpha, note["id"])
    assert post is not None
    assert await alpha.value("select count(*) from attachments where post_id = %s", post.id) == 1
    await say(alpha, far, "Delete", {"type": "Tombstone", "id": note["id"]})
    gone = await found(alpha, note["id"])
    assert gone and gone.deleted_at and gone.html == ""
    assert await alpha.value("select count(*) from attachments where post_id = %s", post.id) == 0


async def test_times_far_in_the_future_are_not_believed(alpha: City, far: Peer, ann: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    note = far.note(inReplyTo=ladder.uri, published="2100-01-01T00:00:00Z")
    await say(alpha, far, "Create", note)
    post = await found(alpha, note["id"])
    assert post and post.created == alpha.clock()


async def test_the_page_of_another_server_is_no_page_of_the_post(
    alpha: City, far: Peer, ann: Actor
) -> None:
    ladder = await make.a_proposal(alpha, ann)
    note = far.note(inReplyTo=ladder.uri, url="http://evil.test/phish")
    await say(alpha, far, "Create", note)
    post = await found(alpha, note["id"])
    assert post and post.page_url == note["id"]


async def test_a_thread_is_fetched_upwards_but_not_without_end(alpha: City, far: Peer) -> None:
    notes = [
        {
            "id": f"{far.origin}/chain/{n}",
            "type": "Note",
            "attributedTo": far.pat,
            "content": f"<p>{n}</p>",
            "to": [PUBLIC, bread(far)],
            "audience": bread(far),
            "inReplyTo": f"{far.origin}/chain/{n + 1}",
        }
        for n in range(30)
    ]
    for note in notes:
        far.add(note)
    await announce(alpha, far, far.activity("Create", notes[0]))
    assert await alpha.value("select count(*) from posts") == 9
    assert await alpha.value("select count(*) from posts where parent_id is null") == 1


async def on_its_way(
    alpha: City, beta: City, garden: Community, wire: Wire
) -> tuple[Actor, Post, Post]:
    """ben of beta joins, starts a thread and replies to himself; nothing of the two has come."""
    ben = await make.a_person(beta, "ben")
    await talk.join(beta, ben, garden, alpha)
    wire.hold()
    thread = await talk.start(beta, ben, garden)
    return ben, thread, await talk.reply(beta, ben, thread)


async def test_a_reply_that_overtakes_its_thread_waits_for_it(
    alpha: City, beta: City, garden: Community, wire: Wire
) -> None:
    _, thread, reply = await on_its_way(alpha, beta, garden, wire)
    await settle(beta)
    await wire.release()
    await settle(alpha)
    assert await found(alpha, thread.uri) and not await found(alpha, reply.uri)
    await fast_forward(alpha, timedelta(minutes=1))
    await settle(alpha, beta)
    here = await found(alpha, reply.uri)
    assert here and here.in_reply_to == thread.uri


@pytest.mark.parametrize("deleted", ["the thread", "the reply"])
async def test_a_reply_does_not_wait_for_what_was_deleted_meanwhile(
    alpha: City, beta: City, garden: Community, wire: Wire, deleted: str
) -> None:
    """All of it is late; of the reply's thread nothing comes at all."""
    ben, thread, reply = await on_its_way(alpha, beta, garden, wire)
    async with beta.instance.begin() as tx:
        await post_acts.delete(tx, by=ben, post=thread if deleted == "the thread" else reply)
    await settle(beta)
    if deleted == "the reply":
        lost = f'"id":"{thread.uri}"'.encode()
        wire.held = [one for one in wire.held or () if lost not in one[1].content]
    await wire.release()
    await settle(alpha)
    await fast_forward(alpha, timedelta(minutes=1))
    await settle(alpha)
    query = "select array_agg(distinct state order by state) from activities where document like %s"
    assert await alpha.value(query, f"%{reply.uri}%") in (["refused"], ["ignored", "refused"])
