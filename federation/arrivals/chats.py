"""Private letters from other servers: they come, change and are taken back."""

from collections.abc import Mapping

from federation import resolve
from federation.acts import chats as acts
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import chats as wire
from federation.wire.posts import PostDocument, is_for_all
from schema import actors, chats, follows, posts, proposals
from schema.actors import Actor
from schema.errors import Refusal

NOBODY = (Gone, Malformed, Refused, Unreachable, Untrusted, Refusal)


async def on_create(instance: Instance, message: Message) -> bool:
    """A Note or ChatMessage for people of ours by name: no group, no public, and no answer to
    something that is said in a wider circle."""
    if message.object is None or is_for_all(message.object) or not wire.is_letter(message.object):
        return False
    if message.received.wanted or message.received.through is not None:
        return False
    read = wire.read(message.object)
    if await _is_for_followers(instance, message.actor, read):
        return False
    people = await _people(instance, read)
    if not any(person.is_local for person in people) or await _is_elsewhere(instance, read):
        return False
    async with instance.begin() as tx:
        known = await chats.find(tx.conn, read.id)
        words, now = wire.words(read), tx.instance.clock()
        if known is None:
            await acts.take(
                tx,
                by=message.actor,
                to=people,
                uri=read.id,
                words=words,
                created=read.published or now,
                pictures=read.pictures,
                received=message.received,
            )
        else:
            await acts.change(
                tx,
                by=message.actor,
                message=known,
                words=words,
                updated=read.updated or now,
                pictures=read.pictures,
                received=message.received,
            )
    return True


async def _is_for_followers(instance: Instance, by: Actor, read: PostDocument) -> bool:
    """A post for all who follow its author; a letter where somebody is named who does not."""
    if read.in_reply_to or by.followers_uri not in read.addressed:
        return False
    async with instance.read() as conn:
        if not await follows.has_local(conn, by.id):
            return False
        named = await actors.list_by_uri(conn, list(read.addressed[: acts.MOST_PEOPLE + 5]))
        locals_ = [actor for actor in named if actor.is_local and actor.kind == "person"]
        return all([await follows.is_accepted(conn, one.id, by.id) for one in locals_])


async def _people(instance: Instance, read: PostDocument) -> list[Actor]:
    """Who is addressed; empty where a group or city is among them, and it is no letter."""
    found: list[Actor] = []
    for uri in read.addressed[: acts.MOST_PEOPLE + 5]:
        if uri.endswith(("/followers", "/members")):
            continue
        try:
            actor = await resolve.actor(instance, uri)
        except NOBODY:
            continue  # a list of followers, or somebody who is not there
        if actor.kind in ("group", "city"):
            return []
        found.append(actor)
    return [actor for actor in found if actor.kind in ("person", "other")]


async def _is_elsewhere(instance: Instance, read: PostDocument) -> bool:
    """Whether it answers a post, need or offer, below which it belongs."""
    if not read.in_reply_to:
        return False
    async with instance.read() as conn:
        if await posts.find(conn, read.in_reply_to):
            return True
        return await proposals.find(conn, read.in_reply_to) is not None


async def on_delete(instance: Instance, message: Message) -> bool:
    """By its author."""
    async with instance.begin() as tx:
        known = await chats.find(tx.conn, message.object_uri)
        if known is None:
            return False
        await acts.delete(tx, by=message.actor, message=known, received=message.received)
    return True


HANDLERS: Mapping[str, Handler] = {
    "Create": on_create,
    "Update": on_create,
    "Delete": on_delete,
}
