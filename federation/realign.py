"""Two lists of followers that differ are made equal (FEP-8fcf)."""

from collections.abc import Mapping

import structlog
from starlette.requests import Request
from starlette.responses import Response

from federation import fetch, resolve
from federation.acts import memberships, people
from federation.documents import Document, id_of
from federation.endpoints import answer, local_actor, refusing
from federation.errors import Gone, Malformed, Refused, Untrusted
from federation.instance import Instance, Tx
from federation.negotiation import ActivityRoute
from federation.readers import NOT_HERE, instance_of, may_know, reader_of
from federation.wire.contexts import AS
from schema import actors, communities, follows
from schema import memberships as stored
from schema.actors import Actor
from schema.errors import Missing, Refusal
from schema.follows import Bond

log = structlog.get_logger()


async def get_followers(request: Request) -> Response:
    """Who follows one of ours from the server that signed this; nobody else's."""
    instance = instance_of(request)
    origin = await reader_of(request)
    async with instance.read() as conn:
        actor = await local_actor(conn, request)
    await may_know(request, actor)
    if origin is None:
        raise Missing(NOT_HERE)
    async with instance.read() as conn:
        found = await follows.list_uris_at(conn, [actor.id], origin)
    document: Document = {
        "@context": AS,
        "id": f"{actor.uri}/followers_synchronization",
        "type": "OrderedCollection",
        "totalItems": len(found),
        "orderedItems": [uri for _, uri in found],
    }
    return answer(document, private=True)


async def job(instance: Instance, uri: str, address: str) -> None:
    """Reads who of us follows this actor in the eyes of its server; Unreachable: again later."""
    try:
        actor = await resolve.actor(instance, uri)
        async with instance.read() as conn:
            before = await follows.list_bonds(conn, actor.id)
        items = await fetch.items(instance, address)
        await realign(instance, actor, {id_of(item) or "" for item in items}, before)
    except (Gone, Malformed, Refused, Untrusted, Refusal) as wrong:
        log.info("followers not compared", actor=uri, reason=str(wrong))


async def realign(
    instance: Instance, actor: Actor, theirs: set[str], before: Mapping[str, Bond]
) -> None:
    """Whom they do not know follows no more; whom we do not know is taken back there. What has
    changed since their list was asked for (`before`) is left alone: it may be newer than that."""
    async with instance.begin() as tx:
        # Somebody may be joining at this very moment.
        await (communities if actor.kind == "group" else actors).lock(tx.conn, actor.id)
        bonds = await follows.list_bonds(tx.conn, actor.id, sorted(theirs))
        for uri, bond in sorted(bonds.items()):
            if before.get(uri, Bond(bond.id, uri, None, None, "")) == bond:
                await _align(tx, actor, bond, is_theirs=uri in theirs)


async def _align(tx: Tx, actor: Actor, bond: Bond, *, is_theirs: bool) -> None:
    # They ended it, or seemed to while Leave and Join were on their way, and have it again.
    if is_theirs and (bond.state == "asked" or (bond.state is None and bond.is_wished)):
        await _confirm(tx, actor, await actors.get(tx.conn, bond.id))
    elif is_theirs and bond.state is None:
        await _take_back(tx, actor, await actors.get(tx.conn, bond.id))
    elif not is_theirs and bond.state == "accepted":
        await _end(tx, actor, await actors.get(tx.conn, bond.id))


async def _confirm(tx: Tx, actor: Actor, person: Actor) -> None:
    """Their Accept did not reach us."""
    found = await stored.find(tx.conn, actor.id, person.id) if actor.kind == "group" else None
    if found is not None:
        await memberships.admitted(tx, by=actor, membership=found)
    else:
        await people.answered(tx, by=actor, follower=person, accepted=True, received=None)


async def _take_back(tx: Tx, actor: Actor, person: Actor) -> None:
    """Their server thinks that this person follows, and here nobody knows of it."""
    found = await stored.find(tx.conn, actor.id, person.id) if actor.kind == "group" else None
    if found is not None and found.edition and actor.members_uri:
        await memberships.leave_again(tx, person, actor, found)
    else:
        await people.disown_follow(tx, person, actor)


async def _end(tx: Tx, actor: Actor, person: Actor) -> None:
    """They do not know of it: the same as if they had said no."""
    found = await stored.find(tx.conn, actor.id, person.id) if actor.kind == "group" else None
    if found is not None and await communities.find(tx.conn, actor.id):
        await memberships.refused(tx, by=actor, membership=found)
    await follows.delete(tx.conn, person.id, actor.id)


_ACTORS = ("/people/{name}", "/communities/{name}", "/city")

routes = [
    ActivityRoute(f"{path}/followers_synchronization", refusing(get_followers)) for path in _ACTORS
]
