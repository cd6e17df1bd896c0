"""Places that are open for use: opened, found, on the map, and known to neighbours."""

from typing import Any

from federation.wire import premises as wire
from tests import make
from tests.peer import Peer, befriend
from tests.world import City, Wire, settle

FORM = {
    "kind": "house",
    "title": "Hof mit Stadel",
    "terms": "work",
    "place_name": "Kirchbach",
    "size": "140,5",
    "repair": "large",
    "supplies": ["water", "power"],
    "begins": "2099-03-01",
    "contact": "Gemeindeamt",
}


async def test_somebody_opens_a_house_and_both_cities_show_its_conditions(
    alpha: City, beta: City
) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        assert (await browser.submit("/places", {**FORM, "size": "-1"})).status_code == 422
        made = await browser.submit("/places", FORM)
        assert made.status_code == 303
        shown = (await browser.get(made.headers["location"])).text
        assert "gegen Arbeit daran" in shown and "140,5 m²" in shown and "Gemeindeamt" in shown
    await settle(alpha, beta)
    async with make.guest(beta) as browser:
        listed = (await browser.get("/places")).text
        assert "Hof mit Stadel" in listed and "braucht große Reparaturen" in listed
        there = await beta.value("select proposal_id from premises where kind = 'house'")
        assert "Gemeindeamt" in (await browser.get(f"/offers/{there}")).text


async def test_conditions_are_changed_by_who_opened_it_and_neighbours_hear_of_it(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(alpha, "ben")
    async with await make.log_in(alpha, ann) as browser:
        url = (await browser.submit("/places", FORM)).headers["location"]
        await settle(alpha, beta)
        form = (await browser.get(f"{url}/conditions")).text
        assert 'value="140.5' in form and 'value="Gemeindeamt"' in form
        other = {"kind": "hall", "terms": "lease", "size": "90", "supplies": ["net"]}
        wrong = await browser.submit(f"{url}/conditions", {**other, "size": "0"})
        assert wrong.status_code == 422
        assert (await browser.submit(f"{url}/conditions", other)).status_code == 303
        shown = (await browser.get(url)).text
        assert "90 m²" in shown and "Gemeindeamt" not in shown and f"{url}/conditions" in shown
    async with await make.log_in(alpha, ben) as browser:
        assert (await browser.get(f"{url}/conditions")).status_code == 404
        assert (await browser.submit(f"{url}/conditions", other)).status_code == 403
        assert f"{url}/conditions" not in (await browser.get(url)).text
    await settle(alpha, beta)
    kept = "select m.kind || ' ' || m.terms || ' ' || p.category || ' ' || p.title from premises m"
    kept += " join proposals p on p.id = m.proposal_id"
    assert await beta.value(kept) == "hall lease home.hall Hof mit Stadel"


async def test_the_list_is_filtered_by_kind_and_conditions(alpha: City) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        await browser.submit("/places", FORM)
        await browser.submit("/places", {**FORM, "kind": "land", "title": "Acker", "terms": "free"})
    async with make.guest(alpha) as browser:
        land = (await browser.get("/places?kind=land")).text
        assert "Acker" in land and "Hof mit Stadel" not in land
        work = (await browser.get("/places?terms=work&kind=nonsense")).text
        assert "Hof mit Stadel" in work and "Acker" not in work


async def test_a_second_press_opens_nothing_twice_and_what_is_taken_back_is_gone(
    alpha: City,
) -> None:
    ann = await make.a_person(alpha, "ann")
    async with await make.log_in(alpha, ann) as browser:
        page = (await browser.get("/places/new")).text
        id = page.partition('name="id" value="')[2][:36]
        made = [await browser.submit("/places", {**FORM, "id": id}) for _ in range(2)]
        assert made[0].headers["location"] == made[1].headers["location"]
        await browser.submit(f"/offers/{id}/withdrawal")
        assert "Hof mit Stadel" not in (await browser.get("/places")).text


async def test_strangers_cannot_give_conditions_to_what_is_not_theirs(
    alpha: City, wire: Wire
) -> None:
    far = Peer("far.test", wire).start()
    await befriend(alpha, far)
    house: dict[str, Any] = {
        "type": ["Note", "Proposal"],
        "purpose": "offer",
        "name": "House",
        "publishes": {"type": "Intent", "action": "transfer"},
        "sn:premises": {"sn:kind": "house", "sn:terms": "free", "sn:contact": "x" * 500},
    }
    note = far.note("<p>A house</p>", **house)
    await far.says(alpha, far.activity("Create", note))
    await settle(alpha)
    assert await alpha.value("select length(contact) from premises") == 100
    rival = far.add_actor("rival")
    stolen = {**note, "attributedTo": rival, "sn:premises": {"sn:kind": "sun", "sn:terms": "lease"}}
    await far.says(alpha, far.activity("Update", stolen, by=rival), by=rival)
    await settle(alpha)
    assert await alpha.value("select kind from premises") == "house"


def test_what_makes_no_sense_is_left_out() -> None:
    field = wire.FIELD
    assert wire.read({field: {"sn:kind": "castle", "sn:terms": "free"}}) is None
    assert wire.read({field: "house"}) is None
    odd = {"sn:kind": "sun", "sn:terms": "free", "sn:squareMetres": "NaN", "sn:begins": "soon"}
    read = wire.read({field: {**odd, "sn:supplies": ["power", 7, "gold"], "sn:repair": "new"}})
    assert read is not None
    assert (read.size, read.begins, read.supplies, read.repair) == (None, None, ("power",), "")
