"""Fills the three cities through the acts behind their pages; what crosses a border goes by wire.

Every step looks first whether it was done, so that a start which was killed is gone on with.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import UUID

from federation import keys, resolve
from federation.acts import accounts, cities, communities, memberships, moderation, people, posts
from federation.acts import settings as settings_acts
from federation.config import Config
from federation.errors import Unreachable
from federation.instance import Instance, Tx
from federation.run import open_instance
from schema import accounts as stored_accounts
from schema import actors, marks, peers
from schema import communities as stored_communities
from schema import memberships as stored_memberships
from schema import places as stored_places
from schema import posts as stored_posts
from schema.actors import Actor
from schema.communities import Community
from schema.memberships import Membership
from schema.posts import Post
from schema.settings import Settings
from web.demo import adoptions, blueprints, deals, goods, hours, knowledge, pledges, projects, rings
from web.demo.content import Reply, Resident, Thread
from web.demo.places import Lost, Place, find_person, plight, until, writer
from web.login import Passwords

PASSWORD = "nachbarschaft"
TRIES = 6
PAUSE = 5.0  # seconds for a city that did not answer to be started again
Say = Callable[[str], None]


def is_filled(place: Place) -> bool:
    """Whether the last step was done."""
    return marks.is_set(place.conninfo, "demo")


async def fill(cities_: Sequence[Place], say: Say) -> None:
    """All steps, in order; each may be repeated, and is when a city did not answer. Raises Lost."""
    async with AsyncExitStack() as stack:
        for place in cities_:
            place.opened.append(await stack.enter_async_context(_opened(place)))
        try:
            await _persist(cities_, say)
        except Lost:
            for place in cities_:
                for line in await plight(place):
                    say(f"  {place.content.city.name}: {line}")
            raise


async def _persist(cities_: Sequence[Place], say: Say) -> None:
    for left in reversed(range(TRIES)):
        try:
            return await _steps(cities_, say)
        except Unreachable as silent:
            if not left:
                raise Lost(f"A city does not answer: {silent.reason}") from silent
            say(f"  a city does not answer, once more in {PAUSE:.0f} seconds")
        await asyncio.sleep(PAUSE)


async def _steps(cities_: Sequence[Place], say: Say) -> None:
    for place in cities_:
        say(f"  {place.content.city.name}: the place and its residents")
        await _found(place)
        await _people(place)
    say("  linking the cities")
    await _link(cities_)
    for place in cities_:
        say(f"  {place.content.city.name}: communities")
        await _communities(place)
    for place in cities_:
        await _members(place, cities_)
    say("  needs and offers")
    for place in cities_:
        await goods.parts(place)
    await goods.listings(cities_)
    for place in cities_:
        say(f"  {place.content.city.name}: conversations")
        for thread in place.content.threads:
            await _thread(place, thread, cities_)
        await goods.answers(place, cities_)
        await deals.deals(place)
        await deals.gatherings(place)
        await hours.keep(place)
        await rings.circle(place)
    await hours.bridge(cities_)
    say("  blueprints")
    await blueprints.plans(cities_)
    say("  projects")
    await projects.projects(cities_)
    await adoptions.adoptions(cities_)
    say("  knowledge bridges and open places")
    await knowledge.bridge(cities_)
    await knowledge.open_places(cities_)
    say("  pledges")
    await pledges.pledges(cities_)
    for place in cities_:
        async with place.instance.begin() as tx:
            await marks.put(tx.conn, "demo")


@asynccontextmanager
async def _opened(place: Place) -> AsyncGenerator[Instance]:
    config = Config(
        origin=place.content.city.origin,
        database_url=place.conninfo,
        data_dir=Path.cwd(),
        allow_loopback_peers=True,
        pool_size=4,
    )
    async with open_instance(config, place.conninfo) as instance:
        yield instance


async def _found(place: Place) -> None:
    city = place.content.city
    wanted = Settings(
        name=city.name,
        purpose_de=city.purpose_de,
        purpose_en=city.purpose_en,
        latitude=city.latitude,
        longitude=city.longitude,
        operator=f"Verein Nachbarschaft {city.name}",
    )
    async with place.instance.begin() as tx:
        await settings_acts.save(tx, by=None, settings=wanted, place_name=city.place)
        await settings_acts.publish_rules(tx, by=None, de=city.rules_de, en=city.rules_en)


async def _people(place: Place) -> None:
    hashed = await Passwords().hash(PASSWORD)
    for number, resident in enumerate(place.content.residents):
        if await find_person(place, resident.login):
            continue
        pair = await keys.make_in_thread()
        async with place.instance.begin() as tx:
            account = await accounts.sign_up(
                tx,
                name=resident.login,
                title=resident.title,
                keys=pair,
                email=None,
                password_hash=hashed,
                locale=resident.language,
                invitation=None,
                answers={},
            )
            person = await actors.get(tx.conn, account.actor_id)
            await _describe(tx, person, resident)
            await stored_accounts.set_welcome(tx.conn, person.id, 0, [])
            if number == 0:
                await accounts.set_role(tx, by=None, account_id=person.id, role="admin")


async def _describe(tx: Tx, person: Actor, resident: Resident) -> None:
    spot = stored_places.Place(
        resident.place, (), "AT", "", resident.latitude, resident.longitude, 0
    )
    moved = await people.move(tx, by=person, place=spot)
    await people.update(
        tx,
        by=moved,
        title=resident.title,
        about=resident.bio,
        can=resident.can,
        wants=resident.need,
        languages=[resident.language],
    )


async def _link(cities_: Sequence[Place]) -> None:
    for here in cities_:
        for there in cities_:
            if here is there or await _is_linked(here, there):
                continue
            other = await resolve.city(here.instance, there.content.city.origin)
            async with here.instance.begin() as tx:
                peer = await peers.get(tx.conn, there.content.city.origin)
                if peer.link in ("known", "asking"):
                    await cities.ask(tx, by=None, other=other)
            if cities_.index(here) > cities_.index(there):
                await until(lambda a=here, b=there: _is_linked(a, b), "the link")
                await until(lambda a=there, b=here: _is_linked(a, b), "the link")


async def _is_linked(here: Place, there: Place) -> bool | None:
    async with here.instance.read() as conn:
        peer = await peers.find(conn, there.content.city.origin)
    return True if peer and peer.link == "linked" else None


async def _communities(place: Place) -> None:
    for wanted in place.content.communities:
        if await community(place, wanted.name):
            continue
        steward = await find_person(place, wanted.steward)
        if steward is None:
            raise Lost(f"{wanted.steward} is not there")
        pair = await keys.make_in_thread()
        draft = communities.Draft(wanted.title, wanted.purpose, wanted.join, wanted.name)
        async with place.instance.begin() as tx:
            await communities.create(tx, by=steward, draft=draft, keys=pair)


async def community(place: Place, handle: str) -> Community | None:
    """By `name` or `name@host`, as this place knows it."""
    async with place.instance.read() as conn:
        return await stored_communities.find_by_handle(conn, handle)


async def _members(place: Place, cities_: Sequence[Place]) -> None:
    """All join; where the community asks for approval its steward lets them in."""
    for wanted in place.content.communities:
        for author in wanted.members:
            home, person = await writer(cities_, place, author)
            if wanted.join == "hidden":
                await _invite(place, home, person, wanted.name, wanted.steward)
            await _join(place, home, person, wanted.name, wanted.steward)


async def _invite(host: Place, home: Place, person: Actor, name: str, steward: str) -> None:
    """The way into a hidden community; it travels where the person lives elsewhere."""
    guest = person if host is home else await resolve.actor(host.instance, person.uri)
    by, group = await find_person(host, steward), await community(host, name)
    if by is None or group is None:
        raise Lost(f"{name} is not there")
    async with host.instance.begin() as tx:
        if await stored_memberships.find(tx.conn, group.actor_id, guest.id) is None:
            await moderation.invite(tx, by=by, community=group, person=guest)

    async def arrived() -> Membership | None:
        async with home.instance.read() as conn:
            known = await stored_communities.find_by_uri(conn, group.uri)
            return known and await stored_memberships.find(conn, known.actor_id, person.id)

    await until(arrived, f"the invitation of {person.name} to {name}")


async def _join(host: Place, home: Place, person: Actor, name: str, steward: str) -> None:
    uri = host.instance.addresses.community(name)
    if host is not home:
        await resolve.actor(home.instance, uri)
    async with home.instance.begin() as tx:
        known = await stored_communities.find_by_uri(tx.conn, uri)
        if known is None:
            raise Lost(f"{home.name} does not see {uri}")
        mine = await stored_memberships.find(tx.conn, known.actor_id, person.id)
        if mine and mine.is_member:
            return
        await memberships.ask(tx, by=person, community=known)

    async def asked() -> UUID | None:
        return await _let_in(host, person.uri, name, steward)

    await until(asked, f"the wish of {person.name} to join {name}")

    async def is_in() -> bool | None:
        async with home.instance.read() as conn:
            return await stored_memberships.is_member(conn, known.actor_id, person.id) or None

    await until(is_in, f"the membership of {person.name} in {name}")


async def _let_in(host: Place, uri: str, name: str, steward: str) -> UUID | None:
    by = await find_person(host, steward)
    async with host.instance.begin() as tx:
        group = await stored_communities.find_by_handle(tx.conn, name)
        person = await actors.find(tx.conn, uri)
        if group is None or person is None or by is None:
            return None
        asked = await stored_memberships.find(tx.conn, group.actor_id, person.id)
        if asked and asked.state == "asked":
            await memberships.admit(tx, by=by, community=group, person=person)
        return person.id if asked else None


async def _thread(host: Place, thread: Thread, cities_: Sequence[Place]) -> None:
    home, author = await writer(cities_, host, thread.author)
    uri = host.instance.addresses.community(thread.community)
    async with home.instance.begin() as tx:
        group = await actors.find(tx.conn, uri)
        if group is None:
            raise Lost(f"{home.name} does not see {uri}")
        post = await stored_posts.find_titled(tx.conn, author.id, thread.title)
        if post is None:
            post = await posts.start(
                tx,
                by=author,
                community=group,
                title=thread.title,
                source=thread.text,
                language=thread.language,
            )
    await replies(host, home, post, thread.replies, thread.language, cities_)


async def replies(
    host: Place,
    home: Place,
    root: Post,
    said: Sequence[Reply],
    language: str,
    cities_: Sequence[Place],
) -> None:
    """One after the other, each when its author's place has the first post."""
    for reply in said:
        place, by = await writer(cities_, host, reply.author)

        async def arrived(at: Place = place) -> Post | None:
            async with at.instance.read() as conn:
                return await stored_posts.find(conn, root.uri)

        parent = await until(arrived, f"“{root.title}” at {place.name}")
        async with place.instance.begin() as tx:
            said_before = await stored_posts.find_said(
                tx.conn, by.id, reply.text, parent=parent.id, proposal=None
            )
            if said_before:
                continue
            await posts.reply(tx, by=by, parent=parent, source=reply.text, language=language)
