"""python -m tests.faults [--smoke|--long] [--seed N] [X06 …]: breaks things, prints a table."""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from tests.faults import crashes, letters, outages
from tests.faults.mesh import Mesh, opened_mesh
from tests.faults.trial import Result, Trial

FAULTS: dict[str, tuple[str, Callable[[Trial], Awaitable[None]]]] = {
    "X00": ("nothing is broken", outages.shift),
    "X01": ("origin killed at each point", crashes.kill_origin),
    "X02": ("receiver killed at each point", crashes.kill_receiver),
    "X03": ("both killed while joining", crashes.kill_both),
    "X04": ("database restarted and killed", crashes.kill_database),
    "X05": ("database connections cut", crashes.break_connections),
    "X06": ("away for days", outages.be_away),
    "X07": ("flapping", outages.flap),
    "X08": ("tar pit, black hole", letters.be_slow),
    "X09": ("strange answers", letters.answer_strangely),
    "X10": ("answer lost", letters.lose_answers),
    "X11": ("repeated, shuffled, late", letters.shuffle),
    "X12": ("split in two", outages.split),
    "X13": ("broken one way", outages.be_half_deaf),
    "X14": ("wrong clocks", outages.live_in_another_time),
    "X16": ("keys changed in mid-stream", letters.rotate_keys),
    "X19": ("very much for one", letters.wait_for_one),
    "X21": ("names lost", letters.lose_names),
    "X22": ("poison", letters.poison),
}
SMOKE_BUDGET, BUDGET = 420.0, 3300.0  # seconds
SMOKE = ("X00", "X02", "X10", "X04", "X22", "X16", "X06")


def main() -> None:
    """Status 1 when anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="X01", help="only these; else all")
    parser.add_argument("--smoke", action="store_true", help="a choice, in minutes")
    parser.add_argument("--long", action="store_true", help="more of everything, within an hour")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, help="where logs and history shall stay")
    options = parser.parse_args()
    wanted = options.faults or (SMOKE if options.smoke else tuple(FAULTS))
    if unknown := set(wanted) - set(FAULTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    folder = options.keep or Path(tempfile.mkdtemp(prefix="stadtnetz-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"seed {options.seed}", flush=True)
    budget = SMOKE_BUDGET if options.smoke else BUDGET
    began = time.monotonic()
    try:
        results = asyncio.run(run(folder, options.seed, wanted, budget, long=options.long))
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(_sum(results, time.monotonic() - began))


async def run(
    folder: Path, seed: int, wanted: tuple[str, ...], budget: float, *, long: bool
) -> list[Result]:
    """One after the other on the same cities; none begins after `budget` seconds."""
    results: list[Result] = []
    async with opened_mesh(folder, seed) as mesh:
        print(
            _line("fault", "runs", "violations", "in all (s)", "in step after (s)", ""), flush=True
        )
        for name in wanted:
            if mesh.now() > budget:
                print(f"{name} was not begun: there is no time left", flush=True)
                continue
            result = await _one(mesh, name, results, long=long)
            results.append(result)
            _show(result)
    return results


async def _one(mesh: Mesh, name: str, results: list[Result], *, long: bool) -> Result:
    title, fault = FAULTS[name]
    before = {violation for result in results for violation in result.violations}
    trial = Trial(mesh, long, Result(f"{name} {title}"), before)
    began = mesh.now()
    await fault(trial)
    trial.processes()
    trial.result.seconds = mesh.now() - began
    return trial.result


def _show(result: Result) -> None:
    took = result.converged
    span = f"{min(took):.1f} … {max(took):.1f}" if took else ""
    notes = "; ".join(result.notes)
    violations, seconds = str(len(result.violations)), f"{result.seconds:.0f}"
    line = _line(result.name, str(result.runs), violations, seconds, span, notes)
    print(line, flush=True)
    for invariant, city, about in result.violations[:12]:
        short = about if len(about) < 330 else f"{about[:160]} … {about[-160:]}"
        print(f"    {invariant} {city}: {short}", flush=True)


def _line(name: str, runs: str, violations: str, seconds: str, span: str, notes: str) -> str:
    return f"{name:36}{runs:>5}{violations:>12}{seconds:>12}  {span:19}{notes}".rstrip()


def _sum(results: list[Result], seconds: float) -> int:
    violations = sum(len(result.violations) for result in results)
    runs = sum(result.runs for result in results)
    slowest = max(took for result in results for took in result.converged)
    print(
        f"{len(results)} faults, {runs} runs, {violations} violations, "
        f"in step after {slowest:.0f} s at most, {seconds:.0f} s in all"
    )
    return 1 if violations else 0


if __name__ == "__main__":
    main()
