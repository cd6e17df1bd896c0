"""Actors on the wire: what strict parsers need is there, and what others send is read."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.addresses import Addresses
from federation.errors import Malformed
from federation.keys import load_public
from federation.wire import actors as wire
from schema import ids
from schema.actors import Actor, Kind
from tests import make

OWN = Addresses("https://town.example")
KEYS = make.a_key_pair()
CREATED = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
CITY_LISTS = ("offers", "needs", "projects", "blueprints", "communities")


def actor(kind: Kind, uri: str, name: str = "ann", **more: Any) -> Actor:
    """One of ours."""
    known: dict[str, Any] = {
        "id": ids.new(),
        "kind": kind,
        "uri": uri,
        "peer": None,
        "name": name,
        "host": "",
        "title": "Ann Ä.",
        "about": "Grows *things*.",
        "about_html": "<p>Grows <em>things</em>.</p>",
        "can": "",
        "wants": "",
        "languages": ["de"],
        "page_url": uri,
        "inbox": f"{uri}/inbox",
        "shared_inbox": OWN.shared_inbox,
        "followers_uri": f"{uri}/followers",
        "members_uri": None,
        "moderators_uri": None,
        "avatar_id": None,
        "place_name": "",
        "latitude": None,
        "longitude": None,
        "approves": False,
        "discoverable": True,
        "indexable": True,
        "key_id": f"{uri}#main-key",
        "public_key": KEYS.rsa_public,
        "ed25519_key": KEYS.ed25519_public,
        "created": CREATED,
        "updated": CREATED,
        "fetched": CREATED,
        "deleted_at": None,
        "suspended_until": None,
        "suspended_reason": "",
    }
    return Actor(**{**known, **more})


ALL = {
    "person": actor("person", OWN.person("ann")),
    "group": actor("group", OWN.community("garden"), "garden"),
    "city": actor("city", OWN.city, "city"),
    "instance": actor("instance", OWN.instance, "town.example"),
}


def test_a_person_is_what_microblogs_expect() -> None:
    assert wire.build(ALL["person"], OWN) == {
        "@context": wire.CONTEXT,
        "id": "https://town.example/people/ann",
        "type": "Person",
        "preferredUsername": "ann",
        "name": "Ann Ä.",
        "summary": "<p>Grows <em>things</em>.</p>",
        "source": {"content": "Grows *things*.", "mediaType": "text/markdown"},
        "url": "https://town.example/people/ann",
        "inbox": "https://town.example/people/ann/inbox",
        "outbox": "https://town.example/people/ann/outbox",
        "followers": "https://town.example/people/ann/followers",
        "following": "https://town.example/people/ann/following",
        "endpoints": {"sharedInbox": "https://town.example/inbox"},
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "indexable": True,
        "published": "2026-11-01T12:00:00Z",
        "updated": "2026-11-01T12:00:00Z",
        "publicKey": {
            "id": "https://town.example/people/ann#main-key",
            "owner": "https://town.example/people/ann",
            "publicKeyPem": KEYS.rsa_public,
        },
        "assertionMethod": [
            {
                "id": "https://town.example/people/ann#ed25519-key",
                "type": "Multikey",
                "controller": "https://town.example/people/ann",
                "publicKeyMultibase": KEYS.ed25519_public,
            }
        ],
        "attachment": [],
        "tag": [],
        "webfinger": "ann@town.example",
        "generator": {
            "type": "Application",
            "id": "https://town.example/actor",
            "implements": wire.build(ALL["instance"], OWN)["implements"],
        },
    }


@pytest.mark.parametrize("one", ALL.values(), ids=ALL)
def test_every_actor_has_both_keys_under_its_own_id(one: Actor) -> None:
    document: Any = wire.build(one, OWN)
    load_public(document["publicKey"]["publicKeyPem"])
    load_public(document["assertionMethod"][0]["publicKeyMultibase"])
    assert document["publicKey"]["id"].startswith(f"{one.uri}#")
    assert document["assertionMethod"][0]["controller"] == one.uri


def test_a_community_names_its_lists_as_forums_do() -> None:
    document = wire.build(ALL["group"], OWN)
    uri = "https://town.example/communities/garden"
    assert document["type"] == "Group"
    lists = {"attributedTo": "moderators", "featured": "featured", "members": "members"}
    assert {key: document[key] for key in lists} == {k: f"{uri}/{v}" for k, v in lists.items()}
    assert (document["postingRestrictedToMods"], document["sensitive"]) == (False, False)


def test_the_city_names_what_it_shows() -> None:
    document = wire.build(ALL["city"], OWN)
    assert document["type"] == "Group"
    for name in CITY_LISTS:
        assert document[name] == f"https://town.example/city/{name}"
    assert document["postingRestrictedToMods"] is True
    assert "members" not in document


def test_the_server_says_what_it_implements() -> None:
    document: Any = wire.build(ALL["instance"], OWN)
    assert document["type"] == "Application"
    assert "https://w3id.org/fep/0837" in [link["href"] for link in document["implements"]]


def test_who_hides_is_not_to_be_found_or_indexed() -> None:
    document = wire.build(replace(ALL["group"], discoverable=False), OWN)
    assert (document["discoverable"], document["indexable"]) == (False, False)


def test_a_picture_and_a_rough_place_are_shown_where_there_are_some() -> None:
    id = ids.new()
    one = replace(ALL["person"], avatar_id=id, place_name="Graz", latitude=47.0, longitude=15.4)
    document: Any = wire.build(one, OWN)
    assert document["icon"]["url"] == f"https://town.example/media/{id}"
    assert document["location"]["radius"] == 2
    assert (document["location"]["name"], document["location"]["units"]) == ("Graz", "km")


@pytest.mark.parametrize("one", ALL.values(), ids=ALL)
def test_what_we_build_we_read(one: Actor) -> None:
    read = wire.read(wire.build(one, OWN))
    assert (read.id, read.kind, read.name, read.title) == (one.uri, one.kind, one.name, one.title)
    assert (read.inbox, read.shared_inbox, read.followers) == (
        one.inbox,
        one.shared_inbox,
        one.followers_uri,
    )
    assert (read.key_id, read.key_pem) == (f"{one.uri}#main-key", KEYS.rsa_public)
    assert read.ed25519_key == KEYS.ed25519_public


LEMMY: dict[str, Any] = {
    "type": "Group",
    "id": "https://lemmy.example/c/water",
    "preferredUsername": "water",
    "name": "Water",
    "summary": "<p>Wells</p>",
    "source": {"content": "Wells", "mediaType": "text/markdown"},
    "sensitive": False,
    "attributedTo": "https://lemmy.example/c/water/moderators",
    "inbox": "https://lemmy.example/c/water/inbox",
    "followers": "https://lemmy.example/c/water/followers",
    "endpoints": {"sharedInbox": "https://lemmy.example/inbox"},
    "icon": {"type": "Image", "url": "https://lemmy.example/pictrs/a.png"},
    "publicKey": {
        "id": "https://lemmy.example/c/water#main-key",
        "owner": "https://lemmy.example/c/water",
        "publicKeyPem": KEYS.rsa_public,
    },
}


def test_a_lemmy_community_is_a_group_and_no_city() -> None:
    read = wire.read(LEMMY)
    assert (read.kind, read.name, read.moderators) == (
        "group",
        "water",
        "https://lemmy.example/c/water/moderators",
    )
    assert (read.icon, read.members, read.approves) == (
        "https://lemmy.example/pictrs/a.png",
        None,
        False,
    )


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"type": ["vf:Agent", "Group"]}, "kind", "group"),
        ({"type": "Service"}, "kind", "instance"),
        ({"type": "Organization"}, "kind", "other"),
        ({"offers": "https://lemmy.example/offers"}, "kind", "city"),
        ({"preferredUsername": None}, "name", "Water"),
        ({"preferredUsername": "a @b/c\u202e\n"}, "name", "abc"),
        ({"name": None}, "title", "water"),
        ({"name": " a \n b "}, "title", "a b"),
        ({"icon": ["https://lemmy.example/b.png"]}, "icon", "https://lemmy.example/b.png"),
        (
            {"icon": [{"url": [{"href": "https://lemmy.example/c"}]}]},
            "icon",
            "https://lemmy.example/c",
        ),
        ({"icon": None}, "icon", None),
        (
            {"url": [{"type": "Link", "href": "https://lemmy.example/w"}]},
            "url",
            "https://lemmy.example/w",
        ),
        ({"url": None}, "url", "https://lemmy.example/c/water"),
        ({"endpoints": None}, "shared_inbox", None),
        ({"manuallyApprovesFollowers": True}, "approves", True),
        ({"manuallyApprovesFollowers": "yes"}, "approves", False),
        ({"discoverable": False}, "discoverable", False),
        ({"location": {"latitude": 47.1, "longitude": True}}, "longitude", None),
        ({"location": {"latitude": 147.1}}, "latitude", None),
        ({"inbox": {"id": "https://lemmy.example/i"}}, "inbox", "https://lemmy.example/i"),
    ],
)
def test_other_shapes_are_understood(change: Any, field: str, expected: object) -> None:
    assert getattr(wire.read({**LEMMY, **change}), field) == expected


@pytest.mark.parametrize(
    ("key", "taken"),
    [
        ({"id": "https://lemmy.example/c/water#main-key"}, True),
        ({"id": "https://lemmy.example/keys/1", "owner": "https://lemmy.example/c/water"}, True),
        ({"id": "https://lemmy.example/k", "owner": "https://lemmy.example/c/other"}, False),
        ({"id": "https://victim.example/u/pat#main-key"}, False),
        ({"id": "http://lemmy.example/k"}, False),
        ({"id": "k"}, False),
        ({}, False),
    ],
)
def test_a05_a_key_is_taken_from_its_owner_and_server_only(
    key: dict[str, str], taken: bool
) -> None:
    read = wire.read({**LEMMY, "publicKey": {"publicKeyPem": KEYS.rsa_public, **key}})
    assert (read.key_id, read.key_pem) == ((key["id"], KEYS.rsa_public) if taken else (None, ""))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([*LEMMY, "location", "url", "members", "offers", "assertionMethod"]), VALUES)
def test_any_value_in_any_place_is_read_or_malformed(key: str, value: Any) -> None:
    try:
        read = wire.read({**LEMMY, key: value})
    except Malformed:
        return
    assert read.id and read.inbox and 0 < len(read.name.encode()) <= 200
