"""A city beside a server built with Fedify, over loopback; once for each way to sign."""

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator

import pytest

from schema.actors import Actor
from schema.communities import Community
from schema.postgres import Embedded
from tests import make, world
from tests.interop.fedify import HERE, Fedify, node
from tests.world import SocketCity, open_socket_city, patience


@pytest.fixture(params=["rfc9421", "draft-cavage-http-signatures-12"])
async def fedify(request: pytest.FixtureRequest) -> AsyncIterator[Fedify]:
    """Fedify, once for each way to sign."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scheme: str = request.param
    process = await asyncio.create_subprocess_exec(
        node(),
        "peer.mjs",
        cwd=HERE,
        env={"PORT": str(port), "SCHEME": scheme},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    async with patience():
        assert b"listening" in await process.stdout.readline()
    yield Fedify(port, scheme)
    process.terminate()
    await process.wait()


async def befriend(city: SocketCity, fedify: Fedify) -> None:
    """The city listens to that server."""
    await city.execute(
        "insert into peers (origin, host, link) values (%s, %s, 'linked')",
        fedify.origin,
        f"fedify.localhost:{fedify.port}",
    )


@pytest.fixture
async def town(
    server: Embedded, template: str, scratch: str, fedify: Fedify
) -> AsyncIterator[SocketCity]:
    """A city with running workers that listens to that server."""
    name = f"{scratch}_town"
    world.clone(server.conninfo("postgres"), template, name)
    async with open_socket_city("town", server.conninfo(name)) as city:
        await befriend(city, fedify)
        yield city


@pytest.fixture
async def ann(town: SocketCity) -> Actor:
    return await make.a_person(town, "ann")


@pytest.fixture
async def garden(town: SocketCity, ann: Actor) -> Community:
    return await make.a_community(town, ann)
