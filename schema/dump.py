"""The whole schema as one text, for people to read: what pg_dump says, without what changes."""

import os
import re
import subprocess
from pathlib import Path
from typing import Final

from schema.programs import find_binaries

FILE: Final = Path(__file__).parent / "schema.sql"
HEAD: Final = "-- All our tables, written by `python -m schema dump` from the migrations.\n\n"
_NOISE: Final = re.compile(
    r"^(--.*|SET .*;|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)$", re.M
)
_BLANK: Final = re.compile(r"\n{3,}")


def dump(conninfo: str) -> str:
    """Tables, indexes and constraints of a migrated database; the job library's are left out.

    Raises OSError without PostgreSQL's programs, CalledProcessError when they cannot read it.
    """
    wanted = ["--table=public.*", "--exclude-table=public.procrastinate_*"]
    command = [str(find_binaries() / "pg_dump"), "--schema-only", "--no-owner", "--no-privileges"]
    found = subprocess.run(
        [*command, *wanted, f"--dbname={conninfo}"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PGTZ": "UTC"},
    )
    return HEAD + _BLANK.sub("\n\n", _NOISE.sub("", found.stdout)).strip() + "\n"
