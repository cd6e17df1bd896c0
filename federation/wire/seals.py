"""Seals on the versions of an agreement: RFC 8785 bytes, their hash, an eddsa-jcs-2022 proof.

Only texts, lists and objects with ASCII keys are sealed: for these, sorted keys and no spaces are
all that RFC 8785 asks for.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federation.documents import Document, Json, text
from federation.errors import Malformed, Untrusted
from federation.keys import from_multibase, load_public, to_multibase
from federation.wire import notes

SUITE: Final = "eddsa-jcs-2022"


@dataclass(frozen=True, slots=True)
class Seal:
    """What a city signs with: the id of its key, and the 32 raw bytes of the private half."""

    method: str
    private: bytes


def canonical(document: Document) -> bytes:
    """The bytes that are hashed; Malformed for anything but texts in objects."""
    _check(document)
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _check(value: Json) -> None:
    if isinstance(value, dict):
        if not all(key.isascii() for key in value):
            raise Malformed("a sealed document has ASCII keys")
        for inner in value.values():
            _check(inner)
    elif not isinstance(value, str):
        raise Malformed("a sealed document holds texts only")


def hash_of(body: bytes) -> str:
    """SHA-256, hexadecimal: what the next version names as the one before."""
    return sha256(body).hexdigest()


def sign(document: Document, seal: Seal, now: datetime) -> Document:
    """The proof (FEP-8b32, VC Data Integrity eddsa-jcs-2022) of this document."""
    options: Document = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "verificationMethod": seal.method,
        "proofPurpose": "assertionMethod",
        "created": notes.moment(now),
    }
    key = Ed25519PrivateKey.from_private_bytes(seal.private)
    return {**options, "proofValue": to_multibase(key.sign(_signed(document, options)))}


def check(document: Document, proof: Document, key: str) -> None:
    """Untrusted unless this multibase key made the proof for exactly this document."""
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if options.get("cryptosuite") != SUITE or options.get("proofPurpose") != "assertionMethod":
        raise Untrusted("the seal is of an unknown kind")
    public = load_public(key)
    if not isinstance(public, Ed25519PublicKey):
        raise Untrusted("the seal's key is of another kind")
    try:
        value = from_multibase(text(proof, "proofValue") or "")
        public.verify(value, _signed(document, options))
    except (ValueError, InvalidSignature, Malformed) as error:
        raise Untrusted("the seal does not fit") from error


def _signed(document: Document, options: Document) -> bytes:
    return sha256(canonical(options)).digest() + sha256(canonical(document)).digest()
