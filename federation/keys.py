"""The keys an actor signs with and is known by: RSA for today's peers, Ed25519 for tomorrow's."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)

from federation.errors import Untrusted

PublicKey: TypeAlias = RSAPublicKey | Ed25519PublicKey

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_PREFIX: Final = b"\xed\x01"
_RSA_PREFIX: Final = b"\x85\x24"
_SMALLEST_RSA: Final = 2048
_LARGEST_RSA: Final = 8192
LONGEST_KEY_TEXT: Final = 8000
_CURVE_PRIME: Final = 2**255 - 19
# y coordinates of the eight points whose order divides 8: a signature under such a "key" can
# be valid for every message (RFC 8032 §5.1; the last two as in libsodium's list).
_SMALL_ORDER_Y: Final = frozenset(
    {
        0,
        1,
        _CURVE_PRIME - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both keys of one new actor, in the forms in which they are stored and published."""

    rsa_private: str
    """PKCS 8 PEM."""
    rsa_public: str
    """SubjectPublicKeyInfo PEM, as `publicKeyPem` wants it."""
    ed25519_private: bytes
    """The 32 raw bytes."""
    ed25519_public: str
    """Multibase, `z6Mk…`, as `publicKeyMultibase` wants it (FEP-521a)."""


def make() -> KeyPair:
    """New keys; RSA takes about 100 ms of processor time."""
    rsa = generate_private_key(public_exponent=65537, key_size=2048)
    ed25519 = Ed25519PrivateKey.generate()
    return KeyPair(
        rsa_private=rsa.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        rsa_public=rsa.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
        ed25519_private=ed25519.private_bytes_raw(),
        ed25519_public=to_multibase(_ED25519_PREFIX + ed25519.public_key().public_bytes_raw()),
    )


async def make_in_thread() -> KeyPair:
    """As `make`, without holding up the event loop."""
    return await asyncio.to_thread(make)


def load_private(pem: str) -> RSAPrivateKey:
    """One of our own private RSA keys; never call it with a key that somebody else made.

    Checking the primes takes 44 ms, and these numbers are ours.
    """
    key = serialization.load_pem_private_key(
        pem.encode(), password=None, unsafe_skip_rsa_key_validation=True
    )
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("not an RSA key")
    return key


@lru_cache(maxsize=500)
def load_public(text: str) -> PublicKey:
    """A peer's key from PEM (`publicKeyPem`) or multibase (`publicKeyMultibase`).

    Raises Untrusted for anything but RSA of 2048-8192 bits with a usual exponent and Ed25519.
    """
    if len(text) > LONGEST_KEY_TEXT:
        raise Untrusted("key is too long")
    try:
        key = _from_multibase_key(text) if text.startswith("z") else _from_pem(text)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Untrusted("key cannot be read") from None
    if isinstance(key, RSAPublicKey):
        _check_rsa(key)
    elif isinstance(key, Ed25519PublicKey):
        _check_ed25519(key)
    else:
        raise Untrusted("key is neither RSA nor Ed25519")
    return key


def ed25519_id(key_id: str) -> str:
    """The id of the Ed25519 key that belongs to our RSA key of this id."""
    return key_id.replace("#main-key", "#ed25519-key")


def load_ed25519(raw: bytes) -> Ed25519PrivateKey:
    """One of our own private keys from its 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(raw)


def rsa_multibase(pem: str) -> str:
    """One of our own public RSA keys as a Multikey: PKCS 1, as multicodec `rsa-pub` wants it."""
    key = serialization.load_pem_public_key(pem.encode())
    form = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return to_multibase(_RSA_PREFIX + form)


def to_multibase(data: bytes) -> str:
    """Bytes in base58btc with the multibase prefix `z`."""
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + digits


def from_multibase(text: str) -> bytes:
    """The bytes of a base58btc multibase text; raises ValueError for any other."""
    if not text.startswith("z"):
        raise ValueError("not base58btc")
    number = 0
    for character in text[1:]:
        number = number * 58 + _BASE58.index(character)
    zeros = len(text) - 1 - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _from_pem(text: str) -> object:
    return serialization.load_pem_public_key(text.encode())


def _from_multibase_key(text: str) -> object:
    data = from_multibase(text)
    if data.startswith(_ED25519_PREFIX):
        return Ed25519PublicKey.from_public_bytes(data[2:])
    if data.startswith(_RSA_PREFIX):
        return serialization.load_der_public_key(data[2:])
    raise ValueError("unknown kind of key")


def _check_rsa(key: RSAPublicKey) -> None:
    exponent = key.public_numbers().e
    if not _SMALLEST_RSA <= key.key_size <= _LARGEST_RSA:
        raise Untrusted("RSA key has too few or too many bits")
    # A huge exponent is legal and makes every verification slow.
    if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > 33:
        raise Untrusted("RSA key has an unusual exponent")


def _check_ed25519(key: Ed25519PublicKey) -> None:
    y = int.from_bytes(key.public_bytes_raw(), "little") & (2**255 - 1)
    if y >= _CURVE_PRIME or y in _SMALL_ORDER_Y:
        raise Untrusted("Ed25519 key is weak")


class KeyCache:
    """The private keys used most recently, loaded, by key id; an Instance owns one."""

    def __init__(self, size: int = 2000) -> None:
        self._size = size
        self._keys: OrderedDict[str, RSAPrivateKey] = OrderedDict()

    def get(self, key_id: str) -> RSAPrivateKey | None:
        """The key if it is at hand."""
        key = self._keys.get(key_id)
        if key is not None:
            self._keys.move_to_end(key_id)
        return key

    def put(self, key_id: str, pem: str) -> RSAPrivateKey:
        """Loads and keeps a key of ours, in place of an older one of that id."""
        key = load_private(pem)
        self._keys[key_id] = key
        self._keys.move_to_end(key_id)
        if len(self._keys) > self._size:
            self._keys.popitem(last=False)
        return key

    def forget(self, key_id: str) -> None:
        """Drops a key that was replaced or deleted."""
        self._keys.pop(key_id, None)
