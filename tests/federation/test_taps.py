"""Exchange 10: links without log-in do what they were signed for, for a month."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from federation import taps

KEY, NOW = b"k" * 32, datetime(2026, 11, 22, tzinfo=UTC)
PERSON, LISTING = UUID(int=1), UUID(int=2)


def test_a_link_says_what_for_whom_and_until_when() -> None:
    token = taps.sign(KEY, "help", PERSON, LISTING, NOW)
    tap = taps.read(KEY, token, NOW)
    assert tap is not None and tap.act == "help" and tap.account_id == PERSON
    assert UUID(tap.about) == LISTING
    assert token.replace("_", "").replace("-", "").isalnum() and token == token.lower()


def test_a_changed_or_old_link_or_one_of_another_place_is_none() -> None:
    token = taps.sign(KEY, "help", PERSON, LISTING, NOW)
    assert taps.read(KEY, token, NOW + taps.LIFE) is None
    assert taps.read(KEY, token, NOW + taps.LIFE - timedelta(minutes=1)) is not None
    assert taps.read(b"x" * 32, token, NOW) is None
    assert taps.read(KEY, token.replace(PERSON.hex, UUID(int=3).hex), NOW) is None
    assert taps.read(KEY, token.replace("help", "gone"), NOW) is None
    for odd in ("", "_____", "help", token[:-1], token + "0", "ä" * 40, "_" * 400):
        assert taps.read(KEY, odd, NOW) is None
