"""Agreements: the board, the page of one, asking for something, and the draw to check."""

from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from federation.acts import agreements as acts
from federation.acts import replies
from federation.acts.booking import hours_of
from schema import (
    actors,
    agreement_views,
    agreements,
    disputes,
    hand_outs,
    hour_views,
    hours,
    memberships,
    posts,
    proposal_views,
    proposals,
    speakers,
    standings,
)
from schema.agreements import Agreement, HandOver, Terms
from schema.database import Conn
from schema.errors import Missing
from schema.proposals import Proposal
from schema.words import N_
from web import forms
from web.pages.proposals import show as show_listing
from web.render import Form
from web.requests import instance_of, me, page, see_other

NOON = "12:00"
Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Words = Annotated[str, Meta(max_length=2000)]


class TermsDraft(msgspec.Struct):
    """What the forms say; the fields of the form below a listing have names of their own."""

    id: UUID | None = None
    amount: Decimal | None = None
    day: date | None = None
    clock: Clock = NOON
    other_day: date | None = None
    other_clock: Clock = NOON
    hand_over: HandOver = "open"
    meeting: Annotated[str, Meta(max_length=200)] = ""
    back_day: date | None = None
    in_return: Annotated[str, Meta(max_length=200)] = ""
    hours: Decimal | None = None
    ready_ask: Annotated[str, Meta(max_length=200)] = ""
    words: Words = ""

    @property
    def text(self) -> str:
        return "\n\n".join(part for part in (self.ready_ask, self.words) if part)


def terms_of(request: Request, given: TermsDraft, listing: Proposal) -> Terms:
    """As the acts take them; times are those of this place."""
    zone = ZoneInfo(instance_of(request).config.time_zone)

    def moment(day: date | None, clock: str) -> datetime | None:
        return datetime.combine(day, time.fromisoformat(clock), zone) if day else None

    back_by = moment(given.back_day, "23:59") if listing.return_kind == "lend" else None
    return Terms(
        amount=given.amount,
        unit=listing.unit,
        return_kind=listing.return_kind,
        return_note=given.in_return or listing.return_note,
        hand_over=given.hand_over,
        place=given.meeting,
        at=moment(given.day, given.clock),
        at_other=moment(given.other_day, given.other_clock),
        back_by=back_by,
        hours=given.hours if listing.return_kind == "hours" else None,
    )


async def board(request: Request) -> Response:
    """Asked, agreed, to hand over, done."""
    by, now = me(request), instance_of(request).clock()
    async with instance_of(request).read() as conn:
        parties = [by.id, *(group.id for group in await memberships.list_led(conn, by.id))]
        found = [card for id in parties for card in await agreement_views.list_board(conn, id)]
    columns: dict[str, list[agreement_views.Card]] = {
        "asked": [],
        "agreed": [],
        "handing": [],
        "done": [],
    }
    for card in found:
        columns[card.column(now)].append(card)
    waiting = [card for card in found if card.waits(now)]
    return await page(
        request, "agreements.board.html", columns=columns, waiting=waiting, empty=not found, now=now
    )


async def show(request: Request) -> Response:
    """For the two, and for a coordinator who is to decide; moderators have a page of their own."""
    reader, instance = me(request), instance_of(request)
    now = instance.clock()
    async with instance.read() as conn:
        row = await agreements.get(conn, request.path_params["id"])
        by = await speakers.in_agreement(conn, reader, row, now)
        listing = await proposals.get(conn, row.proposal_id)
        author = await actors.get(conn, row.author_id)
        responder = await actors.get(conn, row.responder_id)
        side = row.side(by.id)
        dispute = await disputes.find(conn, row.key)
        if side is None and dispute is not None:
            return RedirectResponse(dispute.url, 303)
        keeps = side is None and await _keeps(conn, by.id, row, listing) and author.is_local
        if side is None and not keeps:
            raise Missing("There is nothing here, or it is not meant for you.")
        court = await actors.get(conn, dispute.court_id) if dispute else None
        lines = await agreement_views.list_lines(conn, row.id)
        usual = await agreement_views.find_contact(conn, by.id) if side else ""
        rule = await hand_outs.find(conn, listing.id)
        booked = await _booked(conn, row)
        can_book = row.state == "done" and booked is None and await _can_book(conn, row)
    if side:
        async with instance.begin() as tx:
            await agreement_views.see(tx.conn, row, by.id, reader.id, now)
    other = responder if side == "author" else author
    return await page(
        request,
        "agreements.show.html",
        row=row,
        listing=listing,
        party=side,
        author=author,
        responder=responder,
        other=other,
        community=by if by.id != reader.id else None,
        gives=(listing.purpose == "offer") == (side == "author"),
        lines=lines,
        rule=rule,
        court=court,
        my_side=dispute.account(side) if dispute and side else None,
        booked=booked,
        can_book=can_book,
        in_hours=hours_of(row),
        ticket=hand_outs.ticket(row.key),
        thanked=any(line.act == "thank" and line.by_id == by.id for line in lines),
        now=now,
        form=Form({**_values(request, row), "contact": usual}),
    )


async def _keeps(conn: Conn, viewer_id: UUID, row: Agreement, listing: Proposal) -> bool:
    """Whether a third one may look: at what a coordinator is to decide."""
    standing = await standings.get(conn, viewer_id, listing.community_id)
    if not (standing.keeps_order or standing.moderates):
        return False
    rule = await hand_outs.find(conn, listing.id)
    return row.state == "asked" and rule is not None and rule.rule == "coordinator"


async def _can_book(conn: Conn, row: Agreement) -> bool:
    """Whether some community here keeps hours for the two."""
    if hours_of(row) is None:
        return False
    return bool(await hours.list_shared(conn, row.author_id, row.responder_id))


async def _booked(conn: Conn, row: Agreement) -> hour_views.OfAgreement | None:
    return await hour_views.find_of_agreement(conn, row.key) if row.return_kind == "hours" else None


def _values(request: Request, row: Agreement) -> dict[str, object]:
    """What stands in the form for other terms."""
    zone = ZoneInfo(instance_of(request).config.time_zone)
    at, other = row.at, row.at_other
    return {
        "amount": f"{row.amount:f}" if row.amount is not None else "",
        "day": at.astimezone(zone).date() if at else "",
        "clock": f"{at.astimezone(zone):%H:%M}" if at else NOON,
        "other_day": other.astimezone(zone).date() if other else "",
        "other_clock": f"{other.astimezone(zone):%H:%M}" if other else NOON,
        "hand_over": row.hand_over,
        "meeting": row.place,
        "back_day": row.back_by.astimezone(zone).date() if row.back_by else "",
        "in_return": row.return_note,
        "hours": f"{row.hours:f}" if row.hours is not None else "",
    }


@forms.again(show_listing)
async def ask(request: Request) -> Response:
    """ "Ask for it", or "I can help"."""
    by, given = me(request), await forms.parse(request, TermsDraft)
    async with instance_of(request).begin() as tx:
        listing = await proposals.get(tx.conn, request.path_params["id"])
        terms = terms_of(request, given, listing)
        row = await acts.ask(tx, by=by, proposal=listing, terms=terms, text=given.text, id=given.id)
    flash = {
        "agreed": N_("Agreed! It is promised to you."),
        "declined": N_("Somebody was faster: nothing is left."),
    }
    usual = N_("Asked. You hear as soon as there is an answer.")
    return see_other(request, row.url, flash.get(row.state, usual))


async def answered(request: Request) -> Response:
    """The author of a listing makes an agreement of somebody's answer."""
    by = me(request)
    async with instance_of(request).read() as conn:
        post = await posts.get(conn, request.path_params["post_id"])
        if post.proposal_id is None or not await posts.may_read(conn, post.id, by.id):
            raise Missing("There is nothing here, or it is not meant for you.")
        shown = await proposal_views.get_shown(conn, post.proposal_id, by.id)
        answerer = await actors.get(conn, post.author_id)
    row = shown.proposal
    preset = min(row.available or Decimal(1), Decimal(1)) if row.quantity is not None else ""
    values = {"amount": preset, "clock": NOON, "other_clock": NOON, "in_return": row.return_note}
    return await page(
        request,
        "agreements.answered.html",
        post=post,
        row=row,
        answerer=answerer,
        form=Form(values),
    )


@forms.again(answered)
async def from_answer(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, TermsDraft)
    async with instance_of(request).begin() as tx:
        post = await posts.get(tx.conn, request.path_params["post_id"])
        if post.proposal_id is None:
            raise Missing("There is nothing here, or it is not meant for you.")
        listing = await proposals.get(tx.conn, post.proposal_id)
        terms = terms_of(request, given, listing)
        by = await speakers.of_listing(tx.conn, by, listing, tx.instance.clock())
        row = await replies.from_answer(tx, by=by, post=post, terms=terms, text=given.text)
    return see_other(request, row.url, N_("Sent."))


async def draw(request: Request) -> Response:
    """Who drew what: the seed that was promised, all tickets, and how to count again."""
    by = me(request)
    async with instance_of(request).read() as conn:
        shown = await proposal_views.get_shown(conn, request.path_params["id"], by.id)
        rule = await hand_outs.find(conn, shown.proposal.id)
        if rule is None or rule.rule != "draw" or rule.at is None:
            raise Missing("There is nothing here, or it is not meant for you.")
        tickets = await hand_outs.list_tickets(conn, shown.proposal.id, rule.at)
    won = {one.key: one.won for one in tickets}
    seed = rule.seed if rule.done_at else ""
    keys = hand_outs.in_order(seed, list(won)) if seed else sorted(won, key=hand_outs.ticket)
    rows = [(hand_outs.ticket(key), won[key]) for key in keys]
    joined = "\n".join(sorted(ticket for ticket, _ in rows))
    return await page(
        request,
        "agreements.draw.html",
        row=shown.proposal,
        rule=rule,
        seed=seed,
        tickets=rows,
        list_hash=sha256(joined.encode()).hexdigest(),
    )


routes = [
    Route("/agreements", board),
    Route("/agreements/{id:uuid}", show),
    Route("/draws/{id:uuid}", draw),
    Route("/needs/{id:uuid}/asking", ask, methods=["POST"]),
    Route("/offers/{id:uuid}/asking", ask, methods=["POST"]),
    Route("/answers/{post_id:uuid}/agreement", answered),
    Route("/answers/{post_id:uuid}/agreement", from_answer, methods=["POST"]),
]
