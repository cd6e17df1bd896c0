"""What the smaller FEPs ask of us, sent and received; each is named after its number."""

import re
from pathlib import Path
from typing import Any

import pytest

from federation import followers, resolve
from federation.acts import people
from federation.knock import manner_of
from federation.wire.actors import FEATURES, RFC_9421
from schema import peers
from schema.actors import Actor
from tests import make, talk
from tests.federation.test_catch_up import do_jobs
from tests.peer import AS, PUBLIC, Peer, befriend
from tests.world import City, Wire, settle

ROOT = Path(__file__).parents[2]
SYNC = "Collection-Synchronization"
NOTHING = "0" * 64


@pytest.fixture
async def far(alpha: City, wire: Wire) -> Peer:
    """A server of another make that alpha listens to."""
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    return peer


async def follow(city: City, by: Actor, whom: Actor, other: City) -> None:
    """A resident of `city` follows somebody of the other."""
    there = await resolve.actor(city.instance, whom.uri)
    async with city.instance.begin() as tx:
        await people.follow(tx, by=by, whom=there)
    await settle(city, other)


async def count_followers(city: City, whom: Actor) -> int:
    query = (
        "select count(*) from follows where followed_id = (select id from actors where uri = %s)"
    )
    return await city.value(query, whom.uri)


def test_fep_8fcf_the_digest_is_that_of_the_text() -> None:
    """The example of the FEP: three followers in any order, and nobody."""
    uris = [
        "https://testing.example.org/users/1",
        "https://testing.example.org/users/2",
        "https://testing.example.org/users/2",
    ]
    one = followers.digest(uris[:1])
    assert followers.digest(uris) == one, "what is there twice takes itself away"
    assert followers.digest(uris[:2]) == followers.digest(reversed(uris[:2])) != one
    assert followers.digest([]) == NOTHING


async def test_fep_8fcf_what_is_said_to_followers_says_who_they_are_and_is_signed(
    alpha: City, far: Peer
) -> None:
    ann = await make.a_person(alpha, "ann")
    await far.says(alpha, far.activity("Follow", ann.uri))
    await settle(alpha)
    assert SYNC not in far.requests[-1].headers, "an Accept is not for the followers"
    await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha)
    told = next(r for r in far.requests if SYNC in r.headers)
    parts = followers.read(told.headers[SYNC])
    assert parts == {
        "collectionId": f"{ann.uri}/followers",
        "url": f"{ann.uri}/followers_synchronization",
        "digest": followers.digest([far.pat]),
    }
    assert SYNC.lower() in told.headers["signature"]


async def test_fep_8fcf_the_part_is_for_the_server_that_signs(
    alpha: City, far: Peer, wire: Wire
) -> None:
    ann, near = await make.a_person(alpha, "ann"), Peer("near.test", wire).start()
    await befriend(alpha, near)
    for peer in (far, near):
        await peer.says(alpha, peer.activity("Follow", ann.uri))
    await settle(alpha)
    path = "/people/ann/followers_synchronization"
    assert (await far.asks(alpha, path)).json()["orderedItems"] == [far.pat]
    assert (await near.asks(alpha, path)).json()["orderedItems"] == [near.pat]
    assert (await alpha.document(path)).status_code == 404


@pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])
async def test_fep_8fcf_two_cities_agree_again_who_follows_whom(
    alpha: City, beta: City, scheme: str
) -> None:
    ann = await make.a_person(alpha, "ann")
    ben, cleo, dora = [await make.a_person(beta, name) for name in ("ben", "cleo", "dora")]
    await alpha.execute("update peers set scheme = %s, scheme_at = now()", scheme)
    for person in (ben, cleo, dora):
        await follow(beta, person, ann, alpha)
    assert (await count_followers(alpha, ann), await count_followers(beta, ann)) == (3, 3)
    # ann's city forgets ben, and ben's city forgets that cleo asked.
    query = "delete from follows where follower_id = (select id from actors where uri = %s)"
    await alpha.execute(query, ben.uri)
    await beta.execute(query, cleo.uri)
    async with alpha.instance.begin() as tx:
        await people.say(tx, by=ann, can="weld")
    await settle(alpha, beta)
    await do_jobs(beta, alpha)
    for city in (alpha, beta):
        assert await count_followers(city, ann) == 1, "dora, whom both know"


async def test_fep_8fcf_a_lost_accept_is_made_good(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    await follow(beta, ben, ann, alpha)
    await beta.execute("update follows set state = 'asked' where follower_id = %s", ben.id)
    async with alpha.instance.begin() as tx:
        await people.say(tx, by=ann, can="weld")
    await settle(alpha, beta)
    await do_jobs(beta)
    query = "select state from follows where follower_id = %s"
    assert await beta.value(query, ben.id) == "accepted"


async def test_fep_8fcf_a_membership_that_the_community_forgot_ends(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    garden = await make.a_community(alpha, ann)
    await talk.join(beta, ben, garden, alpha)
    await talk.join(beta, await make.a_person(beta, "cleo"), garden, alpha)
    for table, column in (("follows", "follower_id"), ("memberships", "person_id")):
        query = f"delete from {table} where {column} = (select id from actors where uri = %s)"
        await alpha.execute(query, ben.uri)
    await talk.start(alpha, ann, garden)
    await settle(alpha, beta)
    await do_jobs(beta)
    query = "select state from memberships where person_id = %s"
    assert await beta.value(query, ben.id) == "left"


@pytest.mark.parametrize(
    "wrong",
    [
        {"collectionId": "http://far.test/u/other/followers"},
        {"url": "http://near.test/u/pat/part"},
        {"digest": "none"},
        {"more": "x"},
    ],
)
async def test_fep_8fcf_a_header_about_others_is_not_followed(
    alpha: City, far: Peer, wrong: dict[str, str]
) -> None:
    parts = {
        "collectionId": f"{far.pat}/followers",
        "url": f"{far.pat}/part",
        "digest": followers.digest([f"{alpha.origin}/people/ann"]),
    }
    for told, jobs in ((parts | wrong, 0), (parts, 1)):
        if told is not parts and "digest" in wrong:
            continue  # a digest in strange letters is one that differs
        value = ", ".join(f'{name}="{text}"' for name, text in told.items())
        said = far.activity("Create", far.note())
        assert (await far.says(alpha, said, headers={SYNC: value})).status_code == 202
        query = "select count(*) from procrastinate_jobs where task_name = 'realign'"
        assert await alpha.value(query) == jobs


async def test_fep_2c59_an_actor_says_how_it_is_found(alpha: City, wire: Wire) -> None:
    await make.a_person(alpha, "ann")
    for path, name in (("/people/ann", "ann"), ("/city", "city"), ("/actor", "alpha.test")):
        document = (await alpha.document(path)).json()
        assert document["webfinger"] == f"{name}@alpha.test"
        resource = f"/.well-known/webfinger?resource=acct:{document['webfinger']}"
        assert (await alpha.get(resource)).json()["aliases"] == [document["id"]]


@pytest.mark.parametrize(
    ("said", "name"),
    [("p.smith@far.test", "p.smith"), ("acct:p.smith@FAR.test", "p.smith"), ("x@near.test", "pat")],
)
async def test_fep_2c59_the_name_is_taken_from_there_on_the_own_server_only(
    alpha: City, far: Peer, said: str, name: str
) -> None:
    far.documents[far.pat]["webfinger"] = said
    assert (await resolve.actor(alpha.instance, far.pat)).name == name


async def test_fep_844e_every_actor_leads_to_what_its_server_can_do(alpha: City) -> None:
    await make.a_person(alpha, "ann")
    own = (await alpha.document("/actor")).json()["implements"]
    links = {link["href"]: link["name"] for link in own}
    assert links == FEATURES
    assert {"https://w3id.org/fep/8b32", "https://w3id.org/fep/521a", RFC_9421} <= links.keys()
    for path in ("/people/ann", "/city"):
        generator = (await alpha.document(path)).json()["generator"]
        assert (generator["id"], generator["implements"]) == (f"{alpha.origin}/actor", own)


@pytest.mark.parametrize("spelling", ["links", "texts", "generator"])
async def test_fep_844e_a_server_that_takes_rfc_9421_is_written_to_so_at_once(
    alpha: City, far: Peer, spelling: str
) -> None:
    ann = await make.a_person(alpha, "ann")
    features: Any = [{"type": "Link", "href": RFC_9421}] if spelling == "links" else [RFC_9421]
    if spelling == "generator":
        found: Any = {"generator": {"type": "Application", "implements": features}}
    else:
        found = {"type": "Application", "implements": features}
    far.documents[far.pat] |= found
    await far.says(alpha, far.activity("Follow", ann.uri))
    async with alpha.instance.read() as conn:
        known = await peers.get(conn, far.origin)
    assert known.implements == [RFC_9421]
    assert manner_of(known, alpha.clock()).scheme == "rfc9421"


async def test_fep_844e_who_says_so_and_does_not_is_asked_in_the_other_way(
    alpha: City, far: Peer
) -> None:
    ann = await make.a_person(alpha, "ann")
    far.documents[far.pat] |= {"type": "Application", "implements": [RFC_9421]}
    far.by_headers = lambda headers: 401 if "signature-input" in headers else 202
    await far.says(alpha, far.activity("Follow", ann.uri))
    await settle(alpha)
    tried = ["signature-input" in request.headers for request in far.requests]
    assert tried == [True, False], "first as it said, then as it takes it"
    await resolve.actor(alpha.instance, far.pat, fresh=True)
    assert await alpha.value("select scheme from peers where origin = %s", far.origin) == "cavage"


async def test_fep_f1d5_and_0151_nodeinfo_says_who_and_what_and_no_more(alpha: City) -> None:
    admin = await make.an_admin(alpha, "ada")
    hidden = await make.an_admin(alpha, "hidden")
    await alpha.execute("update actors set discoverable = false where id = %s", hidden.id)
    links = (await alpha.get("/.well-known/nodeinfo")).json()["links"]
    schema = "http://nodeinfo.diaspora.software/ns/schema/"
    assert {link["rel"] for link in links} == {schema + "2.1", schema + "2.0", f"{AS}#Application"}
    found = (await alpha.get("/nodeinfo/2.1")).json()
    assert found["software"].keys() == {"name", "version", "homepage"}
    assert re.fullmatch("[a-z0-9-]+", found["software"]["name"])
    metadata = found["metadata"]
    assert metadata.keys() == {"nodeName", "nodeDescription", "federation", "staffAccounts"}
    assert metadata["staffAccounts"] == [admin.uri]
    old = (await alpha.get("/nodeinfo/2.0")).json()
    assert old["software"].keys() == {"name", "version"}


def test_fep_67ff_the_page_for_other_implementers_names_what_it_must() -> None:
    page = (ROOT / "FEDERATION.md").read_text("utf-8")
    for heading in ("# Federation", "## Protocols", "## FEPs"):
        assert f"{heading}\n" in page
    listed = set(re.findall(r"\[([0-9a-f]{4})\]\(https://w3id.org/fep/", page))
    assert {feature[-4:] for feature in FEATURES if "/fep/" in feature} <= listed
    tested = {
        "67ff",
        "2c59",
        "844e",
        "8fcf",
        "5feb",
        "d556",
        "2677",
        "f1d5",
        "0151",
        "8b32",
        "521a",
    }
    assert tested <= listed


async def test_fep_5feb_who_did_not_say_so_is_not_found_by_words(alpha: City, far: Peer) -> None:
    for name, said in (("yes", True), ("no", False), ("silent", None)):
        more: dict[str, Any] = {} if said is None else {"indexable": said}
        by = far.add_actor(name, **more)
        offered = {"type": "Intent", "action": "transfer"}
        kind = {"type": "Proposal", "purpose": "offer", "name": f"A lathe by {name}"}
        listing = far.note("<p>steel</p>", by, **kind, publishes=offered)
        await far.says(alpha, far.activity("Create", listing, by=by, to=[PUBLIC]), by=by)
    await settle(alpha)
    everything = (await alpha.get("/offers")).text
    found = (await alpha.get("/offers?q=lathe")).text
    for name, indexed in (("yes", True), ("no", False), ("silent", False)):
        assert f"A lathe by {name}" in everything
        assert (f"A lathe by {name}" in found) is indexed


async def test_fep_5feb_residents_decide_and_their_own_place_finds_them(
    alpha: City, beta: City
) -> None:
    ann = await make.a_person(alpha, "ann")
    assert (await alpha.document("/people/ann")).json()["indexable"] is True
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/me/found", {"discoverable": "1"})
        assert 'name="discoverable" checked' in (await browser.get("/me")).text
    said = (await alpha.document("/people/ann")).json()
    assert (said["indexable"], said["discoverable"]) == (False, True)
    await make.a_proposal(alpha, ann, "A lathe")
    await make.a_blueprint(alpha, ann, "A bench for a lathe")
    await settle(alpha, beta)
    for city, found in ((alpha, True), (beta, False)):
        for path, title in (("/offers", "A lathe"), ("/blueprints", "A bench for a lathe")):
            assert title in (await city.get(path)).text
            assert (title in (await city.get(f"{path}?q=lathe")).text) is found, (city.host, path)
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/me/found", {"indexable": "1"})
    await settle(alpha, beta)
    assert "A lathe" in (await beta.get("/offers?q=lathe")).text
    said = (await alpha.document("/people/ann")).json()
    assert (said["indexable"], said["discoverable"]) == (True, False)
