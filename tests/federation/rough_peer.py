"""A server on 127.0.0.1 with whatever manners a test wants, and a client to call it."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from federation.client import Client
from federation.networks import Network

OWN = "https://own.example"
Respond = Callable[["Peer", bytes, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Peer:
    """A server on 127.0.0.1 that writes whatever bytes a test wants."""

    port: int
    heard: list[bytes] = field(default_factory=list[bytes])
    connections: int = 0

    def url(self, path: str = "/", host: str = "peer.localhost") -> str:
        return f"http://{host}:{self.port}{path}"

    def headers(self, index: int = -1) -> dict[str, str]:
        lines = self.heard[index].decode().partition("\r\n\r\n")[0].split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


@asynccontextmanager
async def peer(
    respond: Respond | bytes, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncGenerator[Peer]:
    """Answers every request with the same bytes, or as the function says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                size = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
                body = await reader.readexactly(int(size or 0))
                served.heard.append(head + body)
                if isinstance(respond, bytes):
                    writer.write(respond)
                else:
                    await respond(served, head.split(b" ")[1], writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, host, 0, ssl=context)
    served = Peer(server.sockets[0].getsockname()[1])
    try:
        yield served
    finally:
        server.close()


@asynccontextmanager
async def client(
    *,
    addresses: Mapping[str, list[list[str]]] | None = None,
    allow_loopback: bool = True,
    private: tuple[Network, ...] = (),
    get_deadline: float = 10.0,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncGenerator[Client]:
    """`addresses` answers look-ups, each name's lists in turn."""

    async def look_up(host: str) -> list[str]:
        assert addresses is not None
        if host not in addresses:
            raise OSError("no such name")
        answers = addresses[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    made = Client(
        OWN,
        version="1.0",
        allow_loopback=allow_loopback,
        private=private,
        transport=transport,
        resolve=None if addresses is None else look_up,
        get_deadline=get_deadline,
        post_deadline=get_deadline,
    )
    try:
        yield made
    finally:
        await made.aclose()


def answer(body: bytes = b"{}", status: str = "200 OK", **headers: str) -> bytes:
    lines = {"Content-Length": str(len(body)), "Content-Type": "application/activity+json"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    return answer(b"", f"{status} Found", Location=location)
