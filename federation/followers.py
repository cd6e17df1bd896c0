"""Followers synchronization (FEP-8fcf): two servers compare whom of one follows somebody of the
other."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from federation import origins
from federation.errors import Malformed
from federation.instance import Instance
from federation.signed import SignedRequest
from schema import follows
from schema.actors import Actor
from schema.database import Conn

HEADER: Final = "Collection-Synchronization"
REST: Final = timedelta(minutes=10)
"""How long what was compared is not compared again, unless the other side says something new."""
_PART: Final = re.compile(r'[ \t]*(collectionId|url|digest)="([^"\s]{1,500})"[ \t]*(?:,|\Z)')


def digest(uris: Iterable[str]) -> str:
    """XOR of the SHA-256 of each id, in hex; zeros for nobody."""
    mixed = 0
    for uri in uris:
        mixed ^= int.from_bytes(sha256(uri.encode()).digest(), "big")
    return f"{mixed:064x}"


def header(owner_uri: str, uris: Iterable[str]) -> str:
    """What a delivery to the followers of `owner_uri` says of those on the receiving server."""
    return (
        f'collectionId="{owner_uri}/followers", url="{owner_uri}/followers_synchronization", '
        f'digest="{digest(uris)}"'
    )


def read(value: str) -> Mapping[str, str] | None:
    """The three parts of a header; None unless all are there, once."""
    parts: list[tuple[str, str]] = _PART.findall(value)
    found = dict(parts)
    whole = len(parts) == len(found) == 3 and not _PART.sub("", value).strip()
    return found if whole else None


async def headers(conn: Conn, peer: str, senders: Mapping[UUID, str]) -> dict[UUID, str]:
    """For each of our senders (id and uri) with followers at that server: the header to send."""
    found: dict[UUID, list[str]] = {}
    for followed, uri in await follows.list_uris_at(conn, list(senders), peer):
        found.setdefault(followed, []).append(uri)
    return {sender: header(senders[sender], uris) for sender, uris in found.items()}


def said_to(document: str, owner_uri: str) -> bool:
    """Whether an activity is addressed to the followers of its sender."""
    return f'"{owner_uri}/followers"' in document


async def compare(instance: Instance, actor: Actor, request: SignedRequest) -> None:
    """After a delivery: where their list of our people differs from ours, it is read soon."""
    told = read(request.headers.get(HEADER.lower(), ("",))[0])
    if told is None or told["collectionId"] != actor.followers_uri or actor.kind == "city":
        return
    if not _is_own(told["url"], actor.uri):
        return
    now, known = instance.clock(), instance.remembered.compared
    last = known.get(actor.id)
    if last is not None and last[0] == told["digest"] and now - last[1] < REST:
        return
    if len(known) > MOST_REMEMBERED:
        known.clear()
    known[actor.id] = told["digest"], now
    async with instance.read() as conn:
        bonds = await follows.list_bonds(conn, actor.id)
    ours = [uri for uri, bond in bonds.items() if bond.state == "accepted"]
    if digest(ours) != told["digest"].lower():
        async with instance.begin() as tx:
            await tx.defer("realign", uri=actor.uri, address=told["url"])


MOST_REMEMBERED: Final = 5000


def _is_own(url: str, uri: str) -> bool:
    try:
        return origins.same_origin(url, uri)
    except Malformed:
        return False
