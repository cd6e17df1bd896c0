"""Authorized fetch: who signs a GET gets what it is entitled to, others the same nothing."""

from dataclasses import replace

import pytest

from federation import rfc9421
from schema import settings
from schema.actors import Actor
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle

NO_CACHE = "private, no-store"


@pytest.fixture
async def near(alpha: City, wire: Wire) -> Peer:
    """A neighbour."""
    peer = Peer("near.test", wire).start()
    await befriend(alpha, peer)
    return peer


@pytest.fixture
async def far(wire: Wire) -> Peer:
    """A server that we have nothing to do with."""
    return Peer("far.test", wire).start()


async def demand(city: City) -> None:
    async with city.instance.begin() as tx:
        now = await settings.load(tx.conn)
        await settings.save(tx.conn, replace(now, signed_reads=True))
    city.instance.forget_settings()


async def test_the_server_and_its_people_may_ask_and_others_get_the_same_404(
    alpha: City, ann: Actor, near: Peer, far: Peer
) -> None:
    one = await make.a_proposal(alpha, ann, scope="neighbours")
    server = near.add_actor("server", "Application")
    for by in (near.pat, server):
        answer = await near.asks(alpha, one.url, by=by)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == NO_CACHE
        assert answer.headers["vary"] == "Accept, Signature, Cookie"
    missing = await alpha.document("/offers/01930000-0000-7000-8000-000000000000")
    for refused in (await far.asks(alpha, one.url), await alpha.document(one.url)):
        assert (refused.status_code, refused.content) == (404, missing.content)
        assert refused.headers["cache-control"] == missing.headers["cache-control"] == NO_CACHE
        assert refused.headers["vary"] == missing.headers["vary"]


async def test_both_ways_of_signing_open_the_door(alpha: City, ann: Actor, near: Peer) -> None:
    one = await make.a_proposal(alpha, ann, scope="neighbours")
    for scheme in ("cavage", "rfc9421"):
        assert (await near.asks(alpha, one.url, scheme=scheme)).status_code == 200


async def test_an_activity_that_is_not_public_is_for_those_whom_it_was_sent_to(
    alpha: City, ann: Actor, near: Peer, far: Peer
) -> None:
    await near.says(alpha, near.activity("Follow", f"{alpha.origin}/city"))
    await settle(alpha)
    await make.a_proposal(alpha, ann, scope="neighbours")
    query = """select a.uri from activities a join deliveries d on d.activity_id = a.id
      where d.peer = %s and not a.public order by a.id desc limit 1"""
    path = (await alpha.value(query, near.origin)).removeprefix(alpha.origin)
    answer = await near.asks(alpha, path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == NO_CACHE
    assert (await far.asks(alpha, path)).status_code == 404
    assert (await alpha.document(path)).status_code == 404


async def test_a_place_may_demand_signatures_for_everything(
    alpha: City, ann: Actor, far: Peer
) -> None:
    one = await make.a_proposal(alpha, ann, scope="everyone")
    paths = [one.url, "/people/ann", "/city", "/city/outbox", "/people/ann/followers"]
    for path in paths:
        assert (await alpha.document(path)).status_code == 200, path
    await demand(alpha)
    for path in [*paths, "/people/nobody"]:
        answer = await alpha.document(path)
        assert answer.status_code == 401, path
        assert rfc9421.asked(answer.headers["accept-signature"]) is not None
        assert answer.headers["cache-control"] == NO_CACHE
    for path in paths:
        answer = await far.asks(alpha, path)
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == NO_CACHE


async def test_then_the_server_itself_can_still_be_found_and_people_see_pages(
    alpha: City, beta: City, ann: Actor
) -> None:
    await demand(alpha)
    await demand(beta)
    webfinger = f"/.well-known/webfinger?resource=acct:ann@{alpha.host}"
    for path in ("/actor", webfinger, "/.well-known/nodeinfo", "/nodeinfo/2.1"):
        assert (await alpha.document(path)).status_code == 200, path
    assert (await alpha.get("/people/ann")).status_code == 200
    await make.a_proposal(alpha, ann, "A ladder")
    await settle(alpha, beta)
    assert await beta.value("select count(*) from proposals where title = 'A ladder'") == 1


async def test_the_blocked_read_nothing_where_signatures_are_demanded(
    alpha: City, ann: Actor, near: Peer
) -> None:
    await demand(alpha)
    assert (await near.asks(alpha, "/people/ann")).status_code == 200
    await alpha.execute("update peers set blocked_at = now() where origin = %s", near.origin)
    assert (await near.asks(alpha, "/people/ann")).status_code == 401


async def test_an_admin_switches_it_on_the_settings_page(alpha: City) -> None:
    admin = await make.an_admin(alpha)
    async with await make.log_in(alpha, admin) as browser:
        form = {"name": "Alpha", "sign_up": "open", "federation": "listed", "signed_reads": "yes"}
        await browser.submit("/admin/settings", form)
        assert (await alpha.document("/city")).status_code == 401
        assert "checked" in (await browser.get("/admin/settings")).text
        await browser.submit("/admin/settings", {**form, "signed_reads": ""})
    assert (await alpha.document("/city")).status_code == 200
