"""The queue of reports for those who keep order in this place, and what they do about one."""

from datetime import date, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import verdicts as acts
from federation.acts.verdicts import Measure, Verdict
from schema import appeals, reports
from schema.words import N_
from web import forms
from web.requests import end_of, instance_of, local_now, moderator, page, see_other


class Decision(msgspec.Struct):
    measure: Measure
    outcome: Annotated[str, Meta(max_length=2000)]
    reason: Annotated[str, Meta(max_length=1000)] = ""
    until: date | None = None


async def index(request: Request) -> Response:
    """What waits, the worst and oldest first; below it what was settled."""
    moderator(request)
    async with instance_of(request).read() as conn:
        waiting = await reports.list_open(conn)
        done = await reports.list_done(conn)
        open_appeals = len(await appeals.list_open(conn))
    return await page(
        request,
        "admin.reports.html",
        section="reports",
        waiting=waiting,
        done=done,
        appeals=open_appeals,
    )


async def show(request: Request) -> Response:
    """One report: what was said, by whom, and what can be done."""
    moderator(request)
    instance = instance_of(request)
    async with instance.read() as conn:
        report = await reports.get_card(conn, request.path_params["id"])
    tomorrow = (local_now(request) + timedelta(days=1)).date()
    return await page(
        request, "admin.reports.show.html", section="reports", report=report, tomorrow=tomorrow
    )


@forms.again(show)
async def decide(request: Request) -> Response:
    by = moderator(request)
    draft = await forms.parse(request, Decision)
    verdict = Verdict(
        measure=draft.measure,
        outcome=draft.outcome,
        reason=draft.reason,
        until=end_of(draft.until, local_now(request)) if draft.until else None,
    )
    async with instance_of(request).begin() as tx:
        report = await reports.get(tx.conn, request.path_params["id"])
        await acts.decide(tx, by=by, report=report, verdict=verdict)
    told = N_("Settled. The one who reported it has been told.")
    return see_other(request, "/admin/reports", told)


routes = [
    Route("/admin/reports", index),
    Route("/admin/reports/{id:uuid}", show),
    Route("/admin/reports/{id:uuid}", decide, methods=["POST"]),
]
