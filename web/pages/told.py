"""How one is told: rhythms by topic, pushes to this browser, pages that are told live."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from federation import push, taps
from federation.acts import rhythms as acts
from schema import notices, pushes, rhythms
from schema.errors import Invalid
from schema.rhythms import SILENT, TOPICS, Choice, Rhythm
from schema.words import N_
from web import forms
from web.live import Live
from web.render import Form
from web.requests import instance_of, me, page, see_other, viewer

WORKER = Path(__file__).parents[1] / "static" / "worker.js"


def field_name(name: str) -> str:
    """A control named "matches" would hide the form's own method of that name from scripts."""
    return name if name == "push" else f"about_{name}"


class ToldDraft(msgspec.Struct, rename=field_name):
    agreements: Rhythm = "now"
    answers: Rhythm = "now"
    matches: Rhythm = "daily"
    searches: Rhythm = "daily"
    reminders: Rhythm = "now"
    communities: Rhythm = "weekly"
    order: Rhythm = "now"
    push: list[str] = []


class DeviceDraft(msgspec.Struct):
    endpoint: Annotated[str, Meta(max_length=2000)]
    key: Annotated[str, Meta(max_length=200)]
    auth: Annotated[str, Meta(max_length=100)]


async def show(request: Request) -> Response:
    by, found = me(request), viewer(request)
    instance = instance_of(request)
    async with instance.begin() as tx:
        choices = await rhythms.list_of(tx.conn, by.id)
        devices = await pushes.list_of(tx.conn, by.id)
        key = taps.unpadded(push.point((await push.private_key(tx.conn)).public_key()))
    values: dict[str, object] = {field_name(choice.topic): choice.rhythm for choice in choices}
    values["push"] = [choice.topic for choice in choices if choice.push]
    return await page(
        request,
        "me.told.html",
        topics=TOPICS,
        silent=SILENT,
        devices=len(devices),
        push_key=key,
        account=found.account if found else None,
        mail=bool(instance.config.smtp_url),
        form=Form(values),
    )


@forms.again(show)
async def save(request: Request) -> Response:
    by, given = me(request), await forms.parse(request, ToldDraft)
    wanted: list[Choice] = []
    for topic in TOPICS:
        rhythm: Rhythm = getattr(given, topic)
        wanted.append(Choice(topic, rhythm, topic in given.push))
    async with instance_of(request).begin() as tx:
        await acts.choose(tx, by=by, choices=wanted)
    return see_other(request, "/me/told", N_("Saved."))


async def allow_device(request: Request) -> Response:
    """From the script of the settings page."""
    by, given = me(request), await forms.parse(request, DeviceDraft)
    try:
        key, auth = taps.padded(given.key), taps.padded(given.auth)
    except ValueError as error:
        raise Invalid({"": N_("This browser cannot be told this way.")}) from error
    async with instance_of(request).begin() as tx:
        await acts.allow_device(tx, by=by, endpoint=given.endpoint, key=key, auth=auth)
    return see_other(request, "/me/told", N_("This browser is told from now on."))


async def forget_devices(request: Request) -> Response:
    by = me(request)
    async with instance_of(request).begin() as tx:
        await acts.forget_devices(tx, by=by)
    return see_other(request, "/me/told", N_("No browser is told any more."))


async def live(request: Request) -> Response:
    """A stream of events, one for each new notice."""
    by = me(request)
    hub: Live = request.app.state.live
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(hub.events(by.id), media_type="text/event-stream", headers=headers)


async def unread(request: Request) -> Response:
    """How many are unread, for the number beside the bell."""
    by = me(request)
    async with instance_of(request).read() as conn:
        number = await notices.count_unseen(conn, by.id)
    return JSONResponse({"unread": number}, headers={"Cache-Control": "no-store"})


async def worker(request: Request) -> Response:
    """The script that shows pushes; at the top, since it may speak for pages below it only."""
    headers = {"Cache-Control": "no-cache"}
    return FileResponse(WORKER, media_type="text/javascript", headers=headers)


routes = [
    Route("/me/told", show),
    Route("/me/told", save, methods=["POST"]),
    Route("/me/told/device", allow_device, methods=["POST"]),
    Route("/me/told/device/removal", forget_devices, methods=["POST"]),
    Route("/notices/live", live),
    Route("/notices/unread", unread),
    Route("/worker.js", worker),
]
