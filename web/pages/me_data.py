"""My data: everything to take along, and the way out for good."""

from typing import Annotated

import msgspec
import orjson
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.acts import accounts as acts
from schema import exports, farewells
from schema.errors import Invalid
from schema.words import N_
from web import forms
from web.pages.login import check_rate
from web.pages.me_security import check_current, viewer_of
from web.requests import SESSION, instance_of, page, see_other


class ClosingDraft(msgspec.Struct):
    name: Annotated[str, Meta(max_length=100)]
    current: Annotated[str, Meta(max_length=200)] = ""


async def show(request: Request) -> Response:
    by = viewer_of(request)
    async with instance_of(request).read() as conn:
        alone = await farewells.list_led_alone(conn, by.actor.id)
    return await page(request, "me_data.html", person=by.actor, account=by.account, led_alone=alone)


async def download(request: Request) -> Response:
    """One JSON file."""
    by = viewer_of(request)
    await check_rate(request, f"data of {by.actor.id}", 1, 5)
    async with instance_of(request).read() as conn:
        data = await exports.of_person(conn, by.actor.id)
    return Response(
        orjson.dumps(data, option=orjson.OPT_INDENT_2),
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="stadtnetz-{by.actor.name}.json"',
            "Cache-Control": "no-store",
        },
    )


@forms.again(show)
async def close(request: Request) -> Response:
    by, draft = viewer_of(request), await forms.parse(request, ClosingDraft)
    if draft.name.strip().lower().lstrip("@") != by.actor.name:
        raise Invalid({"name": N_("Please write your short name, so that it is no mistake.")})
    await check_current(request, by.account, draft.current, "current")
    async with instance_of(request).begin() as tx:
        await acts.close(tx, by=by.actor)
    response = see_other(request, "/", N_("Your account is closed. All the best to you."))
    response.delete_cookie(SESSION)
    return response


routes = [
    Route("/me/data", show),
    Route("/me/data.json", download),
    Route("/me/closing", close, methods=["POST"]),
]
