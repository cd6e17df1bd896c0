"""X01 to X04: processes and databases are killed."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psycopg

from federation.rig import Order
from tests.faults.checker import Violation
from tests.faults.load import Resident
from tests.faults.mesh import NAMES, VICTIM
from tests.faults.trial import Trial

PUBLISHING = (
    ("web", "pub.begin"), ("web", "pub.object"), ("web", "pub.outbox"), ("web", "tx.commit"),
    ("web", "tx.done"), ("worker", "del.claim"), ("worker", "del.sent"),
    ("worker", "del.response"), ("worker", "del.mark"),
)  # fmt: skip
RECEIVING = (
    ("web", "rcv.headers"), ("web", "rcv.verified"), ("web", "rcv.insert"), ("web", "rcv.commit"),
    ("web", "rcv.reply"), ("worker", "app.effect"), ("worker", "app.dedup"),
    ("worker", "tx.commit"), ("worker", "tx.done"),
)  # fmt: skip
BOTH = (("worker", "del.response"), ("worker", "app.effect"), ("web", "rcv.commit"),
        ("worker", "app.dedup"), ("worker", "del.mark"))  # fmt: skip


async def kill_origin(trial: Trial) -> None:
    """X01: the origin dies at each point of publishing and delivering."""
    await _at_points(trial, PUBLISHING)


async def kill_receiver(trial: Trial) -> None:
    """X02: the receiver dies at each point of receiving and applying."""
    await _at_points(trial, RECEIVING)


async def _at_points(trial: Trial, points: tuple[tuple[str, str], ...]) -> None:
    """A different city at each point, several at a time; whoever is killed is started again."""
    for _ in range(3 if trial.long else 1):
        shuffled = trial.mesh.random.sample(points, len(points))
        for start in range(0, len(shuffled), 5):
            cities: list[str] = trial.mesh.random.sample(NAMES, 5)
            armed = dict(zip(cities, shuffled[start : start + 5], strict=False))
            await _kill_at(trial, armed)
            await trial.mended()
            trial.result.runs += len(armed) - 1


async def _kill_at(trial: Trial, armed: Mapping[str, tuple[str, str]]) -> None:
    parts = {
        name: trial.mesh.towns[name].web if which == "web" else trial.mesh.towns[name].worker
        for name, (which, _) in armed.items()
    }
    for name, (_, point) in armed.items():
        parts[name].order(Order(point, count=trial.mesh.random.randint(1, 3)))
    await trial.work(2)
    end = trial.mesh.now() + 30
    while trial.mesh.now() < end:
        if all((part.folder / "done").exists() for part in parts.values()):
            break
        await asyncio.gather(*(person.offer() for person in trial.people()[::3]))
    for name, part in parts.items():
        if not part.take_back():
            trial.note(f"{armed[name][1]} not reached at {name}")
    await trial.mesh.ready()


async def kill_both(trial: Trial) -> None:
    """X03: both sides die while somebody joins a community elsewhere or leaves it, and while offers
    are asked for by more than can have them, and promised."""
    people = trial.people()
    cats = [person for person in people if person.name == "cat"]
    givers = [person for person in people if person.name == "ann"]
    takers = [person for person in people if person.name == "ben"]
    for _ in range(6 if trial.long else 2):
        offers = [await giver.offer(kilos=10) for giver in givers]
        points = trial.mesh.random.sample(BOTH, len(BOTH))
        armed = dict(zip(NAMES, points, strict=True))
        for name, (which, point) in armed.items():
            town = trial.mesh.towns[name]
            (town.web if which == "web" else town.worker).order(Order(point))
        for leave in (False, True, False):
            await asyncio.gather(*(cat.join(g, leave=leave) for cat in cats for g in ("alpha",)))
            await asyncio.gather(*(cat.join(g, leave=leave) for cat in cats for g in ("gamma",)))
        await asyncio.gather(
            *(_promise(row, takers, offers) for row in zip(givers, offers, strict=True))
        )
        for part in trial.parts():
            part.take_back()
        await trial.mesh.ready()
        await trial.mended()
    trial.note("joins, leaves and the follows below them; 12 of 10 kg asked for, 8 promised")


async def _promise(
    row: tuple[Resident, str], takers: Sequence[Resident], offers: Sequence[str]
) -> None:
    """Three of other cities ask for four kilos each; the third can only be refused."""
    giver, offer = row
    asking = [taker for taker in takers if taker.town is not giver.town]
    start = offers.index(offer)
    keys = [await taker.ask(offer, 4) for taker in (asking * 2)[start : start + 3]]
    await giver.accept(keys)


async def kill_database(trial: Trial) -> None:
    """X04: the victim's PostgreSQL ends (fast, at once, by SIGKILL) and comes back, under load."""
    modes = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)
    for sign in modes * (3 if trial.long else 1):
        since = trial.mesh.now()
        trial.mesh.network.answered.clear()
        for part in trial.mesh.towns[VICTIM].parts:
            part.excused = True
        working = asyncio.create_task(trial.work(4))
        await asyncio.sleep(1)
        _signal(trial.mesh.folder / "victim" / "data" / "postmaster.pid", sign)
        await asyncio.sleep(2)
        await asyncio.to_thread(trial.mesh.victim.start)
        back = trial.mesh.now()
        await trial.mesh.ready(VICTIM)
        trial.note(f"{signal.Signals(sign).name}: served again {trial.mesh.now() - back:.1f} s")
        await working
        _check_answers(trial, since)
        await trial.mended()


def _check_answers(trial: Trial, since: float) -> None:
    """While its database is away, a city says 503 and nothing else."""
    if trial.mesh.network.answered[VICTIM, "500"]:
        trial.wrong(Violation("I12", VICTIM, "answered 500 to others while its database was away"))
    for op in trial.mesh.history.ops:
        if op.began >= since and "500" in op.failures:
            trial.wrong(Violation("I12", op.city, "answered 500 while its database was away"))


def _signal(file: Path, sign: signal.Signals) -> None:
    os.kill(int(file.read_text().split()[0]), sign)


async def break_connections(trial: Trial) -> None:
    """All connections of one city's database are cut, again and again, under load."""
    town = trial.mesh.towns["beta"]
    for part in town.parts:
        part.excused = True
    working = asyncio.create_task(trial.work(4))
    while not working.done():
        with suppress(psycopg.Error):
            await town.run(
                """select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and pid <> pg_backend_pid()"""
            )
        await asyncio.sleep(0.5)
    await working
    await trial.mended()
