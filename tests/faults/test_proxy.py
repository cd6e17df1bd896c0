"""The network of the rig does what its rules say, over real sockets."""

import asyncio
import random
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tests.faults import proxy
from tests.faults.proxy import Network, Rule, Shuffled

pytestmark = pytest.mark.sockets
OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@dataclass(slots=True)
class Behind:
    """The city behind the door `beta`, and what has reached it."""

    network: Network
    port: int
    got: list[bytes] = field(default_factory=list[bytes])

    async def ask(self, body: bytes = b"", sender: str = "alpha") -> bytes:
        """The whole answer; what came of it when the connection broke."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"POST /inbox HTTP/1.1\r\nUser-Agent: S/1 (+http://{sender}.localhost:1)\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        writer.write_eof()
        answer = b""
        try:
            async with asyncio.timeout(20):
                while piece := await reader.read(1000):
                    answer += piece
        except ConnectionResetError:
            answer += b"RESET"
        finally:
            writer.close()
        return answer


@asynccontextmanager
async def behind(rule: Rule | None = None) -> AsyncGenerator[Behind]:
    with socket.socket() as free, socket.socket() as other:
        free.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        door, inner = free.getsockname()[1], other.getsockname()[1]
    network = Network({"alpha": 0, "beta": door}, {"beta": inner}, random.Random(1))
    city = Behind(network, door)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        city.got.append(await reader.readexactly(length))
        writer.write(OK)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", inner)
    await network.start()
    try:
        if rule is not None:
            network.set("alpha", "beta", rule)
        yield city
    finally:
        await network.stop()
        server.close()


async def test_what_no_rule_is_about_passes() -> None:
    async with behind(proxy.refuses) as city:
        assert await city.ask(b"one", "gamma") == OK
        assert await city.ask(b"two") == b"RESET"
        city.network.heal()
        assert await city.ask(b"three") == OK
        assert city.got == [b"one", b"three"]
        assert city.network.seen == {("gamma", "beta"): 1, ("alpha", "beta"): 2}


async def test_an_answer_is_lost_after_the_request_arrived() -> None:
    async with behind(proxy.loses_answers) as city:
        assert await city.ask(b"one") == b"RESET"
        assert city.got == [b"one"]


async def test_an_answer_ends_in_its_middle() -> None:
    async with behind(proxy.truncates) as city:
        answer = await city.ask(b"one")
        assert answer.endswith(b"RESET") and OK.startswith(answer.removesuffix(b"RESET"))
        assert city.got == [b"one"]


async def test_somebody_else_answers() -> None:
    rule = proxy.answers("410 Gone", body="away")
    async with behind(proxy.only_posts(rule)) as city:
        assert (await city.ask(b"one")).startswith(b"HTTP/1.1 410 Gone\r\n")
        assert city.got == []


async def test_letters_are_repeated() -> None:
    async with behind(proxy.repeats(5)) as city:
        for _ in range(4):
            assert await city.ask(b"one") == OK
        assert 4 < len(city.got) <= 20


async def test_letters_are_held_and_brought_in_another_order() -> None:
    shuffled = Shuffled(most=3, window=1000)
    async with behind(shuffled) as city:
        for number in range(8):
            assert b"202" in await city.ask(b"%d" % number)
        assert city.got == []
        await shuffled.release(city.network.random)
        assert {int(body) for body in city.got} == set(range(8))
        assert city.got != sorted(city.got)


async def test_what_was_promised_is_brought_although_its_connection_breaks() -> None:
    shuffled = Shuffled(most=1, window=4)
    async with behind(shuffled) as city:
        for number in range(4):
            assert b"202" in await city.ask(b"%d" % number)
        city.network.heal()
        await shuffled.release(city.network.random)
        assert {int(body) for body in city.got} == set(range(4))


async def test_what_hangs_breaks_when_all_is_healed() -> None:
    async with behind(proxy.hangs) as city:
        asking = asyncio.create_task(city.ask(b"one"))
        while not city.network.open["alpha", "beta"]:
            await asyncio.sleep(0)
        city.network.heal()
        assert await asking == b"RESET"
        assert city.network.open["alpha", "beta"] == 0
        assert city.network.most_open["alpha", "beta"] == 1
