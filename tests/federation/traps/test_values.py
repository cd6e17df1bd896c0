"""Traps 14 to 17: keys, numbers, names of things and times, as others spell them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from schema.actors import Actor
from tests import make
from tests.federation.door import every, kept, listing, offer, say, to_ann, words
from tests.peer import AS, Peer
from tests.world import City


async def test_trap_14_keys_with_a_colon(alpha: City, far: Peer, ann: Actor) -> None:
    """They are read as they stand; what a context makes of them is nobody's business."""
    more: dict[str, Any] = {
        "flohmarkt:data": {"price": "0", "currency": "EUR"},
        "ical:status": "CONFIRMED",
        "pair:label": "x",
        "vcard:bday": "1970-01-01",
        "@context": [AS, {"flohmarkt": "https://codeberg.org/flohmarkt/ns/", "x": "@type"}],
    }
    assert await kept(alpha, far, offer(far, **more)) == "<p>real</p>"
    data: dict[str, Any] = {**more, "flohmarkt:data": {"name": "Bike", "price": 25}}
    market = far.note("<p>a bike</p>", **data)
    assert await kept(alpha, far, market) == "<p>a bike</p>"
    back = "select title || ', ' || return_note from proposals where uri = %s"
    assert await alpha.value(back, market["id"]) == "Bike, 25 EUR"
    aid = far.note("", **{**more, "type": "maid:GiftOffer", "pair:label": "Plums", "x": "y"})
    del aid["flohmarkt:data"]
    assert await kept(alpha, far, {**aid, "pair:description": "many"}) == "many"
    assert await alpha.value("select title from proposals where uri = %s", aid["id"]) == "Plums"
    talk_only = {key: value for key, value in more.items() if key != "flohmarkt:data"}
    assert await kept(alpha, far, to_ann(far, ann, **talk_only)) == "<p>hello</p>"


@pytest.mark.parametrize("number", [3, 3.0, "3", "3.000", " 3 "])
async def test_trap_15_numbers_and_texts_of_numbers(
    alpha: City, far: Peer, number: Any, ann: Actor
) -> None:
    measure = {"hasUnit": "one", "hasNumericalValue": number}
    intent = {"type": "Intent", "action": "transfer", "resourceQuantity": measure}
    thing = offer(far, publishes=intent)
    await kept(alpha, far, thing)
    assert await alpha.value("select quantity from proposals where uri = %s", thing["id"]) == 3
    ladders = await make.a_proposal(alpha, ann, quantity=Decimal(3), unit="piece")
    document = (await alpha.document(ladders.uri.removeprefix(alpha.origin))).json()
    numbers = [
        part["hasNumericalValue"] for part in every(document["publishes"]) if "hasUnit" in part
    ]
    assert numbers == ["3", "3"], "some parsers need a text"


OM2 = "http://www.ontology-of-units-of-measure.org/resource/om-2/kilogram"


UNITS: list[Any] = [OM2, OM2.replace("http:", "https:"), "om2:kilogram", "kilogram", {"id": OM2}]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    "action", ["transfer", "vf:transfer", "https://w3id.org/valueflows#transfer"]
)
async def test_trap_16_spellings_of_units_and_actions(
    alpha: City, far: Peer, unit: Any, action: str
) -> None:
    measure = {"hasUnit": unit, "hasNumericalValue": "2"}
    kind = "https://www.wikidata.org/wiki/Q5"
    intent = {"action": action, "resourceConformsTo": kind, "resourceQuantity": measure}
    thing = offer(far, publishes={"type": "Intent", **intent})
    await kept(alpha, far, thing)
    assert await alpha.value("select unit from proposals where uri = %s", thing["id"]) == "kg"


EURO = ["https://www.wikidata.org/wiki/Q4916", "http://www.wikidata.org/entity/Q4916", "wd:Q4916"]


@pytest.mark.parametrize("money", [*EURO, {"id": EURO[0]}], ids=["page", "entity", "wd", "id"])
async def test_trap_16_spellings_of_wikidata(alpha: City, far: Peer, money: Any) -> None:
    measure = {"hasUnit": "one", "hasNumericalValue": "25"}
    back = {"type": "Intent", "resourceConformsTo": money, "resourceQuantity": measure}
    thing = offer(far, reciprocal=back)
    await kept(alpha, far, thing)
    query = "select return_note from proposals where uri = %s"
    assert await alpha.value(query, thing["id"]) == "25 EUR"


@pytest.mark.parametrize("action", ["work", "vf:work", "https://w3id.org/valueflows#work"])
async def test_trap_16_spellings_of_what_is_done(
    alpha: City, far: Peer, ann: Actor, action: Any
) -> None:
    project = await make.a_project(alpha, ann)
    task = await make.a_task(alpha, ann, project)
    work = {"type": "Commitment", "action": action, "satisfies": task.uri, "provider": far.pat}
    assert await say(alpha, far, far.activity("Offer", work)) == ("done", "")
    event: dict[str, Any] = {"action": {"id": action}, "fulfills": task.uri, "finished": True}
    event |= {"id": f"{far.origin}/events/1", "type": "EconomicEvent", "attributedTo": far.pat}
    assert await say(alpha, far, far.activity("Create", event)) == ("done", "")
    assert await alpha.value("select state from tasks where id = %s", task.id) == "done"


TIMES = {
    "2026-05-01T09:00:00Z": "2026-05-01 09:00:00+00",
    "2026-05-01T09:00:00.123456789Z": "2026-05-01 09:00:00.123456+00",
    "2026-05-01T11:00:00+02:00": "2026-05-01 09:00:00+00",
    "2026-05-01T09:00:00.5+00:00": "2026-05-01 09:00:00.5+00",
}


@pytest.mark.parametrize(("given", "meant"), TIMES.items())
async def test_trap_17_times(alpha: City, far: Peer, ann: Actor, given: str, meant: str) -> None:
    note = to_ann(far, ann, published=given)
    await kept(alpha, far, note)
    query = "select created = %s::timestamptz from posts where uri = %s"
    assert await alpha.value(query, meant, note["id"])


@pytest.mark.parametrize("published", [True, False], ids=["published", "no times at all"])
@pytest.mark.parametrize("kind", ["note", "offer"])
async def test_trap_17_a_change_without_a_time(
    alpha: City, far: Peer, ann: Actor, kind: str, published: bool
) -> None:
    thing = offer(far) if kind == "offer" else to_ann(far, ann)
    thing["published"] = "2026-05-01T09:00:00Z"
    if not published:
        del thing["published"]
    await kept(alpha, far, thing)
    alpha.clock.now += timedelta(minutes=1)
    changed = {**thing, "content": "<p>new</p>"}
    assert (await say(alpha, far, far.activity("Update", changed)))[0] == "done"
    if published:  # a copy of the older words that comes late is known as such
        assert (await say(alpha, far, far.activity("Create", thing)))[0] == "done"
    assert "<p>new</p>" in (
        await words(alpha, thing["id"]),
        *(await listing(alpha, thing["id"]) or ()),
    )
