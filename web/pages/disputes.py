"""Disputes for moderators: what waits, what both say, and the decision."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import disputes as acts
from schema import actors, disputes, memberships, standings
from schema.actors import Actor
from schema.disputes import Dispute
from schema.errors import Missing
from schema.words import N_
from web import forms
from web.requests import instance_of, me, page, see_other

_MOMENTS = frozenset({"startTime", "otherTime", "backBy"})


class VerdictDraft(msgspec.Struct):
    done: bool = False
    verdict: Annotated[str, Meta(max_length=2000)] = ""


async def index(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).read() as conn:
        standing = await standings.get(conn, by.id, None)
        cases = await disputes.list_cases(conn, by.id, standing.keeps_order)
    return await page(request, "disputes.list.html", cases=cases)


async def show(request: Request) -> Response:
    """For those who may decide it; the two it is about have the page of their agreement."""
    by, instance = me(request), instance_of(request)
    async with instance.begin() as tx:
        row = await disputes.get(tx.conn, request.path_params["id"])
        court = await actors.get(tx.conn, row.court_id)
        standing = await standings.get(tx.conn, by.id, None)
        moderates = await memberships.moderates(tx.conn, court.id, by.id)
        sees = moderates or (court.is_local and standing.keeps_order)
        if row.is_party(by.id) or not sees:
            raise Missing(acts.NOT_HERE)
        author = await actors.get(tx.conn, row.author_id)
        responder = await actors.get(tx.conn, row.responder_id)
        decides = row.state == "open" and await acts.may_decide(tx, by, row, court)
    return await page(
        request,
        "disputes.show.html",
        row=row,
        court=court,
        sides=[_side(row, author), _side(row, responder)],
        differ=_differ(row),
        decides=decides,
    )


def _side(row: Dispute, person: Actor) -> dict[str, object]:
    """One of the two with what their city has told."""
    told = row.account("author" if person.id == row.author_id else "responder")
    terms = dict(told.terms) if told else {}
    moments = {name: datetime.fromisoformat(terms.pop(name)) for name in _MOMENTS & terms.keys()}
    return {"person": person, "told": told, "terms": terms, "moments": moments}


def _differ(row: Dispute) -> bool:
    one, other = row.account("author"), row.account("responder")
    return bool(one and other and (one.head, one.terms) != (other.head, other.terms))


@forms.again(show)
async def decide(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, VerdictDraft)
    async with instance_of(request).begin() as tx:
        row = await disputes.get(tx.conn, request.path_params["id"])
        row = await acts.decide(tx, by=by, dispute=row, done=given.done, text=given.verdict)
    settled, sent = N_("Settled. Both have been told."), N_("Sent to the community's place.")
    return see_other(request, row.url, settled if row.state == "done" else sent)


routes = [
    Route("/disputes", index),
    Route("/disputes/{id:uuid}", show),
    Route("/disputes/{id:uuid}", decide, methods=["POST"]),
]
