"""What a blueprint's version takes at a scale: amounts, the order of its steps, what is there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final, Literal, TypeAlias

from schema import units
from schema.blueprints import Line, Step
from schema.errors import Invalid
from schema.fits import Fit
from schema.words import N_

Met: TypeAlias = Literal["here", "network", "open"]

LARGEST_SCALE: Final = Decimal(1_000_000)
_STEP: Final = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Checked:
    """A line at the chosen scale and the offers that fit it, the best first; `met`: whether they
    are enough here, with those of the network, or not."""

    line: Line
    quantity: Decimal | None
    met: Met
    fits: list[Fit]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many lines, a choice as one, can be met where."""

    total: int
    here: int
    network: int
    open: int


def check_scale(scale: Decimal) -> Decimal:
    """Invalid unless it is above zero and of a size that can be built."""
    if not (scale.is_finite() and 0 < scale <= LARGEST_SCALE and scale == round(scale, 3)):
        wrong = N_("Please give a number above zero, with three places at most.")
        raise Invalid({"scale": wrong})
    return scale


def scaled(line: Line, scale: Decimal) -> Decimal | None:
    """How much of it, in its unit; None where nobody said. Rounded up to a thousandth."""
    if line.quantity is None or line.scaling == "fixed":
        return line.quantity
    if line.scaling == "step":
        begun = (scale / (line.step or Decimal(1))).to_integral_value(ROUND_CEILING)
        return line.quantity * begun
    return (line.quantity * scale).quantize(_STEP, ROUND_CEILING).normalize() + Decimal(0)


def ordered(steps: Sequence[Step]) -> list[Step]:
    """Each step behind those that come before it, else in their own order. Invalid where steps
    wait for each other in a circle; what they name and is not there does not count."""
    known = {step.key for step in steps}
    waiting = {step.key: set(step.after) & known - {step.key} for step in steps}
    own = {step.key for step in steps if step.key in step.after}
    found: list[Step] = []
    left = list(steps)
    while left:
        ready = next((s for s in left if not waiting[s.key] and s.key not in own), None)
        if ready is None:
            raise Invalid({"": N_("Steps of this blueprint wait for each other in a circle.")})
        found.append(ready)
        left.remove(ready)
        for after in waiting.values():
            after.discard(ready.key)
    return found


def check(lines: Sequence[Line], scale: Decimal, fits: Mapping[str, list[Fit]]) -> list[Checked]:
    """Each line with what fits it; `fits` by the line's key."""
    found: list[Checked] = []
    for line in lines:
        amount, own = scaled(line, scale), fits.get(line.key, [])
        found.append(Checked(line, amount, _met(line, amount, own), own))
    return found


def _met(line: Line, amount: Decimal | None, fits: Sequence[Fit]) -> Met:
    here = [fit for fit in fits if fit.is_here]
    if _is_enough(line, amount, here):
        return "here"
    return "network" if _is_enough(line, amount, fits) else "open"


def _is_enough(line: Line, amount: Decimal | None, fits: Sequence[Fit]) -> bool:
    """Whether they make up the amount; one whose amount does not compare counts as all of it."""
    if not fits:
        return False
    total = Decimal(0)
    for fit in fits:
        if amount is None or fit.available is None or not units.comparable(fit.unit, line.unit):
            return True
        total += units.convert(fit.available, fit.unit, line.unit)
    return amount is not None and total >= amount


def summary(checked: Sequence[Checked]) -> Summary:
    """Of a choice the best counts."""
    groups: dict[str, list[Met]] = defaultdict(list)
    for one in checked:
        groups[f"choice {one.line.choice}" if one.line.choice else f"line {one.line.key}"].append(
            one.met
        )
    best = [
        "here" if "here" in g else "network" if "network" in g else "open" for g in groups.values()
    ]
    return Summary(len(best), best.count("here"), best.count("network"), best.count("open"))


def to_publish(checked: Sequence[Checked]) -> list[str]:
    """The keys of the lines to ask for: what is open, of a choice the first unless one is met."""
    met = {one.line.choice for one in checked if one.line.choice and one.met != "open"}
    found: list[str] = []
    for one in checked:
        if one.met != "open" or (one.line.choice and one.line.choice in met):
            continue
        if one.line.choice:
            met.add(one.line.choice)
        found.append(one.line.key)
    return found
