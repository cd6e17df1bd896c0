"""Signing and verifying requests: vectors, round trips, traps of peers."""

import base64
import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from http_message_signatures._algorithms import RSA_V1_5_SHA256
from http_message_signatures.resolvers import MappingKeyResolver
from http_message_signatures.signatures import HTTPMessageSigner, HTTPMessageVerifier

from federation import rfc9421
from federation.signatures import Scheme, SignedRequest, sign_get, sign_post
from tests.federation.signed_requests import (
    BODY,
    CREATED,
    HOST,
    KEY,
    KEY_ID,
    NOW,
    PUBLIC,
    SCHEMES,
    TARGET,
    accepted,
    cavage,
    having,
    message_signed,
    posted,
    received,
    refused,
)


def test_rfc_9421_appendix_b_2_6_is_reproduced() -> None:
    key = load_pem_private_key(
        b"-----BEGIN PRIVATE KEY-----\n"
        b"MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n"
        b"-----END PRIVATE KEY-----\n",
        None,
    )
    assert isinstance(key, Ed25519PrivateKey)
    request = received(
        "POST",
        {
            "Date": "Tue, 20 Apr 2021 02:07:55 GMT",
            "Content-Type": "application/json",
            "Content-Length": "18",
        },
        b'{"hello": "world"}',
        target="/foo?param=Value&Pet=dog",
        host="example.com",
    )
    components = ["date", "@method", "@path", "@authority", "content-type", "content-length"]
    parameters = (
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    expected = (
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )
    base = rfc9421.base(request, components, parameters)
    assert base64.b64encode(key.sign(base)).decode() == expected
    key.public_key().verify(base64.b64decode(expected), base)
    with pytest.raises(InvalidSignature):
        key.public_key().verify(base64.b64decode(expected), base.replace(b"2021", b"2022"))


def test_another_implementation_verifies_our_rfc_9421_post() -> None:
    now = datetime.now(UTC)
    request = posted("rfc9421", now=now)
    message = SimpleNamespace(
        method="POST",
        url=f"https://{HOST}{TARGET}",
        headers={name: lines[0] for name, lines in request.headers.items()},
    )
    verifier = HTTPMessageVerifier(
        signature_algorithm=RSA_V1_5_SHA256,
        key_resolver=MappingKeyResolver(public_keys={KEY_ID: PUBLIC}, private_keys={}),
    )
    results = verifier.verify(message, max_age=timedelta(hours=1))
    assert '"@target-uri"' in results[0].covered_components


def test_we_verify_an_rfc_9421_post_of_another_implementation() -> None:
    message = SimpleNamespace(method="POST", url=f"https://{HOST}{TARGET}", headers={})
    signer = HTTPMessageSigner(
        signature_algorithm=RSA_V1_5_SHA256,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={KEY_ID: KEY}),
    )
    parts = ("@method", "@authority", "@path", "@query", "content-digest")
    signer.sign(message, key_id=KEY_ID, created=NOW, covered_component_ids=parts, body=BODY)
    request = received("POST", message.headers, BODY)
    assert accepted(request).key_id == KEY_ID
    assert refused(dataclasses.replace(request, target="/inbox?page=2"))


@SCHEMES
def test_a_post_we_sign_is_accepted_and_names_its_key(scheme: Scheme) -> None:
    claim = accepted(posted(scheme))
    assert (claim.key_id, claim.scheme, claim.created) == (KEY_ID, scheme, NOW)


@SCHEMES
def test_a_get_we_sign_is_accepted(scheme: Scheme) -> None:
    headers = sign_get(
        f"https://{HOST}{TARGET}", key_id=KEY_ID, private_key=KEY, now=NOW, scheme=scheme
    )
    accepted(received("GET", headers, None))


@SCHEMES
def test_a_port_and_a_scheme_are_part_of_what_we_sign(scheme: Scheme) -> None:
    url = "http://beta.localhost:8080/inbox"
    headers = sign_post(url, BODY, key_id=KEY_ID, private_key=KEY, now=NOW, scheme=scheme)
    assert headers["Host"] == "beta.localhost:8080"
    lines = {name.lower(): (value,) for name, value in headers.items()}
    accepted(SignedRequest("POST", "/inbox", "beta.localhost:8080", "http", lines, BODY))


def test_a_cavage_post_has_the_words_that_strict_peers_compare() -> None:
    headers = sign_post(
        f"https://{HOST}/inbox", BODY, key_id=KEY_ID, private_key=KEY, now=NOW, scheme="cavage"
    )
    assert 'algorithm="rsa-sha256"' in headers["Signature"]
    assert 'headers="(request-target) host date digest content-type"' in headers["Signature"]
    assert headers["Digest"].startswith("SHA-256=")
    assert headers["Date"] == "Sun, 22 Nov 2026 12:00:00 GMT"


def test_fedify_s_choice_of_components_is_accepted() -> None:
    covered = '("@method" "@target-uri" "@authority" "host" "date" "content-digest")'
    parameters = f'{covered};alg="rsa-v1_5-sha256";keyid="{KEY_ID}";created={CREATED}'
    accepted(message_signed(parameters))


def test_ed25519_keys_verify_in_both_schemes() -> None:
    key = Ed25519PrivateKey.generate()
    accepted(cavage(key=key, algorithm='algorithm="hs2019",'), key.public_key())
    accepted(cavage(key=key, algorithm='algorithm="ed25519",'), key.public_key())
    created = CREATED
    parameters = f'("@method" "@target-uri" "content-digest");created={created};keyid="{KEY_ID}"'
    accepted(message_signed(parameters, key=key), key.public_key())
    accepted(message_signed(f'{parameters};alg="ed25519"', key=key), key.public_key())


# --- traps of peers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key_id",
    [
        "https://alpha.example/users/ann/main-key",
        "https://alpha.example/users/ann",
        "https://alpha.example/actor?key=1#main",
    ],
)
def test_trap_25_a_key_id_need_not_be_a_fragment(key_id: str) -> None:
    request = cavage()
    header = request.headers["signature"][0].replace(KEY_ID, key_id)
    assert accepted(having(request, signature=header)).key_id == key_id


@pytest.mark.parametrize("algorithm", ["", 'algorithm="hs2019",', 'algorithm="RSA-SHA256",'])
def test_trap_26_the_algorithm_may_be_missing_or_hs2019(algorithm: str) -> None:
    accepted(cavage(algorithm=algorithm))


def test_trap_26_order_spacing_prefix_and_case_of_parameters_do_not_matter() -> None:
    request = cavage(signed_names="(Request-Target) Host Date Digest")
    parts = request.headers["signature"][0].split(",")
    accepted(having(request, signature="Signature " + " , ".join(reversed(parts))))


def test_trap_27_the_query_may_be_left_out_of_the_request_target() -> None:
    accepted(cavage(target=TARGET))
    accepted(cavage(target="/inbox"))
    assert refused(cavage(target="/outbox"))


def test_trap_28_digest_may_name_several_algorithms_in_lower_case() -> None:
    sha256 = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    sha512 = base64.b64encode(hashlib.sha512(BODY).digest()).decode()
    md5 = base64.b64encode(b"0" * 16).decode()
    accepted(cavage(values={"digest": f"sha-256={sha256}"}))
    accepted(cavage(values={"digest": f"MD5={md5}, sha-256={sha256}"}))
    accepted(cavage(values={"digest": f"SHA-512={sha512},SHA-256={sha256}"}))


def test_trap_29_a_host_signed_without_its_port_is_accepted() -> None:
    request = dataclasses.replace(cavage(), host=f"{HOST}:8443")
    accepted(request)
    assert refused(dataclasses.replace(cavage(), host="other.example"))


def test_trap_29_the_host_header_that_a_proxy_rewrote_is_not_looked_at() -> None:
    accepted(having(cavage(), host="127.0.0.1:8000"))


@SCHEMES
@pytest.mark.parametrize("minutes", [-59, 59])
def test_trap_30_clocks_may_differ_by_almost_an_hour(scheme: Scheme, minutes: int) -> None:
    accepted(posted(scheme), now=NOW + timedelta(minutes=minutes))


def test_trap_31_a_signed_get_needs_no_digest() -> None:
    names = "(request-target) host date"
    accepted(cavage(names, method="GET", body=None, values={"digest": None}))
