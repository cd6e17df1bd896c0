"""Who speaks for whom: people for themselves, moderators for their community of this place."""

from datetime import datetime

from schema import actors, memberships
from schema.actors import Actor
from schema.agreements import Agreement
from schema.database import Conn
from schema.proposals import Proposal


async def may_speak(conn: Conn, person: Actor, party: Actor, now: datetime) -> bool:
    """For `party`, a person or a community; who may not write speaks for no community."""
    if party.id == person.id:
        return True
    suspended = person.suspended_until is not None and person.suspended_until > now
    if suspended or not party.is_local or party.kind != "group":
        return False
    return await memberships.moderates(conn, party.id, person.id)


async def of_listing(conn: Conn, person: Actor, row: Proposal, now: datetime) -> Actor:
    """The community whose own need or offer it is, where they speak for it; else they."""
    if row.author_id != row.community_id:
        return person
    party = await actors.get(conn, row.author_id)
    return party if await may_speak(conn, person, party, now) else person


async def in_agreement(conn: Conn, person: Actor, row: Agreement, now: datetime) -> Actor:
    """The party they speak for; of both, the one whose turn it is. They, where it is neither."""
    parties = {
        one.id: one for one in await actors.list_by_id(conn, (row.author_id, row.responder_id))
    }
    order = [parties[row.author_id], parties[row.responder_id]]
    if row.turn == "responder" or row.author_confirmed:
        order.reverse()
    for party in order:
        if await may_speak(conn, person, party, now):
            return party
    return person
