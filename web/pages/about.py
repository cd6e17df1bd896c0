"""What this place is, its rules, help; language and look; addresses that machines watch."""

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from federation import counting
from schema import accounts, counts, health, peers, terms
from schema.counts import Count
from schema.health import PeerHealth
from schema.migrate import migrations
from web.forms import submitted
from web.requests import YEAR, instance_of, page, see_other, set_cookie

LEAST_FREE = 0.05  # of the disk


async def about(request: Request) -> Response:
    """Purpose, operator, who is linked, software."""
    instance = instance_of(request)
    settings = await instance.settings()
    async with instance.read() as conn:
        cities = await peers.list_neighbours(conn, linked_only=True)
        people = await accounts.count_active(conn)
    return await page(request, "about.html", settings=settings, cities=cities, people=people)


async def rules(request: Request) -> Response:
    """The rules in force, with their version."""
    async with instance_of(request).read() as conn:
        current = await terms.current(conn)
    settings = await instance_of(request).settings()
    return await page(request, "rules.html", current=current, settings=settings)


async def help_(request: Request) -> Response:
    """Twelve questions."""
    language = request.state.locale
    return await page(request, "help.html", language=language)


async def language(request: Request) -> Response:
    """The chosen language, kept in a cookie."""
    form = await submitted(request)
    chosen, back = str(form.get("locale")), str(form.get("back") or "/")
    response = see_other(request, back)
    if chosen in request.app.state.renderer.words.languages:
        set_cookie(request, response, "language", chosen, YEAR)
    return response


async def look(request: Request) -> Response:
    """Light, dark, or as the device says."""
    form = await submitted(request)
    chosen, back = str(form.get("theme")), str(form.get("back") or "/")
    response = see_other(request, back)
    if chosen in ("light", "dark", "auto"):
        set_cookie(request, response, "theme", chosen, YEAR)
    return response


async def city(request: Request) -> Response:
    """The page of the city Group is the front page."""
    return RedirectResponse("/", 303)


async def actor(request: Request) -> Response:
    """The page of the server's own actor."""
    return RedirectResponse("/about", 303)


async def live(request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("alive\n")


async def ready(request: Request) -> Response:
    """The database takes writes, has our schema, and there is room; 503 with the reason if not.

    Below it what does not make us unready: how long something waits, and how clocks differ.
    """
    instance = instance_of(request)
    try:
        async with asyncio.timeout(5), instance.read() as conn:
            found = await health.probe(conn)
    except (TimeoutError, *health.AWAY):
        return PlainTextResponse("the database does not answer\n", 503)
    if found.migrations < len(migrations()):
        return PlainTextResponse("the database has an older schema: stadtnetz migrate\n", 503)
    if (free := _free(instance.config.data_dir)) < LEAST_FREE:
        return PlainTextResponse(f"the disk is full: {free:.0%} are free\n", 503)
    skew = instance.clock().timestamp() - found.clock
    more = f"oldest waiting delivery: {found.oldest:.0f} s\nclock and database: {skew:+.0f} s\n"
    return PlainTextResponse("ready\n" + more)


def _free(folder: Path) -> float:
    """Share of the disk that is free; all of it where the folder is not of this machine."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return 1.0
    return usage.free / usage.total


async def metrics(request: Request) -> Response:
    """Numbers for Prometheus: what waits, what failed, how many of what, and each neighbour.

    Only for this machine and its own network, never through a proxy: others get 404.
    """
    if not _is_near(request):
        raise HTTPException(404)
    await counting.write(instance_of(request), now=True)
    async with instance_of(request).read() as conn:
        numbers = await health.numbers(conn)
        cities = await health.list_peers(conn)
        counted = await counts.list_totals(conn)
    lines = [
        f"# TYPE stadtnetz_{name} gauge\nstadtnetz_{name} {value:.15g}"
        for name, value in sorted(numbers.items())
    ]
    for name, read in _OF_PEERS.items():
        lines.append(f"# TYPE stadtnetz_peer_{name} gauge")
        for city in cities:
            lines.append(f'stadtnetz_peer_{name}{{peer="{city.host}"}} {read(city):.15g}')
    lines += [line for what in _COUNTED for line in _counted(what, counted)]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


_COUNTED = {
    "known": "arrivals_known_total",
    "signature": "signature_failures_total",
    "egress": "egress_blocked_total",
    "skew": "peer_clock_ahead_seconds",
}


def _counted(what: str, counted: Sequence[Count]) -> list[str]:
    """One of the things that are counted, by reason, or by server for the clocks."""
    kind = "gauge" if what == "skew" else "counter"
    lines = [f"# TYPE stadtnetz_{_COUNTED[what]} {kind}"]
    for one in counted:
        if one.what == what:
            host = one.peer.partition("://")[2]
            label = f'{{peer="{host}"}}' if what == "skew" else f'{{reason="{one.reason}"}}'
            lines.append(f"stadtnetz_{_COUNTED[what]}{label} {one.number}")
    return lines


_OF_PEERS: Mapping[str, Callable[[PeerHealth], float]] = {
    "waiting": lambda city: city.waiting,
    "oldest_seconds": lambda city: city.oldest,
    "failures": lambda city: city.failures,
    "heard_seconds_ago": lambda city: city.heard,
    "sent_seconds_ago": lambda city: city.sent,
    "caught_up_total": lambda city: city.missed,
}


def _is_near(request: Request) -> bool:
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    return address.is_loopback or address.is_private


routes = [
    Route("/about", about),
    Route("/rules", rules),
    Route("/help", help_),
    Route("/language", language, methods=["POST"]),
    Route("/look", look, methods=["POST"]),
    Route("/city", city),
    Route("/actor", actor),
    Route("/livez", live),
    Route("/readyz", ready),
    Route("/metrics", metrics),
]
