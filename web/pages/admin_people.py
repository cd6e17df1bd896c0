"""Residents as admins see them: who waits, roles, and accounts that rest."""

from datetime import date, timedelta
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import accounts as acts
from schema import accounts, actors
from schema.accounts import Role, State
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Missing
from schema.words import N_
from web import forms
from web.requests import admin, end_of, instance_of, local_now, page, see_other

SIZE = 50
Shown: TypeAlias = Literal["all", "active", "order", "suspended", "refused", "closed"]
_STATES: dict[str, State] = {"active": "active", "refused": "refused", "closed": "closed"}


class Refusal(msgspec.Struct):
    reason: Annotated[str, Meta(max_length=1000)]


class RoleDraft(msgspec.Struct):
    role: Role


class Suspension(msgspec.Struct):
    until: date
    reason: Annotated[str, Meta(max_length=1000)]


async def index(request: Request) -> Response:
    """Who waits comes first, then everybody, the newest first."""
    admin(request)
    words = request.query_params.get("q", "").strip()[:100]
    shown = request.query_params.get("show", "all")
    before = _id(request.query_params.get("before", ""))
    async with instance_of(request).read() as conn:
        waiting = [] if before or words else await accounts.list_people(conn, state="waiting")
        found = await accounts.list_people(
            conn,
            state=_STATES.get(shown),
            keeping_order=shown == "order",
            words=words,
            suspended=shown == "suspended",
            before=before,
            limit=SIZE + 1,
        )
        elsewhere = await actors.list_suspended(conn) if shown == "suspended" else []
    return await page(
        request,
        "admin.people.html",
        section="people",
        waiting=waiting,
        found=[p for p in found[:SIZE] if not waiting or p.state != "waiting"],
        elsewhere=elsewhere,
        now=instance_of(request).clock(),
        older_than=found[SIZE - 1].actor_id if len(found) > SIZE else None,
        words=words,
        shown=shown,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _person(conn: Conn, request: Request) -> Actor:
    """By the name in the path, name@host for people of other places."""
    name, _, host = request.path_params["name"].partition("@")
    found = await actors.find_by_handle(conn, name, host)
    if found is None or found.kind != "person":
        raise Missing("There is nothing here, or it is not meant for you.")
    return found


async def show(request: Request) -> Response:
    """One person: what they answered, their role, whether the account rests."""
    by = admin(request)
    now = local_now(request)
    async with instance_of(request).read() as conn:
        person = await _person(conn, request)
        account = await accounts.find(conn, person.id)
    return await page(
        request,
        "admin.people.show.html",
        section="people",
        person=person,
        account=account,
        is_me=person.id == by.id,
        rests=person.suspended_until is not None and person.suspended_until > now,
        tomorrow=(now + timedelta(days=1)).date(),
    )


def _back(person: Actor) -> str:
    return f"/admin/people/{person.handle}"


async def approve(request: Request) -> Response:
    by = admin(request)
    async with instance_of(request).begin() as tx:
        person = await _person(tx.conn, request)
        await acts.approve(tx, by=by, account_id=person.id)
    return see_other(request, "/admin/people", N_("Let in. They have been told."))


@forms.again(show)
async def refuse(request: Request) -> Response:
    by = admin(request)
    draft = await forms.parse(request, Refusal)
    async with instance_of(request).begin() as tx:
        person = await _person(tx.conn, request)
        await acts.refuse(tx, by=by, account_id=person.id, reason=draft.reason)
    return see_other(request, "/admin/people", N_("Refused. They have been told why."))


@forms.again(show)
async def set_role(request: Request) -> Response:
    by = admin(request)
    draft = await forms.parse(request, RoleDraft)
    async with instance_of(request).begin() as tx:
        person = await _person(tx.conn, request)
        await acts.set_role(tx, by=by, account_id=person.id, role=draft.role)
    back = "/" if person.id == by.id and draft.role != "admin" else _back(person)
    return see_other(request, back, N_("Saved."))


@forms.again(show)
async def suspend(request: Request) -> Response:
    by = admin(request)
    draft = await forms.parse(request, Suspension)
    async with instance_of(request).begin() as tx:
        person = await _person(tx.conn, request)
        until = end_of(draft.until, local_now(request))
        await acts.suspend(tx, by=by, person=person, until=until, reason=draft.reason)
    return see_other(request, _back(person), N_("The account rests. They have been told why."))


async def end_suspension(request: Request) -> Response:
    by = admin(request)
    async with instance_of(request).begin() as tx:
        person = await _person(tx.conn, request)
        await acts.suspend(tx, by=by, person=person, until=None)
    return see_other(request, _back(person), N_("Lifted. They can write again."))


_ONE = "/admin/people/{name}"
routes = [
    Route("/admin/people", index),
    Route(_ONE, show),
    Route(f"{_ONE}/approval", approve, methods=["POST"]),
    Route(f"{_ONE}/refusal", refuse, methods=["POST"]),
    Route(f"{_ONE}/role", set_role, methods=["POST"]),
    Route(f"{_ONE}/suspension", suspend, methods=["POST"]),
    Route(f"{_ONE}/suspension-end", end_suspension, methods=["POST"]),
]
