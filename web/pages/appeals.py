"""Objecting to a decision, and the answers of those who keep order here."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import appeals as acts
from schema import appeals
from schema.words import N_
from web import forms
from web.requests import instance_of, me, moderator, page, see_other


class AppealDraft(msgspec.Struct):
    text: Annotated[str, Meta(max_length=acts.LONGEST)]


class Answer(msgspec.Struct):
    state: Literal["kept", "changed"]
    answer: Annotated[str, Meta(max_length=acts.LONGEST)]


async def new(request: Request) -> Response:
    """What was decided, and a field for what one has to say about it."""
    by, id = me(request), request.path_params["id"]
    async with instance_of(request).begin() as tx:
        notice = await acts.decision(tx, by, id)
        known = (await appeals.list_of(tx.conn, by.id)).get(id)
    return await page(request, "appeals.form.html", notice=notice, known=known)


@forms.again(new)
async def send(request: Request) -> Response:
    by, draft = me(request), await forms.parse(request, AppealDraft)
    async with instance_of(request).begin() as tx:
        await acts.appeal(tx, by=by, notice_id=request.path_params["id"], text=draft.text)
    return see_other(request, "/notices", N_("Sent. Somebody looks at it again and answers you."))


async def index(request: Request) -> Response:
    """What waits for an answer, and what was answered."""
    moderator(request)
    async with instance_of(request).read() as conn:
        waiting, done = await appeals.list_open(conn), await appeals.list_answered(conn)
    return await page(request, "appeals.list.html", section="reports", waiting=waiting, done=done)


async def show(request: Request) -> Response:
    """One, with the form for the answer."""
    by, id = moderator(request), request.path_params["id"]
    async with instance_of(request).read() as conn:
        appeal = await appeals.get(conn, id)
    return await page(request, "appeals.show.html", section="reports", appeal=appeal, by=by)


@forms.again(show)
async def answer(request: Request) -> Response:
    by, draft = moderator(request), await forms.parse(request, Answer)
    id: UUID = request.path_params["id"]
    async with instance_of(request).begin() as tx:
        await acts.answer(tx, by=by, appeal_id=id, state=draft.state, words=draft.answer)
    return see_other(request, "/admin/appeals", N_("Answered. The person has been told."))


routes = [
    Route("/notices/{id:uuid}/appeal", new),
    Route("/notices/{id:uuid}/appeal", send, methods=["POST"]),
    Route("/admin/appeals", index),
    Route("/admin/appeals/{id:uuid}", show),
    Route("/admin/appeals/{id:uuid}", answer, methods=["POST"]),
]
