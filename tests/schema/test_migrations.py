"""Migrations: each once, in order, by one process at a time; and what they make is written down."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from schema import __main__ as command
from schema import dump, migrate
from schema.migrate import Changed, Migration
from schema.postgres import Embedded
from tests import world


@pytest.fixture
def empty(server: Embedded, scratch: str) -> str:
    """The conninfo of a database without anything in it."""
    world.clone(server.conninfo("postgres"), "template0", f"{scratch}_empty")
    return server.conninfo(f"{scratch}_empty")


def names() -> list[str]:
    return ["procrastinate", *(one.name for one in migrate.migrations())]


def test_each_runs_once_and_in_order(empty: str) -> None:
    assert [has_run for _, has_run in migrate.state(empty)] == [False] * len(names())
    assert migrate.migrate(empty) == names()
    assert migrate.migrate(empty) == []
    assert migrate.state(empty) == [(name, True) for name in names()]


def test_processes_that_start_at_once_run_each_once(empty: str) -> None:
    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(migrate.migrate, [empty] * 3))
    assert sorted(done) == [[], [], names()]


def test_one_that_fails_leaves_nothing_and_those_before_it_stay(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = len(names())
    broken = Migration(last, f"{last:04}_broken.sql", "create table half (id int); select 1/0;")
    monkeypatch.setattr(migrate, "migrations", lambda real=migrate.migrations: [*real(), broken])
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate.migrate(empty)
    with psycopg.connect(empty) as conn:
        found = conn.execute("select to_regclass('half'), count(*) from schema_version").fetchone()
    assert found == (None, last)


def test_one_that_was_changed_after_it_ran_is_refused(
    empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.migrate(empty)
    first, *others = migrate.migrations()
    other = Migration(first.number, first.name, first.text + " ")
    monkeypatch.setattr(migrate, "migrations", lambda: [other, *others])
    with pytest.raises(Changed, match="changed after it ran"):
        migrate.migrate(empty)


def test_a_database_is_made_once(server: Embedded, scratch: str) -> None:
    admin = server.conninfo("postgres")
    assert migrate.create_database(admin, f"{scratch}_made")
    assert not migrate.create_database(admin, f"{scratch}_made")


def test_schema_sql_is_what_the_migrations_make(server: Embedded, template: str) -> None:
    written = dump.FILE.read_text("utf-8")
    assert dump.dump(server.conninfo(template)) == written, "run: python -m schema dump"
    assert "procrastinate" not in written
    assert written.count("CREATE TABLE") == sum(
        migration.text.count("create table ") for migration in migrate.migrations()
    ) + len(["schema_version"])


def test_the_command_migrates_shows_and_writes(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dump, "FILE", tmp_path / "schema.sql")
    command.main(["status", "--database", empty])
    assert capsys.readouterr().out.splitlines()[0].split() == ["missing", "procrastinate"]
    command.main(["migrate", "--database", empty])
    assert capsys.readouterr().out.splitlines() == [f"ran {name}" for name in names()]
    command.main(["dump", "--database", empty])
    assert "CREATE TABLE public.peers" in dump.FILE.read_text("utf-8")


@pytest.mark.parametrize("arguments", [["status"], ["migrate", "--database", "host=/nowhere"]])
def test_a_database_that_cannot_be_reached_gets_one_sentence(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("STADTNETZ_DATABASE_URL", raising=False)
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("schema: ")
