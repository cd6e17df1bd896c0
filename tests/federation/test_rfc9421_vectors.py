"""The examples of RFC 9421 for requests (appendix B and §4.3): the same bytes, the same verdict."""

import base64
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from federation import rfc9421, signatures
from federation.errors import Untrusted
from federation.keys import load_public
from federation.signed import Claim, SignedRequest

FILE = Path(__file__).parents[1] / "documents" / "vectors" / "rfc9421.json"
VECTORS: Any = json.loads(FILE.read_text("utf-8"))
CASES: list[Any] = VECTORS["cases"]
OURS = {"ed25519", "rsa-v1_5-sha256"}
NOW = datetime.fromtimestamp(1618884473, UTC)


def request_of(case: Any, *, label: str = "") -> SignedRequest:
    """The message of an example; with a label it carries its signature."""
    said = VECTORS["messages"][case["message"]]
    lines = {
        name.lower(): (value,) if isinstance(value, str) else tuple(value)
        for name, value in said["headers"].items()
    }
    if label:
        lines["signature-input"] = (f"{label}={parameters_of(case)}",)
        lines["signature"] = (f"{label}=:{case['signature']}:",)
    body = b'{"hello": "world"}' if said["method"] == "POST" else None
    return SignedRequest(said["method"], said["target"], said["host"], "https", lines, body)


def parameters_of(case: Any) -> str:
    covered = " ".join(f'"{name}"' for name in case["components"])
    return f"({covered}){case['parameters']}"


def base_of(case: Any) -> bytes:
    return rfc9421.base(request_of(case), case["components"], parameters_of(case))


def check(case: Any, base: bytes) -> None:
    """The signature of the RFC over these bytes; InvalidSignature."""
    signature, key = base64.b64decode(case["signature"]), VECTORS["keys"][case["key"]]
    if case["algorithm"] == "hmac-sha256":
        made = hmac.digest(base64.b64decode(key), base, "sha256")
        if not hmac.compare_digest(made, signature):
            raise InvalidSignature
        return
    public = load_pem_public_key(key.encode())
    if isinstance(public, Ed25519PublicKey):
        public.verify(signature, base)
    elif isinstance(public, ec.EllipticCurvePublicKey):
        halves = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        public.verify(encode_dss_signature(*halves), base, ec.ECDSA(SHA256()))
    else:
        assert isinstance(public, RSAPublicKey)
        pss = case["algorithm"] == "rsa-pss-sha512"
        filling = padding.PSS(padding.MGF1(SHA512()), 64) if pss else padding.PKCS1v15()
        public.verify(signature, base, filling, SHA512() if pss else SHA256())


@pytest.mark.parametrize("case", CASES, ids=[case["section"] for case in CASES])
def test_rfc_9421_every_signed_request_of_its_examples_has_these_bytes(case: Any) -> None:
    base = base_of(case)
    check(case, base)
    with pytest.raises(InvalidSignature):
        check(case, base.replace(b"1618884", b"1618885"))


@pytest.mark.parametrize("case", [c for c in CASES if c["algorithm"] in OURS])
def test_rfc_9421_the_two_algorithms_that_we_take_are_verified_by_our_own_code(case: Any) -> None:
    claim = Claim(
        key_id="https://example.com/key",
        scheme="rfc9421",
        created=NOW,
        algorithm=case["algorithm"],
        signature=base64.b64decode(case["signature"]),
        signed=(base_of(case),),
    )
    signatures.verify(claim, load_public(VECTORS["keys"][case["key"]]))
    other = next(c for c in CASES if c["algorithm"] in OURS and c["key"] != case["key"])
    with pytest.raises(Untrusted):
        signatures.verify(claim, load_public(VECTORS["keys"][other["key"]]))


@pytest.mark.parametrize("case", CASES, ids=[case["section"] for case in CASES])
def test_rfc_9421_as_letters_its_examples_cover_too_little(case: Any) -> None:
    """None names method, target and a digest that we know, so none would move anything here."""
    with pytest.raises(Untrusted):
        signatures.parse(request_of(case, label="sig"), now=NOW)


def moved(case: Any, **changes: str) -> bytes:
    """The bytes after an intermediary's change of target, method or host."""
    asked = request_of(case)
    changed = {
        "method": asked.method,
        "target": asked.target,
        "host": asked.host,
        "scheme": asked.scheme,
        **changes,
    }
    request = SignedRequest(**changed, headers=asked.headers, body=asked.body)
    return rfc9421.base(request, case["components"], parameters_of(case))


def test_rfc_9421_appendix_b_4_what_may_change_on_the_way_and_what_not() -> None:
    case = next(case for case in CASES if case["section"] == "B.4")
    check(case, moved(case, target="/demo?name1=Value1&Name2=value2&param=added"))
    for change in ({"method": "POST"}, {"host": "example.com"}, {"target": "/other"}):
        with pytest.raises(InvalidSignature):
            check(case, moved(case, **change))
