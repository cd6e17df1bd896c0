"""The helper's desk: entering and answering for people without internet, with their consent."""

import csv
import io
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from federation import html
from federation.acts import actors as actor_acts
from federation.acts import posts as posts_acts
from federation.acts import proposals as proposals_acts
from federation.acts.drafts import Draft
from federation.instance import Tx
from federation.keys import KeyPair
from schema import accounts, actors, desk, logs, proposals, units
from schema.accounts import Account
from schema.actors import Actor
from schema.desk import Consent, Ward
from schema.errors import Forbidden, Invalid, Missing
from schema.posts import Post
from schema.proposals import Proposal, Purpose
from schema.words import N_

ON_SHEET: Final = 40  # listings of one page, large enough to read
LETTERS: Final = "ABCDEFGHKLMNPRSTUVWXYZ"  # none that look like others, in writing or on paper
DIGITS: Final = "23456789"
GOOD_FOR: Final = timedelta(days=14)  # codes, since the Monday of their sheet
MOST_CARDS: Final = 300
USUAL: Final = timedelta(days=14)


async def check(tx: Tx, by: Actor) -> None:
    """Forbidden for who is no helper."""
    if not await desk.is_helper(tx.conn, by.id):
        raise Forbidden(N_("This page is for the helpers of this place."))


async def register(
    tx: Tx, *, by: Actor, name: str, contact: str, consent: Consent | None, keys: KeyPair
) -> Actor:
    """Somebody without internet; Invalid without a name or consent."""
    await check(tx, by)
    title = " ".join(html.tidy(name).split())[:100]
    errors: dict[str, str] = {}
    if not title:
        errors["name"] = N_("Please write the name.")
    if consent is None:
        errors["consent"] = N_("Please ask first, and say how they agreed.")
    if errors or consent is None:
        raise Invalid(errors)
    now = tx.instance.clock()
    handle = f"{_handle(title)}_{secrets.token_hex(3)}"
    person = await actor_acts.create(
        tx, kind="person", name=handle, title=title, keys=keys, discoverable=False
    )
    await accounts.insert(tx.conn, _account(person.id, now))
    await desk.insert_ward(tx.conn, person.id, by.id, consent, now, contact.strip()[:200])
    return person


def _handle(title: str) -> str:
    plain = re.sub(r"[^a-z]+", "", title.casefold())
    return plain[:12] or "person"


def _account(id: UUID, now: datetime) -> Account:
    return Account(
        actor_id=id,
        email=None,
        email_confirmed_at=None,
        password_hash=None,
        role="resident",
        state="active",
        answers={},
        locale="de",
        theme="auto",
        invitation=None,
        welcome_step=0,
        interests=[],
        terms_version=0,
        last_seen=now,
        created=now,
    )


async def enter(tx: Tx, *, by: Actor, person_id: UUID, draft: Draft) -> Proposal:
    """A need or an offer of theirs; who entered it is recorded."""
    await check(tx, by)
    person = await _ward(tx, person_id)
    made = await proposals_acts.publish(tx, by=person, draft=draft)
    await desk.record(tx.conn, made.id, by.id)
    return made


async def _ward(tx: Tx, id: UUID) -> Actor:
    if await desk.find_ward(tx.conn, id) is None:
        raise Invalid({"person": N_("Please choose somebody, or write a new name.")})
    return await actors.get(tx.conn, id)


async def sheet(tx: Tx, *, by: Actor) -> list[desk.Line]:
    """This week's, with a code for everything that fits on one page. Codes stay for the week, and
    are not given again in the week after."""
    await check(tx, by)
    week = monday(tx)
    last = week - timedelta(days=7)
    taken = {*await desk.list_codes(tx.conn, week), *await desk.list_codes(tx.conn, last)}
    free = (letter + digit for digit in DIGITS for letter in LETTERS)
    codes = (code for code in free if code not in taken)
    for id, code in zip(await desk.list_unlisted(tx.conn, week, ON_SHEET), codes, strict=False):
        await desk.give_code(tx.conn, week, code, id)
    return await desk.list_lines(tx.conn, week, ON_SHEET)


def monday(tx: Tx) -> date:
    """Of this week, at the place."""
    today = tx.instance.clock().astimezone(ZoneInfo(tx.instance.config.time_zone)).date()
    return today - timedelta(days=today.weekday())


async def answer(tx: Tx, *, by: Actor, person_id: UUID, code: str, text: str) -> Post:
    """What they said to a code of this or last week's sheet."""
    await check(tx, by)
    person = await _ward(tx, person_id)
    tidy = "".join(code.upper().split())
    oldest = monday(tx) - GOOD_FOR + timedelta(days=7)
    id = await desk.find_code(tx.conn, tidy, oldest)
    if id is None:
        raise Invalid({"code": N_("No sheet of the last two weeks has this code.")})
    if not await proposals.may_see(tx.conn, id, person.id):
        raise Missing(N_("It is not there any more."))
    row = await proposals.get(tx.conn, id)
    return await posts_acts.answer(tx, by=person, proposal=row, source=text, language="de")


async def appoint(tx: Tx, *, by: Actor, name: str) -> None:
    """By an admin: a resident becomes a helper."""
    await _check_admin(tx, by)
    found = await actors.find_by_handle(tx.conn, name.strip().lower().removeprefix("@"))
    if found is None or not found.is_local or found.kind != "person":
        raise Invalid({"helper": N_("Nobody here has this name.")})
    await desk.appoint(tx.conn, found.id, by.id)
    await logs.write(tx.conn, by, "appoint helper", found.handle)


async def dismiss(tx: Tx, *, by: Actor, id: UUID) -> None:
    """By an admin."""
    await _check_admin(tx, by)
    await desk.dismiss(tx.conn, id)
    helper = await actors.get(tx.conn, id)
    await logs.write(tx.conn, by, "dismiss helper", helper.handle)


async def _check_admin(tx: Tx, by: Actor) -> None:
    if (await accounts.get(tx.conn, by.id)).role != "admin":
        raise Forbidden(N_("Only an admin can do that."))


@dataclass(frozen=True, slots=True)
class Card:
    """A line of a market evening; `wrong` says what is wrong with it, '' for nothing."""

    number: int
    line: str
    name: str = ""
    contact: str = ""
    draft: Draft | None = None
    wrong: str = ""


def read_cards(text: str, now: datetime) -> Iterator[Card]:
    """Lines of kind; title; quantity; unit; until; name; contact; consent, by ; or , or tab.

    kind: need or offer (brauche, biete); until: a day as 2026-08-31 or 31.8.2026, or nothing;
    consent: yes (ja). A first line with heads is left out. Bad lines come out as they went in.
    """
    lines = text.lstrip("\ufeff").replace("\0", "").splitlines()
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip(" ;,\t")]
    mark = max(";\t,", key=lambda mark: text.count(mark)) if text else ";"
    for at, (number, line) in enumerate(filled[:MOST_CARDS]):
        cells = [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=mark))]
        cells += [""] * (8 - len(cells))
        if at == 0 and cells[0].casefold() in ("kind", "art"):
            continue
        yield _card(number, line, cells, now)
    for number, line in filled[MOST_CARDS:]:
        yield Card(number, line, wrong=N_("Three hundred lines at once are the most."))


_KINDS: Final[dict[str, Purpose]] = {
    **dict.fromkeys(("need", "n", "brauche", "bedarf", "suche"), "request"),
    **dict.fromkeys(("offer", "o", "biete", "angebot"), "offer"),
}


def _card(number: int, line: str, cells: list[str], now: datetime) -> Card:
    kind, title, quantity, unit, until, name, contact, consent = cells[:8]
    card = Card(number, line, name, contact)
    purpose = _KINDS.get(kind.casefold())
    if purpose is None:
        return replace(card, wrong=N_("The first column says need or offer."))
    if not title or not name:
        return replace(card, wrong=N_("Title or name is missing."))
    if consent.casefold() not in ("yes", "y", "ja", "j", "x", "1"):
        return replace(card, wrong=N_("Without consent nothing is entered."))
    found = _unit(unit)
    if found is None:
        return replace(card, wrong=N_("There is no such unit."))
    try:
        amount = Decimal(quantity.replace(",", ".")) if quantity else None
        end = _day(until) if until else now + USUAL
    except (InvalidOperation, ValueError):
        return replace(card, wrong=N_("Amount or day cannot be read."))
    draft = Draft(purpose, title, quantity=amount, unit=found, until=end, scope="neighbours")
    return replace(card, draft=draft)


def _unit(text: str) -> str | None:
    wanted = text.casefold()
    for unit in units.load().values():
        names = (unit.id, unit.en, unit.en_plural, unit.de, unit.de_plural)
        if not wanted or wanted in (name.casefold() for name in names):
            return unit.id
    return None


def _day(text: str) -> datetime:
    form = "%d.%m.%Y" if "." in text else "%Y-%m-%d"
    day = datetime.strptime(text, form).date()
    return datetime.combine(day, time(23, 59, 59), ZoneInfo("UTC"))


def find_by_name(wards: list[Ward], name: str) -> Ward | None:
    """Somebody who is known already, whatever the case and the spaces."""
    wanted = " ".join(name.split()).casefold()
    return next((ward for ward in wards if ward.name.casefold() == wanted), None)
