"""accept(): verify and store. receive(): decode, dispatch, verdict."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson
import structlog

from federation import authorship, counting, documents, fetch, followers, hearing, origins, resolve
from federation import signatures as signing
from federation.authorship import Head
from federation.dispatch import ARRIVALS
from federation.documents import Document, id_of, ids_of, text
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.messages import Message
from federation.outbox import Received, done
from federation.signed import SignedRequest
from schema import activities, actors, ids, keys, peers, waits
from schema.activities import Activity
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Missing, Refusal
from schema.peers import Standing

log = structlog.get_logger()

PATIENCE, LONGEST_WAIT = timedelta(days=30), timedelta(hours=1)
STRANGERS_MAY = frozenset({"Follow", "Accept", "Reject", "Undo"})
MODERATION = frozenset({"Delete", "Add", "Remove", "Lock", "Block"})
RELAYED = MODERATION | {"Like", "EmojiReact"}
CONTENT = frozenset({"Create", "Update", "Announce"})
EMBEDDED = frozenset({"Accept", "Reject", "Flag"})  # these hold things of ours on purpose


@dataclass(frozen=True, slots=True)
class Verified:
    """What was authenticated: the only thing that can be stored or handled."""

    actor: Actor
    origin: str
    standing: Standing
    uri: str
    type: str
    object_uri: str
    document: Document
    body: bytes
    said: datetime


class Unwanted(Exception):
    """Authenticated, but not from anybody we listen to: 403."""


async def accept(instance: Instance, request: SignedRequest) -> bool:
    """Verifies and stores one POST; False when it was known or is of no use to us.

    Raises Malformed (400), Untrusted (401), Unwanted (403), TooMany (429), Unreachable (503).
    Nothing is stored unless the signature is good, so a forger cannot use up an id.
    """
    document = documents.parse(request.body or b"")
    head = _head(instance, document)
    if await _is_farewell(instance, document, head):
        return False
    verified = await authenticate(instance, request, document)
    await _check_wanted(instance, verified)
    instance.reach("rcv.verified")
    await followers.compare(instance, verified.actor, request)
    async with instance.read() as conn:
        if not verified.standing.heard:
            await hearing.hear(instance, conn, verified.origin, verified.standing, request)
        if not verified.standing.receives and verified.type in CONTENT:
            return False  # it stays in their ledger, should we want it one day
        # One statement, so one transaction and one round trip.
        instance.reach("rcv.insert")
        stored = await activities.receive(
            conn,
            id=ids.new(),
            uri=verified.uri,
            actor_id=verified.actor.id,
            type=verified.type,
            object_uri=verified.object_uri[:2000],
            document=verified.body.decode(),
            said=verified.said,
        )
        if not stored:
            await _warn_of_others(conn, verified)
    instance.reach("rcv.commit")
    return counting.taken(instance, verified.origin, verified.said, stored)


async def _warn_of_others(conn: Conn, verified: Verified) -> None:
    """An id that comes again with other words: a server went back in time, or somebody plays."""
    known = await activities.find(conn, verified.uri)
    if known is not None and known.document != verified.body.decode():
        log.warning("an id with other words", uri=verified.uri, actor=verified.actor.uri)


def _head(instance: Instance, document: Document) -> Head:
    """id, actor and type, of one server that is not ours (FEP-fe34); Malformed otherwise."""
    loopback = instance.config.allow_loopback_peers
    kind = kind_of(document)
    by, id = id_of(document.get("actor")), document.get("id")
    if not isinstance(id, str) or not by or not kind:
        raise Malformed("an activity needs id, actor and type")
    if origins.origin_of(id, loopback=loopback) != origins.origin_of(by, loopback=loopback):
        raise Malformed("id and actor are of different servers")
    if origins.is_ours(by, instance.config.origin):
        raise Malformed("that actor lives here")
    return Head(id, by, kind)


def kind_of(document: Document) -> str:
    """The type; of several the first that anybody here knows; '' without one."""
    names = documents.types_of(document)
    known = (name for name in names if name in ARRIVALS or name == "Announce")
    return next(known, names[0] if names else "")[:100]


async def _is_farewell(instance: Instance, document: Document, head: Head) -> bool:
    """A Delete of an actor we never met: floods of them come, and nothing is to be done."""
    if head.type != "Delete" or id_of(document.get("object")) != head.actor:
        return False
    async with instance.read() as conn:
        return await actors.find(conn, head.actor) is None


async def authenticate(instance: Instance, request: SignedRequest, document: Document) -> Verified:
    """The one check that everything inbound passes: who signed, and whether they may say this."""
    head = _head(instance, document)
    claim = signing.parse(request, now=instance.clock())
    loopback = instance.config.allow_loopback_peers
    origin = str(origins.origin_of(head.actor, loopback=loopback))
    bearer = str(origins.origin_of(claim.key_id, loopback=loopback))
    async with instance.read() as conn:
        knocks = await keys.bearer(conn, bearer, claim.key_id)
        brought = knocks.standing
        standing = brought if bearer == origin else await peers.standing(conn, origin)
    if standing.blocked or brought.blocked:
        raise Unwanted("this server is blocked here")
    if brought.link != "linked":
        await hearing.check_pace(instance, bearer)
    if brought is not standing and not await _may_pass_on(instance, brought):
        raise Untrusted("key and actor are of different servers")
    body = request.body or b""
    try:
        signer = await authorship.signer_of(instance, claim, knocks.owner)
        by, own = await authorship.author_of(instance, head, document, body, signer)
    except (Gone, Refused, Malformed, Missing) as error:
        raise Untrusted(f"no key: {error}") from error
    document = document if own is body else documents.parse(own)
    return Verified(
        actor=by,
        origin=origin,
        standing=standing,
        uri=head.id,
        type=head.type,
        object_uri=id_of(document.get("object")) or "",
        document=document,
        body=own,
        said=claim.created,
    )


async def _may_pass_on(instance: Instance, bearer: Standing) -> bool:
    """Whether this server may bring what people of other servers say."""
    return bearer.link == "linked" or (await instance.settings()).federation == "open"


async def _check_wanted(instance: Instance, verified: Verified) -> None:
    suspended = verified.actor.suspended_until
    if suspended and suspended > instance.clock():
        raise Unwanted("this actor is suspended here")
    settings = await instance.settings()
    if settings.federation == "open" or _is_knock(instance, verified):
        return
    if verified.standing.link != "linked":
        raise Unwanted("this place listens to its neighbour cities only")


def _is_knock(instance: Instance, verified: Verified) -> bool:
    """Whether a stranger may say it: asks for a link, or answers a question of ours."""
    if verified.type == "Follow":
        return verified.object_uri == instance.addresses.city
    return verified.type in STRANGERS_MAY


async def receive(instance: Instance, activity: Activity, by: Actor) -> None:
    """Handles a stored activity of `by`; what others did wrong is its verdict."""
    instance.reach("app.effect", activity.document)
    try:
        handled = await _dispatch(instance, activity, by)
    except Refusal as refusal:
        await _decide(instance, activity, "refused", refusal.text)
    except Malformed as malformed:
        await _decide(instance, activity, "malformed", malformed.reason)
    except (Untrusted, Refused) as wrong:
        await _decide(instance, activity, "refused", wrong.reason)
    except Gone as gone:
        await _decide(instance, activity, "refused", f"gone: {gone.uri}")
    except Unreachable as unreachable:
        await _wait(instance, activity, unreachable)
        return
    else:
        if not handled:
            await _decide(instance, activity, "ignored", "nothing here is about this")
    if activity.waits_for:  # the first that gets through wakes the others
        async with instance.begin() as tx:
            await waits.end(tx.conn, activity.waits_for)


async def _decide(
    instance: Instance, activity: Activity, state: activities.State, verdict: str
) -> None:
    log.info("verdict", state=state, verdict=verdict, type=activity.type, uri=activity.uri)
    async with instance.begin() as tx:
        await activities.decide(tx.conn, activity.id, state, verdict)


async def _wait(instance: Instance, activity: Activity, error: Unreachable) -> None:
    if instance.clock() - activity.created > PATIENCE:
        await _decide(instance, activity, "refused", f"given up: {error.reason}")
        return
    delay = min(LONGEST_WAIT, timedelta(seconds=10 * 2 ** min(activity.attempts, 10)))
    async with instance.begin() as tx:
        await waits.put(tx.conn, activity.id, delay, error.reason, error.origin)


async def _dispatch(instance: Instance, activity: Activity, by: Actor) -> bool:
    document: Document = orjson.loads(activity.document)  # it was looked through when it came
    received = Received(activity.id, document)
    if activity.undone:
        raise Refused("it was taken back before it came")
    if activity.type == "Announce":
        return await _announced(instance, by, document, received)
    return await handle(instance, await message_of(instance, by, document, received))


async def handle(instance: Instance, message: Message) -> bool:
    """Asks the modules in order until one says that it was theirs."""
    for handler in ARRIVALS.get(message.type, ()):
        if await handler(instance, message):
            return True
    return False


async def message_of(
    instance: Instance, by: Actor, document: Document, received: Received
) -> Message:
    """The activity with an object that may be trusted: of the author's server and by the author,
    else fetched from where it lives (FEP-fe34)."""
    kind = kind_of(document)
    raw = document.get("object")
    embedded = raw[0] if isinstance(raw, list) and raw else raw
    uri = id_of(embedded) or ""
    found: Document | None = embedded if isinstance(embedded, dict) else None
    if kind in ("Create", "Update"):
        by, found = await _trusted_object(instance, by, uri, found)
    elif kind == "Undo":
        found = await _undone(instance, by, uri, found)
    elif found is not None and kind not in EMBEDDED and not (uri and _same(uri, by.uri)):
        found = None
    return Message(kind, by, document, uri, found, received)


def _same(one: str, other: str) -> bool:
    return origins.same_origin(one, other)


async def _trusted_object(
    instance: Instance, by: Actor, uri: str, found: Document | None
) -> tuple[Actor, Document]:
    """It, and whose it is."""
    if not uri:
        raise Malformed("the object has no id")
    if found is None or not _same(uri, by.uri):
        found = await fetch.document(instance, uri)
    if uri == by.uri or by.uri in ids_of(found, "attributedTo"):
        return by, found
    if id_of(found.get("actor")) == by.uri and _same(uri, by.uri):
        return await _of_its_group(instance, by, uri)
    raise Untrusted("the object belongs to somebody else")


async def _of_its_group(instance: Instance, by: Actor, uri: str) -> tuple[Actor, Document]:
    """What belongs to a group and names a person as its `actor` (Mobilizon), if its server says
    the same: a person's word does not make it the group's."""
    found = await fetch.document(instance, uri)
    owner = next(iter(ids_of(found, "attributedTo")), "")
    if id_of(found) == uri and id_of(found.get("actor")) == by.uri and _same(owner, uri):
        group = await resolve.actor(instance, owner)
        if group.kind == "group":
            return group, found
    raise Untrusted("the object belongs to somebody else")


async def _undone(
    instance: Instance, by: Actor, uri: str, found: Document | None
) -> Document | None:
    if found is None and uri:
        async with instance.read() as conn:
            known = await activities.find(conn, uri)
        found = documents.parse(known.document.encode()) if known else None
    if found is not None and id_of(found.get("actor")) != by.uri:
        raise Untrusted("only one's own acts can be undone")
    return found


async def _announced(
    instance: Instance, group: Actor, document: Document, received: Received
) -> bool:
    """A group or city passes something on: an activity (FEP-1b12), or the address of an object."""
    raw = document.get("object")
    inner = raw[0] if isinstance(raw, list) and raw else raw
    uri = id_of(inner)
    if not uri or instance.addresses.is_ours(uri):
        return False  # our own words coming back
    if isinstance(inner, dict) and documents.is_activity(inner):
        return await relayed(instance, group, inner, received)
    trusted = _speaks_for_its_server(group) and _same(uri, group.uri)
    found = inner if isinstance(inner, dict) and trusted else None
    found = found or await fetch.document(instance, uri)
    return await take(instance, found, Received(received.activity_id, document, group))


async def relayed(instance: Instance, group: Actor, inner: Document, received: Received) -> bool:
    """An activity that a group passes on, by its author's proof or as its origin has it."""
    by_uri, uri = id_of(inner.get("actor")) or "", id_of(inner) or ""
    if instance.addresses.is_ours(by_uri) or not _same(by_uri, uri):
        return False
    by = await resolve.actor(instance, by_uri)
    passed = Received(received.activity_id, inner, group)
    if await authorship.has_own_proof(instance, by, inner):
        return await _proved_relay(instance, by, inner, passed)
    if by_uri == group.uri or (
        _speaks_for_its_server(group) and (_same(by_uri, group.uri) or _may_be_relayed(inner))
    ):
        # Of the group's own server, or a moderator's: the act asks whether the group may say so.
        return await handle(instance, await message_of(instance, by, inner, passed))
    kind = kind_of(inner)
    if kind not in ("Create", "Update"):
        return False
    bare: Document = {**inner, "object": id_of(inner.get("object"))}
    found = await fetch.document(instance, id_of(inner.get("object")) or "")
    if by.uri not in ids_of(found, "attributedTo"):
        raise Untrusted("the object belongs to somebody else")
    return await handle(instance, Message(kind, by, bare, id_of(found) or "", found, passed))


def _may_be_relayed(inner: Document) -> bool:
    """What a group passes on of other servers without their word: moderation and likes, where the
    act asks whether it is the group's own matter."""
    kind = kind_of(inner)
    if kind == "Undo":
        return documents.is_a(inner.get("object"), *RELAYED - {"Add", "Remove"})
    return kind in RELAYED


async def _proved_relay(instance: Instance, by: Actor, inner: Document, passed: Received) -> bool:
    """Once: an old activity that somebody brings again and again changes nothing any more."""
    uri, kind = id_of(inner) or "", kind_of(inner)
    async with instance.read() as conn:
        known = await activities.find(conn, uri)
    if known is not None and known.state == "done" and kind != "Create":
        async with instance.begin() as tx:
            await done(tx, passed)
        return True
    passed = replace(passed, proved=True)
    if not await handle(instance, await message_of(instance, by, inner, passed)):
        return False
    async with instance.begin() as tx:
        await activities.remember(
            tx.conn,
            id=ids.new(),
            uri=uri,
            actor_id=by.id,
            type=kind,
            object_uri=(id_of(inner.get("object")) or "")[:2000],
            document=orjson.dumps(inner).decode(),
        )
    return True


def _speaks_for_its_server(actor: Actor) -> bool:
    """What a person passes on proves nothing about others, not even of the same server."""
    return actor.kind in ("group", "city", "instance")


async def take(instance: Instance, found: Document, received: Received) -> bool:
    """An object fetched from its own id, as if its author had just sent its Create."""
    owner = next(iter(ids_of(found, "attributedTo")), "")
    if not owner or not _same(owner, id_of(found) or ""):
        raise Untrusted("the object does not say whose it is")
    by = await resolve.actor(instance, owner)
    id = text(found, "id")
    activity: Document = {"id": id, "type": "Create", "actor": owner, "object": found}
    return await handle(
        instance, Message("Create", by, activity, id_of(found) or "", found, received)
    )
