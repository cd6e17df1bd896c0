"""People and things of other places, found by their addresses."""

from collections.abc import Callable

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from federation import lookup
from federation.errors import Gone, Malformed, Untrusted
from schema.errors import Missing
from tests import make, talk
from tests.federation.arrivals.test_proposals import a_listing
from tests.peer import Peer
from tests.world import City, Wire


@pytest.fixture
def peer(wire: Wire) -> Peer:
    """A server that alpha has never met."""
    peer = Peer("far.test", wire).start()
    peer.add_actor("bread", "Group")
    return peer


async def test_people_and_communities_by_handle_and_by_address(alpha: City, peer: Peer) -> None:
    for address in ("@pat@far.test", "pat@far.test", "acct:pat@far.test", peer.pat):
        assert await lookup.lookup(alpha.instance, address) == "/people/pat@far.test"
    found = await lookup.lookup(alpha.instance, f"{peer.origin}/c/bread")
    assert found == "/communities/bread@far.test"
    assert (await alpha.get("/people/pat@far.test")).status_code == 200


async def test_people_whose_names_have_another_host_than_their_server(
    alpha: City, peer: Peer, wire: Wire
) -> None:
    """As with Mastodon's WEB_DOMAIN and GoToSocial's account-domain."""
    town = Peer("town.test", wire).start()
    path = "/.well-known/webfinger"
    self = {"rel": "self", "type": "application/activity+json", "href": peer.pat}

    def says(subject: str, *links: dict[str, str]) -> Callable[[Request], Response]:
        return lambda _: JSONResponse({"subject": subject, "links": list(links)})

    town.scripts[town.origin + path] = says("acct:pat@town.test", self)
    for subject, link in (
        ("acct:pat@far.test", self),  # the name there is nobody's here
        ("acct:pat@town.test", {**self, "href": f"{peer.origin}/c/bread"}),
    ):
        peer.scripts[peer.origin + path] = says(subject, link)
        with pytest.raises(Gone):
            await lookup.lookup(alpha.instance, "pat@town.test")
    peer.scripts[peer.origin + path] = says("acct:pat@town.test", self)
    assert await lookup.lookup(alpha.instance, "@pat@town.test") == "/people/pat@far.test"


async def test_a_post_and_a_listing_by_address(alpha: City, peer: Peer) -> None:
    note = peer.note("<p>Hello from far</p>")
    path = await lookup.lookup(alpha.instance, note["id"])
    assert "Hello from far" in (await alpha.get(path)).text
    assert await lookup.lookup(alpha.instance, note["id"]) == path
    listing = a_listing(peer)
    path = await lookup.lookup(alpha.instance, listing["id"])
    assert path.startswith("/offers/") and "Bike" in (await alpha.get(path)).text


async def test_our_own_addresses_lead_straight_to_their_page(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    post = await talk.start(alpha, ann, garden)
    assert await lookup.lookup(alpha.instance, post.uri) == post.url
    assert await lookup.lookup(alpha.instance, "ann@alpha.test") == "/people/ann"


async def test_what_is_private_gone_or_a_lie_is_not_shown(alpha: City, peer: Peer) -> None:
    private = peer.note("<p>psst</p>", to=[f"{peer.pat}/followers"])
    lie = peer.note("<p>lie</p>", by="http://third.test/u/tom")
    for address, error in (
        (private["id"], Exception),
        (lie["id"], Untrusted),
        (f"{peer.origin}/nothing", Gone),
        ("nobody", Malformed),
        ("http://alpha.test@far.test", Exception),
        ("ghost@alpha.test", Missing),
    ):
        with pytest.raises(error):
            await lookup.lookup(alpha.instance, address)
    assert await alpha.value("select count(*) from posts") == 0
