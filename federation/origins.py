"""Whose address is it: one canonical form of scheme, host and port for every URL.

Every check that compares servers (FEP-fe34) and every request that leaves uses this parser and
no other, so that what was checked is what is dialled. What parsers disagree about is refused.
"""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import idna

from federation.errors import Malformed

LONGEST_URL: Final = 2000
"""Bytes. PostgreSQL cannot index longer texts, and nobody honest writes them."""

_KEPT: Final = 1024  # addresses taken apart; one request asks for the same a dozen times
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_PARTS: Final = re.compile(
    r"(https?)://(\[[0-9a-f:.]{2,45}\]|[^/?#:\[\]@%]{1,253})(?::([0-9]{1,5}))?"
    r"(?![^/?#])([^?#]*)(\?[^#]*)?(\#.*)?",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
# Space, C0, DEL, C1, backslash, and the separators and marks that change how a line is shown.
_FORBIDDEN: Final = re.compile(
    "[\x00-\x20\x7f-\xa0\\\\\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_DOTS: Final = re.compile(r"/\.{1,2}(?:/|$)")
_PATH_SAFE: Final = "/:@!$&'()*+,;=-._~%"
_QUERY_SAFE: Final = _PATH_SAFE + "?"


@dataclass(frozen=True, slots=True)
class Origin:
    """A server: scheme, ASCII host in lower case (IPv6 without brackets), port."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """`host` or `host:port`, as a Host header says it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True)
class Address:
    """A URL taken apart: its server, path with query as sent on the wire, and `#fragment`."""

    origin: Origin
    target: str
    fragment: str

    @property
    def url(self) -> str:
        """What is requested: canonical, percent-encoded, without fragment."""
        return f"{self.origin}{self.target}"


def parse(url: str, *, loopback: bool = False) -> Address:
    """Takes a URL apart; raises Malformed for whatever is not a plain absolute https URL.

    `loopback` also allows http, for hosts of this machine only (`*.localhost`, `*.test`).
    """
    origin, path, query, fragment = _split(url)
    if origin.scheme == "http" and not loopback:
        raise Malformed("address is not https")
    if _DOTS.search(path):
        raise Malformed("address has dot segments")
    target = quote(path or "/", safe=_PATH_SAFE) + quote(query, safe=_QUERY_SAFE)
    return Address(origin, target, fragment)


def origin_of(url: str, *, loopback: bool = False) -> Origin:
    """The canonical origin of a URL; raises Malformed."""
    origin, _, _, _ = _split(url)
    if origin.scheme == "http" and not loopback:
        raise Malformed("address is not https")
    return origin


def same_origin(one: str, other: str) -> bool:
    """Whether two URLs belong to one server; raises Malformed for either."""
    return _split(one)[0] == _split(other)[0]


def is_ours(url: str, origin: str) -> bool:
    """Whether the URL lies on our own origin, however it is spelled; raises Malformed."""
    return same_origin(url, origin)


def authority(url: str) -> str:
    """`host[:port]` of a URL in canonical form; raises Malformed."""
    return _split(url)[0].authority


def domain(url: str) -> str:
    """Roughly what was registered: the last two labels of the host, three where the second is as
    short as in co.uk; raises Malformed. Sub-domains cost nothing, so they count together.
    """
    host = _split(url)[0].host
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit():
        return host
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if short else -2 :])


def canonical(url: str) -> str:
    """The URL with scheme, host and port in canonical form; path, query, fragment untouched."""
    origin, path, query, fragment = _split(url)
    return f"{origin}{path}{query}{fragment}"


def is_of_this_machine(host: str) -> bool:
    """Whether a host is one that development and tests use: localhost, *.localhost, *.test."""
    return host in ("localhost", "127.0.0.1", "::1") or host.endswith((".localhost", ".test"))


@lru_cache(_KEPT)
def _split(url: str) -> tuple[Origin, str, str, str]:
    if len(url) > LONGEST_URL or len(url.encode(errors="surrogatepass")) > LONGEST_URL:
        raise Malformed("address is too long")
    if _FORBIDDEN.search(url):
        raise Malformed("address contains a forbidden character")
    match = _PARTS.fullmatch(url)
    if match is None:
        raise Malformed("not a web address")
    scheme = match[1].lower()
    host = _host(match[2])
    port = int(match[3]) if match[3] else _DEFAULT_PORTS[scheme]
    if not 0 < port < 65536:
        raise Malformed("address has an impossible port")
    if scheme == "http" and not is_of_this_machine(host):
        raise Malformed("address is not https")
    return Origin(scheme, host, port), match[4], match[5] or "", match[6] or ""


def _host(host: str) -> str:
    if host.startswith("["):
        return _literal(host[1:-1], 6)
    host = host.lower() if host.isascii() else _ascii(host)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # The resolver would read 127.1, 0x7f.1 or 0177.0.0.1 as an address; we do not.
        return _literal(host, 4)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Malformed("address has no proper host name")
    if len(labels) == 1 and host != "localhost":
        raise Malformed("address has no full host name")
    return host


def _literal(text: str, version: int) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Malformed("address has no proper host name") from None
    if address.version != version:
        raise Malformed("address has no proper host name")
    return str(address)


def _ascii(host: str) -> str:
    # Strict IDNA 2008 without mapping: circled digits, full stops of other scripts and letters
    # like the Kelvin sign, which turn into plain ones, are refused.
    for character in host:
        small = character.lower()
        if len(small) != 1 or small.isascii() != character.isascii():
            raise Malformed("address has no proper host name")
    host = host.lower()
    try:
        return ".".join(
            label if label.isascii() else idna.alabel(label).decode() for label in host.split(".")
        )
    except (idna.IDNAError, UnicodeError):
        raise Malformed("address has no proper host name") from None
