"""Founding a community and changing its settings."""

from dataclasses import dataclass, replace
from uuid import UUID

from federation import html, outbox
from federation.acts import actors as actor_acts
from federation.acts import hubs, names, writing
from federation.documents import ids_of
from federation.instance import Tx
from federation.keys import KeyPair
from federation.outbox import Audience, Received
from federation.wire import actors as actor_wire
from federation.wire import communities as wire
from federation.wire.contexts import PUBLIC
from schema import actors, communities, follows, media, memberships
from schema.actors import Actor
from schema.communities import Community, JoinRule
from schema.database import Conn
from schema.errors import Forbidden, Invalid
from schema.memberships import Membership
from schema.words import N_


@dataclass(frozen=True, slots=True)
class Draft:
    """`name` is the short one in its address and stays; `purpose` is Markdown."""

    title: str
    purpose: str
    join_rule: JoinRule
    name: str = ""
    avatar_id: UUID | None = None


async def create(tx: Tx, *, by: Actor, draft: Draft, keys: KeyPair) -> Community:
    """A resident founds a community, and is its first steward. Invalid for names it cannot have."""
    if not by.is_local or by.kind != "person":
        raise Forbidden("Only residents of this place can found a community here.")
    await writing.check_writer(tx, by, None, None)
    name, title = draft.name.lower(), _tidy(draft.title)
    await _check(tx, name)
    group = await actor_acts.create(
        tx,
        kind="group",
        name=name,
        title=title,
        keys=keys,
        about=draft.purpose,
        approves=draft.join_rule != "open",
        discoverable=draft.join_rule != "hidden",
    )
    if draft.avatar_id:
        await actors.set_avatar(tx.conn, group.id, draft.avatar_id)
    await communities.insert(
        tx.conn, group.id, join_rule=draft.join_rule, purpose=draft.purpose, created_by=by.id
    )
    await memberships.put(tx.conn, _first_steward(group, by))
    await follows.put(tx.conn, by.id, group.id, "accepted", "")
    if draft.join_rule != "hidden":
        await _list(tx, group, now=True)
    return await communities.get(tx.conn, group.id)


async def edit(tx: Tx, *, by: Actor, community: Community, draft: Draft) -> Community:
    """A steward changes title, purpose, rule or picture; followers elsewhere hear of it."""
    await _check_steward(tx, by, community)
    title = _tidy(draft.title)
    group = await actors.get(tx.conn, community.actor_id)
    changed = await actors.update(
        tx.conn,
        replace(
            group,
            title=title,
            about=draft.purpose,
            about_html=html.to_html(draft.purpose),
            avatar_id=draft.avatar_id or group.avatar_id,
            approves=draft.join_rule != "open",
            discoverable=draft.join_rule != "hidden",
        ),
    )
    if draft.avatar_id and group.avatar_id:
        await media.delete(tx.conn, group.avatar_id)
    stored = await communities.update(
        tx.conn, group.id, join_rule=draft.join_rule, purpose=draft.purpose
    )
    await _tell_followers(tx, changed, hidden=draft.join_rule == "hidden")
    was_hidden, is_hidden = community.join_rule == "hidden", draft.join_rule == "hidden"
    if was_hidden != is_hidden and community.closed_at is None:
        await _list(tx, changed, now=was_hidden)
    return stored


async def close(tx: Tx, *, by: Actor, community: Community, closed: bool) -> Community:
    """A steward ends it, or goes on with it: closed, it is read, and stands in no list; nobody
    joins, and what members elsewhere send is refused."""
    await _check_steward(tx, by, community)
    if closed == (community.closed_at is not None):
        return community
    at = tx.instance.clock() if closed else None
    stored = await communities.set_closed(tx.conn, community.actor_id, at)
    if community.join_rule != "hidden":
        await _list(tx, await actors.get(tx.conn, community.actor_id), now=not closed)
    return stored


async def _check_steward(tx: Tx, by: Actor, community: Community) -> None:
    if not community.is_local:
        raise Forbidden("This community decides that in its own place.")
    mine = await memberships.find(tx.conn, community.actor_id, by.id)
    if mine is None or not mine.is_steward:
        raise Forbidden("Only a steward of this community can do that.")


async def listed(tx: Tx, *, by: Actor, uri: str, received: Received) -> None:
    """A city said what stands on its list of communities; as a hub we tell our neighbours."""
    public = PUBLIC in ids_of(received.document, "to")
    await hubs.check_pass_on_listed(tx, by, received, uri, public=public)
    await outbox.done(tx, received)


async def unlisted(
    tx: Tx, *, by: Actor, group: Actor, received: Received | None = None
) -> Community | None:
    """A city says that one of its communities is not to be listed any more."""
    if by.kind != "city" or by.peer is None or by.peer != group.peer:
        raise Forbidden("Only its own city can take a community off its list.")
    if received is not None:
        await listed(tx, by=by, uri=group.uri, received=received)
    known = await communities.find(tx.conn, group.id)
    if known is None:
        return None
    return await communities.update(tx.conn, group.id, join_rule="hidden", purpose=known.purpose)


async def ended(tx: Tx, *, by: Actor, received: Received | None = None) -> None:
    """A community elsewhere exists no more; it says so itself."""
    if by.is_local or by.kind != "group":
        raise Forbidden("Only the community itself can answer that.")
    await outbox.done(tx, received)
    await actors.delete(tx.conn, by.id)


async def propose(conn: Conn, title: str) -> str:
    """A short name from the title that is free; Invalid when nothing comes of it."""
    plain = communities.slug(title)
    for name in (plain, f"{plain}_ort", *(f"{plain[:26]}_{number}" for number in range(2, 20))):
        if communities.is_name(name) and await _is_free(conn, name):
            return name
    raise Invalid({"name": N_("Please choose a short name.")})


async def _is_free(conn: Conn, name: str) -> bool:
    reserved = names.RESERVED | {"find"}
    return name not in reserved and not await communities.is_taken(conn, name)


def _tidy(title: str) -> str:
    plain = " ".join(html.tidy(title).split())[:80]
    if not any(letter.isalnum() for letter in plain):
        raise Invalid({"title": N_("Please give it a name.")})
    return plain


async def _check(tx: Tx, name: str) -> None:
    if not communities.is_name(name):
        raise Invalid({"name": N_("3 to 30 letters, digits and _, beginning with a letter.")})
    if not await _is_free(tx.conn, name):
        raise Invalid({"name": N_("This short name is taken. Please choose another.")})


def _first_steward(group: Actor, by: Actor) -> Membership:
    return Membership(
        community_id=group.id,
        person_id=by.id,
        role="steward",
        state="member",
        uri="",
        message="",
        reason="",
        banned_until=None,
        decided_by=by.id,
        created=group.created,
        changed=group.created,
    )


async def _list(tx: Tx, group: Actor, *, now: bool) -> None:
    """Neighbour cities hear what stands in our list of communities, and what does no more."""
    city = await actors.get(tx.conn, tx.instance.city_id)
    audience = Audience(to=(PUBLIC,), cc=(city.followers_uri or city.uri,), followers_of=(city.id,))
    await outbox.record(tx, city, wire.listed(group.uri, city.uri, now=now), audience)


async def _tell_followers(tx: Tx, group: Actor, *, hidden: bool) -> None:
    followers = group.followers_uri or group.uri
    audience = Audience(
        to=(followers,) if hidden else (PUBLIC,),
        cc=() if hidden else (followers,),
        followers_of=(group.id,),
    )
    document = actor_wire.build(group, tx.addresses)
    await outbox.record(tx, group, wire.update(document), audience)
