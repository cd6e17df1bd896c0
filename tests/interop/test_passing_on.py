"""What people of a Fedify server say reaches a third server as a city passed it on."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from federation import resolve
from federation.documents import many
from federation.wire.contexts import CONTEXT
from schema.actors import Actor
from schema.communities import Community
from schema.postgres import Embedded
from tests import make, talk, world
from tests.interop.conftest import befriend
from tests.interop.fedify import PUBLIC, Fedify, about, until
from tests.world import SocketCity, open_socket_city

pytestmark = pytest.mark.interop


@pytest.fixture
async def hill(
    server: Embedded, template: str, scratch: str, fedify: Fedify, town: SocketCity
) -> AsyncIterator[SocketCity]:
    """A second city, a neighbour of the first, that knows the other server as well."""
    name = f"{scratch}_hill"
    world.clone(server.conninfo("postgres"), template, name)
    async with open_socket_city("hill", server.conninfo(name)) as city:
        await world.link(town, city)
        await befriend(city, fedify)
        yield city


def note(fedify: Fedify, garden: Community, **more: Any) -> dict[str, Any]:
    """Of pat's, in the community; served nowhere."""
    return {
        "id": f"{fedify.origin}/notes/{uuid4()}",
        "type": "Note",
        "attributedTo": fedify.pat,
        "name": "Seeds",
        "content": "<p>Who has seeds?</p>",
        "published": "2026-11-01T09:00:00Z",
        "audience": garden.uri,
        "to": [PUBLIC, garden.uri],
        **more,
    }


async def test_its_own_proof_is_enough_in_a_city_that_cannot_ask_it(
    town: SocketCity, hill: SocketCity, fedify: Fedify, garden: Community
) -> None:
    """Nothing of it is served, so hill has the proof alone: that Fedify made, town passed on."""
    await resolve.actor(hill.instance, garden.uri)
    await talk.join(hill, await make.a_person(hill, "ben"), garden)
    await until(hill, "select count(*) from memberships where state = 'member'")
    await fedify.say(garden.uri, fedify.activity("Join", garden.uri))
    said = note(fedify, garden)
    await fedify.say(garden.uri, fedify.activity("Create", said, to=said["to"]))
    heard = await fedify.hears(about("Announce", said["id"], "Create"))
    assert await fedify.proves(heard["document"])
    inner: dict[str, Any] = heard["document"]["object"]
    # Fedify's second signature stands beside the proof, and its check would take it for a part.
    assert await fedify.proves({key: value for key, value in inner.items() if key != "signature"})
    await until(hill, "select count(*) from posts where uri = %s", said["id"])
    changed = {**said, "content": "<p>Seeds!</p>", "updated": "2026-11-01T10:00:00Z"}
    await fedify.say(garden.uri, fedify.activity("Update", changed, to=said["to"]))
    text = "select strpos(html, 'Seeds!') > 0 from posts where uri = %s"
    await until(hill, text, said["id"], gives=True)


async def test_its_offers_are_published_changed_and_taken_back(
    town: SocketCity, fedify: Fedify, ann: Actor
) -> None:
    primary = {
        "type": "Intent",
        "action": "transfer",
        "resourceQuantity": {"hasUnit": "kilogram", "hasNumericalValue": "3"},
    }
    offer = {
        "id": f"{fedify.origin}/proposals/{uuid4()}",
        "type": "Proposal",
        "attributedTo": fedify.pat,
        "name": "Apples",
        "content": "<p>Sour.</p>",
        "published": "2026-11-01T09:00:00Z",
        "to": [PUBLIC],
        "purpose": "offer",
        "unitBased": False,
    }
    primary["id"] = f"{offer['id']}#primary"
    head = {"@context": [*many(CONTEXT), {"Proposal": "vf:Proposal"}], "to": [PUBLIC]}
    create = fedify.activity("Create", {**offer, "publishes": primary})
    await fedify.say(ann.uri, {**create, **head})
    kept = "select concat_ws(' ', title, available::int, unit, state) from proposals where uri = %s"
    await until(town, kept, offer["id"], gives="Apples 3 kg open")
    fewer = {**primary, "availableQuantity": {"hasUnit": "kilogram", "hasNumericalValue": "1"}}
    changed = {**offer, "name": "Sour apples", "updated": "2026-11-01T10:00:00Z"}
    update = fedify.activity("Update", {**changed, "publishes": fewer})
    await fedify.say(ann.uri, {**update, **head})
    await until(town, kept, offer["id"], gives="Sour apples 1 kg open")
    delete = fedify.activity("Delete", {"type": "Tombstone", "id": offer["id"]})
    await fedify.say(ann.uri, {**delete, **head})
    await until(town, "select state from proposals where uri = %s", offer["id"], gives="withdrawn")
