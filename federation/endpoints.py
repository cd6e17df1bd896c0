"""Routes that speak ActivityStreams: actors, objects, collections, inboxes."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import collections, counting, inbox, signatures
from federation.acts import agreements as agreement_acts
from federation.acts import blueprints as blueprint_acts
from federation.acts import build_reports as report_acts
from federation.acts import chats as chat_acts
from federation.acts import circle_letters, editions
from federation.acts import posts as post_acts
from federation.acts import proposals as proposal_acts
from federation.documents import Document, Json
from federation.errors import Malformed, Refused, Unproved, Unreachable, Untrusted
from federation.instance import Instance
from federation.negotiation import ActivityRoute
from federation.readers import (
    NOT_HERE,
    demands_signature,
    instance_of,
    is_entitled,
    is_hidden,
    is_neighbour,
    may_know,
    may_read,
    reader_of,
    signed_request,
)
from federation.wire import actors as wire
from federation.wire import moves as move_wire
from federation.wire.contexts import AS
from schema import activities, actors, chats, deliveries, keys, moves, posts, projects, proposals
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Missing, TooMany

log = structlog.get_logger()
LARGEST_BODY = 1_000_000  # bytes
TYPE = "application/activity+json"
VARY = "Accept, Signature, Cookie"
FOR_NOBODY = {"Vary": VARY, "Cache-Control": "private, no-store"}
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def answer(document: Document, *, private: bool = False) -> Response:
    """A document of ours. Caches must not mix pages and documents, nor readers."""
    cache = "private, no-store" if private else "public, max-age=60"
    headers = {"Vary": VARY, "Cache-Control": cache}
    return Response(orjson.dumps(document), media_type=TYPE, headers=headers)


async def post_inbox(request: Request) -> Response:
    """202 stored, known or dropped; 400, 401, 403, 413, 415, 429 and 503 say why not."""
    if request.headers.get("content-encoding", "identity") != "identity":
        return Response("Compressed letters are not opened.", 415)
    reach = instance_of(request).reach
    reach("rcv.headers")
    body = await _read(request)
    if body is None:
        return Response("Too large.", 413)
    try:
        await inbox.accept(instance_of(request), signed_request(request, body))
        await counting.write(instance_of(request))
    except Malformed as error:
        return _no(request, 400, error.reason)
    except Untrusted as error:
        counting.unsigned(instance_of(request), request.headers, error.reason)
        response = _no(request, 401, error.reason)
        response.headers["Accept-Signature"] = signatures.ACCEPT_SIGNATURE
        return response
    except Unproved as error:
        log.info("inbox dropped", reason=error.reason, path=request.url.path)
    except (inbox.Unwanted, Refused) as error:
        return _no(request, 403, str(error))
    except TooMany as error:
        response = _no(request, 429, "too many letters from there")
        response.headers["Retry-After"] = str(error.seconds)
        return response
    except Unreachable as error:
        response = _no(request, 503, error.reason)
        response.headers["Retry-After"] = "60"
        return response
    reach("rcv.reply")
    return Response(status_code=202)


def _no(request: Request, status: int, reason: str) -> Response:
    log.info("inbox refused", status=status, reason=reason, path=request.url.path)
    return Response(reason, status, media_type="text/plain")


async def _read(request: Request) -> bytes | None:
    """The body, or None when there is more than LARGEST_BODY of it."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


async def local_actor(conn: Conn, request: Request) -> Actor:
    """The actor this path names; Missing unless it lives here."""
    instance = instance_of(request)
    path = request.url.path
    if path.startswith("/city"):
        return await actors.get(conn, instance.city_id)
    if path.startswith("/actor"):
        return await actors.get(conn, instance.actor_id)
    found = await actors.find_by_handle(conn, request.path_params["name"])
    wanted = "person" if path.startswith("/people/") else "group"
    if found is None or found.kind != wanted:
        raise Missing(NOT_HERE)
    return found


async def get_actor(request: Request) -> Response:
    """An actor's document; 410 and a Tombstone for one who has gone."""
    instance = instance_of(request)
    async with instance.read() as conn:
        actor = await local_actor(conn, request)
        home = move_wire.home(await moves.home_of(conn, actor.id))
        replaced = await keys.list_replaced(conn, actor.id, instance.clock())
    await may_know(request, actor)
    if actor.deleted_at:
        return _tombstone(actor.uri, private=is_hidden(actor))
    document = wire.build(actor, instance.addresses, replaced)
    return answer({**document, **home}, private=is_hidden(actor))


async def get_proposal(request: Request) -> Response:
    """A need or an offer of ours."""
    instance = instance_of(request)
    async with instance.read() as conn:
        row = await proposals.get(conn, request.path_params["id"])
    _ours(instance, row.uri, request)
    await may_read(request, row.scope, row.community_id)
    private = row.scope != "everyone"
    if row.state in ("withdrawn", "removed"):
        return _tombstone(row.uri, private=private)
    async with instance.read() as conn:
        document = await proposal_acts.document(conn, instance.addresses, row)
    return answer(document, private=private)


async def get_plan(request: Request) -> Response:
    """The plan of a project of ours."""
    instance = instance_of(request)
    async with instance.read() as conn:
        group = await actors.find_by_handle(conn, request.path_params["name"])
        row = await projects.find(conn, group.id) if group else None
    if group is None or row is None:
        raise Missing(NOT_HERE)
    await may_know(request, group)
    if group.deleted_at:
        return _tombstone(row.plan_uri, private=is_hidden(group))
    _ours(instance, row.plan_uri, request)
    async with instance.read() as conn:
        document = await editions.document(conn, instance.addresses, row)
    return answer(document, private=is_hidden(group))


async def get_blueprint(request: Request) -> Response:
    """A blueprint of ours, or one of its versions."""
    instance = instance_of(request)
    async with instance.read() as conn:
        row, version = await blueprint_acts.served(conn, instance.addresses, request.url.path)
    await may_read(request, row.scope, row.community_id)
    if row.state != "open":
        return _tombstone(row.uri, private=row.scope != "everyone")
    async with instance.read() as conn:
        document = await blueprint_acts.document(conn, instance.addresses, row, version)
    return answer(document, private=row.scope != "everyone")


async def get_build_report(request: Request) -> Response:
    """What somebody here says who built a blueprint, of here or elsewhere."""
    instance = instance_of(request)
    async with instance.read() as conn:
        row, about = await report_acts.served(conn, instance.addresses, request.url.path)
    await may_read(request, about.scope, about.community_id)
    if row.removed_at:
        return _tombstone(row.uri, private=about.scope != "everyone")
    async with instance.read() as conn:
        document = await report_acts.document(conn, instance.addresses, row)
    return answer(document, private=about.scope != "everyone")


async def get_post(request: Request) -> Response:
    """A post of ours."""
    instance = instance_of(request)
    async with instance.read() as conn:
        row = await posts.get(conn, request.path_params["id"])
    _ours(instance, row.uri, request)
    await may_read(request, row.scope, row.community_id)
    private = row.scope != "everyone"
    if row.is_gone:
        return _tombstone(row.uri, private=private)
    async with instance.read() as conn:
        document = await post_acts.document(conn, instance.addresses, row)
    return answer(document, private=private)


async def get_agreement(request: Request) -> Response:
    """A finished Agreement of ours (FEP-0837): for the servers of the two, and nobody else."""
    uri, reader = instance_of(request).addresses.origin + request.url.path, await reader_of(request)
    async with instance_of(request).read() as conn:
        document = await agreement_acts.document(conn, uri, reader)
    return answer(document, private=True)


async def get_circle(request: Request) -> Response:
    """An exchange circle that was found here: for the cities of those in it, and nobody else."""
    instance, reader = instance_of(request), await reader_of(request)
    async with instance.read() as conn:
        city = await actors.get(conn, instance.city_id)
        uri = instance.addresses.origin + request.url.path
        document = await circle_letters.document(conn, city, uri, reader)
    return answer(document, private=True)


async def get_thread(request: Request) -> Response:
    """What was said below a post of ours, as its `context` names it (FEP-f228)."""
    instance = instance_of(request)
    async with instance.read() as conn:
        row = await posts.get(conn, request.path_params["id"])
    if row.is_gone or not row.is_first or not instance.addresses.is_ours(row.uri):
        raise Missing(NOT_HERE)
    await may_read(request, row.scope, row.community_id)
    async with instance.read() as conn:
        document = await post_acts.thread(conn, instance.addresses, row)
    return answer(document, private=row.scope != "everyone")


async def get_discussion(request: Request) -> Response:
    """The answers below a need or offer of ours (`replies`), or it and they (`context`)."""
    instance = instance_of(request)
    name: str = request.path_params["name"]
    if name not in ("replies", "thread"):
        raise Missing(NOT_HERE)
    async with instance.read() as conn:
        row = await proposals.get(conn, request.path_params["id"])
        if row.scope != "everyone" or row.state in ("withdrawn", "removed"):
            raise Missing(NOT_HERE)
        _ours(instance, f"{row.uri}/{name}", request)
        answers = await posts.list_answers(conn, row.id, None, 1000)
    items: list[Json] = [row.uri] if name == "thread" else []
    items += [post.uri for post in answers if not post.is_gone]
    return answer(
        {
            "@context": AS,
            "id": f"{row.uri}/{name}",
            "type": "OrderedCollection",
            "totalItems": len(items),
            "orderedItems": items,
        }
    )


async def get_activity(request: Request) -> Response:
    """An activity of ours: a public one for all, another for the servers that it was meant for."""
    async with instance_of(request).read() as conn:
        row = await activities.get(conn, request.path_params["id"])
    if row.direction != "out":
        raise Missing(NOT_HERE)
    if not row.public:
        await _check_addressed(request, row.id)
    cache = "public, max-age=60" if row.public else "private, no-store"
    headers = {"Vary": VARY, "Cache-Control": cache}
    return Response(row.document, media_type=TYPE, headers=headers)


async def _check_addressed(request: Request, id: UUID) -> None:
    """Missing for every server that the activity was not brought to."""
    origin = await reader_of(request)
    if origin is not None:
        async with instance_of(request).read() as conn:
            if await deliveries.was_sent_to(conn, id, origin):
                return
    raise Missing(NOT_HERE)


async def get_letter(request: Request) -> Response:
    """A private letter, to the servers of those who got it."""
    instance = instance_of(request)
    async with instance.read() as conn:
        message = await chats.get(conn, request.path_params["id"])
    _ours(instance, message.uri, request)
    origin = await reader_of(request)
    async with instance.begin() as tx:
        if origin is None or not await chats.has_reader_at(tx.conn, message.chat_id, origin):
            raise Missing(NOT_HERE)
        document = await chat_acts.document(tx, message)
    if message.deleted_at:
        return _tombstone(message.uri, private=True)
    return answer(document, private=True)


def _ours(instance: Instance, uri: str, request: Request) -> None:
    if uri != instance.addresses.origin + request.url.path:
        raise Missing(NOT_HERE)


def _tombstone(uri: str, *, private: bool) -> Response:
    gone = answer({"@context": AS, "id": uri, "type": "Tombstone"}, private=private)
    gone.status_code = 410
    return gone


async def get_collection(request: Request) -> Response:
    """One of an actor's collections, or a page of it (`?page=…`, keyset)."""
    instance = instance_of(request)
    name: str = request.path_params["collection"]
    async with instance.read() as conn:
        actor = await local_actor(conn, request)
    await may_know(request, actor)
    shows_more = actor.kind == "city" and name in collections.COMPARED
    for_members = actor.kind == "group" and name == "outbox"
    reader = await reader_of(request) if shows_more or for_members else None
    async with instance.read() as conn:
        neighbour = shows_more and reader is not None and await is_neighbour(conn, reader)
        member = for_members and reader is not None
        member = member and await is_entitled(conn, reader or "", "community", actor.id)
        page = request.query_params.get("page")
        document = await collections.build(
            conn, instance.addresses, actor, name, page, neighbour=neighbour, member=member
        )
    return answer(document, private=neighbour or member or is_hidden(actor))


def refusing(endpoint: Endpoint) -> Endpoint:
    """Missing becomes a bare 404: a server reads no page."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Missing:
            return Response("Not here.", 404, FOR_NOBODY, "text/plain")

    return answered


def signed_only(endpoint: Endpoint) -> Endpoint:
    """Where the place wants every reader to sign: 401 for the others. As `refusing` else."""
    refused = refusing(endpoint)

    async def answered(request: Request) -> Response:
        if not await demands_signature(request):
            return await refused(request)
        if await reader_of(request) is None:
            headers = {**FOR_NOBODY, "Accept-Signature": signatures.ACCEPT_SIGNATURE_GET}
            return Response("Please sign.", 401, headers, "text/plain")
        found = await refused(request)
        found.headers["Cache-Control"] = "private, no-store"
        return found

    return answered


_ACTORS = ("/people/{name}", "/communities/{name}", "/city", "/actor")

routes = [
    Route("/inbox", post_inbox, methods=["POST"]),
    *(Route(f"{path}/inbox", post_inbox, methods=["POST"]) for path in _ACTORS),
    # The server's own actor is for everybody: its key is what signatures are checked with.
    ActivityRoute("/actor", refusing(get_actor)),
    *(ActivityRoute(path, signed_only(get_actor)) for path in _ACTORS),
    ActivityRoute("/offers/{id:uuid}", signed_only(get_proposal)),
    ActivityRoute("/needs/{id:uuid}", signed_only(get_proposal)),
    *(
        ActivityRoute(f"/{folder}/{{id:uuid}}/{{name}}", signed_only(get_discussion))
        for folder in ("offers", "needs")
    ),
    ActivityRoute("/projects/{name}", signed_only(get_plan)),
    ActivityRoute("/blueprints/{id:uuid}", signed_only(get_blueprint)),
    ActivityRoute("/blueprints/{id:uuid}/versions/{number:int}", signed_only(get_blueprint)),
    ActivityRoute("/blueprints/{id:uuid}/reports/{report:uuid}", signed_only(get_build_report)),
    ActivityRoute("/posts/{id:uuid}", signed_only(get_post)),
    ActivityRoute("/posts/{id:uuid}/thread", signed_only(get_thread)),
    ActivityRoute("/messages/letters/{id:uuid}", signed_only(get_letter)),
    Route("/activities/{id:uuid}", signed_only(get_activity)),
    *(ActivityRoute(f"{path}/{{collection}}", signed_only(get_collection)) for path in _ACTORS),
    ActivityRoute("/agreements/{id:uuid}", signed_only(get_agreement)),
    ActivityRoute("/circles/{id:uuid}", signed_only(get_circle)),
]
