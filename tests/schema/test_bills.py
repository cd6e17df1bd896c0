"""What a blueprint takes at a scale, in which order, and what of it is there."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from schema import bills, ids
from schema.blueprints import Line, Step
from schema.errors import Invalid
from schema.fits import Fit


def a_line(key: str = "a", quantity: str | None = "2", **more: Any) -> Line:
    fields: dict[str, Any] = {
        "version_id": UUID(int=1),
        "key": key,
        "position": 0,
        "kind": "material",
        "name": key,
        "quantity": Decimal(quantity) if quantity else None,
        "unit": "kg",
        "scaling": "unit",
        "step": None,
        "choice": "",
        "category": "",
        "note": "",
        "step_key": "",
    }
    return Line(**{**fields, **more})


def a_step(key: str, *after: str) -> Step:
    return Step(UUID(int=1), key, 0, key, "", "", [], None, None, list(after))


def a_fit(available: str | None = "100", here: bool = True, unit: str = "kg") -> Fit:
    amount = Decimal(available) if available else None
    return Fit("a", ids.new(), "x", amount, unit, here, "ann", "", None, 1.0)


@pytest.mark.parametrize(
    ("line", "scale", "amount"),
    [
        (a_line(), "12", "24"),
        (a_line(scaling="fixed"), "12", "2"),
        (a_line(scaling="step", step=Decimal(5)), "12", "6"),
        (a_line(scaling="step", step=Decimal(5)), "10", "4"),
        (a_line(quantity="0.3333"), "1", "0.334"),
        (a_line(quantity=None), "12", None),
    ],
)
def test_amounts_grow_with_the_scale_as_the_line_says(
    line: Line, scale: str, amount: str | None
) -> None:
    assert bills.scaled(line, Decimal(scale)) == (Decimal(amount) if amount else None)


def test_steps_come_behind_those_they_wait_for_and_else_in_their_order() -> None:
    steps = [a_step("roof", "walls"), a_step("walls", "ground"), a_step("ground"), a_step("party")]
    assert [s.key for s in bills.ordered(steps)] == ["ground", "walls", "roof", "party"]
    assert [s.key for s in bills.ordered([a_step("a", "gone"), a_step("b")])] == ["a", "b"]


@pytest.mark.parametrize(
    "steps",
    [
        [a_step("a", "b"), a_step("b", "a")],
        [a_step("a", "a")],
        [a_step("x"), a_step("a", "c"), a_step("b", "a"), a_step("c", "b")],
    ],
)
def test_a_circle_of_steps_is_said(steps: list[Step]) -> None:
    with pytest.raises(Invalid, match="wait for each other in a circle"):
        bills.ordered(steps)


@pytest.mark.parametrize("scale", ["0", "-1", "NaN", "1e9", "1.0001"])
def test_a_scale_is_an_amount_that_can_be_built(scale: str) -> None:
    with pytest.raises(Invalid):
        bills.check_scale(Decimal(scale))


@pytest.mark.parametrize(
    ("fits", "met"),
    [
        ([a_fit()], "here"),
        ([a_fit("1"), a_fit("1")], "here"),
        ([a_fit("1")], "open"),
        ([a_fit("1"), a_fit("1", here=False)], "network"),
        ([a_fit(here=False)], "network"),
        ([a_fit(None)], "here"),
        ([a_fit("1", unit="crate")], "here"),
        ([a_fit("0.002", unit="t")], "here"),
        ([], "open"),
    ],
)
def test_a_line_is_met_where_there_is_enough(fits: list[Fit], met: str) -> None:
    (found,) = bills.check([a_line()], Decimal(1), {"a": fits})
    assert found.met == met


def test_a_choice_counts_once_and_by_its_best() -> None:
    lines = [a_line("a", choice="frame"), a_line("b", choice="frame"), a_line("c"), a_line("d")]
    checked = bills.check(lines, Decimal(1), {"b": [a_fit(here=False)], "c": [a_fit()]})
    found = bills.summary(checked)
    assert (found.total, found.here, found.network, found.open) == (3, 1, 1, 1)
    assert bills.to_publish(checked) == ["d"]
    nothing = bills.check(lines, Decimal(1), {})
    assert bills.to_publish(nothing) == ["a", "c", "d"]
