"""X06, X07, X12, X13, X14: cities are away, cut off from each other, or in another time."""

import asyncio

from tests.faults.checker import Violation
from tests.faults.mesh import NAMES
from tests.faults.proxy import passes, refuses
from tests.faults.trial import Trial

DAY = 86_400.0
HOUR = 3600.0


async def be_away(trial: Trial) -> None:
    """X06: a city is away for a week (29 and 31 days in a long run), while life goes on."""
    for days in (7, 29, 31) if trial.long else (7,):
        town = trial.mesh.towns["epsilon"]
        for part in town.parts:
            await part.stop()
        for _ in range(4):
            await trial.work(2, "alpha", "beta", "gamma", "delta")
            await trial.mesh.move(days * DAY / 4)
        for part in town.parts:
            part.start()
        await trial.mesh.ready("epsilon")
        took = await trial.mended(600 if trial.long else 240)
        trial.note(f"{days} days: in step after {took:.0f} s")


async def flap(trial: Trial) -> None:
    """X07: a city is there for one second of ten."""
    network, since = trial.mesh.network, trial.mesh.now()
    network.seen.clear()
    working = asyncio.create_task(trial.work(4))
    end = since + (300 if trial.long else 20)
    while trial.mesh.now() < end or not working.done():
        network.set("*", "delta", refuses)
        network.set("delta", "*", refuses)
        await asyncio.sleep(4.5)
        network.heal()
        await asyncio.sleep(0.5)
    await working
    tries = sum(count for (_, to), count in network.seen.items() if to == "delta")
    trial.note(f"{tries} requests to it")
    await trial.healthy(since, "delta")
    await trial.mended()


async def split(trial: Trial) -> None:
    """X12: two halves of the network do not hear each other; both go on, then they meet."""
    one, other = ("alpha", "beta"), ("gamma", "delta", "epsilon")
    network = trial.mesh.network
    network.set(one, other, refuses)
    network.set(other, one, refuses)
    for _ in range(3):
        await trial.work(2)
        await trial.mesh.move(600 if trial.long else 200)
    network.heal()
    await trial.mended()


async def be_half_deaf(trial: Trial) -> None:
    """X13: one city cannot reach another, which can reach it, for a week."""
    network, alpha, beta = trial.mesh.network, trial.mesh.towns["alpha"], trial.mesh.towns["beta"]
    network.set("alpha", "beta", refuses)
    network.seen.clear()
    for _ in range(7 if trial.long else 3):
        await trial.work(1)
        await trial.mesh.move(7 * DAY / (7 if trial.long else 3))
    await trial.people("alpha")[0].offer()
    await asyncio.sleep(2)
    query = "select failing_since is not null from peers where origin = %s"
    if await alpha.run(query, beta.origin) != [(True,)]:
        trial.wrong(Violation("I2", "alpha", "takes a city for alive that it cannot reach"))
    trial.note(f"{network.seen['alpha', 'beta']} requests in vain")
    network.heal()
    await trial.people("beta")[0].offer()  # who is spoken to tries at once
    await trial.mended()


async def live_in_another_time(trial: Trial) -> None:
    """X14: the clock of one city is wrong, also by years; at last it is set right."""
    skews = (30.0, -30.0, 600.0, -600.0, 2 * HOUR, -2 * HOUR, -40 * 365 * DAY)
    for skew in skews if trial.long else (-600.0, 2 * HOUR, -40 * 365 * DAY):
        await trial.mesh.move(skew, "delta")
        await trial.work(2)
        if abs(skew) < HOUR:
            await trial.mended()
        await trial.mesh.move(-skew, "delta")
        took = await trial.mended()
        trial.note(f"{skew:+.0f} s: {took:.0f} s after it was set right")


async def shift(trial: Trial) -> None:
    """Nothing is broken: how long it takes when all is well."""
    since = trial.mesh.now()
    for name in NAMES:
        trial.mesh.network.set(name, "*", passes)
    await trial.work(3)
    await trial.mended()
    await trial.healthy(since)
