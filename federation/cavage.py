"""HTTP signatures as the fediverse has spoken them since 2017: draft-cavage-http-signatures-12."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import signed
from federation.errors import Untrusted
from federation.origins import Address
from federation.signed import Claim, SignedRequest

_ALGORITHMS: Final = frozenset({"rsa-sha256", "hs2019", "ed25519"})
_PARAMETER: Final = re.compile(
    r'[ \t]*([A-Za-z]{1,20})[ \t]*=[ \t]*(?:"([^"\\]*)"|([^\s,"]+))[ \t]*(?:,|\Z)', re.ASCII
)
_SECONDS: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", re.ASCII)
_PORT: Final = re.compile(r":[0-9]+\Z", re.ASCII)


def sign(
    method: str, address: Address, headers: dict[str, str], key_id: str, key: RSAPrivateKey
) -> str:
    """The Signature header over the request target and every one of the headers."""
    names = " ".join(["(request-target)", *(name.lower() for name in headers)])
    lines = [f"(request-target): {method.lower()} {address.target}"]
    lines += [f"{name.lower()}: {value}" for name, value in headers.items()]
    return (
        f'keyId="{key_id}",algorithm="rsa-sha256",headers="{names}",'
        f'signature="{signed.rsa_signature(key, lines)}"'
    )


def parse(request: SignedRequest, now: datetime) -> Claim:
    """Reads the Signature header and checks all but the signature itself; raises Untrusted."""
    parameters = _parameters(signed.single(request.headers, "signature"))
    names = parameters.get("headers", "date").lower().split()
    algorithm = parameters["algorithm"].lower() if "algorithm" in parameters else None
    if algorithm is not None and algorithm not in _ALGORITHMS:
        raise Untrusted("signature algorithm is not accepted")
    if len(names) > signed.MOST_COMPONENTS or len(set(names)) != len(names):
        raise Untrusted("signature covers too much")
    if not {"(request-target)", "host"} <= set(names):
        raise Untrusted("signature does not cover request-target and host")
    created = _created(request, parameters, names, algorithm, now)
    if signed.needs_digest(request):
        if "digest" not in names:
            raise Untrusted("signature does not cover the digest")
        _check_digest(request)
    return Claim(
        key_id=signed.key_id_of(parameters.get("keyid")),
        scheme="cavage",
        created=signed.within_window(created, now),
        algorithm=algorithm,
        signature=signed.decoded(parameters.get("signature", "")),
        signed=_bases(request, parameters, names),
    )


def _parameters(header: str) -> dict[str, str]:
    # Old node libraries repeat the scheme of the Authorization header here.
    if header[:10].lower() == "signature ":
        header = header[10:]
    parameters: dict[str, str] = {}
    position = 0
    while position < len(header):
        match = _PARAMETER.match(header, position)
        if match is None or match[1].lower() in parameters:
            raise Untrusted("signature header cannot be read")
        parameters[match[1].lower()] = match[3] if match[2] is None else match[2]
        position = match.end()
    return parameters


def _created(
    request: SignedRequest,
    parameters: dict[str, str],
    names: list[str],
    algorithm: str | None,
    now: datetime,
) -> float:
    earliest_end = now.timestamp() - signed.WINDOW
    if "(expires)" in names and _seconds(parameters.get("expires")) < earliest_end:
        raise Untrusted("signature has expired")
    if "(created)" in names:
        # The draft forbids it where the algorithm's old name says what it is (§2.1.4).
        if algorithm in ("rsa-sha256", "ed25519"):
            raise Untrusted("signature has created with an old algorithm")
        return _seconds(parameters.get("created"))
    if "date" in names:
        return _date(signed.single(request.headers, "date"))
    raise Untrusted("signature covers no time")


def _seconds(value: str | None) -> float:
    if value is None or _SECONDS.fullmatch(value) is None:
        raise Untrusted("signature has an unreadable time")
    return float(value)


def _date(value: str) -> float:
    try:
        date = parsedate_to_datetime(value)
        if date.tzinfo is None:
            raise ValueError("no time zone")
        return date.timestamp()
    except (TypeError, ValueError, OverflowError, IndexError):
        raise Untrusted("date cannot be read") from None


def _check_digest(request: SignedRequest) -> None:
    named: list[tuple[str, bytes]] = []
    for member in signed.single(request.headers, "digest").split(","):
        name, _, value = member.strip().partition("=")
        named.append((name.strip().lower(), signed.decoded(value)))
    signed.check_hashes(request.body, named)


def _bases(
    request: SignedRequest, parameters: dict[str, str], names: list[str]
) -> tuple[bytes, ...]:
    target = signed.printable(request.target)
    bases: list[bytes] = []
    # Peers differ: some leave the query out, some sign the host without its port.
    for path in dict.fromkeys((target, target.partition("?")[0])):
        for host in dict.fromkeys((request.host, _PORT.sub("", request.host))):
            special = {
                "(request-target)": f"{request.method.lower()} {path}",
                "(created)": parameters.get("created", ""),
                "(expires)": parameters.get("expires", ""),
                "host": host,
            }
            bases.append(
                signed.joined(
                    f"{name}: {special[name]}"
                    if name in special
                    else f"{name}: {signed.combined(request.headers, name)}"
                    for name in names
                )
            )
    return tuple(bases)
