"""Group A: letters whose signature or key must not be believed, at the door of a running city."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from hmac import digest
from math import gcd
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from starlette.responses import RedirectResponse

from federation.keys import to_multibase
from tests import make
from tests.federation.door import (
    HEARING,
    MEETING,
    asked,
    cavage,
    digest_of,
    encoded,
    message,
    offer,
    post,
    say,
    untouched,
    without,
)
from tests.federation.test_inbox_proofs import proved, with_key
from tests.federation.test_keys import rsa_with
from tests.peer import Peer
from tests.world import City, Wire, settle

ID = "http://far.test/activities/1"
PAT = "http://far.test/u/pat"
BODY = encoded({"id": ID, "type": "Create", "actor": PAT, "object": "http://far.test/notes/1"})
GARBAGE = {
    "none": None,
    "empty": "",
    "spaces": "   ",
    "garbage": "garbage",
    "half a parameter": 'keyId="',
    "10,000 letters": "a" * 10_000,
    "2,000 parameters": 'keyId="a",' * 2000,
    "control characters": b"\x7f\xff{]",
    "only a key": f'keyId="{PAT}#main-key"',
    "no base64": f'keyId="{PAT}#k",headers="(request-target) host date digest",signature="!"',
    "of the other kind": "sig1=:AAAA:",
}


@pytest.mark.parametrize("source", [None, "", "sig1=()", 'sig1=("@method");created=1', "a=1"])
async def test_a01_an_absent_or_garbled_signature(
    alpha: City, far: Peer, source: str | None
) -> None:
    async with untouched(alpha):
        for name, signature in GARBAGE.items():
            headers: dict[str, Any] = {**cavage(far, alpha, BODY), "signature": signature}
            headers["signature-input"] = source
            sent = {name: value for name, value in headers.items() if value is not None}
            answer = await post(alpha, BODY, sent)
            assert answer.status_code == 401, name
            assert "Accept-Signature" in answer.headers
    assert asked(alpha, far) == []


async def test_a01_two_signature_headers(alpha: City, far: Peer) -> None:
    async with untouched(alpha):
        for headers in (cavage(far, alpha, BODY), message(far, alpha, BODY)):
            twice = [*headers.items(), ("signature", headers["signature"])]
            assert (await post(alpha, BODY, twice)).status_code == 401


NAMES = ["date", "host date digest", "(request-target) date digest", "(request-target) host date"]
NAMES += ["(request-target) host digest", "(request-target) (request-target) host date digest"]


@pytest.mark.parametrize("names", NAMES)
async def test_a02_a_signature_that_covers_too_little(alpha: City, far: Peer, names: str) -> None:
    async with untouched(alpha):
        assert (await post(alpha, BODY, cavage(far, alpha, BODY, names=names))).status_code == 401


@pytest.mark.parametrize(
    ("covered", "parameters"),
    [
        ('"@method" "content-digest"', ';created={created};keyid="{key_id}"'),
        ('"@target-uri" "content-digest"', ';created={created};keyid="{key_id}"'),
        ('"@method" "@target-uri"', ';created={created};keyid="{key_id}"'),
        ('"@method" "@path" "content-digest"', ';created={created};keyid="{key_id}"'),
        ('"@method" "@target-uri" "content-digest"', ';keyid="{key_id}"'),
        ('"@method" "@target-uri" "content-digest"', ";created={created}"),
        ("", ';created={created};keyid="{key_id}"'),
    ],
)
async def test_a02_components_that_cover_too_little(
    alpha: City, far: Peer, covered: str, parameters: str
) -> None:
    headers = message(far, alpha, BODY, covered=covered, parameters=parameters)
    async with untouched(alpha):
        assert (await post(alpha, BODY, headers)).status_code == 401


RIGHT, WRONG = f"SHA-256={digest_of(BODY)}", f"SHA-256={digest_of(b'other')}"
DIGESTS = {
    "wrong": WRONG,
    "SHA-1 only": f"SHA={digest_of(BODY, 'sha1')}",
    "MD5 only": f"MD5={digest_of(BODY, 'md5')}",
    "right and wrong": f"{RIGHT},{WRONG}",
    "right twice": f"{RIGHT},{RIGHT}",
    "empty": "",
    "no algorithm": digest_of(BODY),
    "no base64": "SHA-256=!",
}


@pytest.mark.parametrize("digest", DIGESTS.values(), ids=DIGESTS)
async def test_a03_a_digest_that_proves_nothing(alpha: City, far: Peer, digest: str) -> None:
    async with untouched(alpha):
        answer = await post(alpha, BODY, cavage(far, alpha, BODY, values={"digest": digest}))
        assert answer.status_code == 401


async def test_a03_no_digest_an_unsigned_one_or_two(alpha: City, far: Peer) -> None:
    signed = cavage(far, alpha, BODY)
    async with untouched(alpha, *MEETING):
        assert (await post(alpha, BODY, without(signed, "digest"))).status_code == 401
        unsigned = cavage(far, alpha, BODY, names="(request-target) host date")
        assert (await post(alpha, BODY, unsigned)).status_code == 401
        twice = [*signed.items(), ("digest", signed["digest"])]
        assert (await post(alpha, BODY, twice)).status_code == 401
        for wrong in (f"md5=:{digest_of(BODY, 'md5')}:", f"sha-256=:{digest_of(b'x')}:", "()"):
            headers = message(far, alpha, BODY, values={"content-digest": wrong})
            assert (await post(alpha, BODY, headers)).status_code == 401, wrong


@pytest.mark.parametrize("spelled", ["SHA-256=", "sha-256=", "Sha-256="])
async def test_a03_the_case_of_its_name_does_not_matter(
    alpha: City, far: Peer, spelled: str
) -> None:
    values = {"digest": spelled + digest_of(BODY)}
    assert (await post(alpha, BODY, cavage(far, alpha, BODY, values=values))).status_code == 202


async def test_a04_one_changed_byte(alpha: City, far: Peer) -> None:
    async with untouched(alpha, *MEETING):
        for headers in (cavage(far, alpha, BODY), message(far, alpha, BODY)):
            for changed in (BODY.replace(b"Create", b"Delete"), BODY + b" ", BODY[:-1] + b"\n}"):
                assert (await post(alpha, changed, headers)).status_code == 401


async def test_a04_a_compressed_letter_is_not_unpacked(alpha: City, far: Peer) -> None:
    """The digest is of the bytes as they came, so the sender's is of the packed ones."""
    packed = gzip.compress(BODY)
    async with untouched(alpha, *MEETING):
        for signed in (BODY, packed):
            headers = {**cavage(far, alpha, signed), "content-encoding": "gzip"}
            assert (await post(alpha, packed, headers)).status_code == 415


async def test_a05_a_key_that_names_somebody_elsewhere_as_its_owner(
    alpha: City, far: Peer, evil: Peer
) -> None:
    key = f"{evil.origin}/keys/1"
    for name in ("owner", "controller"):
        evil.add({"id": key, "type": "Key", name: PAT, "publicKeyPem": evil.pair.rsa_public})
        async with untouched(alpha, *MEETING):
            answer = await post(alpha, BODY, cavage(evil, alpha, BODY, key_id=key))
            assert answer.status_code == 401
    assert await alpha.value("select count(*) from actors where key_id = %s", key) == 0


async def test_a05_a_key_that_its_owner_does_not_list(alpha: City, far: Peer) -> None:
    key, pair = f"{far.origin}/upload/1", make.a_key_pair()
    for name in ("owner", "controller"):
        far.add({"id": key, "type": "Key", name: PAT, "publicKeyPem": pair.rsa_public})
        headers = cavage(far, alpha, BODY, key_id=key, pem=pair.rsa_private)
        async with untouched(alpha, *MEETING):
            assert (await post(alpha, BODY, headers)).status_code == 401
    assert (await far.says(alpha, BODY)).status_code == 202


async def test_a06_a_good_signature_for_somebody_elses_words(
    alpha: City, far: Peer, evil: Peer
) -> None:
    async with untouched(alpha, *MEETING):
        for peer, by in ((far, "http://far.test/u/sam"), (evil, evil.pat)):
            answer = await peer.says(alpha, BODY, by=by)
            assert answer.status_code == 401
        inside = {**json.loads(BODY), "actor": {"id": PAT, "publicKey": {"id": f"{evil.pat}#k"}}}
        assert (await evil.says(alpha, inside)).status_code == 401


async def test_a07_a_key_of_another_server(alpha: City, far: Peer, evil: Peer) -> None:
    far.documents[PAT]["publicKey"]["id"] = f"{evil.pat}#main-key"
    far.documents[PAT]["publicKey"]["publicKeyPem"] = evil.pair.rsa_public
    async with untouched(alpha, *MEETING):
        for key in (f"{evil.pat}#main-key", "http://far.test:8080/u/pat#main-key"):
            headers = cavage(evil, alpha, BODY, key_id=key)
            assert (await post(alpha, BODY, headers)).status_code in (401, 503)


async def test_a08_an_actor_whose_address_leads_to_another(
    alpha: City, far: Peer, evil: Peer
) -> None:
    async with untouched(alpha, *MEETING):
        for status in (301, 302, 307, 308):
            name = f"{far.origin}/u/turned{status}"
            far.scripts[name] = lambda _, s=status: RedirectResponse(evil.pat, s)
            said = encoded({**json.loads(BODY), "actor": name})
            headers = cavage(evil, alpha, said, key_id=f"{name}#main-key")
            assert (await post(alpha, said, headers)).status_code == 401
            key = {"id": f"{name}#main-key", "publicKeyPem": evil.pair.rsa_public}
            lie = {**far.documents[PAT], "id": name, "publicKey": key}
            evil.documents[f"{evil.origin}/lie{status}"] = lie
            there = f"{evil.origin}/lie{status}"
            far.scripts[name] = lambda _, s=status, there=there: RedirectResponse(there, s)
            assert (await post(alpha, said, headers)).status_code == 401
    assert await alpha.value("select count(*) from actors where strpos(uri, 'turned') > 0") == 0


async def test_a09_a_document_that_lies_about_its_address(
    alpha: City, far: Peer, evil: Peer
) -> None:
    key = f"{evil.origin}/u/copy"
    evil.documents[key] = far.documents[PAT]
    async with untouched(alpha, *MEETING):
        headers = cavage(evil, alpha, BODY, key_id=f"{key}#main-key")
        assert (await post(alpha, BODY, headers)).status_code == 401
    assert await alpha.value("select count(*) from actors where uri = %s", PAT) == 0
    assert (await far.says(alpha, BODY)).status_code == 202
    query = "select count(*) from actors where key_id like %s or uri = %s"
    assert await alpha.value(query, f"{evil.origin}%", key) == 0


KEYS = {
    "upper case host": ("http://FAR.test/u/pat#main-key", 202),
    "default port": ("http://far.test:80/u/pat#main-key", 202),
    "no fragment": ("http://far.test/u/pat", 401),
    "another fragment": ("http://far.test/u/pat#other", 401),
    "a query": ("http://far.test/u/pat?x=1#main-key", 401),
    "a user": ("http://pat@far.test/u/pat#main-key", 401),
    "another port": ("http://far.test:8080/u/pat#main-key", 401),
    "a trailing dot": ("http://far.test./u/pat#main-key", 401),
    "one slash": ("http:/far.test/u/pat#main-key", 401),
    "a backslash": ("http://far.test\\@evil.test/u/pat#main-key", 401),
    "another host, unicode": ("http://fär.test/u/pat#main-key", 401),
    "another host, xn--": ("http://xn--fr-via.test/u/pat#main-key", 401),
    "an escaped slash": ("http://evil.test%2f@far.test/u/pat", 401),
    "a name": ("acct:pat@far.test", 401),
    "3 KB": ("http://far.test/" + "u" * 3000, 401),
}


async def test_a10_a_key_id_has_one_reading(alpha: City, far: Peer) -> None:
    async with untouched(alpha, *HEARING):
        for name, (key, status) in KEYS.items():
            headers: dict[str, Any] = cavage(far, alpha, BODY, key_id=key)
            headers["signature"] = headers["signature"].encode()
            answer = await post(alpha, BODY, headers)
            assert answer.status_code in (status, 503 if status == 401 else status), name
    query = "select string_agg(distinct key_id, ' ') from actors where peer = %s"
    assert await alpha.value(query, far.origin) == f"{PAT}#main-key"


async def test_a11_a_signature_for_another_request(alpha: City, far: Peer) -> None:
    ann = await make.a_person(alpha, "ann")
    other = make.a_key_pair().rsa_private
    own = f"/people/{ann.name}/inbox"
    cases: list[tuple[dict[str, str], str, str]] = [
        (cavage(far, alpha, BODY, path=own), "/inbox", "POST"),
        (cavage(far, alpha, BODY), own, "POST"),
        (cavage(far, alpha, BODY, path="/people/ann%2Finbox"), own, "POST"),
        (cavage(far, alpha, BODY, method="put"), "/inbox", "POST"),
        (cavage(far, alpha, BODY, values={"host": "beta.test"}), "/inbox", "POST"),
        (message(far, alpha, BODY, path=own), "/inbox", "POST"),
        (message(far, alpha, BODY, values={"@method": "GET"}), "/inbox", "POST"),
        (
            message(far, alpha, BODY, values={"@target-uri": "http://b.test/inbox"}),
            "/inbox",
            "POST",
        ),
    ]
    if other != far.pair.rsa_private:
        cases.append((cavage(far, alpha, BODY, pem=other), "/inbox", "POST"))
    async with untouched(alpha, *MEETING):
        for headers, path, method in cases:
            answer = await post(alpha, BODY, headers, path, method)
            assert answer.status_code == 401, (path, headers)


async def test_a11_an_escaped_slash_is_no_slash(alpha: City, far: Peer) -> None:
    await make.a_person(alpha, "ann")
    path = "/people/ann%2Finbox"
    async with untouched(alpha, *MEETING):
        answer = await post(alpha, BODY, cavage(far, alpha, BODY, path="/people/ann/inbox"), path)
        assert answer.status_code in (401, 404)


@pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])
async def test_a12_the_same_letter_again(alpha: City, far: Peer, scheme: str) -> None:
    garden = await make.a_community(alpha, await make.a_person(alpha, "ann"))
    body = encoded(far.activity("Follow", garden.uri))
    headers = (cavage if scheme == "cavage" else message)(far, alpha, body)
    assert (await post(alpha, body, headers)).status_code == 202
    await settle(alpha)
    for later in (timedelta(minutes=1), timedelta(minutes=10)):
        alpha.clock.now += later
        async with untouched(alpha, *MEETING):
            assert (await post(alpha, body, headers)).status_code == 202
    alpha.clock.now += timedelta(hours=13)
    async with untouched(alpha, *MEETING):
        assert (await post(alpha, body, headers)).status_code == 401
    assert (
        await alpha.value(
            "select count(*) from follows f join actors a on a.id = f.follower_id where a.uri = %s",
            PAT,
        )
        == 1
    )


DATES = [
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Mon, 01 Jan 0001 00:00:00 +1400",
    "Sun, 22 Nov 99999999999 12:00:00 GMT",
    "%a, %d %b %Y %H:%M:%S -0000",
    "%a, %d %b %Y %H:%M:%S +9999",
    "%a, %d %b %Y 99:99:99 GMT",
    "yesterday",
    "",
    "0",
]


@pytest.mark.parametrize("date", DATES)
async def test_a13_strange_dates(alpha: City, far: Peer, date: str) -> None:
    date = alpha.clock().strftime(date)
    async with untouched(alpha):
        answer = await post(alpha, BODY, cavage(far, alpha, BODY, values={"date": date}))
        assert answer.status_code == 401


@pytest.mark.parametrize("hours", [-2, -1.02, 1.02, 2, 9999])
async def test_a13_more_than_an_hour_away(alpha: City, far: Peer, hours: float) -> None:
    early = alpha.clock.now
    alpha.clock.now = early + timedelta(hours=hours)
    letters = [cavage(far, alpha, BODY), message(far, alpha, BODY)]
    alpha.clock.now = early
    async with untouched(alpha):
        for headers in (*letters, without(cavage(far, alpha, BODY), "date")):
            assert (await post(alpha, BODY, headers)).status_code == 401


@pytest.mark.parametrize("created", ["0", "-1", "99999999999999", "1.5", '"soon"', "?1"])
async def test_a13_strange_times_of_creation(alpha: City, far: Peer, created: str) -> None:
    parameters = f';created={created};keyid="{{key_id}}"'
    async with untouched(alpha):
        headers = message(far, alpha, BODY, parameters=parameters)
        assert (await post(alpha, BODY, headers)).status_code == 401
        names = "(request-target) host (created) digest"
        extra, values = f"created={created},", {"(created)": created}
        headers = cavage(far, alpha, BODY, names=names, extra=extra, values=values, algorithm="")
        assert (await post(alpha, BODY, headers)).status_code == 401


async def test_a13_expired_or_never_expiring(alpha: City, far: Peer) -> None:
    now = int(alpha.clock().timestamp())
    old = f';created={{created}};expires={now - 4000};keyid="{{key_id}}"'
    async with untouched(alpha):
        headers = message(far, alpha, BODY, parameters=old)
        assert (await post(alpha, BODY, headers)).status_code == 401
        names, end = "(request-target) host date digest (expires)", str(now - 4000)
        more, values = f"expires={end},", {"(expires)": end}
        headers = cavage(far, alpha, BODY, names=names, extra=more, values=values)
        assert (await post(alpha, BODY, headers)).status_code == 401
    late = f';created={{created}};expires={now + 10**9};keyid="{{key_id}}"'
    headers = message(far, alpha, BODY, parameters=late)
    assert (await post(alpha, BODY, headers)).status_code == 202
    alpha.clock.now += timedelta(hours=2)
    assert (await post(alpha, BODY, headers)).status_code == 401


ALGORITHMS = ["none", "hmac-sha256", "rsa-sha1", "rsa-sha512", "ecdsa-sha256", "ed25519", ""]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a14_another_algorithm(alpha: City, far: Peer, algorithm: str) -> None:
    async with untouched(alpha, *MEETING):
        headers = cavage(far, alpha, BODY, algorithm=f'algorithm="{algorithm}",')
        assert (await post(alpha, BODY, headers)).status_code == 401
        named = f';created={{created}};keyid="{{key_id}}";alg="{algorithm}"'
        headers = message(far, alpha, BODY, parameters=named)
        assert (await post(alpha, BODY, headers)).status_code == 401
        weak = cavage(far, alpha, BODY, algorithm='algorithm="hs2019",', hashed=SHA1())
        assert (await post(alpha, BODY, weak)).status_code == 401


def small_primes() -> Iterator[int]:
    """Of 31 bits: a product of them is no secret from anybody."""
    number = 2**31 - 1
    while True:
        if all(number % prime for prime in range(3, 50, 2)) and pow(3, number - 1, number) == 1:
            yield number
        number -= 2


def forger(bits: int, exponent: int) -> tuple[str, Callable[[bytes], bytes]]:
    """A key whose secret anybody can work out, and who signs with it (RFC 8017 §9.2)."""
    number = order = 1
    for prime in small_primes():
        if exponent == 1 or gcd(prime - 1, exponent) == 1:
            number, order = number * prime, order * (prime - 1)
        if number.bit_length() >= bits:
            break
    secret, size = pow(exponent, -1, order), (number.bit_length() + 7) // 8

    def sign(content: bytes) -> bytes:
        hashed = bytes.fromhex("3031300d060960864801650304020105000420") + sha256(content).digest()
        padded = b"\0\1" + b"\xff" * (size - len(hashed) - 3) + b"\0" + hashed
        return pow(int.from_bytes(padded, "big"), secret, number).to_bytes(size, "big")

    return rsa_with(exponent, number), sign


WEAK = {
    "as usual": (*forger(2048, 65537), 202),
    "512 bits": (*forger(512, 65537), 401),
    "1024 bits": (*forger(1024, 65537), 401),
    "10000 bits": (*forger(10_000, 65537), 401),
    "exponent 1": (*forger(2048, 1), 401),
    "huge exponent": (*forger(2048, 2**36 + 31), 401),
    "small order": (to_multibase(b"\xed\1\1" + bytes(31)), lambda _: b"\1" + bytes(63), 401),
    "a secret": ("secret", lambda content: digest(b"secret", content, "sha256"), 401),
}


@pytest.mark.parametrize(("key", "sign", "status"), WEAK.values(), ids=WEAK)
async def test_a14_a_key_that_proves_nothing(
    alpha: City, far: Peer, key: str, sign: Callable[[bytes], bytes], status: int
) -> None:
    """The signatures hold, by keys which hold nobody off from making them."""
    far.documents[PAT]["publicKey"]["publicKeyPem"] = key
    async with untouched(alpha, *(HEARING if status == 202 else MEETING)):
        headers = cavage(far, alpha, BODY, algorithm='algorithm="hs2019",', signer=sign)
        assert (await post(alpha, BODY, headers)).status_code == status


async def test_a17_the_suspended_the_blocked_and_those_who_left(
    alpha: City, far: Peer, evil: Peer
) -> None:
    for peer in (far, evil):
        await say(alpha, peer, peer.activity("Like", peer.pat))
    until = alpha.clock() + timedelta(days=1)
    await alpha.execute("update actors set suspended_until = %s where uri = %s", until, PAT)
    await alpha.execute("update peers set blocked_at = now() where origin = %s", evil.origin)
    async with untouched(alpha, "peers"):
        assert (await far.says(alpha, far.activity("Like", PAT))).status_code == 403
        assert (await evil.says(alpha, evil.activity("Like", PAT))).status_code == 403


async def test_a17_who_has_left_says_nothing_more(alpha: City, far: Peer) -> None:
    await say(alpha, far, far.activity("Like", PAT))
    assert await say(alpha, far, far.activity("Delete", PAT)) == ("done", "")
    far.gone[PAT] = 410
    listed = offer(far)
    async with untouched(alpha, "peers"):
        answer = await far.says(alpha, far.activity("Create", listed))
        assert answer.status_code in (401, 403)


LD = {
    "type": "RsaSignature2017",
    "creator": f"{PAT}#main-key",
    "created": "2026-11-22T12:00:00Z",
    "signatureValue": "AAAA",
}
PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "verificationMethod": f"{PAT}#ed25519-key",
    "proofPurpose": "assertionMethod",
    "proofValue": "z1111",
}


@pytest.mark.parametrize("more", [{"signature": LD}, {"proof": PROOF}], ids=["LD", "proof"])
async def test_a18_a_signature_inside_does_not_replace_that_of_the_letter(
    alpha: City, far: Peer, evil: Peer, more: dict[str, Any]
) -> None:
    said = encoded({**json.loads(BODY), **more})
    async with untouched(alpha, *MEETING):
        assert (await post(alpha, said)).status_code == 401
        assert (await evil.says(alpha, said)).status_code == 401


async def test_a18_a_proof_made_by_another_key(alpha: City, far: Peer, evil: Peer) -> None:
    """Proofs count by now (FEP-8b32), but none that somebody else made in the author's name."""
    with_key(far, PAT)
    said = far.activity("Create", offer(far))
    async with untouched(alpha, *MEETING):
        forged = proved(alpha, evil, said, f"{PAT}#ed25519-key")
        assert (await evil.says(alpha, forged)).status_code == 401
        changed = {**proved(alpha, far, said), "object": offer(far, content="<p>forged</p>")}
        assert (await evil.says(alpha, changed)).status_code == 401
    assert (await evil.says(alpha, proved(alpha, far, said))).status_code == 202


GRAPHS: dict[str, dict[str, Any]] = {
    "@graph": {"@graph": [{"type": "Delete", "actor": PAT, "object": PAT}]},
    "@included": {"@included": [{"id": "http://alpha.test/people/ann", "type": "Tombstone"}]},
    "@reverse": {"@reverse": {"object": {"type": "Delete", "actor": PAT}}},
    "an alias": {"@context": [{"kind": "@type", "by": "as:actor"}], "kind": "Delete"},
    "a context of its own": {"@context": {"actor": "as:object", "object": "as:actor"}},
}


@pytest.mark.parametrize("more", GRAPHS.values(), ids=GRAPHS)
async def test_a18_graphs_and_aliases_are_not_read(
    alpha: City, far: Peer, more: dict[str, Any]
) -> None:
    ann = await make.a_person(alpha, "ann")
    listed = offer(far)
    said = {**far.activity("Create", listed), **more, "signature": LD}
    assert (await say(alpha, far, said))[0] == "done"
    assert await alpha.value("select state from proposals where uri = %s", listed["id"]) == "open"
    assert await alpha.value("select deleted_at from actors where id = %s", ann.id) is None


CONTEXTS = ["http://contexts.test/slow", "http://10.0.0.1/context", "http://127.0.0.1:1/x"]


async def test_a19_no_context_is_ever_fetched(alpha: City, far: Peer, wire: Wire) -> None:
    for context in CONTEXTS:
        more: dict[str, Any] = {"@context": ["https://www.w3.org/ns/activitystreams", context]}
        listed = offer(far, **more)
        far.documents[PAT]["@context"] = [context]
        said = {**far.activity("Create", listed), "@context": context}
        assert (await say(alpha, far, said))[0] == "done"
    assert set(wire.hosts) <= {far.host, "beta.test", "gamma.test"}


async def test_a20_private_keys_are_nowhere_but_in_their_table(
    alpha: City, far: Peer, wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = await make.a_person(alpha, "ann")
    ladder = await make.a_proposal(alpha, ann)
    wire.cut("beta.test")
    await settle(alpha)
    pem = await alpha.value("select rsa_private from actor_keys where actor_id = %s", ann.id)
    mark = str(pem).splitlines()[1][:40]
    async with alpha.instance.read() as conn:
        tables = await conn.execute(
            "select tablename from pg_tables where schemaname = 'public' "
            "and tablename <> 'actor_keys'"
        )
        for (name,) in await tables.fetchall():
            query = f'select count(*) from "{name}" t where strpos(t::text, %s) > 0'
            found = await (await conn.execute(query.encode(), [mark])).fetchone()
            assert found == (0,), name
    paths = ("/people/ann", "/metrics", "/me", "/nowhere", "/.well-known/nodeinfo", "/people/ann/x")
    shown = [(await alpha.get(path)).text for path in paths]
    shown += [(await alpha.document(path)).text for path in ("/people/ann", "/actor", "/city")]
    shown += [p.body.decode() for p in wire.log]
    async with await make.log_in(alpha, ann) as browser:
        taken = await browser.client.get("/me/data.json")
        assert ladder.uri in taken.text
        shown.append(taken.text)
    out = capsys.readouterr()
    everything = "\n".join([*shown, out.out, out.err])
    assert "delivery" in out.out + out.err, "the failed delivery is logged"
    assert mark not in everything
    assert "PRIVATE KEY" not in everything
