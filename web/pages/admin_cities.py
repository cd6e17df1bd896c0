"""Neighbour cities as admins see them: asking, answering, pausing, parting, blocking."""

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import counting, resolve
from federation.acts import bridges as hour_acts
from federation.acts import cities as acts
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from schema import actors, bridges, counts, ledgers, limits, peers, receipts, severing
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Conflict, Invalid, Missing
from schema.peers import Neighbour
from schema.words import N_
from web import forms
from web.requests import admin, instance_of, page, see_other

COUNTED = ("known", "signature", "egress", "skew")


class Address(msgspec.Struct):
    address: Annotated[str, Meta(max_length=300)]


class Switches(msgspec.Struct):
    publishes: bool = False
    receives: bool = False
    paused: bool = False
    circles: bool = False


class BridgeDraft(msgspec.Struct):
    most: Decimal


class Block(msgspec.Struct):
    reason: Annotated[str, Meta(max_length=1000)]


async def index(request: Request) -> Response:
    """All servers we know: neighbours, who asks, who was asked, who is blocked."""
    admin(request)
    async with instance_of(request).read() as conn:
        found = await peers.list_neighbours(conn, linked_only=False)
    groups = {
        "asking": [c for c in found if c.link == "asking" and not c.blocked_at],
        "linked": [c for c in found if c.is_neighbour],
        "asked": [c for c in found if c.link == "asked" and not c.blocked_at],
        "blocked": [c for c in found if c.blocked_at],
        "others": [c for c in found if c.link in ("known", "refused") and not c.blocked_at],
    }
    return await page(request, "admin.cities.html", section="cities", groups=groups)


@forms.again(index)
async def ask(request: Request) -> Response:
    """Asks the city at an address for a link, or goes to its page, so that it can be blocked."""
    by, instance = admin(request), instance_of(request)
    draft = await forms.parse(request, Address)
    async with instance.begin() as tx:
        await limits.take(tx.conn, f"ask:{by.id}", rate_per_minute=10, burst=20)
    other = await _city_at(request, draft.address)
    async with instance.begin() as tx:
        try:
            peer = await acts.ask(tx, by=by, other=other)
        except Conflict as conflict:
            raise Invalid({"address": conflict.text}) from conflict
    asked = N_("They have been asked. As soon as they agree, you are neighbours.")
    linked = N_("You are neighbours now.")
    return see_other(request, _path(peer.host), linked if peer.link == "linked" else asked)


async def _city_at(request: Request, address: str) -> Actor:
    try:
        return await resolve.city(instance_of(request), address)
    except (Gone, Malformed, Missing) as error:
        text = N_("There is no city of this network at this address.")
        raise Invalid({"address": text}) from error
    except (Refused, Untrusted) as error:
        text = N_("This address cannot be used: it is our own, blocked, or not to be trusted.")
        raise Invalid({"address": text}) from error
    except Unreachable as error:
        text = N_("That place does not answer at the moment. Please try again later.")
        raise Invalid({"address": text}) from error


@forms.again(index)
async def meet(request: Request) -> Response:
    """To the page of a server we may never have heard of, to block it before it comes."""
    admin(request)
    draft = await forms.parse(request, Address)
    try:
        origin = resolve.origin_at(instance_of(request), draft.address)
    except (Malformed, Refused) as error:
        text = N_("This address cannot be used: it is our own, blocked, or not to be trusted.")
        raise Invalid({"address": text}) from error
    async with instance_of(request).begin() as tx:
        await peers.meet(tx.conn, str(origin), origin.authority)
    return see_other(request, f"{_path(origin.authority)}#block")


async def show(request: Request) -> Response:
    """One server: what flows, how it stands, and what a block would cut."""
    admin(request)
    await counting.write(instance_of(request), now=True)
    async with instance_of(request).read() as conn:
        city = await _found(conn, request)
        counted = await counts.list_of(conn, city.origin)
        reached = await peers.list_under(conn, city.host)
        cut = await severing.consequences(conn, reached)
        failures = await receipts.list_failures(conn, city.origin)
        ledger = await ledgers.get(conn, city.origin)
        bridge = await bridges.find(conn, city.origin)
        transfers = await bridges.list_transfers(conn, city.origin) if bridge else []
        balance = await bridges.balance(conn, city.origin) if bridge else Decimal(0)
    return await page(
        request,
        "admin.cities.show.html",
        section="cities",
        city=city,
        cut=cut,
        failures=failures,
        counted={what: [one for one in counted if one.what == what] for what in COUNTED},
        ledger=ledger,
        bridge=bridge,
        transfers=transfers,
        balance=balance,
        below=[origin for origin in reached if origin != city.origin],
    )


async def _found(conn: Conn, request: Request) -> Neighbour:
    return await peers.get_neighbour(conn, request.path_params["host"])


async def _actor(conn: Conn, city: Neighbour) -> Actor:
    if city.city_id is None:
        raise Missing("There is no city of this network at this address.")
    return await actors.get(conn, city.city_id)


def _path(host: str) -> str:
    return f"/admin/cities/{host}"


@forms.again(show)
async def limit_hours(request: Request) -> Response:
    """How far hours may go between the two cities."""
    by, given = admin(request), await forms.parse(request, BridgeDraft)
    async with instance_of(request).begin() as tx:
        city = await _found(tx.conn, request)
        await hour_acts.limit(tx, by=by, other=await _actor(tx.conn, city), most=given.most)
    return see_other(request, f"{_path(city.host)}#hours", N_("Saved. They have been told."))


async def consent(request: Request) -> Response:
    by = admin(request)
    async with instance_of(request).begin() as tx:
        city = await _found(tx.conn, request)
        await acts.consent(tx, by=by, other=await _actor(tx.conn, city))
    return see_other(request, _path(city.host), N_("You are neighbours now."))


async def refuse(request: Request) -> Response:
    by = admin(request)
    async with instance_of(request).begin() as tx:
        city = await _found(tx.conn, request)
        await acts.refuse(tx, by=by, other=await _actor(tx.conn, city))
    return see_other(request, "/admin/cities", N_("Refused. It is remembered."))


async def part(request: Request) -> Response:
    by = admin(request)
    async with instance_of(request).begin() as tx:
        city = await _found(tx.conn, request)
        await acts.part(tx, by=by, other=await _actor(tx.conn, city))
    return see_other(request, _path(city.host), N_("The link has ended. They have been told."))


async def set_switches(request: Request) -> Response:
    by = admin(request)
    draft = await forms.parse(request, Switches)
    async with instance_of(request).begin() as tx:
        city = await _found(tx.conn, request)
        await acts.set_switches(
            tx,
            by=by,
            origin=city.origin,
            publishes=draft.publishes,
            receives=draft.receives,
            paused=draft.paused,
        )
        await acts.join_circles(tx, by=by, origin=city.origin, joined=draft.circles)
    return see_other(request, _path(city.host), N_("Saved."))


@forms.again(show)
async def block(request: Request) -> Response:
    by = admin(request)
    draft = await forms.parse(request, Block)
    async with instance_of(request).begin() as tx:
        city = await _found(tx.conn, request)
        await acts.block(tx, by=by, origin=city.origin, reason=draft.reason)
    return see_other(request, _path(city.host), N_("Blocked."))


async def unblock(request: Request) -> Response:
    by = admin(request)
    async with instance_of(request).begin() as tx:
        city = await _found(tx.conn, request)
        other = await _actor(tx.conn, city) if city.city_id else None
        await acts.unblock(tx, by=by, origin=city.origin, other=other)
    return see_other(
        request, _path(city.host), N_("The block is lifted. To be neighbours again, ask them.")
    )


async def try_now(request: Request) -> Response:
    by = admin(request)
    async with instance_of(request).begin() as tx:
        city = await _found(tx.conn, request)
        await acts.try_now(tx, by=by, origin=city.origin)
    return see_other(request, _path(city.host), N_("We are trying. Look again in a moment."))


_ONE = "/admin/cities/{host}"
routes = [
    Route("/admin/cities", index),
    Route("/admin/cities", ask, methods=["POST"]),
    Route("/admin/cities-met", meet, methods=["POST"]),
    Route(_ONE, show),
    Route(f"{_ONE}/consent", consent, methods=["POST"]),
    Route(f"{_ONE}/refusal", refuse, methods=["POST"]),
    Route(f"{_ONE}/parting", part, methods=["POST"]),
    Route(f"{_ONE}/hours", limit_hours, methods=["POST"]),
    Route(f"{_ONE}/switches", set_switches, methods=["POST"]),
    Route(f"{_ONE}/block", block, methods=["POST"]),
    Route(f"{_ONE}/block-end", unblock, methods=["POST"]),
    Route(f"{_ONE}/retry", try_now, methods=["POST"]),
]
