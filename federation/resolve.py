"""URI -> row: fetches and stores what we do not know. Never inside a transaction."""

from datetime import timedelta
from urllib.parse import quote

from federation import fetch, html, origins
from federation.documents import Document, many, text
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance, Tx
from federation.keys import PublicKey, load_public
from federation.wire import actors as wire
from federation.wire.actors import ActorDocument
from schema import actors, communities, ids, keys, media, peers
from schema.actors import Actor
from schema.errors import Missing

FRESH = timedelta(days=3)
KEY_REST = timedelta(minutes=5)


async def actor(instance: Instance, uri: str, *, fresh: bool = False) -> Actor:
    """The actor with this id, ours or foreign; `fresh` asks its server again.

    Missing for one of ours that does not exist; Gone, Unreachable, Refused, Malformed, Untrusted.
    """
    async with instance.read() as conn:
        known = await actors.find(conn, uri)
    if instance.addresses.is_ours(uri):
        if known is None:
            raise Missing("There is nothing here, or it is not meant for you.")
        return known
    young = known is not None and instance.clock() - known.fetched < FRESH
    if known is not None and young and not fresh and known.deleted_at is None:
        return known
    try:
        return await store_actor(instance, await fetch.document(instance, uri))
    except Gone as gone:
        if known and gone.for_good:
            async with instance.begin() as tx:
                await actors.delete(tx.conn, known.id)
        raise


async def store_actor(instance: Instance, document: Document) -> Actor:
    """A foreign actor's document, fetched from its own id, becomes or refreshes a row."""
    read = wire.read(document)
    loopback = instance.config.allow_loopback_peers
    origin = origins.origin_of(read.id, loopback=loopback)
    for address in (read.inbox, read.shared_inbox, read.followers):
        if address and origins.origin_of(address, loopback=loopback) != origin:
            raise Untrusted(f"{read.id} has addresses at another server")
    if instance.addresses.is_ours(read.id):
        raise Untrusted("that is our own address")
    now = instance.clock()
    row = Actor(
        id=ids.new(),
        kind=read.kind,
        uri=read.id,
        peer=str(origin),
        name=read.name,
        host=origin.authority,
        title=read.title,
        about="",
        about_html=html.clean(read.html),
        can="",
        wants="",
        languages=[],
        page_url=_page(read.url) or read.id,
        inbox=read.inbox,
        shared_inbox=read.shared_inbox,
        followers_uri=read.followers,
        members_uri=_own(read.members, read.id),
        moderators_uri=_own(read.moderators, read.id),
        avatar_id=None,
        place_name=read.place_name,
        latitude=read.latitude,
        longitude=read.longitude,
        approves=read.approves,
        discoverable=read.discoverable,
        indexable=read.indexable,
        key_id=read.key_id,
        public_key=read.key_pem,
        ed25519_key=read.ed25519_key,
        created=now,
        updated=now,
        fetched=now,
        deleted_at=None,
        suspended_until=None,
        suspended_reason="",
    )
    async with instance.begin() as tx:
        await peers.meet(tx.conn, str(origin), origin.authority)
        if read.implements is not None:
            await peers.learn_features(tx.conn, str(origin), read.implements, wire.RFC_9421)
        try:
            stored = await actors.refresh(tx.conn, row)
        except Missing as missing:
            raise Untrusted(f"{read.id} was something else before") from missing
        await _store_more(tx, stored, read)
    return stored


async def _store_more(tx: Tx, stored: Actor, read: ActorDocument) -> None:
    """Keys, membership rules and picture."""
    await keys.replace(tx.conn, stored.id, read.keys)
    if stored.kind == "group":
        rule = "approval" if read.approves else "open"
        await communities.ensure(tx.conn, stored, rule, stored.about_html)
    if read.icon and stored.avatar_id is None:
        picture = await media.insert_remote(tx.conn, read.icon, alt="")
        await actors.set_avatar(tx.conn, stored.id, picture)
        await tx.defer("fetch_picture", media_id=str(picture))


def _own(address: str | None, id: str) -> str | None:
    """A list of the actor's own server: whoever changes it there speaks for the actor."""
    try:
        return address if address and origins.same_origin(address, id) else None
    except Malformed:
        return None


def _page(url: str) -> str | None:
    try:
        origins.origin_of(url, loopback=True)
    except Malformed:
        return None
    return url


async def count_members(instance: Instance, group: Actor) -> None:
    """Asks a community elsewhere how many belong to it; what we knew stays if it does not say."""
    if group.is_local or not group.members_uri:
        return
    try:
        found = await fetch.document(instance, group.members_uri)
    except (Gone, Malformed, Refused, Unreachable, Untrusted):
        return
    total = found.get("totalItems")
    if isinstance(total, int) and not isinstance(total, bool):
        async with instance.begin() as tx:
            await communities.set_members(tx.conn, group.id, total)


async def key(instance: Instance, key_id: str, known: Actor | None) -> tuple[Actor, PublicKey]:
    """Who owns this key (`known`, if somebody here does), and the key. The owner's own document
    must list it (FEP-fe34)."""
    words = await _words(instance, known, key_id) if known else ""
    if known is not None and words:
        return known, load_public(words)
    origin, now = str(origins.origin_of(key_id, loopback=True)), instance.clock()
    if not instance.remembered.misses.may_ask(origin, now):
        raise Unreachable(f"{origin} was asked for keys in vain")
    try:
        return await _fetch_key(instance, key_id)
    except (Gone, Malformed, Refused, Untrusted, Unreachable) as error:
        silent = isinstance(error, Unreachable)
        instance.remembered.misses.note(origin, now, silent=silent)
        raise


async def _words(instance: Instance, owner: Actor, key_id: str) -> str:
    """PEM or multibase of a key that the actor lists; '' when it does not."""
    if owner.key_id == key_id and owner.public_key:
        return owner.public_key
    async with instance.read() as conn:
        found = await keys.find(conn, key_id, owner.id)
    return found.public_key if found else ""


async def _fetch_key(instance: Instance, key_id: str) -> tuple[Actor, PublicKey]:
    alone = found = await fetch.document(instance, key_id)
    owner = text(found, "owner") or text(found, "controller") or _owner_in(found)
    if owner and owner != text(found, "id"):
        if not origins.same_origin(owner, key_id):
            raise Untrusted("key and owner are of different servers")
        found = await fetch.document(instance, owner)
    stored = await store_actor(instance, found)
    listed = dict(wire.listed_keys(found, stored.uri))
    if key_id not in listed:
        raise Untrusted("its owner does not list this key")
    words = listed[key_id]
    if not words:  # the owner gives the id alone, so the key's own document says what it is
        words = text(alone, "publicKeyPem") or text(alone, "publicKeyMultibase") or ""
        async with instance.begin() as tx:
            await keys.put(tx.conn, stored.id, key_id, words)
    return stored, load_public(words)


async def newer_key(
    instance: Instance, owner: Actor, key_id: str, old: PublicKey | None
) -> PublicKey | None:
    """The owner's key of this id as its server says now, unless it is `old` still.

    For after a check that failed. Its server is asked at most once in five minutes for one key;
    for one that the owner never listed (`old` None), once in five minutes for the owner.
    """
    misses, origin, now = instance.remembered.misses, owner.peer or "", instance.clock()
    refetched, invented = instance.remembered.refetched, old is None
    if owner.is_local or (invented and now - owner.fetched < KEY_REST):
        return None
    if not refetched.may_ask(key_id, now) or not misses.may_ask(origin, now):
        return None
    refetched.note(key_id, now, silent=True)
    try:
        stored = await actor(instance, owner.uri, fresh=True)
    except Unreachable:
        misses.note(origin, now, silent=True)
        raise
    words = await _words(instance, stored, key_id)
    newer = load_public(words) if words else None
    return None if newer == old else newer


async def proof_key(instance: Instance, owner: Actor, key_id: str) -> PublicKey | None:
    """A key that an actor lists, for a proof; None where it lists none of that id."""
    words = await _words(instance, owner, key_id)
    return load_public(words) if words else await newer_key(instance, owner, key_id, None)


def _owner_in(document: Document) -> str | None:
    for item in many(document.get("publicKey")):
        if isinstance(item, dict):
            return text(item, "owner")
    return None


async def handle(instance: Instance, address: str) -> Actor:
    """`name@host`, `@name@host`, `acct:…` or an https address, as a person types it."""
    wanted = address.strip().removeprefix("acct:").lstrip("@!")
    if wanted.startswith(("https://", "http://")):
        return await actor(instance, wanted)
    name, at, host = wanted.rpartition("@")
    if not at or not name or not host:
        raise Malformed(f"{address} is no address")
    if host.lower() == instance.config.host:
        async with instance.read() as conn:
            ours = await actors.find_by_handle(conn, name)
        if ours is None:
            raise Missing("There is nothing here, or it is not meant for you.")
        return ours
    return await actor(instance, await _known_as(instance, name, host.lower()))


async def finger(instance: Instance, name: str, host: str) -> str:
    """The actor's id that WebFinger (RFC 7033) gives for name@host; must be of the same server."""
    base = base_of(instance, host)
    _, id = await _fingered(instance, base, f"acct:{name}@{host}")
    if not origins.same_origin(id, base):
        raise Gone(f"{name}@{host}", for_good=False)
    return id


async def _known_as(instance: Instance, name: str, host: str) -> str:
    """As `finger`; but whose people are named after another host than its own, as many servers'
    are, may live there if that server gives them the same name."""
    base, wanted = base_of(instance, host), f"acct:{name}@{host}"
    _, id = await _fingered(instance, base, wanted)
    if origins.same_origin(id, base):
        return id
    home = origins.origin_of(id, loopback=instance.config.allow_loopback_peers)
    subject, back = await _fingered(instance, str(home), f"acct:{name}@{home.authority}")
    if subject.lower() != wanted.lower() or back != id:
        raise Gone(f"{name}@{host}", for_good=False)
    return id


async def _fingered(instance: Instance, base: str, resource: str) -> tuple[str, str]:
    """Subject and actor's id that a server's WebFinger gives; Gone without one."""
    address = f"{base}/.well-known/webfinger?resource={quote(resource, safe='')}"
    found = await fetch.json(instance, address)
    for link in many(found.get("links")):
        if isinstance(link, dict) and link.get("rel") == "self" and (href := text(link, "href")):
            return text(found, "subject") or "", href
    raise Gone(resource, for_good=False)


def base_of(instance: Instance, host: str) -> str:
    """scheme://host: http only between cities of this machine that are themselves without TLS."""
    secure = f"https://{host}"
    if instance.config.is_secure or not instance.config.allow_loopback_peers:
        return secure
    own = origins.is_of_this_machine(origins.origin_of(secure).host)
    return f"http://{host}" if own else secure


def origin_at(instance: Instance, url: str) -> origins.Origin:
    """The server at an address as a person types it; Malformed, or Refused for our own."""
    text = url.strip()
    loopback = instance.config.allow_loopback_peers
    whole = text if "://" in text else base_of(instance, text)
    origin = origins.origin_of(whole, loopback=loopback)
    if str(origin) == instance.config.origin:
        raise Refused("that is our own address")
    return origin


async def city(instance: Instance, url: str) -> Actor:
    """The city Group of the place at this address, found by its name `city`."""
    origin = origin_at(instance, url)
    async with instance.begin() as tx:
        await peers.meet(tx.conn, str(origin), origin.authority)
    found = await actor(instance, await finger(instance, "city", origin.authority), fresh=True)
    if found.kind != "city":
        raise Malformed(f"{origin} is no city of this network")
    return found
