"""Following people, here and elsewhere, and reading what they say."""

from federation import resolve
from tests import make, talk
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle


async def test_somebody_far_away_is_followed_and_heard_and_let_go(alpha: City, wire: Wire) -> None:
    peer = Peer("far.test", wire).start()
    await befriend(alpha, peer)
    ann = await make.a_person(alpha, "ann")
    await resolve.actor(alpha.instance, peer.pat)
    note = peer.note("<p>Bread is ready</p>")
    await peer.says(alpha, peer.activity("Create", note))
    await settle(alpha)
    assert await alpha.value("select count(*) from posts") == 0, "nobody follows yet"
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/people/pat@far.test/following", {"on": "1"})
        assert "noch keine Antwort" in (await browser.get("/people/pat@far.test")).text
        await settle(alpha)
        follow = peer.heard[-1]
        assert (follow["type"], follow["object"]) == ("Follow", peer.pat)
        await peer.says(alpha, peer.activity("Accept", follow))
        await peer.says(alpha, peer.activity("Create", note))
        other = peer.note("<p>More bread</p>")
        await peer.says(alpha, peer.activity("Create", other))
        await settle(alpha)
        page = (await browser.get("/following")).text
        assert "More bread" in page and "@pat@far.test" in page
        await browser.submit("/people/pat@far.test/following")
        await settle(alpha)
        assert peer.heard[-1]["type"] == "Undo"
        assert "More bread" not in (await browser.get("/following")).text


async def test_neighbours_of_one_place_follow_each_other(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ben)
    await talk.start(alpha, ben, garden, "Seeds")
    secret = await make.a_community(alpha, ben, "secret", "hidden")
    await talk.start(alpha, ben, secret, "Hidden thing", source="kanarienvogel")
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/people/ben/following", {"on": "1"})
        page = (await browser.get("/following")).text
        assert "Who has" in page and "kanarienvogel" not in page
        refused = await browser.submit("/people/ann/following", {"on": "1"})
        assert refused.status_code == 403
    async with await make.log_in(alpha, ben) as browser:
        assert "Ann" in (await browser.get("/following")).text
