"""Every change of a project makes a new edition of its plan, which goes out whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from federation import outbox
from federation.addresses import Addresses
from federation.documents import Document
from federation.instance import Tx
from federation.outbox import Audience
from federation.wire import plans as wire
from federation.wire.contexts import PUBLIC
from schema import actors, blueprints, communities, plans, project_needs, projects
from schema.actors import Actor
from schema.adoptions import State as AdoptionState
from schema.database import Conn
from schema.project_needs import Gift
from schema.projects import Entry, Project, State

LINEAGE: Final[dict[State, AdoptionState]] = {
    "planned": "planned",
    "running": "planned",
    "built": "built",
    "stopped": "given up",
}
"""What a project's state means for the blueprint that it follows."""


async def changed(
    tx: Tx, project_id: UUID, act: Entry | None = None, who: UUID | None = None, subject: str = ""
) -> Project:
    """The next edition of a plan of ours, told to all who follow it; `act` goes into its log."""
    row = await projects.lock(tx.conn, project_id)
    now = later(tx, row)
    await _finish_processes(tx, project_id)
    stored = await projects.put(tx.conn, replace(row, edition=row.edition + 1, updated=now))
    if act is not None:
        await projects.log(tx.conn, project_id, act, who, subject, now)
    await tell(tx, "Update", stored)
    return stored


def later(tx: Tx, row: Project) -> datetime:
    """Later than it was before, also where clocks stand still."""
    return max(tx.instance.clock(), row.updated + timedelta(milliseconds=1))


async def _finish_processes(tx: Tx, project_id: UUID) -> None:
    """A milestone is reached when all its tasks are done."""
    tasks = await plans.list_tasks(tx.conn, project_id)
    for process in await plans.list_processes(tx.conn, project_id):
        own = [task.state for task in tasks if task.process_id == process.id]
        finished = bool(own) and set(own) == {"done"}
        if finished != process.finished:
            await plans.put_process(tx.conn, replace(process, finished=finished))


async def tell(tx: Tx, kind: Literal["Create", "Update"], row: Project) -> None:
    """The plan to those who follow the project and, unless it is hidden, to neighbour cities."""
    group = await actors.get(tx.conn, row.community_id)
    community = await communities.get(tx.conn, row.community_id)
    hidden = community.join_rule == "hidden"
    document = await _written(tx.conn, tx.addresses, row, group, hidden=hidden)
    to, cc = addressed(group, tx.addresses, hidden=hidden)
    relays = () if hidden else (await actors.get(tx.conn, tx.instance.city_id),)
    origins = () if hidden else await _origins(tx.conn, row)
    audience = Audience(
        to=to,
        cc=(*cc, *(actor.uri for actor in origins)),
        actors=tuple(actor.id for actor in origins),
        followers_of=(group.id,),
        relays=relays,
    )
    await outbox.record(tx, group, {"type": kind, "object": document}, audience)


async def _origins(conn: Conn, row: Project) -> tuple[Actor, ...]:
    """Author and city of the blueprint that it follows, where they live elsewhere."""
    version = await blueprints.find_version(conn, row.version_uri) if row.version_uri else None
    if version is None:
        return ()
    blueprint = await blueprints.get(conn, version.blueprint_id)
    author = await actors.get(conn, blueprint.author_id)
    if author.is_local:
        return ()
    city = await actors.find_by_handle(conn, "city", author.host)
    return (author, city) if city and city.kind == "city" else (author,)


def addressed(
    group: Actor, addresses: Addresses, *, hidden: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`to` and `cc` of a plan."""
    followers = group.followers_uri or group.uri
    return ((followers,), ()) if hidden else ((PUBLIC,), (followers, addresses.city))


async def document(conn: Conn, addresses: Addresses, row: Project) -> Document:
    """A plan of ours as its address shows it to other servers."""
    group = await actors.get(conn, row.community_id)
    community = await communities.get(conn, row.community_id)
    hidden = community.join_rule == "hidden"
    return await _written(conn, addresses, row, group, hidden=hidden)


async def _written(
    conn: Conn, addresses: Addresses, row: Project, group: Actor, *, hidden: bool
) -> Document:
    to, cc = addressed(group, addresses, hidden=hidden)
    gifts = await project_needs.list_gifts(conn, row.community_id)
    setting = wire.Setting(
        group=group,
        origin=addresses.origin,
        to=to,
        cc=cc,
        processes=await plans.list_processes(conn, row.community_id),
        tasks=await plans.list_lines(conn, row.community_id),
        needs=await project_needs.list_all(conn, row.community_id),
        gifts=gifts,
        givers=await _givers(conn, gifts),
    )
    return wire.build(row, setting)


async def _givers(conn: Conn, gifts: Sequence[Gift]) -> dict[str, str]:
    """The uri of who gave, by that of the gift."""
    named = [gift.giver_id for gift in gifts if gift.giver_id]
    known = {actor.id: actor.uri for actor in await actors.list_by_id(conn, named)}
    return {g.uri: known[g.giver_id] for g in gifts if g.giver_id and g.giver_id in known}
