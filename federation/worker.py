"""The worker: what came in is handled, what must go out is brought, and jobs are done."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from itertools import groupby

import structlog

from federation import deliver, inbox
from federation.instance import Instance
from schema import activities, actors
from schema.activities import Activity
from schema.actors import Actor

log = structlog.get_logger()

BATCH = 50
LEASE = timedelta(minutes=5)
AT_ONCE = 6
MOST_FAILURES = 20  # attempts at something that breaks us, five minutes apart
LONGEST_SLEEP = 30.0  # seconds; a NOTIFY wakes earlier


class Bell:
    """Rung by a NOTIFY or by the clock; waiting takes the ring away."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()


async def receive_due(instance: Instance) -> int:
    """One round: claims a batch of what came in and handles it, in order per actor."""
    async with instance.begin() as tx:
        claimed = await activities.claim(tx.conn, BATCH, LEASE)
        found = await actors.list_by_id(tx.conn, [activity.actor_id for activity in claimed])
    authors = {author.id: author for author in found}
    lanes = asyncio.Semaphore(AT_ONCE)

    async def in_order(lane: list[Activity]) -> None:
        async with lanes:
            for activity in lane:
                await _receive(instance, activity, authors[activity.actor_id])

    def actor(activity: Activity) -> str:
        return str(activity.actor_id)

    ordered = sorted(claimed, key=lambda activity: (actor(activity), activity.id))
    await asyncio.gather(*(in_order(list(lane)) for _, lane in groupby(ordered, key=actor)))
    return len(claimed)


async def _receive(instance: Instance, activity: Activity, by: Actor) -> None:
    try:
        await inbox.receive(instance, activity, by)
    except Exception:  # a mistake of ours must not stop the others; the lease brings it back
        log.exception("arrival failed", type=activity.type, uri=activity.uri)
        if activity.attempts >= MOST_FAILURES:
            async with instance.begin() as tx:
                await activities.decide(tx.conn, activity.id, "refused", "it broke something here")


async def run(instance: Instance, *, jobs: bool = True) -> None:
    """Works until cancelled."""
    arrivals, departures = Bell(), Bell()
    async with asyncio.TaskGroup() as group:
        group.create_task(_listen(instance, arrivals, departures))
        group.create_task(_repeat(instance, receive_due, arrivals))
        group.create_task(_repeat(instance, deliver.deliver_due, departures))
        if jobs:
            group.create_task(_jobs(instance))


async def _repeat(instance: Instance, work: "deliver.Work", bell: Bell) -> None:
    while True:
        try:
            done = await work(instance)
            if done:
                continue
            async with instance.read() as conn:
                due = await activities.next_due(conn)
        except Exception:  # the database may be away for a while
            log.exception("work failed")
            due = 1.0
        await bell.wait(min(LONGEST_SLEEP, max(0.05, due if due is not None else LONGEST_SLEEP)))


async def _listen(instance: Instance, arrivals: Bell, departures: Bell) -> None:
    while True:
        try:
            async with instance.db.listen("inbox", "outbox") as conn:
                arrivals.ring()
                departures.ring()
                async for notification in conn.notifies():
                    (arrivals if notification.channel == "inbox" else departures).ring()
        except Exception:
            log.exception("listening failed")
            await asyncio.sleep(1)


async def _jobs(instance: Instance) -> None:
    await instance.queue.run_worker_async(
        install_signal_handlers=False,
        concurrency=2,
        wait=True,
        additional_context={"instance": instance},
    )
