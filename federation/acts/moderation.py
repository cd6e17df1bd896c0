"""What moderators and stewards decide about people: roles, removal, bans, invitations.

The group that hosts a community checks who decides and passes the act on to its followers; other
cities take from it what it passed on (FEP-1b12).
"""

from dataclasses import replace
from datetime import datetime

from federation import outbox
from federation.acts import memberships as acts
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Audience, Received
from federation.wire import memberships as wire
from schema import actors, follows, memberships, notices, posting
from schema.actors import Actor
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Invalid
from schema.memberships import Membership, Role
from schema.words import N_


async def remove(
    tx: Tx,
    *,
    by: Actor,
    community: Community,
    person: Actor,
    reason: str,
    received: Received | None = None,
) -> Membership:
    """Ends somebody's membership; they may ask again. The reason is shown to them."""
    group, known = await _prepare(tx, by, community, person, received)
    # A group's Reject may have come before its Remove, which brings the reason.
    if not known.is_member and not (known.state == "left" and _is_vouched(community, received)):
        raise Conflict("This person is not a member.")
    _check_reason(reason, received)
    body = wire.remove(person.uri, group.members_uri or group.uri, reason)
    await _record(tx, by, group, body, received)
    await _part(tx, group, person, known)
    gone = replace(known, state="left", role="member", reason=reason[:1000], decided_by=by.id)
    stored = await memberships.put(tx.conn, replace(gone, uri=""))
    await _tell(tx, person, "removed", by, community, reason)
    return stored


async def ban(
    tx: Tx,
    *,
    by: Actor,
    community: Community,
    person: Actor,
    until: datetime | None,
    reason: str,
    received: Received | None = None,
) -> Membership:
    """Keeps somebody out until a moment, or for good; they are told why. Also one never seen."""
    group, known = await _prepare(tx, by, community, person, received)
    _check_reason(reason, received)
    if until and until <= tx.instance.clock() and received is None:
        raise Invalid({"until": N_("Please choose a day that is still to come.")})
    await _record(tx, by, group, wire.block(person.uri, group.uri, reason, until), received)
    await _part(tx, group, person, known)
    banned = replace(known, state="banned", role="member", reason=reason[:1000], uri="")
    stored = await memberships.put(tx.conn, replace(banned, banned_until=until, decided_by=by.id))
    await _tell(tx, person, "banned", by, community, reason)
    return stored


async def unban(
    tx: Tx, *, by: Actor, community: Community, person: Actor, received: Received | None = None
) -> Membership:
    """Ends a ban before its time."""
    group, known = await _prepare(tx, by, community, person, received)
    if known.state != "banned":
        raise Conflict("This person is not banned.")
    free = replace(known, state="left", reason="", banned_until=None, decided_by=by.id)
    stored = await memberships.put(tx.conn, free)
    ban = await posting.last_activity(tx.conn, "Block", person.uri)
    body = wire.unblock(by.uri, person.uri, group.uri, ban)
    # Since the ban they follow no more, and would not hear of its end.
    await _record(tx, by, group, body, received, also=person)
    return stored


async def set_role(
    tx: Tx,
    *,
    by: Actor,
    community: Community,
    person: Actor,
    role: Role,
    received: Received | None = None,
) -> Membership:
    """A steward makes a member moderator or steward, or takes that back."""
    await memberships.lock(tx.conn, community.actor_id, person.id)
    vouched = _is_vouched(community, received)
    mine = await memberships.find(tx.conn, community.actor_id, by.id)
    if not vouched and not (mine and mine.is_steward):
        raise Forbidden("Only a steward of this community can do that.")
    group = await actors.get(tx.conn, community.actor_id)
    known = await memberships.find(tx.conn, community.actor_id, person.id)
    if vouched and role != "member":
        # Of the members of a community elsewhere we know only our own: the group names others.
        known = replace(known or acts.fresh(community, person), state="member")
    if known is None or not known.is_member:
        raise Conflict("This person is not a member.")
    if role != "steward" and not vouched:
        await acts.check_not_last_steward(tx, known)
    stored = await memberships.put(tx.conn, replace(known, role=role))
    await _tell(tx, person, "role", by, community, role)
    moderators = group.moderators_uri or group.uri
    await _record(tx, by, group, wire.role(person.uri, moderators, role), received)
    return stored


async def invite(
    tx: Tx, *, by: Actor, community: Community, person: Actor, received: Received | None = None
) -> Membership | None:
    """A member asks somebody in. Into a community elsewhere by asking its group to; then None."""
    mine = await memberships.find(tx.conn, community.actor_id, by.id)
    if mine is None or not mine.is_member:
        raise Forbidden("Only members of this community can invite others.")
    if person.kind != "person":
        raise Forbidden("Only people can join a community.")
    known = await memberships.lock(tx.conn, community.actor_id, person.id)
    if known and known.is_member:
        raise Conflict("This person is a member already.")
    if known and known.is_banned(tx.instance.clock()):
        raise Forbidden("This person is banned from this community.")
    group = await actors.get(tx.conn, community.actor_id)
    if not community.is_local:
        await outbox.send(tx, by, wire.invite(group.uri, person.uri), [group])
        return None
    await outbox.done(tx, received)
    if known and known.state == "asked":
        raise Conflict("This person has asked to join already.")
    if not person.is_local:
        await outbox.send(tx, group, wire.invite(group.uri, person.uri), [person])
    return await _invited(tx, community, person, known, by)


async def invited(
    tx: Tx, *, by: Actor, community: Community, person: Actor, received: Received | None = None
) -> Membership:
    """A community elsewhere invites a resident of ours; only the community itself can."""
    if by.id != community.actor_id or not person.is_local:
        raise Forbidden("Only the community itself can answer that.")
    await outbox.done(tx, received)
    known = await memberships.lock(tx.conn, community.actor_id, person.id)
    if known and known.state in ("member", "asked", "invited"):
        return known
    return await _invited(tx, community, person, known, by)


async def _invited(
    tx: Tx, community: Community, person: Actor, known: Membership | None, by: Actor
) -> Membership:
    wanted = replace(known or acts.fresh(community, person), state="invited", role="member")
    wanted = replace(wanted, decided_by=by.id, reason="", banned_until=None)
    stored = await memberships.put(tx.conn, wanted)
    if known is None or known.state != "invited":
        await notices.tell(tx.conn, person.id, "invited", by=by.id, community=community.actor_id)
    return stored


async def _prepare(
    tx: Tx, by: Actor, community: Community, person: Actor, received: Received | None
) -> tuple[Actor, Membership]:
    """The group and the membership, locked; Forbidden unless `by` may decide about `person`."""
    known = await memberships.lock(tx.conn, community.actor_id, person.id)
    known = known or acts.fresh(community, person)
    if by.id == person.id:
        raise Forbidden("You cannot do this to yourself.")
    if not _is_vouched(community, received):
        mine = await memberships.find(tx.conn, community.actor_id, by.id)
        if mine is None or not mine.moderates:
            raise Forbidden("Only moderators of this community can do that.")
        if known.moderates and not mine.is_steward:
            raise Forbidden("Only a steward of this community can do that.")
        await acts.check_not_last_steward(tx, known)
    return await actors.get(tx.conn, community.actor_id), known


def _is_vouched(community: Community, received: Received | None) -> bool:
    """Whether the group of a community elsewhere passed this on: it checked who decides there."""
    through = received.through if received else None
    return not community.is_local and through is not None and through.id == community.actor_id


def _check_reason(reason: str, received: Received | None) -> None:
    if not reason.strip() and received is None:
        raise Invalid({"reason": N_("Please say why: the person will read it.")})


async def _part(tx: Tx, group: Actor, person: Actor, known: Membership) -> None:
    """They hear nothing of this community any more."""
    if group.is_local:
        await acts.reject(tx, group, person, known)
    else:
        await follows.delete(tx.conn, person.id, group.id)


async def _tell(
    tx: Tx, person: Actor, kind: notices.Kind, by: Actor, community: Community, text: str
) -> None:
    await notices.tell(tx.conn, person.id, kind, by=by.id, community=community.actor_id, text=text)


async def _record(
    tx: Tx,
    by: Actor,
    group: Actor,
    body: Document,
    received: Received | None,
    also: Actor | None = None,
) -> None:
    """To the group where it lives elsewhere; one here passes it on to all who still follow it."""
    audience = Audience(
        to=(group.uri,),
        cc=(group.followers_uri,) if group.followers_uri else (),
        actors=() if group.is_local else (group.id,),
        relays=(group,) if group.is_local else (),
        told_by_relays=() if also is None or also.is_local else (also.id,),
    )
    await outbox.record(tx, by, {**body, "audience": group.uri}, audience, received=received)
