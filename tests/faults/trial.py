"""A trial: something breaks while residents go on, is mended, and then all must be in step."""

import asyncio
from dataclasses import dataclass, field

from tests.faults.checker import Violation, check, check_processes, differences
from tests.faults.load import Resident, residents, work
from tests.faults.mesh import NAMES, Mesh, Part

LIMIT = 300.0  # seconds for the cities to get in step
HEALTHY = 5.0  # seconds from a click to a neighbour that nothing is wrong with; 99 of 100


@dataclass(slots=True)
class Result:
    """A line of the table."""

    name: str
    runs: int = 0
    seconds: float = 0.0
    violations: list[Violation] = field(default_factory=list[Violation])
    converged: list[float] = field(default_factory=list[float])
    notes: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Trial:
    """What every fault works with. `long` runs take more of everything."""

    mesh: Mesh
    long: bool
    result: Result
    before: set[Violation]
    """What an earlier fault has left behind is not told again."""

    def people(self, *names: str) -> list[Resident]:
        return residents(self.mesh, *names)

    async def work(self, each: int, *names: str) -> None:
        """Everybody of these cities does so much, in a short run every other one, in a
        long run twice as much."""
        people = self.people(*names)
        if not self.long:
            people = self.mesh.random.sample(people, len(people) // 2)
        await work(people, each * (2 if self.long else 1))

    def parts(self) -> list[Part]:
        return [part for town in self.mesh.towns.values() for part in town.parts]

    async def mended(self, limit: float = LIMIT) -> float:
        """Waits until nothing is wrong any more; seconds, also when something stays wrong."""
        began = self.mesh.now()
        while True:
            found = list(differences(self.mesh.history, await self.mesh.states(letters=False)))
            if not set(found) - self.before:
                found = check(self.mesh.history, await self.mesh.states())
            fresh = set(found) - self.before
            took = self.mesh.now() - began
            if not fresh or took > limit:
                break
            for part in self.parts():
                part.measure()
            await asyncio.sleep(0.25)
        self.wrong(*fresh)
        self.result.runs += 1
        self.result.converged.append(took)
        return took

    def wrong(self, *found: Violation) -> None:
        self.result.violations += sorted(set(found) - set(self.result.violations) - self.before)

    def note(self, text: str) -> None:
        self.result.notes.append(text)

    def processes(self) -> None:
        """What the processes used and said since the last time."""
        self.wrong(*check_processes(part.report(self.mesh.share) for part in self.parts()))
        for part in self.parts():
            part.excused = False
            part.longest_restart = 0.0

    async def healthy(self, since: float, *sick: str) -> None:
        """I11 among the others: how long offers took since then. Clocks must not have moved."""
        marks = {
            op.item: op
            for op in self.mesh.history.ops
            if op.began >= since and op.act == "create" and op.kind == "offer"
            if op.result == "done" and op.city not in sick
        }
        took: list[float] = []
        for name in set(NAMES) - set(sick):
            town = self.mesh.towns[name]
            rows = await town.run(
                """select object_uri, extract(epoch from min(created))::float8 from activities
                   where direction = 'in' and object_uri = any(%s) group by 1""",
                list(marks),
            )
            for uri, at in rows:
                assert isinstance(uri, str) and isinstance(at, float)
                arrived = at - self.mesh.offset - self.mesh.wall
                took.append(max(0.0, arrived - marks[uri].ended))
        took.sort()
        if took:
            p99 = took[int(len(took) * 0.99)]
            self.note(f"others p50 {took[len(took) // 2]:.1f} s, p99 {p99:.1f} s")
            if p99 > HEALTHY * self.mesh.share:
                self.wrong(Violation("I11", "", f"{p99:.1f} s between healthy cities"))
