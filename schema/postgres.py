"""An embedded PostgreSQL: started by the first process, shared, and stopped by the last."""

import fcntl
import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import make_conninfo

from schema.programs import StartFailed, find_binaries, own_directory, sheltered

_SOCKET = ".s.PGSQL.5432"
_SOCKET_BYTES = 107  # sun_path of Linux is 108 with its closing zero
_PATIENCE = 300.0  # seconds: recovery after a crash reads up to 1 GB of log
_PAUSE = 0.02  # seconds between two looks
_LOG_BYTES = 1 << 20
_CALM = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "UTC"}  # nothing of PGPORT, PGDATA …
_DETACHED = ("/bin/sh", "-c", '"$@" </dev/null &', "sh")
_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Embedded:
    """One embedded server in `directory`, for any number of processes at once.

    Files in `directory` (made 0700): `data/` (the cluster, its socket is in it), `server.log`, and
    three locks which the kernel gives back on kill -9: `lock` (held while starting or stopping),
    `users` (shared, one hold per process that uses the server) and `running` (inherited by every
    process of the server, so holding it means that none is left; a pid file cannot say that).

    Root may not run PostgreSQL: then the server runs as the owner of the cluster, at first as
    `postgres` or `nobody`. That user need not be able to walk to `directory`: the server inherits
    the opened cluster and knows it as /proc/self/fd/…. Programs which it cannot reach (a project
    under /root) are copied once to `shelter`, readable by all and writable by root. No permission
    of a folder that is not ours is changed.

    Only the user who started it, root and the server's own user can connect (peer, no TCP).
    `durable=False` is for tests: faster, and broken by a power cut. Memory is at most one
    `shared_buffers`, as far as it is used, and about 3 MB for each open connection.
    """

    def __init__(
        self,
        directory: Path,
        *,
        binaries: Path | None = None,
        durable: bool = True,
        max_connections: int = 100,
        shelter: Path = Path("/var/lib/stadtnetz"),
    ) -> None:
        self._base = directory.resolve()
        self._data = self._base / "data"
        self._log = self._base / "server.log"
        self._binaries = binaries
        self._shelter = shelter
        self._durable = durable
        self._settings = {
            "listen_addresses": "",
            "unix_socket_directories": ".",
            "unix_socket_permissions": "0700",
            "shared_buffers": f"{buffers(_memory())}MB",
            "max_connections": str(max_connections),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            "jit": "off",
            "cluster_name": "stadtnetz",
            **({} if durable else _UNSAFE),
        }
        self._use: int | None = None

    def start(self) -> str:
        """The conninfo of database `postgres`; starts the server unless it runs. May be repeated.

        The first start makes the cluster (1-3 s), later ones take 0.1 s, after a crash as long as
        its recovery. Raises StartFailed.
        """
        try:
            self._base.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked():
                running = self._settle()
                if running is not None:
                    self._launch(running)
                if self._use is None:
                    self._use = _lock(self._base / "users", fcntl.LOCK_SH)
            self._shorten()
        except OSError as problem:
            raise StartFailed(f"The embedded database does not start: {problem}") from problem
        return self.conninfo("postgres")

    def conninfo(self, database: str) -> str:
        """How libpq reaches this database as user `app`, who may do everything on this server."""
        return make_conninfo(host=str(self._host()), port=5432, user="app", dbname=database)

    def stop(self) -> bool:
        """True when we were the last user and the server has ended; False when others go on."""
        if self._use is None:
            return False
        with self._locked():
            os.close(self._use)
            self._use = None
            last = _try_lock(self._base / "users")
            if last is None:
                return False
            try:
                self._end()
            finally:
                os.close(last)
        return True

    def is_running(self) -> bool:
        """Whether a process of the server is left: three system calls, to be asked often."""
        running = _try_lock(self._base / "running")
        if running is not None:
            os.close(running)
        return running is None

    def _settle(self) -> int | None:
        """None when a server answers; else the `running` lock, when nothing of the last is left."""
        for _ in _looks():
            running = _try_lock(self._base / "running")
            if running is not None or self._ready():
                return running
        raise StartFailed(f"An older database server in {self._base} does not end.")

    def _launch(self, running: int) -> None:
        try:
            account = _server_account(self._data)
            binaries = self._reachable(self._binaries or find_binaries(), account)
            if not (self._data / "PG_VERSION").exists():
                self._create(binaries, account, running)
            self._check_version(binaries, account)
            self._allow(account)
            for stale in ("postmaster.pid", _SOCKET, f"{_SOCKET}.lock"):
                (self._data / stale).unlink(missing_ok=True)
            said = self._spawn(binaries, account, running)
        finally:
            os.close(running)  # from here on only the server holds it
        self._await_ready(said)

    def _create(self, binaries: Path, account: "_Account", running: int) -> None:
        """Beside its place first: a half made cluster looks like a whole one."""
        new = self._base / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if account.uid is not None and account.gid is not None:
            os.chown(new, account.uid, account.gid)
        with _opened(new) as cluster:
            made = account.run(
                [str(binaries / "initdb"), "-D", f"/proc/self/fd/{cluster}", "-U", "app"]
                + ["-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]
                + ["--auth-local=peer", "--auth-host=reject"]
                + ([] if self._durable else ["--no-sync"]),
                keep=(running, cluster),
            )
        if made.returncode:
            raise StartFailed(f"initdb could not make a database in {self._base}: {made.stderr}")
        shutil.rmtree(self._data, ignore_errors=True)
        new.rename(self._data)

    def _check_version(self, binaries: Path, account: "_Account") -> None:
        have = (self._data / "PG_VERSION").read_text().strip()
        said = account.run([str(binaries / "postgres"), "--version"]).stdout
        if f" {have}." not in said and not said.strip().endswith(f" {have}"):
            raise StartFailed(
                f"The database in {self._base} was made by PostgreSQL {have}, "
                f"but the programs here are {said.strip()}."
            )

    def _allow(self, account: "_Account") -> None:
        """Who may connect. Written as the server's user, who could have put a link there."""
        names = {"root", pwd.getpwuid(os.geteuid()).pw_name, account.name}
        owners = "".join(f'own "{name}" app\n' for name in sorted(names))
        for name, text in (("hba", "local all all peer map=own\n"), ("ident", owners)):
            written = account.run(
                ["/bin/sh", "-c", f"cat >pg_{name}.conf"], cwd=self._data, text=text
            )
            if written.returncode:
                raise StartFailed(f"Can't write in {self._data}: {written.stderr}")

    def _spawn(self, binaries: Path, account: "_Account", running: int) -> int:
        """Starts the server detached from us; where in the log its words begin, in bytes."""
        if self._log.exists() and self._log.stat().st_size > _LOG_BYTES:
            self._log.replace(self._base / "server.log.old")
        options = [part for item in self._settings.items() for part in ("-c", "=".join(item))]
        with self._log.open("ab") as log, _opened(self._data) as cluster:
            begin = log.tell()
            server = (str(binaries / "postgres"), "-D", f"/proc/self/fd/{cluster}")
            account.run([*_DETACHED, *server, *options], keep=(running, cluster), log=log.fileno())
        return begin

    def _await_ready(self, said: int) -> None:
        for _ in _looks():
            if self._ready():
                return
            running = _try_lock(self._base / "running")
            if running is not None:
                os.close(running)
                words = self._log.read_bytes()[said:].decode(errors="replace").splitlines()
                raise StartFailed(f"PostgreSQL ended at once: {' | '.join(words[-5:])}")
        raise StartFailed(f"PostgreSQL is not ready after {_PATIENCE:.0f} s, see {self._log}.")

    def _ready(self) -> bool:
        """A server that was killed leaves its pid file, but nobody who accepts at its socket."""
        status = self._pid_file()
        if len(status) < 8 or status[7].strip() != "ready":
            return False
        self._shorten()
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self._host() / _SOCKET))
            except OSError:
                return False
        return True

    def _pid_file(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _end(self) -> None:
        """Asks for a fast shutdown, after a while for an immediate one; waits for every process."""
        account = _server_account(self._data)
        for signal in ("INT", "QUIT"):
            for look in _looks(_PATIENCE / 5):
                running = _try_lock(self._base / "running")
                if running is not None:
                    os.close(running)
                    return
                status = self._pid_file()
                if look == 0 and status and status[0].isdigit():
                    # as the server's user: the number is in a file that this user can write
                    account.run(["/bin/sh", "-c", 'kill -"$0" "$1"', signal, status[0]])
        raise StartFailed(f"The database server in {self._base} does not end.")

    def _host(self) -> Path:
        """The folder of the socket; through a short link where its own path is too long."""
        if len(os.fsencode(self._data / _SOCKET)) <= _SOCKET_BYTES:
            return self._data
        name = hashlib.sha256(os.fsencode(self._data)).hexdigest()[:16]
        return _runtime_directory() / name

    def _shorten(self) -> None:
        link = self._host()
        if link == self._data or (link.is_symlink() and link.readlink() == self._data):
            return
        own_directory(link.parent, 0o700)
        fresh = link.with_name(f"{link.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self._data)
        fresh.replace(link)

    def _reachable(self, binaries: Path, account: "_Account") -> Path:
        """The programs where the server's user can run them."""
        try:
            account.run([str(binaries / "postgres"), "--version"])
        except PermissionError:
            return sheltered(binaries, self._shelter)
        return binaries

    @contextmanager
    def _locked(self) -> Generator[None]:
        held = _lock(self._base / "lock", fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(held)


@dataclass(frozen=True, slots=True)
class _Account:
    """Whom the server runs as; uid and gid are None when that is ourselves."""

    name: str
    uid: int | None = None
    gid: int | None = None

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path = Path("/"),
        text: str | None = None,
        keep: Sequence[int] = (),
        log: int | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs it to its end; the folder is entered before the user changes."""
        return subprocess.run(
            command,
            cwd=cwd,
            env=_CALM,
            input=text or "",
            stdout=log or subprocess.PIPE,
            stderr=log or subprocess.PIPE,
            pass_fds=keep,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            umask=0o077,
            start_new_session=True,
            text=True,
            check=False,
        )


def _server_account(data: Path) -> _Account:
    if os.geteuid() != 0:
        return _Account(pwd.getpwuid(os.geteuid()).pw_name)
    owner = data.stat().st_uid if data.exists() else 0
    if owner:
        user = pwd.getpwuid(owner)
    else:
        names = {user.pw_name for user in pwd.getpwall()}
        user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return _Account(user.pw_name, user.pw_uid, user.pw_gid)


@contextmanager
def _opened(folder: Path) -> Generator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(path: Path, how: int) -> int:
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(held, how)
    except BaseException:
        os.close(held)
        raise
    return held


def _try_lock(path: Path) -> int | None:
    try:
        return _lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None


def buffers(memory: int) -> int:
    """Megabytes the server may keep of its tables, of so many megabytes the machine has: a
    sixteenth, 64 at least. With more than 256 a million listings were found no faster."""
    return min(256, max(64, memory // 16))


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20


def _looks(seconds: float = _PATIENCE) -> Iterator[int]:
    """0, 1, 2 … with a pause between, for so many seconds."""
    end = time.monotonic() + seconds
    count = 0
    while count == 0 or time.monotonic() < end:
        yield count
        count += 1
        time.sleep(_PAUSE)


def _runtime_directory() -> Path:
    given = os.environ.get("XDG_RUNTIME_DIR")
    if given and len(os.fsencode(given)) <= 48 and os.access(given, os.W_OK):
        return Path(given) / "stadtnetz"
    return Path("/tmp") / f"stadtnetz-{os.geteuid()}"  # noqa: S108 (checked by own_directory)
