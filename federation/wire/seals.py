"""What is sealed of an agreement: the canonical bytes of a step (RFC 8785), and their hash."""

from hashlib import sha256

from federation import proofs
from federation.documents import Document, Json
from federation.errors import Malformed


def canonical(document: Document) -> bytes:
    """The bytes that are hashed; Malformed for anything but texts in objects."""
    _check(document)
    return proofs.canonical(document)


def _check(value: Json) -> None:
    if isinstance(value, dict):
        for inner in value.values():
            _check(inner)
    elif not isinstance(value, str):
        raise Malformed("a sealed document holds texts only")


def hash_of(body: bytes) -> str:
    """SHA-256, hexadecimal: what the next version names as the one before."""
    return sha256(body).hexdigest()
