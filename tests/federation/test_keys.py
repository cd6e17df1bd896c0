"""Keys: made, loaded, cached, and refused when weak."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import keys
from federation.errors import Untrusted

PAIR = keys.make()
SPKI = PublicFormat.SubjectPublicKeyInfo


def pem(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, SPKI).decode()


def rsa_with(e: int, n: int) -> str:
    # Only OpenSSL refuses such numbers; a peer's text need not come from OpenSSL.
    def integer(number: int) -> bytes:
        data = number.to_bytes(number.bit_length() // 8 + 1, "big")
        return b"\x02" + length(data) + data

    def length(data: bytes) -> bytes:
        size = len(data)
        if size < 128:
            return bytes([size])
        encoded = size.to_bytes((size.bit_length() + 7) // 8, "big")
        return bytes([0x80 | len(encoded)]) + encoded

    body = integer(n) + integer(e)
    return keys.to_multibase(b"\x85\x24\x30" + length(body) + body)


async def test_made_keys_belong_together_and_load() -> None:
    pair = await keys.make_in_thread()
    private = keys.load_private(pair.rsa_private)
    assert private.key_size == 2048
    assert pem(private.public_key()) == pair.rsa_public
    raw = Ed25519PrivateKey.from_private_bytes(pair.ed25519_private).public_key()
    assert pair.ed25519_public.startswith("z6Mk")
    public = keys.load_public(pair.ed25519_public)
    assert isinstance(public, Ed25519PublicKey)
    assert public.public_bytes_raw() == raw.public_bytes_raw()


def test_the_multikey_of_fep_521a_is_read() -> None:
    key = keys.load_public("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
    assert isinstance(key, Ed25519PublicKey)
    assert keys.to_multibase(b"\xed\x01" + key.public_bytes_raw()).startswith("z6MkrJV")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "z"),
        (b"\0\0", "z11"),
        (b"Hello World!", "z2NEpo7TZRRrLZSi2U"),
        (bytes.fromhex("0000287fb4cd"), "z11233QC4"),
    ],
)
def test_base58_vectors(data: bytes, text: str) -> None:
    assert keys.to_multibase(data) == text
    assert keys.from_multibase(text) == data


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_base58_round_trip(data: bytes) -> None:
    assert keys.from_multibase(keys.to_multibase(data)) == data


def test_rsa_is_read_from_both_pem_forms_and_multikey() -> None:
    key = keys.load_private(PAIR.rsa_private).public_key()
    pkcs1 = key.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
    multikey = keys.to_multibase(b"\x85\x24" + key.public_bytes(Encoding.DER, PublicFormat.PKCS1))
    for text in (PAIR.rsa_public, pkcs1, multikey, PAIR.rsa_public.strip()):
        assert keys.load_public(text) == key


def test_ed25519_is_read_from_pem() -> None:
    key = Ed25519PrivateKey.generate().public_key()
    assert keys.load_public(pem(key)) == key


@pytest.mark.parametrize("bits", [1024, 1536])
def test_a14_short_rsa_keys_are_refused(bits: int) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    with pytest.raises(Untrusted, match="bits"):
        keys.load_public(pem(key))


@pytest.mark.parametrize(
    ("exponent", "bits"),
    [
        (65537, 512),
        (65537, 8200),
        (65537, 16384),
        (1, 2048),
        (2, 2048),
        (65536, 2048),
        (2**64 + 1, 2048),
        (2**2000 + 1, 2048),
        (0, 2048),
    ],
)
def test_a14_rsa_keys_of_odd_sizes_and_exponents_are_refused(exponent: int, bits: int) -> None:
    with pytest.raises(Untrusted):
        keys.load_public(rsa_with(exponent, 2**bits - 1))


def test_a14_usual_numbers_are_accepted_by_the_same_path() -> None:
    modulus = keys.load_private(PAIR.rsa_private).public_key().public_numbers().n
    assert keys.load_public(rsa_with(65537, modulus)) == keys.load_public(PAIR.rsa_public)


@pytest.mark.parametrize(
    "y",
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0100000000000000000000000000000000000000000000000000000000000080",
    ],
)
def test_a14_ed25519_keys_of_small_order_are_refused(y: str) -> None:
    with pytest.raises(Untrusted, match="weak"):
        keys.load_public(keys.to_multibase(b"\xed\x01" + bytes.fromhex(y)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "z0OIl",
        "z6Mk",
        "x6Mk",
        "secret",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----" * 1000,
        "ü",
        "\ud800",
        PAIR.rsa_private,
        pem(ec.generate_private_key(ec.SECP256R1()).public_key()),
    ],
)
def test_a14_what_is_no_usable_public_key_is_refused(text: str) -> None:
    with pytest.raises(Untrusted):
        keys.load_public(text)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_raises_anything_but_untrusted(text: str) -> None:
    for candidate in (text, "z" + text, f"-----BEGIN PUBLIC KEY-----\n{text}"):
        with pytest.raises(Untrusted):
            keys.load_public(candidate)


def test_the_cache_keeps_what_was_used_most_recently() -> None:
    cache = keys.KeyCache(size=2)
    first = cache.put("a", PAIR.rsa_private)
    cache.put("b", PAIR.rsa_private)
    assert cache.get("a") is first
    cache.put("c", PAIR.rsa_private)
    assert cache.get("b") is None
    assert cache.get("a") is first
    cache.forget("a")
    cache.forget("never there")
    assert cache.get("a") is None


def test_a_new_key_takes_the_place_of_the_old_one() -> None:
    cache = keys.KeyCache()
    old = cache.put("a", PAIR.rsa_private)
    new = cache.put("a", keys.make().rsa_private)
    assert cache.get("a") is new
    assert new.public_key() != old.public_key()
