"""Membership documents, written and read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from federation.errors import Malformed
from federation.wire import memberships as wire

GROUP = "https://aville.example/communities/water"
BEN = "https://beeton.example/people/ben"


def test_a_join_names_the_group_and_carries_a_word_to_its_moderators() -> None:
    assert wire.ask("Join", GROUP, "<p>I can weld.</p>", 3) == {
        "type": "Join",
        "object": GROUP,
        "edition": 3,
        "content": "<p>I can weld.</p>",
    }


def test_a_follow_carries_no_words() -> None:
    assert wire.ask("Follow", GROUP, "<p>hi</p>", 3) == {"type": "Follow", "object": GROUP}


@pytest.mark.parametrize("said", ["7", True, -1, 0, 2**60, 1.5, None, [7]])
def test_an_edition_that_is_no_count_is_none(said: Any) -> None:
    assert wire.read_edition({"edition": said}) == 0
    assert wire.read_edition({"edition": 7}) == 7


def test_an_answer_embeds_what_it_answers() -> None:
    assert wire.answer("Accept", "Follow", f"{BEN}/f/1", BEN, GROUP) == {
        "type": "Accept",
        "object": {"id": f"{BEN}/f/1", "type": "Follow", "actor": BEN, "object": GROUP},
    }


def test_a_ban_says_from_where_why_and_until_when() -> None:
    until = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
    assert wire.block(BEN, GROUP, "spam", until) == {
        "type": "Block",
        "object": BEN,
        "target": GROUP,
        "summary": "spam",
        "endTime": "2027-03-01T12:00:00Z",
    }
    assert "endTime" not in wire.block(BEN, GROUP, "spam", None)


def test_the_end_of_a_ban_undoes_the_block() -> None:
    ended = wire.unblock(f"{GROUP}/mod", BEN, GROUP, "")
    assert ended["type"] == "Undo"
    assert ended["object"] == {
        "type": "Block",
        "actor": f"{GROUP}/mod",
        "object": BEN,
        "target": GROUP,
    }


def test_stewards_and_moderators_are_added_to_the_same_collection() -> None:
    collection = f"{GROUP}/moderators"
    steward = wire.role(BEN, collection, "steward")
    assert steward == {
        "type": "Add",
        "object": BEN,
        "target": collection,
        "role": "administrator",
    }
    read = wire.read_moderation(steward)
    assert read is not None and read.role == "steward"
    assert wire.role(BEN, collection, "member")["type"] == "Remove"


def test_an_added_moderator_without_a_role_is_a_moderator() -> None:
    read = wire.read_moderation({"type": "Add", "object": BEN, "target": f"{GROUP}/moderators"})
    assert read is not None and read.role == "moderator"


@pytest.mark.parametrize(
    "answered",
    [
        "https://beeton.example/activities/1",
        {"id": "https://beeton.example/activities/1", "type": "Join"},
        [{"id": "https://beeton.example/activities/1", "type": "Follow"}],
    ],
    ids=["an id", "embedded", "in a list"],
)
def test_an_accept_is_read_in_every_shape(answered: Any) -> None:
    read = wire.read_answer({"type": "Accept", "object": answered})
    assert read is not None and read.uri == "https://beeton.example/activities/1"


def test_an_accept_of_something_else_is_not_ours() -> None:
    assert wire.read_answer({"type": "Accept", "object": {"type": "Offer", "id": "x"}}) is None


def test_a_join_without_id_is_malformed() -> None:
    with pytest.raises(Malformed):
        wire.read_ask({"type": "Join", "object": GROUP})


@pytest.mark.parametrize("end", ["soon", "2027-13-01T00:00:00Z", "1"])
def test_a_ban_with_an_impossible_end_is_malformed(end: str) -> None:
    document: Any = {"type": "Block", "object": BEN, "target": GROUP, "endTime": end}
    with pytest.raises(Malformed):
        wire.read_moderation(document)


def test_a_ban_until_the_end_of_the_calendar_is_for_good() -> None:
    document: Any = {
        "type": "Block",
        "object": BEN,
        "target": GROUP,
        "endTime": "9999-12-31T23:59:59-11:00",
    }
    read = wire.read_moderation(document)
    assert read is not None and read.until is None


def test_a_ban_without_a_zone_ends_in_utc() -> None:
    document: Any = {
        "type": "Block",
        "object": BEN,
        "target": GROUP,
        "endTime": "2027-03-01T12:00:00",
    }
    read = wire.read_moderation(document)
    assert read is not None and read.until == datetime(2027, 3, 1, 12, tzinfo=UTC)
