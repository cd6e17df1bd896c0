"""One address per thing: a page for people, a document for servers, nothing for the unentitled."""

from typing import Any
from uuid import uuid4

import pytest

from federation import fetch
from federation.acts import posts as post_acts
from federation.acts import proposals as acts
from federation.errors import Gone
from federation.negotiation import wants_activity
from schema import proposals
from schema.actors import Actor
from schema.communities import Community
from tests import make, talk
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle

PROFILE = '"https://www.w3.org/ns/activitystreams"'


@pytest.fixture
def far(wire: Wire) -> Peer:
    """A server that alpha does not know."""
    return Peer("far.test", wire).start()


@pytest.mark.parametrize(
    ("accept", "activity"),
    [
        ("application/activity+json", True),
        (f"application/ld+json; profile={PROFILE}", True),
        ("application/ld+json", True),
        ("application/json, text/plain, */*", True),
        (f"application/activity+json, application/ld+json; profile={PROFILE}", True),
        (f"application/ld+json; profile={PROFILE}, text/html;q=0.1", True),
        ("text/html;q=0.5, application/activity+json;q=0.6", True),
        ("Application/Activity+JSON ; charset=utf-8", True),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", False),
        ("text/html, application/activity+json;q=0.9", False),
        ("application/activity+json;q=0, text/html;q=0.1", False),
        ("application/activity+json;q=0", False),
        ("application/activity+json;q=nan, text/html", False),
        ("application/activity+json;q=x, text/html;q=0.1", False),
        ("application/xhtml+xml, application/json;q=0.5", False),
        ("*/*", False),
        ("", False),
        (",;=q,;q=", False),
    ],
)
def test_trap_36_what_accept_says_decides(accept: str, activity: bool) -> None:
    assert wants_activity(accept) is activity


async def things(city: City, ann: Actor) -> list[str]:
    """A path of every kind that has a page and a document."""
    garden = await make.a_community(city, ann)
    offer = await make.a_proposal(city, ann)
    need = await make.a_proposal(city, ann, purpose="request", until=city.clock() + make.days(9))
    post = await talk.start(city, ann, garden)
    return ["/people/ann", "/communities/garden", offer.url, need.url, f"/posts/{post.id}"]


async def test_one_address_is_a_page_and_a_document(alpha: City, ann: Actor) -> None:
    for path in await things(alpha, ann):
        page, document = await alpha.get(path), await alpha.document(path)
        assert page.headers["Content-Type"].startswith("text/html"), path
        assert document.headers["Content-Type"] == "application/activity+json"
        assert document.json()["id"] == alpha.origin + path
        for answer in (page, document):
            assert answer.status_code == 200, path
            assert "accept" in answer.headers["Vary"].lower()
        assert "Signature" in document.headers["Vary"]
        assert "https://www.w3.org/ns/activitystreams" in document.json()["@context"]


async def test_the_city_and_its_server_have_documents(alpha: City) -> None:
    city = (await alpha.document("/city")).json()
    assert (city["type"], city["preferredUsername"]) == ("Group", "city")
    for folder in ("offers", "needs", "projects", "blueprints", "communities"):
        assert (await alpha.document(f"/city/{folder}")).json()["id"] == city[folder]
    server = (await alpha.document("/actor")).json()
    assert server["type"] == "Application"
    assert server["inbox"] == f"{alpha.origin}/actor/inbox"
    assert server["publicKey"]["owner"] == server["id"]


async def test_what_is_not_here_is_not_here(alpha: City, ann: Actor) -> None:
    offer = await make.a_proposal(alpha, ann)
    garden = await make.a_community(alpha, ann)
    for path in (
        f"/offers/{uuid4()}",
        f"/needs/{offer.id}",
        f"/posts/{uuid4()}",
        f"/activities/{uuid4()}",
        "/people/nobody",
        "/communities/ann",
        f"/people/{garden.name}",
        "/people/ann/secrets",
        "/people/ann/offers",
        "/people/ann/outbox?page=x",
    ):
        assert (await alpha.document(path)).status_code == 404, path


async def test_what_was_taken_back_is_gone_with_a_tombstone(alpha: City, ann: Actor) -> None:
    offer = await make.a_proposal(alpha, ann)
    garden = await make.a_community(alpha, ann)
    post = await talk.start(alpha, ann, garden)
    async with alpha.instance.begin() as tx:
        await acts.withdraw(tx, by=ann, proposal=offer)
        await post_acts.delete(tx, by=ann, post=post)
    await alpha.execute("update actors set deleted_at = now() where id = %s", ann.id)
    for path in (offer.url, f"/posts/{post.id}", "/people/ann"):
        answer = await alpha.document(path)
        assert answer.status_code == 410, path
        assert answer.json()["type"] == "Tombstone"
        assert answer.json()["id"] == alpha.origin + path
        assert "name" not in answer.json()


async def entitled(city: City, path: str) -> bool:
    """Whether this city's own signed GET is answered."""
    try:
        return (await fetch.document(city.instance, path))["id"] == path
    except Gone:
        return False


@pytest.fixture
async def garden(alpha: City, beta: City, ann: Actor) -> Community:
    """A community of alpha with a member in beta, and none in gamma."""
    garden = await make.a_community(alpha, ann)
    await talk.join(beta, await make.a_person(beta, "ben"), garden, alpha)
    return garden


async def test_who_may_fetch_what(
    alpha: City, beta: City, gamma: City, ann: Actor, garden: Community, far: Peer
) -> None:
    may = {"everyone": "bgfp", "neighbours": "bg", "community": "b", "city": ""}
    for scope, expected in may.items():
        one = await make.a_proposal(alpha, ann, scope, community=garden, scope=scope)
        got = "b" * await entitled(beta, one.uri) + "g" * await entitled(gamma, one.uri)
        got += "f" * ((await far.asks(alpha, one.url)).status_code == 200)
        got += "p" * ((await alpha.document(one.url)).status_code == 200)
        assert got == expected, scope


async def test_private_documents_are_for_no_cache(alpha: City, beta: City, ann: Actor) -> None:
    one = await make.a_proposal(alpha, ann, scope="neighbours")
    here, peer = alpha.wire, Peer("near.test", alpha.wire).start()
    await befriend(alpha, peer)
    answer = await peer.asks(alpha, one.url)
    assert answer.headers["Cache-Control"] == "private, no-store"
    async with alpha.instance.begin() as tx:
        await acts.withdraw(tx, by=ann, proposal=one)
    gone = await peer.asks(alpha, one.url, scheme="rfc9421")
    assert (gone.status_code, gone.headers["Cache-Control"]) == (410, "private, no-store")
    assert "public" not in (await alpha.document(one.url)).headers["Cache-Control"]
    assert here is alpha.wire


async def test_a_link_that_is_over_entitles_to_nothing(
    alpha: City, beta: City, ann: Actor, garden: Community
) -> None:
    near = await make.a_proposal(alpha, ann, "near", scope="neighbours")
    inside = await make.a_proposal(alpha, ann, "inside", community=garden, scope="community")
    assert await entitled(beta, near.uri) and await entitled(beta, inside.uri)
    await alpha.execute("update peers set publishes = false where origin = %s", beta.origin)
    assert not await entitled(beta, near.uri) and not await entitled(beta, inside.uri)
    await alpha.execute("update peers set publishes = true, link = 'known'")
    assert not await entitled(beta, near.uri)
    await alpha.execute("update peers set blocked_at = now() where origin = %s", beta.origin)
    assert not await entitled(beta, inside.uri)


async def test_a_get_signed_badly_or_by_another_is_a_guests(
    alpha: City, beta: City, ann: Actor, far: Peer
) -> None:
    near = await make.a_proposal(alpha, ann, scope="neighbours")
    assert (await far.asks(alpha, near.url, by=f"{beta.origin}/actor")).status_code == 404
    assert (await alpha.get(near.url, Signature="x")).status_code == 404
    accept = "application/activity+json"
    for signature in ("x", "", 'keyId="http://beta.test/actor#main-key"'):
        answer = await alpha.get(near.url, Accept=accept, Signature=signature)
        assert answer.status_code == 404


async def test_a_hidden_community_exists_for_servers_of_its_members_only(
    alpha: City, beta: City, gamma: City, ann: Actor, garden: Community
) -> None:
    await alpha.execute("update communities set join_rule = 'hidden'")
    await alpha.execute("update actors set discoverable = false where kind = 'group'")
    for path in ("", "/outbox", "/followers", "/members", "/featured"):
        uri = garden.uri + path
        assert await entitled(beta, uri), path
        assert not await entitled(gamma, uri), path
        assert (await alpha.document(uri.removeprefix(alpha.origin))).status_code == 404


async def test_answers_that_need_a_key_hold_no_connection_while_it_is_fetched(
    alpha: City, ann: Actor, wire: Wire
) -> None:
    """Otherwise a few signed GETs with keys at a slow server would stop the whole place."""
    near = await make.a_proposal(alpha, ann, scope="neighbours")
    hidden = await make.a_community(alpha, ann, "secret", join_rule="hidden")
    peer = Peer("slow.test", wire).start()
    most: list[int] = []

    async def look(scope: Any, receive: Any, send: Any) -> None:
        stats = alpha.instance.db._pool.get_stats()
        most.append(stats["pool_size"] - stats["pool_available"])
        await app(scope, receive, send)

    app, wire.apps[peer.host] = wire.apps[peer.host], look
    paths = (near.url, f"/communities/{hidden.name}", "/city/offers")
    for number, path in enumerate(paths):
        await peer.asks(alpha, path, by=peer.add_actor(f"p{number}"))
    assert most == [0, 0, 0]


async def test_activities_of_ours_can_be_read_when_they_are_public(alpha: City, ann: Actor) -> None:
    for scope, status in (("everyone", 200), ("neighbours", 404), ("city", 404)):
        made = await make.a_proposal(alpha, ann, scope, scope=scope)
        uri = await alpha.value("select uri from activities where object_uri = %s", made.uri)
        path = (uri or f"{alpha.origin}/activities/{uuid4()}").removeprefix(alpha.origin)
        answer = await alpha.document(path)
        assert answer.status_code == status, scope
        if status == 200:
            assert (answer.json()["id"], answer.json()["object"]["id"]) == (uri, made.uri)


async def test_a_copy_of_something_foreign_has_no_document_here(
    alpha: City, beta: City, ann: Actor
) -> None:
    ladder = await make.a_proposal(alpha, ann)
    await settle(alpha, beta)
    async with beta.instance.read() as conn:
        copy = await proposals.find(conn, ladder.uri)
    assert copy is not None
    assert (await beta.get(copy.url)).status_code == 200
    assert (await beta.document(copy.url)).status_code == 404
    ids = "select id from activities where direction = 'in' limit 1"
    assert (await beta.document(f"/activities/{await beta.value(ids)}")).status_code == 404


async def test_f_the_host_header_is_not_believed(alpha: City, ann: Actor) -> None:
    document = await alpha.get("/people/ann", Accept="application/activity+json", Host="evil.test")
    assert document.json()["id"] == ann.uri
    assert "evil.test" not in document.text


async def test_d09_nul_in_an_address_finds_nothing(alpha: City, ann: Actor) -> None:
    for path in ("/people/ann%00", "/communities/%00", "/network/a%00", "/offers/%00/replies"):
        for accept in ("text/html", "application/activity+json"):
            assert (await alpha.get(path, Accept=accept)).status_code == 404, path
    assert (await alpha.get("/communities?q=a%00b")).status_code == 200
