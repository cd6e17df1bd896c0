"""Joining a community and leaving it: the same acts for residents here and for those elsewhere.

A community here decides in the transaction that asks; one elsewhere is asked by an activity, and
its answer comes back as an arrival that calls `admitted` or `refused`.
"""

from dataclasses import replace
from uuid import UUID

from federation import html, outbox
from federation.acts import booking, history, writing
from federation.instance import Tx
from federation.outbox import Received
from federation.wire import memberships as wire
from schema import activities, actors, follows, memberships, notices
from schema.actors import Actor
from schema.communities import Community
from schema.errors import Conflict, Forbidden, Missing
from schema.memberships import Membership


async def ask(
    tx: Tx,
    *,
    by: Actor,
    community: Community,
    message: str = "",
    uri: str = "",
    edition: int = 0,
    received: Received | None = None,
) -> Membership:
    """Joins at once where that is allowed, asks otherwise; asking again is answered again.

    `uri` is the Join or Follow of a person elsewhere, `edition` their server's count of it: older
    than what is known it changes nothing. Forbidden for the banned, Missing where a hidden
    community has not invited them.
    """
    if by.kind not in ("person", "other"):
        raise Forbidden("Only people can join a community.")
    if by.is_local:
        await writing.check_writer(tx, by, None, None)
    known = await memberships.lock(tx.conn, community.actor_id, by.id)
    if not community.is_local:
        return await _ask_elsewhere(tx, by, community, known, message)
    if known and known.outlives(edition):
        await outbox.done(tx, received)
        return known
    group = await actors.get(tx.conn, community.actor_id)
    if known and known.is_banned(tx.instance.clock()):
        return await _turn_away(tx, by, group, known, uri, received)
    wanted = replace(
        known or fresh(community, by), uri=uri, message=message[:1000], edition=edition
    )
    await outbox.done(tx, received)
    if wanted.is_member or await _may_enter(tx, community, wanted):
        return await _enter(tx, group, by, wanted, decided_by=wanted.decided_by)
    if community.join_rule == "hidden":
        raise Missing("There is nothing here, or it is not meant for you.")
    if community.closed_at:
        raise Conflict("This community is closed.")
    if wanted.state != "asked":
        for moderator in await memberships.list_moderators(tx.conn, community.actor_id):
            await notices.tell(
                tx.conn,
                moderator,
                "asked_to_join",
                by=by.id,
                community=community.actor_id,
                text=message,
            )
    asked = replace(wanted, state="asked", role="member", reason="", banned_until=None)
    return await memberships.put(tx.conn, asked)


async def follow(
    tx: Tx, *, by: Actor, community: Community, uri: str, received: Received | None = None
) -> None:
    """Somebody elsewhere, whose server may know no Join, follows a community of ours.

    An open one takes any subscriber; where approval is needed a Follow asks to join.
    """
    if community.join_rule != "open" or community.closed_at:
        asked = await ask(tx, by=by, community=community, uri=uri, received=received)
        if asked.state == "asked":
            await follows.put(tx.conn, by.id, community.actor_id, "asked", uri)
        return
    known = await memberships.lock(tx.conn, community.actor_id, by.id)
    group = await actors.get(tx.conn, community.actor_id)
    if known and known.is_banned(tx.instance.clock()):
        await _turn_away(tx, by, group, known, uri, received)
        return
    await outbox.done(tx, received)
    await follows.put(tx.conn, by.id, group.id, "accepted", uri)
    await _answer(tx, "Accept", group, by, uri)


async def admit(tx: Tx, *, by: Actor, community: Community, person: Actor) -> Membership:
    """A moderator of a community here says yes to one who asked."""
    await check_moderator(tx, by, community)
    known = await memberships.lock(tx.conn, community.actor_id, person.id)
    if known is None or known.state != "asked":
        raise Conflict("This has been decided already.")
    group = await actors.get(tx.conn, community.actor_id)
    stored = await _enter(tx, group, person, known, decided_by=by.id)
    await notices.tell(tx.conn, person.id, "admitted", by=by.id, community=community.actor_id)
    return stored


async def refuse(
    tx: Tx, *, by: Actor, community: Community, person: Actor, reason: str = ""
) -> Membership:
    """A moderator of a community here says no to one who asked."""
    await check_moderator(tx, by, community)
    known = await memberships.lock(tx.conn, community.actor_id, person.id)
    if known is None or known.state != "asked":
        raise Conflict("This has been decided already.")
    group = await actors.get(tx.conn, community.actor_id)
    await _answer(tx, "Reject", group, person, known.uri)
    await follows.delete(tx.conn, person.id, group.id)
    refused = replace(known, state="refused", reason=reason[:1000], decided_by=by.id)
    stored = await memberships.put(tx.conn, refused)
    await notices.tell(
        tx.conn, person.id, "refused", by=by.id, community=community.actor_id, text=reason
    )
    return stored


async def admitted(
    tx: Tx,
    *,
    by: Actor,
    membership: Membership,
    answered: str = "",
    received: Received | None = None,
) -> Membership:
    """A community elsewhere said yes. Nobody but the community itself can.

    `answered` is the Join it speaks of: what it says of one that was taken back says nothing of
    the next. Its last word counts, also after it had seemed to end the membership.
    """
    _check_is_group(by, membership)
    await outbox.done(tx, received)
    known = await memberships.lock(tx.conn, membership.community_id, membership.person_id)
    if known is None or not known.is_wished:
        return known or membership  # we left meanwhile, or knew already
    if await activities.is_another(tx.conn, answered, known.uri):
        return known
    await follows.put(tx.conn, known.person_id, by.id, "accepted", known.uri)
    stored = await memberships.put(tx.conn, replace(known, state="member", decided_by=by.id))
    await history.want(tx, by.uri)
    await notices.tell(tx.conn, known.person_id, "admitted", by=by.id, community=by.id)
    return stored


async def refused(
    tx: Tx, *, by: Actor, membership: Membership, received: Received | None = None
) -> Membership:
    """A community elsewhere said no, or ended a membership."""
    _check_is_group(by, membership)
    await outbox.done(tx, received)
    known = await memberships.lock(tx.conn, membership.community_id, membership.person_id)
    if known is None or known.state not in ("asked", "member"):
        return known or membership
    await follows.delete(tx.conn, known.person_id, by.id)
    state = "refused" if known.state == "asked" else "left"
    stored = await memberships.put(tx.conn, replace(known, state=state, role="member"))
    if state == "refused":
        await notices.tell(tx.conn, known.person_id, "refused", by=by.id, community=by.id)
    return stored


async def leave(
    tx: Tx,
    *,
    by: Actor,
    community: Community,
    edition: int = 0,
    received: Received | None = None,
) -> Membership | None:
    """Ends a membership, takes a question back, or declines an invitation; and stops following.

    One that comes before its Join is remembered, one after the next Join changes nothing
    (`edition`). Conflict for the last steward. None for one who only followed.
    """
    known = await memberships.lock(tx.conn, community.actor_id, by.id)
    await outbox.done(tx, received)
    if known and known.outlives(edition):
        return known
    if known and known.state in ("member", "asked", "invited"):
        await check_not_last_steward(tx, known)
        await booking.leave(tx, by=by, community_id=community.actor_id, asked=by.is_local)
        group = await actors.get(tx.conn, community.actor_id)
        gone = replace(known, state="left", role="member", uri="", message="", edition=edition)
        if by.is_local and not community.is_local and known.state != "invited":
            gone = replace(gone, edition=_next_edition(tx, known))
            await _say_goodbye(tx, by, group, known, gone.edition)
        known = await memberships.put(tx.conn, gone)
    elif edition:
        known = await memberships.put(
            tx.conn, replace(known or fresh(community, by), edition=edition)
        )
    await follows.delete(tx.conn, by.id, community.actor_id)
    return known


async def leave_again(tx: Tx, person: Actor, group: Actor, known: Membership) -> None:
    """The community elsewhere has not heard, or not kept, that they left: said once more, in the
    same edition, so that it ends nothing which they ask for after this."""
    await outbox.send(tx, person, wire.leave(group.uri, known.edition), [group])


def _next_edition(tx: Tx, known: Membership | None) -> int:
    """Above all before it, also when the clock goes back, or our row was lost with a backup."""
    return max((known.edition if known else 0) + 1, int(tx.instance.clock().timestamp()))


def fresh(community: Community, person: Actor) -> Membership:
    """A row for one whom the community did not know, not stored yet."""
    return Membership(
        community_id=community.actor_id,
        person_id=person.id,
        role="member",
        state="left",
        uri="",
        message="",
        reason="",
        banned_until=None,
        decided_by=None,
        created=community.created,
        changed=community.created,
    )


async def check_moderator(tx: Tx, by: Actor, community: Community) -> Membership:
    """Forbidden unless `by` moderates this community, which lives here."""
    if not community.is_local:
        raise Forbidden("This community decides that in its own place.")
    found = await memberships.find(tx.conn, community.actor_id, by.id)
    if found is None or not found.moderates:
        raise Forbidden("Only moderators of this community can do that.")
    return found


async def check_not_last_steward(tx: Tx, known: Membership) -> None:
    """Conflict when nobody would be left to look after the community. Needs the lock."""
    if known.is_steward and await memberships.count_stewards(tx.conn, known.community_id) < 2:
        raise Conflict("The only steward cannot go. Please make somebody else a steward first.")


async def reject(tx: Tx, group: Actor, person: Actor, known: Membership) -> None:
    """Tells the server of a person who was removed or banned that they follow no more."""
    await _answer(tx, "Reject", group, person, known.uri)
    await follows.delete(tx.conn, person.id, group.id)


async def _ask_elsewhere(
    tx: Tx, by: Actor, community: Community, known: Membership | None, message: str
) -> Membership:
    if not by.is_local:
        raise Forbidden("This community decides that in its own place.")
    if known and known.is_banned(tx.instance.clock()):
        raise Forbidden("You are banned from this community.")
    if known and known.is_member:
        return known
    group = await actors.get(tx.conn, community.actor_id)
    kind, edition = "Join" if group.members_uri else "Follow", _next_edition(tx, known)
    body = wire.ask(kind, group.uri, html.to_html(message), edition)
    uri = await outbox.send(tx, by, body, [group])
    await follows.put(tx.conn, by.id, group.id, "asked", uri)
    wanted = replace(
        known or fresh(community, by), state="asked", role="member", uri=uri, message=message[:1000]
    )
    wanted = replace(wanted, reason="", banned_until=None, edition=edition)
    return await memberships.put(tx.conn, wanted)


async def _may_enter(tx: Tx, community: Community, wanted: Membership) -> bool:
    """Whether this one needs no decision any more: open to all, or invited by one who decides."""
    if community.closed_at:
        return False
    if community.join_rule == "open":
        return True
    if wanted.state != "invited" or wanted.decided_by is None:
        return False
    if community.join_rule == "hidden":
        return True
    return await memberships.moderates(tx.conn, community.actor_id, wanted.decided_by)


async def _enter(
    tx: Tx, group: Actor, person: Actor, known: Membership, decided_by: UUID | None
) -> Membership:
    """Makes a member of a community here; who belongs to it hears what is said in it."""
    role = known.role if known.is_member else "member"
    stored = await memberships.put(
        tx.conn,
        replace(
            known, state="member", role=role, reason="", banned_until=None, decided_by=decided_by
        ),
    )
    await follows.put(tx.conn, person.id, group.id, "accepted", known.uri)
    await _answer(tx, "Accept", group, person, known.uri)
    return stored


async def _turn_away(
    tx: Tx, by: Actor, group: Actor, known: Membership, uri: str, received: Received | None
) -> Membership:
    """The banned: a resident sees why, another server gets a Reject."""
    if by.is_local:
        raise Forbidden("You are banned from this community.")
    await outbox.done(tx, received)
    await _answer(tx, "Reject", group, by, uri)
    return known


async def _answer(tx: Tx, kind: wire.Answer, group: Actor, person: Actor, uri: str) -> None:
    """To a person elsewhere, about the activity that asked."""
    if person.is_local or not uri:
        return
    asking = await activities.find(tx.conn, uri)
    asked = asking.type if asking else "Join"
    await outbox.send(tx, group, wire.answer(kind, asked, uri, person.uri, group.uri), [person])


async def _say_goodbye(tx: Tx, by: Actor, group: Actor, known: Membership, edition: int) -> None:
    if group.members_uri:
        await outbox.send(tx, by, wire.leave(group.uri, edition), [group])
    else:
        await outbox.send(tx, by, wire.undo_follow(known.uri, by.uri, group.uri), [group])


def _check_is_group(by: Actor, membership: Membership) -> None:
    if by.id != membership.community_id:
        raise Forbidden("Only the community itself can answer that.")
