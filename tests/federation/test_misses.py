"""Servers that were asked in vain are left alone, for a while."""

from datetime import UTC, datetime, timedelta

from federation.misses import MOST, REST, SILENCE, Misses

NOW = datetime(2027, 3, 1, tzinfo=UTC)
AWAY = "https://away.example"


def test_who_is_silent_is_asked_again_after_a_minute() -> None:
    misses = Misses()
    misses.note(AWAY, NOW, silent=True)
    assert not misses.may_ask(AWAY, NOW + SILENCE - timedelta(seconds=1))
    assert misses.may_ask(AWAY, NOW + SILENCE)
    assert misses.may_ask("https://other.example", NOW)
    misses.note(AWAY, NOW + SILENCE, silent=True)
    assert not misses.may_ask(AWAY, NOW + SILENCE)


def test_nobody_rests_longer_because_the_clock_was_set_back() -> None:
    misses = Misses()
    misses.note(AWAY, NOW + timedelta(hours=2), silent=True)
    assert misses.may_ask(AWAY, NOW)
    for _ in range(MOST):
        misses.note(AWAY, NOW + timedelta(hours=2), silent=False)
    assert misses.may_ask(AWAY, NOW)
    misses.note(AWAY, NOW, silent=False)
    assert misses.may_ask(AWAY, NOW + SILENCE)


def test_who_answers_without_the_keys_may_miss_some_of_them() -> None:
    misses = Misses()
    for _ in range(MOST):
        assert misses.may_ask(AWAY, NOW)
        misses.note(AWAY, NOW, silent=False)
    assert not misses.may_ask(AWAY, NOW + REST - timedelta(seconds=1))
    assert misses.may_ask(AWAY, NOW + REST)
