"""The delivery worker: leases a peer, signs, posts; what is worth a retry and when."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from time import monotonic
from uuid import UUID

import structlog

from federation import counting, followers, knock, signatures
from federation.client import Answer
from federation.errors import Malformed, Refused, Unreachable
from federation.instance import Instance
from federation.knock import Manner
from federation.rfc9421 import Asked
from federation.signed import Scheme
from schema import activities, actors, keys, ledgers, peers, waits
from schema.activities import Due, Outcome
from schema.ledgers import Ledger
from schema.peers import Peer

log = structlog.get_logger()

LEDGER = "Delivery-Ledger"
LEASE = timedelta(minutes=2)
PEERS_AT_ONCE = 100
BATCH = 100
LANES = 8  # connections to one healthy peer
PATIENCE = timedelta(days=30)
FIRST_WAIT = 10.0  # seconds
LONGEST_WAIT = 3600.0
LONGEST_REST = 60.0  # of a server that is there and refuses
TRY_AGAIN = frozenset({401, 408, 425, 429})
# What a proxy says that is set up wrongly, and 3xx.
TRY_CITIES_AGAIN = TRY_AGAIN | {403, 404, 405, 410, 418, *range(300, 400)}


@dataclass(frozen=True, slots=True)
class Way:
    """What one peer's batch is brought with; `headers` are for neighbour cities."""

    keys: Mapping[UUID, str]
    last: Mapping[UUID, str]
    manner: Manner
    headers: Mapping[str, str]
    followers: Mapping[UUID, str] = field(default_factory=dict[UUID, str])
    """By sender: who follows them there (FEP-8fcf), for what is said to their followers."""


def told(instance: Instance, ledger: Ledger | None) -> Mapping[str, str]:
    """Where a neighbour can read what we have sent it, and how many that were."""
    if ledger is None:
        return {}
    address = f"{instance.addresses.city}/sent"
    return {LEDGER: f'url="{address}", sequence="{ledger.sequence}"'}


async def lease(instance: Instance) -> list[str]:
    """Origins with something due, which nobody else gets meanwhile."""
    async with instance.begin() as tx:
        leased = await activities.lease_peers(tx.conn, PEERS_AT_ONCE, LEASE)
    if leased:
        instance.reach("del.claim")
    return leased


async def deliver_due(instance: Instance) -> int:
    """One round: leases every peer that is due, and brings each its backlog. Number of attempts."""
    leased = await lease(instance)
    done = await asyncio.gather(*(deliver_to(instance, peer) for peer in leased))
    await counting.write(instance)
    return sum(done)


async def deliver_to(instance: Instance, peer: str) -> int:
    """Brings a leased peer its backlog, for as long as it takes everything and the lease lasts.
    Number of attempts."""
    end, count = monotonic() + LEASE.total_seconds() / 2, 0
    synced: dict[UUID, str] = {}
    while True:
        tried, more = await _bring(instance, peer, end, synced)
        count += tried
        if not more:
            return count


async def _bring(
    instance: Instance, peer: str, end: float, synced: dict[UUID, str]
) -> tuple[int, bool]:
    """One batch, in order per object; a failing peer gets one try first. How many attempts, and
    whether the peer is still leased, for more. `synced` is filled with what batches have in common:
    who follows there."""
    async with instance.read() as conn:
        due = await activities.list_due(conn, peer, BATCH)
        state = await peers.get(conn, peer)
        ledger = await ledgers.get(conn, peer) if state.link == "linked" else None
    if state.failures:
        due = _probe(due)
    ours = await _load_keys(instance, {item.sender_id for item in due})
    last = await _load_last(instance, due, ours)
    await _load_followers(instance, peer, due, ours, synced)
    manner = knock.manner_of(state, instance.clock())
    way = Way(ours, last, manner, told(instance, ledger), synced)
    lanes = asyncio.Semaphore(LANES)

    async def in_order(items: Iterable[Due]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        async with lanes:
            for item in items:
                outcomes.append(await _attempt(instance, item, way))
                if outcomes[-1].state == "due":
                    break
        return outcomes

    rows = await asyncio.gather(*(in_order(lane) for lane in _lanes(due)))
    outcomes = [outcome for row in rows for outcome in row]
    full = len(due) == BATCH and all(outcome.state == "done" for outcome in outcomes)
    more = full and monotonic() < end
    await _settle(instance, peer, outcomes, state, numbered=ledger is not None, more=more)
    return len(outcomes), more


def _probe(due: Sequence[Due]) -> list[Due]:
    """One try, with what was tried least: one thing that is refused again and again must not keep
    all others from a server that is there."""
    heads = [lane[0] for lane in _lanes(due)]
    return sorted(heads, key=lambda item: (item.attempts, item.id))[:1]


def _lanes(due: Sequence[Due]) -> list[list[Due]]:
    """What must stay in order together: the same inbox and object; all else may overtake."""

    def lane(item: Due) -> tuple[str, str]:
        return item.inbox, item.object_key or str(item.id)

    return [list(items) for _, items in groupby(sorted(due, key=lane), key=lane)]


async def _load_keys(instance: Instance, senders: set[UUID]) -> dict[UUID, str]:
    """Puts the senders' private keys into the cache; sender to key id."""
    found: dict[UUID, str] = {}
    async with instance.read() as conn:
        for sender in senders:
            stored = await actors.get_keys(conn, sender)
            if instance.keys.get(stored.key_id) is None:
                instance.keys.put(stored.key_id, stored.rsa_private)
            found[sender] = stored.key_id
    return found


async def _load_followers(
    instance: Instance,
    peer: str,
    due: Sequence[Due],
    ours: Mapping[UUID, str],
    synced: dict[UUID, str],
) -> None:
    owners = {sender: key_id.partition("#")[0] for sender, key_id in ours.items()}
    speaking = {
        item.sender_id: owners[item.sender_id]
        for item in due
        if item.sender_id not in synced and followers.said_to(item.document, owners[item.sender_id])
    }
    if speaking:
        async with instance.read() as conn:
            found = await followers.headers(conn, peer, speaking)
        synced.update({sender: found.get(sender, "") for sender in speaking})


async def _load_last(
    instance: Instance, due: Sequence[Due], ours: Mapping[UUID, str]
) -> dict[UUID, str]:
    """For what tells of its own sender (an Update, a Delete): the key that others may know yet."""
    of_oneself = {
        item.sender_id
        for item in due
        if item.object_key and ours[item.sender_id].startswith(f"{item.object_key}#")
    }
    if not of_oneself:
        return {}
    async with instance.read() as conn:
        last = await keys.list_last(conn, list(of_oneself), instance.clock())
    for key in last:
        if instance.keys.get(key.id) is None:
            instance.keys.put(key.id, key.rsa_private)
    return {key.actor_id: key.id for key in last}


async def _attempt(instance: Instance, item: Due, way: Way) -> Outcome:
    try:
        answer = await post(instance, item, way)
    except Refused as refused:
        instance.remembered.tally.note("egress", item.inbox, refused.reason)
        # A neighbour's name may lead astray for a while.
        if way.headers:
            return _again(instance, item, None, refused.reason, None)
        return Outcome(item.id, "refused", error=refused.reason)
    except Malformed as malformed:
        return Outcome(item.id, "refused", error=malformed.reason)
    except Unreachable as unreachable:
        return _again(instance, item, None, unreachable.reason, unreachable.retry_after)
    status = answer.status
    if 200 <= status < 300:
        return Outcome(item.id, "done", status)
    again = TRY_CITIES_AGAIN if way.headers else TRY_AGAIN
    if status in again or status >= 500:
        after = answer.retry_after(instance.clock())
        return _again(instance, item, status, f"answered {status}", after)
    return Outcome(item.id, "refused", status, f"answered {status}")


async def post(instance: Instance, item: Due, way: Way) -> Answer:
    """Signs with a fresh date and posts, in the way that the server takes.

    What tells of its own sender is signed with the key that was replaced, while that is good: who
    knows only the old one learns of the new one by it.
    """
    last = way.last.get(item.sender_id, "")
    if item.object_key and last.startswith(f"{item.object_key}#"):
        answer = await _post(instance, item, way, last)
        if answer.status not in knock.UNSIGNED:
            return answer
    return await _post(instance, item, way, way.keys[item.sender_id])


async def _post(instance: Instance, item: Due, way: Way, key_id: str) -> Answer:
    body = item.document.encode()
    key = instance.keys.get(key_id)
    if key is None:
        raise Unreachable("the key was forgotten meanwhile")
    synced = way.followers.get(item.sender_id)
    if synced and not followers.said_to(item.document, key_id.partition("#")[0]):
        synced = None
    more = {followers.HEADER: synced} if synced else {}

    async def send(scheme: Scheme, asked: Asked | None) -> Answer:
        headers = signatures.sign_post(
            item.inbox,
            body,
            key_id=key_id,
            private_key=key,
            now=instance.clock(),
            scheme=scheme,
            asked=asked,
            more=more,
        )
        headers = {**headers, **way.headers}
        instance.reach("del.sent")
        answer = await instance.client.post(item.inbox, headers=headers, body=body)
        instance.reach("del.response")
        return answer

    return await knock.knock(instance, way.manner, send)


def _again(
    instance: Instance, item: Due, status: int | None, error: str, after: float | None
) -> Outcome:
    if instance.clock() - item.created > PATIENCE:
        return Outcome(item.id, "expired", status, error)
    delay = min(LONGEST_WAIT, max(after or 0, FIRST_WAIT * 2 ** min(item.attempts, 9)))
    return Outcome(item.id, "due", status, error, timedelta(seconds=delay))


async def _settle(
    instance: Instance,
    peer: str,
    outcomes: Sequence[Outcome],
    state: Peer,
    *,
    numbered: bool,
    more: bool,
) -> None:
    """A peer that took or refused anything is alive; one that did neither rests for a while."""
    alive = any(outcome.state in ("done", "refused") for outcome in outcomes) or not outcomes
    error = "" if alive else outcomes[-1].error
    answered = any(outcome.status in (401, 403, 404, 410) for outcome in outcomes)
    longest = LONGEST_REST if answered else LONGEST_WAIT
    rest = 0.0 if alive else min(longest, FIRST_WAIT * 2 ** min(state.failures, 9))
    for outcome in outcomes:
        if outcome.state != "done":
            log.info("delivery", peer=peer, state=outcome.state, error=outcome.error)
    sent = any(outcome.state == "done" for outcome in outcomes)
    async with instance.begin() as tx:
        instance.reach("del.mark")
        # The peer first, as whoever changes the bond with it does: else two may wait in a ring.
        if more:
            await peers.keep_leased(tx.conn, peer, LEASE)
        else:
            await activities.release_peer(
                tx.conn, peer, sent=sent, error=error, delay=timedelta(seconds=rest)
            )
        ended = [outcome.state != "due" for outcome in outcomes]
        numbers = await ledgers.number(tx.conn, peer, ended) if numbered else ()
        if outcomes:
            await activities.settle(tx.conn, outcomes, numbers)
        if not alive:
            await ledgers.expire(tx.conn, peer, instance.clock() - PATIENCE)
        if sent and state.failures:
            await waits.resume(tx.conn, peer)
