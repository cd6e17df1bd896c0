"""The draft of a need or an offer, and what makes it fit to be published."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from federation import html
from schema import categories, units
from schema.actors import Actor
from schema.communities import JoinRule
from schema.errors import Invalid
from schema.proposals import Proposal, Purpose, ReturnKind, Scope
from schema.words import N_

LONGEST_TITLE = 200
LONGEST_TEXT = 20_000  # characters of Markdown
LONGEST_NOTE = 200
MOST = Decimal(1_000_000_000)
LONGEST_TIME = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person says of a need or an offer.

    `category` '' : guessed from the title. `quantity` None: any amount. `until` None: standing,
    for offers only. `place_name` '' : the author's own rough place. `source` is Markdown.
    """

    purpose: Purpose
    title: str
    source: str = ""
    language: str = "de"
    category: str = ""
    quantity: Decimal | None = None
    unit: str = "piece"
    until: datetime | None = None
    return_kind: ReturnKind = "open"
    return_note: str = ""
    scope: Scope = "everyone"
    place_name: str = ""


def of(row: Proposal) -> Draft:
    """What was said of it."""
    return Draft(**{name: getattr(row, name) for name in Draft.__slots__})


def check(draft: Draft, now: datetime, *, before: datetime | None = None) -> Draft:
    """The draft, tidied; Invalid with a text per field.

    `before`: the end it had; keeping that is no mistake, even when it is over.
    """
    draft = replace(
        draft,
        title=" ".join(html.tidy(draft.title).split()),
        source=draft.source.strip(),
        return_note=" ".join(html.tidy(draft.return_note).split()),
        place_name=" ".join(html.tidy(draft.place_name).split()),
        language=draft.language[:20] or "de",
    )
    errors = _wrong(draft)
    if before is None or draft.until != before:
        errors |= _wrong_until(draft.purpose, draft.until, now)
    if errors:
        raise Invalid(errors)
    return draft


def _wrong(draft: Draft) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not any(letter.isprintable() and not letter.isspace() for letter in draft.title):
        errors["title"] = N_("Please give it a title.")
    elif len(draft.title) > LONGEST_TITLE:
        errors["title"] = N_("A title has 200 letters at most.")
    if len(draft.source) > LONGEST_TEXT:
        errors["source"] = N_("That is too long.")
    if len(draft.return_note) > LONGEST_NOTE:
        errors["return_note"] = N_("That is too long.")
    if draft.category and not categories.load().find(draft.category):
        errors["category"] = N_("There is no such category.")
    if units.find(draft.unit) is None:
        errors["unit"] = N_("There is no such unit.")
    if draft.quantity is not None and not _is_amount(draft.quantity):
        errors["quantity"] = N_("Please give a number above zero, with three places at most.")
    return errors


def _is_amount(amount: Decimal) -> bool:
    return amount.is_finite() and 0 < amount <= MOST and amount == round(amount, 3)


def check_until(purpose: Purpose, until: datetime | None, now: datetime) -> None:
    """Invalid unless it lies ahead, within a year; only offers may do without."""
    errors = _wrong_until(purpose, until, now)
    if errors:
        raise Invalid(errors)


def _wrong_until(purpose: Purpose, until: datetime | None, now: datetime) -> dict[str, str]:
    if until is None:
        missing = N_("A need has an end: please say until when.")
        return {"until": missing} if purpose == "request" else {}
    if until <= now:
        return {"until": N_("Please choose a day that is still to come.")}
    if until > now + LONGEST_TIME:
        return {"until": N_("One year is the most. You can renew it then.")}
    return {}


def check_scope(draft: Draft, community: Actor | None, join_rule: JoinRule | None) -> None:
    """Invalid where the community does not fit the circle of readers."""
    if community is None:
        if draft.scope == "community":
            raise Invalid({"community": N_("Please choose the community that should see it.")})
        return
    if join_rule == "hidden" and draft.scope != "community":
        raise Invalid({"scope": N_("What is shared in a hidden community stays with its members.")})
    if not community.is_local and draft.scope == "city":
        raise Invalid(
            {"scope": N_("This community lives in another city; its members must see it too.")}
        )


def left(
    available: Decimal | None, quantity: Decimal | None, row: Proposal, held: Decimal
) -> Decimal | None:
    """How much is left of a changed quantity of which `held` is given or promised; Invalid for
    more than there is."""
    if quantity is None:
        return None
    if quantity < held:
        raise Invalid({"quantity": N_("More than that is promised already.")})
    if available is not None:
        if not 0 <= available <= quantity - held:
            raise Invalid({"available": N_("No more can be left than there was.")})
        return available
    return row.available if quantity == row.quantity else quantity - held
