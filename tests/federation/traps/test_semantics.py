"""Traps 36 to 60: what HTTP and the words of ActivityPub mean to others."""

import ast
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from federation.acts import people
from federation.errors import Refused
from schema import actors
from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.federation.door import HEARING, listing, offer, say, to_ann, untouched, words
from tests.federation.rough_peer import answer, client, peer
from tests.peer import PUBLIC, Peer
from tests.world import City, settle

ROOT = Path(__file__).parents[3]
GROUP, SAM, PAT = "http://far.test/c/group", "http://far.test/u/sam", "http://far.test/u/pat"
LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


async def known(city: City, uri: str) -> Actor:
    """This city's row of somebody."""
    async with city.instance.read() as conn:
        found = await actors.find(conn, uri)
    assert found is not None
    return found


def said_by(far: Peer, kind: str) -> list[dict[str, Any]]:
    """What that server heard of one kind."""
    return [said for said in far.heard if said["type"] == kind]


ACCEPTS = {
    "application/activity+json": True,
    LD: True,
    "application/ld+json": True,
    f"application/activity+json, {LD}, text/html;q=0.1": True,
    "application/json, application/activity+json": True,
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": False,
    "text/html, application/activity+json;q=0.5": False,
    "application/activity+json;q=0, text/html": False,
}


async def test_trap_36_and_37_and_38_what_a_get_is_answered(alpha: City, ann: Actor) -> None:
    ladder = await make.a_proposal(alpha, ann)
    for uri in (ann.uri, ladder.uri):
        for accept, document in ACCEPTS.items():
            found = await alpha.get(uri.removeprefix(alpha.origin), Accept=accept)
            kind = found.headers["content-type"].partition(";")[0]
            assert (kind == "application/activity+json") is document, accept
            assert "Accept" in found.headers["vary"]


async def test_trap_39_no_letter_is_compressed(alpha: City, far: Peer, ann: Actor) -> None:
    await say(alpha, far, far.activity("Follow", ann.uri))
    (request,) = far.requests
    assert "content-encoding" not in request.headers
    assert request.headers["content-type"] == "application/activity+json"


STATUSES = {200: "done", 202: "done", 204: "done", 400: "refused", 413: "refused"}
STATUSES |= {404: "refused", 405: "refused", 406: "refused", 410: "refused", 422: "refused"}
STATUSES |= {401: "due", 403: "refused", 408: "due", 429: "due", 500: "due", 502: "due", 503: "due"}


@pytest.mark.parametrize(("status", "state"), STATUSES.items())
async def test_trap_40_what_an_inbox_answers(
    alpha: City, far: Peer, ann: Actor, status: int, state: str
) -> None:
    """Of a server that is no neighbour: 4xx ends it, but for 401, 408 and 429."""
    far.status = status
    await alpha.execute("update peers set link = 'known' where origin = %s", far.origin)
    open_to_all = "insert into settings (key, value) values ('federation', '\"open\"')"
    await alpha.execute(open_to_all + " on conflict (key) do update set value = excluded.value")
    alpha.instance.forget_settings()
    await say(alpha, far, far.activity("Follow", ann.uri))
    query = "select state from deliveries where peer = %s"
    assert await alpha.value(query, far.origin) == state


@pytest.mark.parametrize("status", [301, 401, 403, 404, 405, 410, 429, 500])
async def test_trap_40_a_neighbour_is_asked_again_whatever_its_proxy_says(
    alpha: City, far: Peer, ann: Actor, status: int
) -> None:
    far.status = status
    await say(alpha, far, far.activity("Follow", ann.uri))
    query = "select state from deliveries where peer = %s"
    assert await alpha.value(query, far.origin) == "due"


async def test_trap_41_taken_in_is_not_agreed_to(alpha: City, far: Peer, ann: Actor) -> None:
    pat = await known_or_fetched(alpha, far)
    async with alpha.instance.begin() as tx:
        await people.follow(tx, by=ann, whom=pat)
    await settle(alpha)
    assert len(said_by(far, "Follow")) == 1
    query = "select state from follows where follower_id = %s"
    assert await alpha.value(query, ann.id) == "asked"


async def known_or_fetched(city: City, far: Peer) -> Actor:
    await say(city, far, far.activity("Like", far.pat))
    return await known(city, far.pat)


@pytest.mark.sockets
async def test_trap_42_this_machine_is_asked_only_where_that_is_allowed() -> None:
    async with peer(answer()) as served:
        async with client(allow_loopback=True) as out:
            assert (await out.get(served.url())).status == 200
        async with client(allow_loopback=False) as out:
            with pytest.raises(Refused):
                await out.get(f"https://127.0.0.1:{served.port}/")
        assert len(served.heard) == 1


async def test_trap_43_lists_whose_pages_have_queries(alpha: City, far: Peer) -> None:
    things = [offer(far)["id"] for _ in range(3)]
    base = f"{far.origin}/offers"
    far.add_actor("city", "Group", offers=base)

    def pages(request: Any) -> Any:
        before = request.query_params.get("max_id")
        number = 0 if before is None else int(before)
        page = {"id": base, "type": "OrderedCollectionPage", "orderedItems": [things[number]]}
        more = {"next": f"{base}?page=true&max_id={number + 1}"} if number < 2 else {}
        if request.query_params.get("page") is None:
            return far.json({"id": base, "type": "OrderedCollection", "first": f"{base}?page=true"})
        return far.json({**page, "id": str(request.url), **more})

    far.scripts[base] = pages
    await alpha.instance.queue.configure_task("discover").defer_async(origin=far.origin)
    await alpha.instance.queue.run_worker_async(
        install_signal_handlers=False, wait=False, additional_context={"instance": alpha.instance}
    )
    for thing in things:
        assert await listing(alpha, thing) == ("<p>real</p>", "open")


@pytest.mark.sockets
async def test_trap_44_servers_that_hang_up_after_each_answer() -> None:
    async with peer(answer(Connection="close")) as served, client() as out:
        for _ in range(3):
            assert (await out.get(served.url())).status == 200
    async with peer(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}") as served, client() as out:
        assert (await out.get(served.url())).status == 200


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


async def test_trap_48_people_change_themselves_only(alpha: City, far: Peer, ann: Actor) -> None:
    await say(alpha, far, far.activity("Follow", ann.uri))
    async with untouched(alpha, *HEARING):
        said = far.activity("Update", {**far.documents[PAT], "name": "X"}, by=SAM)
        assert (await say(alpha, far, said, SAM))[0] == "refused"
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


async def test_trap_56_we_are_no_relay(alpha: City, far: Peer) -> None:
    relay = far.add_actor("relay", "Application")
    async with untouched(alpha, *HEARING):
        for whom in (PUBLIC, "as:Public", f"{alpha.origin}/actor", f"{alpha.origin}/relay"):
            said = far.activity("Follow", whom, by=relay)
            assert (await say(alpha, far, said, relay))[0] in ("ignored", "refused", "malformed")


async def test_trap_57_what_is_not_said_is_not_so(alpha: City, far: Peer, ann: Actor) -> None:
    await say(alpha, far, far.activity("Follow", ann.uri))
    pat = await known(alpha, PAT)
    assert (pat.approves, pat.discoverable) == (False, False)
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


def test_trap_60_nothing_depends_on_the_name_of_a_software() -> None:
    found = [
        f"{file.name}: {node.value}"
        for file in sorted((ROOT / "federation").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.lower() in SOFTWARE
        and file.name != "contexts.py"  # prefixes of terms
    ]
    assert found == []
