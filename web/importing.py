"""The command `stadtnetz blueprint`: manifests of Open Know-How from files into blueprints."""

import argparse
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from federation import manifests
from federation.acts import blueprints as acts
from federation.instance import Instance
from federation.okh.manifests import How, Reading, Said
from schema import actors
from schema.errors import Invalid, Missing, Refusal

Work: TypeAlias = Callable[[Instance, argparse.Namespace], Awaitable[None]]
LISTS = ("bom.csv", "BOM.csv", "bom.md", "BOM.md", "sBoM.csv")
_HOWS: tuple[How, ...] = ("read", "guessed", "left", "kept")


def add_to(add: Callable[[str, str, Work], argparse.ArgumentParser]) -> None:
    """Adds the command; `add` makes a parser whose work is given an Instance."""
    command = add("blueprint", "Bring blueprints along as Open Know-How.", _bring)
    command.add_argument("act", choices=["import"])
    command.add_argument("paths", nargs="+", type=Path, help="manifests, lists of parts, folders")
    command.add_argument("--by", default="", help="short name of who publishes them (nobody)")


async def _bring(instance: Instance, options: argparse.Namespace) -> None:
    """Prints what was read, guessed, left for a person and kept; publishes with `--by`."""
    async with instance.read() as conn:
        by = await actors.find_by_handle(conn, options.by) if options.by else None
    if options.by and by is None:
        raise Missing("Nobody here has this name.")
    print(f"{'':32}" + "".join(f"{how:>9}" for how in _HOWS))
    for path in (found for given in options.paths for found in find(given)):
        try:
            reading = read(path)
        except (Invalid, OSError, UnicodeError) as error:
            print(f"{path.parent.name[:31]:32}  cannot be read: {error}")
            continue
        print(table(reading))
        if by is not None:
            try:
                async with instance.begin() as tx:
                    row = await acts.publish(tx, by=by, draft=reading.draft)
                print(f"  published: {row.uri}")
            except Refusal as refusal:
                print(f"  not published: {refusal}")


def find(path: Path) -> Iterator[Path]:
    """The manifests in a folder, or its list of parts where it has none; a file is itself."""
    if path.is_file():
        yield path
        return
    found = sorted(path.rglob("okh.*"))
    yield from (file for file in found if file.suffix in (".yml", ".yaml", ".toml", ".json"))
    beside = {file.parent for file in found}
    for name in LISTS:
        yield from sorted(file for file in path.rglob(name) if file.parent not in beside)


def list_in(folder: Path) -> Path | None:
    """Its list of parts."""
    return next((folder / name for name in LISTS if (folder / name).exists()), None)


def read(path: Path) -> Reading:
    """A manifest with the list of parts beside it, or such a list alone; Invalid for others."""
    text = path.read_text("utf-8-sig", "replace")
    if path.name in LISTS or path.suffix in (".csv", ".md"):
        return manifests.read("", text, f"{path.parent.name}{path.suffix}")
    beside = list_in(path.parent)
    bom = beside.read_text("utf-8-sig", "replace") if beside else ""
    return manifests.read(text, bom, beside.name if beside else "")


def table(reading: Reading) -> str:
    """One line of numbers, and below it each field that a person has to look at."""
    counts = "".join(f"{len(reading.of(how)):>9}" for how in _HOWS)
    told = [_line(said) for how in ("guessed", "left") for said in reading.of(how)]
    return "\n".join([f"{reading.draft.title[:31]:32}{counts}", *told])


def _line(said: Said) -> str:
    return f"  {said.how + ':':9}{said.field}: {said.value or '?'}"[:150]
