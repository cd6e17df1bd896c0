"""Rig: what the fault tests do to a city on this machine; its clock, its names, and where it dies.

A city has one only with STADTNETZ_TEST_RIG, which names a folder, and only at a loopback origin.
"""

import asyncio
import os
import signal
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from federation.dialling import resolve_by_system


class Order(msgspec.Struct, frozen=True):
    """What happens when `point` is reached for the `count`th time by something with `about` in
    it: `kill` ends the process at once (once), `fail` raises (as long as the order stands)."""

    point: str
    count: int = 1
    act: str = "kill"
    about: str = ""


class Ordered(Exception):
    """The failure that an Order asked for."""


def nothing(point: str, about: str = "") -> None:
    """The points of a city in use lead nowhere."""


class Rig:
    """Reads its orders from files: `order` (an Order), `clock` (seconds to add to the time),
    `names` (host to addresses, or to `fail` or `hang`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = 0
        self._last: bytes = b""

    def reach(self, point: str, about: str = "") -> None:
        """Called at named points of the work."""
        written = self._read("order")
        if not written:
            return
        if written != self._last:
            self._last, self._seen = written, 0
        order = msgspec.json.decode(written, type=Order)
        if order.point != point or order.about not in about:
            return
        self._seen += 1
        if self._seen < order.count:
            return
        if order.act == "fail":
            raise Ordered(f"{point} was ordered to fail")
        (self._folder / "order").replace(self._folder / "done")
        os.kill(os.getpid(), signal.SIGKILL)

    def clock(self) -> datetime:
        """The time that it is for this city."""
        return datetime.now(UTC) + timedelta(seconds=float(self._read("clock") or 0))

    async def resolve(self, host: str) -> list[str]:
        """As the system does, but for the names in `names`."""
        written = self._read("names")
        names: Mapping[str, list[str] | str] = (
            msgspec.json.decode(written, type=dict[str, list[str] | str]) if written else {}
        )
        found = names.get(host)
        if found is None:
            return await resolve_by_system(host)
        if found == "hang":
            await asyncio.sleep(30)
        if isinstance(found, str):
            raise OSError(f"{host} is not known")
        return found

    def _read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return b""
