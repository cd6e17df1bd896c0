"""python -m schema migrate | status | dump: the database alone, for developers and operators."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from schema import dump
from schema.migrate import Changed, migrate, state
from schema.postgres import Embedded
from schema.programs import StartFailed

FAILURES = (Changed, OSError, StartFailed, psycopg.OperationalError, subprocess.CalledProcessError)


def main(arguments: Sequence[str] | None = None) -> None:
    """Ends with status 2 and one sentence when the database cannot be reached or used."""
    top = argparse.ArgumentParser(prog="python -m schema", description=__doc__)
    top.add_argument("command", choices=["migrate", "status", "dump"])
    top.add_argument("--database", default=os.environ.get("STADTNETZ_DATABASE_URL", ""))
    options = top.parse_args(arguments)
    try:
        with database(options.database, options.command) as conninfo:
            COMMANDS[options.command](conninfo)
    except FAILURES as failure:
        print(f"schema: {failure}", file=sys.stderr)
        sys.exit(2)


@contextmanager
def database(conninfo: str, command: str) -> Generator[str]:
    """The database that was named; only `dump` does without, and makes one that goes again."""
    if conninfo:
        yield conninfo
        return
    if command != "dump":
        raise StartFailed("name a database: --database or STADTNETZ_DATABASE_URL.")
    with tempfile.TemporaryDirectory(prefix="stadtnetz-") as folder:
        embedded = Embedded(Path(folder), durable=False)
        embedded.start()
        try:
            yield embedded.conninfo("postgres")
        finally:
            embedded.stop()


def run_migrate(conninfo: str) -> None:
    """Prints what was run."""
    print("\n".join(f"ran {name}" for name in migrate(conninfo)) or "nothing to do")


def run_status(conninfo: str) -> None:
    """Prints every migration and whether it has run here."""
    for name, has_run in state(conninfo):
        print(f"{'ran    ' if has_run else 'missing'} {name}")


def run_dump(conninfo: str) -> None:
    """Migrates, and writes schema.sql."""
    migrate(conninfo)
    dump.FILE.write_text(dump.dump(conninfo), "utf-8")
    print(dump.FILE)


COMMANDS = {"migrate": run_migrate, "status": run_status, "dump": run_dump}

if __name__ == "__main__":
    main()
