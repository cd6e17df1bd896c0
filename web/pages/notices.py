"""Notices: what a person should be told; opening the list marks them as seen."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema import appeals, notices
from web.requests import instance_of, me, page

SIZE = 30


async def index(request: Request) -> Response:
    by = me(request)
    before = _before(request)
    instance = instance_of(request)
    async with instance.read() as conn:
        found = await notices.list_cards(conn, by.id, before, SIZE + 1)
        objected = await appeals.list_of(conn, by.id)
    if before is None and any(card.seen_at is None for card in found):
        async with instance.begin() as tx:
            await notices.see_all(tx.conn, by.id)
    older = f"/notices?before={found[SIZE - 1].id}" if len(found) > SIZE else None
    return await page(request, "notices.html", found=found[:SIZE], older=older, objected=objected)


def _before(request: Request) -> UUID | None:
    try:
        return UUID(request.query_params.get("before", ""))
    except ValueError:
        return None


routes = [Route("/notices", index)]
