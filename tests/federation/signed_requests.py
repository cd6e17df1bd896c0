"""Signed requests as peers and attackers write them."""

import base64
import dataclasses
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from federation import rfc9421, signatures
from federation.errors import Untrusted
from federation.keys import PublicKey
from federation.signatures import Scheme, SignedRequest, parse, sign_post, verify

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CREATED = int(NOW.timestamp())
KEY = generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key()
KEY_ID = "https://alpha.example/people/ann#main-key"
HOST = "beta.example"
TARGET = "/inbox?page=1"
BODY = b'{"type":"Create"}'
SCHEMES = pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])


def posted(
    scheme: Scheme = "cavage",
    url: str = f"https://{HOST}{TARGET}",
    body: bytes = BODY,
    now: datetime = NOW,
) -> SignedRequest:
    """A POST as we sign it."""
    headers = sign_post(url, body, key_id=KEY_ID, private_key=KEY, now=now, scheme=scheme)
    return received("POST", headers, body)


def received(
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    target: str = TARGET,
    host: str = HOST,
) -> SignedRequest:
    """A request with these headers, as it arrives."""
    lines = {name.lower(): (value,) for name, value in headers.items()}
    return SignedRequest(method, target, host, "https", lines, body)


def having(request: SignedRequest, **headers: str | tuple[str, ...] | None) -> SignedRequest:
    """The request with other headers; None takes one away."""
    lines = dict(request.headers)
    for name, value in headers.items():
        key = name.replace("_", "-")
        if value is None:
            lines.pop(key, None)
        else:
            lines[key] = (value,) if isinstance(value, str) else value
    return dataclasses.replace(request, headers=lines)


def cavage(
    names: str = "(request-target) host date digest",
    *,
    method: str = "POST",
    target: str = TARGET,
    body: bytes | None = BODY,
    key: RSAPrivateKey | Ed25519PrivateKey = KEY,
    extra: str = "",
    algorithm: str = 'algorithm="rsa-sha256",',
    signed_names: str | None = None,
    values: Mapping[str, str | None] | None = None,
) -> SignedRequest:
    """A signed request as a peer might write it, whatever we think of it."""
    known: dict[str, str | None] = {
        "host": HOST,
        "date": format_datetime(NOW, usegmt=True),
        "digest": "SHA-256=" + base64.b64encode(hashlib.sha256(body or b"").digest()).decode(),
        **(values or {}),
    }
    known = {"(request-target)": f"{method.lower()} {target}", **known}
    lines = [f"{n}: {known[n]}" for n in names.lower().split()]
    signed = "\n".join(lines).encode()
    signature = signature_by(key, signed)
    sent = {n: v for n, v in known.items() if v is not None and not n.startswith("(")}
    sent["signature"] = (
        f'keyId="{KEY_ID}",{algorithm}headers="{signed_names or names}",{extra}'
        f'signature="{signature}"'
    )
    return received(method, sent, body)


def signature_by(key: RSAPrivateKey | Ed25519PrivateKey, signed: bytes) -> str:
    """The signature in base64."""
    if isinstance(key, Ed25519PrivateKey):
        return base64.b64encode(key.sign(signed)).decode()
    return base64.b64encode(key.sign(signed, PKCS1v15(), SHA256())).decode()


def accepted(
    request: SignedRequest, key: PublicKey = PUBLIC, now: datetime = NOW
) -> signatures.Claim:
    """The claim, believed."""
    claim = parse(request, now=now)
    verify(claim, key)
    return claim


def refused(request: SignedRequest, key: PublicKey = PUBLIC, now: datetime = NOW) -> str:
    """The reason why the request is not believed."""
    with pytest.raises(Untrusted) as caught:
        accepted(request, key, now)
    return caught.value.reason


def message_signed(
    parameters: str, *, key: RSAPrivateKey | Ed25519PrivateKey = KEY, digest: str | None = None
) -> SignedRequest:
    """A POST signed after RFC 9421 with components and parameters of the test's choice."""
    hashed = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    values = {
        "host": HOST,
        "date": format_datetime(NOW, usegmt=True),
        "content-digest": f"sha-256=:{hashed}:" if digest is None else digest,
    }
    request = received("POST", values, BODY)
    names = [part.strip('"') for part in parameters[1 : parameters.index(")")].split()]
    base = rfc9421.base(request, names, parameters)
    return having(
        request,
        signature_input=f"sig1={parameters}",
        signature=f"sig1=:{signature_by(key, base)}:",
    )
