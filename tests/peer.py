"""A scripted foreign server: its own keys and documents, what it says, and what it heard."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from federation import signatures
from federation.keys import load_private
from tests.make import a_key_pair
from tests.world import City, Wire

AS = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{AS}#Public"


@dataclass(slots=True)
class Peer:
    """A server of another make at `host`, with one person `pat` and whatever is added.

    `status`, `headers`, `answers` and `by_headers` say how its inboxes answer, `gone` how addresses
    that are no more do, `scripts` what an address answers instead of a document; `heard` is what
    was brought, `requests` how.
    """

    host: str
    wire: Wire
    documents: dict[str, Any] = field(default_factory=dict[str, Any])
    heard: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    status: int = 202
    answers: Callable[[dict[str, Any]], int] | None = None
    by_headers: Callable[[Any], int] | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    requests: list[Request] = field(default_factory=list[Request])
    gone: dict[str, int] = field(default_factory=dict[str, int])
    scripts: dict[str, Callable[[Request], Response]] = field(
        default_factory=dict[str, Callable[[Request], Response]]
    )
    key: str = "main-key"
    pair: Any = field(default_factory=a_key_pair)

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    @property
    def pat(self) -> str:
        return f"{self.origin}/u/pat"

    def start(self) -> "Peer":
        """Joins the wire."""
        self.add_actor("pat")
        app = Starlette(
            routes=[
                Route("/.well-known/webfinger", self._webfinger),
                Route("/{path:path}", self._inbox, methods=["POST"]),
                Route("/{path:path}", self._document),
            ]
        )
        self.wire.apps[self.host] = app
        return self

    def add_actor(self, name: str, kind: str = "Person", **more: Any) -> str:
        """An actor that all share one key; returns its id."""
        uri = f"{self.origin}/{'c' if kind == 'Group' else 'u'}/{name}"
        self.documents[uri] = {
            "@context": [AS, "https://w3id.org/security/v1"],
            "id": uri,
            "type": kind,
            "preferredUsername": name,
            "inbox": f"{uri}/inbox",
            "outbox": f"{uri}/outbox",
            "followers": f"{uri}/followers",
            "publicKey": {
                "id": f"{uri}#main-key",
                "owner": uri,
                "publicKeyPem": self.pair.rsa_public,
            },
            **more,
        }
        return uri

    def add(self, document: dict[str, Any]) -> str:
        """A document served at its id."""
        self.documents[document["id"]] = document
        return document["id"]

    def note(self, content: str = "<p>hello</p>", by: str = "", **more: Any) -> dict[str, Any]:
        """A Note of pat's, served at its id."""
        note = {
            "@context": AS,
            "id": f"{self.origin}/notes/{uuid4()}",
            "type": "Note",
            "attributedTo": by or self.pat,
            "content": content,
            "published": datetime.now(UTC).isoformat(),
            "to": [PUBLIC],
            "cc": [],
            **more,
        }
        self.add(note)
        return note

    def activity(self, kind: str, object: Any, by: str = "", **more: Any) -> dict[str, Any]:
        """An activity with an id of its own."""
        return {
            "@context": AS,
            "id": f"{self.origin}/activities/{uuid4()}",
            "type": kind,
            "actor": by or self.pat,
            "object": object,
            **more,
        }

    async def says(
        self,
        city: City,
        document: dict[str, Any] | bytes,
        *,
        by: str = "",
        path: str = "/inbox",
        scheme: Any = "cavage",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Posts it to the city's inbox, signed by `by` (pat)."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        signed = signatures.sign_post(
            city.origin + path,
            body,
            key_id=f"{by or self.pat}#{self.key}",
            private_key=load_private(self.pair.rsa_private),
            now=city.clock(),
            scheme=scheme,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(city.app)) as client:
            return await client.post(
                city.origin + path, content=body, headers={**signed, **(headers or {})}
            )

    async def asks(self, city: City, path: str, *, by: str = "", scheme: Any = "cavage") -> Any:
        """A GET for ActivityStreams, signed by `by` (pat)."""
        signed = signatures.sign_get(
            city.origin + path,
            key_id=f"{by or self.pat}#{self.key}",
            private_key=load_private(self.pair.rsa_private),
            now=city.clock(),
            scheme=scheme,
        )
        return await city.get(path, **signed)

    def json(self, document: Any) -> Response:
        """An answer of this server, for `scripts`."""
        return JSONResponse(document, media_type="application/activity+json")

    async def _webfinger(self, request: Request) -> Response:
        uri = f"{self.origin}{request.url.path}"
        if uri in self.scripts:
            return self.scripts[uri](request)
        name = request.query_params["resource"].removeprefix("acct:").partition("@")[0]
        for uri, document in self.documents.items():
            if document.get("preferredUsername") == name:
                link = {"rel": "self", "type": "application/activity+json", "href": uri}
                return JSONResponse({"subject": f"acct:{name}@{self.host}", "links": [link]})
        return Response(status_code=404)

    async def _document(self, request: Request) -> Response:
        uri = f"{self.origin}{request.url.path}"
        if uri in self.scripts:
            return self.scripts[uri](request)
        query = f"{uri}?{request.url.query}" if request.url.query else uri
        found = self.documents.get(query, self.documents.get(uri))
        if found is None or uri in self.gone:
            return Response(status_code=self.gone.get(uri, 404))
        return JSONResponse(found, media_type="application/activity+json")

    async def _inbox(self, request: Request) -> Response:
        self.requests.append(request)
        self.heard.append(json.loads(await request.body()))
        status = self.answers(self.heard[-1]) if self.answers else self.status
        status = self.by_headers(request.headers) if self.by_headers else status
        return Response(status_code=status, headers=self.headers)


async def befriend(city: City, peer: Peer) -> None:
    """Makes the foreign server one that the city listens to."""
    await city.execute(
        "insert into peers (origin, host, link) values (%s, %s, 'linked') "
        "on conflict (origin) do update set link = 'linked'",
        peer.origin,
        peer.host,
    )
