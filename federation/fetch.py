"""The only GET to other servers: signed by the instance actor, guarded, and checked for its id."""

from collections.abc import Mapping
from dataclasses import dataclass

from federation import documents, knock, origins, signatures
from federation.client import Answer
from federation.documents import Document, id_of, many
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.rfc9421 import Asked
from federation.signed import Scheme
from schema import keys, peers

MOST_PAGES = 40
MOST_ITEMS = 1000


async def document(instance: Instance, uri: str) -> Document:
    """The object at its own id (FEP-fe34): Gone, Unreachable, Refused, Malformed or Untrusted.

    Where the answer has another id of the same server, that one is asked once.
    """
    found = await _get(instance, uri)
    id = id_of(found)
    if id == uri.partition("#")[0] or id == uri:
        return found
    if not id or not origins.same_origin(id, uri):
        raise Untrusted(f"{uri} answers with the id {id}")
    again = await _get(instance, id)
    if id_of(again) != id:
        raise Untrusted(f"{id} answers with the id {id_of(again)}")
    return again


async def items(instance: Instance, uri: str, limit: int = MOST_ITEMS) -> "list[str | Document]":
    """What a collection lists, following pages of the same server; bounded by pages and items."""
    found: list[str | Document] = []
    seen: set[str] = set()
    page = await _get(instance, uri)
    for _ in range(MOST_PAGES):
        for item in [*many(page.get("orderedItems")), *many(page.get("items"))]:
            if isinstance(item, str | dict):
                found.append(item)
        following = page.get("next") or page.get("first")
        if isinstance(following, dict):
            page = following
            continue
        if not isinstance(following, str) or following in seen or len(found) >= limit:
            break
        if not origins.same_origin(following, uri):
            break
        seen.add(following)
        page = await _get(instance, following)
    return found[:limit]


async def _get(instance: Instance, uri: str) -> Document:
    origin = _origin(instance, uri)
    async with instance.read() as conn:
        found = await keys.approach(conn, origin, instance.actor_id)
    if found.is_blocked:
        raise Refused(f"{origin} is blocked")
    if instance.keys.get(found.key_id) is None:
        instance.keys.put(found.key_id, found.rsa_private)

    async def send(scheme: Scheme, asked: Asked | None) -> Answer:
        sign = Sign(instance, found.key_id, scheme, asked)
        try:
            return await instance.client.get(uri.partition("#")[0], sign=sign)
        except Refused as refused:
            instance.remembered.tally.note("egress", uri, refused.reason)
            raise

    manner = knock.manner(origin, found.scheme, found.scheme_at, instance.clock())
    try:
        answer = await knock.knock(instance, manner, send)
    except Unreachable as silent:
        silent.origin = origin
        raise
    if answer.status in (404, 410):
        raise Gone(uri, for_good=answer.status == 410)
    if answer.status in (408, 425, 429) or answer.status >= 500:
        after = answer.retry_after(instance.clock())
        raise Unreachable(f"{uri} answers {answer.status}", retry_after=after, origin=origin)
    if answer.status != 200:
        raise Refused(f"{uri} answers {answer.status}")
    if not answer.is_activity:
        raise Malformed(f"{uri} answers with {answer.content_type}")
    if not origins.same_origin(answer.url, uri):
        raise Untrusted(f"{uri} leads to another server")
    return documents.parse(answer.body)


async def text(instance: Instance, url: str, largest: int = 400_000) -> str:
    """A file that is only text, such as a manifest; not signed, it is no document of ours."""
    await check(instance, url)
    answer = await instance.client.get(
        url, headers={"Accept": "text/*, */*;q=0.5"}, largest=largest
    )
    if answer.status in (404, 410):
        raise Gone(url, for_good=False)
    if answer.status != 200:
        raise Unreachable(f"{url} answers {answer.status}")
    return answer.body.decode("utf-8", "replace")


async def json(instance: Instance, url: str) -> Document:
    """A JSON document that is no ActivityStreams: WebFinger, NodeInfo."""
    await check(instance, url)
    answer = await instance.client.get(
        url, headers={"Accept": "application/jrd+json, application/json"}
    )
    if answer.status in (404, 410):
        raise Gone(url, for_good=False)
    if answer.status != 200:
        raise Unreachable(f"{url} answers {answer.status}")
    return documents.parse(answer.body)


async def check(instance: Instance, uri: str) -> str:
    """Its origin; Refused for our own addresses and for blocked servers."""
    origin = _origin(instance, uri)
    async with instance.read() as conn:
        if await peers.is_blocked(conn, origin):
            raise Refused(f"{origin} is blocked")
    return origin


def _origin(instance: Instance, uri: str) -> str:
    loopback = instance.config.allow_loopback_peers
    origin = str(origins.origin_of(uri, loopback=loopback))
    if origin == instance.config.origin:
        raise Refused(f"{uri} is our own")
    return origin


@dataclass(frozen=True, slots=True)
class Sign:
    """Signs a GET for each hop anew, as the instance actor."""

    instance: Instance
    key_id: str
    scheme: Scheme
    asked: Asked | None

    def __call__(self, url: str) -> Mapping[str, str]:
        """The headers for this address."""
        key = self.instance.keys.get(self.key_id)
        if key is None:
            raise Unreachable("the key was forgotten meanwhile")
        return signatures.sign_get(
            url,
            key_id=self.key_id,
            private_key=key,
            now=self.instance.clock(),
            scheme=self.scheme,
            asked=self.asked,
        )
