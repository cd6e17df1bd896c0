"""open_instance(): puts one city together, and takes it apart again."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from uuid import UUID

import httpx

from federation import (
    backfill,
    catch_up,
    circles,
    directory,
    discover,
    keys,
    lists,
    realign,
    reconcile,
)
from federation.acts import founding
from federation.addresses import Addresses
from federation.client import Client
from federation.config import Config
from federation.dialling import Resolve
from federation.instance import Instance
from federation.keys import KeyCache
from federation.queue import add_round, add_task, build_queue
from federation.rig import Rig, nothing
from schema.database import Database
from schema.errors import Conflict

_NOBODY = UUID(int=0)


class OtherOrigin(Exception):
    """The database belongs to a city with another address."""


def present() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_instance(
    config: Config,
    conninfo: str,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    resolve: Resolve | None = None,
    clock: Callable[[], datetime] = present,
) -> AsyncGenerator[Instance]:
    """A city on a migrated database; founded at its first start. OtherOrigin, PoolTimeout."""
    db = Database(conninfo, size=config.pool_size)
    rig = Rig(config.rig) if config.rig else None
    client = Client(
        config.origin,
        version=version("stadtnetz"),
        allow_loopback=config.allow_loopback_peers,
        private=config.private_peers,
        transport=transport,
        resolve=rig.resolve if rig else resolve,
    )
    queue = build_queue(conninfo)
    add_task(queue, "discover", discover.job)
    add_task(queue, "backfill", backfill.job)
    add_task(queue, "catch_up", catch_up.job)
    add_task(queue, "reconcile", reconcile.job)
    add_task(queue, "realign", realign.job)
    add_task(queue, "refresh_list", lists.refresh)
    add_task(queue, "ask", lists.ask)
    add_task(queue, "directory", directory.job)
    add_task(queue, "find_circles", circles.on_demand)
    add_task(queue, "ask_circle", circles.ask)
    add_round(queue, "circles", circles.nightly, cron="17 1 * * *")
    instance = Instance(
        config=config,
        addresses=Addresses(config.origin),
        db=db,
        client=client,
        queue=queue,
        keys=KeyCache(),
        clock=rig.clock if rig else clock,
        reach=rig.reach if rig else nothing,
        city_id=_NOBODY,
        actor_id=_NOBODY,
    )
    await db.open()
    try:
        async with queue.open_async():
            yield await _founded(instance)
    finally:
        await client.aclose()
        await db.close()


async def _founded(instance: Instance) -> Instance:
    async with instance.read() as conn:
        known = await founding.find(conn, instance.addresses)
    if known is None:
        city_keys, own_keys = await keys.make_in_thread(), await keys.make_in_thread()
        with suppress(Conflict):  # web and worker may start at the same moment
            async with instance.begin() as tx:
                host = instance.config.host.partition(":")[0].partition(".")[0]
                await founding.found(tx, city_keys, own_keys, host.title())
        async with instance.read() as conn:
            known = await founding.find(conn, instance.addresses)
    if known is None:
        raise OtherOrigin(f"This database is not of {instance.config.origin}.")
    return replace(instance, city_id=known[0].id, actor_id=known[1].id)
