"""What is missing: unmet needs by sector, the one offer that would meet most; the report as CSV."""

import csv
import io
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema import categories, missing
from schema.missing import Gap
from schema.words import N_
from web.formats import cell
from web.requests import instance_of, moderator, page, viewer
from web.weekdays import DAYS

KEPT = 600.0  # seconds that the front page shows the same
LEAST = 2  # needs, below which the front page says nothing


@dataclass(frozen=True, slots=True)
class Kept:
    """The greatest gap that everybody may know of, for a while."""

    gap: Gap | None
    until: float


async def index(request: Request) -> Response:
    found = viewer(request)
    async with instance_of(request).read() as conn:
        unmet = await missing.list_unmet(conn, found.actor.id if found else None)
        first = await missing.with_circles(conn, unmet, missing.gaps(unmet))
    return await page(
        request,
        "missing.html",
        first=first,
        sectors=missing.by_sector(unmet),
        number=len(unmet),
        days=DAYS,
        address=address,
    )


def address(gap: Gap) -> str:
    """The form for an offer that would close it, half filled in."""
    return "/new?" + urlencode({"kind": "offer", "title": gap.word, "category": gap.category})


async def greatest(request: Request) -> Gap | None:
    """For the front page: of what everybody may see, at most ten minutes old."""
    kept: Kept | None = getattr(request.app.state, "missing", None)
    if kept is None or monotonic() > kept.until:
        async with instance_of(request).read() as conn:
            unmet = await missing.list_unmet(conn, None)
            found = await missing.with_circles(conn, unmet, missing.gaps(unmet, 1))
        gap = found[0] if found and found[0].needs >= LEAST else None
        kept = request.app.state.missing = Kept(gap, monotonic() + KEPT)
    return kept.gap


async def report(request: Request) -> Response:
    """For coordinators: every gap of every sector."""
    by = moderator(request)
    async with instance_of(request).read() as conn:
        unmet = await missing.list_unmet(conn, by.id)
        sectors = missing.by_sector(unmet, limit=1000)
        every = [gap for sector in sectors for gap in sector.gaps]
        counted = {gap.ids: gap.circles for gap in await missing.with_circles(conn, unmet, every)}
    locale: str = request.state.locale
    words = request.app.state.renderer.words.catalogues[locale]
    known, text = categories.load(), io.StringIO()
    sheet = csv.writer(text, delimiter=";")
    heads = (
        N_("Sector"),
        N_("Category"),
        N_("Word"),
        N_("Weekday"),
        N_("Needs"),
        N_("People"),
        N_("Circles"),
    )
    sheet.writerow([words.gettext(head) for head in (*heads, N_("Until when"))])
    for sector in sectors:
        for gap in sector.gaps:
            day = words.gettext(DAYS[gap.weekday]) if gap.weekday is not None else ""
            until = gap.ends.date().isoformat() if gap.ends else ""
            titles = known.title(sector.id, locale), known.title(gap.category, locale)
            sheet.writerow(
                [*titles, cell(gap.word), day, gap.needs, gap.people, counted[gap.ids], until]
            )
    headers = {"Content-Disposition": 'attachment; filename="missing.csv"'}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv", headers=headers)


routes = [Route("/missing", index), Route("/missing.csv", report)]
