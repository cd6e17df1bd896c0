"""The worker: what came in is handled, what must go out is brought, and jobs are done."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import groupby
from time import monotonic
from typing import TypeAlias
from uuid import UUID

import structlog

from federation import deliver, inbox
from federation.instance import Instance
from schema import activities, actors, broken, waits
from schema.activities import Activity
from schema.actors import Actor
from schema.database import CLASHED

log = structlog.get_logger()
Work: TypeAlias = Callable[[], Awaitable[object]]

BATCH = 50
LEASE = timedelta(minutes=5)
MOST_TRANSACTIONS = 4  # of arrivals at once; more would wait for each other, and pages for them
MOST_LANES = 100  # actors whose activities are in hand; other servers may let many of them wait
MOST_PEERS = 200  # servers that are delivered to at once
MOST_FAILURES = 5  # attempts at something that breaks us, five minutes apart; then at each start
PAUSE = 0.05  # seconds from one look for work to the next: what comes meanwhile costs one look
LONGEST_SLEEP = 30.0  # seconds; a NOTIFY wakes earlier
LOOK_AT_CLOCK = 20.0  # seconds
SET_BACK = 30.0  # seconds by which a clock must have gone back to count as set back
LONGEST_WAIT = timedelta(minutes=65)  # nothing is ever put off for longer
CANCEL_AGAIN = 2.0  # seconds for what is cancelled to end


class Bell:
    """Rung by a NOTIFY or by the clock; waiting takes the ring away."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        # Not wait_for: before Python 3.12 it loses a cancellation that meets the ring.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()


async def receive_due(instance: Instance) -> int:
    """One round: claims a batch of what came in and handles it, in order per actor."""
    lanes = await claim(instance)
    await asyncio.gather(*(in_order(instance, lane) for lane in lanes))
    return sum(len(lane.activities) for lane in lanes)


@dataclass(frozen=True, slots=True)
class Lane:
    """What one actor sent, oldest first."""

    by: Actor
    activities: list[Activity]


async def claim(instance: Instance) -> list[Lane]:
    """A batch of what waits, leased to us."""
    async with instance.begin() as tx:
        claimed = await activities.claim(tx.conn, BATCH, LEASE)
        found = await actors.list_by_id(tx.conn, [activity.actor_id for activity in claimed])

    def actor(activity: Activity) -> UUID:
        return activity.actor_id

    authors = {author.id: author for author in found}
    ordered = sorted(claimed, key=lambda activity: (actor(activity), activity.id))
    return [Lane(authors[id], list(lane)) for id, lane in groupby(ordered, key=actor)]


async def in_order(instance: Instance, lane: Lane) -> None:
    """One after the other; what breaks us does not stop the rest. What there is no time for while
    the lease lasts is left to the next claim."""
    end = monotonic() + LEASE.total_seconds() / 2
    for activity in lane.activities:
        if monotonic() < end:
            await _receive(instance, activity, lane.by)


async def _receive(instance: Instance, activity: Activity, by: Actor) -> None:
    try:
        try:
            await inbox.receive(instance, activity, by)
        except CLASHED as error:
            log.warning("arrival clashed", uri=activity.uri, error=str(error))
            await inbox.receive(instance, activity, by)
    except Exception:  # a mistake of ours must not stop the others
        log.exception("arrival failed", type=activity.type, uri=activity.uri)
        async with instance.begin() as tx:
            if activity.attempts < MOST_FAILURES:
                await activities.set_aside(tx.conn, activity.id, LEASE)
            else:
                await broken.put_down(tx.conn, activity.id)
                log.error("arrival given up", type=activity.type, uri=activity.uri)


async def run(instance: Instance, *, jobs: bool = True) -> None:
    """Works until cancelled."""
    arrivals, departures = Bell(), Bell()
    in_turns = replace(instance, turns=asyncio.Semaphore(MOST_TRANSACTIONS))

    async def lanes() -> list[Work]:
        return [partial(in_order, in_turns, lane) for lane in await claim(instance)]

    async def peers() -> list[Work]:
        leased = await deliver.lease(instance)
        return [partial(deliver.deliver_to, instance, peer) for peer in leased]

    async with instance.begin() as tx:
        if await activities.take_over(tx.conn):
            await broken.take_up(tx.conn)
    parts = [
        _listen(instance, arrivals, departures),
        _watch(instance),
        _repeat(instance, lanes, arrivals, MOST_LANES),
        _repeat(instance, peers, departures, MOST_PEERS),
        *([_jobs(instance)] if jobs else []),
    ]
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        await end(tasks)


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels them until they have ended: libraries lose a cancellation that meets a result."""
    while pending := {task for task in tasks if not task.done()}:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=CANCEL_AGAIN)


async def _repeat(
    instance: Instance, find: Callable[[], Awaitable[list[Work]]], bell: Bell, most: int
) -> None:
    """Starts what is found and looks again, without waiting for what is slow: another server
    that does not answer delays nobody else."""
    active: set[asyncio.Task[None]] = set()

    async def do(work: Work) -> None:
        try:
            await work()
        except Exception:  # a mistake of ours, or the database is away: the lease brings it back
            log.exception("work failed")
        finally:
            active.discard(asyncio.current_task())  # pyright: ignore[reportArgumentType]
            bell.ring()

    try:
        while True:
            looked, sleep = monotonic(), LONGEST_SLEEP
            try:
                found = await find() if len(active) < most else []
                active |= {asyncio.create_task(do(work)) for work in found}
                if found:
                    sleep = PAUSE  # there may be more
                elif len(active) < most:
                    async with instance.read() as conn:
                        due = await activities.next_due(conn)
                    sleep = max(0.05, LONGEST_SLEEP if due is None else due)
            except Exception:  # the database may be away for a while
                log.exception("looking for work failed")
                sleep = 1.0
            await bell.wait(min(LONGEST_SLEEP, sleep))
            await asyncio.sleep(max(0.0, looked + PAUSE - monotonic()))
    finally:
        await end(tuple(active))


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


@dataclass(slots=True)
class Watch:
    """Whether the clock of the database was set back, told by one that never is."""

    ahead: float | None = None

    async def look(self, instance: Instance, steady: float) -> None:
        """Puts right what waits for a time that was never meant. At the first look the clock may
        have been set back while nobody worked: then what waits for too long is due."""
        async with instance.read() as conn:
            ahead = await waits.clock(conn) - steady
        beyond = None
        if self.ahead is None:
            beyond = LONGEST_WAIT
        elif ahead < self.ahead - SET_BACK:
            log.warning("the clock was set back", seconds=round(self.ahead - ahead))
            beyond = timedelta(0)
        if beyond is not None:
            async with instance.begin() as tx:
                await waits.set_right(tx.conn, beyond)
        self.ahead = ahead


async def _watch(instance: Instance) -> None:
    watch = Watch()
    while True:
        try:
            await watch.look(instance, monotonic())
        except Exception:
            log.exception("looking at the clock failed")
        await asyncio.sleep(LOOK_AT_CLOCK)


async def _jobs(instance: Instance) -> None:
    await instance.queue.run_worker_async(
        install_signal_handlers=False,
        concurrency=2,
        wait=True,
        additional_context={"instance": instance},
    )
