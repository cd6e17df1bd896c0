"""The helper's desk: entering for people without internet, the weekly sheet, answers by code."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import keys
from federation.acts import desk as acts
from federation.acts.desk import Card
from federation.acts.drafts import Draft
from federation.instance import Instance
from schema import desk
from schema.actors import Actor
from schema.errors import Invalid, Refusal
from schema.proposals import ReturnKind
from schema.words import N_
from web import forms
from web.pages.new import Until, lists_of, until_of
from web.requests import instance_of, local_now, me, page, see_other, viewer

LARGEST = 200_000  # bytes of a table


class EntryDraft(msgspec.Struct):
    title: Annotated[str, Meta(max_length=200)]
    kind: Literal["need", "offer"] = "need"
    person: UUID | None = None
    name: Annotated[str, Meta(max_length=100)] = ""
    contact: Annotated[str, Meta(max_length=200)] = ""
    consent: Literal["spoken", "written"] | None = None
    quantity: Decimal | None = None
    unit: Annotated[str, Meta(max_length=20)] = "piece"
    until: Until = "weeks"
    until_day: date | None = None
    return_kind: ReturnKind = "open"


class AnswerDraft(msgspec.Struct):
    person: UUID
    code: Annotated[str, Meta(max_length=10)]
    text: Annotated[str, Meta(max_length=2000)]


class HelperDraft(msgspec.Struct):
    helper: Annotated[str, Meta(max_length=200)]


async def index(request: Request) -> Response:
    by, found = me(request), viewer(request)
    async with instance_of(request).begin() as tx:
        await acts.check(tx, by)
        wards = await desk.list_wards(tx.conn)
        helpers = await desk.list_helpers(tx.conn)
    return await page(
        request,
        "desk.html",
        wards=wards,
        helpers=helpers,
        is_admin=found is not None and found.account.role == "admin",
        lists=lists_of(request),
        cards=getattr(request.state, "cards", None),
        entered=getattr(request.state, "entered", 0),
    )


@forms.again(index)
async def enter(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, EntryDraft)
    until = until_of(given.until, given.until_day, local_now(request))
    draft = Draft(
        "offer" if given.kind == "offer" else "request",
        given.title,
        quantity=given.quantity,
        unit=given.unit,
        until=until,
        return_kind=given.return_kind,
        scope="neighbours",
    )
    pair = await keys.make_in_thread() if given.person is None else None
    async with instance_of(request).begin() as tx:
        person = given.person
        if pair is not None:
            made = await acts.register(
                tx,
                by=by,
                name=given.name,
                contact=given.contact,
                consent=given.consent,
                keys=pair,
            )
            person = made.id
        row = await acts.enter(tx, by=by, person_id=person or by.id, draft=draft)
    return see_other(request, row.url, N_("Entered."))


async def sheet(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        lines = await acts.sheet(tx, by=by)
        week = acts.monday(tx)
    return await page(request, "desk.sheet.html", lines=lines, week=week)


@forms.again(index)
async def answer(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, AnswerDraft)
    async with instance_of(request).begin() as tx:
        await acts.answer(tx, by=by, person_id=given.person, code=given.code, text=given.text)
    return see_other(request, "/desk", N_("The answer stands there."))


async def bring(request: Request) -> Response:
    """Each good line by itself; those that are bad come back, to be mended and sent again."""
    by, instance = me(request), instance_of(request)
    async with instance.begin() as tx:
        await acts.check(tx, by)
    bad: list[Card] = []
    entered = 0
    for card in acts.read_cards(await _table(request), instance.clock()):
        wrong = card.wrong or await _enter_card(instance, by, card)
        if wrong:
            bad.append(replace(card, wrong=wrong))
        else:
            entered += 1
    request.state.cards, request.state.entered = bad, entered
    return await index(request)


async def _table(request: Request) -> str:
    form = await forms.submitted(request)
    upload, typed = form.get("table"), form.get("lines")
    if isinstance(upload, UploadFile):
        data = await upload.read(LARGEST)
        if data.strip():
            try:
                return data.decode("utf-8-sig")
            except UnicodeDecodeError:
                return data.decode("cp1252", "replace")
    return typed[:LARGEST] if isinstance(typed, str) else ""


async def _enter_card(instance: Instance, by: Actor, card: Card) -> str:
    """What was wrong, '' for nothing."""
    if card.draft is None:
        return N_("Title or name is missing.")
    async with instance.read() as conn:
        known = acts.find_by_name(await desk.list_wards(conn), card.name)
    pair = await keys.make_in_thread() if known is None else None
    try:
        async with instance.begin() as tx:
            person_id = known.account_id if known else by.id
            if pair is not None:
                made = await acts.register(
                    tx, by=by, name=card.name, contact=card.contact, consent="written", keys=pair
                )
                person_id = made.id
            await acts.enter(tx, by=by, person_id=person_id, draft=card.draft)
    except Invalid as invalid:
        return next(iter(invalid.fields.values()))
    except Refusal as refusal:
        return str(refusal)
    return ""


@forms.again(index)
async def appoint(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, HelperDraft)
    async with instance_of(request).begin() as tx:
        await acts.appoint(tx, by=by, name=given.helper)
    return see_other(request, "/desk", N_("Saved."))


async def dismiss(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        await acts.dismiss(tx, by=by, id=request.path_params["id"])
    return see_other(request, "/desk", N_("Saved."))


routes = [
    Route("/desk", index),
    Route("/desk", enter, methods=["POST"]),
    Route("/desk/sheet", sheet),
    Route("/desk/answers", answer, methods=["POST"]),
    Route("/desk/cards", bring, methods=["POST"]),
    Route("/desk/helpers", appoint, methods=["POST"]),
    Route("/desk/helpers/{id:uuid}/removal", dismiss, methods=["POST"]),
]
