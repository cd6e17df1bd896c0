"""A transport for httpx that looks a name up once and dials only the addresses it has checked.

aiohttp does the work below: its pool stays quick with many connections, httpx's own does not.
"""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from federation.errors import Refused

MayDial: TypeAlias = Callable[[str], bool]
"""Whether a literal address may be dialled."""
Resolve: TypeAlias = Callable[[str], Awaitable[list[str]]]
"""A host name into literal addresses; raises OSError."""

_CONNECTIONS = 256
_CONNECTIONS_PER_HOST = 64
_KEEP_ALIVE = 30.0
_CONNECT = 5.0
_PIECE = 65_536
_AddressInfo: TypeAlias = tuple[
    int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]
]


async def resolve_by_system(host: str) -> list[str]:
    """The addresses that the system's resolver knows; names under localhost are 127.0.0.1."""
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1"]
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _ForbiddenAddress(PermissionError):
    """A socket was asked for with an address that nobody has checked."""


class _GuardingResolver(AbstractResolver):
    """Refuses a name if any one of its addresses may not be dialled."""

    def __init__(self, may_dial: MayDial, resolve: Resolve) -> None:
        self._may_dial = may_dial
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The checked addresses, which aiohttp then dials without a second look-up."""
        found = await self._resolve(host)
        if not found:
            raise OSError(errno.EADDRNOTAVAIL, f"{host} has no address")
        for address in found:
            if not self._may_dial(address):
                raise Refused(f"{host} has a forbidden address")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in found
        ]

    async def close(self) -> None:
        """Nothing is kept."""


class _Body(httpx.AsyncByteStream):
    """The body as it comes; closing it before its end closes the connection."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.content.iter_any():
                for start in range(0, len(piece), _PIECE):
                    yield piece[start : start + _PIECE]
        except (aiohttp.ClientError, OSError) as error:
            raise httpx.ReadError(str(error)) from error

    async def aclose(self) -> None:
        """Gives the connection back after a whole body, else closes it."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


class DialledTransport(httpx.AsyncBaseTransport):
    """httpx's transport interface; the session opens with the first request."""

    def __init__(self, may_dial: MayDial, resolve: Resolve | None = None) -> None:
        self._may_dial = may_dial
        self._resolve = resolve or resolve_by_system
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends it; raises Refused for a forbidden address, else httpx's TransportErrors."""
        session = self._session or self._open()
        try:
            response = await session.request(
                request.method,
                # The target was signed; it must not be quoted anew.
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=request.content or None,
                allow_redirects=False,
            )
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, _ForbiddenAddress):
                raise Refused(f"{request.url.host} is a forbidden address") from None
            raise httpx.ConnectError(str(error)) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise httpx.TransportError(str(error) or type(error).__name__) from error
        return httpx.Response(
            response.status, headers=response.raw_headers, stream=_Body(response), request=request
        )

    async def aclose(self) -> None:
        """Closes the session with all its connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=_GuardingResolver(self._may_dial, self._resolve),
                socket_factory=self._socket,
                limit=_CONNECTIONS,
                limit_per_host=_CONNECTIONS_PER_HOST,
                keepalive_timeout=_KEEP_ALIVE,
                ttl_dns_cache=60,
            ),
            # The caller has one deadline for everything; only connecting has its own.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
        )
        return self._session

    def _socket(self, info: _AddressInfo) -> socket.socket:
        # The last moment before the call, with the very address that will be called: it also
        # catches literal addresses, which aiohttp does not resolve.
        if not self._may_dial(str(info[4][0])):
            raise _ForbiddenAddress(errno.EACCES, "forbidden address")
        return socket.socket(info[0], info[1], info[2])
