"""WebFinger (RFC 7033), host-meta and NodeInfo (FEP-f1d5, FEP-0151)."""

from importlib.metadata import version
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from federation.addresses import Addresses
from federation.instance import Instance
from federation.intents import REL, SUBSCRIBE
from schema import accounts, actors
from schema.actors import Actor

AS_TYPE = "application/activity+json"
_OPEN = {"Access-Control-Allow-Origin": "*"}


def instance_of(request: Request) -> Instance:
    """The city this request is for."""
    return request.app.state.instance


def _json(document: object, kind: str = "application/json") -> Response:
    return Response(orjson.dumps(document), media_type=kind, headers=_OPEN)


async def webfinger(request: Request) -> Response:
    """acct:name@host, an actor's id, its page, or our origin (FEP-d556) to the actor's id."""
    resource = request.query_params.get("resource")
    if not resource:
        return PlainTextResponse("resource is missing", 400, headers=_OPEN)
    instance = instance_of(request)
    actor = await _find(instance, resource)
    hidden = actor is not None and actor.kind == "group" and not actor.discoverable
    if actor is None or actor.deleted_at or not actor.is_local or hidden:
        return PlainTextResponse("not here", 404, headers=_OPEN)
    rel = "https://www.w3.org/ns/activitystreams#Service" if actor.kind == "instance" else "self"
    links: list[dict[str, str]] = [
        {"rel": rel, "type": AS_TYPE, "href": actor.uri},
        {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": actor.uri},
    ]
    if rel != "self":
        links.insert(0, {"rel": "self", "type": AS_TYPE, "href": actor.uri})
    if actor.kind == "person":
        links += _intents(instance.addresses)
    subject = f"acct:{actor.name}@{instance.config.host}"
    found = {"subject": subject, "aliases": [actor.uri], "links": links}
    return _json(found, "application/jrd+json")


def _intents(addresses: Addresses) -> list[dict[str, str]]:
    """Where residents go on with what they saw elsewhere (FEP-3b86, and OStatus before it)."""
    page = f"{addresses.origin}/authorize_interaction?uri="
    rels = {"Follow": "{object}", "Join": "{object}", "Create": "{inReplyTo}", "Object": "{object}"}
    links = [{"rel": SUBSCRIBE, "template": page + "{uri}"}]
    return links + [{"rel": REL + rel, "template": page + name} for rel, name in rels.items()]


async def _find(instance: Instance, resource: str) -> Actor | None:
    host, addresses = instance.config.host, instance.addresses
    async with instance.read() as conn:
        if resource.rstrip("/") == addresses.origin:
            return await actors.get(conn, instance.actor_id)
        if resource.startswith(("https://", "http://")):
            return await actors.find(conn, resource) if _ours(addresses, resource) else None
        name, _, where = resource.removeprefix("acct:").lstrip("@").rpartition("@")
        if not name or where.lower() not in (host, urlsplit(addresses.origin).hostname):
            return None
        return await actors.find_by_handle(conn, name)


def _ours(addresses: Addresses, uri: str) -> bool:
    return addresses.is_ours(uri)


async def host_meta(request: Request) -> Response:
    """Where WebFinger is, for those who still ask (RFC 6415)."""
    origin = instance_of(request).config.origin
    template = f"{origin}/.well-known/webfinger?resource={{uri}}"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
        f'<Link rel="lrdd" template="{template}"/></XRD>'
    )
    return Response(body, media_type="application/xrd+xml", headers=_OPEN)


async def nodeinfo_links(request: Request) -> Response:
    """NodeInfo in both versions, and the instance actor (FEP-2677)."""
    origin = instance_of(request).config.origin
    schema = "http://nodeinfo.diaspora.software/ns/schema/"
    links = [
        {"rel": schema + "2.1", "href": f"{origin}/nodeinfo/2.1"},
        {"rel": schema + "2.0", "href": f"{origin}/nodeinfo/2.0"},
        {
            "rel": "https://www.w3.org/ns/activitystreams#Application",
            "href": instance_of(request).addresses.instance,
        },
    ]
    return _json({"links": links})


async def nodeinfo(request: Request) -> Response:
    """Software, protocols and rough numbers of this place."""
    instance, wanted = instance_of(request), str(request.path_params["version"])
    if wanted not in ("2.0", "2.1"):
        return PlainTextResponse("not here", 404)
    settings = await instance.settings()
    async with instance.read() as conn:
        people = await accounts.count_active(conn)
        staff = await actors.list_by_id(conn, await accounts.list_admins(conn))
    software = {"name": "stadtnetz", "version": version("stadtnetz")}
    if wanted == "2.1":
        software["homepage"] = instance.config.origin
    document: dict[str, object] = {
        "version": wanted,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": settings.sign_up == "open",
        "usage": {"users": {"total": people}},
        "metadata": {
            "nodeName": settings.name,
            "nodeDescription": settings.purpose_de or settings.purpose_en,
            "federation": {"enabled": True},
            "staffAccounts": sorted(admin.uri for admin in staff if admin.discoverable),
        },
    }
    profile = f"http://nodeinfo.diaspora.software/ns/schema/{wanted}#"
    return _json(document, f'application/json; profile="{profile}"')


routes = [
    Route("/.well-known/webfinger", webfinger),
    Route("/.well-known/host-meta", host_meta),
    Route("/.well-known/nodeinfo", nodeinfo_links),
    Route("/nodeinfo/{version}", nodeinfo),
]
