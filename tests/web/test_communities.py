"""The pages of communities."""

import re

import pytest

from federation.acts import memberships as acts
from federation.acts import moderation
from federation.acts import posts as posting
from schema import actors, communities
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle


async def test_guests_see_the_communities_but_no_hidden_ones(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann, "garden", title="The garden")
    await make.a_community(alpha, ann, "secret", "hidden", title="The secret")
    page = await alpha.get("/communities")
    assert page.status_code == 200
    assert "The garden" in page.text and "The secret" not in page.text
    async with await make.log_in(alpha, ann) as browser:
        assert "The secret" in (await browser.get("/communities")).text


async def test_own_communities_come_first(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    await make.a_community(alpha, ben, "wood", title="Aaa wood")
    await make.a_community(alpha, ann, "garden", title="Zzz garden")
    async with await make.log_in(alpha, ann) as browser:
        text = (await browser.get("/communities")).text
    assert text.index("Deine Gemeinschaften") < text.index("Zzz garden") < text.index("Aaa wood")


async def test_the_list_is_searched_and_filtered_by_place(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    await make.a_community(alpha, ann, "garden", title="The garden", purpose="Beans & peas")
    await make.a_community(beta, ben, "wood", title="The wood")
    await settle(alpha, beta)
    both = (await alpha.get("/communities")).text
    assert "The garden" in both and "The wood" in both and "beta.test" in both
    here = (await alpha.get("/communities?where=here")).text
    assert "The garden" in here and "The wood" not in here
    network = (await alpha.get("/communities?where=network")).text
    assert "The garden" not in network and "The wood" in network
    found = (await alpha.get("/communities?q=BEANS+garden")).text
    assert "The garden" in found and "The wood" not in found
    assert "Nichts gefunden" in (await alpha.get("/communities?q=%25")).text


async def test_long_lists_have_pages(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    for number in range(31):
        await make.a_community(alpha, ann, f"group_{number}", title=f"Group {number} end")
    first = (await alpha.get("/communities")).text
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = (await alpha.get(older)).text
    shown = [n for n in range(31) if f"Group {n} end" in first]
    rest = [n for n in range(31) if f"Group {n} end" in second]
    assert len(shown) == 30 and sorted(shown + rest) == list(range(31))


async def test_a_resident_founds_a_community_with_a_proposed_name(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        draft = {"title": "Wasser für alle", "purpose": "Brunnen.", "join_rule": "approval"}
        answer = await browser.submit("/communities", draft)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            "/communities/wasser_fuer_alle",
        )
        page = await browser.get("/communities/wasser_fuer_alle")
    assert "Wasser für alle" in page.text and "Brunnen." in page.text
    assert page.text.count("<h1") == 1


async def test_a_form_with_mistakes_comes_back_with_what_was_typed(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/communities", {"title": "Ann & Co", "name": "ann"})
    assert answer.status_code == 422
    assert "Ann &amp; Co" in answer.text and "schon vergeben" in answer.text


async def test_guests_found_nothing(alpha: City) -> None:
    assert (await alpha.get("/communities/new")).status_code == 303
    answer = await make.guest(alpha).submit("/communities", {"title": "Anything"})
    assert answer.headers["location"].startswith("/login")


async def test_stewards_change_the_settings_and_others_cannot(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    await make.a_community(alpha, ann)
    draft = {"title": "Beans", "purpose": "Many beans.", "join_rule": "open"}
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.get("/communities/garden/settings")).status_code == 403
        answer = await browser.submit("/communities/garden/settings", draft)
        assert answer.status_code == 403
    async with await make.log_in(alpha, ann) as browser:
        assert "Growing things." in (await browser.get("/communities/garden/settings")).text
        await browser.submit("/communities/garden/settings", draft)
        assert "Many beans." in (await browser.get("/communities/garden")).text


@pytest.mark.parametrize("tab", ["", "/needs", "/offers", "/people", "/settings"])
async def test_a_hidden_community_looks_like_none_at_all(alpha: City, tab: str) -> None:
    ann, eve = await make.a_person(alpha, "ann"), await make.a_person(alpha, "eve")
    await make.a_community(alpha, ann, "secret", "hidden")
    async with await make.log_in(alpha, eve) as browser:
        hidden = await browser.get(f"/communities/secret{tab}")
        missing = await browser.get(f"/communities/nobody{tab}")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text.replace("secret", "nobody") == missing.text


async def test_a_community_is_joined_by_one_button_and_left_again(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    await make.a_community(alpha, ann)
    async with await make.log_in(alpha, ben) as browser:
        assert "Beitreten" in (await browser.get("/communities/garden")).text
        await browser.submit("/communities/garden/membership")
        assert "Gespräch beginnen" in (await browser.get("/communities/garden")).text
        await browser.submit("/communities/garden/leaving")
        assert "Beitreten" in (await browser.get("/communities/garden")).text


async def test_a_community_of_a_neighbour_city_is_joined_in_two_taps(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    await make.a_community(alpha, ann, title="The garden")
    await settle(alpha, beta)
    async with await make.log_in(beta, ben) as browser:
        listed = (await browser.get("/network/alpha.test")).text
        assert 'href="/communities/garden@alpha.test"' in listed
        page = (await browser.get("/communities/garden@alpha.test")).text
        assert "alpha.test" in page and 'href="http://alpha.test/communities/garden"' in page
        await browser.submit("/communities/garden@alpha.test/membership")
        assert "Du hast angefragt" in (await browser.get("/communities/garden@alpha.test")).text
        await settle(alpha, beta)
        assert "Gespräch beginnen" in (await browser.get("/communities/garden@alpha.test")).text


async def test_a_community_is_found_by_its_address(alpha: City, wire: Wire) -> None:
    ann = await make.a_person(alpha, "ann")
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    wood = peer.add_actor("wood", "Group", members="http://peer.test/c/wood/members")
    peer.add({"id": f"{wood}/members", "type": "OrderedCollection", "totalItems": 12})
    async with await make.log_in(alpha, ann) as browser:
        for address in ("wood@peer.test", "@wood@peer.test", wood):
            answer = await browser.client.get("/communities/find", params={"address": address})
            assert answer.headers["location"] == "/communities/wood@peer.test"
        page = await browser.get("/communities/wood@peer.test")
        assert re.search("12 (Mitglieder|members)", page.text)
        for address in ("pat@peer.test", "nobody@peer.test", "x@nowhere.test", "what is this"):
            answer = await browser.client.get("/communities/find", params={"address": address})
            assert answer.status_code == 422, address


async def test_talk_is_shown_to_those_it_is_meant_for(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    for name, rule in (("garden", "open"), ("club", "hidden")):
        made = await make.a_community(alpha, ann, name, rule)
        async with alpha.instance.begin() as tx:
            group = await actors.get(tx.conn, made.actor_id)
            title = f"Talk of the {name}"
            await posting.start(tx, by=ann, community=group, title=title, source="Hello")
            await moderation.invite(tx, by=ann, community=made, person=ben)
    assert "Talk of the garden" in (await alpha.get("/communities/garden")).text
    async with await make.log_in(alpha, ben) as browser:
        invited = await browser.get("/communities/club")
        assert invited.status_code == 200 and "Talk of the club" not in invited.text
        await browser.submit("/communities/club/membership")
        assert "Talk of the club" in (await browser.get("/communities/club")).text


async def test_pages_are_small(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    garden = await make.a_community(alpha, ann)
    for number in range(65):
        person = await make.a_person(alpha, f"person_{number}")
        async with alpha.instance.begin() as tx:
            await acts.ask(tx, by=person, community=garden)
    async with await make.log_in(alpha, ann) as browser:
        page = await browser.get("/communities/garden/people")
    assert "person_0" in page.text and len(page.content) < 100_000
    async with alpha.instance.read() as conn:
        assert (await communities.get(conn, garden.actor_id)).members == 66


async def test_a_steward_closes_a_community_and_opens_it_again(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    await make.a_community(alpha, ann, "garden", title="The garden")
    await settle(alpha, beta)
    assert "The garden" in (await beta.get("/communities")).text
    async with await make.log_in(alpha, ben) as browser:
        answer = await browser.submit("/communities/garden/closing", {"closed": "1"})
        assert answer.status_code == 403
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/communities/garden/closing", {"closed": "1"})
        assert answer.status_code == 303
        page = (await browser.get("/communities/garden")).text
        assert "man kann sie nur noch lesen" in page and "Gespräch beginnen" not in page
        form = {"title": "Noch etwas", "source": "Hallo"}
        answer = await browser.submit("/communities/garden/posts", form)
        assert answer.status_code == 403
        assert "The garden" in (await browser.get("/communities")).text  # a way back for her
    assert "The garden" not in (await alpha.get("/communities")).text
    await settle(alpha, beta)
    assert "The garden" not in (await beta.get("/communities")).text
    async with await make.log_in(alpha, ben) as browser:
        joined = await browser.submit("/communities/garden/membership")
        assert joined.status_code == 409
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/communities/garden/closing", {"closed": "0"})
        assert "Gespräch beginnen" in (await browser.get("/communities/garden")).text
    await settle(alpha, beta)
    assert "The garden" in (await alpha.get("/communities")).text
    assert "The garden" in (await beta.get("/communities")).text
