"""Whose words are these: by the signature of the request, a proof inside them, or their origin."""

from dataclasses import dataclass
from datetime import timedelta

import orjson

from federation import fetch, origins, proofs, resolve, signatures
from federation.documents import Document, id_of, is_a, many
from federation.errors import Gone, Malformed, Refused, Unproved, Unreachable, Untrusted
from federation.instance import Instance
from federation.keys import load_public
from federation.proofs import Proof
from federation.signed import Claim
from schema import keys, peers
from schema.actors import Actor

REMEMBERED = timedelta(days=400)  # ids of activities, by their hash


@dataclass(frozen=True, slots=True)
class Head:
    """What an activity says of itself."""

    id: str
    actor: str
    type: str


async def signer_of(instance: Instance, claim: Claim, known: Actor | None) -> Actor:
    """Whose key has signed the request; Untrusted when it has not, also by the newest key."""
    owner, key = await resolve.key(instance, claim.key_id, known)
    try:
        signatures.verify(claim, key)
    except Untrusted:
        newer = await resolve.newer_key(instance, owner, claim.key_id, key)
        if newer is None:
            raise
        signatures.verify(claim, newer)
    return owner


async def author_of(
    instance: Instance, head: Head, document: Document, body: bytes, signer: Actor
) -> tuple[Actor, bytes]:
    """The actor, and the words that are proved to be theirs: `body`, or what their server says.

    Who signs for somebody else has passed it on: that needs a proof (FEP-8b32), or is read where
    it comes from. Unproved where that server does not answer: who brought it did nothing wrong.
    """
    if signer.uri == head.actor:
        await _check_own_proof(instance, document, signer)
        return signer, body
    if signer.kind == "instance" and origins.same_origin(signer.uri, head.actor):
        return await resolve.actor(instance, head.actor), body
    try:
        by = await resolve.actor(instance, head.actor)
        if await is_proved(instance, document, by):
            return by, body
        found = await _at_its_origin(instance, head, document)
    except Unreachable as error:
        raise Unproved(f"{signer.uri} passed it on: {error}") from error
    return by, body if found is None else orjson.dumps(found)


async def is_proved(instance: Instance, document: Document, by: Actor) -> bool:
    """Whether the document holds a proof by one of its author's own keys."""
    try:
        proof = proofs.read(document, now=instance.clock())
        if proof is None or not _may_be_of(proof, by) or _is_forgotten(instance, proof, document):
            return False
        key = await resolve.proof_key(instance, by, proof.key_id)
        if key is None:
            return False
        proofs.verify(proof, key)
    except Untrusted:
        return False
    return True


def _is_forgotten(instance: Instance, proof: Proof, document: Document) -> bool:
    """Whether it is older than what is remembered here: we could not tell that we had it. What is
    created is known by its own address, for ever."""
    if "Create" in many(document.get("type")):
        return False
    return proof.created is None or proof.created < instance.clock() - REMEMBERED


async def has_own_proof(instance: Instance, by: Actor, inner: Document) -> bool:
    """Whether its author's proof (FEP-8b32) makes it as good as brought by the author."""
    if "proof" not in inner or not await is_proved(instance, inner, by):
        return False
    if by.suspended_until and by.suspended_until > instance.clock():
        raise Untrusted("this actor is suspended here")
    async with instance.read() as conn:
        if await peers.is_blocked(conn, by.peer or ""):
            raise Untrusted("the author's server is blocked here")
    return True


def _may_be_of(proof: Proof, by: Actor) -> bool:
    try:
        return origins.same_origin(proof.key_id, by.uri)
    except Malformed:
        return False


async def _check_own_proof(instance: Instance, document: Document, by: Actor) -> None:
    """A proof that does not hold spoils good words: whoever gets them passed on would refuse. One
    from the future was made by a clock that was wrong then; the request was signed just now."""
    if "proof" not in document:
        return
    proof = proofs.read(document, now=instance.clock(), early=True)
    if proof is None or not _may_be_of(proof, by) or _holds(proof, by.ed25519_key):
        return
    async with instance.read() as conn:  # it may be another one that the author lists
        known = await keys.find(conn, proof.key_id, by.id)
    if known is not None:
        proofs.verify(proof, load_public(known.public_key))


def _holds(proof: Proof, key: str | None) -> bool:
    try:
        if key:
            proofs.verify(proof, load_public(key))
    except Untrusted:
        return False
    return bool(key)


async def _at_its_origin(instance: Instance, head: Head, document: Document) -> Document | None:
    """The activity as its own server has it; None for a Delete of what is gone there indeed."""
    origin, now = str(origins.origin_of(head.id, loopback=True)), instance.clock()
    misses = instance.remembered.misses
    if not misses.may_ask(origin, now):
        raise Unreachable(f"{origin} was asked in vain")
    try:
        if head.type == "Delete":
            return await _check_gone(instance, head, id_of(document.get("object")) or "")
        found = await fetch.document(instance, head.id)
    except (Gone, Refused, Malformed, Untrusted, Unreachable) as error:
        misses.note(origin, now, silent=isinstance(error, Unreachable))
        raise
    same = found.get("id") == head.id and id_of(found.get("actor")) == head.actor
    if not same or head.type not in many(found.get("type")):
        raise Untrusted("signed by somebody else")
    return found


async def _check_gone(instance: Instance, head: Head, uri: str) -> None:
    """Untrusted unless the server of the author says that it is gone for good."""
    if not uri or not origins.same_origin(uri, head.actor):
        raise Untrusted("signed by somebody else")
    try:
        found = await fetch.document(instance, uri)
    except Gone as gone:
        if gone.for_good:
            return
        raise
    if not is_a(found, "Tombstone"):
        raise Untrusted("signed by somebody else")
