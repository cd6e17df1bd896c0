"""What the acts on knowledge bridges share: the two ends, who speaks for them, who hears."""

from uuid import UUID

from federation.acts import writing
from federation.instance import Tx
from federation.outbox import Audience, Received
from federation.wire.contexts import PUBLIC
from federation.wire.pacts import Ends
from schema import actors, notices, pacts
from schema.actors import Actor
from schema.database import Conn
from schema.errors import Conflict, Forbidden
from schema.pacts import Pact
from schema.words import N_

NOT_YOURS = N_("Only those who speak for this place can do that.")


async def ends_of(conn: Conn, pact: Pact, *more: UUID | None) -> Ends:
    """The two places, and the addresses of the hosts and of `more` people."""
    people = [id for id in (pact.asker_host_id, pact.other_host_id, *more) if id]
    found = {a.id: a for a in await actors.list_by_id(conn, [pact.asker_id, pact.other_id])}
    known = {a.id: a.uri for a in await actors.list_by_id(conn, people)}
    return Ends(found[pact.asker_id], found[pact.other_id], known, pact.uri)


async def check_side(tx: Tx, by: Actor, pact: Pact, side: Actor, received: Received | None) -> None:
    """Forbidden unless `side` is one of the two places, and `by` speaks for it.

    From elsewhere the place itself has to say it; here a steward, an admin or its host does.
    """
    if not pact.is_side(side.id):
        raise Forbidden(NOT_YOURS)
    await check_voice(tx, by, side, received, pact.host_of(side.id))


async def check_voice(
    tx: Tx, by: Actor, side: Actor, received: Received | None, host: UUID | None = None
) -> None:
    """Forbidden unless `by` is this place of another server, or speaks for it here."""
    if received is not None:
        if by.id != side.id or by.is_local or not writing.is_proved(by, received):
            raise Forbidden(NOT_YOURS)
        return
    await writing.check_writer(tx, by, None, None)
    if not side.is_local:
        raise Forbidden(NOT_YOURS)
    if by.id != host and not await pacts.speaks_for(tx.conn, by.id, side.id):
        raise Forbidden(NOT_YOURS)


def check_stands(pact: Pact) -> None:
    """Conflict unless both have agreed and nobody has ended it."""
    if pact.state != "agreed":
        raise Conflict(N_("This knowledge bridge is not agreed, or has ended."))


def public(home: Actor, ends: Ends) -> Audience:
    """For everybody: who follows the place, and the place at the other end."""
    beyond = ends.beyond(home.id)
    return Audience(
        to=(PUBLIC,),
        cc=(home.followers_uri or home.uri, beyond.uri),
        actors=(beyond.id,),
        followers_of=(home.id,),
    )


def both(ends: Ends) -> Audience:
    """What a person says: for everybody, brought to both places."""
    return Audience(
        to=(PUBLIC,), cc=(ends.asker.uri, ends.other.uri), actors=(ends.asker.id, ends.other.id)
    )


def check_resident(by: Actor, ends: Ends) -> None:
    """Forbidden for people who live at neither end."""
    if by.kind != "person" or by.peer not in (ends.asker.peer, ends.other.peer):
        raise Forbidden(N_("This is for people who live in one of the two places."))


async def inform(tx: Tx, pact: Pact, side: Actor, teller: Actor, kind: notices.Kind) -> None:
    """Those who speak for a place of ours hear that the other end has done something."""
    if side.is_local:
        for person in await pacts.list_speakers(tx.conn, side, pact.host_of(side.id)):
            await notices.tell(tx.conn, person, kind, by=teller.id, text=pact.title)
