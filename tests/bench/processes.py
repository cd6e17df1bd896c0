"""Cities and bare servers as processes of their own, and what they cost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from psycopg import connect

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def process(
    arguments: list[str], port: int | None, environment: dict[str, str], path: str = "/livez"
) -> Generator[subprocess.Popen[bytes]]:
    """A Python process, ready when it answers on `port` (at once where there is none)."""
    started = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL if not os.environ.get("BENCH_LOG") else None,
    )
    try:
        if port is not None:
            await_answer(port, path)
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(30)


def await_answer(port: int, path: str) -> None:
    """Asks until something answers; gives up after a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            connection.getresponse().read()
            return
        except (OSError, HTTPException):
            time.sleep(0.005)
    raise SystemExit(f"nothing answers on port {port}")


def environment(origin: str, conninfo: str, port: int) -> dict[str, str]:
    """Settings of a city for a measurement."""
    return {
        "STADTNETZ_ORIGIN": origin,
        "STADTNETZ_DATABASE_URL": conninfo,
        "STADTNETZ_LISTEN": f"127.0.0.1:{port}",
        "STADTNETZ_ALLOW_LOOPBACK_PEERS": "yes",
        "STADTNETZ_LOG_LEVEL": "warning",
    }


def cpu(pid: int) -> float:
    """Processor seconds of a process and its ended children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


def cpu_of_postgres(conninfo: str) -> float:
    """Processor seconds of the server of this database, with all its processes, ended ones too."""
    with connect(conninfo) as conn:
        server = _parent(conn.info.backend_pid)
    spent = cpu(server)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(int(entry.name)) == server:
            with suppress(OSError):  # it has just ended
                spent += cpu(int(entry.name))
    return spent


def _parent(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return 0


def _name(entry: Path) -> str:
    try:
        return (entry / "comm").read_text().strip()
    except OSError:
        return ""


def pss(pid: int) -> float:
    """Proportional set size in megabytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no Pss")


def pss_of_postgres() -> float:
    """All processes named postgres together, in megabytes."""
    found = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _name(entry) == "postgres":
            found += pss(int(entry.name))
    return found
