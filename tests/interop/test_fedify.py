"""A city beside a server built with Fedify, an implementation that is not ours, over loopback."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from federation import resolve
from federation.acts import agreements, people, posts, promises, proposals
from federation.wire.contexts import CONTEXT
from schema import agreements as stored_agreements
from schema import posts as stored
from schema import proposals as listings
from schema.actors import Actor
from schema.agreements import Agreement, Terms
from schema.communities import Community
from tests import make, talk
from tests.interop.fedify import PUBLIC, Fedify, about, until
from tests.world import SocketCity

pytestmark = pytest.mark.interop


async def test_it_follows_and_joins_a_community(
    town: SocketCity, fedify: Fedify, garden: Community
) -> None:
    for kind in ("Follow", "Join"):
        wish = fedify.activity(kind, garden.uri, to=[garden.uri])
        await fedify.say(garden.uri, wish)
        accept = await fedify.hears(about("Accept", wish["id"]))
        assert accept["document"]["actor"] == garden.uri
    query = """select count(*) from memberships m join actors a on a.id = m.person_id
               where a.uri = %s and m.state = 'member'"""
    await until(town, query, fedify.pat)
    undo = fedify.activity("Leave", garden.uri)
    await fedify.say(garden.uri, undo)
    await until(town, query, fedify.pat, gives=0)


async def test_what_it_says_is_here_changed_and_deleted(
    town: SocketCity, fedify: Fedify, garden: Community
) -> None:
    await fedify.say(garden.uri, fedify.activity("Join", garden.uri))
    note: dict[str, Any] = {
        "id": f"{fedify.origin}/notes/{uuid4()}",
        "type": "Note",
        "attributedTo": fedify.pat,
        "name": "Seeds",
        "content": "<p>Who has seeds?</p>",
        "audience": garden.uri,
        "published": "2026-11-01T09:00:00Z",
        "to": [PUBLIC, garden.uri],
    }
    await fedify.control("serve", **{"@context": "https://www.w3.org/ns/activitystreams", **note})
    more = {"to": [PUBLIC, garden.uri]}
    await fedify.say(garden.uri, fedify.activity("Create", note, **more))
    count = "select count(*) from posts where uri = %s and strpos(html, %s) > 0"
    await until(town, count, note["id"], "Who has seeds?")
    heard = await fedify.hears(about("Announce", note["id"], "Create"))
    assert heard["document"]["actor"] == garden.uri
    changed = {**note, "content": "<p>Seeds!</p>", "updated": "2026-11-01T10:00:00Z"}
    await fedify.say(garden.uri, fedify.activity("Update", changed, **more))
    await until(town, count, note["id"], "Seeds!")
    gone = {"type": "Tombstone", "id": note["id"]}
    await fedify.say(garden.uri, fedify.activity("Delete", gone, **more))
    await until(town, count, note["id"], "Seeds", gives=0)


async def test_it_hears_what_is_said_changed_and_deleted_here(
    town: SocketCity, fedify: Fedify, ann: Actor, garden: Community
) -> None:
    await fedify.say(garden.uri, fedify.activity("Follow", garden.uri))
    await fedify.hears(about("Accept", garden.uri))
    thread = await talk.start(town, ann, garden)
    heard = await fedify.hears(about("Announce", thread.uri, "Create"))
    assert heard["kind"] == "Announce"
    await fedify.hears(lambda d: d["type"] == "Announce" and d["object"] == thread.uri)
    assert (await fedify.control("read", id=thread.uri))["kind"] == "Note"
    async with town.instance.begin() as tx:
        here = await stored.get(tx.conn, thread.id)
        await posts.edit(tx, by=ann, post=here, title="Seeds", source="None.", language="en")
    await fedify.hears(about("Announce", thread.uri, "Update"))
    async with town.instance.begin() as tx:
        here = await stored.get(tx.conn, thread.id)
        await posts.delete(tx, by=ann, post=here)
    await fedify.hears(about("Announce", thread.uri, "Delete"))


async def test_residents_follow_its_people(town: SocketCity, fedify: Fedify, ann: Actor) -> None:
    pat = await resolve.actor(town.instance, fedify.pat)
    async with town.instance.begin() as tx:
        await people.follow(tx, by=ann, whom=pat)
    follow = await fedify.hears(about("Follow", fedify.pat))
    await fedify.say(ann.uri, fedify.activity("Accept", follow["document"]))
    await until(town, "select count(*) from follows where state = 'accepted'")
    wish = fedify.activity("Follow", ann.uri)
    await fedify.say(ann.uri, wish)
    await fedify.hears(about("Accept", wish["id"]))


async def test_needs_and_offers_in_both_directions(
    town: SocketCity, fedify: Fedify, ann: Actor, garden: Community
) -> None:
    await fedify.say(garden.uri, fedify.activity("Join", garden.uri))
    await fedify.hears(about("Accept", garden.uri))
    ladder = await make.a_proposal(town, ann, community=garden)
    await fedify.hears(about("Announce", ladder.uri, "Create"))
    assert (await fedify.control("read", id=ladder.uri))["kind"] is not None
    async with town.instance.begin() as tx:
        await proposals.withdraw(tx, by=ann, proposal=ladder)
    await fedify.hears(about("Announce", ladder.uri, "Delete"))
    offer = {
        "id": f"{fedify.origin}/proposals/{uuid4()}",
        "type": "Note",
        "attributedTo": fedify.pat,
        "name": "OFFER: A ladder",
        "content": "<p>Three metres.</p>",
        "published": "2026-11-01T09:00:00Z",
        "to": [PUBLIC],
        "purpose": "offer",
        "publishes": {"type": "Intent", "action": "transfer"},
    }
    await fedify.control("serve", **{"@context": "https://www.w3.org/ns/activitystreams", **offer})
    await fedify.say(ann.uri, fedify.activity("Announce", offer["id"], to=[PUBLIC]))
    await until(town, "select count(*) from proposals where uri = %s", offer["id"])


async def test_signatures_and_proofs_hold_on_both_sides(
    town: SocketCity, fedify: Fedify, garden: Community
) -> None:
    wish = fedify.activity("Follow", garden.uri)
    await fedify.say(garden.uri, wish)
    accept = await fedify.hears(about("Accept", wish["id"]))
    assert accept["signed"] in ("cavage", "rfc9421")
    assert await fedify.proves(accept["document"])
    for scheme in ("cavage", "rfc9421"):
        await town.execute("update peers set scheme = %s where origin = %s", scheme, fedify.origin)
        again = fedify.activity("Follow", garden.uri)
        await fedify.say(garden.uri, again)
        accept = await fedify.hears(about("Accept", again["id"]))
        assert accept["signed"] == scheme
    refused = "select count(*) from activities where state in ('refused', 'malformed')"
    assert await town.value(refused) == 0


def dict_of(value: Any) -> dict[str, Any]:
    """An embedded object; empty for an address."""
    return value if isinstance(value, dict) else {}


def agreed(listing: str, **more: Any) -> dict[str, Any]:
    """An Agreement of FEP-0837 about one of what is listed."""
    quantity = {"hasUnit": "kilogram", "hasNumericalValue": "1"}
    stipulated: dict[str, Any] = {"type": "Commitment", "satisfies": f"{listing}#primary"}
    stipulated["resourceQuantity"] = quantity
    return {"type": "Agreement", "stipulates": stipulated, **more}


async def test_its_people_come_to_an_agreement_about_what_is_offered_here(
    town: SocketCity, fedify: Fedify, ann: Actor
) -> None:
    offer = {"quantity": Decimal(1), "unit": "kg", "return_kind": "nothing"}
    ladder = await make.a_proposal(town, ann, "Apples", **offer)
    wish = fedify.activity("Offer", agreed(ladder.uri), to=[ann.uri])
    await fedify.say(ann.uri, wish | {"@context": CONTEXT})
    await until(town, "select count(*) from agreements where state = 'asked'")
    row = await _only_agreement(town)
    async with town.instance.begin() as tx:
        await agreements.accept(tx, by=ann, agreement=row)
    accept = await fedify.hears(about("Accept", wish["id"]))
    result = accept["document"]["result"]
    assert result["type"] == "Agreement" and result["attributedTo"] == ann.uri
    assert (await fedify.control("read", id=result["id"]))["kind"] == "Agreement"
    assert await fedify.proves(accept["document"])
    row = await _only_agreement(town)
    async with town.instance.begin() as tx:
        await promises.confirm(tx, by=ann, agreement=row)
    receipt = await fedify.hears(lambda one: "realizationOf" in dict_of(one.get("object")))
    assert receipt["document"]["object"]["finished"] is True


async def test_a_resident_comes_to_an_agreement_about_what_is_offered_there(
    town: SocketCity, fedify: Fedify, ann: Actor
) -> None:
    offer = {
        "@context": CONTEXT,
        "id": f"{fedify.origin}/proposals/{uuid4()}",
        "type": "Proposal",
        "attributedTo": fedify.pat,
        "name": "A saw",
        "content": "<p>Sharp.</p>",
        "published": "2026-11-01T09:00:00Z",
        "to": [PUBLIC],
        "purpose": "offer",
        "unitBased": False,
    }
    primary: dict[str, Any] = {
        "type": "Intent",
        "id": f"{offer['id']}#primary",
        "action": "transfer",
    }
    primary["resourceQuantity"] = {"hasUnit": "kilogram", "hasNumericalValue": "1"}
    await fedify.control("serve", **offer, publishes=primary)
    await fedify.say(ann.uri, fedify.activity("Announce", offer["id"], to=[PUBLIC]))
    await until(town, "select count(*) from proposals where uri = %s", offer["id"])
    async with town.instance.begin() as tx:
        saw = await listings.find(tx.conn, str(offer["id"]))
        assert saw is not None
        terms = Terms(Decimal(1), saw.unit, saw.return_kind)
        await agreements.ask(tx, by=ann, proposal=saw, terms=terms)
    asked = await fedify.hears(lambda one: one.get("type") == "Offer")
    document = asked["document"]
    assert document["object"]["stipulates"]["satisfies"] == f"{offer['id']}#primary"
    assert await fedify.proves(document)
    result = {**document["object"], "id": f"{fedify.origin}/agreements/{uuid4()}"}
    yes = fedify.activity("Accept", document["id"], to=[ann.uri])
    yes |= {"@context": CONTEXT, "result": {**result, "attributedTo": fedify.pat}}
    await fedify.say(ann.uri, yes)
    await until(town, "select count(*) from agreements where state = 'agreed'")


async def _only_agreement(town: SocketCity) -> Agreement:
    async with town.instance.read() as conn:
        found = await stored_agreements.find(conn, await town.value("select key from agreements"))
    assert found is not None
    return found
