"""`stadtnetz demo`: three cities as processes, linked and filled at the first start."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import socket
from types import FrameType
from urllib.parse import urlsplit

import uvloop

from schema.migrate import create_database, migrate
from schema.postgres import Embedded
from web.demo import content
from web.demo.content import CityContent
from web.demo.fill import PASSWORD, fill, is_filled
from web.demo.places import Lost, Place

PATIENCE = 60.0  # seconds until a city must answer
LOG_SHOWN = 2000  # characters
LOOK = 0.25  # seconds between two looks at what runs
PAUSE = 2.0  # seconds between two starts of a city
LEAVING = 10.0  # seconds that a city may still hold its port when its demonstration was killed


def run(data: Path) -> None:
    """Until Ctrl-C or SIGTERM. What is in `data` is gone on with, what ends is started again."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    _say(f"Starting the database in {data} …")
    embedded = Embedded(data / "postgres")
    embedded.start()
    try:
        with ExitStack() as stack:
            places: list[Place] = []
            running: list[_City] = []
            for name in content.CITIES:  # the first starts while the others are prepared
                places.append(_prepare(embedded, name))
                _await_free(places[-1])
                running.append(stack.enter_context(_running(places[-1], data)))
            for place in places:
                _await(place)
            _fill(places, embedded, running)
            _print_addresses(places)
            _watch(embedded, running)
    except KeyboardInterrupt:
        print()
    finally:
        _say("Ending.")
        embedded.stop()


def _prepare(embedded: Embedded, name: str) -> Place:
    create_database(embedded.conninfo("postgres"), name)
    conninfo = embedded.conninfo(name)
    migrate(conninfo)
    return Place(name, content.load(name), conninfo)


class _City:
    """A city as a process; it ends with us, even when we are killed (its input closes)."""

    def __init__(self, place: Place, data: Path) -> None:
        self.place = place
        self._data = data
        self._log = data / f"{place.name}.log"
        self._process = self._start()
        self._next = time.monotonic() + PAUSE

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "web", "serve", "--with-parent"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**_plain_environment(), **environment(self.place, self._data)},
                start_new_session=True,
            )

    def revive(self) -> bool:
        """True when it had ended and was started again."""
        if self._process.poll() is None or time.monotonic() < self._next:
            return False
        self._process = self._start()
        self._next = time.monotonic() + PAUSE
        return True

    def end_of_log(self) -> str:
        """What it said last, for whom the demonstration does not start."""
        said = self._log.read_text(errors="replace")[-LOG_SHOWN:]
        return f"{self._log}: {said or 'no complaint'}"

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()


@contextmanager
def _running(place: Place, data: Path) -> Generator[_City]:
    city = _City(place, data)
    try:
        yield city
    finally:
        city.end()


def _watch(embedded: Embedded, running: Sequence[_City]) -> None:
    while True:
        time.sleep(LOOK)
        _revive(embedded, running)


async def _watch_meanwhile(embedded: Embedded, running: Sequence[_City]) -> None:
    while True:
        await asyncio.sleep(LOOK)
        _revive(embedded, running)


def _revive(embedded: Embedded, running: Sequence[_City]) -> None:
    """Starts again what ended by itself or was killed, the database too. Nothing is lost by it:
    what a page has confirmed is committed, with the deliveries that follow from it.
    """
    if not embedded.is_running():
        embedded.start()
        _say("The database had ended and was started again.")
    for city in running:
        if city.revive():
            _say(f"{city.place.content.city.name} had ended and was started again.")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _plain_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("STADTNETZ_")}


def environment(place: Place, data: Path) -> dict[str, str]:
    """The settings of one of the three."""
    port = urlsplit(place.content.city.origin).port
    return {
        "STADTNETZ_ORIGIN": place.content.city.origin,
        "STADTNETZ_DATABASE_URL": place.conninfo,
        "STADTNETZ_DATA_DIR": str(data),
        "STADTNETZ_LISTEN": f"127.0.0.1:{port}",
        "STADTNETZ_ALLOW_LOOPBACK_PEERS": "yes",
        "STADTNETZ_POOL_SIZE": "6",
        "STADTNETZ_LOG_LEVEL": "warning",
        "STADTNETZ_SMTP_URL": os.environ.get("STADTNETZ_SMTP_URL", ""),
    }


def _await_free(place: Place) -> None:
    """Until nobody answers at the city's port."""
    port = urlsplit(place.content.city.origin).port or 80
    end = time.monotonic() + LEAVING
    while time.monotonic() < end:
        with socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(LOOK)
    raise SystemExit(f"Port {port} is taken. Is the demonstration running already?")


def _await(place: Place) -> None:
    """Until the city answers that it is ready."""
    port = urlsplit(place.content.city.origin).port
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            connection = HTTPConnection("127.0.0.1", port or 80, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise SystemExit(f"{place.content.city.origin} does not start; see its log beside the data.")


def _fill(places: Sequence[Place], embedded: Embedded, running: Sequence[_City]) -> None:
    if all(is_filled(place) for place in places):
        return
    _say("First start: residents, communities, needs and offers move in (about a minute).")
    try:
        uvloop.run(_fill_watched(places, embedded, running))
    except Lost as lost:
        for city in running:
            _say(city.end_of_log())
        raise SystemExit(f"{lost}\nStart again: what was done is gone on with.") from lost


async def _fill_watched(
    places: Sequence[Place], embedded: Embedded, running: Sequence[_City]
) -> None:
    watching = asyncio.create_task(_watch_meanwhile(embedded, running))
    try:
        await fill(places, _say)
    finally:
        watching.cancel()


def _print_addresses(places: Sequence[Place]) -> None:
    print()
    for place in places:
        print(f"  {place.content.city.name:10} {place.content.city.origin}")
        for login, what in logins(place.content):
            print(f"             {what}: {login}")
    print(f"\nEverybody’s password is “{PASSWORD}”. Ctrl-C ends the demonstration.", flush=True)


def logins(city: CityContent) -> list[tuple[str, str]]:
    """The admin, and two residents, of whom one speaks English where there is one."""
    english = [r.login for r in city.residents if r.language == "en"]
    german = [r.login for r in city.residents if r.language == "de"]
    shown = [*german[1:2], *english[:1]] or german[1:3]
    return [(german[0], "admin   "), *((login, "resident") for login in shown)]


def _say(text: str) -> None:
    print(text, flush=True)
