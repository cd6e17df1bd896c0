"""What belongs to knowledge bridges, and pledges, as ActivityStreams, for everybody."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from federation.acts import lessons, meetings, pacts, pledges, questions
from federation.addresses import Addresses
from federation.documents import Document
from federation.endpoints import Endpoint, answer, signed_only
from federation.negotiation import ActivityRoute
from federation.readers import NOT_HERE, instance_of
from schema.database import Conn
from schema.errors import Missing


def _thing(find: Callable[[Conn, Addresses, UUID], Awaitable[Document | None]]) -> Endpoint:
    async def found(request: Request) -> Response:
        instance = instance_of(request)
        async with instance.read() as conn:
            document = await find(conn, instance.addresses, request.path_params["id"])
        if document is None:
            raise Missing(NOT_HERE)
        return answer(document)

    return found


routes = [
    ActivityRoute("/bridges/{id:uuid}", signed_only(_thing(pacts.document))),
    ActivityRoute("/pledges/{id:uuid}", signed_only(_thing(pledges.document))),
    ActivityRoute("/bridges/sessions/{id:uuid}", signed_only(_thing(meetings.document))),
    ActivityRoute("/bridges/questions/{id:uuid}", signed_only(_thing(questions.document))),
    ActivityRoute("/bridges/lessons/{id:uuid}", signed_only(_thing(lessons.document))),
]
