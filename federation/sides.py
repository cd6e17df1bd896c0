"""What cities that joined may read of ours for exchange circles: summaries, and what one means."""

from starlette.requests import Request
from starlette.responses import Response

from federation.documents import Document
from federation.endpoints import answer, refusing
from federation.negotiation import ActivityRoute
from federation.readers import NOT_HERE, instance_of, is_neighbour, reader_of
from federation.wire import circles as wire
from federation.wire.contexts import AS
from schema import peers, proposals, sides
from schema.database import Conn
from schema.errors import Missing


async def _check_joined(conn: Conn, origin: str | None) -> None:
    """Missing unless this city and ours have joined each other."""
    peer = await peers.find(conn, origin or "")
    if peer is None or not peer.circles or not await is_neighbour(conn, peer.origin):
        raise Missing(NOT_HERE)


async def get_sides(request: Request) -> Response:
    """Opaque names, category, band, cell and window of what may be given and is needed."""
    instance, origin = instance_of(request), await reader_of(request)
    async with instance.begin() as tx:
        await _check_joined(tx.conn, origin)
        found = await sides.list_ours(tx.conn, instance.clock())
        rows = [row for row in found if row.scope in ("neighbours", "everyone")]
        parties = sorted({row.author_id for row in rows})
        marks = await sides.marks(tx.conn, sorted(row.id for row in rows), parties)
    items = [
        wire.summary(str(marks[row.id]), str(marks[row.author_id]), row.side()) for row in rows
    ]
    uri = f"{instance.addresses.city}/circles"
    head: Document = {"@context": AS, "id": uri, "type": "Collection", "totalItems": len(items)}
    return answer({**head, "items": [*items]}, private=True)


async def get_marked(request: Request) -> Response:
    """The listing behind an opaque name, for a city that found a circle with it: one that it may
    read anyway."""
    instance, origin = instance_of(request), await reader_of(request)
    async with instance.read() as conn:
        await _check_joined(conn, origin)
        id = await sides.find_marked(conn, request.path_params["mark"])
        row = await proposals.find_by_id(conn, id) if id else None
    if row is None or row.state != "open" or row.scope not in ("neighbours", "everyone"):
        raise Missing(NOT_HERE)
    uri = f"{instance.addresses.city}/circles/{request.path_params['mark']}"
    return answer({"@context": AS, "id": uri, "listing": row.uri}, private=True)


routes = [
    ActivityRoute("/city/circles", refusing(get_sides)),
    ActivityRoute("/city/circles/{mark:uuid}", refusing(get_marked)),
]
