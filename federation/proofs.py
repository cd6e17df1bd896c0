"""Proofs inside a document, who made it (FEP-8b32, eddsa-jcs-2022): read as plain JSON, no network.

Whoever passes a document on cannot change a letter of it, so it may come from anybody.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import orjson
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federation import origins
from federation.documents import Document, Json, many
from federation.errors import Malformed, Untrusted
from federation.keys import PublicKey, from_multibase, to_multibase

SUITE: Final = "eddsa-jcs-2022"
SKEW: Final = timedelta(hours=1)
"""By how much clocks may differ."""

_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_EXACT: Final = 2**53 - 1
_LONGEST_PROOF: Final = 200  # characters of the multibase text


@dataclass(frozen=True, slots=True)
class Proof:
    """A well-formed proof; worth nothing before `verify`."""

    key_id: str
    """In canonical form; a `did:` stays as it is."""
    signature: bytes
    signed: bytes
    created: datetime | None


def canonical(value: Json) -> bytes:
    """JSON as RFC 8785 writes it; raises Untrusted for what has no such form."""
    if _is_simple(value):
        # Without fractions and odd keys the fast writer writes the same bytes.
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, ValueError):
        raise Untrusted("the document has no canonical form") from None


def _is_simple(value: Json) -> bool:
    if isinstance(value, dict):
        return all(key.isascii() and _is_simple(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(_is_simple, value))
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return True
    return isinstance(value, int) and -_EXACT <= value <= _EXACT


def sign(document: Document, *, key: Ed25519PrivateKey, key_id: str, now: datetime) -> Document:
    """The document with a proof; one that it had before is left out."""
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    options: Document = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "verificationMethod": key_id,
        "proofPurpose": "assertionMethod",
        "created": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if "@context" in unsecured:
        options = {"@context": unsecured["@context"], **options}
    signature = key.sign(_hashed(options, unsecured))
    return {**unsecured, "proof": {**options, "proofValue": to_multibase(signature)}}


def read(document: Document, *, now: datetime, early: bool = False) -> Proof | None:
    """The proof of a document, None without one that we understand; Untrusted if it is unsound, or
    from the future: `early` lets that pass."""
    found = next((p for p in many(document.get("proof")) if _is_ours(p)), None)
    if found is None:
        return None
    proof = cast("Document", found)
    key_id, value = proof.get("verificationMethod"), proof.get("proofValue")
    if proof.get("proofPurpose") != "assertionMethod":
        raise Untrusted("the proof is for another purpose")
    created = _check_times(proof, now, early=early)
    # An LD signature stands beside the proof, not below it (FEP-8b32).
    unsecured = {k: v for k, v in document.items() if k not in ("proof", "signature")}
    if "@context" in proof:
        _check_context(proof["@context"], unsecured.get("@context"))
        unsecured["@context"] = proof["@context"]
    options = {name: inner for name, inner in proof.items() if name != "proofValue"}
    return Proof(_key_id(key_id), _signature(value), _hashed(options, unsecured), created)


def verify(proof: Proof, key: PublicKey) -> None:
    """Raises Untrusted unless this key has signed this document."""
    if not isinstance(key, Ed25519PublicKey):
        raise Untrusted("the proof needs an Ed25519 key")
    try:
        key.verify(proof.signature, proof.signed)
    except InvalidSignature:
        raise Untrusted("the proof does not match the document") from None


def _is_ours(value: Json) -> bool:
    return (
        isinstance(value, dict)
        and value.get("type") == "DataIntegrityProof"
        and value.get("cryptosuite") == SUITE
    )


def _hashed(options: Document, unsecured: Document) -> bytes:
    hashes = (hashlib.sha256(canonical(part)).digest() for part in (options, unsecured))
    return b"".join(hashes)


def _check_times(proof: Document, now: datetime, *, early: bool) -> datetime | None:
    created, expires = _time(proof.get("created")), _time(proof.get("expires"))
    if created is not None and created > now + SKEW and not early:
        raise Untrusted("the proof is from the future")
    if expires is not None and expires < now:
        raise Untrusted("the proof has expired")
    return created


def _time(value: Json) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        raise Untrusted("the proof has an unreadable time")
    try:
        return datetime.fromisoformat(re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", value))
    except (ValueError, OverflowError):
        raise Untrusted("the proof has an unreadable time") from None


def _check_context(of_proof: Json, of_document: Json) -> None:
    first, whole = many(of_proof), many(of_document)
    if whole[: len(first)] != first:
        raise Untrusted("the proof has another context")


def _key_id(value: Json) -> str:
    if not isinstance(value, str):
        raise Untrusted("the proof names no key")
    if value.startswith("did:"):
        return value
    try:
        return origins.canonical(value)
    except Malformed as error:
        raise Untrusted(f"key of the proof: {error.reason}") from None


def _signature(value: Json) -> bytes:
    if not isinstance(value, str) or len(value) > _LONGEST_PROOF:
        raise Untrusted("the proof has no value")
    try:
        signature = from_multibase(value)
    except ValueError:
        raise Untrusted("the proof has no value") from None
    if len(signature) != 64:
        raise Untrusted("the proof has no value")
    return signature
