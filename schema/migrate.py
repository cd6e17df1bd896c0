"""Brings a database to the newest schema: numbered files, each once, forward only."""

import hashlib
from dataclasses import dataclass
from importlib import resources

from procrastinate.schema import SchemaManager
from psycopg import Connection, sql

LOCK = 0x57AD7


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


class Changed(Exception):
    """A migration that ran here is no longer the file it was."""


def migrations() -> list[Migration]:
    """The files of schema/migrations in order of their number."""
    folder = resources.files("schema") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=_name)
    return [Migration(int(f.name[:4]), f.name, f.read_text("utf-8")) for f in files]


def _name(file: object) -> str:
    return str(getattr(file, "name", ""))


def migrate(conninfo: str) -> list[str]:
    """Runs what is missing under an advisory lock, and returns the names of what was run."""
    done: list[str] = []
    with Connection.connect(conninfo, autocommit=True) as conn:
        conn.execute("select pg_advisory_lock(%s)", [LOCK])
        conn.execute(
            "create table if not exists schema_version ("
            " number integer primary key, name text not null, checksum text not null,"
            " at timestamptz not null default now())"
        )
        rows = conn.execute("select number, checksum from schema_version").fetchall()
        known: dict[int, str] = {int(row[0]): str(row[1]) for row in rows}
        for migration in [_queue(), *migrations()]:
            if migration.number in known:
                if migration.number and known[migration.number] != migration.checksum:
                    raise Changed(f"{migration.name} was changed after it ran here.")
                continue
            _run(conn, migration)
            done.append(migration.name)
    return done


def state(conninfo: str) -> list[tuple[str, bool]]:
    """Every migration by name, and whether it has run in this database."""
    with Connection.connect(conninfo, autocommit=True) as conn:
        begun = conn.execute("select to_regclass('schema_version') is not null").fetchone()
        query = "select number from schema_version"
        rows = conn.execute(query).fetchall() if begun and begun[0] else []
    known = {int(row[0]) for row in rows}
    return [(one.name, one.number in known) for one in [_queue(), *migrations()]]


def _queue() -> Migration:
    """procrastinate's own tables come first, as number 0."""
    return Migration(0, "procrastinate", SchemaManager.get_schema())


def _run(conn: Connection, migration: Migration) -> None:
    with conn.transaction():
        conn.execute(sql.SQL(migration.text))  # pyright: ignore[reportArgumentType]: our own file
        conn.execute(
            "insert into schema_version (number, name, checksum) values (%s, %s, %s)",
            [migration.number, migration.name, migration.checksum],
        )


def create_database(conninfo: str, name: str) -> bool:
    """Makes the database where it is missing; True when it was made."""
    with Connection.connect(conninfo, autocommit=True) as conn:
        if conn.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            return False
        conn.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return True
