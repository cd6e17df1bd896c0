"""What a pledge of another server may say, and what is no pledge at all."""

from decimal import Decimal
from typing import Any

import pytest

from federation.errors import Malformed
from federation.wire import pledges as wire


def _document(**more: Any) -> dict[str, Any]:
    return {
        "id": "https://far.example/pledges/1",
        "type": "Commitment",
        "attributedTo": "https://far.example/city",
        "receiver": "https://here.example/communities/cistern",
        "action": "work",
        "name": " Two  days <b>of digging</b> ",
        "content": "<p>In <em>May</em> or June.</p>",
        "edition": 3,
        "effortQuantity": {"hasUnit": "om2:hour", "hasNumericalValue": "16"},
        "due": "2027-05-01T00:00:00Z",
        **more,
    }


def test_a_pledge_is_read_as_it_was_meant() -> None:
    read = wire.read(_document())
    assert (read.kind, read.quantity, read.unit, read.edition) == ("hours", Decimal(16), "h", 3)
    assert (read.note, str(read.due), read.finished) == ("In May or June.", "2027-05-01", False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"edition": True},
        {"edition": 0},
        {"action": "steal"},
        {"name": ""},
        {"receiver": None},
        {"provider": "https://far.example/communities/other"},
        {"effortQuantity": {"hasUnit": "hour", "hasNumericalValue": "-1"}},
        {"effortQuantity": {"hasUnit": "furlong", "hasNumericalValue": "1"}},
        {"effortQuantity": "much"},
    ],
)
def test_what_does_not_say_who_gives_how_much_is_malformed(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        wire.read(_document(**wrong))


def test_the_commitment_of_a_task_is_no_pledge() -> None:
    task = _document()
    del task["edition"]
    assert wire.is_pledge(_document()) and not wire.is_pledge(task)
    assert not wire.is_delivery({"type": "EconomicEvent"}) and not wire.is_delivery("x")
