"""Traps 1 to 17: one thing in many shapes. We read them all, and write one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.federation.door import asked, listing, offer, say, words
from tests.peer import AS, PUBLIC, Peer
from tests.world import City, settle

GROUP, SAM = "http://far.test/c/group", "http://far.test/u/sam"


def to_ann(far: Peer, ann: Actor, **more: Any) -> dict[str, Any]:
    """A Note that is kept here because it speaks to ann."""
    mention = {"type": "Mention", "href": ann.uri}
    told: dict[str, Any] = {"tag": [mention], "to": [PUBLIC], "cc": [ann.uri], **more}
    return far.note(**told)


async def kept(city: City, far: Peer, thing: dict[str, Any]) -> str:
    """The words that are here after its Create."""
    assert (await say(city, far, far.activity("Create", thing))) == ("done", "")
    here = await words(city, thing["id"])
    return here if here is not None else (await listing(city, thing["id"]) or ("", ""))[0]


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


def every(document: Any) -> Iterator[dict[str, Any]]:
    """All objects in a document."""
    if isinstance(document, dict):
        yield document  # pyright: ignore[reportUnknownVariableType]
        for value in document.values():  # pyright: ignore[reportUnknownVariableType]
            yield from every(value)
    elif isinstance(document, list):
        for value in document:  # pyright: ignore[reportUnknownVariableType]
            yield from every(value)


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


async def test_trap_03_we_write_one_type(alpha: City, ann: Actor, garden: Community) -> None:
    for document in await ours(alpha, ann, garden):
        for thing in every({k: v for k, v in document.items() if k != "@context"}):
            assert isinstance(thing.get("type", ""), str), thing


async def test_trap_04_objects_in_a_list(alpha: City, far: Peer, ann: Actor) -> None:
    thing = offer(far)
    assert (await say(alpha, far, far.activity("Create", [thing])))[0] == "done"
    assert await listing(alpha, thing["id"]) == ("<p>real</p>", "open")
    ladder = await make.a_proposal(alpha, ann)
    flag = far.activity("Flag", [ann.uri, ladder.uri], content="look")
    assert (await say(alpha, far, flag))[0] == "done"
    assert await alpha.value("select count(*) from reports") == 1


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
    assert "yes" in await kept(alpha, far, poll)
    intent = {"id": None, "type": "Intent", "action": "transfer"}
    assert await kept(alpha, far, offer(far, publishes=intent)) == "<p>real</p>"


URLS: list[Any] = [
    "http://far.test/page",
    ["http://far.test/page", "http://far.test/other"],
    {"type": "Link", "href": "http://far.test/page"},
    [
        {"type": "Link", "mimeType": "video/mp4", "href": "http://far.test/v.mp4"},
        {"type": "Link", "mediaType": "text/html", "href": "http://far.test/page"},
    ],
]


@pytest.mark.parametrize("url", URLS, ids=["text", "texts", "link", "links"])
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


async def test_trap_12_an_object_with_an_actor(alpha: City, far: Peer, ann: Actor) -> None:
    """Pleroma and Mobilizon put `actor` on things; that does not make them activities."""
    assert await kept(alpha, far, to_ann(far, ann, actor=far.pat)) == "<p>hello</p>"
    thing = offer(far, actor=far.pat)
    assert (await say(alpha, far, far.activity("Announce", thing, by=GROUP), GROUP))[0] == "done"
    assert await listing(alpha, thing["id"]) == ("<p>real</p>", "open")


async def test_trap_13_collections_in_every_shape(alpha: City, far: Peer, ann: Actor) -> None:
    assert await kept(alpha, far, to_ann(far, ann, replies=[f"{far.origin}/n/1"])) == "<p>hello</p>"
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


async def test_trap_14_keys_with_a_colon(alpha: City, far: Peer, ann: Actor) -> None:
    more: dict[str, Any] = {
        "flohmarkt:data": {"price": "0", "currency": "EUR"},
        "ical:status": "CONFIRMED",
        "pair:label": "x",
        "vcard:bday": "1970-01-01",
        "@context": [AS, {"flohmarkt": "https://codeberg.org/flohmarkt/ns/", "x": "@type"}],
    }
    assert await kept(alpha, far, offer(far, **more)) == "<p>real</p>"
    assert await kept(alpha, far, to_ann(far, ann, **more)) == "<p>hello</p>"


@pytest.mark.parametrize("number", [3, 3.0, "3", "3.000", " 3 "])
async def test_trap_15_numbers_and_texts_of_numbers(
    alpha: City, far: Peer, number: Any, ann: Actor, garden: Community
) -> None:
    measure = {"hasUnit": "one", "hasNumericalValue": number}
    intent = {"type": "Intent", "action": "transfer", "resourceQuantity": measure}
    thing = offer(far, publishes=intent)
    await kept(alpha, far, thing)
    assert await alpha.value("select quantity from proposals where uri = %s", thing["id"]) == 3
    for document in await ours(alpha, ann, garden):
        for part in every(document):
            assert isinstance(part.get("hasNumericalValue", ""), str), "some parsers need a text"


OM2 = "http://www.ontology-of-units-of-measure.org/resource/om-2/kilogram"


@pytest.mark.parametrize("unit", [OM2, "om2:kilogram", "kilogram", {"id": OM2}])
@pytest.mark.parametrize(
    "action", ["transfer", "vf:transfer", "https://w3id.org/valueflows#transfer"]
)
async def test_trap_16_spellings_of_units_and_actions(
    alpha: City, far: Peer, unit: Any, action: str
) -> None:
    measure = {"hasUnit": unit, "hasNumericalValue": "2"}
    kind = "https://www.wikidata.org/wiki/Q5"
    intent = {"action": action, "resourceConformsTo": kind, "resourceQuantity": measure}
    thing = offer(far, publishes={"type": "Intent", **intent})
    await kept(alpha, far, thing)
    assert await alpha.value("select unit from proposals where uri = %s", thing["id"]) == "kg"


TIMES = {
    "2026-05-01T09:00:00Z": "2026-05-01 09:00:00+00",
    "2026-05-01T09:00:00.123456789Z": "2026-05-01 09:00:00.123456+00",
    "2026-05-01T11:00:00+02:00": "2026-05-01 09:00:00+00",
    "2026-05-01T09:00:00.5+00:00": "2026-05-01 09:00:00.5+00",
}


@pytest.mark.parametrize(("given", "meant"), TIMES.items())
async def test_trap_17_times(alpha: City, far: Peer, ann: Actor, given: str, meant: str) -> None:
    note = to_ann(far, ann, published=given)
    await kept(alpha, far, note)
    query = "select created = %s::timestamptz from posts where uri = %s"
    assert await alpha.value(query, meant, note["id"])


@pytest.mark.parametrize("kind", ["note", "offer"])
async def test_trap_17_no_times_at_all(alpha: City, far: Peer, ann: Actor, kind: str) -> None:
    thing = offer(far) if kind == "offer" else to_ann(far, ann)
    del thing["published"]
    await kept(alpha, far, thing)
    alpha.clock.now += timedelta(minutes=1)
    changed = {**thing, "content": "<p>new</p>"}
    assert (await say(alpha, far, far.activity("Update", changed)))[0] == "done"
    await settle(alpha)
    assert "<p>new</p>" in (
        await words(alpha, thing["id"]),
        *(await listing(alpha, thing["id"]) or ()),
    )
