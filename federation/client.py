"""The way out: every request that leaves the program passes here and nowhere else.

No address is dialled that is not public (checked on the very address that the socket gets), no
redirect is followed unchecked, nothing lasts longer than its deadline or grows beyond its limit.
"""

import asyncio
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final, TypeAlias
from urllib.parse import urljoin

import httpx

from federation import networks, origins
from federation.dialling import DialledTransport, Resolve
from federation.errors import Malformed, Refused, Unreachable
from federation.origins import Address

Sign: TypeAlias = Callable[[str], Mapping[str, str]]
"""The canonical URL of one hop into the headers to send there."""

LARGEST_BODY: Final = 1_000_000
"""Bytes of an answer, after decompression."""
KEPT_OF_ERRORS: Final = 1000
MOST_REDIRECTS: Final = 3

_DRAINED: Final = 16_000
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HTTPS: Final = 443
_LONGEST_WAIT: Final = 86_400.0
_HEADERS_FOR_ANYONE: Final = frozenset({"accept", "accept-language"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What another server said; `url` is the address that answered, after redirects."""

    status: int
    url: str
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes
    """Decompressed; of an error, and of any answer to a POST, the first 1000 bytes."""

    @property
    def content_type(self) -> str:
        """The media type in lower case without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_activity(self) -> bool:
        """Whether the server calls it ActivityStreams (ActivityPub §3.2)."""
        if self.content_type == "application/ld+json":
            return '"https://www.w3.org/ns/activitystreams"' in self.headers["content-type"]
        return self.content_type == "application/activity+json"

    def retry_after(self, now: datetime) -> float | None:
        """Seconds to wait if the server named a time, at most a day."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return min(float(value[:10]), _LONGEST_WAIT)
        try:
            wait = parsedate_to_datetime(value).timestamp() - now.timestamp()
        except (TypeError, ValueError, OverflowError, IndexError):
            return None
        return min(max(wait, 0.0), _LONGEST_WAIT)


class Client:
    """GET and POST for one Instance; raises only Refused, Unreachable and Malformed.

    `origin` is our own, which is never called. `allow_loopback` opens the loopback addresses,
    http for `*.localhost` and `*.test`, and all ports; `private` opens networks that are not of the
    internet, for https on port 443. A `transport` replaces the network (tests);
    then the names are not looked up, but all other rules hold.
    """

    def __init__(
        self,
        origin: str,
        *,
        version: str,
        allow_loopback: bool = False,
        private: tuple[networks.Network, ...] = (),
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve | None = None,
        get_deadline: float = 10.0,
        post_deadline: float = 30.0,
    ) -> None:
        self._own = origins.origin_of(origin, loopback=True)
        self._allow_loopback = allow_loopback
        self._private = private
        self._user_agent = f"Stadtnetz/{version} (+{origin})"
        self._transport = transport or DialledTransport(self._may_dial, resolve)
        self._get_deadline = get_deadline
        self._post_deadline = post_deadline

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        sign: Sign | None = None,
        largest: int = LARGEST_BODY,
    ) -> Answer:
        """Follows up to three redirects, each checked and signed anew; at most `largest` bytes."""
        try:
            async with asyncio.timeout(self._get_deadline):
                return await self._follow(self._check(url), dict(headers or {}), sign, largest)
        except TimeoutError:
            raise Unreachable(f"no answer within {self._get_deadline:g} s") from None

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """Never follows a redirect: its status is the answer."""
        try:
            async with asyncio.timeout(self._post_deadline):
                return await self._exchange("POST", self._check(url), headers, body)
        except TimeoutError:
            raise Unreachable(f"no answer within {self._post_deadline:g} s") from None

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._transport.aclose()

    async def _follow(
        self, address: Address, headers: dict[str, str], sign: Sign | None, largest: int
    ) -> Answer:
        seen: set[str] = set()
        while True:
            seen.add(address.url)
            signed = headers if sign is None else headers | dict(sign(address.url))
            answer = await self._exchange("GET", address, signed, None, largest)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or location is None:
                return answer
            address = self._redirected(address, location)
            if address.url in seen or len(seen) > MOST_REDIRECTS:
                raise Refused("redirects too often")
            # Whatever else the caller sent was meant for the first server only.
            headers = {n: v for n, v in headers.items() if n.lower() in _HEADERS_FOR_ANYONE}

    def _redirected(self, address: Address, location: str) -> Address:
        try:
            target = urljoin(address.url, location)
            return self._check(target)
        except (Malformed, ValueError):
            raise Refused("redirects to no proper address") from None

    def _check(self, url: str) -> Address:
        address = origins.parse(url, loopback=self._allow_loopback)
        origin = address.origin
        if origin == self._own:
            raise Refused("this is our own address")
        if origin.port != _HTTPS and not self._allow_loopback:
            raise Refused("only port 443 is called")
        if _is_literal(origin.host) and not self._may_dial(origin.host):
            raise Refused(f"{origin.host} is a forbidden address")
        return address

    def _may_dial(self, address: str) -> bool:
        if networks.is_loopback(address):
            return self._allow_loopback
        return networks.is_public(address) or networks.is_within(address, self._private)

    async def _exchange(
        self,
        method: str,
        address: Address,
        headers: Mapping[str, str],
        body: bytes | None,
        largest: int = LARGEST_BODY,
    ) -> Answer:
        try:
            request = httpx.Request(
                method,
                address.url,
                headers={
                    **headers,
                    "User-Agent": self._user_agent,
                    "Accept-Encoding": "identity",
                },
                content=body,
            )
            if str(request.url) != address.url:
                # Parsers disagree, so what was signed and checked is not what would be asked.
                raise Refused("address has no single reading")
            response = await self._transport.handle_async_request(request)
            try:
                brief = method == "POST"
                return await _read(response, address.url, brief=brief, largest=largest)
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
            raise Unreachable(_short(error)) from error


async def _read(response: httpx.Response, url: str, *, brief: bool, largest: int) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    unpack = _unpacking(headers.get("content-encoding", ""))
    brief = brief or response.status_code >= 300
    if unpack is None and not brief:
        raise Refused("answer has an unknown encoding")
    body = bytearray()
    received = 0
    # Raw bytes; httpx's own iterators would decompress, or refuse a body that a test has made.
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for piece in response.stream:
        received += len(piece)
        if brief:
            # The rest is read to keep the connection, unless it is long.
            if unpack is not None and len(body) < KEPT_OF_ERRORS:
                body += unpack(piece, KEPT_OF_ERRORS - len(body))
            if received > _DRAINED:
                break
        elif unpack is not None:
            body += unpack(piece, largest + 1 - len(body))
            if len(body) > largest or received > largest:
                raise Refused("answer is too large")
    return Answer(response.status_code, url, headers, bytes(body))


def _unpacking(encoding: str) -> Callable[[bytes, int], bytes] | None:
    # Identity was asked for; some compress all the same.
    match encoding.strip().lower():
        case "" | "identity":
            return lambda piece, limit: piece[:limit]
        case "gzip" | "x-gzip" | "deflate":
            inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        case _:
            return None

    def unpack(piece: bytes, limit: int) -> bytes:
        try:
            return inflate.decompress(piece, limit)
        except zlib.error:
            raise Unreachable("answer cannot be decompressed") from None

    return unpack


def _is_literal(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdigit()


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"
