"""Identifiers."""

from uuid import RFC_4122

from schema import ids


def test_an_id_is_a_uuid_of_version_7_that_holds_its_time() -> None:
    made = ids.new(1_700_000_000.5)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == 1_700_000_000_500


def test_ids_made_in_one_millisecond_are_in_order() -> None:
    made = [ids.new(at=number / 1_000_000) for number in range(2000)]
    assert made == sorted(made)


def test_no_two_are_alike() -> None:
    assert len({ids.new(1.0) for _ in range(10_000)}) == 10_000
