"""`stadtnetz demo`: three cities as processes, linked and filled at the first start."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from schema.migrate import create_database, migrate
from schema.postgres import Embedded
from web.demo import content
from web.demo.content import CityContent
from web.demo.fill import PASSWORD, fill, is_filled
from web.demo.places import Place

PATIENCE = 60.0  # seconds until a city must answer


def run(data: Path) -> None:
    """Until Ctrl-C. What is in `data` is gone on with."""
    _say(f"Starting the database in {data} …")
    embedded = Embedded(data / "postgres")
    embedded.start()
    try:
        with ExitStack() as stack:
            places = [_prepare(embedded, name) for name in content.CITIES]
            for place in places:
                stack.enter_context(_process(place, data))
            for place in places:
                _await(place)
            _fill(places)
            _print_addresses(places)
            _wait()
    finally:
        _say("Ending.")
        embedded.stop()


def _prepare(embedded: Embedded, name: str) -> Place:
    create_database(embedded.conninfo("postgres"), name)
    conninfo = embedded.conninfo(name)
    migrate(conninfo)
    return Place(name, content.load(name), conninfo)


@contextmanager
def _process(place: Place, data: Path) -> Generator[None]:
    """The city as a process; it ends with us, even when we are killed (its input closes)."""
    with (data / f"{place.name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "web", "serve", "--with-parent"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={**_plain_environment(), **environment(place)},
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _plain_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("STADTNETZ_")}


def environment(place: Place) -> dict[str, str]:
    """The settings of one of the three."""
    port = urlsplit(place.content.city.origin).port
    return {
        "STADTNETZ_ORIGIN": place.content.city.origin,
        "STADTNETZ_DATABASE_URL": place.conninfo,
        "STADTNETZ_LISTEN": f"127.0.0.1:{port}",
        "STADTNETZ_ALLOW_LOOPBACK_PEERS": "yes",
        "STADTNETZ_POOL_SIZE": "6",
        "STADTNETZ_LOG_LEVEL": "warning",
    }


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


def _fill(places: Sequence[Place]) -> None:
    if all(is_filled(place) for place in places):
        return
    _say("First start: residents, communities, needs and offers move in (about a minute).")
    uvloop.run(fill(places, _say))


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


def _wait() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()


def _say(text: str) -> None:
    print(text, flush=True)
