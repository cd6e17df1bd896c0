"""What both ways of signing HTTP requests share: the request, the claim, digest and time."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from federation import origins
from federation.errors import Malformed, Untrusted

Scheme: TypeAlias = Literal["cavage", "rfc9421"]
Headers: TypeAlias = Mapping[str, tuple[str, ...]]

WINDOW: Final = 3600
"""Seconds by which clocks may differ and deliveries may be late, in both directions."""
MOST_COMPONENTS: Final = 40

_LONGEST_HEADER: Final = 8000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_HASHES: Final = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it came in, addressed as the public address of this place says."""

    method: str
    target: str
    """Path and query exactly as received, before any decoding."""
    host: str
    """Our own public `host[:port]` from the configuration, never the Host header."""
    scheme: str
    headers: Headers
    """Lower-case names; one text per header line."""
    body: bytes | None
    """Raw bytes before any decompression; None for a request without a body."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a well-formed signature says of itself; unproven until `signatures.verify`."""

    key_id: str
    """Scheme, host and port in canonical form: compare with `origins.canonical(id)`."""
    scheme: Scheme
    created: datetime
    algorithm: str | None
    signature: bytes
    signed: tuple[bytes, ...]
    """The bytes that may have been signed; more than one where peers differ."""


def headers_of(lines: Iterable[tuple[bytes, bytes]]) -> dict[str, tuple[str, ...]]:
    """ASGI's raw header lines in the shape that SignedRequest wants."""
    gathered: dict[str, tuple[str, ...]] = {}
    for name, value in lines:
        key = name.decode("latin-1").lower()
        gathered[key] = (*gathered.get(key, ()), value.decode("latin-1"))
    return gathered


def single(headers: Headers, name: str) -> str:
    """The value of a header that must be there exactly once; raises Untrusted."""
    lines = headers.get(name, ())
    if len(lines) != 1:
        raise Untrusted(f"request has {'more than one' if lines else 'no'} {name} header")
    if len(lines[0]) > _LONGEST_HEADER:
        raise Untrusted(f"{name} header is too long")
    return printable(lines[0])


def combined(headers: Headers, name: str) -> str:
    """All values of a covered header in one line; raises Untrusted where there is none."""
    if name not in headers:
        raise Untrusted("signature covers a missing header")
    return printable(", ".join(line.strip(" \t") for line in headers[name]))


def printable(value: str) -> str:
    """The value without surrounding space; a line break would forge lines of what is signed."""
    if _CONTROL.search(value) is not None:
        raise Untrusted("signed part has control characters")
    return value.strip(" \t")


def joined(lines: Iterable[str]) -> bytes:
    """Lines into the bytes that are signed."""
    try:
        return "\n".join(lines).encode("latin-1")
    except UnicodeEncodeError:
        raise Untrusted("signed part is not latin-1") from None


def decoded(text: str) -> bytes:
    """Strict base64; raises Untrusted."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Untrusted("signature or digest is not base64") from None


def key_id_of(value: object) -> str:
    """The key id in canonical form; raises Untrusted."""
    if not isinstance(value, str):
        raise Untrusted("signature names no key")
    try:
        return origins.canonical(value)
    except Malformed as error:
        raise Untrusted(f"key id: {error.reason}") from None


def within_window(created: float, now: datetime) -> datetime:
    """The time of signing, if it is near enough to now; raises Untrusted."""
    if abs(created - now.timestamp()) > WINDOW:
        raise Untrusted("signature is too old or from the future")
    return datetime.fromtimestamp(created, UTC)


def needs_digest(request: SignedRequest) -> bool:
    """Whether the body, even an empty one, must be covered."""
    return request.method.upper() not in ("GET", "HEAD") or bool(request.body)


def check_hashes(body: bytes | None, named: list[tuple[str, bytes]]) -> None:
    """Compares every strong hash with the raw body; raises Untrusted, also without any."""
    strong = [(name, value) for name, value in named if name in _HASHES]
    if not strong or len({name for name, _ in strong}) != len(strong):
        raise Untrusted("digest has no single SHA-256 or SHA-512")
    for name, value in strong:
        if value != _HASHES[name](body or b"").digest():
            raise Untrusted("digest does not match the body")


def sha256_of(body: bytes) -> str:
    """SHA-256 in base64."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def rsa_signature(private_key: RSAPrivateKey, lines: Iterable[str]) -> str:
    """RSASSA-PKCS1-v1_5 with SHA-256, in base64."""
    signature = private_key.sign("\n".join(lines).encode("ascii"), PKCS1v15(), SHA256())
    return base64.b64encode(signature).decode()
