"""Guests of other servers follow, join and answer from home; residents come here from there."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import intents, origins
from federation.errors import Malformed, Refused
from schema import limits
from schema.errors import Invalid
from schema.words import N_
from web import forms
from web.pages.find import look_up
from web.requests import client_address, instance_of, me, page


class Home(msgspec.Struct):
    address: Annotated[str, Meta(max_length=300)] = ""
    uri: Annotated[str, Meta(max_length=2000)] = ""
    intent: Literal["Follow", "Join", "Create"] = "Follow"


async def ask(request: Request) -> Response:
    """The form alone, for what stands at `uri`; again with what was wrong."""
    problem = getattr(request.state, "problem", None)
    given = dict(request.query_params)
    if problem is not None:
        given |= {key: values[0] for key, values in problem.values.items() if values}
    return await page(
        request,
        "elsewhere.html",
        uri=given.get("uri", "")[:2000],
        intent=given.get("intent", "Follow"),
        there="",
    )


@forms.again(ask)
async def show(request: Request) -> Response:
    """The page at home where it goes on: as a link, since nobody is sent away unasked."""
    home, instance = await forms.parse(request, Home), instance_of(request)
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"elsewhere:{client_address(request)}", 10, 20)
    if not home.address.strip():
        raise Invalid({"address": N_("Please enter your address at home.")})
    try:
        origins.parse(home.uri, loopback=True)
        there = await intents.address_of(instance, home.address, home.uri, home.intent)
    except (Malformed, Refused) as error:
        raise Invalid({"address": N_("This is no address of another place.")}) from error
    host = there.partition("://")[2].partition("/")[0]
    return await page(
        request, "elsewhere.html", uri=home.uri, intent=home.intent, there=there, host=host
    )


async def come(request: Request) -> Response:
    """A resident who was elsewhere: to the page here of what they saw there."""
    by, query = me(request), request.query_params
    wanted = query.get("uri") or query.get("object") or query.get("inReplyTo") or ""
    return await look_up(request, by, wanted)


routes = [
    Route("/elsewhere", ask),
    Route("/elsewhere", show, methods=["POST"]),
    Route("/authorize_interaction", come),
]
