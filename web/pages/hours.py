"""Hours: a person's statement, giving them, the sheet of a community and its rules."""

import csv
import io
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import bridges as over_borders
from federation.acts import hours as acts
from schema import actors, agreements, bridges, hour_views, hours, ids, limits
from schema.database import Conn
from schema.errors import Forbidden, Invalid, Missing
from schema.hours import Balances, Leaving
from schema.words import N_
from web import forms
from web.formats import cell
from web.pages.communities import Seen, seen, show
from web.pages.memberships import person_at
from web.render import Form
from web.requests import instance_of, me, page, see_other

KINDS = {
    "agreement": N_("Agreement"),
    "gift": N_("Given"),
    "correction": N_("Correction"),
    "leaving": N_("On leaving"),
    "bridge": N_("Over a border"),
    "set-off": N_("Set off"),
}


class GiftDraft(msgspec.Struct):
    id: UUID
    to: UUID
    amount: Decimal
    text: Annotated[str, Meta(max_length=500)]


class AbroadDraft(msgspec.Struct):
    id: UUID
    address: Annotated[str, Meta(max_length=300)]
    far: Decimal
    what: Annotated[str, Meta(max_length=500)]


class RulesDraft(msgspec.Struct):
    """`low` is typed without its sign."""

    on: bool = False
    low: Decimal = Decimal(20)
    high: Decimal = Decimal(40)
    balances: Balances = "private"
    leaving: Leaving = "moves"


class Decision(msgspec.Struct):
    text: Annotated[str, Meta(max_length=500)] = ""
    person: UUID | None = None


async def statement(request: Request) -> Response:
    """Where I stand, and every line."""
    by = me(request)
    async with instance_of(request).read() as conn:
        standings = await hour_views.list_standings(conn, by.id)
        lines = await hour_views.list_lines(conn, by.id)
    return await page(request, "hours.html", standings=standings, lines=lines, kinds=KINDS)


async def table(request: Request) -> Response:
    """The same for a spreadsheet."""
    by = me(request)
    async with instance_of(request).read() as conn:
        lines = await hour_views.list_lines(conn, by.id, limit=10_000)
    words = request.app.state.renderer.words.catalogues[request.state.locale]
    text = io.StringIO()
    sheet = csv.writer(text, delimiter=";")
    heads = (N_("Day"), N_("Community"), N_("Kind"), N_("With"), N_("What for"), N_("Hours"))
    sheet.writerow([words.gettext(head) for head in (*heads, N_("Balance"))])
    for line in lines:
        said = [cell(text) for text in (line.community, words.gettext(KINDS[line.kind]))]
        sheet.writerow(
            [
                line.created.date().isoformat(),
                *said,
                cell(line.other),
                cell(line.text),
                f"{line.amount:f}",
                f"{line.after:f}",
            ]
        )
    headers = {"Content-Disposition": 'attachment; filename="hours.csv"'}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv", headers=headers)


async def sheet(request: Request) -> Response:
    """For members: giving, and the accounts as far as the community shows them."""
    by = me(request)
    async with instance_of(request).read() as conn:
        found = await _members_only(conn, request)
        rules = await hours.find_rules(conn, found.community.actor_id)
        if rules is None:
            raise Missing("There is nothing here, or it is not meant for you.")
        holders = await hour_views.list_holders(conn, rules.community_id)
        people = await hour_views.list_neighbours(conn, rules.community_id, by.id)
        abroad = await bridges.list_open(conn)
        lines = await hour_views.list_bookings(conn, rules.community_id) if found.is_steward else []
    mine = next((holder for holder in holders if holder.owner_id == by.id), None)
    shown = rules.balances == "members" or found.is_steward
    return await show(
        request,
        "hours",
        found,
        rules=rules,
        holders=holders,
        shown=shown,
        balance=mine.balance if mine else Decimal(0),
        people=people,
        abroad=abroad,
        lines=lines,
        kinds=KINDS,
        fresh=ids.new(),
    )


async def _members_only(conn: Conn, request: Request) -> Seen:
    found = await seen(conn, request)
    if not found.is_member or not found.community.is_local:
        raise Missing("There is nothing here, or it is not meant for you.")
    return found


@forms.again(sheet)
async def give(request: Request) -> Response:
    """Hours to another member, with a word."""
    by, given = me(request), await forms.parse(request, GiftDraft)
    async with instance_of(request).begin() as tx:
        found = await _members_only(tx.conn, request)
        to = await actors.get(tx.conn, given.to)
        await acts.give(
            tx,
            by=by,
            community=found.community,
            to=to,
            amount=given.amount,
            text=given.text,
            id=given.id,
        )
    return see_other(request, f"{found.community.url}/hours", N_("Given. Thank you!"))


@forms.again(sheet)
async def give_abroad(request: Request) -> Response:
    """Hours to somebody in a neighbour city."""
    by, given, instance = me(request), await forms.parse(request, AbroadDraft), instance_of(request)
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"find:{by.id}", rate_per_minute=10, burst=20)
    to = await person_at(request, given.address)
    async with instance.begin() as tx:
        found = await _members_only(tx.conn, request)
        await over_borders.give(
            tx,
            by=by,
            community=found.community,
            to=to,
            amount=given.far,
            text=given.what,
            id=given.id,
        )
    flash = N_("On its way. You hear if their city does not take them.")
    return see_other(request, f"{found.community.url}/hours", flash)


async def rules(request: Request) -> Response:
    """The form for stewards."""
    me(request)
    async with instance_of(request).read() as conn:
        found = await _members_only(conn, request)
        now = await hours.find_rules(conn, found.community.actor_id)
    if not found.is_steward:
        raise Forbidden("Only a steward of this community can do that.")
    values: dict[str, object] = {"on": "1" if now is None or now.is_on else ""}
    if now is not None:
        values |= {
            "low": f"{-now.low:f}",
            "high": f"{now.high:f}",
            "balances": now.balances,
            "leaving": now.leaving,
        }
    return await page(
        request, "hours.rules.html", community=found.community, rules=now, form=Form(values)
    )


@forms.again(rules)
async def choose(request: Request) -> Response:
    """A steward turns it on or off, and sets limits."""
    by, given = me(request), await forms.parse(request, RulesDraft)
    choice = acts.Choice(given.on, -given.low, given.high, given.balances, given.leaving)
    async with instance_of(request).begin() as tx:
        found = await _members_only(tx.conn, request)
        made = await acts.choose(tx, by=by, community=found.community, choice=choice)
    target = f"{found.community.url}/hours" if made.is_on else found.community.url
    return see_other(request, target, N_("Saved."))


@forms.again(sheet)
async def correct(request: Request) -> Response:
    """A steward takes a booking back."""
    by, given = me(request), await forms.parse(request, Decision)
    async with instance_of(request).begin() as tx:
        found = await _members_only(tx.conn, request)
        made = await hours.find(tx.conn, request.path_params["id"])
        if made is None:
            raise Missing("There is nothing here, or it is not meant for you.")
        await acts.correct(tx, by=by, community=found.community, made=made, text=given.text)
    return see_other(request, f"{found.community.url}/hours", N_("Corrected. Both are told."))


@forms.again(sheet)
async def take_over(request: Request) -> Response:
    """A steward moves somebody's balance to the community."""
    by, given = me(request), await forms.parse(request, Decision)
    if given.person is None:
        raise Invalid({"person": N_("Please choose somebody else.")})
    async with instance_of(request).begin() as tx:
        found = await _members_only(tx.conn, request)
        person = await actors.get(tx.conn, given.person)
        await acts.take_over(tx, by=by, community=found.community, person=person, text=given.text)
    return see_other(request, f"{found.community.url}/hours", N_("Taken over, and written down."))


async def leaving(request: Request) -> Response:
    """Asks what is to become of the hours of one who leaves."""
    by = me(request)
    async with instance_of(request).read() as conn:
        found = await _members_only(conn, request)
        rules = await hours.find_rules(conn, found.community.actor_id)
        left = await hours.balance_of(conn, found.community.actor_id, by.id)
    return await page(
        request, "hours.leaving.html", community=found.community, rules=rules, left=left
    )


async def book_again(request: Request) -> Response:
    """One of the two asks for what did not fit before."""
    by = me(request)
    async with instance_of(request).begin() as tx:
        row = await agreements.get(tx.conn, request.path_params["id"])
        await acts.book_again(tx, by=by, agreement=row)
    return see_other(request, row.url, N_("The hours are booked."))


_ONE = "/communities/{handle}"

routes = [
    Route("/hours", statement),
    Route("/hours.csv", table),
    Route("/agreements/{id:uuid}/hours", book_again, methods=["POST"]),
    Route(f"{_ONE}/hours", sheet),
    Route(f"{_ONE}/hours", give, methods=["POST"]),
    Route(f"{_ONE}/hours/abroad", give_abroad, methods=["POST"]),
    Route(f"{_ONE}/hours/rules", rules),
    Route(f"{_ONE}/hours/rules", choose, methods=["POST"]),
    Route(f"{_ONE}/hours/takeover", take_over, methods=["POST"]),
    Route(f"{_ONE}/hours/{{id:uuid}}/correction", correct, methods=["POST"]),
    Route(f"{_ONE}/leaving", leaving),
]
