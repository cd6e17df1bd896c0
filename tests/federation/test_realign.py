"""Joining, leaving and joining again while words are late, and lists of followers compared."""

import asyncio
from dataclasses import dataclass

import pytest

from federation import deliver, realign, resolve, worker
from federation.acts import memberships, people
from schema import communities, follows
from schema.actors import Actor
from schema.follows import Bond
from tests import make
from tests.federation.test_catch_up import do_jobs
from tests.world import City, held_up, settle


@dataclass(frozen=True, slots=True)
class Garden:
    """A community of alpha, as beta knows it, and ben of beta."""

    alpha: City
    beta: City
    ben: Actor
    group: Actor

    async def act(self, *, leave: bool = False) -> None:
        """ben joins or leaves; nothing is sent yet."""
        async with self.beta.instance.begin() as tx:
            here = await communities.find_by_uri(tx.conn, self.group.uri)
            assert here
            act = memberships.leave if leave else memberships.ask
            await act(tx, by=self.ben, community=here)

    async def send(self) -> None:
        """What beta has said reaches alpha, whose answers are held back on the wire."""
        await deliver.deliver_due(self.beta.instance)
        self.alpha.wire.hold()
        await worker.receive_due(self.alpha.instance)
        await deliver.deliver_due(self.alpha.instance)

    async def bonds(self) -> dict[str, Bond]:
        async with self.beta.instance.read() as conn:
            return await follows.list_bonds(conn, self.group.id)

    async def compare(self, *theirs: str) -> None:
        """As if alpha's list of followers had just been read."""
        await realign.realign(self.beta.instance, self.group, {*theirs}, await self.bonds())

    async def states(self) -> tuple[str, str]:
        """Whether ben belongs to it, as the two cities see it."""
        query = """select state from memberships
                   where person_id = (select id from actors where uri = %s)"""
        return await self.alpha.value(query, self.ben.uri), await self.beta.value(
            query, self.ben.uri
        )


@pytest.fixture
async def garden(alpha: City, beta: City) -> Garden:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    community = await make.a_community(alpha, ann)
    return Garden(alpha, beta, ben, await resolve.actor(beta.instance, community.uri))


async def test_a_late_yes_to_a_join_that_was_taken_back_says_nothing_of_the_next(
    garden: Garden,
) -> None:
    await garden.act()
    await garden.send()
    await garden.act(leave=True)
    await garden.act()
    await garden.alpha.wire.release()
    await worker.receive_due(garden.beta.instance)
    assert await garden.states() == ("member", "asked")
    await settle(garden.alpha, garden.beta)
    assert await garden.states() == ("member", "member")


async def test_the_last_yes_counts_after_a_list_that_was_read_in_between(garden: Garden) -> None:
    await garden.act()
    await garden.send()
    await garden.compare(garden.ben.uri)
    await garden.compare()
    assert await garden.states() == ("member", "left")
    await garden.alpha.wire.release()
    await settle(garden.alpha, garden.beta)
    assert await garden.states() == ("member", "member")


async def test_whom_they_have_again_and_who_did_not_leave_belongs_to_it_again(
    garden: Garden,
) -> None:
    await garden.act()
    await settle(garden.alpha, garden.beta)
    await garden.compare()
    assert await garden.states() == ("member", "left")
    await garden.compare(garden.ben.uri)
    await settle(garden.alpha, garden.beta)
    assert await garden.states() == ("member", "member")


async def test_who_left_is_taken_back_there(garden: Garden) -> None:
    await garden.act()
    await settle(garden.alpha, garden.beta)
    await garden.act(leave=True)
    await garden.beta.execute("delete from deliveries")
    await garden.compare(garden.ben.uri)
    await settle(garden.alpha, garden.beta)
    assert await garden.states() == ("left", "left")


async def test_what_is_said_again_of_who_left_ends_nothing_they_ask_for_later(
    garden: Garden,
) -> None:
    for leave in (False, True):
        await garden.act(leave=leave)
        await settle(garden.alpha, garden.beta)
    await garden.compare(garden.ben.uri)
    await garden.beta.execute("update deliveries set created = now(), next_at = 'infinity'")
    late = "select id from deliveries where state = 'due' order by id desc limit 1"
    again = await garden.beta.value(late)
    await garden.beta.execute("update deliveries set object_key = 'alone' where id = %s", again)
    await garden.act()
    await settle(garden.alpha, garden.beta)
    assert await garden.states() == ("member", "member")
    await garden.beta.execute("update deliveries set next_at = now() where id = %s", again)
    await settle(garden.alpha, garden.beta)
    said = "select count(*) from activities where type = 'Leave' and state = 'done'"
    assert await garden.alpha.value(said) == 2
    assert await garden.states() == ("member", "member")


async def test_a_list_that_is_compared_while_somebody_joins_waits_for_them(garden: Garden) -> None:
    before = await garden.bonds()
    async with garden.beta.instance.begin() as tx:
        here = await communities.find_by_uri(tx.conn, garden.group.uri)
        assert here
        await memberships.ask(tx, by=garden.ben, community=here)
        comparing = asyncio.create_task(
            realign.realign(garden.beta.instance, garden.group, {garden.ben.uri}, before)
        )
        await held_up(garden.beta, comparing)
    await comparing
    await settle(garden.alpha, garden.beta)
    assert await garden.states() == ("member", "member")


async def test_a_list_that_is_compared_while_somebody_follows_waits_for_them(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    whom = await resolve.actor(beta.instance, ann.uri)
    async with beta.instance.begin() as tx:
        await people.follow(tx, by=ben, whom=whom)
        comparing = asyncio.create_task(realign.realign(beta.instance, whom, {ben.uri}, {}))
        await held_up(beta, comparing)
    await comparing
    query = "select state from follows where follower_id = %s"
    assert await beta.value(query, ben.id) == "asked"
    assert await beta.value("select count(*) from activities where type = 'Undo'") == 0


async def test_what_has_changed_since_their_list_was_read_is_left_alone(garden: Garden) -> None:
    await garden.act()
    before = await garden.bonds()
    await settle(garden.alpha, garden.beta)
    await realign.realign(garden.beta.instance, garden.group, set(), before)
    assert await garden.states() == ("member", "member")
    before = await garden.bonds()
    await garden.act(leave=True)
    await realign.realign(garden.beta.instance, garden.group, {garden.ben.uri}, before)
    query = "select count(*) from activities where type = 'Undo'"
    assert await garden.beta.value(query) == 0


async def test_a_late_yes_to_a_follow_that_was_taken_back_says_nothing_of_the_next(
    alpha: City, beta: City
) -> None:
    ann, ben = await make.a_person(alpha, "ann"), await make.a_person(beta, "ben")
    whom = await resolve.actor(beta.instance, ann.uri)
    for act in (people.follow, people.unfollow, people.follow):
        async with beta.instance.begin() as tx:
            await act(tx, by=ben, whom=whom)
        if act is people.follow and alpha.wire.held is None:
            await deliver.deliver_due(beta.instance)
            alpha.wire.hold()
            await worker.receive_due(alpha.instance)
            await deliver.deliver_due(alpha.instance)
    await alpha.wire.release()
    await worker.receive_due(beta.instance)
    query = "select state from follows where follower_id = %s"
    assert await beta.value(query, ben.id) == "asked"
    await settle(alpha, beta)
    await do_jobs(beta)
    assert await beta.value(query, ben.id) == "accepted"
