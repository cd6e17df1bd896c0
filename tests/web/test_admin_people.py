"""Residents as admins see them."""

import re
from datetime import timedelta

import pytest

from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire

ACTS = ("approval", "refusal", "role", "suspension", "suspension-end")


async def wait_for_approval(city: City, name: str) -> None:
    """A person who waits, with an answer."""
    person = await make.a_person(city, name, title=f"Title of {name}")
    await city.execute(
        "update accounts set state = 'waiting', answers = %s where actor_id = %s",
        '{"Why do you come?": "For the bread."}',
        person.id,
    )


async def state(city: City, name: str, column: str = "state") -> str:
    return await city.value(
        f"select {column} from accounts join actors on id = actor_id where name = %s", name
    )


@pytest.mark.parametrize("act", ACTS)
async def test_residents_and_moderators_cannot_decide_about_others(alpha: City, act: str) -> None:
    ann = await make.a_person(alpha, "ann")
    await wait_for_approval(alpha, "wanda")
    form = {"reason": "No.", "role": "admin", "until": "2999-01-01"}
    for role in ("resident", "moderator"):
        await alpha.execute("update accounts set role = %s where actor_id = %s", role, ann.id)
        async with await make.log_in(alpha, ann) as browser:
            answer = await browser.submit(f"/admin/people/wanda/{act}", form)
        assert answer.status_code == 403
    assert await state(alpha, "wanda") == "waiting"


async def test_who_waits_stands_first_with_answers_and_is_let_in(alpha: City) -> None:
    root = await make.an_admin(alpha)
    await wait_for_approval(alpha, "wanda")
    await make.a_person(alpha, "zoe")
    async with await make.log_in(alpha, root) as browser:
        page = (await browser.get("/admin/people")).text
        assert page.index("Title of wanda") < page.index("Zoe")
        assert "For the bread." in page
        assert "For the bread." in (await browser.get("/admin/people/wanda")).text
        await browser.submit("/admin/people/wanda/approval")
        assert await state(alpha, "wanda") == "active"
        again = await browser.submit("/admin/people/wanda/approval")
        assert again.status_code == 409
        assert "hat jemanden aufgenommen" in (await browser.get("/admin/log")).text


async def test_a_refusal_needs_a_reason(alpha: City) -> None:
    root = await make.an_admin(alpha)
    await wait_for_approval(alpha, "wanda")
    async with await make.log_in(alpha, root) as browser:
        answer = await browser.submit("/admin/people/wanda/refusal", {"reason": " "})
        assert answer.status_code == 422 and await state(alpha, "wanda") == "waiting"
        await browser.submit("/admin/people/wanda/refusal", {"reason": "We are full."})
        assert await state(alpha, "wanda") == "refused"
        assert "We are full." in (await browser.get("/admin/log")).text
        assert (await browser.get("/admin/people/wanda")).status_code == 200
        assert "@wanda" in (await browser.get("/admin/people?show=refused")).text
        assert "@wanda" not in (await browser.get("/admin/people?show=active")).text


async def test_the_list_is_searched_and_has_pages(alpha: City) -> None:
    root = await make.an_admin(alpha)
    await make.a_person(alpha, "ann", email="ann@example.org")
    for number in range(51):
        await make.a_person(alpha, f"somebody{number}", title=f"Somebody {number} end")
    async with await make.log_in(alpha, root) as browser:
        first = (await browser.get("/admin/people")).text
        older = re.search(r'href="(/admin/people\?[^"]*before=[^"]*)"', first)
        assert older
        second = (await browser.get(older[1].replace("&amp;", "&"))).text
        found = (await browser.get("/admin/people?q=ANN@example")).text
    names = [set(re.findall(r"Somebody \d+ end", text)) for text in (first, second)]
    assert len(names[0]) == 50 and len(names[1]) == 1 and not names[0] & names[1]
    assert "@ann ·" in found and "Somebody 1 end" not in found


async def test_roles_are_given_and_shown_to_the_person(alpha: City) -> None:
    root, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, root) as browser:
        await browser.submit("/admin/people/ann/role", {"role": "moderator"})
        assert await state(alpha, "ann", "role") == "moderator"
        assert "@ann" in (await browser.get("/admin/people?show=order")).text
        assert "hat jemanden in die Moderation" in (await browser.get("/admin/log")).text
        answer = await browser.submit("/admin/people/ann/role", {"role": "king"})
        assert answer.status_code == 422
    async with await make.log_in(alpha, ann) as browser:
        assert "Moderation" in (await browser.get("/notices")).text


async def test_the_last_admin_stays(alpha: City) -> None:
    root, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, root) as browser:
        answer = await browser.submit("/admin/people/root_admin/role", {"role": "resident"})
        assert answer.status_code == 409 and await state(alpha, "root_admin", "role") == "admin"
        await browser.submit("/admin/people/ann/role", {"role": "admin"})
        form = {"until": "2999-01-01", "reason": "A rest."}
        own = await browser.submit("/admin/people/root_admin/suspension", form)
        assert own.status_code == 403
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/admin/people/root_admin/suspension", form)
        assert answer.status_code == 303
        # The other admin rests: this one is the last who can do something.
        answer = await browser.submit("/admin/people/ann/role", {"role": "resident"})
        assert answer.status_code == 409
    async with await make.log_in(alpha, root) as browser:
        assert (await browser.submit("/admin/people/ann/suspension", form)).status_code == 403
        assert (await browser.submit("/admin/people/root_admin/suspension-end")).status_code == 403


async def test_a_suspension_has_an_end_and_a_reason_and_is_lifted(alpha: City) -> None:
    root, ann = await make.an_admin(alpha), await make.a_person(alpha, "ann")
    day = (alpha.clock() + timedelta(days=3)).date().isoformat()
    yesterday = (alpha.clock() - timedelta(days=1)).date().isoformat()
    async with await make.log_in(alpha, root) as browser:
        path = "/admin/people/ann/suspension"
        assert (await browser.submit(path, {"until": day})).status_code == 422
        assert (await browser.submit(path, {"reason": "Shouting"})).status_code == 422
        late = await browser.submit(path, {"until": yesterday, "reason": "Shouting"})
        assert late.status_code == 422
        await browser.submit(path, {"until": day, "reason": "Shouting"})
        assert "Shouting" in (await browser.get("/admin/people/ann")).text
        assert "@ann" in (await browser.get("/admin/people?show=suspended")).text
    async with await make.log_in(alpha, ann) as browser:
        assert "Shouting" in (await browser.get("/notices")).text
        answer = await browser.submit("/communities", {"title": "A garden", "join_rule": "open"})
        assert answer.status_code == 403
    async with await make.log_in(alpha, root) as browser:
        await browser.submit("/admin/people/ann/suspension-end")
        assert "Shouting" not in (await browser.get("/admin/people/ann")).text
    async with await make.log_in(alpha, ann) as browser:
        answer = await browser.submit("/communities", {"title": "A garden", "join_rule": "open"})
        assert answer.status_code == 303


async def test_people_of_other_places_can_be_kept_out(alpha: City, wire: Wire) -> None:
    root = await make.an_admin(alpha)
    peer = Peer("peer.test", wire).start()
    await befriend(alpha, peer)
    note = peer.note()
    assert (await peer.says(alpha, peer.activity("Create", note))).status_code == 202
    async with await make.log_in(alpha, root) as browser:
        assert (await browser.get("/admin/people/pat@peer.test")).status_code == 200
        form = {"until": "2999-01-01", "reason": "Advertising"}
        path = "/admin/people/pat@peer.test/suspension"
        assert (await browser.submit(path, form)).status_code == 303
        assert "pat@peer.test" in (await browser.get("/admin/people?show=suspended")).text
        assert (await peer.says(alpha, peer.activity("Create", peer.note()))).status_code == 403
        await browser.submit(f"{path}-end")
    assert (await peer.says(alpha, peer.activity("Create", peer.note()))).status_code == 202


async def test_nobody_of_that_name_is_a_404(alpha: City) -> None:
    root = await make.an_admin(alpha)
    async with await make.log_in(alpha, root) as browser:
        assert (await browser.get("/admin/people/nobody_here")).status_code == 404
        assert (await browser.submit("/admin/people/nobody_here/approval")).status_code == 404
        assert (await browser.get("/admin/people?before=nonsense&show=nonsense")).status_code == 200
