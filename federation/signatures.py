"""Sign HTTP requests and verify signed ones, by draft-cavage-12 or RFC 9421; no network.

Verifying has two halves, because between them lies the fetch of a key. `parse` judges all that
can be judged without the key (form, covered parts, time, digest of the body) and keeps the exact
bytes that were signed; `verify` checks those bytes. A Claim is worth nothing before `verify`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from federation import cavage, origins, rfc9421, signed
from federation.errors import Untrusted
from federation.keys import PublicKey
from federation.rfc9421 import Asked
from federation.signed import Claim, Scheme, SignedRequest, headers_of

__all__ = [
    "ACCEPT",
    "ACCEPT_SIGNATURE",
    "ACCEPT_SIGNATURE_GET",
    "ACTIVITY_TYPE",
    "Asked",
    "Claim",
    "Scheme",
    "SignedRequest",
    "headers_of",
    "parse",
    "sign_get",
    "sign_post",
    "verify",
]

ACTIVITY_TYPE: Final = "application/activity+json"
ACCEPT: Final = (
    "application/activity+json, "
    'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
)
ACCEPT_SIGNATURE: Final = 'sig1=("@method" "@target-uri" "content-digest");created;keyid'
"""For the Accept-Signature header of a 401 (RFC 9421 §5.1, FEP-844e)."""
ACCEPT_SIGNATURE_GET: Final = 'sig1=("@method" "@target-uri");created;keyid'

_RSA_ONLY: Final = frozenset({"rsa-sha256", "rsa-v1_5-sha256"})


def parse(request: SignedRequest, *, now: datetime) -> Claim:
    """Reads the signature and checks form, coverage, time and digest; raises Untrusted."""
    if "signature-input" in request.headers:
        return rfc9421.parse(request, now)
    return cavage.parse(request, now)


def verify(claim: Claim, key: PublicKey) -> None:
    """Checks the signature against the key that `claim.key_id` led to; raises Untrusted."""
    is_rsa = isinstance(key, RSAPublicKey)
    if claim.algorithm == "ed25519" if is_rsa else claim.algorithm in _RSA_ONLY:
        raise Untrusted("signature algorithm does not fit the key")
    if not any(_is_valid(key, claim.signature, candidate) for candidate in claim.signed):
        raise Untrusted("signature does not match")


def sign_post(
    url: str,
    body: bytes,
    *,
    key_id: str,
    private_key: RSAPrivateKey,
    now: datetime,
    scheme: Scheme,
    asked: Asked | None = None,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Headers for one POST of an activity; sign again, with a new `now`, for every attempt.

    `now` is aware; `asked` only matters to RFC 9421; `more` headers are signed too.
    Raises Malformed for an address that is none.
    """
    address = origins.parse(url, loopback=True)
    headers = _host_and_date(address, now) | dict(more or {})
    digest = signed.sha256_of(body)
    if scheme == "cavage":
        # Some peers compare "SHA-256=" as text, so its case matters.
        headers |= {"Digest": f"SHA-256={digest}", "Content-Type": ACTIVITY_TYPE}
        headers["Signature"] = cavage.sign("POST", address, headers, key_id, private_key)
        return headers
    headers |= {"Content-Digest": f"sha-256=:{digest}:", "Content-Type": ACTIVITY_TYPE}
    return headers | rfc9421.sign("POST", address, headers, key_id, private_key, now, asked)


def sign_get(
    url: str,
    *,
    key_id: str,
    private_key: RSAPrivateKey,
    now: datetime,
    scheme: Scheme,
    accept: str = ACCEPT,
    asked: Asked | None = None,
) -> dict[str, str]:
    """Headers for one GET; sign again for every hop of a redirect. Raises Malformed."""
    address = origins.parse(url, loopback=True)
    headers = _host_and_date(address, now) | {"Accept": accept}
    if scheme == "cavage":
        headers["Signature"] = cavage.sign("GET", address, headers, key_id, private_key)
        return headers
    return headers | rfc9421.sign("GET", address, headers, key_id, private_key, now, asked)


def _host_and_date(address: origins.Address, now: datetime) -> dict[str, str]:
    date = format_datetime(now.astimezone(UTC), usegmt=True)
    return {"Host": address.origin.authority, "Date": date}


def _is_valid(key: PublicKey, signature: bytes, candidate: bytes) -> bool:
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, candidate, PKCS1v15(), SHA256())
        else:
            key.verify(signature, candidate)
    except InvalidSignature:
        return False
    return True
