"""A city is put together once, however many processes start."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from federation.config import Config
from federation.run import OtherOrigin, open_instance
from schema.postgres import Embedded
from tests import world


@pytest.fixture
def empty(server: Embedded, template: str, scratch: str) -> str:
    """The conninfo of a migrated database in which no city was founded yet."""
    name = f"{scratch}_empty"
    world.clone(server.conninfo("postgres"), template, name)
    return server.conninfo(name)


async def test_processes_that_start_at_once_find_the_same_new_city(empty: str) -> None:
    config = Config(origin="https://new.test", pool_size=2)
    async with AsyncExitStack() as opened:
        instances = await asyncio.gather(
            *(opened.enter_async_context(open_instance(config, empty)) for _ in range(4))
        )
        assert len({(instance.city_id, instance.actor_id) for instance in instances}) == 1


async def test_a_database_belongs_to_one_origin(empty: str) -> None:
    async with open_instance(Config(origin="https://new.test", pool_size=2), empty):
        pass
    with pytest.raises(OtherOrigin, match="not of"):
        async with open_instance(Config(origin="https://other.test", pool_size=2), empty):
            pass
