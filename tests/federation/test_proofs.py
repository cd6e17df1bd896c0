"""Proofs inside documents (FEP-8b32) and the canonical form they are made over (RFC 8785)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from federation import keys, proofs
from federation.errors import Untrusted
from federation.keys import from_multibase, load_ed25519, load_public

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MADE = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
# The key pair of the vectors in FEP-8b32 and in W3C's vc-di-eddsa.
SECRET = load_ed25519(from_multibase("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq")[2:])
PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
ALICE_KEY = "https://server.example/users/alice#ed25519-key"
FEP: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/data-integrity/v2",
    ],
    "id": "https://server.example/activities/1",
    "type": "Create",
    "actor": "https://server.example/users/alice",
    "object": {
        "id": "https://server.example/objects/1",
        "type": "Note",
        "attributedTo": "https://server.example/users/alice",
        "content": "Hello world",
        "location": {"type": "Place", "longitude": -71.184902, "latitude": 25.273962},
    },
}
W3C: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/examples/v2",
    ],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}


def signed(document: dict[str, Any] = FEP, key_id: str = ALICE_KEY) -> dict[str, Any]:
    return proofs.sign(document, key=SECRET, key_id=key_id, now=MADE)


def holds(document: dict[str, Any], key: str = PUBLIC, now: datetime = NOW) -> bool:
    proof = proofs.read(document, now=now)
    assert proof is not None
    proofs.verify(proof, load_public(key))
    return True


def refused(document: dict[str, Any], key: str = PUBLIC, now: datetime = NOW) -> str:
    with pytest.raises(Untrusted) as caught:
        holds(document, key, now)
    return caught.value.reason


@pytest.mark.parametrize(
    ("document", "key_id", "value"),
    [
        (
            FEP,
            ALICE_KEY,
            "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL",
        ),
        (
            W3C,
            f"did:key:{PUBLIC}#{PUBLIC}",
            "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX",
        ),
        (
            W3C,
            f"https://vc.example/issuers/5678#{PUBLIC}",
            "z63t83Y53KfzJ5ZosfKTnqfMcKB2dmTrfjSaQjeNNjAD5srBowQfmWqeRb8rRjmeEuCBEsddF9LsVogtuTsijJKh4",
        ),
    ],
)
def test_fep_8b32_and_w3c_vectors_are_reproduced_and_verified(
    document: dict[str, Any], key_id: str, value: str
) -> None:
    ours = signed(document, key_id)
    assert ours["proof"]["proofValue"] == value
    assert holds(json.loads(json.dumps(ours)))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # RFC 8785 §3.2.2 and §3.2.3
        (
            r"""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
                "literals": [null, true, false]}""",
            '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
            '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
        ),
        (
            r"""{"\u20ac": "Euro Sign", "\r": "Carriage Return",
                "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
                "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
                "\u00f6": "Latin Small Letter O With Diaeresis"}""",
            '{"\\r":"Carriage Return","1":"One","\x80":"Control",'
            '"ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign",'
            '"😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
        ),
        ('[56, {"d": true, "10": null, "1": []}]', '[56,{"1":[],"10":null,"d":true}]'),
        ('{"péché": 1, "peach": 2, "": -0.0, "b": 1.0}', '{"":0,"b":1,"peach":2,"péché":1}'),
    ],
)
def test_rfc_8785_vectors(given: str, expected: str) -> None:
    assert proofs.canonical(orjson.loads(given)).decode() == expected


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(ANY)
def test_the_fast_way_to_the_canonical_form_is_the_canonical_form(value: Any) -> None:
    assert proofs.canonical(value) == rfc8785.dumps(value)


@given(ANY, ANY)
def test_a_proof_holds_for_what_was_signed_and_nothing_else(value: Any, other: Any) -> None:
    document = signed({**FEP, "extra": value})
    assert holds(orjson.loads(orjson.dumps(document)))
    if proofs.canonical(value) != proofs.canonical(other):
        assert refused({**document, "extra": other}) == "the proof does not match the document"


def test_numbers_that_mean_the_same_are_the_same() -> None:
    document = signed({**FEP, "height": 1.0})
    assert holds({**document, "height": 1})


def test_an_ld_signature_beside_the_proof_is_looked_over() -> None:
    document = signed()
    assert holds({**document, "signature": {"type": "RsaSignature2017", "signatureValue": "x"}})


def changed(**proof: Any) -> dict[str, Any]:
    """The signed vector with another proof; None takes something away."""
    document = signed()
    whole = {**document["proof"], **proof}
    return {**document, "proof": {k: v for k, v in whole.items() if v is not None}}


@pytest.mark.parametrize(
    "proof",
    [
        {"proofPurpose": "authentication"},
        {"proofPurpose": None},
        {"proofValue": None},
        {"proofValue": 7},
        {"proofValue": "z"},
        {"proofValue": "u42ff"},
        {"proofValue": "z" + "1" * 5000},
        {"verificationMethod": None},
        {"verificationMethod": ["https://server.example/k"]},
        {"verificationMethod": "javascript:alert(1)"},
        {"created": "yesterday"},
        {"created": 1},
        {"created": "2026-99-99T00:00:00Z"},
        {"created": "2026-11-22T13:30:00Z"},
        {"expires": "2026-11-22T11:59:59Z"},
        {"expires": "2027-01-01T00:00:00Z"},
        {"created": "2023-02-24T23:36:39Z"},
        {"@context": None},
        {"@context": ["https://evil.example/context"]},
        {"@context": "https://www.w3.org/ns/activitystreams"},
        {"extra": 1},
    ],
)
def test_fep_8b32_a_changed_proof_proves_nothing(proof: dict[str, Any]) -> None:
    assert refused(changed(**proof))


def test_a_proof_is_made_in_a_time_that_can_be_and_holds_until_it_expires() -> None:
    made = proofs.sign(FEP, key=SECRET, key_id=ALICE_KEY, now=NOW + timedelta(minutes=50))
    assert holds(made)
    assert refused(made, now=NOW - timedelta(hours=1)) == "the proof is from the future"


@pytest.mark.parametrize(
    "proof",
    [None, 7, "x", [], {}, {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"}],
)
def test_a_proof_of_another_kind_is_none(proof: Any) -> None:
    assert proofs.read({**FEP, "proof": proof}, now=NOW) is None


def test_of_several_proofs_the_one_that_we_understand_counts() -> None:
    document = signed()
    other = {"type": "DataIntegrityProof", "cryptosuite": "mldsa44-jcs-2024"}
    assert holds({**document, "proof": [other, document["proof"]]})


def test_another_key_proves_nothing() -> None:
    pair = keys.make()
    assert refused(signed(), pair.ed25519_public) == "the proof does not match the document"
    assert refused(signed(), pair.rsa_public) == "the proof needs an Ed25519 key"
    assert refused(signed(), keys.rsa_multibase(pair.rsa_public))


def test_what_has_no_canonical_form_cannot_be_proved() -> None:
    with pytest.raises(Untrusted):
        proofs.canonical({"n": 2**53})
