"""The front page: for guests what this place is, for residents what waits for them."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema import fronts, notices
from schema.proposals import Filter
from schema.sessions import Viewer
from web.near import middle
from web.pages.missing import address, greatest
from web.pages.new import DRAFT
from web.requests import instance_of, page, viewer
from web.weekdays import DAYS

NEWEST = 6
NEAR_KM = 50
FIRST_DAYS = timedelta(days=30)


async def front(request: Request) -> Response:
    found = viewer(request)
    if found is None:
        return await _for_guests(request)
    return await _for_residents(request, found)


async def _for_guests(request: Request) -> Response:
    settings = await instance_of(request).settings()
    wanted = Filter(near=await middle(request), limit=NEWEST)
    async with instance_of(request).read() as conn:
        shown = await fronts.load_for_guests(conn, wanted)
    german = request.state.locale == "de"
    return await page(
        request,
        "front.guest.html",
        gap=await greatest(request),
        days=DAYS,
        address=address,
        purpose=settings.purpose_de if german else settings.purpose_en,
        needs=shown.needs,
        offers=shown.offers,
        groups=shown.groups,
        cities=shown.cities,
        numbers=shown.numbers,
        has_draft=DRAFT in request.cookies,
    )


async def _for_residents(request: Request, found: Viewer) -> Response:
    by = found.actor
    has_place = by.latitude is not None and by.longitude is not None
    near: tuple[float, float, float | None] | None = await middle(request)
    if near and has_place:
        near = (near[0], near[1], float(NEAR_KM))
    young = instance_of(request).clock() - found.account.created < FIRST_DAYS
    waiting: list[notices.NoticeCard] = []
    async with instance_of(request).read() as conn:
        if found.unread:
            newest = await notices.list_cards(conn, by.id, None, NEWEST)
            waiting = [card for card in newest if card.seen_at is None]
        wanted = Filter(viewer_id=by.id, near=near, limit=NEWEST)
        shown = await fronts.load_for_residents(conn, by.id, wanted)
    return await page(
        request,
        "front.resident.html",
        gap=await greatest(request),
        days=DAYS,
        address=address,
        waiting=waiting,
        needs=shown.needs,
        offers=shown.offers,
        talks=shown.talks,
        begun=shown.begun if young and not shown.begun.is_done else None,
        account=found.account,
        is_near=has_place,
        has_draft=DRAFT in request.cookies,
    )


routes = [Route("/", front)]
