"""The network of the rig: one door per city, and a rule for each ordered pair that goes through."""

import asyncio
import random
import re
import socket
import struct
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

_SENDER = re.compile(rb"\r\nuser-agent:[^\r]*\(\+http://([a-z]+)\.localhost", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)


class Reset(Exception):
    """The connection breaks here, with an RST."""


@dataclass(slots=True)
class Exchange:
    """One request on its way from `sender` to `receiver`."""

    sender: str
    receiver: str
    request: bytes
    forward: Callable[[], Awaitable[bytes]]
    """Hands it over; the whole answer. Reset when the receiver is not there."""
    writer: asyncio.StreamWriter
    random: random.Random

    @property
    def is_post(self) -> bool:
        return self.request.startswith(b"POST")


Rule: TypeAlias = Callable[[Exchange], Awaitable[None]]


async def passes(exchange: Exchange) -> None:
    """As if nothing were between them."""
    exchange.writer.write(await exchange.forward())


async def refuses(exchange: Exchange) -> None:
    """Cut before the request arrives."""
    raise Reset


async def hangs(exchange: Exchange) -> None:
    """A black hole: taken, and never answered."""
    await asyncio.sleep(3600)


async def drips(exchange: Exchange) -> None:
    """A tar pit: an endless answer, one byte a second."""
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 3600:
        exchange.writer.write(bytes([byte]))
        await exchange.writer.drain()
        await asyncio.sleep(1)


async def loses_answers(exchange: Exchange) -> None:
    """Cut after the request has arrived and was answered."""
    await exchange.forward()
    raise Reset


async def truncates(exchange: Exchange) -> None:
    """The answer ends somewhere in its middle."""
    answer = await exchange.forward()
    exchange.writer.write(answer[: exchange.random.randrange(len(answer))])
    await exchange.writer.drain()
    raise Reset


def delays(seconds: float, jitter: float) -> Rule:
    """Late, and not all equally."""

    async def rule(exchange: Exchange) -> None:
        await asyncio.sleep(seconds + exchange.random.random() * jitter)
        await passes(exchange)

    return rule


def answers(status: str, *headers: str, body: str = "") -> Rule:
    """Somebody else answers in the receiver's place."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]

    async def rule(exchange: Exchange) -> None:
        exchange.writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    return rule


def repeats(most: int) -> Rule:
    """Each arrives one to `most` times."""

    async def rule(exchange: Exchange) -> None:
        for _ in range(exchange.random.randrange(most)):
            with suppress(Reset):
                await exchange.forward()
        await passes(exchange)

    return rule


def sometimes(share: float, rule: Rule, otherwise: Rule = passes) -> Rule:
    """This rule for a share of the requests."""

    async def either(exchange: Exchange) -> None:
        await (rule if exchange.random.random() < share else otherwise)(exchange)

    return either


def only_posts(rule: Rule) -> Rule:
    """GETs pass."""

    async def chosen(exchange: Exchange) -> None:
        await (rule if exchange.is_post else passes)(exchange)

    return chosen


@dataclass(slots=True)
class Shuffled:
    """Takes POSTs in the receiver's name, and brings them later, more than once, in any order."""

    most: int = 5
    window: int = 100
    held: list[Exchange] = field(default_factory=list[Exchange])
    refused: Counter[str] = field(default_factory=Counter[str])
    """What did not arrive although the sender thinks so, by status."""
    _bringing: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def __call__(self, exchange: Exchange) -> None:
        if not exchange.is_post:
            await passes(exchange)
            return
        self.held += [exchange] * exchange.random.randint(1, self.most)
        exchange.writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        if len(self.held) >= self.window:
            # On its own: a connection may break, what was promised is brought all the same.
            self._begin(exchange.random)

    async def release(self, random: random.Random) -> None:
        """Brings all that are held, shuffled; what is not taken now is tried until it is."""
        self._begin(random)
        while self._bringing:
            await asyncio.wait(self._bringing)

    def _begin(self, random: random.Random) -> None:
        held, self.held = self.held, []
        random.shuffle(held)
        task = asyncio.create_task(self._bring(held))
        self._bringing.add(task)
        task.add_done_callback(self._bringing.discard)

    async def _bring(self, held: list[Exchange]) -> None:
        for exchange in held:
            for _ in range(200):
                with suppress(Reset):
                    status = (await exchange.forward())[9:12].decode()
                    if status < "500" and status != "429":
                        self.refused[status] += status > "299"
                        break
                await asyncio.sleep(0.1)
            else:
                self.refused["never"] += 1


@dataclass(slots=True)
class Network:
    """Doors at `ports` (city to public port) that lead to `inner` (city to the port it listens on).

    Senders are known by the address in their User-Agent. `seen` counts the requests of each pair,
    `answered` the answers by status of the receiver itself.
    """

    ports: dict[str, int]
    inner: dict[str, int]
    random: random.Random
    rules: dict[tuple[str, str], Rule] = field(default_factory=dict[tuple[str, str], Rule])
    seen: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    answered: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    open: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    most_open: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    _servers: list[asyncio.Server] = field(default_factory=list[asyncio.Server])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def start(self) -> None:
        for city, port in self.ports.items():

            async def serve(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, city: str = city
            ) -> None:
                await self._serve(city, reader, writer)

            self._servers.append(await asyncio.start_server(serve, "127.0.0.1", port))

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def set(
        self, senders: str | tuple[str, ...], receivers: str | tuple[str, ...], rule: Rule
    ) -> None:
        """For each pair of these; `*` is everybody."""
        for sender in self._named(senders):
            for receiver in self._named(receivers):
                if sender != receiver:
                    self.rules[sender, receiver] = rule

    def heal(self) -> None:
        """Everything passes, also what hangs in the middle of a rule breaks."""
        self.rules.clear()
        for task in self._tasks:
            task.cancel()

    def _named(self, cities: str | tuple[str, ...]) -> tuple[str, ...]:
        if cities == "*":
            return tuple(self.ports)
        return (cities,) if isinstance(cities, str) else cities

    async def _serve(
        self, receiver: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while True:
                request = await _read(reader)
                await self._pass(receiver, request, writer)
                await writer.drain()
        except (Reset, asyncio.CancelledError):
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._tasks.discard(task)
            with suppress(OSError):
                writer.close()

    async def _pass(self, receiver: str, request: bytes, writer: asyncio.StreamWriter) -> None:
        found = _SENDER.search(request)
        pair = (found.group(1).decode() if found else "", receiver)
        self.seen[pair] += 1
        self.open[pair] += 1
        self.most_open[pair] = max(self.most_open[pair], self.open[pair])

        async def forward() -> bytes:
            answer = await _forward(request, self.inner[receiver])
            self.answered[receiver, answer[9:12].decode()] += 1
            return answer

        exchange = Exchange(*pair, request, forward, writer, self.random)
        try:
            await self.rules.get(pair, passes)(exchange)
        finally:
            self.open[pair] -= 1


async def _read(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return head + await reader.readexactly(int(length.group(1)) if length else 0)


async def _forward(request: bytes, port: int) -> bytes:
    """Over a connection of its own, so that the answer ends where the connection does."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            head, _, body = request.partition(b"\r\n\r\n")
            head = _CONNECTION.sub(b"", head) + b"\r\nConnection: close"
            writer.write(head + b"\r\n\r\n" + body)
            answer = await reader.read(-1)
        finally:
            writer.close()
    except OSError as error:
        raise Reset from error
    if not answer:
        raise Reset
    return answer
