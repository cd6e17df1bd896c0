"""Needs and offers on the wire: the exact form we send, and everything we understand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import documents, html
from federation.addresses import Addresses
from federation.errors import Malformed
from federation.wire import proposals as wire
from federation.wire.contexts import CONTEXT, PUBLIC
from schema import categories, ids, places, units
from schema.actors import Actor
from schema.posts import Picture
from schema.proposals import Proposal

ORIGIN = "https://aville.example"
ADDRESSES = Addresses(ORIGIN)
ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def an_author() -> Actor:
    values: dict[str, Any] = dict.fromkeys(Actor.__slots__)
    uri = ADDRESSES.person("ana")
    values.update(
        id=ids.new(), kind="person", uri=uri, name="ana", followers_uri=f"{uri}/followers"
    )
    return Actor(**values)


def a_row(**changes: Any) -> Proposal:
    latitude, longitude = places.rough(47.0683, 15.4563)
    row = Proposal(
        id=ID,
        uri=ADDRESSES.proposal("request", ID),
        purpose="request",
        author_id=ids.new(),
        community_id=None,
        scope="everyone",
        title="two people who can lay pipe",
        source="Saturday, **tools** are there.",
        html=html.to_html("Saturday, **tools** are there."),
        language="en",
        category="skill.plumb",
        quantity=Decimal("12.50"),
        available=Decimal("12.5"),
        unit="h",
        until=datetime(2026, 5, 9, 18, 0, tzinfo=UTC),
        return_kind="hours",
        return_note="and lunch",
        place_name="Aville",
        latitude=latitude,
        longitude=longitude,
        cell=places.cell(latitude, longitude),
        state="open",
        removed_reason="",
        replies=0,
        created=NOW,
        updated=NOW,
    )
    return replace(row, **changes)


def build(row: Proposal, **changes: Any) -> dict[str, Any]:
    setting = wire.Setting(
        author=an_author(),
        addresses=ADDRESSES,
        to=(PUBLIC, f"{ORIGIN}/communities/water"),
        cc=(f"{ORIGIN}/people/ana/followers", f"{ORIGIN}/city"),
        community_uri=f"{ORIGIN}/communities/water",
        pictures=[Picture(ID, "image/webp", 800, 600, "the trench", None)],
    )
    return wire.build(row, replace(setting, **changes))


def test_a_need_is_a_note_that_carries_a_proposal() -> None:
    row = a_row()
    name = "NEED: two people who can lay pipe"
    content = (
        f"<p><strong>{name}</strong></p><p>Saturday, <strong>tools</strong> are there.</p>\n"
        "<p>12.5 hours · Plumbing · Aville · until 2026-05-09 · In return: hours (and lunch)</p>"
        f'<p><a href="{row.uri}">Answer this</a> <a href="{ORIGIN}/needs" class="mention hashtag"'
        ' rel="tag">#<span>need</span></a></p>'
    )
    assert build(row) == {
        "@context": CONTEXT,
        "id": f"{ORIGIN}/needs/{ID}",
        "type": "Note",
        "purpose": "request",
        "attributedTo": f"{ORIGIN}/people/ana",
        "audience": f"{ORIGIN}/communities/water",
        "to": [PUBLIC, f"{ORIGIN}/communities/water"],
        "cc": [f"{ORIGIN}/people/ana/followers", f"{ORIGIN}/city"],
        "name": name,
        "content": content,
        "contentMap": {"en": content},
        "source": {"content": "Saturday, **tools** are there.", "mediaType": "text/markdown"},
        "url": f"{ORIGIN}/needs/{ID}",
        "context": f"{ORIGIN}/needs/{ID}/thread",
        "replies": f"{ORIGIN}/needs/{ID}/replies",
        "published": "2026-05-01T09:00:00.000Z",
        "updated": "2026-05-01T09:00:00.000Z",
        "endTime": "2026-05-09T18:00:00.000Z",
        "location": {
            "type": "Place",
            "name": "Aville",
            "latitude": row.latitude,
            "longitude": row.longitude,
            "radius": 2,
            "units": "km",
        },
        "tag": [{"type": "Hashtag", "name": "#need", "href": f"{ORIGIN}/needs"}],
        "attachment": [
            {
                "type": "Image",
                "mediaType": "image/webp",
                "url": f"{ORIGIN}/media/{ID}",
                "name": "the trench",
                "width": 800,
                "height": 600,
            }
        ],
        "sensitive": False,
        "category": {"identifier": "skill.plumb", "name": "Plumbing", "broader": "skill"},
        "returnKind": "hours",
        "returnNote": "and lunch",
        "publishes": {
            "type": "Intent",
            "id": f"{ORIGIN}/needs/{ID}#primary",
            "action": "deliverService",
            "resourceConformsTo": "https://w3id.org/stadtnetz#skill.plumb",
            "resourceQuantity": {
                "hasUnit": "hour",
                "unitLabel": "h",
                "hasNumericalValue": "12.5",
            },
            "availableQuantity": {
                "hasUnit": "hour",
                "unitLabel": "h",
                "hasNumericalValue": "12.5",
            },
            "finished": False,
        },
        "reciprocal": {
            "type": "Intent",
            "id": f"{ORIGIN}/needs/{ID}#reciprocal",
            "action": "deliverService",
            "resourceQuantity": {"hasUnit": "hour"},
            "name": "and lunch",
        },
        "unitBased": False,
    }


def test_german_listings_speak_german_and_things_are_transferred() -> None:
    row = a_row(
        purpose="offer", title="20 Gläser Marmelade", language="de", unit="jar", return_kind="swap"
    )
    document = build(row)
    assert document["name"] == "BIETE: 20 Gläser Marmelade"
    assert "Gegenleistung: Tausch" in document["content"]
    assert document["publishes"]["resourceQuantity"]["hasUnit"] == "one"
    assert build(replace(row, category="food.preserve"))["publishes"]["action"] == "transfer"


def test_nothing_is_asked_in_return_for_a_gift() -> None:
    for kind in ("nothing", "lend", "open"):
        assert "reciprocal" not in build(a_row(return_kind=kind))


def test_a_closed_one_says_so_in_every_language_of_the_wire() -> None:
    document = build(a_row(state="closed"))
    assert document["publishes"]["availableQuantity"]["hasNumericalValue"] == "0"
    assert document["publishes"]["finished"] is True
    assert "(closed)</strong>" in document["content"]
    assert wire.read(document).closed


def test_every_number_is_a_string_and_every_list_a_list() -> None:
    document = build(a_row(), pictures=())
    for key in ("to", "cc", "tag", "attachment"):
        assert isinstance(document[key], list), key
    assert isinstance(document["type"], str)
    assert "summary" not in document


def test_titles_cannot_break_out_of_the_content() -> None:
    document = build(a_row(title="<script>alert(1)</script>"))
    assert "<script>" not in document["content"]


words = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Mn", "Me", "Mc", "Zs", "Zl", "Zp")),
    min_size=1,
    max_size=60,
)
amounts = st.decimals(Decimal("0.001"), Decimal(1_000_000), places=3)
rows = st.builds(
    a_row,
    purpose=st.sampled_from(("offer", "request")),
    title=words,
    language=st.sampled_from(("de", "en")),
    category=st.sampled_from([c.id for c in categories.load()._rows.values()]),  # pyright: ignore
    unit=st.sampled_from(sorted(units.load())),
    quantity=st.none() | amounts,
    until=st.none() | st.just(NOW + timedelta(days=3, milliseconds=5)),
    return_kind=st.sampled_from(wire.RETURNS),
    return_note=st.just("") | words,
    place_name=words,
    state=st.sampled_from(("open", "closed")),
)


@given(rows)
def test_whatever_is_built_is_read_back_whole(row: Proposal) -> None:
    row = replace(row, available=row.quantity)
    document = documents.parse(orjson.dumps(build(row)))
    assert wire.is_proposal(document)
    read = wire.read(document)
    kept = (
        "purpose title html source language category quantity unit until return_kind return_note "
        "place_name latitude longitude"
    )
    for name in kept.split():
        assert getattr(read, name) == getattr(row, name), name
    assert read.id == row.uri and read.public
    assert read.closed == (row.state == "closed")
    assert (read.published, read.updated) == (row.created, row.updated)
    assert read.available == (0 if read.closed else row.quantity)
    assert [picture.alt for picture in read.pictures] == ["the trench"]
    assert read.audience == (f"{ORIGIN}/communities/water",)


def a_proposal(**changes: Any) -> dict[str, Any]:
    """As FEP-0837 has it, in another server's hand."""
    document: dict[str, Any] = {
        "id": "https://market.example/p/1",
        "type": "Proposal",
        "purpose": "offer",
        "attributedTo": "https://market.example/u/bo",
        "name": "Bike",
        "content": "<p>Nearly <b onclick='x'>new</b><script>x</script></p>",
        "to": PUBLIC,
        "publishes": {
            "type": "Intent",
            "action": "transfer",
            "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": 1},
        },
    }
    return {**document, **changes}


@pytest.mark.parametrize(
    "kind",
    [
        "Proposal",
        "vf:Proposal",
        "ValueFlows:Proposal",
        "https://w3id.org/valueflows#Proposal",
        "https://w3id.org/valueflows/ont/vf#Proposal",
        "Note",
        "Page",
        "Article",
        ["Note", "Proposal"],
    ],
)
def test_a_listing_is_known_in_all_its_spellings(kind: Any) -> None:
    document = a_proposal(type=kind)
    assert wire.is_proposal(document)
    assert wire.read(document).title == "Bike"


def test_a_plain_note_is_no_listing() -> None:
    assert not wire.is_proposal({"id": "https://x.example/1", "type": "Note", "content": "hi"})
    assert not wire.is_proposal(a_proposal(type="Event"))
    assert not wire.is_proposal(a_proposal(purpose="greeting"))


def test_foreign_html_is_cleaned() -> None:
    read = wire.read(a_proposal())
    assert "script" not in read.html and "onclick" not in read.html
    assert read.source == "Nearly new"


@pytest.mark.parametrize(("given", "read"), [(3, "3"), ("3", "3"), (2.5, "2.5"), ("0.5", "0.5")])
def test_quantities_come_as_numbers_or_as_texts(given: Any, read: str) -> None:
    measure = {"hasUnit": "om2:kilogram", "hasNumericalValue": given}
    found = wire.read(a_proposal(publishes={"type": "Intent", "resourceQuantity": measure}))
    assert (found.quantity, found.unit) == (Decimal(read), "kg")


@pytest.mark.parametrize(
    "given", ["many", "-3", 0, "NaN", "1e999999", True, None, [], {}, "9" * 99]
)
def test_an_absurd_quantity_is_any_amount(given: Any) -> None:
    measure = {"hasUnit": "one", "hasNumericalValue": given}
    found = wire.read(a_proposal(publishes={"type": "Intent", "resourceQuantity": measure}))
    assert found.quantity is None


def test_no_more_is_left_than_there_was() -> None:
    intent = {
        "type": "Intent",
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "3"},
        "availableQuantity": {"hasUnit": "one", "hasNumericalValue": "7"},
    }
    assert wire.read(a_proposal(publishes=intent)).available == 3


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("food.veg", "food.veg"),
        ({"identifier": "food.veg"}, "food.veg"),
        ({"identifier": "food.cheese", "broader": "food"}, "food"),
        ({"identifier": "space.rocket"}, "other"),
        (None, "other"),
        ([], "other"),
        (7, "other"),
    ],
)
def test_an_unknown_category_falls_to_the_one_above_or_to_other(given: Any, read: str) -> None:
    assert wire.read(a_proposal(category=given)).category == read


def test_what_is_wanted_in_return_is_guessed_for_others() -> None:
    hours = {"type": "Intent", "resourceQuantity": {"hasUnit": "hour", "hasNumericalValue": "2"}}
    money = {"type": "Intent", "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "9"}}
    assert wire.read(a_proposal(reciprocal=hours)).return_kind == "hours"
    assert wire.read(a_proposal(reciprocal=money)).return_kind == "open"
    assert wire.read(a_proposal()).return_kind == "nothing"


def test_a_listing_without_a_text_does_not_repeat_its_facts_as_text() -> None:
    document = build(a_row(source="", html=""))
    assert "In return" in document["content"]
    found = wire.read(document)
    assert (found.html, found.source) == ("", "")


def test_without_a_name_the_text_is_the_title() -> None:
    document = a_proposal(content="<p>WANTED: a ladder</p>")
    del document["name"]
    assert wire.read(document).title == "WANTED: a ladder"


@pytest.mark.parametrize(
    "changes",
    [{"name": " ", "content": ""}, {"publishes": "https://x.example/intent"}, {"id": None}],
)
def test_a_listing_without_what_matters_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        wire.read(a_proposal(**changes))


json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(build(a_row()))), json)
def test_any_value_in_any_place_is_read_or_malformed(key: str, value: Any) -> None:
    document = {**build(a_row()), key: value}
    try:
        if wire.is_proposal(document):
            wire.read(document)
    except Malformed:
        pass
