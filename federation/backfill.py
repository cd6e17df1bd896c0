"""Backfill: what was said in a community or thread elsewhere before we heard of it (FEP-f228).

Each thing is fetched from its own id and then goes the way of every arrival. A list only says
where to look; that something was said in a community is believed of the community's own server.
"""

import asyncio
from dataclasses import dataclass, field

import structlog

from federation import fetch, inbox, origins
from federation.documents import Document, Json, id_of, many, one
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.messages import Message
from federation.outbox import Received
from federation.wire import blueprints as recipes
from schema import actors, blueprints, posts, proposals
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Refusal

log = structlog.get_logger()

MOST_POSTS = 120  # that one backfill asks for
MOST_LISTED = 400  # entries of a list that are looked at
DEEPEST = 6  # replies to replies, where there is no list of the whole thread
MOST_VERSIONS = 30  # of a blueprint, back from the newest
LONGEST = 120.0  # seconds
ELSEWHERE = (Gone, Malformed, Refused, Unreachable, Untrusted, Refusal)


async def job(instance: Instance, uri: str) -> None:
    """One community, thread, listing or blueprint; Unreachable where its own server is silent."""
    try:
        async with asyncio.timeout(LONGEST):
            await backfill(instance, uri)
    except TimeoutError:
        log.info("backfill", uri=uri, error="took too long")
    except (Gone, Malformed, Refused, Untrusted, Refusal) as error:
        log.info("backfill", uri=uri, error=str(error))


async def backfill(instance: Instance, uri: str) -> int:
    """How many things were new."""
    async with instance.read() as conn:
        found = await actors.find(conn, uri)
        home = await _home(conn, uri)
        known = await posts.find(conn, uri) or await proposals.find(conn, uri)
    if found is not None:
        return await _community(instance, found) if found.kind == "group" else 0
    if known is None:
        document = await fetch.document(instance, uri)
        if recipes.is_blueprint(document):
            return await _versions(instance, document)
    return await _thread(instance, uri, home)


async def _versions(instance: Instance, document: Document) -> int:
    """A blueprint as it is now, and the versions before that were missed; `document` is it, or one
    of its versions."""
    whole = id_of(one(document.get("specializationOf"))) or ""
    if whole and origins.same_origin(whole, id_of(document) or ""):
        document = await fetch.document(instance, whole)
    uri = id_of(document) or ""
    new = await inbox.take(instance, document, Received(None, document))
    for _ in range(MOST_VERSIONS):
        before = id_of(one(document.get("wasRevisionOf"))) or ""
        if not origins.same_origin(before, uri):
            break
        async with instance.read() as conn:
            if await blueprints.find_version(conn, before):
                break
        document = await fetch.document(instance, before)
        if id_of(one(document.get("specializationOf"))) != uri:
            break
        new += await inbox.take(instance, document, Received(None, document))
    return new


async def _home(conn: Conn, uri: str) -> Actor | None:
    """The community that a known post or listing stands in."""
    thing = await posts.find(conn, uri) or await proposals.find(conn, uri)
    if thing is None or thing.community_id is None:
        return None
    return await actors.get(conn, thing.community_id)


async def _community(instance: Instance, group: Actor) -> int:
    """What its outbox holds, the oldest first, and what it has pinned."""
    if group.is_local or group.deleted_at:
        return 0
    document = await fetch.document(instance, group.uri)
    walk = _Walk(instance, group)
    for uri, entry in reversed(await _things(instance, group, id_of(document.get("outbox")))):
        await walk.bring(uri, entry)
    await _pin(instance, group, id_of(document.get("featured")))
    return walk.new


async def _things(
    instance: Instance, group: Actor, outbox: str | None
) -> "list[tuple[str, str | Document]]":
    """Addresses of posts and listings in an outbox with the first entry about each, the newest
    first."""
    if not outbox or not origins.same_origin(outbox, group.uri):
        return []
    listed = await fetch.items(instance, outbox, MOST_LISTED)
    found = {uri: item for item in reversed(listed) if (uri := thing_of(item))}
    newest = list(reversed(found.items()))
    return newest[:MOST_POSTS]


def thing_of(item: Json) -> str | None:
    """What an entry of an outbox is about: the object of a Create, announced or not."""
    for _ in range(3):
        if not isinstance(item, dict):
            break
        kind = one(item.get("type"))
        if kind not in ("Announce", "Create", "Update"):
            return None if id_of(item.get("actor")) else id_of(item)
        item = one(item.get("object"))
    return item if isinstance(item, str) else id_of(item)


async def _pin(instance: Instance, group: Actor, featured: str | None) -> None:
    if not featured or not origins.same_origin(featured, group.uri):
        return
    for item in await _listed(instance, featured):
        uri = id_of(item) or ""
        added: Document = {"type": "Add", "actor": group.uri, "object": uri, "target": featured}
        try:
            await inbox.handle(
                instance, Message("Add", group, added, uri, None, Received(None, added))
            )
        except ELSEWHERE as error:
            log.info("backfill", uri=uri, error=str(error))


async def _thread(instance: Instance, uri: str, home: Actor | None) -> int:
    """The posts of its `context`; where it has none, the replies, and the replies to those."""
    document = await fetch.document(instance, uri)
    context = id_of(one(document.get("context")))
    owner = home.uri if home and not home.is_local else uri
    if context and context.startswith("http") and origins.same_origin(context, owner):
        walk = _Walk(instance, home)
        for item in await _listed(instance, context):
            await walk.bring(thing_of(item) or "")
        if walk.asked or walk.seen:
            return walk.new
    walk = _Walk(instance, home)
    await walk.below(document, 1)
    return walk.new


async def _listed(instance: Instance, value: Json) -> "list[str | Document]":
    """The entries of a collection in whichever shape: an address, a list, or written out."""
    try:
        if isinstance(value, str):
            return await fetch.items(instance, value, MOST_LISTED)
        if isinstance(value, list):
            return [item for item in value if isinstance(item, str | dict)]
        if not isinstance(value, dict):
            return []
        entries = [*many(value.get("orderedItems")), *many(value.get("items"))]
        found: list[str | Document] = [item for item in entries if isinstance(item, str | dict)]
        more = value.get("first") or value.get("next") or (None if found else id_of(value))
        return [*found, *await _listed(instance, more)][:MOST_LISTED]
    except ELSEWHERE as error:
        log.info("backfill", list=str(id_of(value) or value)[:200], error=str(error))
        return []


@dataclass(slots=True)
class _Walk:
    """One backfill: what it has seen, asked for and found."""

    instance: Instance
    home: Actor | None
    seen: set[str] = field(default_factory=set[str])
    asked: int = 0
    new: int = 0

    async def bring(self, uri: str, entry: Json = None) -> Document | None:
        """Fetches one thing that is not known yet, and takes it as an arrival. Where its server
        does not give it to us (it does not know that we belong to the community), what the group
        passed on counts, with the author's proof."""
        if not uri or uri in self.seen or self.asked >= MOST_POSTS or await self._is_known(uri):
            return None
        self.seen.add(uri)
        self.asked += 1
        try:
            found = await fetch.document(self.instance, uri)
            if await inbox.take(self.instance, found, Received(None, found, self._through())):
                self.new += 1
        except ELSEWHERE as error:
            log.info("backfill", uri=uri, error=str(error))
            await self._by_proof(entry)
            return None
        return found

    async def _by_proof(self, entry: Json) -> None:
        group = self._through()
        if group is None or not isinstance(entry, dict) or id_of(entry.get("actor")) != group.uri:
            return
        try:
            inner = entry.get("object")
            if not isinstance(inner, dict) or "proof" not in inner:
                return
            if await inbox.relayed(self.instance, group, inner, Received(None, entry)):
                self.new += 1
        except ELSEWHERE as error:
            log.info("backfill", uri=str(id_of(entry)), error=str(error))

    async def below(self, document: Document, depth: int) -> None:
        """The replies of one post, and theirs; a list of another server is not asked."""
        replies = document.get("replies")
        own = id_of(document) or ""
        listing = id_of(replies)
        if depth > DEEPEST or (listing and not origins.same_origin(listing, own)):
            return
        for item in await _listed(self.instance, replies):
            found = await self.bring(id_of(item) or "")
            if found is not None:
                await self.below(found, depth + 1)

    def _through(self) -> Actor | None:
        return self.home if self.home and not self.home.is_local else None

    async def _is_known(self, uri: str) -> bool:
        if self.instance.addresses.is_ours(uri):
            self.seen.add(uri)
            return True
        async with self.instance.read() as conn:
            known = await posts.find(conn, uri) or await proposals.find(conn, uri)
        if known is not None:
            self.seen.add(uri)
        return known is not None
