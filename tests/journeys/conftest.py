"""The stage of a journey: two cities on a wire, and the same ones behind real sockets."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest

from schema.postgres import Embedded
from tests import world
from tests.conftest import ORIGINS
from tests.journeys.stage import Stage
from tests.world import City, Wire


async def on_the_wire(
    stack: AsyncExitStack, server: Embedded, databases: dict[str, str], scratch: str
) -> Stage:
    wire, opened = Wire(), list[City]()
    for which in ("alpha", "beta"):
        name = f"{scratch}_{which}"
        world.clone(server.conninfo("postgres"), databases[which], name)
        city = world.open_city(ORIGINS[which], server.conninfo(name), wire)
        opened.append(await stack.enter_async_context(city))
    return Stage(opened[0], opened[1])


async def on_sockets(stack: AsyncExitStack, server: Embedded, template: str, scratch: str) -> Stage:
    opened: list[City] = []
    for which in ("alpha", "beta"):
        name = f"{scratch}_{which}"
        world.clone(server.conninfo("postgres"), template, name)
        city = world.open_socket_city(which, server.conninfo(name))
        opened.append(await stack.enter_async_context(city))
    await world.link(*opened)
    return Stage(opened[0], opened[1])


@pytest.fixture(params=["wire", pytest.param("sockets", marks=pytest.mark.sockets)])
async def stage(
    request: pytest.FixtureRequest,
    server: Embedded,
    template: str,
    cities: dict[str, str],
    scratch: str,
) -> AsyncGenerator[Stage]:
    """Two linked cities: once on the wire of the tests, once over TCP with running workers."""
    async with AsyncExitStack() as stack:
        if request.param == "wire":
            yield await on_the_wire(stack, server, cities, scratch)
        else:
            yield await on_sockets(stack, server, template, scratch)


@pytest.fixture
async def two(alpha: City, beta: City) -> Stage:
    """Two cities on a wire that the story may cut, double and reverse."""
    return Stage(alpha, beta)


@pytest.fixture
async def three(alpha: City, beta: City, gamma: City) -> Stage:
    """Three of them."""
    return Stage(alpha, beta, [gamma])
