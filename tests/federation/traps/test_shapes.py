"""Traps 1 to 13: one thing in many shapes. We read them all, and write one."""

from typing import Any

import pytest

from federation import backfill
from federation.acts import people
from schema import actors
from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.federation.door import asked, every, kept, listing, offer, say, to_ann, words
from tests.peer import PUBLIC, Peer
from tests.world import City, Wire

GROUP, SAM = "http://far.test/c/group", "http://far.test/u/sam"


async def ours(city: City, ann: Actor, garden: Community) -> list[dict[str, Any]]:
    """Documents of every kind that we write."""
    post = await talk.start(city, ann, garden)
    reply = await talk.reply(city, ann, post)
    ladder = await make.a_proposal(city, ann, community=garden)
    paths = [uri.removeprefix(city.origin) for uri in (ann.uri, garden.uri, post.uri, reply.uri)]
    paths += [ladder.uri.removeprefix(city.origin), "/city", "/actor", "/people/ann/outbox"]
    found = [(await city.document(path)).json() for path in paths]
    page = found[-1].get("first")
    found.append(page if isinstance(page, dict) else (await city.document(page)).json())
    return found


async def test_trap_01_to_and_cc_as_a_text(alpha: City, far: Peer, ann: Actor) -> None:
    for to, cc in ((PUBLIC, ann.uri), ([PUBLIC], ann.uri), ("as:Public", [ann.uri])):
        assert await kept(alpha, far, to_ann(far, ann, to=to, cc=cc)) == "<p>hello</p>"
    assert await kept(alpha, far, offer(far, to=PUBLIC, cc=None)) == "<p>real</p>"


async def test_trap_01_and_02_we_write_lists(alpha: City, ann: Actor, garden: Community) -> None:
    for document in await ours(alpha, ann, garden):
        for thing in every({k: v for k, v in document.items() if k != "@context"}):
            for key in ("to", "cc", "tag", "attachment", "orderedItems"):
                assert isinstance(thing.get(key, []), list), (key, thing)


async def test_trap_02_a_single_tag_or_attachment(alpha: City, far: Peer, ann: Actor) -> None:
    picture = {"type": "Image", "mediaType": "image/png", "url": f"{far.origin}/p.png"}
    note = to_ann(far, ann, tag={"type": "Mention", "href": ann.uri}, attachment=picture)
    assert await kept(alpha, far, note) == "<p>hello</p>"
    query = "select count(*) from attachments"
    assert await alpha.value(query) == 1
    assert await kept(alpha, far, offer(far, attachment=picture)) == "<p>real</p>"
    assert await alpha.value(query) == 2


async def test_trap_03_a_list_of_types(alpha: City, far: Peer, ann: Actor) -> None:
    assert await kept(alpha, far, to_ann(far, ann, type=["vf:Wish", "Note"])) == "<p>hello</p>"
    assert await kept(alpha, far, offer(far, type=["Note", "Proposal"])) == "<p>real</p>"
    thing = offer(far)
    said = far.activity("Create", thing, type=["vf:Wish", "Create"])
    said["type"] = ["vf:Wish", "Create"]
    assert (await say(alpha, far, said))[0] == "done"
    far.documents[SAM]["type"] = ["schema:Person", "Person"]
    assert (await say(alpha, far, far.activity("Follow", ann.uri, by=SAM), SAM))[0] == "done"


async def test_trap_03_a_list_of_types_further_down(
    alpha: City, far: Peer, ann: Actor, wire: Wire
) -> None:
    mention = {"type": ["toot:X", "Mention"], "href": ann.uri}
    picture = {"type": ["Image"], "url": f"{far.origin}/p.png"}
    assert await kept(alpha, far, to_ann(far, ann, tag=mention, attachment=picture))
    assert await alpha.value("select count(*) from attachments") == 1
    assert len(await talk.told(alpha, ann)) == 1
    follow = far.activity("Follow", ann.uri)
    await say(alpha, far, follow)
    undo = far.activity("Undo", {**follow, "type": ["vf:X", "Follow"]})
    assert await say(alpha, far, undo) == ("done", "")
    assert await alpha.value("select count(*) from follows where followed_id = %s", ann.id) == 0
    other = Peer("other.test", wire).start()
    for kind, object in (("Like", ann.uri), ("Undo", {"type": ["Like"], "actor": other.pat})):
        inner = {**other.activity(kind, object), "type": [kind]}
        said = far.activity("Announce", inner, by=GROUP)
        assert await say(alpha, far, said, GROUP) == ("ignored", "nothing here is about this")
    bare = other.activity("Create", offer(other))
    inner = {**bare, "type": ["vf:X", "Create"]}
    assert (await say(alpha, far, far.activity("Announce", inner, by=GROUP), GROUP))[0] == "done"
    assert await listing(alpha, bare["object"]["id"]) == ("<p>real</p>", "open")


async def test_trap_03_we_write_one_type(alpha: City, ann: Actor, garden: Community) -> None:
    for document in await ours(alpha, ann, garden):
        for thing in every({k: v for k, v in document.items() if k != "@context"}):
            assert isinstance(thing.get("type", ""), str), thing


async def far_person(city: City, far: Peer) -> Actor:
    """The row of pat, who has said something before."""
    async with city.instance.read() as conn:
        found = await actors.find(conn, far.pat)
    assert found is not None
    return found


async def test_trap_04_objects_in_a_list(alpha: City, far: Peer, ann: Actor) -> None:
    thing = far.documents.pop(offer(far)["id"])  # what is in the list counts, nothing is fetched
    assert (await say(alpha, far, far.activity("Create", [thing])))[0] == "done"
    assert await listing(alpha, thing["id"]) == ("<p>real</p>", "open")
    pat = await far_person(alpha, far)
    async with alpha.instance.begin() as tx:
        await people.follow(tx, by=ann, whom=pat)
    asked_for = {"type": "Follow", "actor": ann.uri, "object": far.pat}
    assert await say(alpha, far, far.activity("Accept", [asked_for])) == ("done", "")
    state = "select state from follows where follower_id = %s"
    assert await alpha.value(state, ann.id) == "accepted"
    things = [(await make.a_proposal(alpha, ann)).uri for _ in range(2)]
    flag = far.activity("Flag", [ann.uri, *things], content="look")
    assert (await say(alpha, far, flag))[0] == "done"
    assert await alpha.value("select count(distinct proposal_id) from reports") == 2


AUTHORS: list[Any] = [
    [{"type": "Person", "id": "http://far.test/u/pat"}, {"type": "Group", "id": GROUP}],
    ["http://far.test/u/pat", GROUP],
    {"type": "Person", "id": "http://far.test/u/pat", "name": "Pat"},
]


@pytest.mark.parametrize("authors", AUTHORS, ids=["objects", "ids", "one object"])
async def test_trap_05_several_authors(alpha: City, far: Peer, ann: Actor, authors: Any) -> None:
    assert await kept(alpha, far, to_ann(far, ann, attributedTo=authors)) == "<p>hello</p>"
    assert await kept(alpha, far, offer(far, attributedTo=authors)) == "<p>real</p>"
    author = "select a.uri from actors a join proposals p on p.author_id = a.id"
    assert await alpha.value(f"{author} where a.peer = %s", far.origin) == far.pat


async def test_trap_05_a_person_writes_for_a_group(alpha: City, far: Peer, ann: Actor) -> None:
    """Mobilizon's events belong to a group, and `actor` is who wrote them; their server is asked,
    since anybody there could say so."""
    event: dict[str, Any] = {"type": "Event", "startTime": "2027-06-01T09:00:00Z", "actor": far.pat}
    author = "select a.uri from actors a join posts p on p.author_id = a.id where p.uri = %s"
    for passed_on in (False, True):
        thing = to_ann(far, ann, **event, attributedTo=GROUP)
        said, by = far.activity("Create", {**thing, "content": "<p>forged</p>"}), far.pat
        if passed_on:
            said, by = far.activity("Announce", said, by=GROUP), GROUP
        assert await say(alpha, far, said, by) == ("done", "")
        assert "hello" in (await words(alpha, thing["id"]) or "")
        assert await alpha.value(author, thing["id"]) == GROUP
    for forged in (
        to_ann(far, ann, **event, attributedTo=SAM),
        to_ann(far, ann, **{**event, "actor": SAM}, attributedTo=GROUP),
        to_ann(far, ann, **event, attributedTo="http://other.test/c/group"),
    ):
        said = far.activity("Create", {**forged, "actor": far.pat})
        assert (await say(alpha, far, said))[0] == "refused"
        assert await words(alpha, forged["id"]) is None


async def test_trap_06_an_actor_that_is_embedded(alpha: City, far: Peer, ann: Actor) -> None:
    said = far.activity("Create", offer(far))
    said["actor"] = {**far.documents[far.pat], "name": "Somebody", "inbox": "http://x.test/in"}
    assert (await say(alpha, far, said))[0] == "done"
    inner = far.activity("Create", offer(far, SAM), by=SAM)
    inner["actor"] = {**far.documents[SAM], "name": "Somebody"}
    assert (await say(alpha, far, far.activity("Announce", inner, by=GROUP), GROUP))[0] == "done"
    assert await alpha.value("select count(*) from actors where title = 'Somebody'") == 0


async def test_trap_07_nested_things_without_an_id(alpha: City, far: Peer, ann: Actor) -> None:
    emoji = {"id": None, "type": "Emoji", "name": ":x:", "icon": {"type": "Image", "url": "x"}}
    mention = {"id": None, "type": "Mention", "href": ann.uri}
    options = [{"id": None, "type": "Note", "name": "yes"}, {"type": "Note", "name": "no"}]
    poll = to_ann(far, ann, type="Question", oneOf=options, tag=[emoji, mention])
    assert "<p>hello</p>" in await kept(alpha, far, poll)
    assert await alpha.value("select jsonb_array_length(options) from polls") == 2
    intent = {"id": None, "type": "Intent", "action": "transfer"}
    assert await kept(alpha, far, offer(far, publishes=intent)) == "<p>real</p>"
    for thing in (offer(far), to_ann(far, ann)):  # by itself it cannot be had again, nor deleted
        nameless = {key: value for key, value in thing.items() if key != "id"}
        for said in (nameless, {**nameless, "id": None}):
            assert (await say(alpha, far, far.activity("Create", said)))[0] == "malformed"


URLS: list[Any] = [
    "http://far.test/page",
    ["http://far.test/page", "http://far.test/other"],
    {"type": "Link", "href": "http://far.test/page"},
    [
        {"type": "Link", "mimeType": "video/mp4", "href": "http://far.test/v.mp4"},
        {"type": "Link", "mediaType": "text/html", "href": "http://far.test/page"},
    ],
    [
        {"type": "Link", "mediaType": "video/mp4", "href": "http://far.test/v.mp4"},
        {"type": "Link", "mimeType": "text/html", "href": "http://far.test/page"},
    ],
]


@pytest.mark.parametrize("url", URLS, ids=["text", "texts", "link", "links", "mimeType"])
async def test_trap_08_the_page_of_a_thing(alpha: City, far: Peer, ann: Actor, url: Any) -> None:
    note = to_ann(far, ann, url=url)
    await kept(alpha, far, note)
    page = "select page_url from posts where uri = %s"
    assert await alpha.value(page, note["id"]) == "http://far.test/page"


async def test_trap_08_a_page_is_no_identity(alpha: City, far: Peer, ann: Actor) -> None:
    elsewhere = to_ann(far, ann, url="http://evil.test/page")
    await kept(alpha, far, elsewhere)
    page = "select page_url from posts where uri = %s"
    assert await alpha.value(page, elsewhere["id"]) == elsewhere["id"]
    twin = to_ann(far, ann, url=elsewhere["id"], content="<p>twin</p>")
    assert await kept(alpha, far, twin) == "<p>twin</p>"
    assert await words(alpha, elsewhere["id"]) == "<p>hello</p>"


ICONS: list[Any] = [
    "http://far.test/i.png",
    {"type": "Image", "url": "http://far.test/i.png"},
    [{"type": "Image", "url": "http://far.test/i.png"}, {"type": "Image", "url": "x"}],
    {"type": "Image", "url": ["http://far.test/i.png"]},
    {"type": "Image", "url": [{"type": "Link", "href": "http://far.test/i.png"}]},
]


@pytest.mark.parametrize("icon", ICONS, ids=["text", "object", "list", "list inside", "link"])
async def test_trap_09_pictures_of_people(alpha: City, far: Peer, ann: Actor, icon: Any) -> None:
    who = far.add_actor("icon", icon=icon, image=icon)
    assert (await say(alpha, far, far.activity("Follow", ann.uri, by=who), who))[0] == "done"
    query = "select m.remote_url from media m join actors a on a.avatar_id = m.id where a.uri = %s"
    assert await alpha.value(query, who) == "http://far.test/i.png"


@pytest.mark.parametrize("shape", ["id", "object", "list", "objects"])
async def test_trap_10_what_something_answers(
    alpha: City, far: Peer, ann: Actor, shape: str
) -> None:
    ladder = await make.a_proposal(alpha, ann)
    thing = {"type": "Note", "id": ladder.uri, "attributedTo": "http://x.test/u/forged"}
    shapes: dict[str, Any] = {"id": ladder.uri, "object": thing, "list": [ladder.uri]}
    answered = {**shapes, "objects": [thing]}[shape]
    note = to_ann(far, ann, inReplyTo=answered)
    await kept(alpha, far, note)
    query = "select proposal_id from posts where uri = %s"
    assert await alpha.value(query, note["id"]) == ladder.id


async def test_trap_10_nothing_is_answered(alpha: City, far: Peer, ann: Actor) -> None:
    for nothing in (None, "", [], {}):
        assert await kept(alpha, far, to_ann(far, ann, inReplyTo=nothing)) == "<p>hello</p>"
        assert await kept(alpha, far, offer(far, inReplyTo=nothing)) == "<p>real</p>"


TEXTS: list[dict[str, Any]] = [
    {"content": None, "summary": "<p>hello</p>"},
    {"content": None, "contentMap": {"de": "<p>hello</p>"}},
    {"content": {"@value": "<p>hello</p>", "@language": "de"}},
    {"content": [{"@value": "<p>hello</p>", "@language": "de"}]},
    {"content": ["<p>hello</p>"]},
    {"content": "<p>hello</p>", "name": None, "summary": None, "contentMap": None},
]


@pytest.mark.parametrize("text", TEXTS, ids=["summary", "map", "value", "values", "list", "nulls"])
async def test_trap_11_where_the_words_stand(
    alpha: City, far: Peer, ann: Actor, text: dict[str, Any]
) -> None:
    assert "hello" in await kept(alpha, far, to_ann(far, ann, **text))
    thing = {**offer(far), "content": None, **text}
    assert "hello" in await kept(alpha, far, thing)
    named = to_ann(far, ann, name=None, nameMap={"de": "Hallo"}, type="Article")
    await kept(alpha, far, named)
    assert await alpha.value("select title from posts where uri = %s", named["id"]) == "Hallo"


async def test_trap_12_an_object_with_an_actor(alpha: City, far: Peer, ann: Actor) -> None:
    """Pleroma and Mobilizon put `actor` on things; that does not make them activities."""
    assert await kept(alpha, far, to_ann(far, ann, actor=far.pat)) == "<p>hello</p>"
    thing = offer(far, actor=far.pat)
    assert (await say(alpha, far, far.activity("Announce", thing, by=GROUP), GROUP))[0] == "done"
    assert await listing(alpha, thing["id"]) == ("<p>real</p>", "open")


async def test_trap_13_collections_in_every_shape(alpha: City, far: Peer, ann: Actor) -> None:
    replies = [to_ann(far, ann, content=f"<p>reply {number}</p>") for number in range(3)]
    thread = to_ann(far, ann, replies=[replies[0], replies[1]["id"]])
    replies[0]["replies"] = {"type": "Collection", "first": {"items": [replies[2]["id"]]}}
    for reply, above in zip(replies, (thread, thread, replies[0]), strict=True):
        reply["inReplyTo"] = above["id"]
    assert await kept(alpha, far, thread) == "<p>hello</p>"
    assert await backfill.backfill(alpha.instance, thread["id"]) == 3
    assert [await words(alpha, reply["id"]) for reply in replies] == [
        f"<p>reply {number}</p>" for number in range(3)
    ]
    things = [offer(far)["id"] for _ in range(4)]
    city = far.add_actor("city", "Group", offers=f"{far.origin}/o", needs=f"{far.origin}/n")
    first = {"type": "CollectionPage", "items": things[:2]}
    far.add({"id": f"{far.origin}/o", "type": "Collection", "first": first})
    far.add({"id": f"{far.origin}/n", "type": "OrderedCollection", "orderedItems": things[2:]})
    await alpha.instance.queue.configure_task("discover").defer_async(origin=far.origin)
    await alpha.instance.queue.run_worker_async(
        install_signal_handlers=False, wait=False, additional_context={"instance": alpha.instance}
    )
    assert city in asked(alpha, far)
    for thing in things:
        assert await listing(alpha, thing) == ("<p>real</p>", "open")
