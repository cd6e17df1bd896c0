"""The ledger a neighbour may read: what we have sent it, in the order in which it ended."""

from starlette.requests import Request
from starlette.responses import Response

from federation import documents
from federation.documents import Document, Json
from federation.endpoints import answer, refusing
from federation.negotiation import ActivityRoute
from federation.readers import instance_of, reader_of
from federation.wire.contexts import AS
from schema import ledgers, peers
from schema.errors import Missing
from schema.ledgers import Entry

SIZE = 500  # ids of one page
WHOLE = 50  # activities of one page


async def get_sent(request: Request) -> Response:
    """`?after=N` names what came after that number, `&whole=1` gives it; for that neighbour alone.

    While the exchange is paused it is told to come later (503).
    """
    instance, query = instance_of(request), request.query_params
    origin = await reader_of(request)
    whole = query.get("whole") == "1"
    after = int(query["after"]) if query.get("after", "").isdecimal() else 0
    async with instance.read() as conn:
        peer = await peers.find(conn, origin) if origin else None
        if peer is None or peer.link != "linked" or not peer.publishes:
            raise Missing("There is nothing here, or it is not meant for you.")
        if peer.paused_at:
            return Response("paused", 503, headers={"Retry-After": "3600"})
        ledger = await ledgers.get(conn, peer.origin)
        limit = WHOLE if whole else SIZE
        found = await ledgers.list_sent(conn, peer.origin, min(after, 2**62), limit, whole=whole)
    base = f"{instance.addresses.city}/sent"
    document: Document = {
        "@context": AS,
        "id": f"{base}?{request.url.query}" if request.url.query else base,
        "type": "OrderedCollectionPage",
        "partOf": base,
        "sequence": ledger.sequence,
        "forgotten": ledger.forgotten,
        "orderedItems": [_item(entry) for entry in found],
    }
    if len(found) == limit:
        more = "&whole=1" if whole else ""
        document["next"] = f"{base}?after={found[-1].sequence}{more}"
    return answer(document, private=True)


def _item(entry: Entry) -> Json:
    if entry.document:
        activity = documents.parse(entry.document.encode())
        return {"sequence": entry.sequence, "activity": activity}
    return {"sequence": entry.sequence, "id": entry.uri}


routes = [ActivityRoute("/city/sent", refusing(get_sent))]
