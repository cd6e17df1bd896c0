"""Cities: asking another city for a link, consenting, pausing, blocking, parting."""

from federation import outbox
from federation.documents import Document
from federation.instance import Instance, Tx
from federation.outbox import Received
from schema import accounts as stored
from schema import actors, follows, logs, notices, peers, settings, severing
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Conflict, Forbidden, Invalid
from schema.peers import Peer
from schema.words import N_


async def ask(tx: Tx, *, by: Actor | None, other: Actor) -> Peer:
    """Our city asks `other` for a link (mutual Follow, FEP-d36d); consents where they asked first.

    `by`: the admin; None from the command line. Conflict when linked already.
    """
    city, origin = await _ours(tx), _origin(other)
    # Their question may arrive at this very moment: one of the two must see the other.
    peer = await peers.lock(tx.conn, origin)
    if peer.blocked_at:
        raise Conflict("This place is blocked. Lift the block first.")
    if peer.link == "linked":
        raise Conflict("You are neighbours already.")
    await logs.write(tx.conn, by, "link", origin)
    await peers.set_title(tx.conn, origin, other.shown)
    await peers.retry(tx.conn, origin)  # they have just answered us
    if peer.link == "asking":
        return await _consent(tx, city, other)
    await _follow(tx, city, other)
    return await peers.set_link(tx.conn, origin, "asked")


async def consent(tx: Tx, *, by: Actor | None, other: Actor) -> Peer:
    """An admin says yes to a city that asked."""
    peer = await peers.lock(tx.conn, _origin(other))
    if peer.link != "asking":
        raise Conflict("This place has not asked, or was answered already.")
    await logs.write(tx.conn, by, "link", peer.origin)
    return await _consent(tx, await _ours(tx), other)


async def refuse(tx: Tx, *, by: Actor | None, other: Actor) -> Peer:
    """An admin says no; they are told."""
    origin = _origin(other)
    city, known = await _ours(tx), await follows.find(tx.conn, other.id, tx.instance.city_id)
    await logs.write(tx.conn, by, "refuse link", origin)
    if known:
        answer: Document = {"type": "Reject", "object": known.uri}
        await outbox.send(tx, city, answer, [other])
        await follows.delete(tx.conn, other.id, city.id)
    return await peers.set_link(tx.conn, origin, "refused")


async def part(tx: Tx, *, by: Actor | None, other: Actor) -> Peer:
    """Ends the link from our side; what was shared stays where it is."""
    city, origin = await _ours(tx), _origin(other)
    await logs.write(tx.conn, by, "part", origin)
    ours = await follows.find(tx.conn, city.id, other.id)
    if ours:
        undone: Document = {
            "type": "Follow",
            "id": ours.uri,
            "actor": city.uri,
            "object": other.uri,
        }
        await outbox.send(tx, city, {"type": "Undo", "object": undone}, [other])
    theirs = await follows.find(tx.conn, other.id, city.id)
    if theirs:
        await outbox.send(tx, city, {"type": "Reject", "object": theirs.uri}, [other])
    await follows.delete(tx.conn, city.id, other.id)
    await follows.delete(tx.conn, other.id, city.id)
    return await peers.set_link(tx.conn, origin, "known")


async def asked(tx: Tx, *, other: Actor, uri: str, received: Received | None) -> Peer:
    """Another city follows ours: a question to our admins, or the answer to ours.

    A repeated one is answered again; who was refused is refused again, and nobody is bothered.
    """
    city, origin = await _ours(tx), _origin(other)
    peer = await peers.lock(tx.conn, origin)
    await peers.set_title(tx.conn, origin, other.shown)
    await outbox.done(tx, received)
    if peer.link == "refused":
        await outbox.send(tx, city, {"type": "Reject", "object": uri}, [other])
        return peer
    await follows.put(tx.conn, other.id, city.id, "asked", uri)
    if peer.link in ("asked", "linked"):
        return await _consent(tx, city, other)
    if peer.link != "asking":
        await _tell_admins(tx, other)
    return await peers.set_link(tx.conn, origin, "asking")


async def accepted(tx: Tx, *, other: Actor, received: Received | None) -> Peer:
    """They said yes to our question."""
    origin = _origin(other)
    await peers.lock(tx.conn, origin)
    known = await follows.find(tx.conn, tx.instance.city_id, other.id)
    if known is None:
        raise Conflict("We have not asked.")
    await follows.put(tx.conn, tx.instance.city_id, other.id, "accepted", known.uri)
    await outbox.done(tx, received)
    theirs = await follows.find(tx.conn, other.id, tx.instance.city_id)
    if theirs is None or theirs.state != "accepted":
        return await peers.get(tx.conn, origin)
    if known.state != "accepted":
        await tx.defer("discover", origin=origin)
    return await peers.set_link(tx.conn, origin, "linked")


async def rejected(tx: Tx, *, other: Actor, received: Received | None) -> Peer:
    """They said no, or ended the link. What we have refused stays refused."""
    await follows.delete(tx.conn, tx.instance.city_id, other.id)
    await follows.delete(tx.conn, other.id, tx.instance.city_id)
    await outbox.done(tx, received)
    peer = await peers.get(tx.conn, _origin(other))
    if peer.link not in ("asked", "asking", "linked"):
        return peer
    await _tell_admins(tx, other)
    return await peers.set_link(tx.conn, peer.origin, "known")


async def _tell_admins(tx: Tx, other: Actor) -> None:
    for account in await stored.list_admins(tx.conn):
        await notices.tell(tx.conn, account, "city", by=other.id, text=_origin(other))


async def followed(tx: Tx, *, by: Actor, uri: str, received: Received | None) -> bool:
    """Somebody who is no city wants to hear what our city announces; whether they may.

    Told yes at once where this place talks with everybody, or its neighbours; else no.
    """
    city = await _ours(tx)
    peer = await peers.find(tx.conn, by.peer or "")
    place = await settings.load(tx.conn)
    welcome = place.federation == "open" or (peer is not None and peer.link == "linked")
    if welcome:
        await follows.put(tx.conn, by.id, city.id, "accepted", uri)
    await outbox.done(tx, received)
    follow: Document = {"id": uri, "type": "Follow", "actor": by.uri, "object": city.uri}
    answer: Document = {"type": "Accept" if welcome else "Reject", "object": follow}
    await outbox.send(tx, city, answer, [by])
    return welcome


async def unfollowed(tx: Tx, *, by: Actor, received: Received | None) -> None:
    """Not any more."""
    await follows.delete(tx.conn, by.id, tx.instance.city_id)
    await outbox.done(tx, received)


async def changed(tx: Tx, *, other: Actor, received: Received | None) -> None:
    """A city says something new of itself; what its server says now was read already."""
    await peers.set_title(tx.conn, _origin(other), other.shown)
    await outbox.done(tx, received)


async def join_circles(tx: Tx, *, by: Actor, origin: str, joined: bool) -> None:
    """Whether exchange circles may be found with people of that city; both have to want it."""
    peer = await peers.get(tx.conn, origin)
    if peer.circles != joined:
        await peers.join_circles(tx.conn, origin, joined)
        await logs.write(tx.conn, by, "switches", origin, f"circles {'yes' if joined else 'no'}")


async def set_switches(
    tx: Tx, *, by: Actor | None, origin: str, publishes: bool, receives: bool, paused: bool
) -> Peer:
    """Whether we send, whether we show, and a rest that keeps everything and sends nothing."""
    peer = await peers.get(tx.conn, origin)
    await peers.set_switches(tx.conn, origin, publishes=publishes, receives=receives, paused=paused)
    now = {"sends": publishes, "shows": receives, "pauses": paused}
    said = ", ".join(f"{name} {'yes' if on else 'no'}" for name, on in now.items())
    await logs.write(tx.conn, by, "switches", origin, said)
    if peer.paused_at and not paused:
        await peers.retry(tx.conn, origin)
    if receives and not peer.receives and peer.link == "linked":
        # What they sent meanwhile was not kept: it stands in their ledger, and in their lists.
        await tx.defer("catch_up", origin=origin)
        await tx.defer("discover", origin=origin)
    return await peers.get(tx.conn, origin)


async def block(tx: Tx, *, by: Actor | None, origin: str, reason: str) -> Peer:
    """Nothing goes to this server and its sub-domains, nothing of them is taken or shown.

    Ends the link, and follows and memberships across. Nobody is told: they will notice.
    """
    if not reason.strip():
        raise Invalid({"reason": N_("Please say why; the other admins will ask.")})
    peer = await peers.get(tx.conn, origin)
    if peer.blocked_at:
        raise Conflict(N_("This place is blocked already."))
    reached = await peers.list_under(tx.conn, peer.host)
    await peers.block(tx.conn, reached, reason.strip()[:1000])
    await severing.cut(tx.conn, reached)
    await logs.write(tx.conn, by, "block", origin, reason.strip())
    return await peers.get(tx.conn, origin)


async def unblock(tx: Tx, *, by: Actor | None, origin: str, other: Actor | None) -> Peer:
    """They may knock again. What the block has cut stays cut, and their city is told so."""
    peer = await peers.get(tx.conn, origin)
    if not peer.blocked_at:
        raise Conflict(N_("This place is not blocked."))
    await peers.unblock(tx.conn, origin)
    await logs.write(tx.conn, by, "unblock", origin, peer.reason)
    if other is not None:
        city = await _ours(tx)
        follow: Document = {"type": "Follow", "actor": other.uri, "object": city.uri}
        await outbox.send(tx, city, {"type": "Reject", "object": follow}, [other])
    return await peers.get(tx.conn, origin)


async def try_now(tx: Tx, *, by: Actor | None, origin: str) -> None:
    """Everything that waits for them is due."""
    peer = await peers.get(tx.conn, origin)
    await peers.retry(tx.conn, peer.origin)
    await logs.write(tx.conn, by, "try now", origin)


async def _consent(tx: Tx, city: Actor, other: Actor) -> Peer:
    theirs = await follows.find(tx.conn, other.id, city.id)
    if theirs:
        await follows.put(tx.conn, other.id, city.id, "accepted", theirs.uri)
        follow: Document = {
            "id": theirs.uri,
            "type": "Follow",
            "actor": other.uri,
            "object": city.uri,
        }
        await outbox.send(tx, city, {"type": "Accept", "object": follow}, [other])
    ours = await follows.find(tx.conn, city.id, other.id)
    if ours is None:
        await _follow(tx, city, other)
    elif ours.state == "accepted" and theirs and theirs.state != "accepted":
        # Both have said yes now: what they showed before is fetched.
        await tx.defer("discover", origin=_origin(other))
    return await peers.set_link(tx.conn, _origin(other), "linked")


async def _follow(tx: Tx, city: Actor, other: Actor) -> None:
    uri = await outbox.send(tx, city, {"type": "Follow", "object": other.uri}, [other])
    await follows.put(tx.conn, city.id, other.id, "asked", uri)


async def _ours(tx: Tx) -> Actor:
    return await actors.get(tx.conn, tx.instance.city_id)


def _origin(other: Actor) -> str:
    if other.kind != "city" or other.peer is None:
        raise Forbidden("This is not another city.")
    return other.peer


async def knows_follow(conn: Conn, instance: Instance, other: Actor, uri: str) -> bool:
    """Whether `uri` is the Follow between our city and that one, in either direction."""
    ours = await follows.find(conn, instance.city_id, other.id)
    theirs = await follows.find(conn, other.id, instance.city_id)
    return bool(uri) and uri in {follow.uri for follow in (ours, theirs) if follow}
