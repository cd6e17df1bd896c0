"""Projects, plans and needs as the database keeps them."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from schema import ids, project_needs
from schema.project_needs import Need


def a_need(**more: object) -> Need:
    """A line that nobody has met."""
    row = Need(
        id=ids.new(),
        uri=f"http://alpha.test/projects/cistern#{ids.new()}",
        project_id=UUID(int=1),
        process_id=None,
        line_key="",
        choice="",
        kind="material",
        position=0,
        name="Gravel",
        quantity=Decimal(5),
        unit="kg",
        category="other",
        note="",
        proposal_uri="",
        promised=Decimal(0),
        met=Decimal(0),
        dropped=False,
        changed=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return replace(row, **more)  # type: ignore[arg-type]


def test_a_need_is_missing_until_all_of_it_was_given() -> None:
    half, whole = a_need(met=Decimal(3)), a_need(met=Decimal(5))
    assert project_needs.missing([half, whole]) == [half]
    assert half.left == 2
    assert whole.left == 0


def test_a_need_without_an_amount_is_met_by_one() -> None:
    assert a_need(quantity=None, met=Decimal(1)).is_met
    assert not a_need(quantity=None).is_met
    assert a_need(quantity=None).left is None


def test_of_a_choice_one_is_enough() -> None:
    wood, steel = a_need(choice="frame"), a_need(choice="frame", met=Decimal(5))
    assert project_needs.missing([wood, steel]) == []
    assert project_needs.missing([wood, a_need(choice="roof", met=Decimal(5))]) == [wood]


def test_what_a_newer_version_does_without_is_not_missing() -> None:
    assert project_needs.missing([a_need(dropped=True)]) == []
