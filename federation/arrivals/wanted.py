"""Whether what another server shares is wanted here, where it belongs, and who may read it."""

from collections.abc import Sequence
from datetime import datetime

from federation.acts.writing import is_vouched
from federation.instance import Tx
from federation.outbox import Received
from schema import actors, communities, memberships, peers, publishing
from schema.actors import Actor
from schema.errors import Forbidden
from schema.proposals import Scope


async def check(tx: Tx, by: Actor, received: Received | None) -> None:
    """Forbidden for what comes from, or through, places that we do not listen to."""
    for actor in (by, received.through if received else None):
        if actor is None or actor.peer is None:
            continue
        peer = await peers.find(tx.conn, actor.peer)
        if peer is not None and not peer.receives:
            raise Forbidden("What this place sends is not shown here.")
    if by.peer and await peers.is_blocked(tx.conn, by.peer):
        raise Forbidden("This place is blocked here.")


async def community_of(tx: Tx, by: Actor, named: Sequence[str], received: Received) -> Actor | None:
    """The community it was shared in, if we know it and it is vouched for: of ours by membership,
    of another server by that server or by the group itself."""
    groups = [a for a in await actors.list_by_uri(tx.conn, [*named[:20]]) if a.kind == "group"]
    for group in groups:
        if group.is_local:
            if await memberships.is_member(tx.conn, group.id, by.id):
                return group
        elif is_vouched(by, group, received):
            return group
    return None


async def scope_of(
    tx: Tx, by: Actor, community: Actor | None, addressed: Sequence[str], *, public: bool
) -> Scope:
    """How widely its author meant it; Forbidden where it is addressed to nobody here."""
    if community is not None:
        about = await communities.find(tx.conn, community.id)
        if about is not None and about.join_rule == "hidden":
            return "community"
    if public:
        return "everyone"
    city = tx.instance.city_id
    if await publishing.is_for_neighbours(tx.conn, by.peer or "", addressed[:50], city):
        return "neighbours"
    if community is None:
        raise Forbidden("This is not meant for anybody here.")
    return "community"


async def check_members(tx: Tx, community: Actor) -> None:
    """Of a community's own things we keep only what our people are entitled to read."""
    if not community.is_local and not await publishing.has_members_here(tx.conn, community.id):
        raise Forbidden("Nobody here belongs to this community.")


def past(tx: Tx, moment: datetime | None) -> datetime:
    """Clocks go wrong: nothing was written later than now."""
    now = tx.instance.clock()
    return min(moment, now) if moment else now
