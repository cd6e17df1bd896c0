"""Traps 45 to 60: what the words of ActivityPub mean to others."""

import ast
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from federation.acts import likes, moderation, people
from schema import posts
from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.federation.door import (
    HEARING,
    asked,
    encoded,
    known,
    known_or_fetched,
    listing,
    offer,
    said_by,
    say,
    to_ann,
    untouched,
    words,
)
from tests.peer import PUBLIC, Peer, befriend
from tests.world import City, settle

ROOT = Path(__file__).parents[3]
GROUP, SAM, PAT = "http://far.test/c/group", "http://far.test/u/sam", "http://far.test/u/pat"


async def test_trap_45_an_undo_says_what_it_takes_back(alpha: City, far: Peer, ann: Actor) -> None:
    pat = await known_or_fetched(alpha, far)
    for act in (people.follow, people.unfollow):
        async with alpha.instance.begin() as tx:
            await act(tx, by=ann, whom=pat)
        await settle(alpha)
    (undo,) = said_by(far, "Undo")
    inner = undo["object"]
    assert (inner["type"], inner["actor"], inner["object"]) == ("Follow", ann.uri, pat.uri)
    follow = far.activity("Follow", ann.uri)
    for undone in (follow["id"], follow, {k: v for k, v in follow.items() if k != "@context"}):
        alpha.clock.now += timedelta(minutes=1)
        await say(alpha, far, follow)
        assert (await say(alpha, far, far.activity("Undo", undone))) == ("done", "")
        assert await alpha.value("select count(*) from follows where followed_id = %s", ann.id) == 0


async def test_trap_45_likes_are_taken_back_whole(alpha: City, far: Peer, ann: Actor) -> None:
    note = to_ann(far, ann)
    await say(alpha, far, far.activity("Create", note))
    async with alpha.instance.read() as conn:
        post = await posts.find(conn, note["id"])
    assert post is not None
    for act in (likes.like, likes.unlike):
        async with alpha.instance.begin() as tx:
            await act(tx, by=ann, post=post)
        await settle(alpha)
    (like,), (undo,) = said_by(far, "Like"), said_by(far, "Undo")
    assert {**undo["object"], "object": note["id"]} == undo["object"]
    for key in ("id", "type", "actor", "object"):
        assert undo["object"][key] == like[key]


@pytest.mark.parametrize("shape", ["id", "whole", "nameless"])
async def test_trap_45_how_others_take_likes_back(
    alpha: City, far: Peer, ann: Actor, garden: Community, shape: str
) -> None:
    """A vote against something is none of ours; PieFed says it again where it means its Undo."""
    await say(alpha, far, far.activity("Join", garden.uri))
    thread = await talk.start(alpha, ann, garden)
    count = "select count(*) from likes where post_id = %s"
    like = far.activity("Like", thread.uri)
    assert await say(alpha, far, like) == ("done", "")
    assert await alpha.value(count, thread.id) == 1
    for _ in range(2):
        assert (await say(alpha, far, far.activity("Dislike", thread.uri)))[0] == "ignored"
    whole = {key: value for key, value in like.items() if key != "@context"}
    nameless = {key: value for key, value in whole.items() if key != "id"}
    undone = {"id": like["id"], "whole": whole, "nameless": nameless}[shape]
    assert await say(alpha, far, far.activity("Undo", undone)) == ("done", "")
    assert await alpha.value(count, thread.id) == 0


async def test_trap_46_a_follow_again_is_answered_again(
    alpha: City, far: Peer, garden: Community
) -> None:
    for number in range(3):
        follow = far.activity("Follow", garden.uri)
        assert await say(alpha, far, follow) == ("done", "")
        accepts = said_by(far, "Accept")
        assert len(accepts) == number + 1
        assert follow["id"] in json.dumps(accepts[-1])


async def test_trap_46_an_accept_in_another_shape(alpha: City, far: Peer, ann: Actor) -> None:
    pat = await known_or_fetched(alpha, far)
    shapes: list[Any] = [
        lambda f: f["id"],
        lambda f: {
            "type": "Follow",
            "id": "http://far.test/other",
            "actor": ann.uri,
            "object": PAT,
        },
        lambda f: {"type": "Follow", "actor": ann.uri, "object": {"id": PAT, "type": "Person"}},
    ]
    for shape in shapes:
        async with alpha.instance.begin() as tx:
            await people.unfollow(tx, by=ann, whom=pat)
            await people.follow(tx, by=ann, whom=pat)
        await settle(alpha)
        accept = far.activity("Accept", shape(said_by(far, "Follow")[-1]))
        assert await say(alpha, far, accept) == ("done", "")
        query = "select state from follows where follower_id = %s"
        assert await alpha.value(query, ann.id) == "accepted"


@pytest.mark.parametrize("shape", ["id", "tombstone", "bare", "whole"])
@pytest.mark.parametrize("kind", ["note", "offer"])
async def test_trap_47_how_a_deletion_is_told(
    alpha: City, far: Peer, ann: Actor, shape: str, kind: str
) -> None:
    thing = offer(far) if kind == "offer" else to_ann(far, ann)
    await say(alpha, far, far.activity("Create", thing))
    tombstone = {"type": "Tombstone", "id": thing["id"], "formerType": "Note", "deleted": "x"}
    shapes = {"id": thing["id"], "tombstone": tombstone, "bare": {"id": thing["id"]}}
    object = {**shapes, "whole": thing}[shape]
    assert await say(alpha, far, far.activity("Delete", object)) == ("done", "")
    assert await words(alpha, thing["id"]) is None
    assert (await listing(alpha, thing["id"]) or ("", "withdrawn")) == ("", "withdrawn")


@pytest.mark.parametrize("body", ["", "tombstone"])
async def test_trap_47_what_is_gone_says_so(alpha: City, far: Peer, ann: Actor, body: str) -> None:
    """410, with a Tombstone or nothing: it is not asked for again, and not believed either."""
    thing = to_ann(far, ann)
    tombstone = {"type": "Tombstone", "id": thing["id"], "formerType": "Note", "deleted": "x"}
    content = encoded(tombstone) if body else b""
    headers = {"Content-Type": "application/activity+json"}
    far.scripts[thing["id"]] = lambda _: Response(content, 410, headers=headers)
    said = far.activity("Announce", thing["id"], by=GROUP)
    assert await say(alpha, far, said, GROUP) == ("refused", f"gone: {thing['id']}")
    await say(alpha, far, far.activity("Create", thing))
    assert await words(alpha, thing["id"]) == "<p>hello</p>"
    stranger = Peer("other.test", alpha.wire).start()
    await befriend(alpha, stranger)
    passed = await stranger.says(alpha, far.activity("Delete", tombstone))
    assert passed.status_code == 202
    await settle(alpha)
    assert await words(alpha, thing["id"]) is None, "its own server says that it is gone"


async def test_trap_48_people_change_themselves_only(alpha: City, far: Peer, ann: Actor) -> None:
    await say(alpha, far, far.activity("Follow", ann.uri))
    async with untouched(alpha, *HEARING):
        for whom, by in ((PAT, SAM), (GROUP, PAT), (PAT, GROUP)):
            said = far.activity("Update", {**far.documents[whom], "name": "X"}, by=by)
            assert (await say(alpha, far, said, by))[0] == "refused"
    assert (await known(alpha, PAT)).title == "pat"
    async with alpha.instance.begin() as tx:
        await people.say(tx, by=ann, can="Sawing")
    await settle(alpha)
    (update,) = said_by(far, "Update")
    assert update["object"]["id"] == update["actor"] == ann.uri


async def test_trap_49_and_50_no_teaser_and_no_vote(
    alpha: City, far: Peer, ann: Actor, garden: Community
) -> None:
    thread = await talk.start(alpha, ann, garden)
    reply = await talk.reply(alpha, ann, thread)
    ladder = await make.a_proposal(alpha, ann)
    for uri in (thread.uri, reply.uri, ladder.uri):
        document = (await alpha.document(uri.removeprefix(alpha.origin))).json()
        assert document["type"] == "Note"
        assert "summary" not in document, "it would be a content warning"
        assert "name" not in document or "inReplyTo" not in document, "it would be a vote"
    warned = to_ann(far, ann, summary="<b>Food</b>")
    await say(alpha, far, far.activity("Create", warned))
    assert "Food" in (await words(alpha, warned["id"]) or "")
    vote = to_ann(far, ann, name="yes", inReplyTo=thread.uri)
    del vote["content"]
    async with untouched(alpha, *HEARING):
        await say(alpha, far, far.activity("Create", vote))


async def test_trap_51_activities_of_ours_can_be_asked_for(
    alpha: City, far: Peer, ann: Actor, garden: Community
) -> None:
    await say(alpha, far, far.activity("Follow", garden.uri))
    thread = await talk.start(alpha, ann, garden)
    await settle(alpha)
    announced = [said["object"] for said in said_by(far, "Announce")]
    assert thread.uri in announced
    (create,) = [inner for inner in announced if isinstance(inner, dict)]
    found = await alpha.document(create["id"].removeprefix(alpha.origin))
    assert found.json()["object"]["id"] == thread.uri


async def test_trap_52_nothing_private_is_public_in_its_wrapping(
    alpha: City, far: Peer, ann: Actor
) -> None:
    cellar = await make.a_community(alpha, ann, "cellar", join_rule="hidden")
    await talk.start(alpha, ann, cellar)
    await settle(alpha)
    written = "select count(*) from activities where strpos(document, 'Public') > 0"
    assert await alpha.value(written + " and strpos(document, 'cellar') > 0") == 0


async def test_trap_53_an_audience_is_addressed_as_well(
    alpha: City, far: Peer, ann: Actor, garden: Community
) -> None:
    thread = await talk.start(alpha, ann, garden)
    document = (await alpha.document(thread.uri.removeprefix(alpha.origin))).json()
    assert document["audience"] in document["to"] + document["cc"]
    await say(alpha, far, far.activity("Join", garden.uri))
    note = far.note(audience=garden.uri, name="From afar", to=[PUBLIC], cc=[])
    assert await say(alpha, far, far.activity("Create", note)) == ("done", "")
    query = "select community_id from posts where uri = %s"
    assert await alpha.value(query, note["id"]) == garden.actor_id


async def test_trap_54_who_may_not_write_in_a_group(
    alpha: City, far: Peer, ann: Actor, garden: Community
) -> None:
    city = f"{alpha.origin}/city"
    assert (await alpha.document("/city")).json()["postingRestrictedToMods"] is True
    async with untouched(alpha, *HEARING):
        for group in (garden.uri, city):
            note = far.note(audience=group, name="Hi", to=[PUBLIC, group])
            state, _ = await say(alpha, far, far.activity("Create", note))
            assert state in ("refused", "ignored")


async def test_trap_54_who_was_shut_out_of_a_group(
    alpha: City, far: Peer, ann: Actor, garden: Community
) -> None:
    """Some do not let people write who have not followed; we neither, nor who is banned."""
    await say(alpha, far, far.activity("Join", garden.uri))
    note = far.note(audience=garden.uri, name="Hi", to=[PUBLIC, garden.uri])
    assert await say(alpha, far, far.activity("Create", note)) == ("done", "")
    pat = await known(alpha, PAT)
    async with alpha.instance.begin() as tx:
        await moderation.ban(
            tx, by=ann, community=garden, person=pat, until=None, reason="It was too loud."
        )
    answers = "select count(*) from posts where author_id = %s"
    for more in ({"name": "Hi again"}, {"inReplyTo": note["id"]}):
        said = far.note(audience=garden.uri, to=[PUBLIC, garden.uri], **more)
        assert (await say(alpha, far, far.activity("Create", said)))[0] == "refused"
    assert await alpha.value(answers, pat.id) == 1


async def test_trap_55_a_block_without_a_target_bans_nobody(
    alpha: City, far: Peer, ann: Actor, garden: Community
) -> None:
    for uri in (PAT, SAM):
        await say(alpha, far, far.activity("Join", garden.uri, by=uri), uri)
    query = "select state from memberships where person_id = (select id from actors where uri = %s)"
    for more in ({}, {"target": garden.uri}):
        await say(alpha, far, far.activity("Block", SAM, **more))
        assert await alpha.value(query, SAM) == "member", "pat is no moderator"
    await say(alpha, far, far.activity("Block", ann.uri))
    assert await alpha.value("select count(*) from memberships where state = 'banned'") == 0
    pat = await known(alpha, PAT)
    async with alpha.instance.begin() as tx:
        await moderation.set_role(tx, by=ann, community=garden, person=pat, role="moderator")
    for more, state in (({}, "member"), ({"target": garden.uri}, "banned")):
        await say(alpha, far, far.activity("Block", SAM, **more))
        assert await alpha.value(query, SAM) == state
    ben = await make.a_person(alpha, "ben")
    await talk.join(alpha, ben, garden, alpha)
    await say(alpha, far, far.activity("Block", ben.uri, target=garden.uri))
    assert await alpha.value(query, ben.uri) == "banned"
    await say(alpha, far, far.activity("Block", ann.uri))
    blocks = "select count(*) from blocks where blocker_id = %s and blocked_id = %s"
    assert [await alpha.value(blocks, pat.id, whom.id) for whom in (ann, ben)] == [1, 0]
    assert await alpha.value("select count(*) from memberships where state = 'banned'") == 2


async def test_trap_56_we_are_no_relay(alpha: City, far: Peer) -> None:
    relay = far.add_actor("relay", "Application")
    async with untouched(alpha, *HEARING):
        for whom in (PUBLIC, "as:Public", f"{alpha.origin}/actor", f"{alpha.origin}/relay"):
            said = far.activity("Follow", whom, by=relay)
            assert (await say(alpha, far, said, relay))[0] in ("ignored", "refused", "malformed")


async def test_trap_57_what_is_not_said_is_not_so(alpha: City, far: Peer, ann: Actor) -> None:
    await say(alpha, far, far.activity("Follow", ann.uri))
    pat = await known(alpha, PAT)
    assert (pat.approves, pat.discoverable, pat.indexable) == (False, False, False)
    said: dict[str, Any] = dict.fromkeys(
        ("manuallyApprovesFollowers", "discoverable", "indexable"), None
    )
    for value in ("yes", 1, True):
        far.documents[PAT] |= dict.fromkeys(said, value)
        await say(alpha, far, far.activity("Update", far.documents[PAT]))
        pat = await known(alpha, PAT)
        found = {pat.approves, pat.discoverable, pat.indexable}
        assert found == {value is True}, "true is the only way to say yes"
    assert (await known(alpha, GROUP)).discoverable, "Lemmy's communities never say it"


async def test_trap_58_a_mention_is_a_tag_and_an_address(
    alpha: City, far: Peer, ann: Actor, garden: Community
) -> None:
    link = f'<p><a class="u-url mention" href="{ann.uri}">@ann</a></p>'
    bare = far.note(link, cc=[ann.uri])
    await say(alpha, far, far.activity("Create", bare))
    assert await talk.told(alpha, ann) == []
    await say(alpha, far, far.activity("Join", garden.uri))
    pat = await known(alpha, PAT)
    post = await talk.start(alpha, ann, garden, source=f"Hello @{pat.handle}")
    document = (await alpha.document(post.uri.removeprefix(alpha.origin))).json()
    assert PAT in [tag.get("href") for tag in document["tag"]]
    assert PAT in document["to"] + document["cc"]


async def test_trap_59_what_is_over_ends_without_a_word(alpha: City, far: Peer) -> None:
    until = (alpha.clock() + timedelta(days=2)).isoformat()
    thing = offer(far, name="A short ladder", purpose="request", endTime=until)
    assert (await say(alpha, far, far.activity("Create", thing)))[0] == "done"
    assert "A short ladder" in (await alpha.get("/needs")).text
    await alpha.execute("update proposals set until = now() - interval '1 minute'")
    assert "A short ladder" not in (await alpha.get("/needs")).text


SOFTWARE = {"lemmy", "mastodon", "piefed", "nodebb", "mbin", "pleroma", "misskey", "mitra"}
SOFTWARE |= {"gotosocial", "peertube", "mobilizon", "pixelfed", "flohmarkt", "smithereen"}


# Prefixes of terms, and a key that says what it carries: shapes, not names of servers.
SHAPES = {"lemmy", "lemmy:postingRestrictedToMods", "flohmarkt:data"}
SHAPES |= {f"https://join{name}.org/ns#" for name in ("-lemmy", "mobilizon")}
SHAPES |= {"http://joinmastodon.org/ns#"}


def test_trap_60_nothing_depends_on_the_name_of_a_software() -> None:
    found = [
        f"{file.name}: {text}"
        for room in ("federation", "schema")
        for file in sorted((ROOT / room).rglob("*.py"))
        for text in texts(ast.parse(file.read_text("utf-8")))
        if any(name in text.lower() for name in SOFTWARE) and text not in SHAPES
    ]
    assert found == []


def texts(tree: ast.AST) -> Iterator[str]:
    """All texts in a file but those that only explain."""
    explained = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in explained:
            if isinstance(node.value, str):
                yield node.value


async def test_trap_60_whatever_a_server_calls_itself(alpha: City, far: Peer, ann: Actor) -> None:
    """Nobody asks it for its name, and what it says is read by its shape."""
    nodeinfo = f"{far.origin}/.well-known/nodeinfo"
    far.documents[nodeinfo] = {"software": {"name": "lemmy", "version": "0.19"}}
    await say(alpha, far, far.activity("Follow", ann.uri))
    note = to_ann(far, ann)
    assert await say(alpha, far, far.activity("Create", note)) == ("done", "")
    assert await words(alpha, note["id"]) == "<p>hello</p>"
    assert not [url for url in asked(alpha, far) if "nodeinfo" in url]
