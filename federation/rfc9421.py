"""HTTP Message Signatures (RFC 9421) for requests, with Content-Digest (RFC 9530)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, cast

import http_sf
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import signed
from federation.errors import Untrusted
from federation.origins import Address
from federation.signed import Claim, Headers, SignedRequest

_ALGORITHMS: Final = frozenset({"rsa-v1_5-sha256", "ed25519"})
_SYNC: Final = "collection-synchronization"
_ALWAYS: Final = ("@method", "@target-uri", "@authority", "content-digest", _SYNC)
_SIGNABLE: Final = frozenset(
    {*_ALWAYS, "@scheme", "@request-target", "@path", "@query"}
    | {"host", "date", "accept", "content-type"}
)
_LIFE: Final = 300  # seconds, where an end is asked for


class _Member(NamedTuple):
    """One entry of a structured dictionary: its label, value and parameters (RFC 8941)."""

    label: str
    value: object
    parameters: dict[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a server wants to be signed (`Accept-Signature`, §5.1)."""

    label: str = "sig1"
    components: tuple[str, ...] = ()
    parameters: str = ""
    """More to say after `created`, `keyid` and `alg`: the `nonce` and `tag` that they named."""
    expires: bool = False


def asked(header: str) -> Asked | None:
    """The first of the wanted signatures that we can make; None where there is none."""
    try:
        members = _dictionary(header)
        return next((found for found in map(_asked, members) if found is not None), None)
    except Untrusted:
        return None


def _asked(member: _Member) -> Asked | None:
    try:
        names = _components(member)
    except Untrusted:
        return None
    algorithm = member.parameters.get("alg", "rsa-v1_5-sha256")
    if algorithm != "rsa-v1_5-sha256" or not set(names) <= _SIGNABLE:
        return None
    named = {key: member.parameters.get(key) for key in ("nonce", "tag")}
    more = {key: value for key, value in named.items() if type(value) is str}
    said = http_sf.ser({"x": cast("http_sf.InnerListType", ([], more))}).removeprefix("x=()")
    return Asked(member.label, tuple(names), said, "expires" in member.parameters)


def sign(
    method: str,
    address: Address,
    headers: Mapping[str, str],
    key_id: str,
    key: RSAPrivateKey,
    now: datetime,
    asked: Asked | None = None,
) -> dict[str, str]:
    """Signature-Input and Signature over method, target, the Content-Digest among the `headers`
    if there is one, and what else was `asked` for and is there."""
    wanted = asked or Asked()
    path, _, query = address.target.partition("?")
    known = {name.lower(): value for name, value in headers.items()} | {
        "@method": method,
        "@target-uri": address.url,
        "@authority": address.origin.authority,
        "@scheme": address.origin.scheme,
        "@request-target": address.target,
        "@path": path,
        "@query": f"?{query}",
    }
    names = dict.fromkeys([*_ALWAYS, *wanted.components])
    values = {name: known[name] for name in names if name in known}
    covered = " ".join(f'"{name}"' for name in values)
    created = int(now.timestamp())
    expires = f";expires={created + _LIFE}" if wanted.expires else ""
    parameters = (
        f'({covered});created={created}{expires};keyid="{key_id}"'
        f';alg="rsa-v1_5-sha256"{wanted.parameters}'
    )
    lines = [f'"{name}": {value}' for name, value in values.items()]
    lines.append(f'"@signature-params": {parameters}')
    return {
        "Signature-Input": f"{wanted.label}={parameters}",
        "Signature": f"{wanted.label}=:{signed.rsa_signature(key, lines)}:",
    }


def parse(request: SignedRequest, now: datetime) -> Claim:
    """Reads both headers and checks all but the signature itself; raises Untrusted."""
    source = _only_member(request.headers, "signature-input")
    signature = _only_member(request.headers, "signature")
    if source.label != signature.label or not isinstance(signature.value, bytes):
        raise Untrusted("signature and its input do not belong together")
    components = _components(source)
    _check_coverage(request, set(components))
    algorithm = source.parameters.get("alg")
    if algorithm is not None and (not isinstance(algorithm, str) or algorithm not in _ALGORITHMS):
        raise Untrusted("signature algorithm is not accepted")
    return Claim(
        key_id=signed.key_id_of(source.parameters.get("keyid")),
        scheme="rfc9421",
        created=_created(source.parameters, now),
        algorithm=algorithm,
        signature=signature.value,
        signed=(base(request, components, _serialised(source)),),
    )


def base(request: SignedRequest, components: Iterable[str], parameters: str) -> bytes:
    """The signature base (§2.5) for components that have no parameters of their own.

    `parameters` is the value of `@signature-params`. Raises Untrusted for a component that is
    missing or unknown.
    """
    lines = [f'"{name}": {_component(request, name)}' for name in components]
    return signed.joined([*lines, f'"@signature-params": {parameters}'])


def _only_member(headers: Headers, name: str) -> _Member:
    members = _dictionary(signed.single(headers, name))
    if len(members) != 1:
        raise Untrusted("request has not exactly one signature")
    return members[0]


def _dictionary(header: str) -> list[_Member]:
    repeated: list[str] = []
    try:
        parsed = http_sf.parse(
            header.encode(),
            tltype="dictionary",
            on_duplicate_key=lambda key, _: repeated.append(key),
        )
    except ValueError:
        raise Untrusted("signature header cannot be read") from None
    if repeated:
        raise Untrusted("signature header repeats a key")
    members = cast("dict[str, tuple[object, dict[str, object]]]", parsed)
    return [_Member(label, *member) for label, member in members.items()]


def _components(source: _Member) -> list[str]:
    if not isinstance(source.value, list):
        raise Untrusted("signature input is not a list")
    names: list[str] = []
    for name, parameters in cast("list[tuple[object, dict[str, object]]]", source.value):
        # Parameters (sf, bs, key, req, tr, name) choose other bytes; nobody here needs them.
        if type(name) is not str or parameters or name != name.lower():
            raise Untrusted("signature covers a component we do not know")
        names.append(name)
    if len(names) > signed.MOST_COMPONENTS or len(set(names)) != len(names):
        raise Untrusted("signature covers too much")
    return names


def _serialised(source: _Member) -> str:
    member = cast("http_sf.InnerListType", (source.value, source.parameters))
    return http_sf.ser({"x": member}).removeprefix("x=")


def _check_coverage(request: SignedRequest, covered: set[str]) -> None:
    parts = {"@authority", "@path"}
    if "?" in request.target:
        parts.add("@query")
    if "@request-target" in covered:
        covered = covered | {"@path", "@query"}
    if "@method" not in covered or not ("@target-uri" in covered or parts <= covered):
        raise Untrusted("signature does not cover method and target")
    if signed.needs_digest(request):
        if "content-digest" not in covered:
            raise Untrusted("signature does not cover the digest")
        members = _dictionary(signed.single(request.headers, "content-digest"))
        hashes = [(one.label, one.value) for one in members if isinstance(one.value, bytes)]
        signed.check_hashes(request.body, hashes)


def _created(parameters: dict[str, object], now: datetime) -> datetime:
    created, expires = parameters.get("created"), parameters.get("expires")
    if type(created) is not int or type(expires) not in (int, type(None)):
        raise Untrusted("signature has an unreadable time")
    if isinstance(expires, int) and expires < now.timestamp() - signed.WINDOW:
        raise Untrusted("signature has expired")
    return signed.within_window(created, now)


def _component(request: SignedRequest, name: str) -> str:
    path, _, query = request.target.partition("?")
    derived = {
        "@method": request.method,
        "@target-uri": f"{request.scheme}://{request.host.lower()}{request.target}",
        "@authority": request.host.lower(),
        "@scheme": request.scheme,
        "@request-target": request.target,
        "@path": path,
        "@query": f"?{query}",
        "host": request.host,
    }
    if name in derived:
        return signed.printable(derived[name])
    if name.startswith("@"):
        raise Untrusted("signature covers a component we do not know")
    return signed.combined(request.headers, name)
