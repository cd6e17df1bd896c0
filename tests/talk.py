"""Talk for tests: who joins which community, what they say there, who is told of it."""

from typing import Any

from federation import resolve
from federation.acts import memberships, moderation, posts
from schema import actors, communities, notices
from schema import posts as stored
from schema.actors import Actor
from schema.communities import Community
from schema.memberships import Role
from schema.posts import Post, PostView
from schema.proposals import Proposal
from tests.world import City, settle


async def group_of(city: City, community: Community) -> Actor:
    """The community's actor as this city knows it."""
    async with city.instance.read() as conn:
        found = await actors.find(conn, community.uri)
        assert found is not None
        return found


async def join(city: City, person: Actor, community: Community, *others: City) -> None:
    """A resident of `city` joins, here or, with the cities that must settle, elsewhere."""
    if others:
        await resolve.actor(city.instance, community.uri)
    async with city.instance.begin() as tx:
        here = await communities.find_by_uri(tx.conn, community.uri)
        assert here is not None
        await memberships.ask(tx, by=person, community=here, message="")
    await settle(city, *others)


async def promote(
    city: City, by: Actor, community: Community, person: Actor, role: Role = "moderator"
) -> None:
    """Somebody joins a community of `city`, and a steward gives them a role."""
    async with city.instance.begin() as tx:
        await memberships.ask(tx, by=person, community=community)
        await moderation.set_role(tx, by=by, community=community, person=person, role=role)


async def start(
    city: City, by: Actor, community: Community, title: str = "Seeds", **more: Any
) -> Post:
    """A thread in the community."""
    group = await group_of(city, community)
    source = more.pop("source", "Who has *seeds*?")
    async with city.instance.begin() as tx:
        return await posts.start(tx, by=by, community=group, title=title, source=source, **more)


async def reply(city: City, by: Actor, parent: Post, source: str = "I have some.") -> Post:
    """A reply to the post, or to this city's copy of it."""
    async with city.instance.begin() as tx:
        here = await stored.find(tx.conn, parent.uri)
        assert here is not None
        return await posts.reply(tx, by=by, parent=here, source=source)


async def answer(city: City, by: Actor, listing: Proposal, source: str = "I can help.") -> Post:
    """An answer below a need or offer."""
    async with city.instance.begin() as tx:
        return await posts.answer(tx, by=by, proposal=listing, source=source)


async def copy(city: City, post: Post) -> Post | None:
    """This city's row of a post."""
    async with city.instance.read() as conn:
        return await stored.find(conn, post.uri)


async def thread(city: City, root: Post, viewer: Actor | None = None) -> list[PostView]:
    """The replies that this viewer sees in this city."""
    async with city.instance.read() as conn:
        here = await stored.find(conn, root.uri)
        assert here is not None
        found = await stored.list_thread(conn, here.id, viewer.id if viewer else None, None, 100)
    return stored.in_order(found)


async def told(city: City, person: Actor) -> list[tuple[str, str]]:
    """Kind and text of a person's notices, newest first."""
    async with city.instance.read() as conn:
        found = await notices.list_newest(conn, person.id, None, 50)
    return [(notice.kind, notice.text) for notice in found]


async def verdicts(city: City) -> list[tuple[str, str, str]]:
    """Type, state and verdict of what came in and was not done."""
    async with city.instance.read() as conn:
        rows = await conn.execute(
            "select type, state, verdict from activities "
            "where direction = 'in' and state <> 'done' order by id"
        )
        return await rows.fetchall()
