"""A small load: kept-alive connections that ask one after the other, raw, to cost little itself."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """Answers per second and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float
    failures: int


def get(host: str, port: int, path: str, headers: str = "") -> bytes:
    """One GET as bytes."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/html\r\n"
        f"Accept-Language: de\r\n{headers}\r\n"
    ).encode()


async def run(port: int, requests: Sequence[bytes], connections: int) -> Result:
    """Sends every request once over so many connections; any status of 400 or more fails."""
    waiting: Iterator[bytes] = iter(requests)
    times: list[float] = []
    failures = 0

    async def lane() -> None:
        nonlocal failures
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            begun = time.perf_counter()
            writer.write(request)
            status = await _answer(reader)
            times.append(time.perf_counter() - begun)
            failures += status >= 400
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(connections)))
    whole = time.perf_counter() - begun
    times.sort()
    return Result(
        rate=len(times) / whole,
        p50=times[len(times) // 2] * 1000,
        p99=times[int(len(times) * 0.99)] * 1000,
        failures=failures,
    )


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        elif name.lower() == b"transfer-encoding":
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
    if length:
        await reader.readexactly(length)
    return status
