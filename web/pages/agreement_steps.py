"""What a party does with an agreement: a form each, and back to its page."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import agreements as acts
from federation.acts import disputes, promises
from federation.instance import Tx
from schema import agreements, proposals, speakers
from schema.actors import Actor
from schema.agreements import Agreement
from schema.words import N_
from web import forms
from web.pages.agreements import TermsDraft, Words, show, terms_of
from web.requests import instance_of, me, see_other


class StepDraft(msgspec.Struct):
    text: Words = ""
    ready: Annotated[str, Meta(max_length=200)] = ""
    reason: Words = ""
    contact: Words = ""
    objection: Words = ""
    thanks: Annotated[str, Meta(max_length=500)] = ""
    statement: Words = ""
    attach: bool = False
    at: datetime | None = None

    @property
    def words(self) -> str:
        return "\n\n".join(part for part in (self.ready, self.text) if part)


Done = Callable[[Tx, Actor, Agreement, StepDraft], Awaitable[Agreement]]


async def _accept(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    made = await acts.accept(tx, by=by, agreement=row, at=given.at, text=given.words)
    if given.contact and by.id == row.author_id:
        made = await promises.reveal(tx, by=by, agreement=made, text=given.contact)
    return made


async def _decline(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    return await acts.decline(tx, by=by, agreement=row, reason=given.reason)


async def _agree(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    return await acts.ask_again(tx, by=by, agreement=row, terms=row.terms, text=given.words)


async def _withdraw(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    return await promises.withdraw(tx, by=by, agreement=row, reason=given.reason)


async def _late(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    return await promises.be_late(tx, by=by, agreement=row, text=given.words)


async def _confirm(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    return await promises.confirm(tx, by=by, agreement=row, text=given.words)


async def _miss(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    return await promises.miss(tx, by=by, agreement=row, text=given.words)


async def _take_back(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    return await promises.take_back(tx, by=by, agreement=row, text=given.words)


async def _object(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    return await promises.object_to(tx, by=by, agreement=row, text=given.objection)


async def _state(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    await disputes.state(tx, by=by, agreement=row, text=given.statement, attach=given.attach)
    return row


async def _thank(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    return await promises.thank(tx, by=by, agreement=row, text=given.thanks)


async def _say(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    return await promises.say(tx, by=by, agreement=row, text=given.words)


async def _reveal(tx: Tx, by: Actor, row: Agreement, given: StepDraft) -> Agreement:
    return await promises.reveal(tx, by=by, agreement=row, text=given.contact)


@forms.again(show)
async def propose(request: Request) -> Response:
    """Other terms: by the author, or in answer to the author's."""
    by, given = me(request), await forms.parse(request, TermsDraft)
    async with instance_of(request).begin() as tx:
        row = await agreements.get(tx.conn, request.path_params["id"])
        listing = await proposals.get(tx.conn, row.proposal_id)
        terms = terms_of(request, given, listing)
        by = await speakers.in_agreement(tx.conn, by, row, tx.instance.clock())
        act = acts.counter if by.id == row.author_id else acts.ask_again
        await act(tx, by=by, agreement=row, terms=terms, text=given.text)
    return see_other(request, row.url, N_("Sent."))


def _step(path: str, done: Done, flash: str) -> Route:
    @forms.again(show)
    async def take(request: Request) -> Response:
        by, given = me(request), await forms.parse(request, StepDraft)
        async with instance_of(request).begin() as tx:
            row = await agreements.get(tx.conn, request.path_params["id"])
            party = await speakers.in_agreement(tx.conn, by, row, tx.instance.clock())
            await done(tx, party, row, given)
        return see_other(request, row.url, flash)

    return Route(f"/agreements/{{id:uuid}}/{path}", take, methods=["POST"])


routes = [
    Route("/agreements/{id:uuid}/proposal", propose, methods=["POST"]),
    _step("acceptance", _accept, N_("Agreed!")),
    _step("agreeing", _agree, N_("Sent.")),
    _step("refusal", _decline, N_("Sent. It is good to have an answer.")),
    _step("withdrawal", _withdraw, N_("Sent. It is free for others again.")),
    _step("lateness", _late, N_("Sent.")),
    _step("hand-over", _confirm, N_("Thank you. That is noted.")),
    _step("absence", _miss, N_("Noted. It is free for others again.")),
    _step("return", _take_back, N_("Thank you. That is noted.")),
    _step("objection", _object, N_("Sent. The moderators look at it.")),
    _step("statement", _state, N_("Sent. The moderators look at it.")),
    _step("thanks", _thank, N_("Your thanks are on their way.")),
    _step("letters", _say, N_("Sent.")),
    _step("contact", _reveal, N_("Sent.")),
]
