"""At the door of a city: letters signed by hand, and what may have changed when they were read."""

import base64
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from email.utils import format_datetime
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm

from federation import origins
from federation.keys import load_private
from schema import actors, posts, proposals
from schema.actors import Actor
from tests.peer import PUBLIC, Peer
from tests.world import City, settle

Lines = list[tuple[str, str]]
MEETING = ("actors", "peers", "media", "communities", "public_keys")
"""What a server may leave behind that was only asked for a key."""
HEARING = (*MEETING, "activities")
"""What an activity that is believed but changes nothing leaves behind."""
# Counters of requests, and what the queue keeps for itself, say nothing about anybody.
_INNER = ("limits", "counts", "schema_version")


async def snapshot(city: City) -> dict[str, list[str]]:
    """A mark of every row of every table of ours."""
    found: dict[str, list[str]] = {}
    async with city.instance.read() as conn:
        tables = await conn.execute("select tablename from pg_tables where schemaname = 'public'")
        for (name,) in await tables.fetchall():
            if name in _INNER or name.startswith("procrastinate"):
                continue
            query = f'select md5(t::text) from "{name}" t order by 1'
            found[name] = [
                mark for (mark,) in await (await conn.execute(query.encode())).fetchall()
            ]
    return found


@asynccontextmanager
async def untouched(city: City, *allowed: str) -> AsyncGenerator[None]:
    """Nothing is written meanwhile, and nothing by what then waits, but in the tables allowed."""
    await settle(city)
    before = await snapshot(city)
    yield
    await settle(city)
    after = await snapshot(city)
    changed = {name for name in after if before[name] != after[name]} - set(allowed)
    assert not changed, f"changed: {changed}"


async def post(
    city: City, content: Any, headers: Any = None, path: str = "/inbox", method: str = "POST"
) -> httpx.Response:
    """A bare request. An error inside the city is raised here, so there is no 500."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(city.app)) as client:
        return await client.request(method, city.origin + path, content=content, headers=headers)


def encoded(document: Any) -> bytes:
    """Its bytes, if it is not bytes."""
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def digest_of(body: bytes, name: str = "sha256") -> str:
    """In base64."""
    made = hashlib.new(name, body, usedforsecurity=False)
    return base64.b64encode(made.digest()).decode()


def cavage(
    peer: Peer,
    city: City,
    body: bytes,
    *,
    names: str = "(request-target) host date digest",
    path: str = "/inbox",
    method: str = "post",
    values: Mapping[str, str] | None = None,
    key_id: str = "",
    algorithm: str = 'algorithm="rsa-sha256",',
    extra: str = "",
    pem: str = "",
    hashed: HashAlgorithm | None = None,
    signer: Callable[[bytes], bytes] | None = None,
    written: str = 'keyId="{key_id}",{algorithm}headers="{names}",{extra}signature="{signature}"',
) -> dict[str, str]:
    """The headers of a POST as a peer might sign it after draft-cavage-12, right or wrong."""
    known = {
        "host": city.host,
        "date": format_datetime(city.clock(), usegmt=True),
        "digest": f"SHA-256={digest_of(body)}",
        "(request-target)": f"{method} {path}",
        "content-type": "application/activity+json",
        **(values or {}),
    }
    lines = [f"{name}: {known[name]}" for name in names.lower().split()]
    base = "\n".join(lines).encode("latin-1")
    if signer is None:
        key = load_private(pem or peer.pair.rsa_private)
        signature = key.sign(base, PKCS1v15(), hashed or SHA256())
    else:
        signature = signer(base)
    sent = {name: value for name, value in known.items() if not name.startswith("(")}
    sent["signature"] = written.format(
        key_id=key_id or f"{peer.pat}#{peer.key}",
        algorithm=algorithm,
        names=names,
        extra=extra,
        signature=base64.b64encode(signature).decode(),
    )
    return sent


def message(
    peer: Peer,
    city: City,
    body: bytes,
    *,
    covered: str = '"@method" "@target-uri" "content-digest"',
    parameters: str = ';created={created};keyid="{key_id}"',
    values: Mapping[str, str] | None = None,
    path: str = "/inbox",
    label: str = "sig1",
) -> dict[str, str]:
    """The same after RFC 9421."""
    known = {
        "@method": "POST",
        "@target-uri": city.origin + path,
        "@authority": city.host,
        "@path": path,
        "@scheme": city.origin.partition(":")[0],
        "@request-target": path,
        "host": city.host,
        "date": format_datetime(city.clock(), usegmt=True),
        "content-digest": f"sha-256=:{digest_of(body)}:",
        "content-type": "application/activity+json",
        **(values or {}),
    }
    created, key_id = int(city.clock().timestamp()), f"{peer.pat}#{peer.key}"
    tail = f"({covered})" + parameters.format(created=created, key_id=key_id)
    lines = [f"{name}: {known[name.strip(chr(34))]}" for name in covered.split()]
    base = "\n".join([*lines, f'"@signature-params": {tail}']).encode("latin-1")
    key = load_private(peer.pair.rsa_private)
    signature = base64.b64encode(key.sign(base, PKCS1v15(), SHA256())).decode()
    sent = {name: value for name, value in known.items() if not name.startswith("@")}
    return {**sent, "signature-input": f"{label}={tail}", "signature": f"{label}=:{signature}:"}


def without(headers: Mapping[str, str], *names: str) -> dict[str, str]:
    """All but these."""
    return {name: value for name, value in headers.items() if name.lower() not in names}


async def verdict(city: City, said: Mapping[str, Any]) -> tuple[str, str]:
    """State and reason of a stored activity."""
    async with city.instance.read() as conn:
        query = "select state, verdict from activities where uri = %s"
        row = await (await conn.execute(query, [said["id"]])).fetchone()
    assert row is not None, f"{said['id']} was not taken in"
    return row


async def say(city: City, peer: Peer, said: dict[str, Any], by: str = "") -> tuple[str, str]:
    """Sends it, lets it be handled, and gives the verdict; it never breaks anything."""
    answer = await peer.says(city, said, by=by)
    assert answer.status_code == 202, answer.text
    await settle(city)
    state, reason = await verdict(city, said)
    assert "broke" not in reason
    return state, reason


async def listing(city: City, uri: str) -> tuple[str, str] | None:
    """Words and state of a need or offer as this city has it."""
    async with city.instance.read() as conn:
        found = await proposals.find(conn, uri)
    return None if found is None else (found.html.strip(), found.state)


async def words(city: City, uri: str) -> str | None:
    """The words of a post as this city has it; None where there are none."""
    async with city.instance.read() as conn:
        found = await posts.find(conn, uri)
    return None if found is None or found.is_gone else found.html.strip()


def asked(city: City, peer: Peer) -> list[str]:
    """The addresses of that server which were fetched."""
    passed = city.wire.log
    return [p.url for p in passed if p.method == "GET" and is_at(p.url, peer.origin)]


def is_at(url: str, origin: str) -> bool:
    """Whether the address is of this server."""
    return origins.same_origin(url, origin)


def offer(peer: Peer, by: str = "", **more: Any) -> dict[str, Any]:
    """An offer as FEP-0837 writes it, served at its id."""
    offered = {"type": "Intent", "resourceConformsTo": "https://www.wikidata.org/wiki/Q2"}
    kind = {"type": "Proposal", "purpose": "offer", "name": "A ladder", "publishes": offered}
    words: str = more.pop("content", "<p>real</p>")
    return peer.note(words, by, **{**kind, **more})


def to_ann(far: Peer, ann: Actor, **more: Any) -> dict[str, Any]:
    """A Note that is kept here because it speaks to ann."""
    mention = {"type": "Mention", "href": ann.uri}
    told: dict[str, Any] = {"tag": [mention], "to": [PUBLIC], "cc": [ann.uri], **more}
    return far.note(**told)


async def kept(city: City, far: Peer, thing: dict[str, Any]) -> str:
    """The words that are here after its Create."""
    assert (await say(city, far, far.activity("Create", thing))) == ("done", "")
    here = await words(city, thing["id"])
    return here if here is not None else (await listing(city, thing["id"]) or ("", ""))[0]


def every(document: Any) -> Iterator[dict[str, Any]]:
    """All objects in a document."""
    if isinstance(document, dict):
        yield document  # pyright: ignore[reportUnknownVariableType]
        for value in document.values():  # pyright: ignore[reportUnknownVariableType]
            yield from every(value)
    elif isinstance(document, list):
        for value in document:  # pyright: ignore[reportUnknownVariableType]
            yield from every(value)


async def known(city: City, uri: str) -> Actor:
    """This city's row of somebody."""
    async with city.instance.read() as conn:
        found = await actors.find(conn, uri)
    assert found is not None
    return found


def said_by(far: Peer, kind: str) -> list[dict[str, Any]]:
    """What that server heard of one kind."""
    return [said for said in far.heard if said["type"] == kind]


async def known_or_fetched(city: City, far: Peer) -> Actor:
    """The row of pat, who has said something."""
    await say(city, far, far.activity("Like", far.pat))
    return await known(city, far.pat)
