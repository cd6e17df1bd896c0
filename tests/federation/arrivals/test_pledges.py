"""Pledges over the wire: both sides hold the same, in whatever order it comes, and nobody else
has a say."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from federation.acts import pledges as acts
from federation.acts import project_needs
from schema import actors
from schema.errors import Conflict, Forbidden, Missing
from tests import make, pledging
from tests.peer import Peer, befriend
from tests.world import City, Wire, fast_forward, settle


async def test_a_pledge_is_accepted_brought_in_parts_and_counted_once(
    alpha: City, beta: City
) -> None:
    scene = await pledging.begin(alpha, beta)
    pledge = await pledging.pledged(scene)
    assert await pledging.states(scene, pledge.uri) == ("offered", "offered")
    told = "select kind from notices where account_id = %s order by id desc limit 1"
    assert await alpha.value(told, scene.ann.id) == "pledge.offered"
    await pledging.answer(scene, pledge.uri)
    await settle(alpha, beta)
    assert await pledging.states(scene, pledge.uri) == ("accepted", "accepted")
    assert await beta.value(told, scene.bea.id) == "pledge.accepted"
    assert await pledging.counted(alpha, scene.need) == ("3", "0")
    await pledging.bring(scene, pledge.uri, "1")
    await settle(alpha, beta)
    assert await pledging.states(scene, pledge.uri) == ("delivered", "delivered")
    await pledging.confirm(scene, pledge.uri)
    await settle(alpha, beta)
    assert await pledging.counted(alpha, scene.need) == ("2", "1")
    await pledging.bring(scene, pledge.uri, "2")
    await settle(alpha, beta)
    await pledging.confirm(scene, pledge.uri)
    await settle(alpha, beta)
    assert await pledging.states(scene, pledge.uri) == ("done", "done")
    assert await beta.value(told, scene.bea.id) == "pledge.confirmed"
    for city in (alpha, beta):
        assert await pledging.counted(city, scene.need) == ("0", "3")
        given = "select sum(amount)::int from gifts where uri like '%%#pledged-%%'"
        assert await city.value(given) == 3


async def test_what_is_asked_for_in_the_market_is_less_by_what_was_pledged(
    alpha: City, beta: City
) -> None:
    scene = await pledging.begin(alpha, beta)
    async with alpha.instance.begin() as tx:
        await project_needs.publish(tx, by=scene.ann, project=scene.project, needs=[scene.need])
    asked = "select state || ' ' || trim_scale(quantity) from proposals"
    assert await alpha.value(asked) == "open 5"
    pledge = await pledging.accepted(scene, pledging.gravel(scene, 4))
    assert await alpha.value(asked) == "open 1"
    await pledging.bring(scene, pledge.uri, "4")
    await settle(alpha, beta)
    await pledging.confirm(scene, pledge.uri)
    assert await alpha.value(asked) == "open 1"
    rest = await pledging.accepted(scene, pledging.gravel(scene, 1))
    await pledging.bring(scene, rest.uri, "1")
    await settle(alpha, beta)
    await pledging.confirm(scene, rest.uri)
    assert (await alpha.value(asked)).startswith("closed")
    assert await pledging.counted(alpha, scene.need) == ("0", "5")


async def test_letters_that_come_twice_count_once(alpha: City, beta: City, wire: Wire) -> None:
    scene = await pledging.begin(alpha, beta)
    wire.double = True
    pledge = await pledging.accepted(scene)
    await pledging.bring(scene, pledge.uri, "2")
    await settle(alpha, beta)
    await pledging.confirm(scene, pledge.uri)
    await settle(alpha, beta)
    for city in (alpha, beta):
        row = await pledging.at(city, pledge.uri)
        assert (row.delivered, row.confirmed) == (2, 2)
    assert await pledging.counted(alpha, scene.need) == ("1", "2")


async def test_letters_in_reverse_lead_to_the_same(alpha: City, beta: City, wire: Wire) -> None:
    scene = await pledging.begin(alpha, beta)
    wire.hold()
    pledge = await pledging.pledged(scene)
    for amount in (4, 2):
        row = await pledging.at(beta, pledge.uri)
        async with beta.instance.begin() as tx:
            draft = pledging.gravel(scene, amount)
            await acts.change(tx, by=scene.bea, pledge=row, draft=draft)
        await settle(beta)
    await wire.release()
    await settle(alpha, beta)
    there = await pledging.at(alpha, pledge.uri)
    assert (there.edition, there.quantity, there.state) == (3, 2, "offered")
    await pledging.answer(scene, pledge.uri)
    await settle(alpha, beta)
    wire.hold()
    await pledging.bring(scene, pledge.uri, "1")
    await settle(beta)
    row = await pledging.at(beta, pledge.uri)
    async with beta.instance.begin() as tx:
        await acts.withdraw(tx, by=scene.bea, pledge=row, reason="The lorry broke.")
    await settle(beta)
    await wire.release()
    await settle(alpha, beta)
    assert await pledging.states(scene, pledge.uri) == ("ended", "ended")
    await pledging.confirm(scene, pledge.uri)
    await settle(alpha, beta)
    assert (await pledging.at(beta, pledge.uri)).confirmed == 1
    assert await pledging.counted(alpha, scene.need) == ("0", "1")


async def test_a_cut_wire_holds_up_and_loses_nothing(alpha: City, beta: City, wire: Wire) -> None:
    scene = await pledging.begin(alpha, beta)
    wire.cut(alpha.host)
    pledge = await pledging.pledged(scene)
    assert await alpha.value("select count(*) from pledges") == 0
    wire.mend(alpha.host)
    for city in (alpha, beta):
        await fast_forward(city)
    await settle(alpha, beta)
    assert await pledging.states(scene, pledge.uri) == ("offered", "offered")


async def test_a_yes_to_an_older_edition_does_not_bind_the_newer_one(
    alpha: City, beta: City, wire: Wire
) -> None:
    scene = await pledging.begin(alpha, beta)
    pledge = await pledging.pledged(scene)
    row = await pledging.at(beta, pledge.uri)
    async with beta.instance.begin() as tx:
        await acts.change(tx, by=scene.bea, pledge=row, draft=pledging.gravel(scene, 1))
    await pledging.answer(scene, pledge.uri)
    await settle(alpha, beta)
    assert await pledging.states(scene, pledge.uri) == ("offered", "offered")
    assert await pledging.counted(alpha, scene.need) == ("0", "0")
    with pytest.raises(Conflict):
        await pledging.bring(scene, pledge.uri)
    await pledging.answer(scene, pledge.uri)
    await settle(alpha, beta)
    assert await pledging.states(scene, pledge.uri) == ("accepted", "accepted")


async def test_what_did_not_come_is_said_and_may_be_brought_again(alpha: City, beta: City) -> None:
    scene = await pledging.begin(alpha, beta)
    pledge = await pledging.accepted(scene)
    await pledging.bring(scene, pledge.uri, "3")
    await settle(alpha, beta)
    await pledging.confirm(scene, pledge.uri, "missing")
    await settle(alpha, beta)
    assert await pledging.states(scene, pledge.uri) == ("accepted", "accepted")
    assert (await pledging.at(beta, pledge.uri)).left == 3
    assert await pledging.counted(alpha, scene.need) == ("3", "0")


async def test_a_project_declines_and_says_why(alpha: City, beta: City) -> None:
    scene = await pledging.begin(alpha, beta)
    pledge = await pledging.pledged(scene)
    await pledging.answer(scene, pledge.uri, "declined")
    await settle(alpha, beta)
    assert await pledging.states(scene, pledge.uri) == ("declined", "declined")
    assert (await pledging.at(beta, pledge.uri)).reason == "So it is."


async def _far(city: City, wire: Wire) -> Peer:
    far = Peer("far.test", wire).start()
    far.add_actor("guild", "Group")
    await befriend(city, far)
    return far


def _guild(far: Peer) -> str:
    return f"{far.origin}/c/guild"


def _commitment(far: Peer, scene: pledging.Scene, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{far.origin}/pledges/1",
        "type": "Commitment",
        "attributedTo": _guild(far),
        "provider": _guild(far),
        "receiver": scene.alpha.instance.addresses.community("cistern"),
        "action": "transfer",
        "name": "Sand",
        "edition": 1,
        "resourceQuantity": {"hasUnit": "tonne", "hasNumericalValue": "2"},
        **more,
    }


async def test_a_foreign_place_pledges_and_nobody_for_it(
    alpha: City, beta: City, wire: Wire
) -> None:
    scene = await pledging.begin(alpha, beta)
    far = await _far(alpha, wire)
    city = scene.beta.instance.addresses.city
    forged = (
        (far.pat, _commitment(far, scene, attributedTo=far.pat, provider=far.pat)),
        (far.pat, _commitment(far, scene)),
        (_guild(far), _commitment(far, scene, attributedTo=city, provider=city)),
        (_guild(far), _commitment(far, scene, provider=city)),
        (_guild(far), _commitment(far, scene, receiver=alpha.instance.addresses.city)),
    )
    for by, document in forged:
        await far.says(alpha, far.activity("Create", document, by=by), by=by)
    await settle(alpha)
    assert await alpha.value("select count(*) from pledges") == 0
    sound = far.activity("Create", _commitment(far, scene), by=_guild(far))
    await far.says(alpha, sound, by=_guild(far))
    await settle(alpha)
    assert await alpha.value("select title from pledges") == "Sand"


async def test_a_third_place_neither_changes_nor_brings_nor_answers(
    alpha: City, beta: City, wire: Wire
) -> None:
    scene = await pledging.begin(alpha, beta)
    pledge = await pledging.accepted(scene)
    delivery = await pledging.bring(scene, pledge.uri)
    await settle(alpha, beta)
    far = await _far(alpha, wire)
    await befriend(beta, far)
    named = {"id": pledge.uri, "type": "Commitment", "edition": 2}
    event = {"id": delivery.uri, "type": "EconomicEvent", "fulfills": pledge.uri}
    more = {**event, "id": f"{far.origin}/e/1", "attributedTo": _guild(far)}
    amount = {"hasUnit": "tonne", "hasNumericalValue": "1"}
    said = (
        ("Update", {**_commitment(far, scene, edition=5, finished=True), "id": pledge.uri}),
        ("Reject", named),
        ("Accept", event),
        ("Reject", event),
        ("Create", {**more, "resourceQuantity": amount}),
    )
    for kind, object in said:
        for city in (alpha, beta):
            await far.says(city, far.activity(kind, object, by=_guild(far)), by=_guild(far))
    await settle(alpha, beta)
    assert await pledging.states(scene, pledge.uri) == ("delivered", "delivered")
    for city in (alpha, beta):
        row = await pledging.at(city, pledge.uri)
        assert (row.edition, row.delivered, row.confirmed) == (1, 1, 0)


async def test_a_giver_does_not_answer_itself_nor_bring_more_than_it_promised(
    alpha: City, beta: City, wire: Wire
) -> None:
    scene = await pledging.begin(alpha, beta)
    far = await _far(alpha, wire)
    guild, document = _guild(far), _commitment(far, scene)

    async def says(kind: str, object: dict[str, Any]) -> None:
        await far.says(alpha, far.activity(kind, object, by=guild), by=guild)
        await settle(alpha)

    def event(number: int, amount: str) -> dict[str, Any]:
        measure = {"hasUnit": "tonne", "hasNumericalValue": amount}
        return {
            "id": f"{far.origin}/events/{number}",
            "type": "EconomicEvent",
            "attributedTo": guild,
            "fulfills": document["id"],
            "resourceQuantity": measure,
        }

    await says("Create", document)
    await says("Accept", {"id": document["id"], "type": "Commitment", "edition": 1})
    await says("Create", event(1, "1"))
    row = await pledging.at(alpha, document["id"])
    assert (row.state, row.delivered) == ("offered", 0)
    await pledging.answer(scene, row.uri)
    await says("Create", event(2, "1.5"))
    await says("Create", event(3, "1"))
    await says("Create", event(2, "1.5"))
    await says("Accept", {**event(2, "1.5")})
    row = await pledging.at(alpha, document["id"])
    assert (row.state, row.delivered, row.confirmed) == ("delivered", Decimal("1.5"), 0)


async def test_a_place_does_not_speak_for_another_of_its_server(
    alpha: City, beta: City, wire: Wire
) -> None:
    scene = await pledging.begin(alpha, beta)
    far = await _far(alpha, wire)
    choir = far.add_actor("choir", "Group")
    sound = far.activity("Create", _commitment(far, scene), by=_guild(far))
    await far.says(alpha, sound, by=_guild(far))
    await settle(alpha)
    taken = _commitment(far, scene, attributedTo=choir, provider=choir, edition=2, finished=True)
    await far.says(alpha, far.activity("Update", taken, by=choir), by=choir)
    await settle(alpha)
    row = await pledging.at(alpha, sound["object"]["id"])
    assert (row.state, row.edition) == ("offered", 1)
    async with alpha.instance.read() as conn:
        assert (await actors.get(conn, row.giver_id)).uri == _guild(far)


async def test_residents_act_for_their_own_side_only(alpha: City, beta: City) -> None:
    scene = await pledging.begin(alpha, beta)
    pledge = await pledging.accepted(scene)
    here = await pledging.at(alpha, pledge.uri)
    mallory = await make.a_person(beta, "mallory")
    with pytest.raises(Forbidden):
        async with beta.instance.begin() as tx:
            await acts.deliver(tx, by=mallory, pledge=pledge, amount=Decimal(1))
    with pytest.raises(Forbidden):
        async with alpha.instance.begin() as tx:
            await acts.withdraw(tx, by=scene.ann, pledge=here, reason="I say so.")
    with pytest.raises(Forbidden):
        await pledging.answer(replace(scene, ann=await make.a_person(alpha, "adam")), pledge.uri)


async def test_an_accepted_pledge_is_read_at_its_address_and_an_open_one_is_not(
    alpha: City, beta: City
) -> None:
    scene = await pledging.begin(alpha, beta)
    pledge = await pledging.pledged(scene)
    path = pledge.uri.removeprefix(beta.origin)
    assert (await beta.document(path)).status_code == 404
    await pledging.answer(scene, pledge.uri)
    await settle(alpha, beta)
    found = (await beta.document(path)).json()
    assert (found["type"], found["action"], found["satisfies"]) == (
        "Commitment",
        "transfer",
        scene.need.uri,
    )


async def test_a_hidden_project_gets_pledges_of_servers_with_a_member_and_shows_nobody(
    alpha: City, beta: City, wire: Wire
) -> None:
    scene = await pledging.begin(alpha, beta)
    hide = "update communities set join_rule = 'hidden'"
    await alpha.execute(hide)
    far = await _far(alpha, wire)
    sound = far.activity("Create", _commitment(far, scene), by=_guild(far))
    await far.says(alpha, sound, by=_guild(far))
    await settle(alpha)
    assert await alpha.value("select count(*) from pledges") == 0
    await beta.execute(hide)
    with pytest.raises(Missing):
        await pledging.pledged(scene)
