"""Offering an own version to the original, and taking over what fits from one that is offered."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import improvements as acts
from federation.acts.improvements import Chosen
from schema import blueprints, improvements, merges
from schema.errors import Missing
from schema.words import N_
from web import forms
from web.requests import instance_of, me, page, see_other

NOT_HERE = N_("There is nothing here, or it is not meant for you.")


class OfferDraft(msgspec.Struct):
    text: Annotated[str, Meta(max_length=1000)] = ""


class TakingDraft(msgspec.Struct):
    lines: list[str] = []
    steps: list[str] = []
    text: str = ""


async def offer(request: Request) -> Response:
    """The latest version of an own version, to the author of what it was made of."""
    by = me(request)
    given = await forms.parse(request, OfferDraft)
    async with instance_of(request).begin() as tx:
        row = await blueprints.get(tx.conn, request.path_params["id"])
        first = await blueprints.find_version(tx.conn, row.forked_from) if row.forked_from else None
        if first is None or row.latest_id is None:
            raise Missing(NOT_HERE)
        version = await blueprints.get_version(tx.conn, row.latest_id)
        origin = await blueprints.get(tx.conn, first.blueprint_id)
        await acts.offer(tx, by=by, version=version, origin=origin, text=given.text)
    return see_other(request, row.url, N_("It is offered. The author has been told."))


async def take(request: Request) -> Response:
    """What was chosen becomes a new version."""
    by = me(request)
    given = await forms.parse(request, TakingDraft)
    async with instance_of(request).begin() as tx:
        found = await improvements.get(tx.conn, request.path_params["id"])
        row = await acts.take(
            tx,
            by=by,
            improvement=found,
            lines=given.lines,
            steps=given.steps,
            words=bool(given.text),
        )
    return see_other(request, row.url, N_("Taken over."))


async def upstream(request: Request) -> Response:
    """What the original has changed since, for the author of an own version."""
    by = me(request)
    async with instance_of(request).read() as conn:
        row = await blueprints.get(conn, request.path_params["id"])
        newer = await merges.find_newer(conn, row) if row.author_id == by.id else None
        if newer is None or row.latest_id is None:
            raise Missing(NOT_HERE)
        own = await merges.load(conn, await blueprints.get_version(conn, row.latest_id))
        base, latest = await merges.load(conn, newer[0]), await merges.load(conn, newer[1])
    return await page(
        request,
        "blueprints.upstream.html",
        row=row,
        old=newer[0],
        new=newer[1],
        merge=merges.between(base, latest, own),
    )


class FollowingDraft(TakingDraft):
    facts: list[str] = []
    version: UUID | None = None


@forms.again(upstream)
async def follow(request: Request) -> Response:
    """What was chosen of it becomes a new version of one's own."""
    by = me(request)
    given = await forms.parse(request, FollowingDraft)
    chosen = Chosen(given.lines, given.steps, given.facts, words=bool(given.text))
    async with instance_of(request).begin() as tx:
        row = await blueprints.get(tx.conn, request.path_params["id"])
        version = await blueprints.get_version(tx.conn, given.version or row.id)
        row = await acts.follow(tx, by=by, blueprint=row, version=version, chosen=chosen)
    return see_other(request, row.url, N_("Taken over."))


async def decline(request: Request) -> Response:
    """Nothing changes."""
    by = me(request)
    async with instance_of(request).begin() as tx:
        found = await improvements.get(tx.conn, request.path_params["id"])
        await acts.decline(tx, by=by, improvement=found)
        row = await blueprints.get(tx.conn, found.blueprint_id)
    return see_other(request, f"{row.url}/lineage", N_("Declined."))


routes = [
    Route("/blueprints/{id:uuid}/offer", offer, methods=["POST"]),
    Route("/blueprints/{id:uuid}/upstream", upstream),
    Route("/blueprints/{id:uuid}/upstream", follow, methods=["POST"]),
    Route("/blueprints/improvements/{id:uuid}/taking", take, methods=["POST"]),
    Route("/blueprints/improvements/{id:uuid}/declining", decline, methods=["POST"]),
]
