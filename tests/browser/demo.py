"""`stadtnetz demo` as a process, with what it prints, and what can be killed of it."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psycopg

WIEN = "http://wien.localhost:8001"
KIRCHBACH = "http://kirchbach.localhost:8002"
GUESSING = "http://guessing.localhost:8003"
PASSWORD = "nachbarschaft"
_LOGIN = re.compile(r"^\s+(admin|resident)\s*: (\w+)$")


class Demo:
    """The running demonstration; `logins` by origin: who is admin, who resident."""

    def __init__(self, folder: Path, smtp_url: str = "") -> None:
        self.folder = folder
        self.logins: dict[str, list[tuple[str, str]]] = {}
        self.said: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "web", "demo", "--data", str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "STADTNETZ_SMTP_URL": smtp_url},
        )

    def read(self) -> None:
        """Until it has printed its addresses and the password; then goes on listening."""
        origin = ""
        assert self._process.stdout
        for line in self._process.stdout:
            self.said.append(line)
            if found := re.search(r"(http://\w+\.localhost:\d+)$", line.strip()):
                origin = found.group(1)
            elif found := _LOGIN.match(line.rstrip()):
                self.logins.setdefault(origin, []).append((found.group(1), found.group(2)))
            elif PASSWORD in line:
                threading.Thread(target=self._listen, daemon=True).start()
                return
        raise AssertionError("the demonstration did not start:\n" + "".join(self.said))

    def _listen(self) -> None:
        self.said.extend(self._process.stdout or ())

    def who(self, origin: str, role: str) -> str:
        """A login name: of the "admin", a "resident", or "another" resident."""
        kind, number = ("resident", 1) if role == "another" else (role, 0)
        return [name for what, name in self.logins[origin] if what == kind][number]

    def spoken(self, title: str) -> set[tuple[str, str]]:
        """Of the activities about agreements on what has this title that came to Vienna or went out
        from there: type, and type of the object (FEP-0837)."""
        folder = self.folder / "postgres" / "data"
        with psycopg.connect(host=str(folder), port=5432, user="app", dbname="wien") as conn:
            rows = conn.execute(
                """select a.type, coalesce(a.document::jsonb #>> '{object,type}', '')
                   from activities a join agreements g
                     on strpos(a.document, g.key) > 0 join proposals p on p.id = g.proposal_id
                   where p.title = %s""",
                (title,),
            ).fetchall()
        return {(str(kind), str(inner)) for kind, inner in rows}

    def kill_city(self, origin: str) -> None:
        """kill -9 for the process that serves this city, web and worker."""
        os.kill(self._child(origin), signal.SIGKILL)

    def kill_database(self) -> None:
        """kill -9 for the PostgreSQL of all three cities, with everything it has started."""
        status = (self.folder / "postgres" / "data" / "postmaster.pid").read_text()
        os.kill(int(status.split()[0]), signal.SIGKILL)

    def _child(self, origin: str) -> int:
        wanted = f"STADTNETZ_ORIGIN={origin}".encode()
        threads = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        for pid in " ".join(thread.read_text() for thread in threads).split():
            if wanted in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                return int(pid)
        raise AssertionError(f"no process serves {origin}")

    def end(self) -> None:
        """As Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(90)
