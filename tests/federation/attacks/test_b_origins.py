"""Group B: who speaks for whom. What a server says of others is not believed."""

from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response

from federation import resolve
from tests import make
from tests.federation.arrivals.test_moves import a_follower
from tests.federation.door import (
    HEARING,
    MEETING,
    asked,
    listing,
    offer,
    post,
    say,
    untouched,
    verdict,
)
from tests.peer import PUBLIC, Peer
from tests.world import City, Wire, fast_forward, settle

FORGED, REAL = "<p>forged</p>", "<p>real</p>"
SAM, GROUP = "http://far.test/u/sam", "http://far.test/c/group"
EVIL = "http://evil.test/c/group"


def later(city: City, thing: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The same thing as it might be changed a minute later."""
    city.clock.now += timedelta(minutes=1)
    return {**thing, "content": FORGED, "updated": city.clock().isoformat(), **more}


async def test_b01_an_activity_with_an_id_of_another_server(
    alpha: City, far: Peer, evil: Peer
) -> None:
    genuine = far.activity("Create", offer(far))
    for id in (genuine["id"], genuine["id"].replace("far.test", "FAR.test:80")):
        async with untouched(alpha):
            forged = {**evil.activity("Create", offer(evil)), "id": id}
            assert (await evil.says(alpha, forged)).status_code == 400
    assert await say(alpha, far, genuine) == ("done", "")


async def test_b02_an_id_that_was_claimed_without_proof(alpha: City, far: Peer, evil: Peer) -> None:
    genuine = far.activity("Create", offer(far))
    async with untouched(alpha, *MEETING):
        assert (await post(alpha, str(genuine))).status_code == 400
        assert (await evil.says(alpha, genuine)).status_code == 401
        assert (await far.says(alpha, genuine, headers={"Signature": ""})).status_code == 401
    assert await say(alpha, far, genuine) == ("done", "")


async def test_b03_words_of_a_third_server(alpha: City, far: Peer, evil: Peer) -> None:
    listed = offer(far)
    forged = {**listed, "content": FORGED, "attributedTo": evil.pat}
    async with untouched(alpha, *HEARING):
        assert (await say(alpha, evil, evil.activity("Create", forged)))[0] == "refused"


@pytest.mark.parametrize("whole", [True, False], ids=["activity", "object"])
async def test_b04_an_announce_of_forged_words_while_their_server_is_away(
    alpha: City, far: Peer, evil: Peer, wire: Wire, whole: bool
) -> None:
    listed = offer(far)
    forged = {**listed, "content": FORGED}
    inner = far.activity("Create", forged) if whole else forged
    said = evil.activity("Announce", inner, by=EVIL)
    wire.cut(far.host)
    async with untouched(alpha, *HEARING):
        assert (await say(alpha, evil, said, EVIL))[0] == "waiting"
    wire.mend(far.host)
    await fast_forward(alpha)
    await settle(alpha)
    assert await verdict(alpha, said) == ("done", "")
    assert await listing(alpha, listed["id"]) == (REAL, "open")


async def test_b05_an_update_of_what_was_never_created_by_another_server(
    alpha: City, far: Peer, evil: Peer
) -> None:
    listed, note = offer(far), far.note()
    async with untouched(alpha, *HEARING):
        for thing in (listed, note):
            for owner in (evil.pat, far.pat):
                forged = later(alpha, thing, attributedTo=owner)
                for by in (evil.pat, EVIL):
                    said = evil.activity("Update", forged, by=by)
                    assert (await say(alpha, evil, said, by))[0] in ("refused", "ignored")


@pytest.mark.parametrize("kind", ["Update", "Delete"])
async def test_b06_another_author_of_the_same_server(alpha: City, far: Peer, kind: str) -> None:
    listed = offer(far)
    await say(alpha, far, far.activity("Create", listed))
    async with untouched(alpha, *HEARING):
        for by in (SAM, GROUP):
            for owner in (by, far.pat):
                forged = later(alpha, listed, attributedTo=owner)
                object = listed["id"] if kind == "Delete" else forged
                said = far.activity(kind, object, by=by)
                assert (await say(alpha, far, said, by))[0] == "refused", (by, owner)


OWNERS: list[Any] = [None, 1, "1", "", [], {}, [{}], {"id": 1}, {"name": "pat"}, SAM]
OWNERS += ["http://alpha.test/people/ann", ["http://alpha.test/people/ann", SAM], [[["x"]]]]


@pytest.mark.parametrize("kind", ["note", "offer"])
async def test_b07_strange_authors(alpha: City, far: Peer, kind: str) -> None:
    ann = await make.a_person(alpha, "ann")
    mention = [{"type": "Mention", "href": ann.uri}]
    thing = offer(far) if kind == "offer" else far.note(tag=mention, cc=[ann.uri])
    async with untouched(alpha, *HEARING):
        for owner in OWNERS:
            said = far.activity("Create", {**thing, "attributedTo": owner})
            assert (await say(alpha, far, said))[0] in ("refused", "malformed"), owner


IDS: list[Any] = [
    None,
    "",
    7,
    [],
    ["http://far.test/1"],
    {"id": "http://far.test/1"},
    "/activities/1",
    "activities/1",
    "//far.test/1",
    "javascript:alert(1)",
    "data:text/plain,1",
    "acct:pat@far.test",
    "http://far.test/" + "a" * 3000,
    "http://far.test/1\n",
    "\nhttp://far.test/1",
    "http://far.test:80:80/1",
    "http://pat@far.test/1",
    "http://other.test/activities/1",
    "http://far.test./1",
]


async def test_b08_strange_ids(alpha: City, far: Peer) -> None:
    async with untouched(alpha, *MEETING):
        for id in IDS:
            said = {**far.activity("Create", offer(far)), "id": id}
            assert (await far.says(alpha, said)).status_code == 400, id


async def test_b08_strange_ids_of_objects(alpha: City, far: Peer) -> None:
    ann = await make.a_person(alpha, "ann")
    mention = [{"type": "Mention", "href": ann.uri}]
    note, listed = far.note(tag=mention, cc=[ann.uri]), offer(far)
    async with untouched(alpha, *HEARING):
        for id in IDS:
            for thing in (note, listed):
                said = far.activity("Create", {**thing, "id": id})
                state, _ = await say(alpha, far, said)
                assert state in ("refused", "malformed", "waiting"), id


async def test_b09_a_document_with_another_id(alpha: City, far: Peer, evil: Peer) -> None:
    listed = offer(far)
    far.documents[f"{far.origin}/short"] = listed
    far.documents[f"{far.origin}/loop"] = {**listed, "id": f"{far.origin}/elsewhere"}
    far.documents[f"{far.origin}/elsewhere"] = {**listed, "id": f"{far.origin}/loop2"}
    evil.documents[f"{evil.origin}/copy"] = {**listed, "content": FORGED}
    async with untouched(alpha, *HEARING):
        for peer, uri in ((far, f"{far.origin}/loop"), (evil, f"{evil.origin}/copy")):
            assert (await say(alpha, peer, peer.activity("Announce", uri)))[0] == "refused"
    assert len([url for url in asked(alpha, far) if "loop" in url or "elsewhere" in url]) == 2
    assert (await say(alpha, far, far.activity("Announce", f"{far.origin}/short")))[0] == "done"
    assert await listing(alpha, listed["id"]) == (REAL, "open")


async def test_b10_a_document_that_lies_behind_a_redirect_to_another_server(
    alpha: City, far: Peer, evil: Peer
) -> None:
    listed = offer(far)
    for status in (301, 302, 303, 307, 308):
        uri = f"{far.origin}/away/{status}"
        evil.documents[f"{evil.origin}/{status}"] = {**listed, "id": uri, "content": FORGED}
        to = f"{evil.origin}/{status}"
        far.scripts[uri] = lambda _, to=to, status=status: RedirectResponse(to, status)
        async with untouched(alpha, *HEARING):
            assert (await say(alpha, far, far.activity("Announce", uri)))[0] == "refused"


async def test_b10_an_alternate_that_a_header_names_is_not_followed(
    alpha: City, far: Peer, evil: Peer
) -> None:
    uri, there = f"{far.origin}/page", f"{evil.origin}/there"
    evil.documents[there] = {**offer(far), "id": uri}
    link = f'<{there}>; rel="alternate"; type="application/activity+json"'
    far.scripts[uri] = lambda _: Response("<p>", media_type="text/html", headers={"Link": link})
    async with untouched(alpha, *HEARING):
        assert (await say(alpha, far, far.activity("Announce", uri)))[0] in ("refused", "malformed")
    assert asked(alpha, evil) == []


SPELLINGS = ["http://alpha.test", "http://ALPHA.test", "http://alpha.test:80"]


@pytest.mark.parametrize("ours", SPELLINGS)
async def test_b11_a_document_that_claims_to_be_ours(alpha: City, far: Peer, ours: str) -> None:
    ann = await make.a_person(alpha, "ann")
    ladder = await make.a_proposal(alpha, ann)
    uri, person = ladder.uri.replace(alpha.origin, ours), ann.uri.replace(alpha.origin, ours)
    forged = {**offer(far), "id": uri, "content": FORGED}
    async with untouched(alpha, *HEARING):
        for owner in (far.pat, person):
            thing = {**forged, "attributedTo": owner}
            inner = {**far.activity("Update", thing, by=person), "id": f"{ours}/x"}
            for kind, object in (("Create", thing), ("Update", thing), ("Announce", inner)):
                said = far.activity(kind, object, by=GROUP)
                assert (await say(alpha, far, said, GROUP))[0] != "done", (kind, owner)
        said = {**far.activity("Like", far.pat), "actor": person, "id": f"{ours}/x"}
        assert (await far.says(alpha, said)).status_code == 400
    assert await listing(alpha, ladder.uri) == (ladder.html.strip(), "open")


async def test_b12_what_a_collection_holds_of_others(alpha: City, far: Peer, evil: Peer) -> None:
    """A city lists, in full, things of another server: none of it gets in by that."""
    listed = offer(far)
    evil.add_actor("city", "Group", offers=f"{evil.origin}/offers")
    forged = {**listed, "content": FORGED}
    evil.add(
        {
            "id": f"{evil.origin}/offers",
            "type": "OrderedCollection",
            "orderedItems": [forged, far.activity("Create", forged), listed["id"]],
        }
    )
    async with untouched(alpha, *MEETING, "directories"):
        await alpha.instance.queue.configure_task("discover").defer_async(origin=evil.origin)
        await alpha.instance.queue.run_worker_async(
            install_signal_handlers=False,
            wait=False,
            additional_context={"instance": alpha.instance},
        )
    assert f"{evil.origin}/offers" in asked(alpha, evil), "the list was looked at"
    assert await listing(alpha, listed["id"]) is None


async def test_b13_a_copy_that_differs_from_the_original(
    alpha: City, far: Peer, evil: Peer
) -> None:
    listed = offer(far)
    inner = far.activity("Create", {**listed, "content": FORGED})
    said = evil.activity("Announce", inner, by=EVIL)
    assert (await say(alpha, evil, said, EVIL))[0] == "done"
    assert await listing(alpha, listed["id"]) == (REAL, "open")


FINGER = "http://evil.test/.well-known/webfinger"


def finger(subject: str, href: str) -> Any:
    link = {"rel": "self", "type": "application/activity+json", "href": href}
    return lambda _: JSONResponse({"subject": subject, "links": [link]})  # pyright: ignore


async def looked_up(browser: make.Browser, name: str) -> str:
    """What a resident is led to who looks for this name; '' where nothing is found."""
    answer = await browser.client.get("/find", params={"address": name}, follow_redirects=False)
    assert answer.status_code in (303, 422)
    return answer.headers.get("location", "")


async def test_b14_names_that_lead_elsewhere(alpha: City, far: Peer, evil: Peer) -> None:
    """WebFinger of one server cannot give out people of another, or of ours."""
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        for subject in ("acct:pat@evil.test", "acct:pat@far.test", ""):
            for href in (far.pat, ann.uri, "javascript:alert(1)", "http://10.0.0.1/u/pat"):
                evil.scripts[FINGER] = finger(subject, href)
                async with untouched(alpha, *MEETING):
                    assert await looked_up(browser, "@pat@evil.test") == ""
        assert {url.partition("?")[0] for url in asked(alpha, far)} == {FINGER_OF_FAR}
        assert await alpha.value("select count(*) from actors where host = 'far.test'") == 0
        evil.scripts[FINGER] = finger("acct:pat@evil.test", far.pat)
        far.scripts[FINGER_OF_FAR] = finger("acct:pat@evil.test", far.pat)
        assert "pat@far.test" in await looked_up(browser, "@pat@evil.test"), "far says so too"


FINGER_OF_FAR = "http://far.test/.well-known/webfinger"


async def test_b14_an_alias_that_turns_in_a_circle_is_followed_no_further(
    alpha: City, evil: Peer, wire: Wire
) -> None:
    where = "http://evil.test/.well-known/webfinger?resource=acct%3Apat%40evil.test"
    evil.scripts[FINGER] = lambda _: RedirectResponse(where + "&again=1")
    async with await make.log_in(alpha, await make.a_person(alpha, "ann")) as browser:
        assert await looked_up(browser, "@pat@evil.test") == ""
    assert 1 <= wire.tried("evil.test") <= 4


async def test_b15_a_person_does_not_become_a_group(alpha: City, far: Peer) -> None:
    await say(alpha, far, far.activity("Like", far.pat))
    for kind in ("Group", "Application", "Service", "Organization"):
        far.documents[far.pat]["type"] = kind
        alpha.clock.now += timedelta(minutes=6)
        async with untouched(alpha, *HEARING):
            said = far.activity("Update", far.documents[far.pat])
            assert (await say(alpha, far, said))[0] == "refused"
        assert await alpha.value("select kind from actors where uri = %s", far.pat) == "person"


async def test_b15_nobody_elsewhere_has_the_name_of_our_admin(alpha: City, far: Peer) -> None:
    root = await make.an_admin(alpha, "root_admin")
    far.documents[far.pat]["preferredUsername"] = "root_admin"
    far.documents[far.pat]["name"] = "root_admin"
    await say(alpha, far, far.activity("Like", far.pat))
    async with alpha.instance.read() as conn:
        query = "select host from actors where name = 'root_admin' order by host nulls first"
        hosts = [host for (host,) in await (await conn.execute(query)).fetchall()]
    assert hosts in ([None, "far.test"], ["", "far.test"])
    assert root.uri == f"{alpha.origin}/people/root_admin"


PROFILE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
TYPES = {
    "text/html": False,
    "text/plain": False,
    "application/json": False,
    "application/octet-stream": False,
    "application/ld+json": False,
    'application/ld+json; profile="https://other.test/ns"': False,
    "": False,
    PROFILE: True,
    PROFILE + "; charset=utf-8": True,
    "application/activity+json": True,
    "APPLICATION/Activity+JSON; charset=UTF-8": True,
}


@pytest.mark.parametrize(("kind", "good"), TYPES.items(), ids=lambda value: str(value)[-40:])
async def test_b16_what_anybody_may_upload_is_no_document(
    alpha: City, far: Peer, kind: str, good: bool
) -> None:
    listed = offer(far)
    body = JSONResponse(listed).body
    far.scripts[listed["id"]] = lambda _: Response(body, headers={"Content-Type": kind})
    said = far.activity("Announce", listed["id"])
    if good:
        assert (await say(alpha, far, said))[0] == "done"
        assert await listing(alpha, listed["id"]) == (REAL, "open")
    else:
        async with untouched(alpha, *HEARING):
            assert (await say(alpha, far, said))[0] == "malformed"


async def test_b17_what_residents_upload_is_never_a_document(alpha: City) -> None:
    """Only pictures are taken, and they are encoded anew: no JSON, no mixture passes."""
    async with await make.log_in(alpha, await make.a_person(alpha, "ann")) as browser:
        for name, content, kind in (
            ("a.json", b'{"id": "http://alpha.test/people/ann", "type": "Person"}', "image/png"),
            ("a.jsonld", b'{"@context": []}', "application/activity+json"),
            ("a.gif", b"GIF89a/*{}*/", "image/gif"),
            ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml"),
        ):
            before = await alpha.value("select count(*) from media")
            answer = await browser.submit("/me/picture", files={"picture": (name, content, kind)})
            assert answer.status_code < 500
            assert await alpha.value("select count(*) from media") == before, name
    for path in ("/media/none.json", "/media/00000000-0000-0000-0000-000000000000"):
        answer = await alpha.document(path)
        assert answer.status_code == 404
        assert "activity" not in answer.headers.get("content-type", "")


async def test_b17_what_a_picture_elsewhere_turns_out_to_be(alpha: City, far: Peer) -> None:
    """We serve copies of foreign pictures: never what came instead of one."""
    person = JSONResponse({"id": f"{alpha.origin}/people/ann", "type": "Person"}).body
    for number, (content, kind) in enumerate(
        (
            (person, "application/activity+json"),
            (person, "image/png"),
            (b"GIF89a" + bytes(person), "image/gif"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        )
    ):
        url = f"{far.origin}/pictures/{number}"
        far.scripts[url] = lambda _, c=content, k=kind: Response(c, media_type=k)
        attachment = [{"type": "Image", "mediaType": "image/png", "url": url}]
        said = far.activity("Create", offer(far, attachment=attachment))
        assert (await say(alpha, far, said))[0] == "done"
        await alpha.instance.queue.run_worker_async(
            install_signal_handlers=False,
            wait=False,
            additional_context={"instance": alpha.instance},
        )
        assert url in asked(alpha, far)
        id = await alpha.value("select id from media where remote_url = %s", url)
        for path in (f"/media/{id}", f"/media/{id}?small"):
            answer = await alpha.document(path)
            assert answer.status_code == 404 and b"people/ann" not in answer.content, path


@pytest.mark.parametrize("count", [-1, 10**15, "many", None, [1], 1.5, True])
async def test_b18_made_up_numbers_of_replies_and_members(
    alpha: City, far: Peer, count: Any
) -> None:
    """We count what we know ourselves; a foreign number only ever says how many members."""
    garden = await make.a_community(alpha, await make.a_person(alpha, "ann"))
    numbers = {"type": "Collection", "totalItems": count}
    note = far.note(replies=numbers, likes=numbers, shares=numbers, votersCount=count)
    poll = {**note, "type": "Question", "oneOf": [{"name": "a", "replies": numbers}]}
    mention = {"tag": [{"type": "Mention", "href": garden.uri}], "to": [PUBLIC, garden.uri]}
    await say(alpha, far, far.activity("Follow", garden.uri))
    said = far.activity("Create", {**poll, **mention})
    assert (await say(alpha, far, said))[0] in ("done", "refused")
    forged = later(alpha, {**poll, **mention})
    async with untouched(alpha, *HEARING):
        said = far.activity("Update", forged, by=SAM)
        assert (await say(alpha, far, said, SAM))[0] == "refused"
    assert (await alpha.value("select coalesce(max(replies), 0) from posts")) == 0
    far.documents[GROUP]["members"] = f"{GROUP}/members"
    far.add({"id": f"{GROUP}/members", "type": "Collection", "totalItems": count})
    group = await resolve.actor(alpha.instance, GROUP, fresh=True)
    await resolve.count_members(alpha.instance, group)
    query = "select members from communities where actor_id = %s"
    assert 0 <= await alpha.value(query, group.id) <= 10**9


async def test_b20_a_move_that_the_new_home_does_not_know_of(
    alpha: City, far: Peer, evil: Peer
) -> None:
    """Following is not taken to where an account says it went, unless that one says so too."""
    ann = await a_follower(alpha, far)
    far.documents[far.pat]["movedTo"] = evil.pat
    async with untouched(alpha, *HEARING):
        for target in (evil.pat, ann.uri, SAM, far.pat, "x", None, [evil.pat]):
            said = far.activity("Move", far.pat, target=target)
            assert (await say(alpha, far, said))[0] in ("refused", "ignored", "malformed")


async def test_b20_one_move_in_thirty_days_and_none_in_a_circle(
    alpha: City, far: Peer, evil: Peer
) -> None:
    await a_follower(alpha, far)
    evil.documents[evil.pat]["alsoKnownAs"] = [far.pat]
    far.documents[SAM]["alsoKnownAs"] = [far.pat]
    far.documents[far.pat]["alsoKnownAs"] = [evil.pat]
    move, back = {"target": evil.pat}, {"target": far.pat}
    assert await say(alpha, far, far.activity("Move", far.pat, **move)) == ("done", "")
    assert await follows_of_ann(alpha) == [evil.pat]
    async with untouched(alpha, *HEARING):
        for _ in range(10):
            away = far.activity("Move", far.pat, target=SAM)
            assert (await say(alpha, far, away))[0] == "refused"
            home = evil.activity("Move", evil.pat, **back)
            assert (await say(alpha, evil, home))[0] == "refused"
        assert (await say(alpha, far, far.activity("Move", far.pat, **move)))[0] == "done"
    await alpha.execute("update follows set state = 'accepted'")
    alpha.clock.now += timedelta(days=31)
    assert await say(alpha, evil, evil.activity("Move", evil.pat, **back)) == ("done", "")
    assert await follows_of_ann(alpha) == [far.pat]


async def follows_of_ann(city: City) -> list[str]:
    query = """select array_agg(b.uri) from follows f join actors a on a.id = f.follower_id
      join actors b on b.id = f.followed_id where a.name = 'ann'"""
    return await city.value(query)
