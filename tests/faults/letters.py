"""X08 to X11, X16, X19, X21, X22: answers slow, strange or lost; letters that harm; new keys."""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL

from federation.rig import Order
from schema import broken, ids
from tests.faults import proxy
from tests.faults.checker import Violation
from tests.faults.mesh import ROOT, Town
from tests.faults.proxy import Shuffled, answers
from tests.faults.trial import Trial

MOST_OPEN = 8  # connections of one city to another that does not answer
STRANGE = (
    answers("429 Too Many Requests", "Retry-After: 5"),
    answers("429 Too Many Requests", "Retry-After: soon"),
    answers("500 Internal Server Error"),
    answers("502 Bad Gateway", "Content-Type: text/html", body="<h1>Bad Gateway</h1>"),
    answers("503 Service Unavailable", "Retry-After: 86400"),
    answers("408 Request Timeout"),
    answers("301 Moved Permanently", "Location: http://127.0.0.1/"),
    answers("401 Unauthorized"),
    answers("403 Forbidden"),
    answers("404 Not Found"),
    answers("410 Gone"),
    answers("418 I'm a teapot"),
)


async def be_slow(trial: Trial) -> None:
    """X08: a tar pit and a black hole; nobody else is slower for it."""
    for rule in (proxy.drips, proxy.hangs):
        network, since = trial.mesh.network, trial.mesh.now()
        network.most_open.clear()
        network.set("*", "epsilon", rule)
        await trial.work(3, "alpha", "beta", "gamma", "delta")
        await asyncio.sleep(5)
        await trial.healthy(since, "epsilon")
        most = max(count for (_, to), count in network.most_open.items() if to == "epsilon")
        trial.note(f"at most {most} connections")
        if most > MOST_OPEN:
            trial.wrong(Violation("I10", "epsilon", f"{most} connections of one city"))
        network.heal()
        await trial.mesh.move(120)
        await trial.mended()


async def answer_strangely(trial: Trial) -> None:
    """X09: no answer but a 2xx, and no number of days of it, loses anything."""
    for rule in STRANGE:
        trial.mesh.network.set("*", "delta", proxy.only_posts(rule))
        await trial.work(1, "alpha", "beta", "gamma", "delta")
        await asyncio.sleep(1)
    trial.mesh.network.heal()
    await trial.mesh.move(90_000)
    await trial.mended()


async def lose_answers(trial: Trial) -> None:
    """X10: the letter has arrived, and the answer is lost or cut short."""
    for rule in (proxy.loses_answers, proxy.truncates, proxy.sometimes(0.5, proxy.loses_answers)):
        trial.mesh.network.set("*", "*", proxy.only_posts(rule))
        await trial.work(2)
        trial.mesh.network.heal()
        await trial.mesh.move(120)
        await trial.mended()


async def shuffle(trial: Trial) -> None:
    """X11: letters come one to five times, out of order, and some of them again much later."""
    shuffled = Shuffled(window=100 if trial.long else 40)
    trial.mesh.network.set("*", "*", shuffled)
    await trial.work(4)
    again = trial.mesh.random.sample(shuffled.held, min(40, len(shuffled.held)))
    trial.mesh.network.heal()
    await shuffled.release(trial.mesh.random)
    if lost := +shuffled.refused:
        trial.note(f"not taken: {dict(lost)}")
    # What was lost under somebody else's 202 is asked for when lists are compared.
    await trial.mesh.move(700)
    await trial.work(1)
    await trial.mended()
    for late in (3000.0, 30 * 86_400.0):
        await trial.mesh.move(late)
        await Shuffled(held=list(again)).release(trial.mesh.random)
        await trial.mended()


async def wait_for_one(trial: Trial) -> None:
    """X19: very much waits for one city, and one letter for another."""
    count, town = 100_000 if trial.long else 20_000, trial.mesh.towns["beta"]
    origin = trial.mesh.towns["epsilon"].origin
    trial.mesh.network.set("beta", "epsilon", proxy.refuses)
    await town.run(
        """insert into deliveries (id, peer, inbox, activity_id, sender_id, object_key)
           select gen_random_uuid(), %s::text, %s || i, a.id, a.actor_id, i::text
           from generate_series(1, %s) i,
             (select id, actor_id from activities where direction = 'out' limit 1) a""",
        origin,
        f"{origin}/rig/",
        count,
    )
    await town.run("notify outbox")
    since = trial.mesh.now()
    for _ in range(5):
        await asyncio.gather(*(person.offer() for person in trial.people("beta")))
    await asyncio.sleep(3)
    await trial.healthy(since, "epsilon")
    await town.run("delete from deliveries where inbox like %s", f"{origin}/rig/%")
    trial.mesh.network.heal()
    await trial.mesh.move(120)
    await trial.mended()


async def lose_names(trial: Trial) -> None:
    """X21: a city's name is not known, not answered, or leads to a forbidden address."""
    host = "gamma.localhost"
    for said in ("fail", "hang", ["10.0.0.1"]):
        for name, town in trial.mesh.towns.items():
            for part in town.parts:
                if name != "gamma":
                    (part.folder / "names").write_text(json.dumps({host: said}))
                part.kill()  # connections that are open need no name
            await trial.mesh.ready(name)  # one city after the other: all at once, all are slow
        since = trial.mesh.now()
        await trial.work(2)
        await asyncio.sleep(2)
        await trial.healthy(since, "gamma")
        for town in trial.mesh.towns.values():
            for part in town.parts:
                (part.folder / "names").unlink(missing_ok=True)
        await trial.mesh.move(120)
        await trial.mended()


async def poison(trial: Trial) -> None:
    """X22: one letter breaks us; what comes behind it passes, and it is given up after five tries
    and had again when a mended worker starts."""
    town = trial.mesh.towns["gamma"]
    town.worker.excused = True
    id = ids.new()
    town.worker.order(Order("app.effect", act="fail", about=str(id)))
    ann, ben = trial.people("beta")[:2]
    await ann.offer(id)
    good = [await person.offer() for person in (ann, ben, ann)]
    query = "select count(*) from proposals where uri = any(%s)"
    if not await _until(trial, town, query, len(good), good):
        trial.wrong(Violation("I2", "gamma", "one bad letter holds up the others"))
    waiting = """select count(*) from activities where state in ('received', 'waiting')
                 and strpos(document, %s) > 0 and next_at <= now()"""
    for _ in range(TRIES):
        await _until(trial, town, waiting, 0, str(id))
        await trial.mesh.move(301)
    given_up = """select count(*) > 0 and min(attempts) = 5 and max(attempts) = 5 from activities
                  where state = 'refused' and verdict = %s and strpos(document, %s) > 0"""
    if not await _until(trial, town, given_up, True, broken.VERDICT, str(id)):
        trial.wrong(Violation("I2", "gamma", "what breaks us is not given up after five tries"))
    town.worker.take_back()
    town.worker.kill()
    await trial.mesh.move(400)
    await trial.mended()


TRIES = 5


async def _until(trial: Trial, town: Town, query: str, wanted: object, *params: object) -> bool:
    """Whether a query of one value comes to this within a minute."""
    end = trial.mesh.now() + 60
    while trial.mesh.now() < end:
        ((found,),) = await town.run(query, *params)
        if found == wanted:
            return True
        await asyncio.sleep(0.2)
    return False


async def rotate_keys(trial: Trial) -> None:
    """X16: everybody's keys change in mid-stream: once, twice within a minute, while others do not
    hear it, and at once, so that the old ones are good no more."""
    network, beta = trial.mesh.network, trial.mesh.towns["beta"]
    for times, cut, flags in ((1, False, ()), (2, False, ()), (1, True, ()), (1, False, AT_ONCE)):
        if cut:
            network.set("beta", ("gamma", "delta"), proxy.refuses)
        working = asyncio.create_task(trial.work(3))
        for _ in range(times):
            await _rotate(beta, *flags)
        await working
        network.heal()
        await trial.people("beta")[0].offer()
        await trial.mesh.move(400)
        await trial.mended()


AT_ONCE = ("--at-once",)


async def _rotate(town: Town, *flags: str) -> None:
    """The admin's command."""
    arguments = ("-m", "web", "keys", "rotate", *flags)
    command = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=town.worker.environment, cwd=ROOT, stdout=DEVNULL
    )
    if await command.wait():
        raise SystemExit("stadtnetz keys rotate failed")
