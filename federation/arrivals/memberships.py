"""People elsewhere join and leave our communities; communities elsewhere answer and moderate."""

from collections.abc import Mapping
from typing import TypeAlias

from federation import html, resolve
from federation.acts import memberships as acts
from federation.acts import moderation
from federation.documents import Document, id_of, is_a
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.wire import memberships as wire
from federation.wire.memberships import AnswerDocument, ModerationDocument
from schema import actors, communities, memberships
from schema.actors import Actor
from schema.communities import Community
from schema.database import Conn
from schema.memberships import Membership

Matter: TypeAlias = tuple[ModerationDocument, Community, Actor]


async def on_join(instance: Instance, message: Message) -> bool:
    """Somebody wants to belong to a community of ours."""
    community = await _ours(instance, message.object_uri)
    if community is None:
        return False
    read = wire.read_ask(message.activity)
    async with instance.begin() as tx:
        await acts.ask(
            tx,
            by=message.actor,
            community=community,
            message=html.plain(read.message),
            uri=read.uri,
            edition=read.edition,
            received=message.received,
        )
    return True


async def on_follow(instance: Instance, message: Message) -> bool:
    """Somebody wants to hear a community of ours."""
    community = await _ours(instance, message.object_uri)
    if community is None:
        return False
    read = wire.read_ask(message.activity)
    async with instance.begin() as tx:
        await acts.follow(
            tx, by=message.actor, community=community, uri=read.uri, received=message.received
        )
    return True


async def on_leave(instance: Instance, message: Message) -> bool:
    """Somebody leaves a community of ours."""
    return await _leave(instance, message, message.object_uri)


async def on_undo(instance: Instance, message: Message) -> bool:
    """Somebody takes a Join or Follow back, or a moderator a Block."""
    undone = message.object or {}
    if is_a(undone, "Join", "Follow") and message.received.through is None:
        return await _leave(instance, message, id_of(undone.get("object")) or "")
    if not is_a(undone, "Block"):
        return False
    matter = await _matter(instance, undone, message)
    if matter is None:
        return False
    _, community, person = matter
    async with instance.begin() as tx:
        await moderation.unban(
            tx, by=message.actor, community=community, person=person, received=message.received
        )
    return True


async def on_accept(instance: Instance, message: Message) -> bool:
    """A community elsewhere admits a resident of ours."""
    found = await _answered(instance, message)
    if found is None:
        return False
    (membership, uri), by, received = found, message.actor, message.received
    async with instance.begin() as tx:
        await acts.admitted(tx, by=by, membership=membership, answered=uri, received=received)
    return True


async def on_reject(instance: Instance, message: Message) -> bool:
    """A community elsewhere refuses a resident of ours, or lets them go."""
    found = await _answered(instance, message)
    if found is None:
        return False
    async with instance.begin() as tx:
        await acts.refused(tx, by=message.actor, membership=found[0], received=message.received)
    return True


async def on_block(instance: Instance, message: Message) -> bool:
    """A moderator bans somebody from a community, ours or elsewhere."""
    matter = await _matter(instance, message.activity, message)
    if matter is None:
        return False
    read, community, person = matter
    async with instance.begin() as tx:
        await moderation.ban(
            tx,
            by=message.actor,
            community=community,
            person=person,
            until=read.until,
            reason=html.plain(read.reason),
            received=message.received,
        )
    return True


async def on_add(instance: Instance, message: Message) -> bool:
    """A steward makes somebody moderator."""
    matter = await _matter(instance, message.activity, message)
    if matter is None:
        return False
    read, community, person = matter
    async with instance.begin() as tx:
        await moderation.set_role(
            tx,
            by=message.actor,
            community=community,
            person=person,
            role=read.role,
            received=message.received,
        )
    return True


async def on_remove(instance: Instance, message: Message) -> bool:
    """Somebody is moderator no more, or member no more: the target says which."""
    matter = await _matter(instance, message.activity, message)
    if matter is None:
        return False
    read, community, person = matter
    by, received = message.actor, message.received
    async with instance.begin() as tx:
        group = await actors.get(tx.conn, community.actor_id)
        if read.target == group.moderators_uri:
            await moderation.set_role(
                tx, by=by, community=community, person=person, role="member", received=received
            )
        else:
            reason = html.plain(read.reason)
            await moderation.remove(
                tx, by=by, community=community, person=person, reason=reason, received=received
            )
    return True


async def on_invite(instance: Instance, message: Message) -> bool:
    """A member elsewhere invites into a community of ours, or one elsewhere invites a resident."""
    read = wire.read_moderation(message.activity)
    async with instance.read() as conn:
        community = await communities.find_by_uri(conn, message.object_uri)
    if read is None or community is None:
        return False
    person = await resolve.actor(instance, read.target)
    async with instance.begin() as tx:
        act = moderation.invite if community.is_local else moderation.invited
        await act(
            tx, by=message.actor, community=community, person=person, received=message.received
        )
    return True


async def _ours(instance: Instance, uri: str) -> Community | None:
    named = instance.addresses.read(uri)
    if named is None or named.thing != "group":
        return None
    async with instance.read() as conn:
        return await communities.find_by_uri(conn, uri)


async def _leave(instance: Instance, message: Message, group: str) -> bool:
    community = await _ours(instance, group)
    if community is None or message.received.through is not None:
        return False
    edition = wire.read_edition(message.activity)
    async with instance.begin() as tx:
        await acts.leave(
            tx, by=message.actor, community=community, edition=edition, received=message.received
        )
    return True


async def _answered(instance: Instance, message: Message) -> tuple[Membership, str] | None:
    """The membership that an Accept or Reject is about, by its id, else by its two ends; and the id
    of what it answers."""
    read = wire.read_answer(message.activity)
    if read is None or message.actor.kind != "group":
        return None
    async with instance.read() as conn:
        found = await memberships.find_by_uri(conn, read.uri) or await _between(conn, read)
    return (found, read.uri) if found else None


async def _between(conn: Conn, read: AnswerDocument) -> Membership | None:
    found = await actors.list_by_uri(conn, [uri for uri in (read.person, read.group) if uri])
    by_uri = {actor.uri: actor for actor in found}
    person, group = by_uri.get(read.person), by_uri.get(read.group)
    if person is None or group is None or not person.is_local:
        return None
    return await memberships.find(conn, group.id, person.id)


async def _matter(instance: Instance, document: Document, message: Message) -> Matter | None:
    """What a moderator decided, about whom, in which community; None when it is not about one.

    In one elsewhere only what its own group passed on, or what a moderator known here says.
    """
    read = wire.read_moderation(document)
    if read is None:
        return None
    async with instance.read() as conn:
        community = await communities.find_by_target(conn, read.target)
    if community is None:
        return None
    through = message.received.through
    if through is not None and through.id != community.actor_id:
        return None
    return read, community, await resolve.actor(instance, read.person)


HANDLERS: Mapping[str, Handler] = {
    "Join": on_join,
    "Follow": on_follow,
    "Leave": on_leave,
    "Undo": on_undo,
    "Accept": on_accept,
    "Reject": on_reject,
    "Block": on_block,
    "Add": on_add,
    "Remove": on_remove,
    "Invite": on_invite,
}
