"""Three cities that were founded and linked through the protocol."""

import asyncio

from federation import resolve
from federation.acts import cities
from schema.peers import Peer
from tests import make
from tests.world import City, held_up, settle


async def test_cities_are_linked_with_each_other_through_the_protocol(
    alpha: City, beta: City, gamma: City
) -> None:
    await settle(alpha, beta, gamma)
    for city in (alpha, beta, gamma):
        assert await city.value("select count(*) from peers where link = 'linked'") == 2
        assert await city.value("select count(*) from follows where state = 'accepted'") == 4


async def test_two_cities_that_ask_at_the_same_moment_become_neighbours(
    alpha: City, beta: City
) -> None:
    there = await resolve.city(alpha.instance, beta.origin)
    async with alpha.instance.begin() as tx:
        admin = await make.an_admin(alpha)
        await cities.part(tx, by=admin, other=there)
    await settle(alpha, beta)

    async def ask() -> Peer:
        async with alpha.instance.begin() as tx:
            return await cities.ask(tx, by=None, other=there)

    async with alpha.instance.begin() as tx:
        uri = f"{beta.origin}/activities/1"
        await cities.asked(tx, other=there, uri=uri, received=None)
        asking = asyncio.create_task(ask())
        await held_up(alpha, asking)
    assert (await asking).link == "linked"
