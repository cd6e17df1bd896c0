"""Knowledge bridges from elsewhere: a place asks, agrees or ends; dates, questions, lessons."""

from collections.abc import Mapping

from federation import origins, resolve
from federation.acts import lessons as lesson_acts
from federation.acts import meetings as meeting_acts
from federation.acts import pacts as acts
from federation.acts import questions as question_acts
from federation.documents import Document, id_of, is_a, one, text
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import likes as like_wire
from federation.wire import notes
from federation.wire import pacts as wire
from schema import actors, meetings, pacts, questions
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Missing
from schema.pacts import Pact
from schema.questions import Question

NOT_HERE = "There is nothing here, or it is not meant for you."


async def on_offer(instance: Instance, message: Message) -> bool:
    """A place asks one of ours for a pact; the inbox made sure of whose server it is."""
    found = message.object
    if found is None or not wire.is_pact(found):
        return False
    read = wire.read_pact(found)
    if read.asker != message.actor.uri or message.received.through is not None:
        raise Untrusted("a pact is asked for by its own place")
    host = await _host(instance, read.host, message.actor)
    async with instance.begin() as tx:
        other = await actors.find(tx.conn, read.other)
        if other is None or not other.is_local:
            raise Missing(NOT_HERE)
        draft = acts.Draft(read.title, read.topics, read.html, host, read.id)
        by = message.actor
        await acts.ask(tx, by=by, side=by, other=other, draft=draft, received=message.received)
    return True


async def _host(instance: Instance, uri: str, side: Actor) -> Actor | None:
    """A person of the place's own server, or None: a name we cannot read stops nothing."""
    if not uri or not origins.same_origin(uri, side.uri):
        return None
    try:
        found = await resolve.actor(instance, uri)
    except (Gone, Malformed, Missing, Refused, Unreachable, Untrusted):
        return None
    return found if found.kind == "person" else None


async def _pact(instance: Instance, message: Message) -> Pact | None:
    """The pact that an answer names; Unreachable where it comes before its question."""
    named = message.activity.get("object")
    if not wire.is_pact(named):
        return None
    async with instance.read() as conn:
        found = await pacts.find(conn, message.object_uri)
    if found is None:
        raise Unreachable("the pact has not arrived yet")
    return found


async def on_accept(instance: Instance, message: Message) -> bool:
    """The place that was asked agrees."""
    pact = await _pact(instance, message)
    if pact is None:
        return False
    by = message.actor
    host = await _host(instance, id_of(one(message.activity.get("host"))) or "", by)
    async with instance.begin() as tx:
        await acts.agree(tx, by=by, pact=pact, side=by, host=host, received=message.received)
    return True


async def on_reject(instance: Instance, message: Message) -> bool:
    """The other place declines, or ends it."""
    pact = await _pact(instance, message)
    if pact is None:
        return False
    by, reason = message.actor, wire.read_reason(message.activity)
    async with instance.begin() as tx:
        await acts.end(tx, by=by, pact=pact, side=by, reason=reason, received=message.received)
    return True


async def _named(instance: Instance, message: Message) -> Pact | None:
    target = id_of(one(message.activity.get("target"))) or ""
    if not target.endswith("/outcomes") or message.received.through is not None:
        return None
    async with instance.read() as conn:
        return await pacts.find(conn, target.removesuffix("/outcomes"))


async def on_add(instance: Instance, message: Message) -> bool:
    """The other place names what was built."""
    pact = await _named(instance, message)
    if pact is None:
        return False
    by, title = message.actor, text(message.activity, "name") or message.object_uri
    async with instance.begin() as tx:
        await acts.name(
            tx,
            by=by,
            pact=pact,
            side=by,
            uri=message.object_uri,
            title=title,
            received=message.received,
        )
    return True


async def on_remove(instance: Instance, message: Message) -> bool:
    """It takes that off the list."""
    pact = await _named(instance, message)
    if pact is None:
        return False
    by, uri = message.actor, message.object_uri
    async with instance.begin() as tx:
        await acts.unname(tx, by=by, pact=pact, side=by, uri=uri, received=message.received)
    return True


async def on_create(instance: Instance, message: Message) -> bool:
    """A date, a question or a lesson; anything else is another module's."""
    found = message.object
    if found is None:
        return False
    if await _meeting(instance, message, found) or await _lesson(instance, message, found):
        return True
    return message.type == "Create" and await _question(instance, message, found)


async def _meeting(instance: Instance, message: Message, found: Document) -> bool:
    read = wire.read_event(found) if "bridge" in found else None
    if read is None:
        return False
    async with instance.read() as conn:
        pact = await pacts.find(conn, read.bridge)
    if pact is None:
        return False  # of two other places: shown like any event
    by = message.actor
    draft = meeting_acts.Draft(
        title=read.title,
        topic=read.topic,
        starts=read.starts,
        ends=read.ends,
        asker_room=read.asker_room,
        other_room=read.other_room,
        link=read.link,
        host=await _host(instance, read.host, by),
        cancelled=read.cancelled,
        uri=read.id,
        edition=read.edition,
    )
    async with instance.begin() as tx:
        await meeting_acts.hold(
            tx, by=by, pact=pact, side=by, draft=draft, received=message.received
        )
    return True


async def _lesson(instance: Instance, message: Message, found: Document) -> bool:
    read = wire.read_lesson(found)
    if read is None:
        return False
    by, now = message.actor, instance.clock()
    written = lesson_acts.Written(
        read.id, read.html, read.published or now, read.updated or read.published or now
    )
    async with instance.begin() as tx:
        meeting = await meetings.find(tx.conn, read.meeting)
        if meeting is None:
            return False
        await lesson_acts.write(
            tx,
            by=by,
            meeting=meeting,
            side=by,
            title=read.title,
            source=read.source,
            question_uri=read.question,
            written=written,
            received=message.received,
        )
    return True


async def _question(instance: Instance, message: Message, found: Document) -> bool:
    """A Note that answers a date we know. What belongs to one and came before it waits."""
    answered, uri = notes.read_answered(found), text(found, "id") or ""
    named = instance.addresses.read(answered or "")
    if not answered or not uri or (named and named.thing in ("offer", "request", "post")):
        return False  # nearly all answers: they cost no question to the database
    async with instance.read() as conn:
        meeting = await meetings.find(conn, answered)
        if meeting is None:
            await _check_overtaken(conn, found)
            return False
    async with instance.begin() as tx:
        created = notes.read_moment(found, "published") or instance.clock()
        await question_acts.ask(
            tx,
            by=message.actor,
            meeting=meeting,
            text=notes.plain(notes.read_html(found), 1001),
            asked=question_acts.Asked(uri, created),
            received=message.received,
        )
    return True


async def _check_overtaken(conn: Conn, found: Document) -> None:
    """Unreachable for what belongs to a pact of ours and came before the date that it is about."""
    bridge = id_of(one(found.get("bridge")))
    if bridge and await pacts.find(conn, bridge):
        raise Unreachable("the date has not arrived yet")


async def on_delete(instance: Instance, message: Message) -> bool:
    """A question is taken back by who asked it, or by who holds the date."""
    async with instance.read() as conn:
        found = await questions.find(conn, message.object_uri)
    if found is None:
        return False
    async with instance.begin() as tx:
        await question_acts.take_back(
            tx, by=message.actor, question=found, received=message.received
        )
    return True


async def on_like(instance: Instance, message: Message) -> bool:
    """A vote; one that overtook its question waits for it."""
    found = await _asked(instance, message.object_uri, message.activity)
    if found is None:
        return False
    uri = id_of(message.activity) or ""
    async with instance.begin() as tx:
        await question_acts.vote(
            tx, by=message.actor, question=found, uri=uri, received=message.received
        )
    return True


async def _asked(instance: Instance, uri: str, activity: Document) -> Question | None:
    async with instance.read() as conn:
        found = await questions.find(conn, uri)
        target = id_of(one(activity.get("target"))) or ""
        if found is None and target and await meetings.find(conn, target):
            raise Unreachable("the question has not arrived yet")
    return found


async def on_undo(instance: Instance, message: Message) -> bool:
    """A vote is taken back: that very one, and no newer."""
    undone = message.object or {}
    if not is_a(undone, *like_wire.KINDS):
        return False
    async with instance.begin() as tx:
        found = await questions.find(tx.conn, id_of(one(undone.get("object"))) or "")
        if found is None:
            return False
        uri = id_of(undone) or ""
        await question_acts.unvote(
            tx, by=message.actor, question=found, uri=uri, received=message.received
        )
    return True


HANDLERS: Mapping[str, Handler] = {
    "Offer": on_offer,
    "Accept": on_accept,
    "Reject": on_reject,
    "Add": on_add,
    "Remove": on_remove,
    "Create": on_create,
    "Update": on_create,
    "Delete": on_delete,
    "Like": on_like,
    "Undo": on_undo,
}
