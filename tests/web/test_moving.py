"""Moving on the pages, away and hither."""

from federation import resolve
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle


async def test_somebody_moves_away_to_where_the_old_address_is_known(
    alpha: City, wire: Wire
) -> None:
    far = Peer("far.test", wire).start()
    await befriend(alpha, far)
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    async with await make.log_in(alpha, ben) as browser:
        await browser.submit("/people/ann/following", {"on": "1"})
    quinn = far.add_actor("quinn")
    await far.says(alpha, far.activity("Follow", ann.uri, by=quinn), by=quinn)
    await settle(alpha)
    far.heard.clear()
    async with await make.log_in(alpha, ann) as browser:
        assert "Umziehen: Ann" in (await browser.get("/me/move")).text
        early = await browser.submit("/me/move", {"target": "pat@far.test"})
        assert early.status_code == 422 and "noch nicht" in early.text
        far.documents[far.pat]["alsoKnownAs"] = [ann.uri]
        assert (await browser.submit("/me/move", {"target": "pat@far.test"})).status_code == 303
    await settle(alpha)
    said = {activity["type"]: activity for activity in far.heard}
    assert (said["Move"]["object"], said["Move"]["target"]) == (ann.uri, far.pat)
    assert (said["Follow"]["actor"], said["Follow"]["object"]) == (ben.uri, far.pat)
    assert (await alpha.document("/people/ann")).json()["movedTo"] == far.pat


async def test_somebody_comes_from_elsewhere_and_residents_follow(alpha: City, wire: Wire) -> None:
    far = Peer("far.test", wire).start()
    await befriend(alpha, far)
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    old = await resolve.actor(alpha.instance, far.pat)
    await alpha.execute(
        "insert into follows (follower_id, followed_id, state) values (%s, %s, 'accepted')",
        ben.id,
        old.id,
    )
    follows = "select count(*) from follows where follower_id = %s and followed_id = %s"
    await far.says(alpha, far.activity("Move", far.pat, target=ann.uri))
    await settle(alpha)
    assert await alpha.value(follows, ben.id, ann.id) == 0
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.submit("/me/move/aliases", {"alias": far.pat})).status_code == 303
    assert (await alpha.document("/people/ann")).json()["alsoKnownAs"] == [far.pat]
    await far.says(alpha, far.activity("Move", far.pat, target=ann.uri))
    await settle(alpha)
    assert await alpha.value(follows, ben.id, ann.id) == 1


async def test_only_a_steward_moves_a_community(alpha: City, wire: Wire) -> None:
    far = Peer("far.test", wire).start()
    await befriend(alpha, far)
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    far.add_actor("bread", "Group", alsoKnownAs=[garden.uri])
    form = {"target": f"{far.origin}/c/bread"}
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.submit("/communities/garden/move", form)).status_code == 403
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.submit("/communities/garden/move", form)).status_code == 303
    await settle(alpha)
    assert [a["type"] for a in far.heard] == ["Follow"], "ann joins there as well"
