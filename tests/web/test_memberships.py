"""Joining, asking, and what moderators do, on pages."""

from datetime import timedelta

import pytest

from federation.acts import agreements, promises
from federation.acts import memberships as acts
from schema import memberships
from schema.actors import Actor
from schema.agreements import Terms
from schema.communities import Community
from tests import make
from tests.world import City, settle


async def membership(city: City, community: Community, person: Actor) -> memberships.Membership:
    async with city.instance.read() as conn:
        found = await memberships.find(conn, community.actor_id, person.id)
    assert found
    return found


async def test_a_request_waits_in_the_moderators_queue_and_is_decided_there(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    eve = await make.a_person(alpha, "eve")
    garden = await make.a_community(alpha, ann, join_rule="approval")
    async with await make.log_in(alpha, ben) as browser:
        await browser.submit("/communities/garden/membership", {"message": "I have a spade."})
        assert "spade" not in (await browser.get("/communities/garden/people")).text
        refused = await browser.submit("/communities/garden/people/ben/admission")
        assert refused.status_code == 403
    async with await make.log_in(alpha, eve) as browser:
        await browser.submit("/communities/garden/membership")
    async with await make.log_in(alpha, ann) as browser:
        assert "I have a spade." in (await browser.get("/communities/garden/people")).text
        await browser.submit("/communities/garden/people/ben/admission")
        await browser.submit("/communities/garden/people/eve/refusal", {"reason": "Who?"})
    assert (await membership(alpha, garden, ben)).is_member
    assert (await membership(alpha, garden, eve)).state == "refused"
    async with await make.log_in(alpha, eve) as browser:
        assert "Who?" in (await browser.get("/communities/garden")).text


async def test_a_ban_needs_a_reason_and_is_shown_with_its_end(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    async with alpha.instance.begin() as tx:
        await acts.ask(tx, by=ben, community=garden)
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.get("/communities/garden/people/ben")).status_code == 200
        answer = await browser.submit("/communities/garden/people/ben/ban", {"length": "7"})
        assert answer.status_code == 422
        tomorrow = (alpha.clock() + timedelta(days=1)).date()
        form = {"reason": "Shouting", "length": "day", "until": tomorrow.isoformat()}
        answer = await browser.submit("/communities/garden/people/ben/ban", form)
        assert answer.status_code == 303
        assert "Shouting" in (await browser.get("/communities/garden/people")).text
    banned = await membership(alpha, garden, ben)
    assert banned.banned_until and banned.banned_until.date() == tomorrow
    async with await make.log_in(alpha, ben) as browser:
        page = (await browser.get("/communities/garden")).text
        assert "Shouting" in page and "ausgeschlossen" in page
        assert (await browser.submit("/communities/garden/membership")).status_code == 403
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/communities/garden/people/ben/ban-end")
    assert (await membership(alpha, garden, ben)).state == "left"


@pytest.mark.parametrize("until", ["", "2020-01-01"])
async def test_a_ban_until_a_day_needs_a_day_to_come(alpha: City, until: str) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_person(alpha, "ben")
    await make.a_community(alpha, ann)
    async with await make.log_in(alpha, ann) as browser:
        form = {"reason": "Shouting", "length": "day", "until": until}
        answer = await browser.submit("/communities/garden/people/ben/ban", form)
    assert answer.status_code == 422
    assert "Shouting" in answer.text


async def test_a_steward_gives_roles_and_the_last_one_cannot_go(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    async with alpha.instance.begin() as tx:
        await acts.ask(tx, by=ben, community=garden)
    async with await make.log_in(alpha, ben) as browser:
        page = await browser.get("/communities/garden/people/ann")
        assert page.status_code == 403
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.submit("/communities/garden/leaving")).status_code == 409
        await browser.submit("/communities/garden/people/ben/role", {"role": "steward"})
        assert (await browser.submit("/communities/garden/leaving")).status_code == 303
    assert (await membership(alpha, garden, ben)).is_steward


async def test_a_moderator_removes_a_member_with_a_reason(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    async with alpha.instance.begin() as tx:
        await acts.ask(tx, by=ben, community=garden)
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/communities/garden/people/ben/removal", {"reason": "Moved away"})
    found = await membership(alpha, garden, ben)
    assert (found.state, found.reason) == ("left", "Moved away")


async def test_members_invite_people_of_other_cities_by_address(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    await make.a_community(alpha, ann, "secret", "hidden", title="The secret")
    async with await make.log_in(alpha, ann) as browser:
        for wrong in ("nobody@beta.test", "nobody", "ann@@"):
            answer = await browser.submit("/communities/secret/invitations", {"address": wrong})
            assert answer.status_code == 422, wrong
        answer = await browser.submit(
            "/communities/secret/invitations", {"address": "@ben@beta.test"}
        )
        assert answer.status_code == 303
    await settle(alpha, beta)
    async with await make.log_in(beta, ben) as browser:
        assert "The secret" in (await browser.get("/communities")).text
        await browser.submit("/communities/secret@alpha.test/membership")
        await settle(alpha, beta)
        assert "Gespräch beginnen" in (await browser.get("/communities/secret@alpha.test")).text


async def test_guests_do_not_see_who_belongs_to_a_community(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    garden = await make.a_community(alpha, ann)
    async with alpha.instance.begin() as tx:
        await acts.ask(tx, by=ben, community=garden)
    page = (await alpha.get("/communities/garden/people")).text
    assert "@ann" in page and "@ben" not in page


async def test_joining_needs_an_account(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    await make.a_community(alpha, ann)
    assert "/login?next=/communities/garden" in (await alpha.get("/communities/garden")).text
    answer = await make.guest(alpha).submit("/communities/garden/membership")
    assert answer.headers["location"].startswith("/login")


async def test_moderators_see_who_did_not_come_and_only_for_their_community(alpha: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    group = await make.a_community(alpha, ann, "garden")
    other = await make.a_community(alpha, ann, "choir")
    async with alpha.instance.begin() as tx:
        for community in (group, other):
            await acts.ask(tx, by=ben, community=community)
    offer = await make.a_proposal(alpha, ann, community=group)
    async with alpha.instance.begin() as tx:
        row = await agreements.ask(tx, by=ben, proposal=offer, terms=Terms(None, "piece", "open"))
        row = await agreements.accept(tx, by=ann, agreement=row)
        await promises.miss(tx, by=ann, agreement=row)
    async with await make.log_in(alpha, ann) as browser:
        assert "1 Mal nicht gekommen" in (await browser.get(f"{group.url}/people/ben")).text
        assert "nicht gekommen" not in (await browser.get(f"{other.url}/people/ben")).text
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.get(f"{group.url}/people/ben")).status_code == 403
