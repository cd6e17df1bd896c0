"""Two cities on a bad wire against a model: what is published, edited, deleted, joined, banned."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from federation.acts import memberships, moderation, proposals
from federation.acts.drafts import Draft
from schema import actors, communities
from schema import proposals as stored
from schema.actors import Actor
from schema.communities import Community
from schema.errors import Refusal
from tests import make, talk
from tests.world import City, fast_forward, settle

# The same stories each time; each ends with a mended wire, and then both cities equal the model.
STEADY = settings(
    max_examples=6,
    stateful_step_count=14,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)


@dataclass(slots=True)
class World:
    """Both cities, a community of alpha's with its steward, ben of beta, and what should be."""

    alpha: City
    beta: City
    garden: Community
    ann: Actor
    ben: Actor
    loop: asyncio.AbstractEventLoop
    number: int = 0
    titles: dict[str, str] = field(default_factory=dict[str, str])
    """Addresses of ann's offers that stand, and their titles."""
    banned: bool = False
    member: bool = False

    def wait(self, work: Any) -> Any:
        """Runs it in the loop of the cities."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(120)


async def publish(world: World) -> None:
    world.number += 1
    title = f"Thing {world.number}"
    made = await make.a_proposal(world.alpha, world.ann, title)
    world.titles[made.uri] = title


async def edit(world: World, which: int) -> None:
    if not world.titles:
        return
    uri = sorted(world.titles)[which % len(world.titles)]
    world.number += 1
    world.alpha.clock.now += timedelta(seconds=1)
    async with world.alpha.instance.begin() as tx:
        row = await stored.find(tx.conn, uri)
        assert row is not None
        draft = Draft(purpose="offer", title=f"Thing {world.number}")
        await proposals.edit(tx, by=world.ann, proposal=row, draft=draft)
    world.titles[uri] = f"Thing {world.number}"


async def delete(world: World, which: int) -> None:
    if not world.titles:
        return
    uri = sorted(world.titles)[which % len(world.titles)]
    async with world.alpha.instance.begin() as tx:
        row = await stored.find(tx.conn, uri)
        assert row is not None
        await proposals.withdraw(tx, by=world.ann, proposal=row)
    del world.titles[uri]


async def come_or_go(world: World, *, comes: bool) -> None:
    """Ben asks to belong, or leaves; all of it is settled before the next, as one person acts."""
    try:
        async with world.beta.instance.begin() as tx:
            here = await communities.find_by_uri(tx.conn, world.garden.uri)
            assert here is not None
            if comes:
                await memberships.ask(tx, by=world.ben, community=here, message="")
            else:
                await memberships.leave(tx, by=world.ben, community=here)
    except Refusal:
        return
    await calm(world)
    world.member = comes and not world.banned


async def ban(world: World) -> None:
    async with world.alpha.instance.begin() as tx:
        ben = await actors.find(tx.conn, world.ben.uri)
        if ben is None or not world.member:
            return
        await moderation.ban(
            tx, by=world.ann, community=world.garden, person=ben, until=None, reason="No."
        )
    world.banned, world.member = True, False


async def deliver(world: World) -> None:
    """Whatever comes through just now."""
    await settle(world.alpha, world.beta)


async def calm(world: World) -> None:
    """The wire is whole again, and everything that waited arrives."""
    wire = world.alpha.wire
    wire.mend(world.beta.host)
    wire.mend(world.alpha.host)
    wire.double = False
    if wire.held is not None:
        await wire.release()
    for _ in range(8):
        await fast_forward(world.alpha)
        await fast_forward(world.beta)
        await settle(world.alpha, world.beta)


async def check(world: World) -> None:
    await calm(world)
    query = "select uri, title from proposals where state = 'open' and starts_with(uri, %s)"
    for city in (world.alpha, world.beta):
        async with city.instance.read() as conn:
            rows = await (await conn.execute(query, [world.alpha.origin])).fetchall()
        assert dict(rows) == world.titles, city.origin
        belongs = """select count(*) from memberships m join actors a on a.id = m.person_id
                     where a.uri = %s and m.state = 'member'"""
        assert (await city.value(belongs, world.ben.uri) == 1) is world.member, city.origin


def machine(world: World) -> type[RuleBasedStateMachine]:
    """The rules, over cities that are opened already."""

    class Story(RuleBasedStateMachine):
        @rule()
        def publish(self) -> None:
            world.wait(publish(world))

        @rule(which=st.integers(0, 9))
        def edit(self, which: int) -> None:
            world.wait(edit(world, which))

        @rule(which=st.integers(0, 9))
        def delete(self, which: int) -> None:
            world.wait(delete(world, which))

        @rule(comes=st.booleans())
        def come_or_go(self, comes: bool) -> None:
            world.wait(come_or_go(world, comes=comes))

        @rule()
        def ban(self) -> None:
            world.wait(ban(world))

        @rule()
        def deliver(self) -> None:
            world.wait(deliver(world))

        @rule(host=st.sampled_from([world.alpha.host, world.beta.host]))
        def cut(self, host: str) -> None:
            world.alpha.wire.cut(host)

        @rule()
        def double(self) -> None:
            world.alpha.wire.double = True

        @rule(times=st.integers(1, 3))
        def hold_and_reverse(self, times: int) -> None:
            wire = world.alpha.wire
            if wire.held is None:
                wire.hold()
            else:
                wire.keep_doubles(times)
                world.wait(wire.release())

        def teardown(self) -> None:
            world.wait(check(world))

    return Story


async def test_z5_two_cities_come_to_what_the_model_says(alpha: City, beta: City) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    garden = await make.a_community(alpha, ann)
    await talk.join(beta, ben, garden, alpha)
    loop = asyncio.get_running_loop()
    world = World(alpha, beta, garden, ann, ben, loop, member=True)
    await asyncio.to_thread(run_state_machine_as_test, machine(world), settings=STEADY)
    assert world.number > 5
