"""Flag: another place complains about something of ours."""

from collections.abc import Mapping, Sequence

from federation.acts import reports as acts
from federation.acts.reports import About
from federation.instance import Instance
from federation.messages import Handler, Message
from federation.outbox import done
from federation.wire import reports as wire
from schema import actors, blueprints, posts, proposals
from schema.actors import Actor
from schema.blueprints import Blueprint
from schema.database import Conn
from schema.errors import Conflict
from schema.posts import Post
from schema.proposals import Proposal

MOST = 10  # things of one Flag


async def on_flag(instance: Instance, message: Message) -> bool:
    """One report for each thing of ours, or for the person where no thing is named."""
    flag = wire.read(message.activity)
    async with instance.begin() as tx:
        found = await _about(tx.conn, flag.objects)
    if not found:
        return False
    for number, about in enumerate(found):
        uri = flag.id if number == 0 else f"{flag.id}#{number}"
        try:
            async with instance.begin() as tx:
                await acts.report(
                    tx,
                    by=message.actor,
                    about=about,
                    harm="other",
                    text=flag.text,
                    uri=uri,
                    received=message.received,
                )
        except Conflict:
            async with instance.begin() as tx:
                await done(tx, message.received)
    return True


async def _about(conn: Conn, uris: Sequence[str]) -> list[About]:
    things: list[About] = []
    people = [a for a in await actors.list_by_uri(conn, uris) if a.is_local and a.kind == "person"]
    for uri in uris:
        thing = await posts.find(conn, uri) or await proposals.find(conn, uri)
        thing = thing or await blueprints.find(conn, uri)
        if thing is None:
            continue
        author = await actors.get(conn, thing.author_id)
        if author.is_local or await _is_in_ours(conn, thing):
            things.append(_named(author, thing))
    return (things or [About(person) for person in people])[:MOST]


async def _is_in_ours(conn: Conn, thing: Post | Proposal | Blueprint) -> bool:
    if thing.community_id is None:
        return False
    return (await actors.get(conn, thing.community_id)).is_local


def _named(author: Actor, thing: Post | Proposal | Blueprint) -> About:
    if isinstance(thing, Post):
        return About(author, post=thing)
    if isinstance(thing, Blueprint):
        return About(author, blueprint=thing)
    return About(author, proposal=thing)


HANDLERS: Mapping[str, Handler] = {"Flag": on_flag}
