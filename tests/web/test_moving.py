"""Moving on the pages, away and hither."""

from federation import resolve
from federation.acts import agreements, promises
from schema.actors import Actor
from schema.agreements import Terms
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


async def test_communities_and_thanks_come_along_and_are_unpacked(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ben)
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/communities/garden/membership")
    await _thanked(alpha, ann, 3)
    new = await make.a_person(beta, "anna")
    async with await make.log_in(beta, new) as browser:
        assert (await browser.submit("/me/move/aliases", {"alias": ann.uri})).status_code == 303
        assert f"{alpha.origin}/me/move" in (await browser.get("/me/move")).text
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get("/me/move")).text
        assert page.count("checked") == 2, "both are taken along unless one says no"
        form = {"target": "anna@beta.test", "take": ["communities", "thanks"]}
        assert (await browser.submit("/me/move", form)).status_code == 303
    await settle(alpha, beta)
    async with await make.log_in(beta, new) as browser:
        page = (await browser.get("/me/move")).text
        assert "Dein Gepäck ist da" in page and "3 Dankesworte" in page
        form = {"old": ann.uri, "community": [garden.uri, "https://elsewhere.example/c/1"]}
        assert (await browser.submit("/me/move/luggage", form)).status_code == 303
        assert "Dein Gepäck ist da" not in (await browser.get("/me/move")).text
    await settle(alpha, beta)
    here = "select state from memberships m join actors a on a.id = m.person_id where a.uri = %s"
    assert await alpha.value(here, new.uri) == "member"
    async with make.guest(beta) as browser:
        page = (await browser.get("/people/anna")).text
        assert "Danke 1" in page and "3 gehaltene" in page and "in 2 Städten" in page


async def test_nothing_is_taken_along_that_was_not_chosen(alpha: City, beta: City) -> None:
    ann, new = await make.a_person(alpha, "ann"), await make.a_person(beta, "anna")
    await make.a_community(alpha, ann)
    async with await make.log_in(beta, new) as browser:
        await browser.submit("/me/move/aliases", {"alias": ann.uri})
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/me/move", {"target": "anna@beta.test"})
    await settle(alpha, beta)
    assert await alpha.value("select count(*) from moves") == 1
    assert await beta.value("select count(*) from luggage") == 0


async def _thanked(city: City, person: Actor, times: int) -> None:
    """Agreements that were kept, each with a word."""
    for number in range(times):
        other = await make.a_person(city, f"neighbour{number}")
        offer = await make.a_proposal(city, person, f"Ladder {number}")
        async with city.instance.begin() as tx:
            terms = Terms(None, "piece", "open")
            row = await agreements.ask(tx, by=other, proposal=offer, terms=terms)
            row = await agreements.accept(tx, by=person, agreement=row)
            row = await promises.confirm(tx, by=person, agreement=row, text="")
            row = await promises.confirm(tx, by=other, agreement=row, text="")
            await promises.thank(tx, by=other, agreement=row, text=f"Danke {number}")
