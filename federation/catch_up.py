"""What a neighbour sent us and we do not have is brought in, by its ledger."""

from datetime import UTC, datetime

import orjson
import structlog

from federation import fetch, origins, resolve
from federation.documents import Document, id_of, many
from federation.errors import Gone, Malformed, Refused, Unreachable, Untrusted
from federation.inbox import kind_of
from federation.instance import Instance
from schema import activities, ids, ledgers, peers
from schema.errors import Refusal
from schema.ledgers import Ledger

log = structlog.get_logger()

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # nothing that came itself is set aside for it
MOST_PAGES = 40  # of 500 ids each; what is more comes with the next round
WRONG = (Gone, Malformed, Refused, Untrusted, Refusal)


async def job(instance: Instance, origin: str) -> None:
    """Compares and brings in; where the ledger is not whole, the collections are compared too."""
    async with instance.read() as conn:
        peer = await peers.find(conn, origin)
        ledger = await ledgers.get(conn, origin)
    if peer is None or peer.link != "linked" or peer.blocked_at or peer.paused_at:
        return
    if not ledger.address or not peer.receives:
        return
    try:
        await catch_up(instance, ledger)
    except WRONG as wrong:
        log.warning("no ledger", peer=origin, reason=str(wrong))


async def catch_up(instance: Instance, ledger: Ledger) -> int:
    """Reads the ledger from where we were; how many activities were missing."""
    after, missed = ledger.caught_up, 0
    page = await _page(instance, ledger.address, after)
    if page.sequence < after:  # theirs was restored from a backup
        after = 0
        page = await _page(instance, ledger.address, after)
    broken = page.forgotten > ledger.caught_up or page.sequence < ledger.caught_up
    for _ in range(MOST_PAGES):
        new = await _missing(instance, ledger, page, after)
        missed += new
        after = page.last if page.more else max(page.last, page.sequence)
        async with instance.begin() as tx:
            await ledgers.caught_up(tx.conn, ledger.peer, after, new)
        if not page.more:
            break
        page = await _page(instance, ledger.address, after)
    else:  # there is more
        async with instance.begin() as tx:
            await tx.defer("catch_up", origin=ledger.peer)
    if broken:
        async with instance.begin() as tx:
            await tx.defer("reconcile", origin=ledger.peer)
    if missed:
        log.info("caught up", peer=ledger.peer, missed=missed)
    return missed


class _Page:
    """One page of a ledger, as far as it makes sense."""

    def __init__(self, document: Document, after: int) -> None:
        self.sequence, self.forgotten = (
            _number(document, "sequence"),
            _number(document, "forgotten"),
        )
        self.items = [item for item in many(document.get("orderedItems")) if isinstance(item, dict)]
        numbers = [_number(item, "sequence") for item in self.items]
        self.last = max([after, *numbers])
        self.more = "next" in document and self.last > after


def _number(document: Document, name: str) -> int:
    value = document.get(name)
    return value if isinstance(value, int) and 0 <= value < 2**62 else 0


async def _page(instance: Instance, address: str, after: int, *, whole: bool = False) -> _Page:
    more = "&whole=1" if whole else ""
    return _Page(await fetch.document(instance, f"{address}?after={after}{more}"), after)


async def _missing(instance: Instance, ledger: Ledger, page: _Page, after: int) -> int:
    """Fetches and stores what this page names and we do not have."""
    listed = {id_of(item) or "": _number(item, "sequence") for item in page.items}
    async with instance.read() as conn:
        unknown = set(await ledgers.list_unknown(conn, [*listed]))
    taken = 0
    while unknown:
        start = max(after, min(listed[uri] for uri in unknown) - 1)
        whole = await _page(instance, ledger.address, start, whole=True)
        for item in whole.items:
            activity = item.get("activity")
            if isinstance(activity, dict) and id_of(activity) in unknown:
                unknown.discard(id_of(activity) or "")
                taken += await bring(instance, ledger.peer, activity)
        unknown = {uri for uri in unknown if listed[uri] > whole.last}
    return taken


async def bring(instance: Instance, origin: str, activity: Document) -> bool:
    """Stores an activity that its own server gave us, as if it had just come to the inbox.

    The worker handles it as any other. False for what is no activity of that server, or known.
    """
    uri, by, kind = id_of(activity) or "", id_of(activity.get("actor")) or "", kind_of(activity)
    try:
        if not kind or not origins.same_origin(uri, origin) or not origins.same_origin(by, origin):
            raise Untrusted("not an activity of that server")
        actor = await resolve.actor(instance, by)
    except (*WRONG, Unreachable) as wrong:
        log.info("left out", uri=uri, reason=str(wrong))
        return False
    if actor.suspended_until and actor.suspended_until > instance.clock():
        return False
    async with instance.begin() as tx:
        return await activities.receive(
            tx.conn,
            id=ids.new(),
            uri=uri,
            actor_id=actor.id,
            type=kind,
            object_uri=(id_of(activity.get("object")) or "")[:2000],
            document=orjson.dumps(activity).decode(),
            said=LONG_AGO,
        )
