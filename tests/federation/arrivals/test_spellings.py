"""Needs and offers in every spelling that other makes send, through the inbox."""

import json
from pathlib import Path
from typing import Any

import pytest

from schema import posts, proposals
from schema.proposals import Proposal
from tests.federation.arrivals.test_proposals import a_listing
from tests.peer import Peer
from tests.world import City, settle

DOCUMENTS = Path(__file__).parent.parent.parent / "documents"
# File: purpose, quantity, unit, what is given back, place.
SPELLED: dict[str, tuple[str, Any, str, str, str]] = {
    "fep0837.proposal": ("request", 2, "day", "open: 40 EUR", "Graz"),
    "fep0837.note": ("offer", 2, "day", "nothing: ", ""),
    "valueflows.iris": ("offer", 2, "day", "nothing: ", ""),
    "valueflows.old": ("request", 2, "day", "open: ", ""),
    "bonfire.proposal": ("offer", 2, "day", "nothing: ", "Graz"),
    "bonfire.intent": ("request", 2, "day", "open: ", ""),
    "flohmarkt.data": ("offer", 1, "piece", "open: 25 EUR", ""),
    "flohmarkt.proposal": ("offer", 1, "piece", "open: 25.5 EUR", "Graz"),
    "activitypods.offer": ("offer", 1, "piece", "lend: ", "Graz"),
    "activitypods.request": ("request", 1, "piece", "open: ", ""),
}


def spelled(file: str) -> dict[str, Any]:
    return json.loads((DOCUMENTS / f"{file}.json").read_text("utf-8"))


async def says(city: City, peer: Peer, kind: str, object: Any) -> None:
    assert (await peer.says(city, peer.activity(kind, object))).status_code == 202
    await settle(city)


async def got(city: City, uri: str) -> Proposal | None:
    async with city.instance.read() as conn:
        assert await posts.find(conn, uri) is None, "taken for a post"
        return await proposals.find(conn, uri)


@pytest.mark.parametrize("file", SPELLED)
async def test_each_spelling_becomes_a_listing(alpha: City, peer: Peer, file: str) -> None:
    document = spelled(file)
    await says(alpha, peer, "Create", document)
    row = await got(alpha, document["id"])
    assert row is not None
    assert (row.title, "For two days." in row.html) == ("Trench digger", True)
    back = f"{row.return_kind}: {row.return_note}"
    assert (row.purpose, row.quantity, row.unit, back, row.place_name) == SPELLED[file]
    folder = "offers" if row.purpose == "offer" else "needs"
    page = await alpha.get(f"/{folder}/{row.id}")
    assert page.status_code == 200 and "Trench digger" in page.text


@pytest.mark.parametrize("file", SPELLED)
async def test_each_is_changed_closed_and_taken_back(alpha: City, peer: Peer, file: str) -> None:
    document = spelled(file)
    await says(alpha, peer, "Create", document)
    if "bonfire.intent" in file or "pair:label" in document:
        changed = {**document, "name": "Small digger", "pair:label": "Small digger"}
    else:
        changed = json.loads(json.dumps(document).replace("Trench digger", "Small digger"))
    await says(alpha, peer, "Update", {**changed, "updated": "2026-05-02T09:00:00Z"})
    row = await got(alpha, document["id"])
    assert row is not None and (row.title, row.state) == ("Small digger", "open")
    closed = {**changed, "closed": "2026-05-03T09:00:00Z", "updated": "2026-05-03T09:00:00Z"}
    await says(alpha, peer, "Update", closed)
    row = await got(alpha, document["id"])
    assert row is not None and row.state == "closed"
    await says(alpha, peer, "Delete", {"id": document["id"], "type": "Tombstone"})
    row = await got(alpha, document["id"])
    assert row is not None and (row.state, row.title) == ("withdrawn", "–")


async def test_one_whose_time_is_over_leaves_the_lists(alpha: City, peer: Peer) -> None:
    listing = a_listing(peer, published="2026-05-01T09:00:00Z")
    await says(alpha, peer, "Create", listing)
    assert "Bike" in (await alpha.get("/offers")).text
    over = {**listing, "endTime": "2026-05-02T09:00:00Z", "updated": "2026-05-03T09:00:00Z"}
    await says(alpha, peer, "Update", over)
    assert "Bike" not in (await alpha.get("/offers")).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "Offer", "object": "http://far.test/p/1"},
        {"type": "Intent", "action": "transfer", "provider": "http://far.test/u/pat"},
        {"type": "ValueFlows:EconomicEvent", "action": "transfer", "provider": "x"},
        {"type": "Note", "purpose": "offer", "publishes": "http://far.test/p/1#primary"},
        {"type": "Note", "flohmarkt:data": "bike"},
        {"type": "Note", "attachment": [{"type": "Proposal", "purpose": "offer"}]},
    ],
)
async def test_what_only_looks_like_one_is_none(
    alpha: City, peer: Peer, wrong: dict[str, Any]
) -> None:
    await says(alpha, peer, "Create", peer.note("<p>words</p>", **wrong))
    assert await alpha.value("select count(*) from proposals") == 0
    await says(alpha, peer, "Create", a_listing(peer))
    assert await alpha.value("select count(*) from proposals") == 1
