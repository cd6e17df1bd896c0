"""The embedded PostgreSQL: shared by processes, and unhurt by what happens to them."""

import fcntl
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from schema.postgres import Embedded, buffers
from schema.programs import StartFailed, find_binaries

ROOT = Path(__file__).resolve().parents[2]

# says where the server is, goes on when it is told to, says whether it was the last
ANOTHER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from schema.postgres import Embedded
server = Embedded(Path(sys.argv[2]), durable=False)
print(server.start(), flush=True)
sys.stdin.readline()
print(server.stop(), flush=True)
"""

Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def directory() -> Iterator[Path]:
    """Short enough for a socket, private to whoever runs the tests."""
    place = Path(tempfile.mkdtemp(prefix="stadtnetz-"))
    yield place
    shutil.rmtree(place)


@pytest.fixture
def embedded(directory: Path) -> Iterator[Embedded]:
    server = Embedded(directory / "pg", durable=False)
    yield server
    server.start()
    server.stop()


@pytest.fixture
def another(directory: Path) -> Iterator[Begin]:
    """Starts other processes that use the same server."""
    begun: list[subprocess.Popen[str]] = []

    def begin(*before: str, at: Path = directory / "pg") -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [*before, sys.executable, "-c", ANOTHER, str(ROOT), str(at)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.communicate()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go_on(process: "subprocess.Popen[str]") -> str:
    return process.communicate("\n")[0].strip()


def write(conninfo: str, word: str) -> None:
    with psycopg.connect(conninfo) as conn:
        conn.execute("create table if not exists kept (word text)")
        conn.execute("insert into kept values (%s)", (word,))


def words(conninfo: str) -> list[str]:
    with psycopg.connect(conninfo) as conn:
        return [word for (word,) in conn.execute("select word from kept order by word")]


def postmaster(directory: Path) -> int:
    return int((directory / "pg/data/postmaster.pid").read_text().splitlines()[0])


def is_running(directory: Path) -> bool:
    with (directory / "pg/running").open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_what_was_written_is_there_after_a_restart(embedded: Embedded, directory: Path) -> None:
    write(embedded.start(), "bread")
    assert embedded.stop()
    assert not is_running(directory)
    assert words(embedded.start()) == ["bread"]


def test_it_speaks_german_and_knows_other_databases(embedded: Embedded) -> None:
    with psycopg.connect(embedded.start(), autocommit=True) as conn:
        conn.execute("create database elsewhere")
        found = conn.execute(
            "select lower('ÄÖÜ'), to_tsvector('german', 'Häuser')::text"
        ).fetchone()
    assert found == ("äöü", "'haus':1")
    with psycopg.connect(embedded.conninfo("elsewhere")) as conn:
        assert conn.info.dbname == "elsewhere"


def test_nobody_else_gets_in(embedded: Embedded, directory: Path) -> None:
    conninfo = embedded.start()
    assert stat.S_IMODE((directory / "pg").stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "pg/data").stat().st_mode) == 0o700
    with psycopg.connect(conninfo) as conn:
        assert conn.execute("show listen_addresses").fetchone() == ("",)
        rules = conn.execute("select type, auth_method from pg_hba_file_rules").fetchall()
    assert rules == [("local", "peer")]


def test_only_tests_trade_safety_for_speed(embedded: Embedded, directory: Path) -> None:
    with psycopg.connect(embedded.start()) as conn:
        assert conn.execute("show fsync").fetchone() == ("off",)
    assert embedded.stop()
    safe = Embedded(directory / "pg")
    with psycopg.connect(safe.start()) as conn:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert conn.execute("select current_setting(%s)", (setting,)).fetchone() == ("on",)
    assert safe.stop()


def test_a_second_process_shares_the_server_and_the_last_one_stops_it(
    embedded: Embedded, directory: Path, another: Begin
) -> None:
    conninfo = embedded.start()
    first = postmaster(directory)
    other = another()
    assert said(other) == conninfo
    assert postmaster(directory) == first
    assert not embedded.stop()
    write(conninfo, "still there")
    assert go_on(other) == "True"
    assert not is_running(directory)


def test_four_processes_that_start_at_once_get_one_server(directory: Path, another: Begin) -> None:
    begun = [another() for _ in range(4)]
    assert len({said(process) for process in begun}) == 1
    assert sorted(go_on(process) for process in begun) == ["False", "False", "False", "True"]
    assert not is_running(directory)


def test_a_parent_that_is_killed_leaves_a_server_which_the_next_one_takes_over(
    embedded: Embedded, directory: Path, another: Begin
) -> None:
    parent = another()
    write(said(parent), "bread")
    first = postmaster(directory)
    parent.kill()
    parent.wait()
    assert words(embedded.start()) == ["bread"]
    assert postmaster(directory) == first
    assert embedded.stop()
    assert not is_running(directory)


def test_a_killed_server_is_started_again_with_its_data(directory: Path) -> None:
    server = Embedded(directory / "pg")
    conninfo = server.start()
    write(conninfo, "bread")
    first = postmaster(directory)
    gone = os.pidfd_open(first)
    os.kill(first, signal.SIGKILL)
    select.select([gone], [], [])
    os.close(gone)
    assert words(server.start()) == ["bread"]
    assert postmaster(directory) != first
    assert server.stop()


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle(
    embedded: Embedded, directory: Path
) -> None:
    write(embedded.start(), "bread")
    pid_file = directory / "pg/data/postmaster.pid"
    ready = pid_file.read_text().splitlines()
    assert embedded.stop()
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as stranger:
        pid_file.write_text("\n".join([str(stranger.pid), *ready[1:]]) + "\n")
        assert words(embedded.start()) == ["bread"]
        assert embedded.stop()
        assert stranger.poll() is None


def test_a_cluster_that_was_half_made_is_made_again(embedded: Embedded, directory: Path) -> None:
    half = directory / "pg/data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    write(embedded.start(), "bread")
    assert not half.exists()


def test_a_path_too_long_for_a_socket_gets_a_short_one(directory: Path) -> None:
    deep = directory / ("d" * 100) / "pg"
    server = Embedded(deep, durable=False)
    conninfo = server.start()
    link = Path(str(conninfo_to_dict(conninfo)["host"]))
    try:
        assert link.readlink() == deep / "data"
        assert stat.S_IMODE(link.parent.stat().st_mode) == 0o700
        link.unlink()
        write(server.start(), "a swept /tmp")
    finally:
        assert server.stop()
        link.unlink()


def test_data_of_another_version_is_refused_in_one_sentence(
    embedded: Embedded, directory: Path
) -> None:
    embedded.start()
    assert embedded.stop()
    version = directory / "pg/data/PG_VERSION"
    own = version.read_text()
    version.write_text("9\n")
    with pytest.raises(StartFailed, match="was made by PostgreSQL 9"):
        embedded.start()
    version.write_text(own)


def test_a_server_that_ends_at_once_says_why(directory: Path) -> None:
    server = Embedded(directory / "pg", durable=False, max_connections=-1)
    with pytest.raises(StartFailed, match="max_connections"):
        server.start()
    assert not is_running(directory)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_user_without_rights_can_run_it_too(another: Begin) -> None:
    place = Path(tempfile.mkdtemp(prefix="stadtnetz-"))
    shutil.chown(place, "nobody")
    as_nobody = ("setpriv", "--reuid=nobody", "--clear-groups", "--")
    reach = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import schema.postgres"
    if subprocess.run([*as_nobody, sys.executable, "-c", reach], check=False, cwd="/").returncode:
        pytest.skip("nobody cannot reach this folder")
    try:
        process = another(*as_nobody, at=place / "pg")
        assert said(process).startswith("host=")
        assert (place / "pg/data").owner() == "nobody"
        root = Embedded(place / "pg", durable=False)
        write(root.start(), "root may look after it")
        assert not root.stop()
        assert go_on(process) == "True"
        write(root.start(), "and start it, as its owner")
        assert (place / "pg/data/postmaster.pid").owner() == "nobody"
        assert root.stop()
    finally:
        shutil.rmtree(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server is another user's")
def test_root_can_keep_project_and_programs_where_nobody_else_may_look(directory: Path) -> None:
    hidden = directory / "venv"
    package = find_binaries().parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, hidden / part.name, ignore=shutil.ignore_patterns("*.a", "include"))
    programs = hidden / package.name / "pginstall/bin"
    shelter = Path(tempfile.mkdtemp(prefix="stadtnetz-"))
    shelter.chmod(0o755)
    before = stat.S_IMODE(directory.stat().st_mode)
    server = Embedded(directory / "pg", binaries=programs, durable=False, shelter=shelter)
    try:
        write(server.start(), "bread")
        assert server.stop()
        write(server.start(), "again from the same copy")
        assert server.stop()
        assert len(list(shelter.iterdir())) == 1
        assert stat.S_IMODE(directory.stat().st_mode) == before == 0o700
    finally:
        shutil.rmtree(shelter)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server is another user's")
def test_a_shelter_others_can_write_in_is_not_trusted(directory: Path) -> None:
    hidden = directory / "bin"
    hidden.mkdir()
    shutil.copy(find_binaries() / "postgres", hidden)
    shelter = directory / "shelter"
    shelter.mkdir()
    shelter.chmod(0o777)
    server = Embedded(directory / "pg", binaries=hidden, durable=False, shelter=shelter)
    with pytest.raises(StartFailed, match="somebody else"):
        server.start()


def test_the_server_keeps_as_much_in_memory_as_the_machine_can_spare() -> None:
    assert [buffers(mb) for mb in (512, 1024, 2048, 4096, 65536)] == [64, 64, 128, 256, 256]
