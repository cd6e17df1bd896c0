"""From an address to a row: what is fetched, how often, and what is believed of it."""

from datetime import timedelta
from typing import Any

import pytest

from federation import resolve
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from schema.actors import Actor
from schema.errors import Missing
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire


@pytest.fixture
def far(wire: Wire) -> Peer:
    return Peer("far.test", wire).start()


def asked(city: City, host: str) -> int:
    return city.wire.tried(host)


async def test_an_actor_is_asked_for_once_in_three_days(alpha: City, far: Peer) -> None:
    first = await resolve.actor(alpha.instance, far.pat)
    assert (first.uri, first.handle, first.kind) == (far.pat, "pat@far.test", "person")
    far.documents[far.pat]["name"] = "Pat Two"
    assert (await resolve.actor(alpha.instance, far.pat)).title == "pat"
    assert asked(alpha, far.host) == 1
    alpha.clock.now += timedelta(days=4)
    again = await resolve.actor(alpha.instance, far.pat)
    assert (again.id, again.title) == (first.id, "Pat Two")
    assert (await resolve.actor(alpha.instance, far.pat, fresh=True)).id == first.id
    assert asked(alpha, far.host) == 3


async def test_our_own_are_never_fetched(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    assert (await resolve.actor(alpha.instance, ann.uri)).id == ann.id
    assert (await resolve.handle(alpha.instance, "@Ann@alpha.test")).id == ann.id
    for nobody in (f"{alpha.origin}/people/nobody", "nobody@alpha.test"):
        with pytest.raises(Missing):
            await resolve.handle(alpha.instance, nobody)
    assert asked(alpha, alpha.host) == 0


@pytest.mark.parametrize(("status", "gone"), [(404, False), (410, True)])
async def test_one_that_is_gone_is_buried_only_when_its_server_is_sure(
    alpha: City, far: Peer, status: int, gone: bool
) -> None:
    await resolve.actor(alpha.instance, far.pat)
    far.gone[far.pat] = status
    with pytest.raises(Gone):
        await resolve.actor(alpha.instance, far.pat, fresh=True)
    deleted = await alpha.value("select deleted_at from actors where uri = %s", far.pat)
    assert (deleted is not None) is gone


async def test_a_silent_server_changes_nothing(alpha: City, far: Peer, wire: Wire) -> None:
    known = await resolve.actor(alpha.instance, far.pat)
    wire.cut(far.host)
    with pytest.raises(Unreachable):
        await resolve.actor(alpha.instance, far.pat, fresh=True)
    assert (await resolve.actor(alpha.instance, far.pat)).id == known.id


async def test_the_blocked_are_not_asked(alpha: City, far: Peer) -> None:
    await befriend(alpha, far)
    await alpha.execute("update peers set blocked_at = now() where origin = %s", far.origin)
    with pytest.raises(Refused, match="blocked"):
        await resolve.actor(alpha.instance, far.pat)
    assert asked(alpha, far.host) == 0


ODD: dict[str, dict[str, Any]] = {
    "a name of a hundred pictures": {"preferredUsername": "🦆" * 100},
    "a name with a line break and a turn": {"preferredUsername": "p\n\u202eat"},
    "a title without end": {"name": "a" * 5000},
    "words without end": {"summary": "<p>" + "a" * 150_000},
    "a script": {"summary": "<script>alert(1)</script><b>hi</b>"},
    "a picture with a long address": {
        "icon": {"type": "Image", "url": "http://far.test/" + "a" * 3000}
    },
    "a picture that is none": {"icon": [{"url": [{"href": "javascript:alert(1)"}]}, 5]},
    "a page that is a script": {"url": "javascript:alert(1)"},
    "a page with a long address": {"url": "https://far.test/" + "a" * 5000},
    "a place that is none": {"location": {"name": 5, "latitude": "x", "longitude": 1e300}},
    "a place beyond the poles": {"location": {"name": "X", "latitude": 91, "longitude": -181}},
    "several types": {"type": ["vf:Agent", "Person"]},
    "several keys": {"publicKey": [5, None, {"id": "x", "publicKeyPem": "y"}]},
    "a key that is none": {
        "publicKey": {"id": "http://far.test/u/pat#k", "publicKeyPem": "x" * 9000}
    },
    "lists elsewhere": {
        "members": "http://victim.test/c/g/members",
        "attributedTo": "http://victim.test/c/g/moderators",
    },
    "odd lists": {"followers": ["http://far.test/f"], "endpoints": [1], "offers": 5},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("kind", ["Person", "Group"])
async def test_odd_actors_do_no_harm(
    alpha: City, far: Peer, odd: dict[str, Any], kind: str
) -> None:
    uri = far.add_actor("odd", kind)
    far.documents[uri].update({**odd, "type": odd.get("type", kind)})
    found = await resolve.actor(alpha.instance, uri)
    assert len(found.name.encode()) <= 200 and found.name.isprintable()
    assert len(found.title) <= 200
    assert "<script" not in found.about_html
    assert found.page_url.startswith("http") and len(found.page_url) <= 2000
    for list in (found.members_uri, found.moderators_uri):
        assert list is None or list.startswith(far.origin)


NO_ACTOR: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "no inbox": ({"inbox": None}, Malformed),
    "no name": ({"preferredUsername": None, "name": None}, Malformed),
    "no actor's type": ({"type": "Note"}, Malformed),
    "an inbox elsewhere": ({"inbox": "http://victim.test/inbox"}, Untrusted),
    "a shared one elsewhere": ({"endpoints": {"sharedInbox": "http://v.test/i"}}, Untrusted),
    "followers elsewhere": ({"followers": "http://victim.test/f"}, Untrusted),
    "an id of ours": ({"id": "http://alpha.test/people/ann"}, Untrusted),
    "an id elsewhere": ({"id": "http://victim.test/u/pat"}, Untrusted),
    "an inbox that is no address": ({"inbox": "inbox"}, Malformed),
}


@pytest.mark.parametrize(("change", "error"), NO_ACTOR.values(), ids=NO_ACTOR)
async def test_what_is_no_actor_of_its_server_is_refused(
    alpha: City, far: Peer, change: dict[str, Any], error: type[Exception]
) -> None:
    far.documents[far.pat].update(change)
    with pytest.raises(error):
        await resolve.actor(alpha.instance, far.pat)
    assert await alpha.value("select count(*) from actors where peer = %s", far.origin) == 0


@pytest.mark.parametrize(
    "typed",
    [
        "pat@far.test",
        "@pat@far.test",
        "acct:pat@FAR.test",
        " pat@far.test ",
        "!pat@far.test",
        "http://far.test/u/pat",
    ],
)
async def test_an_address_is_found_as_people_type_it(alpha: City, far: Peer, typed: str) -> None:
    assert (await resolve.handle(alpha.instance, typed)).uri == far.pat


@pytest.mark.parametrize("typed", ["", "pat", "@far.test", "pat@", "pat@far.test@"])
async def test_what_is_no_address_asks_nobody(alpha: City, far: Peer, typed: str) -> None:
    with pytest.raises(Malformed):
        await resolve.handle(alpha.instance, typed)
    assert asked(alpha, far.host) == 0


async def test_b14_a_name_leads_to_its_own_server_only(alpha: City, far: Peer, wire: Wire) -> None:
    evil = Peer("evil.test", wire).start()
    evil.documents = {far.pat: far.documents[far.pat]}
    with pytest.raises(Gone):
        await resolve.handle(alpha.instance, "pat@evil.test")
    with pytest.raises(Gone):
        await resolve.handle(alpha.instance, "nobody@far.test")


async def test_a_city_is_found_by_the_address_of_its_place(alpha: City, beta: City) -> None:
    for typed in (beta.origin, "beta.test", "http://beta.test/", "BETA.test"):
        assert (await resolve.city(alpha.instance, typed)).uri == f"{beta.origin}/city"
    with pytest.raises(Refused, match="our own"):
        await resolve.city(alpha.instance, "alpha.test")


async def test_what_is_no_city_is_none(alpha: City, far: Peer) -> None:
    far.add_actor("city", "Group")
    with pytest.raises(Malformed, match="no city"):
        await resolve.city(alpha.instance, far.origin)


async def count(city: City, group: Actor) -> int:
    await resolve.count_members(city.instance, group)
    return await city.value("select members from communities where actor_id = %s", group.id)


async def test_members_are_counted_by_their_own_server(alpha: City, far: Peer) -> None:
    uri = far.add_actor("group", "Group", members=f"{far.origin}/c/group/members")
    group = await resolve.actor(alpha.instance, uri)
    members: dict[str, Any] = {"id": f"{uri}/members", "type": "Collection", "totalItems": 7}
    far.add(members)
    assert await count(alpha, group) == 7
    for nonsense in (True, "8", None, [], 7.5):
        members["totalItems"] = nonsense
        assert await count(alpha, group) == 7
    for wild in (-3, 2**62):
        members["totalItems"] = wild
        assert 0 <= await count(alpha, group) < 2**31
    before = await count(alpha, group)
    del far.documents[f"{uri}/members"]
    assert await count(alpha, group) == before
